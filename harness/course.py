"""The course of one case: its steps in order, and what they had issued on the way."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from harness import references
from harness.asking import Ask, Seen
from harness.checks import Mismatch
from harness.checks.answers import accepted_statuses, named_status
from harness.checks.out_of_band import calls_back
from harness.errands import do, obtain
from harness.exchange import Answer
from harness.judge import Judgement, combined, first_mismatch, judge, judged
from harness.model import Expectation
from harness.plan import AT_LEAST, AT_MOST, TIME, PlannedStep, is_timed, is_varied, watches
from harness.plurality import insisted, raced, seen
from harness.reached import check_reached
from harness.renewal import Grant
from harness.setting import THOROUGH_WATCH, Inconclusive, Unanswered
from harness.settling import LEAST, PROBES_UNMEASURED, AlreadyOver, Change, Settled, settle
from harness.stage import Stage
from harness.timing import Unclear, timed
from harness.uniformity import compared
from harness.varying import varied

ACTIVATION = "activation"
"""The limit of a profile within which what was issued is accepted everywhere."""
ATTEMPTS = 8
"""How often something short-lived is issued, where it is over before it was looked at."""


class Course(Stage):
    """Does the steps of a case on one lane, in their order."""

    async def run(self) -> None:
        """Do every step. Inconclusive or CannotSpoil where one cannot be done; what was seen before stays."""
        steps = list(self.case.steps)
        before: PlannedStep | None = None
        while steps:
            planned = steps.pop(0)
            if planned.step.verb == "do" and steps and watches(steps[0]):
                await self.settle(steps.pop(0), planned)
            elif watches(planned):
                await self.settle_in_time(planned, before)
            else:
                self.judgements.append(await self.step(planned))
                self.keep(planned)
            before = planned

    async def step(self, planned: PlannedStep) -> Judgement:
        """Do one step and judge its answers."""
        match planned.step.verb:
            case "obtain":
                return await obtain(self, planned)
            case "do":
                return await do(self, planned)
            case "alike":
                return await self.compare(planned)
        return await self.present(planned)

    async def compare(self, planned: PlannedStep) -> Judgement:
        """Compare the answers to several causes, in what they say and in how long they take."""
        parts = tuple(part for part in planned.step.subject if part != TIME)
        found: list[Judgement] = []
        if parts:
            said = replace(planned, step=replace(planned.step, subject=parts))
            found.append(await compared(self.setting, self.lane, self.exchanges, said, self.case))
        if is_timed(planned):
            found.append(await self.time(planned))
        return combined(found)

    async def time(self, planned: PlannedStep) -> Judgement:
        try:
            judgement, measured = await timed(self.setting, self.lane, self.exchanges, planned, self.case)
        except Unclear as error:
            self.measurements.update(error.measured)
            raise
        self.measurements.update(measured)
        return judgement

    # --- presenting ------------------------------------------------------------------------------

    async def present(self, planned: PlannedStep) -> Judgement:
        """Present a credential as often as the step says."""
        expectations = self.expectations(planned)
        if planned.step.proves == ():
            return await self.assume(planned, expectations)
        if "until" in planned.step.options:
            return await insisted(self, planned)
        if is_varied(planned):
            return await varied(self, planned)
        asks = await self.asks(planned)
        if planned.step.outcome and planned.step.outcome.options.keys() & {AT_MOST, AT_LEAST}:
            return await raced(self, planned, asks)
        judgements = []
        first: Answer | None = None
        trouble: BaseException | None = None
        answers = await seen(self.asker(), asks, together=planned.step.together)
        await self.listen()
        for ask, each in zip(asks, answers, strict=False):
            if isinstance(each, Unanswered) and _asks_what_is_served(expectations):
                nothing = [(expectation, ()) for expectation in expectations]
                judgements.append(judged(nothing, self.setting.requirements))
                continue
            if isinstance(each, BaseException):
                trouble = trouble or each
                continue
            self.check_provenance(planned, each.answer)
            if planned.step.outcome and planned.step.outcome.kind == "refused":
                await check_reached(self.asker(), ask, each, self.setting.target.canary)
            first, self.answer = first or each.answer, each.answer
            facts = self.facts(planned, each, first)
            judgements.append(judge(each.answer, expectations, facts, self.setting.requirements))
        if trouble:
            self.judgements.append(self.heard(expectations))
        judgement = combined(judgements)
        if trouble and judgement.verdict != "fail":  # one answer too many shows it, whatever became of others
            raise trouble
        return judgement

    def heard(self, expectations: Sequence[Expectation]) -> Judgement:
        """That the target has called us, which it has even where no answer came that says anything."""
        calls = [str(call) for each in self.offers for call in each.calls]
        about = (each for each in expectations if calls and each.check == "no-call-back")
        return judged([(each, list(calls_back(calls))) for each in about], self.setting.requirements)

    async def asks(self, planned: PlannedStep) -> list[Ask]:
        """A presentation for each time that the step is done."""
        grant, ask = await self.grant(planned), self.ask(planned)
        return [replace(ask, random=self.random(each), grant=grant) for each in range(planned.step.times)]

    async def grant(self, planned: PlannedStep) -> Grant | None:
        """What a step presents that is good for one use: the same each time that it does so.

        None where it does so but once: then each request has a fresh one, the second after passing trouble
        too.
        """
        assert planned.sent is not None
        name = planned.sent.credential
        if name is None:
            return None
        if name in self.given:
            return Grant(self.setting.secrets[name], self.given[name])
        if planned.step.times == 1 or not self.asker().is_once(name):
            return None
        return await self.asker().secret_of(name)

    async def assume(self, planned: PlannedStep, expectations: Sequence[Expectation]) -> Judgement:
        """Present what the rest of the case takes for granted. Inconclusive where it is not so.

        What was issued in this case may not be known everywhere yet: while it is refused it is presented
        again, for as long as the profile allows for that.
        """
        within = self.activation(planned)
        until = self.lane.now() + within
        before = len(self.exchanges)
        while True:
            mismatch = await self.not_so(planned, expectations)
            if mismatch is None:
                return Judgement()
            if self.lane.now() >= until or self.answer is None or not 400 <= self.answer.status < 500:
                raise Inconclusive(
                    f"assumed {mismatch.expected}, got {mismatch.actual} ({planned.step.where})"
                )
            self.exchanges[before:] = [self.answer.evidence]  # the last of many alike is evidence enough
            await asyncio.sleep(max(LEAST, within / PROBES_UNMEASURED))

    async def not_so(self, planned: PlannedStep, expectations: Sequence[Expectation]) -> Mismatch | None:
        """Present what is taken for granted once; the first thing that is not so."""
        for each in await seen(self.asker(), await self.asks(planned), together=planned.step.together):
            if isinstance(each, BaseException):
                raise each
            self.answer = each.answer
            mismatch = first_mismatch(each.answer, expectations, self.facts(planned, each))
            if mismatch:
                return mismatch
        return None

    def activation(self, planned: PlannedStep) -> float:
        """Seconds for which the refusal of what a step presents may mean that it is too new."""
        sent, step = planned.sent, planned.step
        name = sent.credential if sent and step.outcome and step.outcome.kind == "accepted" else None
        known = ACTIVATION in self.setting.profile.limits and name in self.given and step.spoil is None
        if name is None or not known or self.asker().is_for_one_use(name):
            return 0.0
        return self.duration(f"${{limits.{ACTIVATION}}}")

    def check_provenance(self, planned: PlannedStep, answer: Answer) -> None:
        """Inconclusive where the refusal of a configured credential may mean that it is simply wrong."""
        sent, step = planned.sent, planned.step
        assert sent is not None
        if step.outcome is None or step.outcome.kind != "accepted" or step.spoil or sent.credential is None:
            return
        if answer.status in accepted_statuses(self.operation(planned)):
            self.setting.accepted.add(sent.credential)
            return
        reference = self.setting.target.credentials[sent.credential]
        if not reference.issued and sent.credential not in self.setting.accepted:
            raise Inconclusive(
                f"the credential '{sent.credential}' ({references.origin(reference)}) was refused with "
                f"{named_status(answer.status)} and never accepted in this run: it may be wrong"
            )

    # --- settling --------------------------------------------------------------------------------

    async def settle(self, planned: PlannedStep, change: PlannedStep | None) -> None:
        """Watch the change that `change` makes, or that was made last, take effect on a presentation."""
        outcome = planned.step.outcome
        assert outcome is not None

        async def make() -> tuple[float, bool]:
            if change is not None:
                self.judgements.append(await do(self, change))
                if not self.done:
                    raise Inconclusive(f"'{change.step.subject}' was not done")
            return self.changed_at, self.by_hand

        measures = planned.step.proves is None
        watch = self.duration(outcome.options.get("watch", "500ms"))
        if self.setting.thorough and measures:
            watch = max(watch, THOROUGH_WATCH * self.setting.time_scale)
        watched = Change(
            ask=self.ask(planned),
            make=make,
            accepts=outcome.reason is None,
            within=self.duration(outcome.options["within"]),
            watch=watch,
            made=change is None,
            known_before=outcome.reason is not None,
            measures=measures and self.setting.precise,
        )
        settled = await settle(self.setting, self.lane, self.exchanges, watched)
        if measures:
            self.trials.append(settled.trial)
        self.judgements.append(self.judge_settled(planned, settled))

    async def settle_in_time(self, planned: PlannedStep, before: PlannedStep | None) -> None:
        """Watch what comes by itself; where it came too soon, with what is issued once more."""
        for _ in range(ATTEMPTS - 1):
            try:
                return await self.settle(planned, None)
            except AlreadyOver:
                if before is None or before.step.verb != "obtain":
                    raise
                self.judgements.append(await obtain(self, before))
        return await self.settle(planned, None)

    def judge_settled(self, planned: PlannedStep, settled: Settled) -> Judgement:
        """Judge the answers as after the change, and those that came too late to be as before it."""
        credential = planned.sent.credential if planned.sent else None
        sent = (self.setting.secrets[credential],) if credential else ()
        expectations = self.expectations(planned)
        requirements = self.setting.requirements
        found = [
            judge(answer, expectations, self.facts(planned, Seen(answer, None, sent)), requirements)
            for answer in settled.after
        ]
        if settled.trial.upper_bound and not settled.trial.bounded:
            self.judgements.append(combined(found))
            raise Inconclusive(
                f"{settled.trial.within:g} s after the change was begun it had not taken effect for certain, "
                "and when it was made nobody knows: have it made at once"
            )
        for after, answer in settled.late[:1]:
            facts = self.facts(planned, Seen(answer, None, sent))
            if planned.step.proves == ():
                mismatch = first_mismatch(answer, expectations, facts)
                told = f"{mismatch.expected}, got {mismatch.actual}" if mismatch else "another answer"
                raise Inconclusive(f"assumed {told} {after:.3g} s after the change ({planned.step.where})")
            late = judge(answer, expectations, facts, requirements)
            problems = tuple(
                replace(
                    problem,
                    expected=f"{problem.expected} from {settled.trial.within:g} s after the change on",
                    actual=f"{problem.actual}, {after:.3g} s after it",
                )
                for problem in late.problems
            )
            found.append(Judgement(late.findings, problems))
        return combined(found)


_SAID_BY_SILENCE = frozenset({"nothing-served", "nothing-shown", "no-server-failure", "no-echo", "prompt"})
"""The checks that an answer passes which never came."""


def _asks_what_is_served(expectations: Sequence[Expectation]) -> bool:
    """Whether it only matters that nothing is served: who closes the connection serves nothing."""
    return bool(expectations) and all(each.check in _SAID_BY_SILENCE for each in expectations)
