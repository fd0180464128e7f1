"""One presentation: what goes before it, passing trouble asked again once, what it did, and cleaning up."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from loopback import Loopback, answering
from scene import (
    CONTROL,
    ITEMS,
    SECRET,
    UNKNOWN,
    authorized,
    http,
    operation,
    play,
    profile,
    reference,
    setting,
)

from harness.asking import Ask, Asker, Seen
from harness.exchange import Network
from harness.model import Effect, Exchange
from harness.plan import Presentation
from harness.setting import Inconclusive

Respond = Callable[[bytes], bytes]


class Api:
    """A server of items, as a dictionary; each request is noted as `METHOD status`."""

    def __init__(self, check: Respond | None = None) -> None:
        self.items: set[str] = set()
        self.log: list[str] = []
        self.check = check

    def __call__(self, request: bytes) -> bytes:
        answer = (self.check and self.check(request)) or self.answer(request)
        self.log.append(f"{request.split()[0].decode()} {answer.split()[1].decode()}")
        return answer

    def answer(self, request: bytes) -> bytes:
        if not authorized(request):
            return http(401)
        method, path = request.decode().split()[:2]
        name = path.rpartition("/")[2]
        if method == "POST":
            self.items.add(name)
            return http(201)
        if method == "DELETE":
            self.items.discard(name)
        return http(200, " ".join(self.items).encode())


def asked(
    respond: Respond, *, on: str = "protected", timeout: float = 1.0, ask: Any = None, **changes: Any
) -> tuple[Seen | str, list[Exchange]]:
    """What one presentation led to, or why nothing was learned; and the evidence."""

    async def scene() -> tuple[Seen | str, list[Exchange]]:
        async with answering(respond) as server:
            given = setting(server.url, **changes)
            network = Network(redactor=given.redactor, timeout=timeout)
            exchanges: list[Exchange] = []
            sent = Ask(Presentation("token", "own", on), "case", **(ask or {}))
            try:
                return await Asker(given, network.lane(), exchanges).send(sent), exchanges
            except Inconclusive as error:
                return str(error), exchanges
            finally:
                await network.aclose()

    result: tuple[Seen | str, list[Exchange]] = play(scene())
    return result


def lasting(status: int, *fields: str) -> Respond:
    return lambda request: http(status, b"", *fields)


def first(answer: bytes, respond: Respond) -> Respond:
    """`answer` once, then as `respond` does."""
    left = [answer]
    return lambda request: left.pop() if left else respond(request)


def status(result: Seen | str) -> int:
    assert isinstance(result, Seen), result
    return result.answer.status


# Once is passing trouble, twice says nothing of the credential; of a limit the next step is told.
@pytest.mark.parametrize("code", [429, 502, 503, 504])
def test_passing_trouble_is_asked_again_once(code: int) -> None:
    result, exchanges = asked(first(http(code), Api()))
    assert status(result) == 200 and len(exchanges) == 2
    assert "again_after" not in exchanges[0].request
    assert exchanges[1].request["again_after"].startswith(f"{code} "), "the repetition is visible"
    result, exchanges = asked(lasting(code))
    assert isinstance(result, str) and result.startswith(f"twice {code} ") and len(exchanges) == 2
    next_step = "; give run a lower --rate" if code == 429 else ""
    assert result.endswith(f", which says nothing of the credential{next_step}")


# Where the scenario asks for just that status it is an answer, and nothing is repeated.
def test_declared_trouble_is_an_answer() -> None:
    result, exchanges = asked(lasting(429), ask={"declared": frozenset({429})})
    assert (status(result), len(exchanges)) == (429, 1)


# Retry-After is kept to, as far as a person would wait.
@pytest.mark.parametrize(("given", "least", "most"), [("1", 0.9, 2.0), ("soon", 0.1, 0.9), ("0", 0.0, 0.5)])
def test_retry_after(given: str, least: float, most: float) -> None:
    began = time.monotonic()
    asked(first(http(503, b"", f"Retry-After: {given}"), Api()))
    assert least < time.monotonic() - began < most


# A connection that is closed, or a server that hangs, is asked once more, then given up in bounded time.
def test_no_answer() -> None:
    result, exchanges = asked(lambda request: b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", timeout=0.2)
    assert isinstance(result, str) and result.startswith("no answer: no complete answer from 127.0.0.1:")
    assert result.endswith(" within 0.2 s") and len(exchanges) == 2


# What an operation needs first is made with the place's own credential, and taken away again: as setup.
def test_what_comes_before_and_after() -> None:
    api = Api()
    result, exchanges = asked(api, on="read")
    assert status(result) == 200
    assert api.log == ["POST 201", "GET 200", "DELETE 200"] and not api.items
    assert [each.purpose for each in exchanges] == ["setup", "case", "setup"]


# Without what it needs first there is nothing to ask.
def test_what_comes_before_is_refused() -> None:
    result, exchanges = asked(lambda request: http(403), on="read")
    assert result == "create, which read needs first, was not accepted: 403 Forbidden"
    assert [each.purpose for each in exchanges] == ["setup"]
    result, _ = asked(lasting(503), on="read")
    assert result == "create got twice 503 Service Unavailable, which says nothing of the credential"


# A refused change is looked for, with a credential that may look; there is nothing to clean up.
def test_a_refusal_without_effect() -> None:
    api = Api()
    result, exchanges = asked(api, on="create", ask={"spoil": UNKNOWN, "random": Random(1)})
    assert isinstance(result, Seen) and (result.answer.status, result.effect) == (401, False)
    assert api.log == ["POST 401", "GET 200"]
    assert [each.purpose for each in exchanges] == ["case", "setup"]


# A change that was refused and made is an effect, and taken back.
def test_a_refusal_with_an_effect() -> None:
    api = Api()

    def create_anyway(request: bytes) -> bytes:
        if request.startswith(b"POST"):
            api.items.add(request.decode().split()[1].rpartition("/")[2])
            return http(403)
        return b""

    api.check = create_anyway
    result, _ = asked(api, on="create", ask={"spoil": UNKNOWN})
    assert isinstance(result, Seen) and (result.answer.status, result.effect) == (403, True)
    assert api.log == ["POST 403", "GET 200", "DELETE 200"] and not api.items


# Deleting is seen by what has vanished; what was refused to vanish is cleaned up afterwards.
def test_a_refused_deletion() -> None:
    api = Api()
    result, _ = asked(api, on="remove", ask={"spoil": UNKNOWN})
    assert isinstance(result, Seen) and (result.answer.status, result.effect) == (401, False)
    assert api.log == ["POST 201", "DELETE 401", "GET 200", "DELETE 200"] and not api.items


# Nothing is left behind where nothing was learned: what may have been made is taken back.
@pytest.mark.parametrize(("on", "method"), [("read", b"GET /items"), ("create", b"POST")])
def test_nothing_is_left_behind(on: str, method: bytes) -> None:
    api = Api()

    def make_and_fail(request: bytes) -> bytes:
        if request.startswith(method):
            api.answer(request)
            return http(502)
        return b""

    api.check = make_and_fail
    result, _ = asked(api, on=on)
    assert result == "twice 502 Bad Gateway, which says nothing of the credential"
    assert api.log[-1] == "DELETE 200" and not api.items


# What was learned stays learned, even if cleaning up goes wrong.
def test_cleaning_up_goes_wrong() -> None:
    result, exchanges = asked(
        Api(lambda request: http(503) if request.startswith(b"DELETE") else b""), on="create"
    )
    assert status(result) == 201
    assert [(each.response or {})["status"] for each in exchanges] == [201, 503, 503]


# The effect cannot be seen: then nothing is said of the refusal.
def test_an_effect_that_nobody_can_see() -> None:
    hidden = Api(lambda request: http(403) if request.startswith(b"GET") else b"")
    result, _ = asked(hidden, on="create", ask={"spoil": UNKNOWN})
    assert result == "protected, which shows what create did, was not accepted: 403 Forbidden"


# ${unique} is another one for every sending, and the same one for what belongs to it.
def test_each_sending_is_unique() -> None:
    named = [asked(Api(), on="create")[1] for _ in range(2)]
    urls = [{each.request["url"].rpartition("/")[2] for each in exchanges} for exchanges in named]
    assert len(urls[0]) == len(urls[1]) == 1 and urls[0] != urls[1]
    assert urls[0].pop().startswith("authconform-")


# The control is asked twice before it is said to be refused; the reason names what is expected.
def test_the_control() -> None:
    async def control(server: Loopback, **changes: Any) -> tuple[str | None, int, set[str]]:
        given = setting(server.url, **changes)
        network = Network(redactor=given.redactor)
        exchanges: list[Exchange] = []
        try:
            reason = await Asker(given, network.lane(), exchanges).control(CONTROL)
        finally:
            await network.aclose()
        assert {each.purpose for each in exchanges} == {"control"}
        return reason, len(exchanges), given.accepted

    async def scene() -> None:
        async with answering(Api()) as server:
            assert await control(server) == (None, 1, {"token"})
        async with answering(first(http(401), Api())) as server:
            assert await control(server) == (None, 2, {"token"})
        async with answering(lasting(403)) as server:
            assert await control(server) == (
                "the control was not accepted: token for protected at own: "
                "expected accepted with 200 OK, got 403 Forbidden",
                2,
                set(),
            )
        reason, _, _ = await control(server)
        assert reason == f"the control got no answer: no answer: nothing listens at 127.0.0.1:{server.port}"

    play(scene())


# The keepers are credentials of the same place that are not locked, in the profile's order.
def test_the_keepers() -> None:
    two = {"token": reference(), "spare": reference("spare")}
    both = replace(
        profile(), credentials={name: replace(profile().credentials["token"], name=name) for name in two}
    )

    async def keepers(at: str, **locked: str) -> list[str]:
        given = setting("http://127.0.0.1:9", profile=both, accepted={"spare"}, locked=locked)
        target = replace(
            given.target, credentials={"spare": reference("spare", at=at), "token": two["token"]}
        )
        return Asker(replace(given, target=target), Network(redactor=given.redactor).lane(), [])._keepers(
            "own"
        )

    assert asyncio.run(keepers("own")) == ["token", "spare"]
    assert asyncio.run(keepers("other")) == ["token"]
    assert asyncio.run(keepers("own", token="too many wrong secrets")) == ["spare"]


# Where one is refused, though it was accepted before, the next one looks; what it does not see may be there
# all the same, as another's, and what is made is made by the first alone.
def test_the_next_keeper() -> None:
    spare = "key_live_00112233445566778899"
    two = {"token": reference(), "spare": reference("spare")}
    both = replace(
        profile(), credentials={name: replace(profile().credentials["token"], name=name) for name in two}
    )

    async def scene(text: str, appears: bool) -> tuple[int, int, bool | str | None]:
        async with answering(
            lambda request: http(200 if authorized(request, spare) else 401, b"[1]")
        ) as server:
            given = setting(server.url, profile=both, accepted={"token"})
            given = replace(given, target=replace(given.target, credentials=two))
            given.secrets["spare"] = spare
            network = Network(redactor=given.redactor)
            asker = Asker(given, network.lane(), [])
            one = operation("change", "POST", "/x", effect=Effect("protected", text, appears))
            try:
                looked, by = await asker._as_keeper("protected", "own", "")
                made, _ = await asker._as_keeper("protected", "own", "", others=False)
                assert by == "spare"
                seen = await asker._effect(one, Presentation("token", "own", "change"), "")
            except Inconclusive as error:
                return looked.status, made.status, str(error)
            finally:
                await network.aclose()
            return looked.status, made.status, seen

    assert play(scene("1", True)) == (200, 401, True)
    assert play(scene("1", False)) == (200, 401, False)
    doubt = (
        "protected, which shows what change did, was refused to token, and what is not shown to spare may be "
        "there all the same"
    )
    assert play(scene("2", True)) == (200, 401, doubt)
    assert play(scene("2", False)) == (200, 401, doubt)


# Without a credential of the place nobody can look.
def test_no_keeper() -> None:
    only_other = {"token": reference(at="other")}
    one = operation("read", "GET", "/x", after="create")

    async def scene() -> str:
        given = setting("http://127.0.0.1:9", profile=profile(*ITEMS[:2], one))
        given = replace(given, target=replace(given.target, credentials=only_other))
        lane = Network(redactor=given.redactor).lane()
        with pytest.raises(Inconclusive) as caught:
            await Asker(given, lane, []).send(Ask(Presentation("token", "own", "read"), "case"))
        return str(caught.value)

    assert play(scene()) == "the target has no credential of own, which create would need"


# A part of the secret is a secret from the moment it is made, and no evidence holds it.
def test_a_spoiled_secret_is_not_shown() -> None:
    cut = replace(UNKNOWN, change={"cut": 12})
    result, (exchange,) = asked(lambda request: http(401, request), ask={"spoil": cut})
    assert status(result) == 401
    assert SECRET[:-12] not in str(exchange) and "[token, changed]" in str(exchange.request)
