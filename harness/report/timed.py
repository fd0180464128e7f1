"""How long the answers to several causes took, as the run file has it, in values and in words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness.model import CaseOutcome
from harness.report.record import Run

KEY = "timing"
"""The measurement's name in an outcome."""
_LONGEST = 1e6
"""Seconds that an answer may have taken."""


@dataclass(frozen=True, slots=True)
class Cause:
    """The distribution of one cause. Times are in seconds; `values` are some of its samples, sorted."""

    name: str
    count: int
    median: float
    lower: float
    upper: float
    """The quartiles."""
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two causes: how far apart they are, and how far they would have had to be to be told apart."""

    faster: str
    slower: str
    verdict: str
    shift: float
    smallest: float | None
    chances: tuple[float, ...]
    """For each block how likely it is where the two differ by no more than the floor."""


@dataclass(frozen=True, slots=True)
class Timed:
    """The causes of one case, and what they came to."""

    verdict: str
    says: str
    blocks: tuple[int, ...]
    floor: float
    """A difference in seconds up to which there is no alarm."""
    rate: float
    """Runs with a false alarm, at most."""
    causes: tuple[Cause, ...]
    pairs: tuple[Pair, ...]

    @property
    def differs(self) -> bool:
        return self.verdict == "differs"

    @property
    def found(self) -> str:
        """What was found, in a few words."""
        widest = max((pair for pair in self.pairs), key=lambda it: it.shift)
        if self.differs:
            return f"{widest.faster} is answered {fine(widest.shift)} sooner than {widest.slower}"
        if self.verdict == "unclear":
            return "too noisy to compare"
        return f"no difference above {fine(self.floor)}"


def timings(run: Run) -> list[tuple[CaseOutcome, Timed]]:
    """The cases that compared times, in the order of the suites."""
    found = [(outcome, read) for outcome in run.outcomes if (read := timing(outcome))]
    return sorted(found, key=lambda it: (it[0].where.path, it[0].where.line, it[0].case))


def timing(outcome: CaseOutcome) -> Timed | None:
    """The times that the outcome has compared; None where it has none, or in another version's form."""
    try:
        return _timed(outcome.measurements[KEY])
    except (KeyError, TypeError, ValueError, OverflowError):
        return None


def fine(seconds: float) -> str:
    """How long an answer took, to two digits: "0.043 ms", "1.2 ms", "34 ms", "2.2 s"."""
    size = seconds * 1000
    if size < 9.95:
        return f"{size:.2g} ms"
    return f"{size:,.0f} ms" if size < 999.5 else f"{seconds:,.1f} s"


def _timed(value: Mapping[str, Any]) -> Timed:
    causes = tuple(_cause(name, each) for name, each in value["causes"].items())
    pairs = tuple(_pair(each) for each in value["pairs"])
    if not pairs or len(causes) < 2:
        raise ValueError("nothing is compared")
    return Timed(
        verdict=str(value["verdict"]),
        says=str(value["says"]),
        blocks=tuple(int(each) for each in value["blocks"]),
        floor=_seconds(value["floor_s"]),
        rate=_chance(value["false_alarms"]),
        causes=causes,
        pairs=pairs,
    )


def _cause(name: str, value: Mapping[str, Any]) -> Cause:
    lower, upper = map(_seconds, value["quartiles_s"])
    values = tuple(sorted(map(_seconds, value["values_s"])))
    if not values:
        raise ValueError("no times")
    return Cause(_named(name), int(value["n"]), _seconds(value["median_s"]), lower, upper, values)


def _pair(value: Mapping[str, Any]) -> Pair:
    smallest = value["smallest_s"]
    return Pair(
        faster=_named(value["faster"]),
        slower=_named(value["slower"]),
        verdict=str(value["verdict"]),
        shift=_seconds(value["shift_s"]),
        smallest=None if smallest is None else _seconds(smallest),
        chances=tuple(_chance(each) for each in value["p"]),
    )


def _named(cause: Any) -> str:
    return str(cause).replace("-", " ")


def _chance(value: Any) -> float:
    number = float(value)
    if not 0 <= number <= 1:
        raise ValueError("no chance")
    return number


def _seconds(value: Any) -> float:
    number = float(value)
    if not (math.isfinite(number) and 0 <= number < _LONGEST):
        raise ValueError("no time of an answer")
    return number
