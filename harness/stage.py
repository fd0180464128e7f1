"""Where the steps of one case are done: the lane, what was issued on the way, and what was seen."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from random import Random
from typing import Any

from harness import coverage
from harness.asking import Ask, Asker, Seen
from harness.checks import Facts, Held
from harness.checks.answers import statuses
from harness.credentials import CannotSpoil
from harness.durations import seconds
from harness.exchange import Answer, Lane
from harness.gives import find
from harness.judge import Judgement
from harness.listening import LATE, Offer
from harness.measure.latency import Trial
from harness.model import Exchange, Expectation, Operation
from harness.names import KEPT, REFER
from harness.origins import asked_fields, spoiled_origin
from harness.plan import Case, PlannedStep
from harness.setting import Inconclusive, Setting
from harness.targets import CANARY
from harness.templates import names_in, render, render_all

OF_A_CANARY = "no-foreign-data"
"""The check that can only look where the target gives a canary of the place that it is about."""
SHORTEST_KEPT = 8
"""Characters of what is kept from which on it is hidden in evidence, for it may be a secret."""


class Stage:
    """The state of a case under way.

    What a step obtains is a credential of the target from then on, under the name that the step gives it,
    for this case alone.
    """

    def __init__(self, setting: Setting, lane: Lane, case: Case, exchanges: list[Exchange]) -> None:
        self.setting = setting
        self.lane = lane
        self.case = case
        self.exchanges = exchanges
        self.judgements: list[Judgement] = []
        self.trials: list[Trial] = []
        self.measurements: dict[str, Any] = {}
        """What else was measured, ready for the run file."""
        self.held: dict[str, Held] = {}
        self.given: dict[str, Mapping[str, Any]] = {}
        """What the answer that issued each of them gave."""
        self.changed_at = lane.now()
        """When what was done last was done, on the network's clock."""
        self.by_hand = False
        """Whether a person or a program did it, which began then, so that it was done no earlier."""
        self.done = True
        """Whether it was done at all."""
        self.answer: Answer | None = None
        """The last answer to what was presented."""
        self.offers: list[Offer] = []
        """What the target was told to fetch."""
        self.kept: dict[str, str] = {}
        """What steps kept of their answers, by its name in templates."""
        self.jar: dict[str, str] = {}
        """The cookies that its answers have set, and no other case's."""
        self.once = f"authconform-{Random().getrandbits(48):012x}"

    def asker(self) -> Asker:
        return Asker(self.setting, self.lane, self.exchanges, self.jar)

    def ask(self, planned: PlannedStep) -> Ask:
        assert planned.sent is not None
        statuses, spoil = self.refusal_statuses(planned), planned.step.spoil
        ask = Ask(planned.sent, "case", spoil, self.case.id, statuses, self.random(0))
        listener = self.setting.listener
        if listener is None or spoil is None or spoil.part != REFER:
            return ask
        self.offers.append(listener.offer())
        return replace(ask, offer=self.offers[-1])

    async def listen(self) -> None:
        """Hear who comes for what the target was told of; wait a little where nobody has come yet."""
        if self.offers and not any(each.calls for each in self.offers):
            await asyncio.sleep(LATE)
        calls = [call for each in self.offers for call in each.calls]
        if calls:
            text = self.setting.redactor.text
            self.measurements["calls"] = [
                {
                    "call": text(f"{call.method} {call.target}"),
                    "from": call.caller,
                    "user-agent": text(call.agent),
                    "after_ms": round(call.after * 1000),
                }
                for call in calls
            ]

    def random(self, number: int) -> Random:
        return Random(f"{self.setting.seed}/{self.case.id}/{number}")

    def expectations(self, planned: PlannedStep) -> tuple[Expectation, ...]:
        """Everything that the answer to a step must be, with what was kept where it is named.

        Inconclusive where nothing would tell whose data an answer holds, CannotSpoil where nothing can.
        """
        found = coverage.expectations(self.case, planned, self.setting.profile)
        for place in (each.args["of"] for each in found if each.check == OF_A_CANARY):
            self._tell_by_canary(place)
        return tuple(self._with_kept(each) for each in found) if self.kept else found

    def _tell_by_canary(self, place: str) -> None:
        """Look whether the target says what stands in the answers of `place` alone."""
        target = self.setting.target
        if place in target.canary:
            return
        if CANARY in target.absent:
            raise CannotSpoil(f"{CANARY}: {target.absent[CANARY]}")
        raise Inconclusive(
            f"nothing tells the data of {place} from others: add `canary: {{{place}: <a text that stands in "
            f"its answers alone>}}` to {target.where.path}, or `absent: {{{CANARY}: <reason>}}`"
        )

    def _with_kept(self, expectation: Expectation) -> Expectation:
        if not any(name.startswith(KEPT) for name in names_in(expectation.args)):
            return expectation
        return replace(expectation, args=render_all(expectation.args, self.kept, expectation.where))

    def keep(self, planned: PlannedStep) -> None:
        """Keep what a step asks for of its last answer: it is a variable of every place from then on.

        Inconclusive where the answer does not hold it.
        """
        wanted: Mapping[str, str] = planned.step.options.get("keep", {})
        if not wanted or self.answer is None:
            return
        for name, written in wanted.items():
            try:
                found = find(written, self.answer)
            except (LookupError, ValueError):
                where = planned.step.where
                raise Inconclusive(
                    f"the answer does not hold {written}, to be kept as '{name}' ({where})"
                ) from None
            text = found if isinstance(found, str) else json.dumps(found)
            if len(text) >= SHORTEST_KEPT:
                self.setting.redactor.learn(f"kept {name}", text)
            self.kept[f"{KEPT}{name}"] = text
        places = {
            each.name: replace(each, variables={**each.variables, **self.kept})
            for each in self.setting.target.places.values()
        }
        self.setting = replace(self.setting, target=replace(self.setting.target, places=places))

    def refusal_statuses(self, planned: PlannedStep) -> frozenset[int]:
        """The statuses by which a step may be refused, as the profile and the step itself have it."""
        outcome = planned.step.outcome
        if outcome is None:
            return all_statuses(planned.step.expects)
        if outcome.reason is None:
            return frozenset()
        return all_statuses((*self.setting.profile.refusals[outcome.reason], *planned.step.expects))

    def operation(self, planned: PlannedStep) -> Operation:
        assert planned.sent is not None
        return self.setting.profile.operations[planned.sent.operation]

    def facts(self, planned: PlannedStep, seen: Seen, first: Answer | None = None) -> Facts:
        """What checks are told of an answer; `first` is the first of several to the same step."""
        sent, spoil, profile = planned.sent, planned.step.spoil, self.setting.profile
        assert sent is not None
        operation = self.operation(planned)
        method = operation.method if sent.asks is None else "OPTIONS"
        origin = self.setting.target.origins[sent.origin] if sent.origin else None
        if origin and spoil and spoil.part == "origin":
            origin = spoiled_origin(origin, spoil)
        return Facts(
            operation=operation,
            method=str(spoil.change) if spoil and spoil.part == "method" else method,
            mechanism=planned.mechanism,
            place=sent.place,
            home=self.setting.home(sent.credential) if sent.credential else sent.place,
            canaries=self.setting.target.canary,
            refusal_statuses=self.refusal_statuses(planned),
            effect=seen.effect,
            sent=seen.sent,
            held=self.held,
            origin=origin,
            asked=asked_fields(sent.asks or (), profile),
            first=first,
            calls=tuple(str(call) for each in self.offers for call in each.calls) if self.offers else None,
        )

    def duration(self, text: str) -> float:
        """Seconds of a duration, which may name a limit of the profile."""
        names = {f"limits.{name}": str(value) for name, value in self.setting.profile.limits.items()}
        return seconds(render(text, names, self.case.where)) * self.setting.time_scale


def all_statuses(expectations: Sequence[Expectation]) -> frozenset[int]:
    """The statuses that any of these expectations would be content with."""
    found: set[int] = set()
    for each in expectations:
        if each.check == "status":
            found |= statuses(each.args["is"])
    return frozenset(found)
