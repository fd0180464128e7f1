"""The curve of a measured change: where everything stands, across in percent and down in pixels.

The time axis has three parts, so that the first milliseconds, the seconds allowed and what came after them
can be read side by side: before the change and within the time allowed it is logarithmic from a millisecond
on, beyond it is linear.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from harness.report.measured import Point, Settling, Trial, counted, instant

FINEST = 0.001
"""Seconds around the change in which the axis is linear."""
BEFORE, BEYOND = 15.0, 72.0
"""Percent of the width at which the change returned, and at which the time allowed is over."""
APART = 5.0
"""Percent of the width between two ticks, at least."""
RESOLUTION = 1000
"""Steps of the width in which probes are told apart."""
TOP, LANE, BAND = 24, 50, 26
"""Pixels above the lanes, of a lane, and of the part of a lane in which probes stand."""
LEVELS = {"before": 0, "nothing": 10, "after": 16}
"""Pixels from the top of that part."""
MARK = 10
"""Pixels of a probe's stroke."""
MOST_LANES = 20


@dataclass(frozen=True, slots=True)
class Tick:
    """A time on the axis; a minor one is left out where the page is narrow."""

    x: float
    label: str
    minor: bool


@dataclass(frozen=True, slots=True)
class Lane:
    """One trial: strokes of its probes by what they showed, as SVG paths, and what is marked."""

    number: int
    trial: Trial
    label: str
    top: int
    step: str
    strokes: dict[str, str]
    start: float
    """Where the interval begins, in percent of the width."""
    extent: float
    ends: bool
    late: tuple[float, ...]
    flaps: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Curve:
    """All that is drawn of a case."""

    lanes: tuple[Lane, ...]
    left_out: int
    ticks: tuple[Tick, ...]
    change: float
    beyond: float
    bottom: int
    description: str


@dataclass(frozen=True, slots=True)
class Scale:
    """From seconds to percent of the width; what lies outside is drawn at the edge."""

    start: float
    within: float
    end: float

    def x(self, seconds: float) -> float:
        if seconds < 0:
            share = _share(-seconds, -self.start) if self.start < 0 else 0.0
            return round(self.change * (1 - min(1.0, share)), 2)
        if seconds <= self.within:
            return round(self.change + (BEYOND - self.change) * _share(seconds, self.within), 2)
        share = (seconds - self.within) / (self.end - self.within) if self.end > self.within else 1.0
        return round(BEYOND + (100 - BEYOND) * min(1.0, share), 2)

    @property
    def change(self) -> float:
        """Where the change returned."""
        return BEFORE if self.start < 0 else 2.0


def curve(settling: Settling) -> Curve:
    """The curve of a case; of very many trials the slowest."""
    slowest = sorted(enumerate(settling.trials, 1), key=_slowness)[:MOST_LANES]
    chosen = sorted(slowest, key=lambda each: each[0])
    points = [point for _, each in chosen for point in each.points]
    scale = Scale(
        start=min((point.instant for point in points), default=0.0),
        within=settling.within,
        end=max([settling.within + settling.watch, *(point.instant for point in points)]),
    )
    lanes = tuple(
        _lane(settling, scale, number, each, TOP + place * LANE)
        for place, (number, each) in enumerate(chosen)
    )
    return Curve(
        lanes=lanes,
        left_out=len(settling.trials) - len(lanes),
        ticks=tuple(_ticks(scale)),
        change=scale.change,
        beyond=BEYOND,
        bottom=TOP + len(lanes) * LANE,
        description=_described(settling, chosen),
    )


def _slowness(numbered: tuple[int, Trial]) -> float:
    _, trial = numbered
    return -math.inf if trial.at_latest is None else -trial.at_latest


def _share(seconds: float, longest: float) -> float:
    return math.log1p(seconds / FINEST) / math.log1p(longest / FINEST) if longest else 0.0


def _lane(settling: Settling, scale: Scale, number: int, trial: Trial, top: int) -> Lane:
    start = 0.0 if trial.after is None else scale.x(trial.after)
    end = 100.0 if trial.at_latest is None else scale.x(trial.at_latest)
    flaps = f" · {counted(trial.flaps, 'flap')}" if trial.flaps else ""
    late = [point.sent for point in settling.late_points(trial)]
    if settling.late(trial) and trial.after is not None:  # a run file keeps only some of very many probes
        late.append(trial.after)
    return Lane(
        number=number,
        trial=trial,
        label=f"Trial {number} {trial.interval}{flaps}{' · too late' if late else ''}",
        top=top,
        step=_step(scale, trial.points),
        strokes={standing: _strokes(scale, trial.points, standing) for standing in LEVELS},
        start=start,
        extent=round(max(0.4, end - start), 2),
        ends=trial.at_latest is not None,
        late=_apart(scale.x(each) for each in late),
        flaps=_apart(scale.x(point.sent) for point in trial.flapping),
    )


def _strokes(scale: Scale, points: Iterable[Point], standing: str) -> str:
    """One stroke for each probe that showed `standing`; those too close to be told apart share one."""
    steps = sorted({_step_of(scale, point) for point in points if point.standing == standing})
    return "".join(f"M{step} {LEVELS[standing]}v{MARK}" for step in steps)


def _step(scale: Scale, points: Iterable[Point]) -> str:
    """The line through what the probes showed: along one level, and down or up where it changes."""
    path, last = "", ""
    for point in sorted(points, key=lambda each: each.instant):
        if point.standing == "nothing":
            continue
        x, y = _step_of(scale, point), LEVELS[point.standing] + MARK // 2
        path += f"M{x} {y}" if not path else f"H{x}" + (f"V{y}" if point.standing != last else "")
        last = point.standing
    return path


def _step_of(scale: Scale, point: Point) -> int:
    return round(scale.x(point.instant) * RESOLUTION / 100)


def _apart(positions: Iterable[float]) -> tuple[float, ...]:
    """The positions, without those that would hide another mark."""
    kept: list[float] = []
    for x in sorted(positions):
        if not kept or x - kept[-1] >= 1:
            kept.append(x)
    return tuple(kept)


def _ticks(scale: Scale) -> Iterable[Tick]:
    yield Tick(scale.change, "0", False)
    last = scale.change
    for exponent in range(-3, 8):
        x = scale.x(10.0**exponent)
        if 10.0**exponent < scale.within and last + APART <= x <= BEYOND - APART:
            yield Tick(x, instant(10.0**exponent), exponent % 2 != 0)
            last = x
    yield Tick(BEYOND, instant(scale.within), False)
    if scale.end > scale.within:
        yield Tick(100.0, instant(scale.end), False)


def _described(settling: Settling, chosen: Sequence[tuple[int, Trial]]) -> str:
    """The curve in words, for those who do not see it."""
    told = [f"Allowed were {instant(settling.within)}, watched was {instant(settling.watch)} longer."]
    for number, trial in chosen:
        before = (
            "never answered as before the change"
            if trial.after is None
            else f"answered as before the change up to {instant(trial.after)}"
        )
        after = (
            "and not as after it to the end"
            if trial.at_latest is None
            else f"and as after it from {instant(trial.at_latest)} on"
        )
        late = ", too late" if settling.late(trial) else ""
        told.append(f"Trial {number}: {before}, {after}, {counted(trial.flaps, 'flap')}{late}.")
    return " ".join(told)
