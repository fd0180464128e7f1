"""Steps that wait for a limit to be over, and changed verbs: the right answer is seen first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from loopback import answering
from scene import ACCEPTED, SECRET, WRITTEN, case, http, operation, outcome, play, problems, profile, step
from scene import answer as plain_answer

from harness.model import CaseOutcome, Expectation, LifecycleVerb, Outcome, Spoil, Step, Where
from harness.plan import PlannedStep, Presentation
from harness.setting import PAUSE, asked_pause

OBSERVED = Outcome("observed", None, {"what": "a page for another address"}, WRITTEN)
PAGE = LifecycleVerb(
    "page", "request", "POST /page", "own", "token", (), {"to": "right"}, "form", frozenset({200}), {}, {},
    frozenset(), Where("profile.yaml", 30),
)  # fmt: skip


def ran(answer: Callable[[bytes], bytes], one: Step, sent: Presentation | None) -> CaseOutcome:
    plain = replace(case("waiting", one, control=None), steps=(PlannedStep(one, sent, "bearer"),))

    async def scene() -> CaseOutcome:
        async with answering(answer) as server:
            described = profile(operation("protected"), lifecycle={"page": PAGE})
            return await outcome(server, plain, profile=described)

    found: CaseOutcome = play(scene())
    return found


def limited(times: int) -> Callable[[bytes], bytes]:
    """A server that is busy so many times."""
    left = iter(range(times))
    return lambda _: http(429, b"{}", "Retry-After: 0") if next(left, None) is not None else http(200)


def accepted(at_most: int) -> Step:
    return step(ACCEPTED, None, options={"until": {"accepted": True, "at_most": at_most}})


OWN = Presentation("token", "own", "protected")


# A refusal that asks for patience is waited out, as often as the step allows.
def test_until_accepted() -> None:
    assert ran(limited(2), accepted(3), OWN).verdict == "pass"
    assert ran(limited(0), accepted(1), OWN).verdict == "pass"
    found = ran(limited(2), accepted(2), OWN)
    assert found.verdict == "fail"
    assert problems(found) == [("count", "accepted with 200 OK", "429 Too Many Requests")]


# A date that no calendar has is no time to wait for.
@pytest.mark.parametrize(
    "written",
    [
        "Mon, 01 Jan 99999999999999999999 00:00:00 GMT",
        "Mon, 01 Jan 2026 99999999999999999999:00:00 GMT",
        "Mon, 01 Jan 2026 00:00:00 +99999999999999999999",
        "Mon, 99 Jan 2026 00:00:00 GMT",
        "soon",
        "",
    ],
)
def test_impossible_dates(written: str) -> None:
    assert asked_pause(plain_answer(429, "", ("Retry-After", written))) == PAUSE


def asked(request: bytes) -> str:
    return request.decode().rpartition("\r\n\r\n")[2]


WRONG = Spoil("param", {"to": "wrong"}, False, WRITTEN)
REFUSED = Expectation("status", {"is": 400}, None, None, None, WRITTEN)


# A changed verb is done as it is before: one that is always answered so would prove nothing.
def test_the_control_of_a_changed_verb() -> None:
    changed = step(OBSERVED, WRONG, verb="do", subject="page", expects=(REFUSED,))
    seen: list[str] = []

    def right(request: bytes) -> bytes:
        seen.append(asked(request))
        assert SECRET.encode() in request
        return http(200 if asked(request) == "to=right" else 400)

    assert ran(right, changed, None).verdict == "pass"
    assert seen == ["to=right", "to=wrong"]
    found = ran(lambda _: http(200), changed, None)
    assert problems(found) == [("status", "400 Bad Request", "200 OK")]
    found = ran(lambda _: http(400), changed, None)
    assert (found.verdict, found.reason) == (
        "inconclusive",
        "the control was not done: 'page' without the change: 400 Bad Request",
    )
