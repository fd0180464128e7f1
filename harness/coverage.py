"""Which requirements a case looks at: those its scenario cites, and those of the profile's expectations."""

from __future__ import annotations

from collections.abc import Iterator

from harness.judge import expected
from harness.model import Expectation, Profile
from harness.plan import Case, PlannedStep


def expectations(case: Case, planned: PlannedStep, profile: Profile) -> tuple[Expectation, ...]:
    """Everything that the answer to one step of `case` must be."""
    accepted: tuple[Expectation, ...] = ()
    if planned.sent is not None:
        operations = {**profile.operations, **case.operations}
        accepted = operations[planned.sent.operation].accepted
    return expected(planned.step, case.scenario.requires, accepted, profile.refusals)


def looked_at(case: Case, profile: Profile) -> Iterator[tuple[str, Expectation | None]]:
    """Each requirement that `case` looks at, with the expectation that does; None for what is only cited."""
    for requirement in case.scenario.requires:
        yield requirement, None
    for planned in case.steps:
        for each in expectations(case, planned, profile):
            if each.requirement:
                yield each.requirement, each
