"""What is planned: cases with their names resolved, and the batches that share a control."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from harness.model import Operation, Scenario, Step, Verdict, Where
from harness.names import BY, REFER, companions

BATCH_SIZE = 16
WRONG_SECRETS = 3
"""So many wrong secrets for one identity may follow one another; many APIs lock an account at five."""

AT_MOST, AT_LEAST = "at_most", "at_least"
"""How many of several answers must be accepted, as an outcome's options name it."""

TIME = "time"
"""The part of answers that `alike` compares by measuring."""

ROUNDS = 3
"""How often each cause is asked for where answers are compared."""

Lane = Literal["shared", "exclusive", "quiet"]
"""Beside all others, one after the other, or when all others are done: what is measured there."""


@dataclass(frozen=True, slots=True)
class Presentation:
    """A credential at a place, for an operation; without `credential` it is presented by sending nothing.

    `address` is where the request comes from, `origin` the web page that sends it, both by their names in
    the target. With `asks` it is the preflight that asks for the operation with these fields.
    """

    credential: str | None
    place: str
    operation: str
    address: str | None = None
    origin: str | None = None
    asks: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """A step with its names resolved.

    `mechanism` is the credential's, or that of the one left out; "" where no challenge names such a one.
    """

    step: Step
    sent: Presentation | None
    mechanism: str
    branches: Mapping[str, PlannedStep] = field(default_factory=dict)
    """For alike: the steps that are compared, by name."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Why a case is not run: not-applicable, or inconclusive for want of what `reason` says how to give."""

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
    operations: Mapping[str, Operation] = field(default_factory=dict)
    """The requests that its suite writes out itself."""
    wrong_secrets: int = 0
    """How often it tries a wrong secret for an identity that may be locked."""

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
        found += (Batch(tuple(each), control, lane) for each in _portions(members))
    return found


def _portions(cases: Sequence[Case]) -> Iterator[list[Case]]:
    """`cases` in as few portions as may stand between two controls."""
    portion: list[Case] = []
    for case in cases:
        wrong = sum(each.wrong_secrets for each in portion) + case.wrong_secrets
        if portion and (len(portion) == BATCH_SIZE or (case.wrong_secrets and wrong > WRONG_SECRETS)):
            yield portion
            portion = []
        portion.append(case)
    if portion:
        yield portion


def lane_of(case: Case) -> Lane:
    """Where a case is run: what it measures, or changes for others, decides."""
    if any(watches(each) or is_timed(each) for each in case.steps):
        return "quiet"
    return "exclusive" if case.touches - {"creates", "revokes"} else "shared"


def watches(planned: PlannedStep) -> bool:
    """Whether a step watches a change take effect."""
    return planned.step.outcome is not None and planned.step.outcome.kind == "settles"


def is_timed(planned: PlannedStep) -> bool:
    """Whether a step compares how long answers take."""
    return planned.step.verb == "alike" and TIME in planned.step.subject


def listens(case: Case) -> bool:
    """Whether it is run, and a step says where we listen, to see whether the target calls there."""
    spoils = () if case.left_out else [planned.step.spoil for planned in case.steps]
    return any(spoil is not None and spoil.part == REFER for spoil in spoils)


def is_varied(planned: PlannedStep) -> bool:
    """Whether Schemathesis varies what a step sends."""
    return BY in planned.step.options


def presenting(chosen: Sequence[PlannedStep]) -> list[PlannedStep]:
    """The steps that present something, those that are compared included."""
    return [each for planned in chosen for each in (planned, *planned.branches.values()) if each.sent]


def credentials_needed(cases: Iterable[Case]) -> list[str]:
    """The credentials that the cases which are run present or have as a control, each once."""
    return list(dict.fromkeys(name for case in cases if not case.left_out for name in credentials_of(case)))


def credentials_of(case: Case) -> Iterator[str]:
    """The credentials that a case presents or has as a control, but for those that it has issued itself."""
    if case.control and case.control.credential:
        yield case.control.credential
    obtaining = [each.step for each in case.steps if each.step.verb == "obtain"]
    issued = {step.options.get("as", step.subject) for step in obtaining}
    for planned in presenting(case.steps):
        names = [planned.sent.credential if planned.sent else None, *companions(planned.step.spoil)]
        yield from (name for name in names if name and name not in issued)
