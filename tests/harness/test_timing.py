"""How causes are asked for to be timed: in what order, how often, and what is made of it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import groupby
from typing import Any

import pytest
from loopback import Loopback, answering
from scene import (
    REQUIREMENTS,
    SECRET,
    UNKNOWN,
    WRITTEN,
    authorized,
    case,
    http,
    outcome,
    play,
    problems,
    profile,
    requirement,
    setting,
    step,
)

from harness.exchange import Network
from harness.judge import Judgement
from harness.measure.timing import TURNS, WINDOWS
from harness.model import Exchange, Outcome, Spoil
from harness.plan import Case, PlannedStep, Presentation
from harness.setting import Inconclusive, Setting
from harness.timing import Unclear, timed

SHOULD = {**REQUIREMENTS, "api/act": requirement("api/act", "SHOULD")}
WRONG = Spoil("value", "wrong", False, WRITTEN)
COMPARED = Outcome("observed", None, {"what": "compared"}, WRITTEN)


def alike(wrong_secrets: int = 0, **branches: Spoil | None) -> Case:
    """A case that times these causes; without a spoil nothing is presented."""
    sent = {
        name: PlannedStep(
            step(COMPARED, spoil, subject="token" if spoil else "nothing"),
            Presentation("token" if spoil else None, "own", "protected"),
            "bearer",
        )
        for name, spoil in branches.items()
    }
    written = {name: each.step for name, each in sent.items()}
    whole = step(Outcome("alike", None, {}, WRITTEN), None, verb="alike", subject=("time",), branches=written)
    plain = case("causes", whole)
    return replace(plain, steps=(PlannedStep(whole, None, "", sent),), wrong_secrets=wrong_secrets)


CAUSES = alike(**{"no-token": None, "unknown-token": UNKNOWN})
LOCKING = alike(2, **{"wrong-password": WRONG, "unknown-user": UNKNOWN})


def waiting(seconds: float, answer: bytes) -> bytes:
    """`answer`, after so much work: asleep, it would be up to a millisecond more."""
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        pass
    return answer


def refusing(leak: float = 0.0) -> Callable[[bytes], bytes]:
    """A server that accepts the one token, and takes longer to refuse others than where there is none."""
    return lambda request: (
        http(200) if authorized(request) else waiting(leak if b"Bearer" in request else 0.0, http(401))
    )


async def measured(
    server: Loopback, one: Case = CAUSES, clock: Callable[[], float] = time.monotonic, **changes: Any
) -> tuple[Judgement, Mapping[str, Any], list[Exchange], Setting]:
    given = setting(server.url, **{"requirements": SHOULD, **changes})
    network = Network(redactor=given.redactor, clock=clock)
    exchanges: list[Exchange] = []
    try:
        judgement, found = await timed(given, network.lane(), exchanges, one.steps[0], one)
    finally:
        await network.aclose()
    return judgement, found["timing"], exchanges, given


# A cause that is answered a millisecond later is advice, with both medians; three blocks have said so.
def test_a_leak() -> None:
    async def scene() -> None:
        async with answering(refusing(0.001)) as server:
            judgement, found, exchanges, _ = await measured(server)
        assert judgement.verdict == "warn"
        (problem,) = judgement.problems
        assert (problem.level, problem.where) == ("SHOULD", WRITTEN)
        assert problem.expected == "no token and unknown token take equally long"
        assert re.fullmatch(
            r"no token (0\.9\d|1|1\.\d) ms faster \(median [\d.]+ ms against [\d.]+ ms, "
            r"three blocks of 150\)",
            problem.actual,
        )
        assert (found["verdict"], found["blocks"]) == ("differs", [150, 150, 150])
        assert len(exchanges) == 3, "one of each cause that took as long as most, and the last"

    play(scene())


# Where none is answered later, one block is enough; every cause has been asked for as often.
def test_no_leak() -> None:
    async def scene() -> None:
        async with answering(refusing()) as server:
            judgement, found, exchanges, _ = await measured(server)
            assert server.connections == 1
        assert (judgement.verdict, judgement.problems) == ("pass", ())
        assert [each.id for each in judgement.findings] == ["api/act"]
        assert found["verdict"] in ("alike", "slight")
        assert found["pairs"][0]["smallest_s"] < 0.01
        assert len(server.requests) == 2 * TURNS * (WINDOWS + 1), "the first window is to warm up"
        assert sum(b"Authorization" in each for each in server.requests) == len(server.requests) / 2

    play(scene())


# A profile may say up to where a difference is of no use to its callers.
def test_another_floor() -> None:
    async def scene() -> None:
        async with answering(refusing(0.001)) as server:
            judgement, found, *_ = await measured(server, profile=profile(limits={"timing": "3ms"}))
            assert (judgement.verdict, found["verdict"], found["floor_s"]) == ("pass", "slight", 0.003)
            assert "which is no more than 3 ms" in found["says"]
            with pytest.raises(Inconclusive) as raised:
                await measured(server, profile=profile(limits={"timing": 3}))
        assert (
            str(raised.value)
            == "limits.timing of the profile api: '3' is no duration such as 500ms, 5s or 2m"
        )

    play(scene())


# What a MUST asks for is advice too where it is measured: a caller elsewhere measures something else.
def test_a_must_is_lowered() -> None:
    async def scene() -> None:
        async with answering(refusing(0.001)) as server:
            judgement, *_ = await measured(server, requirements=REQUIREMENTS)
        (problem,) = judgement.problems
        assert problem.level == "SHOULD"
        assert problem.note == "how long answers take is measured from here, and is advice"

    play(scene())


# No account is tried more than three times in a row with a wrong secret, and the last word is the right one.
def test_no_account_is_locked() -> None:
    async def scene() -> None:
        async with answering(refusing()) as server:
            judgement, *_ = await measured(server, LOCKING)
        right = [authorized(each, SECRET) for each in server.requests]
        assert judgement.verdict == "pass"
        assert max(len(list(each)) for wrong, each in groupby(right, lambda it: not it) if wrong) == 3
        assert right[0] and right[-1]

    play(scene())


# An account that is locked nevertheless ends it at once, and is noted for the rest of the run.
def test_an_account_that_is_locked() -> None:
    async def scene() -> None:
        wrong = 0

        def answer(request: bytes) -> bytes:
            nonlocal wrong
            wrong += not authorized(request)
            return http(200 if authorized(request) and wrong < 6 else 401)

        async with answering(answer) as server:
            given = setting(server.url, requirements=SHOULD)
            with pytest.raises(Inconclusive) as raised:
                await measured(server, LOCKING, locked=given.locked)
        assert str(raised.value) == (
            "account locked by us: after 6 requests, at most 3 in a row with wrong secrets, "
            "token got 401 Unauthorized"
        )
        assert given.locked == {"token": str(raised.value)}
        assert len(server.requests) == 9

    play(scene())


# A target that asks to be spared, or breaks down, or answers another way all of a sudden, is left alone.
@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ((401, 401, 429), "unknown token was answered with 429 Too Many Requests"),
        ((401, 401, 500), "unknown token was answered with 500 Internal Server Error"),
        ((401, 401, 403), "unknown token was answered with 401 Unauthorized, then with 403 Forbidden"),
        (
            (200, 200, 200),
            "not answered in one way: no token with 401 Unauthorized, unknown token with 200 OK",
        ),
    ],
)
def test_answers_of_another_kind(answers: tuple[int, ...], reason: str) -> None:
    async def scene() -> None:
        asked = 0

        def answer(request: bytes) -> bytes:
            nonlocal asked
            if b"Bearer" not in request:
                return http(401)
            asked += 1
            return http(answers[min(asked, len(answers)) - 1])

        async with answering(answer) as server:
            with pytest.raises(Inconclusive) as raised:
                await measured(server)
        assert str(raised.value).startswith(reason)
        assert len(server.requests) <= 2 * TURNS

    play(scene())


# Nothing answers: that is the reason, after one more try.
def test_no_answer() -> None:
    async def scene() -> None:
        async with answering(b"") as server:
            given = setting(server.url.replace(str(server.port), "1"), requirements=SHOULD)
            with pytest.raises(Inconclusive, match="no answer: nothing listens at"):
                await measured(server, target=given.target)

    play(scene())


# Where answers are slow a block ends when its time is up; where they are far too slow nothing is compared.
def test_slow_answers() -> None:
    async def scene() -> None:
        async with answering(refusing()) as server:
            _, found, *_ = await measured(server, clock=lambda: time.monotonic() * 30)
            assert 20 <= found["blocks"][0] < 150
            with pytest.raises(
                Inconclusive, match=r"too slow to compare: \d+ answers to each cause took \d+ s"
            ):
                await measured(server, clock=lambda: time.monotonic() * 5000)

    play(scene())


# Where times vary so much that nothing could have been seen nothing is claimed, and the measurement is kept.
def test_times_that_say_nothing() -> None:
    async def scene() -> None:
        asked = 0

        def answer(_request: bytes) -> bytes:
            nonlocal asked
            asked += 1
            return waiting(asked % 7 / 5000, http(401))

        async with answering(answer) as server:
            with pytest.raises(
                Unclear, match="nothing smaller than a difference of .* could have been seen"
            ) as it:
                await measured(server, clock=lambda: time.monotonic() * 50)
        assert it.value.measured["timing"]["verdict"] == "unclear"

    play(scene())


# As a case of a run it is a warning with what was measured.
def test_as_a_case() -> None:
    async def scene() -> None:
        async with answering(refusing(0.001)) as server:
            found = await outcome(server, replace(CAUSES, control=None), requirements=SHOULD)
        assert found.verdict == "warn", found.reason
        assert [each[:2] for each in problems(found)] == [
            ("alike", "no token and unknown token take equally long")
        ]
        assert found.measurements["timing"]["verdict"] == "differs"

    play(scene())
