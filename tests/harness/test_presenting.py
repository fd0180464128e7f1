"""How a step is presented: from elsewhere, by a web page, several times, beside what it takes for granted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from loopback import Loopback, answering
from scene import (
    ACCEPTED,
    CONTROL,
    REFUSED,
    UNKNOWN,
    WRITTEN,
    authorized,
    case,
    expects,
    http,
    operation,
    outcome,
    play,
    problems,
    profile,
    purposes,
    step,
    target,
)

from harness.model import CaseOutcome, Expectation, Outcome, Spoil, Step
from harness.plan import Case, PlannedStep, Presentation

ORIGINS = {"listed": "https://app.example", "unlisted": "https://evil.example"}
OBSERVED = Outcome("observed", None, {"what": "the answer"}, WRITTEN)


def check(name: str, **args: Any) -> Expectation:
    return Expectation(name, args, None, None, None, WRITTEN)


def presenting(given: Step, *, control: Presentation | None = None, **sent: Any) -> Case:
    plain = case("one", given, control=control)
    return replace(plain, steps=(PlannedStep(given, replace(CONTROL, **sent), "bearer"),))


def run(
    respond: Callable[[bytes], bytes], one: Case, addresses: Any = None, **changes: Any
) -> tuple[CaseOutcome, Loopback]:
    async def scene() -> tuple[CaseOutcome, Loopback]:
        async with answering(respond) as server:
            place = target(server.url, addresses=addresses or {}, origins=ORIGINS)
            return await outcome(server, one, target=place, **changes), server

    found: tuple[CaseOutcome, Loopback] = play(scene())
    return found


def api(request: bytes) -> bytes:
    return http(200 if authorized(request) else 401)


# --- from elsewhere -------------------------------------------------------------------------------


# A request leaves from the address that the target gives, its controls from the usual one.
def test_from_another_address() -> None:
    one = presenting(step(ACCEPTED, None), control=CONTROL, address="far")
    found, server = run(api, one, {"far": "127.0.0.2"})
    assert (found.verdict, purposes(found.exchanges)) == ("pass", ["control", "case", "control"])
    assert set(server.peers) == {"127.0.0.1", "127.0.0.2"}
    assert [("--interface 127.0.0.2" in each.request["curl"]) for each in found.exchanges] == [
        False,
        True,
        False,
    ]


# An address that this machine does not have shows nothing of the API, and is told.
def test_an_address_of_another_machine() -> None:
    one = presenting(step(REFUSED, None), address="far")
    found, server = run(api, one, {"far": "192.0.2.1"})
    assert found.verdict == "inconclusive" and "192.0.2.1" in str(found.reason), found.reason
    assert server.requests == []


# A page of an origin: the checks know which it was, and what was made of it.
@pytest.mark.parametrize(
    ("spoil", "origin"),
    [
        (None, "https://evil.example"),
        (Spoil("origin", {"subdomain": "a"}, False, WRITTEN), "https://a.evil.example"),
    ],
)
def test_a_web_page(spoil: Spoil | None, origin: str) -> None:
    def echoing(request: bytes) -> bytes:
        lines = request.decode().splitlines()
        said = next(each.partition(": ")[2] for each in lines if each.startswith("Origin: "))
        return http(200, b"{}", f"Access-Control-Allow-Origin: {said}", "Vary: Origin")

    one = presenting(step(None, spoil, expects=(check("no-cors-headers"),)), origin="unlisted")  # type: ignore[arg-type]
    found, server = run(echoing, one)
    assert found.verdict == "fail"
    assert f"Origin: {origin}\r\n".encode() in server.requests[0]
    assert origin in str(problems(found))


# A preflight asks without a credential, and does nothing of what it asks for: nothing is made, or cleaned up.
def test_a_preflight() -> None:
    given = step(None, None, verb="preflight", subject="create", expects=(check("status", **{"is": 204}),))  # type: ignore[arg-type]
    one = presenting(
        given, credential=None, operation="create", origin="listed", asks=("token", "content-type")
    )
    found, server = run(lambda _: http(204, b""), one)
    assert (found.verdict, found.reason) == ("pass", None)
    (request,) = server.requests
    assert request.startswith(b"OPTIONS /items/") and b"Authorization" not in request
    assert b"Access-Control-Request-Method: POST\r\n" in request
    assert b"Access-Control-Request-Headers: authorization,content-type\r\n" in request


# --- several times --------------------------------------------------------------------------------


def nth(number: int, answer: bytes) -> Callable[[bytes], bytes]:
    """A server whose answer of that number is another one."""
    counted = iter(range(1, 1000))
    return lambda request: answer if next(counted) == number else api(request)


# The same question has the same answer each time; one that differs is told beside the first.
@pytest.mark.parametrize("together", [False, True])
def test_steady(together: bool) -> None:
    steady = step(None, None, times=6, together=together, expects=(check("steady"),))  # type: ignore[arg-type]
    found, server = run(api, presenting(steady))
    assert (found.verdict, len(server.requests)) == ("pass", 6)
    found, _ = run(nth(4, http(403)), presenting(steady))
    assert found.verdict == "fail"
    if not together:
        assert problems(found) == [("steady", "200 OK each time, as at first", "403 Forbidden")]


# A refusal each time, for another wrong secret each time.
def test_refused_each_time() -> None:
    found, server = run(api, presenting(step(REFUSED, UNKNOWN, times=5)))
    assert found.verdict == "pass"
    assert len({each.partition(b"Bearer ")[2].split(b"\r\n")[0] for each in server.requests}) == 5


# One wrong answer shows it, whatever became of the others.
def test_a_failure_beside_trouble() -> None:
    counted = iter([http(401), *[http(503)] * 20])
    found, _ = run(lambda _: next(counted), presenting(step(ACCEPTED, None, times=3)))
    assert found.verdict == "inconclusive"  # a credential that this run never saw accepted may be wrong
    counted = iter([http(200), http(500), *[http(503)] * 20])
    found, _ = run(lambda _: next(counted), presenting(step(ACCEPTED, None, times=3)))
    assert found.verdict == "fail"


# What is assumed is presented as often, and as much at once, as the step says.
@pytest.mark.parametrize("together", [False, True])
def test_assumed_several_times(together: bool) -> None:
    assumed = step(ACCEPTED, None, times=8, together=together, proves=())
    found, server = run(api, presenting(assumed))
    assert found.reason == "no answer held what this looks for"
    assert len(server.requests) == 8 and (server.connections > 1) is together
    found, _ = run(nth(5, http(500)), presenting(assumed))
    assert found.reason == ("assumed accepted with 200 OK, got 500 Internal Server Error (api.suite.yaml:7)")


# Of a control it matters that it is accepted: what else its answer should say is for other cases.
def test_detail_of_a_control() -> None:
    described = (expects("status", **{"is": 200}), expects("headers", "api/advice", **{"is": {"X": "1"}}))
    found, _ = run(
        api,
        presenting(step(REFUSED, UNKNOWN), control=CONTROL),
        profile=profile(operation(accepted=described)),
    )
    assert found.verdict == "pass"
