"""Run one batch: control, cases, control; and from what came back the outcome of each case."""

from __future__ import annotations

import asyncio
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from harness import coverage
from harness.asking import NO_ANSWER, Asker
from harness.checks.answers import named_status
from harness.checks.out_of_band import SILENCE
from harness.course import Course
from harness.credentials import CannotSpoil
from harness.errors import AuthconformError
from harness.exchange import Lane
from harness.judge import Judgement, combined
from harness.lifecycle import verb_of
from harness.measure.latency import measurement
from harness.model import CaseOutcome, Exchange, Finding, Problem, Verdict
from harness.names import verb_for
from harness.plan import Batch, Case, LeftOut, Presentation, credentials_of, watches
from harness.setting import Inconclusive, Setting

Deliver = Callable[[CaseOutcome], None]

_LONGEST = 300
"""Characters of a problem's expected and actual that are kept."""


async def run_batch(setting: Setting, batch: Batch, lane: Lane, deliver: Deliver) -> None:
    """Run the cases of `batch` on `lane`; each outcome is delivered when its closing control has returned.

    A mistake of our own makes the cases that it strikes inconclusive, and stops no other batch.
    """
    left = {case.id: case for case in batch.cases}
    setting = _with_operations(setting, batch.cases)

    def delivered(outcome: CaseOutcome) -> None:
        deliver(outcome)
        del left[outcome.case]

    try:
        await _run(setting, batch, lane, delivered)
    except Exception as error:
        for case in list(left.values()):
            delivered(_unknown(setting, case, _own_mistake(error), ()))


def _with_operations(setting: Setting, cases: Sequence[Case]) -> Setting:
    """`setting` with the requests that the suites of `cases` write out themselves."""
    own = {name: operation for case in cases for name, operation in case.operations.items()}
    if not own:
        return setting
    operations = {**setting.profile.operations, **own}
    return replace(setting, profile=replace(setting.profile, operations=operations))


async def _run(setting: Setting, batch: Batch, lane: Lane, deliver: Deliver) -> None:
    if batch.control is None:
        for case in batch.cases:
            deliver(await _outcome(setting, lane, case))
        return
    waiting = list(batch.cases)
    while waiting and not setting.stopping.is_set():
        ran = await _between_controls(setting, lane, waiting, batch.control, deliver)
        waiting = waiting[ran:]


async def is_accepted(setting: Setting, lane: Lane, presentation: Presentation) -> str | None:
    """Try a presentation as a control is tried. None where it was accepted, else why not."""
    return await Asker(setting, lane, []).control(presentation)


def not_run(case: Case, left_out: LeftOut, setting: Setting) -> CaseOutcome:
    """The outcome of a case that the plan left out."""
    verdict = left_out.verdict
    return _unknown(setting, case, left_out.reason, (), verdict)


async def _between_controls(
    setting: Setting, lane: Lane, cases: Sequence[Case], control: Presentation, deliver: Deliver
) -> int:
    """Run as many of `cases` as fit between two controls, and deliver them; returns how many."""
    opening: list[Exchange] = []
    reason = setting.locked.get(str(control.credential))
    if reason := reason or await Asker(setting, lane, opening).control(control):
        for case in cases:
            deliver(_unknown(setting, case, reason, opening))
        return len(cases)
    started = time.monotonic()
    outcomes: list[CaseOutcome] = []
    for case in cases:
        outcomes.append(await _outcome(setting, lane, case, opening))
        if time.monotonic() - started > setting.batch_seconds or setting.stopping.is_set():
            break
    closing: list[Exchange] = []
    reason = await Asker(setting, lane, closing).control(control)
    wrong_secrets = sum(case.wrong_secrets for case in cases[: len(outcomes)])
    if reason and wrong_secrets and not reason.startswith(NO_ANSWER):
        reason = f"account locked by us: after {wrong_secrets} wrong secrets in a row {reason}"
        setting.locked[str(control.credential)] = reason
    elif reason and len(outcomes) > 1:
        for case in cases[: len(outcomes)]:
            await _between_controls(setting, lane, [case], control, deliver)
        return len(outcomes)
    for case, outcome in zip(cases, outcomes, strict=False):
        exchanges = (*outcome.exchanges, *closing)
        if reason:
            deliver(_unknown(setting, case, f"after the case, {reason}", exchanges))
        else:
            deliver(replace(outcome, exchanges=exchanges))
    return len(outcomes)


