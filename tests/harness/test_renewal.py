"""Credentials that the run obtains itself: at the first need, once for all, and again before their end."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from loopback import answering
from scene import (
    ACCEPTED,
    CONTROL,
    PROFILE,
    SECRET,
    Where,
    case,
    http,
    operation,
    outcomes,
    play,
    profile,
    reference,
    step,
    target,
)

from harness.model import CaseOutcome, CredentialKind, CredentialRef, LifecycleVerb, Spoil
from harness.plan import Case, PlannedStep, Presentation

KEYS = {"token": SECRET, "brief-key": "brief_key_0123456789"}
CREDENTIALS = {
    "token": CredentialKind("token", "bearer", "own", (), {}, PROFILE),
    "brief-key": CredentialKind("brief-key", "bearer", "own", (), {}, PROFILE),
    "session": CredentialKind("session", "bearer", "own", (), {"obtained-by": "exchange"}, PROFILE),
    "brief-session": CredentialKind(
        "brief-session", "bearer", "own", (), {"obtained-by": "exchange", "using": "brief-key"}, PROFILE
    ),
    "inner": CredentialKind(
        "inner", "bearer", "own", (), {"obtained-by": "exchange", "using": "session"}, PROFILE
    ),
}
EXCHANGE = LifecycleVerb(
    "exchange", "request", "POST /exchange", "own", "token", (), None, None, frozenset({200}),
    {"secret": "/token", "life": "/life"}, {}, frozenset(), Where("profile.yaml", 40),
)  # fmt: skip


class Api:
    """Exchanges keys for sessions of `life` seconds, and serves its data to all of them."""

    def __init__(self, life: Any = 3600, wrong: Callable[[str, int], bytes | None] = lambda *_: None) -> None:
        self.life = life
        self.wrong = wrong
        self.live = list(KEYS.values())
        self.log: list[str] = []

    def __call__(self, request: bytes) -> bytes:
        line = request.decode().splitlines()[0].removesuffix(" HTTP/1.1")
        bearer = next((each for each in self.live if f"Bearer {each}\r\n".encode() in request), None)
        self.log.append(f"{line} {bearer}")
        if answer := self.wrong(line, sum(line in each for each in self.log)):
            return answer
        if bearer is None:
            return http(401)
        if line == "POST /exchange":
            token = f"session_{len(self.live):02d}_fedcba9876543210"
            self.live.append(token)
            return http(200, json.dumps({"token": token, "life": self.life}).encode())
        return http(200)

    def exchanged(self) -> list[str]:
        """With which credentials sessions were asked for."""
        return [each.rpartition(" ")[2] for each in self.log if each.startswith("POST /exchange")]


def obtained(name: str) -> CredentialRef:
    return CredentialRef(name, "obtained", "exchange", name.upper(), None, True, PROFILE)


def presenting(credential: str, name: str = "one", spoil: Spoil | None = None, **changes: Any) -> Case:
    one = step(ACCEPTED, spoil, subject=credential, **changes)
    sent = Presentation(credential, "own", "protected")
    plain = case(name, one, control=None)
    return replace(plain, steps=(PlannedStep(one, sent, "bearer"),))


def run(api: Api, *cases: Case, verb: LifecycleVerb = EXCHANGE, **changes: Any) -> Mapping[str, CaseOutcome]:
    async def scene() -> Mapping[str, CaseOutcome]:
        async with answering(api) as server:
            given = {each: obtained(each) for each in CREDENTIALS if each not in KEYS}
            return await outcomes(
                server,
                *cases,
                profile=profile(operation(), credentials=CREDENTIALS, lifecycle={"exchange": verb}),
                target=target(server.url, credentials={**{each: reference(each) for each in KEYS}, **given}),
                secrets=dict(KEYS),
                **changes,
            )

    found: Mapping[str, CaseOutcome] = play(scene())
    return found


def purposes_and_urls(found: CaseOutcome) -> list[tuple[str, str]]:
    return [(each.purpose, each.request["url"].rpartition("/")[2]) for each in found.exchanges]


# Obtained when a case first needs it, and once for all that do; who needs none waits for none.
def test_at_the_first_need() -> None:
    api = Api()
    found = run(api, presenting("token", "a"), presenting("session", "b"), presenting("session", "c"))
    assert {each.verdict for each in found.values()} == {"pass"}
    assert [each.split()[1] for each in api.log] == ["/data", "/exchange", "/data", "/data"]
    assert purposes_and_urls(found["api/b"]) == [("case", "exchange"), ("case", "data")]
    assert purposes_and_urls(found["api/c"]) == [("case", "data")]


# Many who need it at once wait for the one who obtains it.
def test_many_at_once() -> None:
    api = Api()
    assert run(api, presenting("session", times=12, together=True))["api/one"].verdict == "pass"
    assert len(api.exchanged()) == 1


# By the verb's own credential, or by the one that the profile says; of that chain each once.
def test_by_which_credential() -> None:
    api = Api()
    found = run(api, presenting("brief-session", "a"), presenting("inner", "b"), presenting("session", "c"))
    assert {each.verdict for each in found.values()} == {"pass"}
    assert api.exchanged() == [KEYS["brief-key"], SECRET, "session_03_fedcba9876543210"]


# Before its life is over it is obtained again: a short one is good for four fifths of that.
@pytest.mark.parametrize(
    ("life", "times"),
    [(3600, 1), (None, 1), ("soon", 1), (True, 1), (0, 1), (-5, 1), (10**400, 1), (1e300, 1), (0.02, 2)],
)
def test_again_before_its_end(life: Any, times: int) -> None:
    def slowly(line: str, _: int) -> None:
        time.sleep(0.03 if line == "GET /data" else 0)

    api = Api(life, slowly)
    found = run(api, presenting("session", "a"), presenting("session", "b"))
    assert {each.verdict for each in found.values()} == {"pass"}
    assert len(api.exchanged()) == times


# Not to be had: nothing is learned of what would be presented, and the evidence shows why.
@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (http(403), "'session' could not be obtained: 'exchange' was answered with 403 Forbidden"),
        (http(200, b'{"life": 5}'),
         "'session' could not be obtained: the answer to 'exchange' does not hold /token, /life "
         "(profile.yaml:40)"),
        (http(200, b'{"token": "", "life": 5}'),
         "'session' could not be obtained: what the answer to 'exchange' gives as the secret is no text "
         "of 4 characters or more (profile.yaml:40)"),
    ],
)  # fmt: skip
def test_not_to_be_had(answer: bytes, reason: str) -> None:
    api = Api(wrong=lambda line, _: answer if line == "POST /exchange" else None)
    found = run(api, presenting("session"))["api/one"]
    assert (found.verdict, found.reason) == ("inconclusive", reason)
    assert purposes_and_urls(found) == [("case", "exchange")]
    assert not any(each.startswith("GET") for each in api.log)


# A place that is busy is asked once more; where it cannot be reached that is the reason.
def test_busy() -> None:
    busy = Api(wrong=lambda line, count: http(503) if line == "POST /exchange" and count == 1 else None)
    assert run(busy, presenting("session"))["api/one"].verdict == "pass"
    broken = Api(wrong=lambda line, _: b"nonsense\r\n\r\n" if line == "POST /exchange" else None)
    found = run(broken, presenting("session"))["api/one"]
    assert found.verdict == "inconclusive" and found.reason
    assert found.reason.startswith("'session' could not be obtained: no answer to 'exchange': ")


# What the verb needs and the target does not give is named.
def test_what_it_needs() -> None:
    elsewhere = replace(EXCHANGE, at="desk")
    found = run(Api(), presenting("session"), verb=elsewhere)["api/one"]
    assert found.reason == (
        "'session' could not be obtained: the target gives no place 'desk', which 'exchange' needs"
    )
    with_root = replace(EXCHANGE, credential="root")
    found = run(Api(), presenting("session"), verb=with_root)["api/one"]
    assert found.reason == (
        "'session' could not be obtained: the target gives no credential 'root', which 'exchange' needs"
    )


# It is a secret like any other: in the answer that issued it, where it is presented, and changed.
def test_it_is_not_shown() -> None:
    cut = Spoil("value", {"cut": 6}, False, PROFILE)
    refused = presenting("session", "spoiled", cut)
    found = run(Api(), presenting("session", "a"), refused)
    shown = json.dumps([[each.request, each.response] for one in found.values() for each in one.exchanges])
    assert "fedcba" not in shown and SECRET not in shown
    assert "[session]" in shown


# What a spoil draws upon, or sends along, is obtained for it too: it does not depend on what came before.
@pytest.mark.parametrize(
    "spoil",
    [
        Spoil("value", {"of": "session"}, False, PROFILE),
        Spoil("beside", "session", False, PROFILE),
        Spoil("beside", {"session": {"value": {"add": "x"}}}, False, PROFILE),
    ],
)
def test_drawn_upon(spoil: Spoil) -> None:
    api = Api()
    found = run(api, presenting("token", spoil=spoil))["api/one"]
    assert (found.verdict, found.reason) == ("pass", None)
    assert api.exchanged() == [SECRET]


# A control presents it as well.
def test_in_a_control() -> None:
    api = Api()
    unknown = replace(presenting("session"), control=replace(CONTROL, credential="session"))
    found = run(api, unknown)["api/one"]
    assert found.verdict == "pass"
    assert purposes_and_urls(found) == [
        ("case", "exchange"), ("control", "data"), ("case", "data"), ("control", "data")
    ]  # fmt: skip
