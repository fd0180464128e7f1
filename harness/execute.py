"""Run one batch: control, cases, control; and from what came back the outcome of each case."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

from harness import coverage
from harness.asking import Ask, Asker, Inconclusive, Seen, Setting
from harness.checks import Facts
from harness.checks.answers import accepted_statuses, named_status
from harness.credentials import CannotSpoil
from harness.errors import AuthconformError
from harness.exchange import Answer, Lane
from harness.judge import Judgement, combined, judge
from harness.model import CaseOutcome, Exchange, Expectation, Finding, Problem, Verdict
from harness.plan import Batch, Case, LeftOut, PlannedStep, Presentation

Deliver = Callable[[CaseOutcome], None]


async def run_batch(setting: Setting, batch: Batch, lane: Lane, deliver: Deliver) -> None:
    """Run the cases of `batch` on `lane`; each outcome is delivered when its closing control has returned.

    A mistake of our own makes the cases that it strikes inconclusive, and stops no other batch.
    """
    left = {case.id: case for case in batch.cases}

    def delivered(outcome: CaseOutcome) -> None:
        deliver(outcome)
        del left[outcome.case]

    try:
        await _run(setting, batch, lane, delivered)
    except Exception as error:
        for case in list(left.values()):
            delivered(_unknown(setting, case, _own_mistake(error), ()))


async def _run(setting: Setting, batch: Batch, lane: Lane, deliver: Deliver) -> None:
    if batch.control is None:
        for case in batch.cases:
            deliver(await _outcome(setting, lane, case))
        return
    waiting = list(batch.cases)
    while waiting:
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
    if reason := await Asker(setting, lane, opening).control(control):
        for case in cases:
            deliver(_unknown(setting, case, reason, opening))
        return len(cases)
    started = time.monotonic()
    outcomes: list[CaseOutcome] = []
    for case in cases:
        outcomes.append(await _outcome(setting, lane, case, opening))
        if time.monotonic() - started > setting.batch_seconds:
            break
    closing: list[Exchange] = []
    reason = await Asker(setting, lane, closing).control(control)
    if reason and len(outcomes) > 1:
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
    """Run `case` and judge what came of it; `before` is the evidence of its opening control."""
    started = time.monotonic()
    exchanges = list(before)
    judgements: list[Judgement] = []
    verdict: Verdict | None = None
    reason: str | None = None
    try:
        for planned in case.steps:
            judgements.append(await _step(setting, lane, case, planned, exchanges))
    except Inconclusive as error:
        verdict, reason = "inconclusive", str(error)
    except CannotSpoil as error:
        verdict, reason = "not-applicable", str(error)
    except Exception as error:  # the other cases of the batch have nothing to do with it
        verdict, reason = "inconclusive", _own_mistake(error)
    judgement = combined(judgements)
    if judgement.verdict == "fail":  # what an earlier step showed does not go away
        verdict, reason = "fail", None
    unknown = _unknown(setting, case, reason or "", exchanges, verdict or judgement.verdict)
    return replace(
        unknown,
        requirements=judgement.findings if verdict in (None, "fail") else unknown.requirements,
        reason=unknown.reason or None,
        problems=tuple(_redacted(setting, each) for each in judgement.problems),
        measurements=_observed(case, exchanges),
        elapsed=time.monotonic() - started,
    )


async def _step(
    setting: Setting, lane: Lane, case: Case, planned: PlannedStep, exchanges: list[Exchange]
) -> Judgement:
    """Do one step, as often as it says, and judge its answers. Inconclusive where nothing can be said."""
    sent, step = planned.sent, planned.step
    assert sent is not None
    expectations = coverage.expectations(case, planned, setting.profile)
    refused = step.outcome is not None and step.outcome.kind == "refused"
    statuses = _statuses(expectations) if refused else frozenset()
    asks = [
        Ask(sent, "case", step.spoil, case.id, statuses, Random(f"{setting.seed}/{case.id}/{number}"))
        for number in range(step.times)
    ]
    asker = Asker(setting, lane, exchanges)
    if step.together:
        seen = await asyncio.gather(*(asker.send(ask) for ask in asks))
    else:
        seen = [await asker.send(ask) for ask in asks]
    judgements = []
    for each in seen:
        _check_provenance(setting, planned, each.answer)
        facts = _facts(setting, planned, statuses, each)
        judgements.append(judge(each.answer, expectations, facts, setting.requirements))
    return combined(judgements)


def _facts(setting: Setting, planned: PlannedStep, statuses: frozenset[int], seen: Seen) -> Facts:
    sent, spoil = planned.sent, planned.step.spoil
    assert sent is not None
    operation = setting.profile.operations[sent.operation]
    return Facts(
        operation=operation,
        method=str(spoil.change) if spoil and spoil.part == "method" else operation.method,
        mechanism=planned.mechanism,
        place=sent.place,
        home=setting.profile.credentials[sent.credential].at if sent.credential else sent.place,
        canaries=setting.target.canary,
        refusal_statuses=statuses,
        effect=seen.effect,
    )


def _check_provenance(setting: Setting, planned: PlannedStep, answer: Answer) -> None:
    """Inconclusive where the refusal of a configured credential may mean that it is simply wrong."""
    sent, step = planned.sent, planned.step
    assert sent is not None
    if step.outcome is None or step.outcome.kind != "accepted" or step.spoil or sent.credential is None:
        return
    if answer.status in accepted_statuses(setting.profile.operations[sent.operation]):
        setting.accepted.add(sent.credential)
        return
    reference = setting.target.credentials[sent.credential]
    if not reference.issued and sent.credential not in setting.accepted:
        raise Inconclusive(
            f"the credential '{sent.credential}' (${reference.env}) was refused with "
            f"{named_status(answer.status)} and never accepted in this run: it may be wrong"
        )


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
        notes=(f"without a control: {case.scenario.because}",) if not case.scenario.control else (),
    )


def _own_mistake(error: Exception) -> str:
    """Why a case could not be run to its end, for the person who reads of it."""
    if isinstance(error, AuthconformError):
        return str(error)
    frame = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{Path(frame.filename).name}:{frame.lineno}"
    return f"authconform itself failed: {type(error).__name__}: {error} ({place})"


def _redacted(setting: Setting, problem: Problem) -> Problem:
    text = setting.redactor.text
    return replace(problem, expected=text(problem.expected), actual=text(problem.actual))


def _observed(case: Case, exchanges: Sequence[Exchange]) -> Mapping[str, str]:
    """What a scenario that records something recorded."""
    outcome = case.steps[-1].step.outcome if case.steps else None
    own = [each.response for each in exchanges if each.purpose == "case" and each.response]
    if outcome is None or outcome.kind != "observed" or not own:
        return {}
    return {str(outcome.options["what"]): named_status(own[-1]["status"])}


def _statuses(expectations: Sequence[Expectation]) -> frozenset[int]:
    found: set[int] = set()
    for each in expectations:
        if each.check == "status":
            wanted = each.args["is"]
            found |= {wanted} if isinstance(wanted, int) else set(wanted)
    return frozenset(found)
