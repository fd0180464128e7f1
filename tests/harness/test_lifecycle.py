"""Lifecycle verbs by request: what is sent, what is taken from the answer, and what is kept of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from loopback import Loopback, answering
from scene import credential, http, play, profile, reference, setting

from harness.exchange import Network
from harness.lifecycle import Done, Errand, entered, perform
from harness.model import Exchange, Expectation, LifecycleVerb, Place, Where
from harness.setting import Inconclusive, Setting

AT = Where("target.yaml", 12)
MINTED = "key_live_0a1b2c3d4e5f60718293"
OWNER = "owner_secret_000111222333"
ISSUED = json.dumps({"token": MINTED, "id": "t/1", "name": "given"}).encode()


def verb(name: str = "issue", what: str = "POST /${tenant}/tokens", **changes: Any) -> LifecycleVerb:
    plain = LifecycleVerb(
        name=name,
        kind="request",
        what=what,
        at="own",
        credential="owner",
        headers=(),
        body={"name": "${name}", "ttl": "${life}"},
        body_type="json",
        accepted=frozenset({201}),
        gives={"secret": "/token", "id": "/id"},
        defaults={"name": "${unique}", "life": None},
        touches=frozenset(),
        where=AT,
    )
    return replace(plain, **changes)


class Desk:
    """A server that does lifecycle verbs, and what was seen of it."""

    def __init__(self, answer: bytes | Callable[[bytes], bytes], *verbs: LifecycleVerb) -> None:
        self.answer = answer
        self.verbs = {each.name: each for each in verbs or (verb(),)}
        self.exchanges: list[Exchange] = []
        self.server = Loopback()

    async def done(self, errand: Errand) -> Done:
        async with answering(self.answer) as self.server:
            given = self.setting(self.server.url)
            network = Network(redactor=given.redactor, timeout=1.0)
            try:
                return await perform(given, network.lane(), self.exchanges, errand)
            finally:
                await network.aclose()

    def setting(self, url: str) -> Setting:
        plain = setting(url)
        plain.redactor.learn("owner", OWNER)
        credentials = {"token": credential(), "owner": replace(credential("owner"), prefix=())}
        return replace(
            plain,
            profile=profile(credentials=credentials, lifecycle=self.verbs),
            target=replace(
                plain.target,
                credentials={"token": reference(), "owner": reference("owner")},
                places={"own": Place("own", url, {"tenant": "acme"}, AT)},
            ),
            secrets={**plain.secrets, "owner": OWNER},
        )

    @property
    def request(self) -> tuple[str, Any]:
        """The first line of the last request, and its JSON body."""
        head, _, body = self.server.requests[-1].partition(b"\r\n\r\n")
        return head.decode().splitlines()[0], json.loads(body) if body else None

    @property
    def kept(self) -> str:
        return json.dumps([[each.request, each.response] for each in self.exchanges])


def done(desk: Desk, values: Mapping[str, Any] | None = None, name: str = "issue", **changes: Any) -> Done:
    return play(desk.done(Errand(name, values or {}, "case-1", **changes)))


# The templates are filled, a member of None is left out, and the answer's parts have names.
def test_request() -> None:
    desk = Desk(http(201, ISSUED))
    found = done(desk, {"name": "etl"})
    assert desk.request == ("POST /acme/tokens HTTP/1.1", {"name": "etl"})
    assert found.accepted and not found.manual
    assert found.given == {"secret": MINTED, "id": "t/1"}
    assert f"Authorization: Bearer {OWNER}".encode() in desk.server.requests[-1]


# Numbers stay numbers, a text with more than a name in it is a text, and a name nobody gave is unique.
def test_typed_members() -> None:
    desk = Desk(
        http(201, ISSUED), verb(body={"ttl": "${life}", "note": "for ${life} s", "deep": {"x": "${life}"}})
    )
    done(desk, {"life": 2})
    assert desk.request[1] == {"ttl": 2, "note": "for 2 s", "deep": {"x": 2}}
    desk = Desk(http(201, ISSUED))
    done(desk, {})
    done(desk, {})
    assert str(desk.request[1]["name"]).startswith("authconform-")


# What a server gave is put in as it is: no template, and no part of a path that it could choose.
def test_given_values_are_no_templates() -> None:
    revoke = verb(
        "revoke", "DELETE /tokens/${of.id}", body=None, body_type=None, gives={}, accepted=frozenset({204})
    )
    desk = Desk(http(204, b""), revoke)
    found = done(desk, {"of.id": "../${place.own.tenant}?x"}, "revoke")
    assert desk.request[0] == "DELETE /tokens/..%2F%24%7Bplace.own.tenant%7D%3Fx HTTP/1.1"
    assert found.given == {}


# A credential may be put together of what was known, and what the answer gave before it.
def test_a_secret_put_together() -> None:
    login = verb(body=None, body_type=None, gives={"half": "/token", "secret": "ada:${half}"})
    found = done(Desk(http(201, ISSUED), login), {})
    assert found.given["secret"] == f"ada:{found.given['half']}"


# What a step asks for and the deployment has no place for is said, not left out.
def test_value_without_a_place() -> None:
    desk = Desk(http(201, ISSUED), verb(body={"name": "${name}"}))
    with pytest.raises(Inconclusive, match=r"^'issue' has no place for '\$\{life\}' \(target.yaml:12\)$"):
        done(desk, {"life": 2}, wanted=frozenset({"life"}))
    assert done(desk, {"life": 2}).accepted


# The secret is known before the answer is kept as evidence, even where the status is a wrong one.
@pytest.mark.parametrize("status", [201, 200, 403])
def test_secret_is_learned_before_it_is_kept(status: int) -> None:
    desk = Desk(http(status, ISSUED))
    found = done(desk)
    assert found.accepted is (status == 201)
    assert MINTED not in desk.kept and "t/1" in desk.kept and OWNER not in desk.kept


# An answer without what the verb gives is evidence too; the message says what is missing.
def test_missing_part() -> None:
    desk = Desk(http(201, json.dumps({"token": MINTED}).encode()))
    with pytest.raises(Inconclusive) as raised:
        done(desk)
    assert str(raised.value) == "the answer to 'issue' does not hold /token, /id (target.yaml:12)"
    assert len(desk.exchanges) == 1 and MINTED not in desk.kept


# A secret that is no string cannot be presented.
@pytest.mark.parametrize("secret", [7, None, "", ["x"]])
def test_secret_is_no_string(secret: Any) -> None:
    desk = Desk(http(201, json.dumps({"token": secret, "id": 1}).encode()))
    with pytest.raises(Inconclusive, match="gives as the secret is no text of 4 characters or more"):
        done(desk)


# A refused verb is told as it was answered; a credential of the step's own choice is presented in place.
def test_refused() -> None:
    desk = Desk(http(403))
    found = done(desk, credential="nothing")
    assert not found.accepted and found.answer is not None and found.answer.status == 403
    assert b"authorization" not in desk.server.requests[-1].lower()
    done(desk, credential="token")
    assert b"Bearer key_live_9f8e" in desk.server.requests[-1]


# A target that asks to come again is asked again; any other failure may have done it and is not repeated.
def test_busy() -> None:
    answers = iter([http(429, b"{}", "Retry-After: 0"), http(201, ISSUED)])
    desk = Desk(lambda _: next(answers))
    assert done(desk).accepted
    assert [each.response and each.response["status"] for each in desk.exchanges] == [429, 201]
    desk = Desk(http(502))
    assert not done(desk).accepted
    assert len(desk.exchanges) == 1


# Where no answer comes, nothing was learned, and the attempt is evidence.
def test_no_answer() -> None:
    desk = Desk(b"nonsense\r\n\r\n")
    with pytest.raises(Inconclusive, match="^no answer to 'issue': "):
        done(desk)
    assert desk.exchanges[0].error


# What the target does not give is named.
def test_what_is_missing() -> None:
    with pytest.raises(Inconclusive, match="the target gives no credential 'root', which 'issue' needs"):
        done(Desk(http(201), verb(credential="root")))


def by_hand(said: str, *checks: str) -> Any:
    expectations = [Expectation(each, {"of": "x"}, "api/act", None, None, AT) for each in checks]
    return entered(Done({}, 0.0, True, None, True, said), "list", expectations)


# What a person enters is looked at like an answer's body; what only an answer has, nobody saw.
def test_what_a_person_entered() -> None:
    assert by_hand("") is None
    assert by_hand("", "advice") is None
    assert by_hand('{"tokens": []}', "shows").json() == {"tokens": []}
    assert by_hand("", "documented-prefix").text() == ""
    with pytest.raises(Inconclusive, match="what was said of 'list' is no JSON"):
        by_hand("looks fine", "no-secret")
    with pytest.raises(
        Inconclusive, match="nobody saw an answer to 'list', which is what 'headers' looks at"
    ):
        by_hand("{}", "headers")


# The clock of a change starts when its answer had arrived.
def test_when_it_was_done() -> None:
    desk = Desk(http(201, ISSUED))
    found = done(desk)
    assert found.answer is not None and found.returned == found.answer.timing.done
