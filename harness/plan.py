"""Decide what is asked: suites, a profile and a target become cases. Pure: no request, no clock, no file.

A scenario is made concrete once for each variant under `each:`, each operation where it says `on: every`,
and each credential where it names a mechanism. What does not apply is planned too, with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any, Literal

from harness import templates
from harness.errors import did_you_mean, mistake, quoted
from harness.executed import not_executed
from harness.model import (
    CredentialKind,
    LifecycleVerb,
    Operation,
    Place,
    Profile,
    Scenario,
    Step,
    Suite,
    Target,
    Verdict,
    Where,
)
from harness.names import EVERY, ISSUE, NOTHING, OWN, PROTECTED, used_by, vocabulary

BATCH_SIZE = 16

_TEMPLATES: Mapping[str, frozenset[str]] = {
    "field": frozenset({"scheme", "value", "unknown"}),
    "path": frozenset({"path"}),
    "add": frozenset(),
}
"""The spoils whose values are templates, each with the names that only it has."""

Lane = Literal["shared", "exclusive", "quiet"]
"""Beside all others, one after the other, or when all others are done: what is measured there."""


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
    branches: Mapping[str, PlannedStep] = field(default_factory=dict)
    """For alike: the steps that are compared, by name."""


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


def batches(cases: Sequence[Case]) -> list[Batch]:
    """The cases that are to be run, put together by control, at most `BATCH_SIZE` to a batch."""
    found: list[Batch] = []
    by_control: dict[tuple[Presentation, Lane], list[Case]] = {}
    for case in cases:
        if case.left_out:
            continue
        lane = lane_of(case)
        if case.control is None or lane == "quiet":
            found.append(Batch((case,), case.control, lane))
        else:
            by_control.setdefault((case.control, lane), []).append(case)
    for (control, lane), members in by_control.items():
        for start in range(0, len(members), BATCH_SIZE):
            found.append(Batch(tuple(members[start : start + BATCH_SIZE]), control, lane))
    return found


def lane_of(case: Case) -> Lane:
    """Where a case is run: what it measures, or changes for others, decides."""
    if any(each.step.outcome and each.step.outcome.kind == "settles" for each in case.steps):
        return "quiet"
    return "exclusive" if case.touches - {"creates", "revokes"} else "shared"


class _Planner:
    """Makes scenarios concrete for one profile and target."""

    def __init__(self, profile: Profile, target: Target) -> None:
        self.profile = profile
        self.target = target
        self.names = vocabulary(profile)
        self.local: Mapping[str, str] = {}
        """What the scenario at hand has issued: its name for it -> the credential that it is one of."""

    def cases(self, scenario: Scenario) -> Iterator[Case]:
        left_out = self.unmet(scenario)
        if reason := None if left_out else not_executed(scenario):
            left_out = LeftOut("inconclusive", reason)
        if left_out:
            yield self.case(scenario, (), left_out)
            return
        scenario = self.documented(scenario)
        self.local = _issued_by(scenario)
        choices = [self.concrete(step) for step in scenario.steps]
        if not all(choices):
            what = "protected operation" if self.profile.credentials else "credential"
            reason = f"the profile {self.profile.name} has no {what}"
            yield self.case(scenario, (), LeftOut("not-applicable", reason))
        for chosen in product(*choices):
            yield self.case(scenario, chosen, self.lacking(self.resolved(scenario, chosen)))

    def case(self, scenario: Scenario, chosen: tuple[PlannedStep, ...], left_out: LeftOut | None) -> Case:
        labels = [scenario.variant] if scenario.variant else []
        for planned, step in zip(chosen, scenario.steps, strict=False):
            if planned.sent and step.on == EVERY:
                labels.append(planned.sent.operation)
            if planned.sent and planned.sent.credential != step.subject and step.subject != NOTHING:
                labels.append(str(planned.sent.credential))
        touches = scenario.touches | self.operation_touches(chosen) | self.verb_touches(scenario)
        left_out = left_out or self.unfilled(scenario, chosen) or self.forbidden(touches)
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
        if step.verb == "alike":
            ways = {name: self.concrete(branch) for name, branch in step.branches.items()}
            first = {name: each[0] for name, each in ways.items() if each}
            return [PlannedStep(step, None, "", first)] if len(first) == len(ways) else []
        if step.verb != "present":
            return [PlannedStep(step, None, "")]
        on = step.on or PROTECTED
        operations = self.protected_operations() if on == EVERY else [on]
        found = []
        for kind in self.presented(step):
            for operation in operations:
                place = step.at or self.right_place(kind.name, operation)
                name = None if step.subject == NOTHING else kind.name
                found.append(PlannedStep(step, Presentation(name, place, operation), kind.mechanism))
        return found

    def presented(self, step: Step) -> list[CredentialKind]:
        """The credentials that `step` presents; for nothing the one that is left out."""
        credentials = self.profile.credentials
        if step.subject in self.local:
            return [replace(credentials[self.local[step.subject]], name=step.subject)]
        if step.subject in credentials:
            return [credentials[step.subject]]
        meant = [kind for kind in credentials.values() if step.subject in (NOTHING, kind.mechanism)]
        here = [kind for kind in meant if self.home(kind.name) == (step.at or OWN)] or meant
        if step.subject == NOTHING:
            # its control presents it, so it had better be one that the target gives
            return sorted(here, key=lambda kind: kind.name not in self.target.credentials)[:1]
        return here

    def verb(self, step: Step) -> LifecycleVerb | None:
        """The lifecycle verb that `step` does, as this deployment does it."""
        name = ISSUE if step.verb == "obtain" else step.subject if step.verb == "do" else None
        return None if name is None else self.target.lifecycle.get(name) or self.profile.lifecycle[name]

    def verb_touches(self, scenario: Scenario) -> frozenset[str]:
        if any(
            name not in self.profile.lifecycle for sort, name in used_by(scenario) if sort == "lifecycle verb"
        ):
            return frozenset()
        verbs = (self.verb(step) for step in scenario.steps)
        return frozenset(touched for verb in verbs if verb for touched in verb.touches)

    def documented(self, scenario: Scenario) -> Scenario:
        """`scenario`, proving also what this API's own document says of what it proves."""
        steps = tuple(
            replace(step, proves=step.proves and self.with_documents(step.proves)) for step in scenario.steps
        )
        return replace(scenario, requires=self.with_documents(scenario.requires), steps=steps)

    def with_documents(self, requirements: Sequence[str]) -> tuple[str, ...]:
        own = (each for name in requirements for each in self.profile.documents.get(name, ()))
        return tuple(dict.fromkeys((*requirements, *own)))

    def protected_operations(self) -> list[str]:
        return [
            name
            for name, operation in self.profile.operations.items()
            if not operation.public and name not in self.target.absent
        ]

    def home(self, credential: str) -> str:
        """The place where `credential` is accepted."""
        credential = self.local.get(credential, credential)
        reference = self.target.credentials.get(credential)
        return (reference and reference.at) or self.profile.credentials[credential].at

    def right_place(self, credential: str, operation: str) -> str:
        """The place where `credential` is accepted for `operation`."""
        return self.profile.operations[operation].at or self.home(credential)

    def control(self, scenario: Scenario, chosen: Sequence[PlannedStep]) -> Presentation | None:
        """The unspoiled presentation: the credential at its own place. None where a case is one itself."""
        sent = [planned for planned in chosen if planned.sent] or _presenting(chosen)
        if not scenario.control or not sent:
            return None
        first = sent[0]
        assert first.sent is not None
        if chosen == (first,) and self.is_unspoiled(first):
            return None
        if first.sent.credential in self.local or any(planned.step.verb == "do" for planned in chosen):
            # it comes or goes in the course of the case: another one stands by
            bystander = self.presented(replace(first.step, subject=NOTHING, at=None))[0].name
            return Presentation(bystander, self.right_place(bystander, PROTECTED), PROTECTED)
        operation = first.sent.operation
        name = first.sent.credential or self.presented(first.step)[0].name
        return Presentation(name, self.right_place(name, operation), operation)

    def is_unspoiled(self, planned: PlannedStep) -> bool:
        """Whether the step presents a credential just as it must be accepted."""
        sent = planned.sent
        if sent is None or sent.credential is None or planned.step.spoil:
            return False
        return sent.place == self.right_place(sent.credential, sent.operation)

    # --- what does not apply ---------------------------------------------------------------------

    def unmet(self, scenario: Scenario) -> LeftOut | None:
        """What the scenario itself names and is not to be had."""
        needs = used_by(scenario)
        for sort, name in needs:
            if (sort, name) not in self.names:
                what = f"{sort} '{name}'" if sort else f"'{name}'"
                return LeftOut("not-applicable", f"the profile {self.profile.name} has no {what}")
        return self.lacking([name for _, name in needs])

    def resolved(self, scenario: Scenario, chosen: Sequence[PlannedStep]) -> list[str]:
        """The credentials and places that a case comes to need once its names are resolved."""
        found = [planned.sent for planned in _presenting(chosen) if planned.sent]
        if control := self.control(scenario, chosen):
            found.append(control)
        names = [name for sent in found for name in (sent.credential, sent.place) if name]
        for step in scenario.steps:
            verb = self.verb(step)
            names += (name for name in (verb.at, verb.credential) if name) if verb else ()
        return [name for name in names if name not in self.local]

    def lacking(self, names: Sequence[str]) -> LeftOut | None:
        """Which of these parts of the profile the target does not have."""
        for name in names:
            if name in self.target.absent:
                return LeftOut("not-applicable", f"{name}: {self.target.absent[name]}")
        return next((lacking for name in names if (lacking := self.undeclared(name))), None)

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

    def unfilled(self, scenario: Scenario, chosen: Sequence[PlannedStep]) -> LeftOut | None:
        """A name in a template of an operation that its place gives no value.

        InputError for one of a spoil: nothing that a target could add would help.
        """
        asked = [(planned.sent, planned.step.spoil) for planned in _presenting(chosen)]
        for sent, spoil in (*asked, (self.control(scenario, chosen), None)):
            if sent is None:
                continue
            moved = spoil is not None and spoil.part == "variables"
            place = self.target.places[spoil.change if spoil and moved else sent.place]
            known = self.variables(place)
            for operation in self.with_others(sent.operation):
                for name in _templated((operation.path, dict(operation.headers), operation.body)):
                    if name not in known:
                        return LeftOut(
                            "inconclusive",
                            f"the place {place.name} has no '{name}', which {operation.name} needs; "
                            f"add `{name}: …` to it ({place.where})",
                        )
            if spoil and spoil.part in _TEMPLATES:
                known |= _TEMPLATES[spoil.part]
                for name in _templated(spoil.change):
                    if name not in known:
                        hint = did_you_mean(name, sorted(known))
                        raise mistake(f"unknown name {quoted(name)} in '${{…}}'", spoil.where, hint)
        return None

    def with_others(self, name: str) -> list[Operation]:
        """An operation, and those that are done beside it."""
        own = self.profile.operations[name]
        others = (own.after, own.undo, own.effect.on if own.effect else None)
        return [own, *(self.profile.operations[each] for each in others if each)]

    def variables(self, place: Place) -> set[str]:
        """The names that a template may use at `place`."""
        known = {"unique", "url", "host", *place.variables}
        known |= {f"limits.{name}" for name in self.profile.limits}
        for each in self.target.places.values():
            known |= {f"place.{each.name}.{name}" for name in ("url", "host", *each.variables)}
        return known

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
        for planned in _presenting(chosen):
            if planned.sent:
                touched |= self.profile.operations[planned.sent.operation].touches
        return touched


def _presenting(chosen: Sequence[PlannedStep]) -> list[PlannedStep]:
    """The steps that present something, those that are compared included."""
    return [each for planned in chosen for each in (planned, *planned.branches.values()) if each.sent]


def _issued_by(scenario: Scenario) -> Mapping[str, str]:
    """The names that a scenario gives what it has issued, each with the credential that it is one of."""
    return {
        step.options.get("as", step.subject): step.subject for step in scenario.steps if step.verb == "obtain"
    }


def _templated(value: Any) -> Iterator[str]:
    """The names in all templates of `value`, made of JSON's types."""
    if isinstance(value, str):
        yield from templates.names(value)
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _templated(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _templated(each)
