"""Steps that are done several times: how many may succeed, and what must come in the end."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from harness import templates
from harness.asking import Ask, Asker, Seen
from harness.checks import Mismatch
from harness.checks.answers import accepted_statuses
from harness.checks.granted import tokens
from harness.credentials import CannotSpoil
from harness.judge import Judgement, combined, first_mismatch, judge, judged, of_acceptance
from harness.model import Expectation, Outcome, Where
from harness.plan import AT_LEAST, AT_MOST, PlannedStep
from harness.setting import TRANSIENT, Inconclusive, pause_after
from harness.stage import Stage

_OF_A_LIMIT = frozenset({403})
"""What some APIs answer in place of 429 to a credential that was accepted a moment ago."""


async def seen(asker: Asker, asks: Sequence[Ask], *, together: bool) -> Sequence[Seen | BaseException]:
    """What came of each, up to the first that brought nothing; sent together, all have come to their end."""
    if together:
        return await asyncio.gather(*map(asker.send, asks), return_exceptions=True)
    found: list[Seen | BaseException] = []
    for ask in asks:
        try:
            found.append(await asker.send(ask))
        except (Inconclusive, CannotSpoil) as error:
            return [*found, error]
    return found


async def raced(stage: Stage, planned: PlannedStep, asks: Sequence[Ask]) -> Judgement:
    """Judge how many of several were accepted, and how the others were refused.

    Inconclusive where none was: that they are not accepted more often than allowed then shows nothing.
    """
    outcome = planned.step.outcome
    assert outcome is not None
    answers = await seen(stage.asker(), asks, together=planned.step.together)
    accepting = _acceptance(stage, planned)
    won: list[Seen] = []
    lost: list[Seen] = []
    for each in answers:
        if isinstance(each, Seen):
            mismatch = first_mismatch(each.answer, accepting, stage.facts(planned, each))
            (lost if mismatch else won).append(each)
    count = len(won)
    granted = _different(won)
    most, least = (
        _number(stage, outcome.options.get(key), planned.step.where) for key in (AT_MOST, AT_LEAST)
    )
    found = []
    if most is not None:
        wrong = granted > most
        mismatch = Mismatch(f"at most {most} of {len(asks)} accepted", str(granted)) if wrong else None
        found.append(_counted(stage, planned, outcome, mismatch))
    if least is not None:
        mismatch = (
            Mismatch(f"at least {least} of {len(asks)} accepted", str(count)) if count < least else None
        )
        found.append(_counted(stage, planned, outcome, mismatch))
    if otherwise := planned.step.options.get("otherwise"):
        found += _refused(stage, planned, otherwise["refused"], lost)
    judgement = combined(found)
    trouble = next((each for each in answers if isinstance(each, BaseException)), None)
    if judgement.verdict != "fail" and trouble is not None:
        raise trouble
    if count == 0 and judgement.verdict != "fail":
        raise Inconclusive(f"none of {len(asks)} was accepted")
    return judgement


def _different(won: Sequence[Seen]) -> int:
    """How many were granted: those that got the same tokens were told of one grant several times."""
    granted = [tokens(each.answer) for each in won]
    return len(set(granted) - {frozenset()}) + granted.count(frozenset())


async def insisted(stage: Stage, planned: PlannedStep) -> Judgement:
    """Ask again and again until the answer is the one that must come, a refusal or not; judge that one."""
    until = planned.step.options["until"]
    most = _number(stage, until["at_most"], planned.step.where)
    assert most is not None and planned.step.outcome is not None
    if "refused" not in until:
        return await _waited_out(stage, planned, most)
    wanted = stage.refusal_statuses(planned)
    accepting = _acceptance(stage, planned)
    for number in range(most):
        ask = replace(stage.ask(planned), random=stage.random(number))
        came = await stage.asker().send(ask)
        mismatch = first_mismatch(came.answer, accepting, stage.facts(planned, came))
        told = number > 0 and planned.step.spoil is None and came.answer.status in _OF_A_LIMIT
        limited = told or came.answer.status in wanted
        if mismatch and planned.step.spoil is None and not limited:
            raise Inconclusive(f"request {number + 1}: expected {mismatch.expected}, got {mismatch.actual}")
        if limited:
            facts = stage.facts(planned, came)
            stage.measurements["answers before the refusal"] = number
            return judge(came.answer, stage.expectations(planned), facts, stage.setting.requirements)
    mismatch = Mismatch(f"refused after at most {most} requests", "none of them was")
    return _counted(stage, planned, planned.step.outcome, mismatch)


async def _waited_out(stage: Stage, planned: PlannedStep, most: int) -> Judgement:
    """Ask, wait as long as a refusal asks for, and ask again; judge the first that is none, or the last."""
    # that the target wants to be spared is an answer here, and no trouble
    ask = replace(stage.ask(planned), declared=TRANSIENT)
    came = await stage.asker().send(ask)
    for _ in range(most - 1):
        if came.answer.status in accepted_statuses(stage.operation(planned)):
            break
        await asyncio.sleep(pause_after(came.answer))
        came = await stage.asker().send(ask)
    # a limit that lasts is no wrong answer of the operation: it proves what the step is about alone
    assert planned.step.outcome is not None
    mismatch = first_mismatch(came.answer, _acceptance(stage, planned), stage.facts(planned, came))
    return _counted(stage, planned, planned.step.outcome, mismatch)


def _acceptance(stage: Stage, planned: PlannedStep) -> Sequence[Expectation]:
    """What tells that an answer is an accepted one, whatever else is to be said of it."""
    operation = stage.operation(planned)
    act = Expectation("accepted", {}, None, None, None, planned.step.where)
    return (act, *of_acceptance(operation.accepted, stage.setting.requirements))


def _refused(stage: Stage, planned: PlannedStep, reason: str, lost: Sequence[Seen]) -> list[Judgement]:
    step = replace(planned.step, outcome=Outcome("refused", reason, {}, planned.step.where))
    refused = replace(planned, step=step)
    expectations = stage.expectations(refused)
    requirements = stage.setting.requirements
    return [judge(each.answer, expectations, stage.facts(refused, each), requirements) for each in lost]


def _counted(stage: Stage, planned: PlannedStep, outcome: Outcome, mismatch: Mismatch | None) -> Judgement:
    """That so many were accepted, for each requirement that the step is about."""
    step = planned.step
    about = stage.case.scenario.requires if step.proves is None else step.proves
    expectations = [Expectation("count", {}, each, None, None, outcome.where) for each in about]
    wrong = [mismatch] if mismatch else []
    return judged([(each, wrong) for each in expectations], stage.setting.requirements)


def _number(stage: Stage, written: Any, where: Where) -> int | None:
    """A number as a suite writes it, which may be a limit of the profile."""
    if written is None or isinstance(written, int):
        return written
    names = {f"limits.{name}": str(value) for name, value in stage.setting.profile.limits.items()}
    return int(float(templates.render(str(written), names, where)))
