"""What is proved: a profile, its cases, and the server that can be wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from harness import coverage, plan, providers, shipped, suites
from harness.errors import mistake, quoted
from harness.inputs import Choice, Inputs
from harness.plan import Case


@dataclass(frozen=True, slots=True)
class Aim:
    """What is proved, by names that another process can read again.

    `provider` replaces the bundled one of the profile, `suites` is a folder that replaces the shipped ones.
    """

    profile: str
    provider: str | None = None
    suites: Path | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """A profile whose cases are proved, and the server that can be wrong."""

    aim: Aim
    inputs: Inputs
    provider: providers.Provider
    cases: Sequence[Case]

    def faults(self) -> Sequence[Mapping[str, Any]]:
        """What the provider says it can be wrong in."""
        return self.provider.faults(self.aim.profile)

    def variations(self) -> Sequence[Mapping[str, Any]]:
        """What the provider says it can be right in."""
        if isinstance(self.provider, providers.Varied):
            return self.provider.variations(self.aim.profile)
        return ()


@cache
def subject(aim: Aim) -> Subject:
    """Read all that `aim` names. InputError where there is no such thing, or a suite is wrong."""
    inputs = Inputs(Choice(profile=aim.profile))
    files = suites.find(aim.suites or shipped.folder("suites"))
    if not files:
        hint = f"A suite ends in {suites.SUFFIX}."
        raise mistake(f"there is no suite in {quoted(str(aim.suites))}", None, hint)
    name = aim.provider or inputs.target.provider
    if name is None:
        message = f"the profile {quoted(aim.profile)} has no bundled server"
        raise mistake(message, None, "Give --provider.")
    cases = [case for path in files for case in inputs.cases(path) if case.left_out is None]
    return Subject(aim, inputs, providers.load(name), cases)


def watches(case: Case) -> bool:
    """Whether it watches a change: it takes ten times as long as all others."""
    return any(map(plan.watches, case.steps))


def is_timed(case: Case) -> bool:
    """Whether it compares how long answers take: it needs the machine to itself."""
    return any(map(plan.is_timed, case.steps))


def is_varied(case: Case) -> bool:
    """Whether Schemathesis varies what it sends: that takes long, and may be another thing next time."""
    return any(map(plan.is_varied, case.steps))


@cache
def looked_at_only_in(aim: Aim, costly: Callable[[Case], bool]) -> frozenset[str]:
    """The requirements that none but the `costly` cases look at."""
    looked_at: dict[bool, set[str]] = {True: set(), False: set()}
    for case in subject(aim).cases:
        found = (requirement for requirement, _ in coverage.looked_at(case, subject(aim).inputs.profile))
        looked_at[costly(case)].update(found)
    return frozenset(looked_at[True] - looked_at[False])
