"""How long changes took to take effect, as the run file has it, in values and in words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from harness.model import CaseOutcome
from harness.report.record import Run

Standing = Literal["before", "after", "nothing"]

KEY = "settling"
"""The measurement's name in an outcome."""
QUICK = 1.0
"""Seconds within which a change must take effect, at worst, to be marked for it."""
SHORTEST = 0.001
"""Seconds below which a difference is not shown: a round trip on loopback takes as long."""
_LONGEST = 1e8
"""Seconds that an instant of a run may be away from its change; three years."""


@dataclass(frozen=True, slots=True)
class Point:
    """A probe: when it was sent and answered, in seconds after the change returned, and what it showed."""

    sent: float
    done: float
    standing: Standing

    @property
    def instant(self) -> float:
        """The end that bounds the change: it came after the sending of an answer as before it was asked."""
        return self.sent if self.standing == "before" else self.done


@dataclass(frozen=True, slots=True)
class Trial:
    """One change: it took effect after `after`, at the latest at `at_latest`; None where no probe says."""

    after: float | None
    at_latest: float | None
    flaps: int
    probes: int
    points: tuple[Point, ...]

    @property
    def flapping(self) -> tuple[Point, ...]:
        """The points answered as before although an answer as after had arrived when they were sent."""
        first = min((each.done for each in self.points if each.standing == "after"), default=math.inf)
        return tuple(each for each in self.points if each.standing == "before" and each.sent > first)

    @property
    def interval(self) -> str:
        """The interval in which the change took effect: "(−10 ms, 37 ms]"."""
        after, by = (None if each is None else instant(each) for each in (self.after, self.at_latest))
        return f"({after or '…'}, {by}]" if by else f"({after or '…'}, …)"


@dataclass(frozen=True, slots=True)
class Settling:
    """The trials of one case, and what they came to. Times are in seconds."""

    within: float
    """Allowed."""
    watch: float
    """Watched beyond what is allowed."""
    worst: float | None
    """None where a trial did not end as after the change."""
    flaps: int
    upper_bound: bool
    """A person or a program made the change, and the clock ran meanwhile."""
    proves: str
    trials: tuple[Trial, ...]

    @property
    def quick(self) -> bool:
        """Whether every change had taken effect within a second."""
        return self.worst is not None and self.worst <= QUICK

    @property
    def exceeded(self) -> bool:
        """Whether a trial took longer than allowed, or had no end."""
        return any(trial.at_latest is None or self.late(trial) for trial in self.trials)

    def late(self, trial: Trial) -> bool:
        """Whether a probe sent after the time allowed was still answered as before.

        Not where a person or a program made the change: when that was nobody knows.
        """
        return not self.upper_bound and trial.after is not None and trial.after > self.within

    def late_points(self, trial: Trial) -> tuple[Point, ...]:
        """Those of its points that were."""
        if not self.late(trial):
            return ()
        return tuple(each for each in trial.points if each.standing == "before" and each.sent > self.within)

    @property
    def took(self) -> str:
        """The worst time in words: "took 37 ms at most", "did not take effect in 1 of 3 trials"."""
        if self.worst is None:
            open_ones = sum(trial.at_latest is None for trial in self.trials)
            return f"did not take effect in {open_ones} of {counted(len(self.trials), 'trial')}"
        if self.worst < SHORTEST:
            return f"took less than {instant(SHORTEST)}"
        return f"took {instant(self.worst)} at most"


def measured(run: Run) -> list[tuple[CaseOutcome, Settling]]:
    """The cases that measured how long a change takes, in the order of the suites."""
    found = [(outcome, read) for outcome in run.outcomes if (read := settling(outcome))]
    return sorted(found, key=lambda it: (it[0].where.path, it[0].where.line, it[0].case))


def settling(outcome: CaseOutcome) -> Settling | None:
    """What the outcome has measured of a change; None where nothing, or in another version's form."""
    try:
        return _settling(outcome.measurements[KEY])
    except (KeyError, TypeError, ValueError, OverflowError):
        return None


def instant(seconds: float) -> str:
    """A time after the change, or before it: "5.6 ms", "37 ms", "2.2 s", "−10 ms"."""
    size = abs(seconds)
    if size < 0.00005:
        return "0 ms"
    sign = "−" if seconds < 0 else ""
    if size < 0.9995:
        return f"{sign}{_trimmed(size * 1000, 1 if size < 0.00995 else 0)} ms"
    return f"{sign}{_trimmed(size, 2 if size < 9.995 else 1)} s"


def counted(count: int, what: str) -> str:
    """Return "1 trial", "2 trials", "no trials"."""
    return f"{f'{count:,}' if count else 'no'} {what}{'' if count == 1 else 's'}"


def _trimmed(number: float, digits: int) -> str:
    text = f"{number:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if digits else text


def _settling(value: Mapping[str, Any]) -> Settling:
    trials = tuple(_trial(each) for each in value["trials"])
    if not trials:
        raise ValueError("no trials")
    return Settling(
        within=max(0.0, _seconds(value["within_s"])),
        watch=max(0.0, _seconds(value["watch_s"])),
        worst=_maybe_seconds(value["worst_s"]),
        flaps=int(value["flaps"]),
        upper_bound=bool(value["upper_bound"]),
        proves=str(value["proves"]),
        trials=trials,
    )


def _trial(value: Mapping[str, Any]) -> Trial:
    return Trial(
        after=_maybe_seconds(value["after_s"]),
        at_latest=_maybe_seconds(value["at_latest_s"]),
        flaps=int(value["flaps"]),
        probes=int(value["probes"]),
        points=tuple(
            Point(_seconds(sent), _seconds(done), _standing(standing))
            for sent, done, standing in value["points"]
        ),
    )


def _standing(value: Any) -> Standing:
    match value:
        case "before" | "after" | "nothing":
            return value  # type: ignore[no-any-return]  # a pattern does not narrow Any
    raise ValueError("no standing")


def _seconds(value: Any) -> float:
    number = float(value)
    if not abs(number) < _LONGEST:
        raise ValueError("no time of a run")
    return number


def _maybe_seconds(value: Any) -> float | None:
    return None if value is None else _seconds(value)