async def _outcome(setting: Setting, lane: Lane, case: Case, before: Sequence[Exchange] = ()) -> CaseOutcome:
    """Run `case` and judge what came of it; `before` is the evidence of its opening control.

    A change that can be made again is made and watched as often as the setting says, side by side.
    """
    if locked := next(
        (setting.locked[each] for each in credentials_of(case) if each in setting.locked), None
    ):
        return _unknown(setting, case, locked, before)
    started = time.monotonic()
    trials = _trials(setting, case)
    # one course alone goes on where its control left the connection
    lanes = [lane] if trials == 1 else [lane.another() for _ in range(trials)]
    courses = [Course(setting, each, case, []) for each in lanes]
    try:
        results = await asyncio.gather(*(_ran(course) for course in courses))
    finally:
        for each in lanes:
            if each is not lane:
                await each.aclose()
    judgement = combined(each for course in courses for each in course.judgements)
    verdict, reason = next((result for result in results if result[0] is not None), (None, None))
    if judgement.verdict == "fail":  # what was seen before does not go away
        verdict, reason = "fail", None
    elif verdict is None and _saw_nothing(case, judgement):
        verdict, reason = "inconclusive", "no answer held what this looks for"
    exchanges = [*before, *(each for course in courses for each in course.exchanges)]
    unknown = _unknown(setting, case, reason or "", exchanges, verdict or judgement.verdict)
    return replace(
        unknown,
        requirements=judgement.findings if verdict in (None, "fail") else unknown.requirements,
        reason=unknown.reason or None,
        problems=tuple(_redacted(setting, each) for each in judgement.problems),
        measurements=_measured(case, courses, exchanges),
        elapsed=time.monotonic() - started,
    )


async def _ran(course: Course) -> tuple[Verdict | None, str | None]:
    """Let a course run; what keeps it from its end, as a verdict with its reason."""
    try:
        await course.run()
    except Inconclusive as error:
        return "inconclusive", str(error)
    except CannotSpoil as error:
        return "not-applicable", str(error)
    except Exception as error:  # the other cases of the batch have nothing to do with it
        return "inconclusive", _own_mistake(error)
    return None, None


def _saw_nothing(case: Case, judgement: Judgement) -> bool:
    """Whether nothing that the scenario is about was looked at: no check had anything to look for."""
    proved = {each.id for each in judgement.findings}
    records = any(each.step.outcome and each.step.outcome.kind == "observed" for each in case.steps)
    return not records and proved.isdisjoint(case.scenario.requires)


def _trials(setting: Setting, case: Case) -> int:
    """How often `case` is run: more than once where it measures, and all it changes is its own."""
    if not any(watches(planned) and planned.step.proves is None for planned in case.steps):
        return 1
    obtaining = [planned.step for planned in case.steps if planned.step.verb == "obtain"]
    issued = {step.options.get("as", step.subject) for step in obtaining}
    changed = {planned.step.options.get("of") for planned in case.steps if planned.step.verb == "do"}
    verbs = {name for planned in case.steps if (name := verb_for(planned.step, setting.profile))}
    by_hand = any(verb_of(setting, name).kind == "prompt" for name in verbs)
    return 1 if by_hand or not changed <= issued else setting.trials


def _unknown(
    setting: Setting,
    case: Case,
    reason: str,
    exchanges: Sequence[Exchange],
    verdict: Verdict = "inconclusive",
) -> CaseOutcome:
    """The outcome of a case of which nothing was learned: every requirement that it looks at stays open."""
    open_ones: dict[str, Finding] = {}
    if verdict != "not-applicable":
        for requirement, expectation in coverage.looked_at(case, setting.profile):
            own = setting.requirements[requirement].level
            level = (expectation and expectation.level) or own
            open_ones[requirement] = Finding(requirement, level, verdict)
    return CaseOutcome(
        case=case.id,
        scenario=case.scenario.id,
        title=case.title,
        requirements=tuple(open_ones.values()),
        verdict=verdict,
        reason=setting.redactor.text(reason),
        problems=(),
        measurements={},
        exchanges=tuple(exchanges),
        elapsed=0.0,
        where=case.where,
        notes=tuple(dict.fromkeys(_notes(setting, case))),
    )


def _notes(setting: Setting, case: Case) -> Iterator[str]:
    """What stands beside the verdict: why there is no control, and the profile's advice."""
    if not case.scenario.control:
        yield f"without a control: {case.scenario.because}"
    for planned in case.steps:
        for each in coverage.expectations(case, planned, setting.profile):
            if each.check == "advice":
                yield str(each.args["says"])
            elif each.check == "no-call-back" and case.left_out is None:
                yield SILENCE


def _own_mistake(error: Exception) -> str:
    """Why a case could not be run to its end, for the person who reads of it."""
    if isinstance(error, AuthconformError):
        return str(error)
    frame = traceback.extract_tb(error.__traceback__)[-1]
    place = ", ".join((f"{Path(frame.filename).name}:{frame.lineno}", *getattr(error, "__notes__", ())))
    return f"authconform itself failed: {type(error).__name__}: {error} ({place})"


def _redacted(setting: Setting, problem: Problem) -> Problem:
    """`problem` without secrets; what is too long is cut afterwards, for a piece of one is not recognised."""
    expected, actual = (
        _shortened(setting.redactor.text(each)) for each in (problem.expected, problem.actual)
    )
    return replace(problem, expected=expected, actual=actual)


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _measured(case: Case, courses: Sequence[Course], exchanges: Sequence[Exchange]) -> Mapping[str, Any]:
    """What the case measured, and what a scenario that records something recorded."""
    found: dict[str, Any] = {name: value for course in courses for name, value in course.measurements.items()}
    if trials := [trial for course in courses for trial in course.trials]:
        found["settling"] = measurement(trials)
    outcome = case.steps[-1].step.outcome if case.steps else None
    own = [each.response for each in exchanges if each.purpose == "case" and each.response]
    if outcome is not None and outcome.kind == "observed" and own:
        found[str(outcome.options["what"])] = named_status(own[-1]["status"])
    return found
