"""The course of one case: its steps in order, and what they had issued on the way."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

from harness import coverage
from harness.asking import THOROUGH_WATCH, TRANSIENT, Ask, Asker, Inconclusive, Seen, Setting
from harness.checks import Facts, Held
from harness.checks.answers import accepted_statuses, named_status, statuses
from harness.checks.issued import OF_WHAT_WAS_OBTAINED, held_of
from harness.credentials import CannotSpoil
from harness.durations import seconds
from harness.exchange import Answer, Lane
from harness.judge import Judgement, combined, first_mismatch, judge
from harness.lifecycle import SECRET, Done, Errand, entered, perform
from harness.measure.latency import Trial
from harness.model import CredentialRef, Exchange, Expectation, Operation
from harness.names import ISSUE, NOTHING
from harness.plan import Case, PlannedStep
from harness.settling import AlreadyOver, Change, Settled, settle
from harness.templates import render
from harness.uniformity import compared

ATTEMPTS = 8
"""How often something short-lived is issued, where it is over before it was looked at."""


class Course:
    """Runs the steps of a case on one lane.

    What a step obtains is a credential of the target from then on, under the name that the step gives it,
    for this course alone.
    """

    def __init__(self, setting: Setting, lane: Lane, case: Case, exchanges: list[Exchange]) -> None:
        self.setting = setting
        self.lane = lane
        self.case = case
        self.exchanges = exchanges
        self.judgements: list[Judgement] = []
        self.trials: list[Trial] = []
        self.held: dict[str, Held] = {}
        self.given: dict[str, Mapping[str, Any]] = {}
        """What the answer that issued each of them gave."""
        self.changed_at = lane.now()
        """When what was done last was done, on the network's clock."""
        self.by_hand = False
        """Whether a person did it, so that it was done no earlier."""
        self.done = True
        """Whether it was done at all."""
        self.once = f"authconform-{Random().getrandbits(48):012x}"

    async def run(self) -> None:
        """Do every step. Inconclusive or CannotSpoil where one cannot be done; what was seen before stays."""
        steps = list(self.case.steps)
        before: PlannedStep | None = None
        while steps:
            planned = steps.pop(0)
            if planned.step.verb == "do" and steps and settles(steps[0]):
                await self.settle(steps.pop(0), planned)
            elif settles(planned):
                await self.settle_in_time(planned, before)
            else:
                self.judgements.append(await self.step(planned))
            before = planned

    async def step(self, planned: PlannedStep) -> Judgement:
        """Do one step and judge its answers."""
        match planned.step.verb:
            case "obtain":
                return await self.obtain(planned)
            case "do":
                return await self.do(planned)
            case "alike":
                return await compared(self.setting, self.lane, self.exchanges, planned, self.case)
        return await self.present(planned)

    # --- presenting ------------------------------------------------------------------------------

    async def present(self, planned: PlannedStep) -> Judgement:
        """Present a credential as often as the step says."""
        expectations = self.expectations(planned)
        if planned.step.proves == ():
            return await self.assume(planned, expectations)
        asks = [
            replace(self.ask(planned), random=self.random(number)) for number in range(planned.step.times)
        ]
        judgements = []
        trouble: BaseException | None = None
        for each in await _seen(self.asker(), asks, together=planned.step.together):
            if isinstance(each, BaseException):
                trouble = trouble or each
                continue
            self.check_provenance(planned, each.answer)
            facts = self.facts(planned, each)
            judgements.append(judge(each.answer, expectations, facts, self.setting.requirements))
        judgement = combined(judgements)
        if trouble and judgement.verdict != "fail":  # one answer too many shows it, whatever became of others
            raise trouble
        return judgement

    async def assume(self, planned: PlannedStep, expectations: Sequence[Expectation]) -> Judgement:
        """Present what the rest of the case takes for granted. Inconclusive where it is not so."""
        for number in range(planned.step.times):
            seen = await self.asker().send(replace(self.ask(planned), random=self.random(number)))
            mismatch = first_mismatch(seen.answer, expectations, self.facts(planned, seen))
            if mismatch:
                raise Inconclusive(
                    f"assumed {mismatch.expected}, got {mismatch.actual} ({planned.step.where})"
                )
        return Judgement()

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
                f"the credential '{sent.credential}' (${reference.env}) was refused with "
                f"{named_status(answer.status)} and never accepted in this run: it may be wrong"
            )

    # --- lifecycle -------------------------------------------------------------------------------

    async def obtain(self, planned: PlannedStep) -> Judgement:
        """Have credentials issued, and judge the answers that show them."""
        step = planned.step
        name = step.options.get("as", step.subject)
        errand = replace(self.errand(planned, ISSUE), issues=name)
        if step.together:
            done = await asyncio.gather(
                *(self.perform(errand) for _ in range(step.times)), return_exceptions=True
            )
            dones = [_or_raise(each) for each in done]
        else:
            dones = [await self.perform(errand) for _ in range(step.times)]
        asked = {each: value for each, value in errand.values.items() if each in errand.wanted}
        obtained = tuple(
            self.hold(name if number == 0 else f"{name}-{number + 1}", str(step.subject), done, asked)
            for number, done in enumerate(dones)
        )
        return combined(
            self.judge_done(planned, done, obtained if done is dones[-1] else ()) for done in dones
        )

    def hold(self, name: str, kind_name: str, done: Done, asked: Mapping[str, Any]) -> Held:
        """Keep what was issued under `name`. What was asked for is what it should be, whatever was given."""
        if not done.accepted:
            status = named_status(done.answer.status) if done.answer else "nothing"
            raise Inconclusive(f"no {kind_name} was issued: {status}")
        if SECRET not in done.given:
            raise Inconclusive(f"'{ISSUE}' gives no secret; add gives: {{secret: …}} to it")
        setting, secret = self.setting, str(done.given[SECRET])
        kind = replace(setting.profile.credentials[kind_name], name=name)
        at = setting.home(kind_name)
        reference = CredentialRef(name, "value", "", name.upper().replace("-", "_"), at, True, kind.where)
        setting.redactor.learn(name, secret)
        self.setting = replace(
            setting,
            profile=replace(setting.profile, credentials={**setting.profile.credentials, name: kind}),
            target=replace(setting.target, credentials={**setting.target.credentials, name: reference}),
            secrets={**setting.secrets, name: secret},
        )
        held = held_of(name, secret, kind.prefix, {**done.given, **asked})
        self.held[name], self.given[name] = held, done.given
        return held

    async def do(self, planned: PlannedStep) -> Judgement:
        """Do a lifecycle verb and judge its answer; without a word on it, it must have been done."""
        done = await self.perform(self.errand(planned, str(planned.step.subject)))
        step, status = planned.step, done.answer.status if done.answer else 0
        explicit = any(each.check == "status" for each in step.expects)
        if step.outcome is None and not explicit and not done.accepted:
            raise Inconclusive(f"'{step.subject}' was not done: {named_status(status)}")
        if status in TRANSIENT and not done.accepted and status not in _statuses(self.expectations(planned)):
            raise Inconclusive(f"{named_status(status)} says nothing of whether '{step.subject}' may be done")
        return self.judge_done(planned, done, ())

    def errand(self, planned: PlannedStep, verb: str) -> Errand:
        spoil = planned.step.spoil
        other = None
        if spoil and spoil.part == "credential":
            other = NOTHING if spoil.removed else str(spoil.change)
        wanted = frozenset(planned.step.options.get("with", {}))
        return Errand(verb, self.values(planned), self.case.id, other, wanted)

    async def perform(self, errand: Errand) -> Done:
        done = await perform(self.setting, self.lane, self.exchanges, errand)
        self.changed_at, self.by_hand, self.done = done.returned, done.manual, done.accepted
        return done

    def values(self, planned: PlannedStep) -> dict[str, Any]:
        """The values that a verb's templates may use: of the step, and of what it is done to."""
        step = planned.step
        names = {"once": self.once}
        values: dict[str, Any] = dict(names)
        for name, value in step.options.get("with", {}).items():
            values[name] = render(value, names, step.where) if isinstance(value, str) else value
        of = str(step.options.get("of", ""))
        if of in self.given:
            values |= {f"of.{name}": value for name, value in self.given[of].items() if name != SECRET}
        elif of in self.setting.target.places:
            place = self.setting.target.places[of]
            values |= {f"of.{name}": value for name, value in place.variables.items()} | {"of.url": place.url}
        return values

    def judge_done(self, planned: PlannedStep, done: Done, obtained: tuple[Held, ...]) -> Judgement:
        """Judge the answer to a verb, and what was `obtained` by it.

        Inconclusive where a person did it and an expectation needs more than what he entered.
        """
        verb = str(planned.step.subject) if planned.step.verb == "do" else ISSUE
        expectations = [
            each for each in self.expectations(planned) if obtained or each.check not in OF_WHAT_WAS_OBTAINED
        ]
        answer = done.answer or entered(done, verb, expectations)
        if answer is None:
            return Judgement()
        facts = Facts(
            operation=_as_operation(verb, self.case),
            method="",
            mechanism="",
            place="",
            home="",
            canaries=self.setting.target.canary,
            refusal_statuses=_statuses(expectations),
            folder=Path(self.case.where.path).parent,
            obtained=obtained,
            held=self.held,
        )
        return judge(answer, expectations, facts, self.setting.requirements)

    # --- settling --------------------------------------------------------------------------------

    async def settle(self, planned: PlannedStep, change: PlannedStep | None) -> None:
        """Watch the change that `change` makes, or that was made last, take effect on a presentation."""
        outcome = planned.step.outcome
        assert outcome is not None

        async def make() -> tuple[float, bool]:
            if change is not None:
                self.judgements.append(await self.do(change))
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
                self.judgements.append(await self.obtain(before))
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
                f"{settled.trial.within:g} s after the person was asked the change had not taken effect for "
                "certain, and when he made it nobody knows: do it at once when asked"
            )
        for after, answer in settled.late[:1]:
            facts = self.facts(planned, Seen(answer, None, sent))
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

    def duration(self, text: str) -> float:
        """Seconds of a duration, which may name a limit of the profile."""
        names = {f"limits.{name}": str(value) for name, value in self.setting.profile.limits.items()}
        return seconds(render(text, names, self.case.where)) * self.setting.time_scale

    # --- what every step needs -------------------------------------------------------------------

    def asker(self) -> Asker:
        return Asker(self.setting, self.lane, self.exchanges)

    def ask(self, planned: PlannedStep) -> Ask:
        assert planned.sent is not None
        statuses = self.refusal_statuses(planned)
        return Ask(planned.sent, "case", planned.step.spoil, self.case.id, statuses, self.random(0))

    def random(self, number: int) -> Random:
        return Random(f"{self.setting.seed}/{self.case.id}/{number}")

    def expectations(self, planned: PlannedStep) -> tuple[Expectation, ...]:
        return coverage.expectations(self.case, planned, self.setting.profile)

    def refusal_statuses(self, planned: PlannedStep) -> frozenset[int]:
        outcome = planned.step.outcome
        refused = outcome is not None and outcome.reason is not None
        return _statuses(self.expectations(planned)) if refused else frozenset()

    def operation(self, planned: PlannedStep) -> Operation:
        assert planned.sent is not None
        return self.setting.profile.operations[planned.sent.operation]

    def facts(self, planned: PlannedStep, seen: Seen) -> Facts:
        sent, spoil = planned.sent, planned.step.spoil
        assert sent is not None
        operation = self.operation(planned)
        return Facts(
            operation=operation,
            method=str(spoil.change) if spoil and spoil.part == "method" else operation.method,
            mechanism=planned.mechanism,
            place=sent.place,
            home=self.setting.home(sent.credential) if sent.credential else sent.place,
            canaries=self.setting.target.canary,
            refusal_statuses=self.refusal_statuses(planned),
            effect=seen.effect,
            sent=seen.sent,
            folder=Path(self.case.where.path).parent,
            held=self.held,
        )


def _or_raise(done: Done | BaseException) -> Done:
    if isinstance(done, BaseException):
        raise done
    return done


def settles(planned: PlannedStep) -> bool:
    """Whether a step watches a change."""
    return planned.step.outcome is not None and planned.step.outcome.kind == "settles"


async def _seen(asker: Asker, asks: Sequence[Ask], *, together: bool) -> Sequence[Seen | BaseException]:
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


def _as_operation(verb: str, case: Case) -> Operation:
    """A lifecycle verb as checks see it: an operation of which nothing is known but its name."""
    return Operation(
        name=verb, method="", path="", headers=(), body=None, body_type=None, accepted=(), after=None,
        undo=None, effect=None, touches=frozenset(), public=False, at=None, where=case.where,
    )  # fmt: skip


def _statuses(expectations: Sequence[Expectation]) -> frozenset[int]:
    found: set[int] = set()
    for each in expectations:
        if each.check == "status":
            found |= statuses(each.args["is"])
    return frozenset(found)
