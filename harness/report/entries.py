"""One case of a report: what is against it and why that matters, what it can be filtered by, its anchor."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from harness.model import LEVELS, CaseOutcome, Exchange, Level, Problem
from harness.report.advice import Advice
from harness.report.advising import advice
from harness.report.lines import Cited


@dataclass(frozen=True, slots=True)
class Broken:
    """A requirement that a case breaks, and in what; `advice` is None where it was told before."""

    requirement: str
    level: Level
    problems: Sequence[Problem]
    advice: Advice | None


def broken(outcome: CaseOutcome, cited: Mapping[str, Cited]) -> list[Broken]:
    """The requirements that a case breaks, in the order of its problems; `cited` is what they say, by id."""
    found: dict[tuple[str, Level], list[Problem]] = {}
    for problem in outcome.problems:
        found.setdefault((problem.requirement, problem.level), []).append(problem)
    made: list[Broken] = []
    told: set[Advice] = set()
    for (requirement, level), problems in found.items():
        said = advice(requirement, problems, cited.get(requirement))
        made.append(Broken(requirement, level, problems, None if said in told else said))
        told.add(said)
    return made


def levels(outcome: CaseOutcome) -> str:
    """The levels of a case's requirements, such as "MUST SHOULD"."""
    found = {finding.level for finding in outcome.requirements}
    return " ".join(level for level in LEVELS if level in found)


def mechanism(outcome: CaseOutcome) -> str:
    """What a case is about: the first part of its suite's id."""
    return outcome.scenario.partition("/")[0]


def mechanisms(outcomes: Iterable[CaseOutcome]) -> list[str]:
    """What some cases are about, each named once."""
    return sorted({mechanism(outcome) for outcome in outcomes})


def sent_again(outcome: CaseOutcome) -> list[Exchange]:
    """The requests of a case that were sent once more after passing trouble (429, 503, no answer)."""
    return [exchange for exchange in outcome.exchanges if exchange.request.get("again_after")]


def anchors(outcomes: Iterable[CaseOutcome]) -> Mapping[str, str]:
    """For each case a fragment that needs no encoding and no other case has."""
    return _anchors("case", [outcome.case for outcome in outcomes])


def requirement_anchors(ids: Iterable[str]) -> Mapping[str, str]:
    """The same for requirements."""
    return _anchors("requirement", ids)


def _anchors(kind: str, names: Iterable[str]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    taken: set[str] = set()
    for name in names:
        anchor = base = f"{kind}-" + re.sub(r"[^A-Za-z0-9._/-]+", "-", name)
        number = 1
        while anchor in taken:
            number += 1
            anchor = f"{base}-{number}"
        taken.add(anchor)
        found[name] = anchor
    return found
