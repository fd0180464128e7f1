"""Decide what is asked: suites, a profile and a target become cases. Pure: no request, no clock, no file.

A scenario is made concrete once for each variant under `each:`, each operation where it says `on: every`,
and each credential where it names a mechanism. What does not apply is planned too, with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Literal

from harness.model import (
    CredentialKind,
    Profile,
    Scenario,
    Step,
    Suite,
    Target,
    Verdict,
    Where,
)

NOTHING = "nothing"
EVERY = "every"
PROTECTED = "protected"
OWN = "own"

EXECUTED_VERBS = ("present",)
"""The verbs that `execute.py` knows; the others are planned, and say so."""
EXECUTED_OPTIONS: tuple[str, ...] = ()

BATCH_SIZE = 16

Lane = Literal["shared", "exclusive"]


@dataclass(frozen=True, slots=True)
class Presentation:
    """A credential at a place, for an operation; without `credential` it is presented by sending nothing."""

    credential: str | None
    place: str
    operation: str


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """A step with its names resolved. `mechanism` is the credential's, or that of the one left out."""

    step: Step
    sent: Presentation | None
    mechanism: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Why a case is not run: not-applicable, or inconclusive for want of something that `hint` would give."""

    verdict: Verdict
    reason: str


@dataclass(frozen=True, slots=True)
class Case:
    """A scenario made concrete.

    `control` is what must be accepted before and after; None where the case is a control itself, or has none.
    """

    id: str
    scenario: Scenario
    title: str
    steps: tuple[PlannedStep, ...]
    control: Presentation | None
    touches: frozenset[str]
    left_out: LeftOut | None

    @property
    def where(self) -> Where:
        return self.scenario.where


@dataclass(frozen=True, slots=True)
class Batch:
    """Cases that share a control: run one after the other between two of them."""

    cases: tuple[Case, ...]
    control: Presentation | None
    lane: Lane


@dataclass(frozen=True, slots=True)
class Plan:
    """All cases of a run, in the order of their suites."""

    cases: tuple[Case, ...]


def plan(suites: Iterable[Suite], profile: Profile, target: Target) -> Plan:
    """The cases of `suites` for `target`, those that cannot be run included."""
    planner = _Planner(profile, target)
    scenarios = (scenario for suite in suites for scenario in suite.scenarios)
    return Plan(tuple(case for scenario in scenarios for case in planner.cases(scenario)))


def names_used(suite: Suite) -> Mapping[str, Where]:
    """Every name of a profile that `suite` uses, with the first place where it does."""
    found: dict[str, Where] = {}
    for scenario in suite.scenarios:
        for name in (*scenario.needs, *_names(scenario)):
            found.setdefault(name, scenario.where)
    return found


def vocabulary(profile: Profile) -> frozenset[str]:
    """Every name that a suite can use of `profile`: in needs, present, on, at, do."""
    mechanisms = {kind.mechanism for kind in profile.credentials.values()}
    derived = {"prefix"} if any(kind.prefix for kind in profile.credentials.values()) else set()
    return frozenset(
        {*profile.places, *profile.credentials, *profile.operations, *profile.lifecycle, *mechanisms}
        | derived
        | profile.capabilities
    )


def batches(cases: Sequence[Case]) -> list[Batch]:
    """The cases that are to be run, put together by control, at most `BATCH_SIZE` to a batch."""
    found: list[Batch] = []
    by_control: dict[tuple[Presentation, Lane], list[Case]] = {}
    for case in cases:
        if case.left_out:
            continue
        lane: Lane = "exclusive" if case.touches - {"creates"} else "shared"
        if case.control is None:
            found.append(Batch((case,), None, lane))
        else:
            by_control.setdefault((case.control, lane), []).append(case)
    for (control, lane), members in by_control.items():
        for start in range(0, len(members), BATCH_SIZE):
            found.append(Batch(tuple(members[start : start + BATCH_SIZE]), control, lane))
    return found


class _Planner:
    """Makes scenarios concrete for one profile and target."""

    def __init__(self, profile: Profile, target: Target) -> None:
        self.profile = profile
        self.target = target
        self.names = vocabulary(profile)

    def cases(self, scenario: Scenario) -> Iterator[Case]:
        missing = self.unmet(scenario)
        if missing:
            yield self.case(scenario, (), missing)
            return
        choices = [self.concrete(step) for step in scenario.steps]
        for chosen in product(*choices):
            yield self.case(scenario, chosen, None)

    def case(self, scenario: Scenario, chosen: tuple[PlannedStep, ...], left_out: LeftOut | None) -> Case:
        labels = [scenario.variant] if scenario.variant else []
        for planned, step in zip(chosen, scenario.steps, strict=False):
            if planned.sent and step.on == EVERY:
                labels.append(planned.sent.operation)
            if planned.sent and planned.sent.credential != step.subject and step.subject != NOTHING:
                labels.append(str(planned.sent.credential))
        touches = scenario.touches | self.operation_touches(chosen)
        left_out = left_out or self.cannot_run(chosen) or self.forbidden(touches)
        return Case(
            id=scenario.id + (f"[{','.join(labels)}]" if labels else ""),
            scenario=scenario,
            title=scenario.title + (f" ({', '.join(labels)})" if labels else ""),
            steps=chosen,
            control=self.control(scenario, chosen) if not left_out else None,
            touches=touches,
            left_out=left_out,
        )

    def concrete(self, step: Step) -> list[PlannedStep]:
        """The ways to resolve the names of `step`, one for each credential and operation meant."""
        if step.verb != "present":
            return [PlannedStep(step, None, "")]
        on = step.on or PROTECTED
        operations = self.protected_operations() if on == EVERY else [on]
        found = []
        for kind in self.presented(step):
            for operation in operations:
                place = step.at or self.profile.operations[operation].at or self.home(kind.name)
                name = None if step.subject == NOTHING else kind.name
                found.append(PlannedStep(step, Presentation(name, place, operation), kind.mechanism))
        return found

    def presented(self, step: Step) -> list[CredentialKind]:
        """The credentials that `step` presents; for nothing the one that is left out."""
        credentials = self.profile.credentials
        if step.subject in credentials:
            return [credentials[step.subject]]
        own = [kind for name, kind in credentials.items() if self.home(name) == (step.at or OWN)]
        own = own or list(credentials.values())
        if step.subject == NOTHING:
            return own[:1]
        return [kind for kind in own if kind.mechanism == step.subject]

    def protected_operations(self) -> list[str]:
        return [
            name
            for name, operation in self.profile.operations.items()
            if not operation.public and name not in self.target.absent
        ]

    def home(self, credential: str) -> str:
        """The place where `credential` is accepted."""
        reference = self.target.credentials.get(credential)
        return (reference and reference.at) or self.profile.credentials[credential].at

    def control(self, scenario: Scenario, chosen: Sequence[PlannedStep]) -> Presentation | None:
        """The unspoiled presentation: the credential at its own place. None where a case is one itself."""
        sent = [planned for planned in chosen if planned.sent]
        if not scenario.control or not sent:
            return None
        first = sent[0]
        assert first.sent is not None
        if len(chosen) == 1 and is_unspoiled(first, self.home):
            return None
        kind = self.presented(first.step)[0]
        name = first.sent.credential or kind.name
        return Presentation(name, self.home(name), first.sent.operation)

    # --- what does not apply ---------------------------------------------------------------------

    def unmet(self, scenario: Scenario) -> LeftOut | None:
        needs = (*scenario.needs, *(each for each in _names(scenario) if each not in scenario.needs))
        undeclared: LeftOut | None = None
        for need in needs:
            if need not in self.names:
                return LeftOut("not-applicable", f"the profile {self.profile.name} has no '{need}'")
            if need in self.target.absent:
                return LeftOut("not-applicable", f"{need}: {self.target.absent[need]}")
            undeclared = undeclared or self.undeclared(need)
        return undeclared

    def undeclared(self, need: str) -> LeftOut | None:
        """What the profile has and the target neither gives nor declares absent."""
        if need in self.profile.credentials and need not in self.target.credentials:
            line = f"credentials: {need}: {{env: {need.upper().replace('-', '_')}}}"
        elif need in self.profile.places and need not in self.target.places:
            line = f"places: {need}: {{url: …}}"
        else:
            return None
        return LeftOut(
            "inconclusive",
            f"the target gives no {need}; add `{line}` to {self.target.where.path}, "
            f"or `absent: {need}: <reason>`",
        )

    def cannot_run(self, chosen: Sequence[PlannedStep]) -> LeftOut | None:
        for planned in chosen:
            step = planned.step
            unknown = [key for key in step.options if key not in EXECUTED_OPTIONS]
            if step.verb not in EXECUTED_VERBS:
                unknown.insert(0, step.verb)
            elif step.times != 1 or step.together:
                unknown.append("times")
            elif step.outcome and step.outcome.kind == "settles":
                unknown.append("settles")
            if unknown:
                reason = f"this version cannot execute '{unknown[0]}' ({step.where})"
                return LeftOut("inconclusive", reason)
        return None

    def forbidden(self, touches: frozenset[str]) -> LeftOut | None:
        if self.target.environment != "production" or touches <= self.target.allow:
            return None
        missing = ", ".join(sorted(touches - self.target.allow))
        return LeftOut(
            "inconclusive",
            f"the target is production and does not allow what this touches ({missing}); "
            f"add `allow: [{missing}]` to {self.target.where.path}",
        )

    def operation_touches(self, chosen: Sequence[PlannedStep]) -> frozenset[str]:
        touched: frozenset[str] = frozenset()
        for planned in chosen:
            if planned.sent:
                touched |= self.profile.operations[planned.sent.operation].touches
        return touched


def is_unspoiled(planned: PlannedStep, home: Callable[[str], str]) -> bool:
    """Whether the step presents a credential just as it must be accepted."""
    sent = planned.sent
    return (
        sent is not None
        and sent.credential is not None
        and planned.step.spoil is None
        and sent.place == home(sent.credential)
    )


def _names(scenario: Scenario) -> list[str]:
    """The names of a profile that a scenario uses, without those that it gives itself."""
    own = {step.options["as"] for step in scenario.steps if "as" in step.options}
    found: list[str] = []
    for step in scenario.steps:
        for each in (step, *step.branches.values()):
            found += _names_of(each)
    return [name for name in dict.fromkeys(found) if name not in own]


def _names_of(step: Step) -> Iterator[str]:
    if step.verb in ("present", "obtain", "redeem", "preflight", "do") and step.subject != NOTHING:
        yield str(step.subject)
    if step.verb == "present" and step.on != EVERY:
        yield step.on or PROTECTED
    elif step.on and step.on != EVERY:
        yield step.on
    if step.at:
        yield step.at
    if "of" in step.options:
        yield step.options["of"]
    if step.spoil and step.spoil.part in ("address", "variables"):
        yield step.spoil.change
