"""The times of several causes one above the other: where everything stands, in percent and in pixels.

Each cause is a hill, as high as it has many answers that took so long, over its quartiles. The slowest of
all, which would press everything else together, lie beyond the right edge and are only counted.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harness.report.timed import Cause, Timed, fine

SHOWN = 0.975
"""The share of each cause's answers that lies within the drawing."""
BINS = 120
HILL = 40
"""Pixels of the highest hill."""
TOP, LANE = 8, 74
"""Pixels above the lanes, and of a lane: its words, its hill, its quartiles."""
BASE = 60
"""Pixels from a lane's top to the foot of its hill."""
TICKS = 6
"""Ticks on the axis, about."""
WIDTH = 1000
"""Units across the path of a hill."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A time on the axis; a minor one is left out where the page is narrow."""

    x: float
    label: str
    minor: bool


@dataclass(frozen=True, slots=True)
class Hill:
    """One cause: its outline as an SVG path, and its median and quartiles in percent of the width."""

    label: str
    top: int
    path: str
    median: float
    lower: float
    extent: float
    beyond: str
    """How many answers lie to the right of the drawing, in words; nothing where none does."""


@dataclass(frozen=True, slots=True)
class Density:
    """All that is drawn of a case. `quickest` is the least of the medians, in percent."""

    hills: tuple[Hill, ...]
    ticks: tuple[Tick, ...]
    quickest: float
    bottom: int
    description: str


@dataclass(frozen=True, slots=True)
class Scale:
    """From seconds to percent of the width."""

    start: float
    end: float

    def x(self, seconds: float) -> float:
        return round(100 * min(1.0, max(0.0, (seconds - self.start) / (self.end - self.start))), 2)


def density(timed: Timed) -> Density:
    """The drawing of a case."""
    scale = _scale(timed.causes)
    outlines = [_outline(cause, scale) for cause in timed.causes]
    highest = max(max(each) for each in outlines)
    return Density(
        hills=tuple(
            _hill(cause, scale, [each / highest for each in outline], TOP + place * LANE)
            for place, (cause, outline) in enumerate(zip(timed.causes, outlines, strict=True))
        ),
        ticks=tuple(_ticks(scale)),
        quickest=scale.x(min(cause.median for cause in timed.causes)),
        bottom=TOP + len(timed.causes) * LANE,
        description=_described(timed),
    )


def _scale(causes: Sequence[Cause]) -> Scale:
    """From the quickest answer to nearly the slowest, with a little room on either side."""
    first = min(cause.values[0] for cause in causes)
    last = max(cause.values[math.ceil(SHOWN * len(cause.values)) - 1] for cause in causes)
    room = (last - first) / 25 or max(last / 10, 1e-6)
    return Scale(max(0.0, first - room), last + room)


def _outline(cause: Cause, scale: Scale) -> list[float]:
    """How many of the values lie about each of so many places, smoothed over its neighbours."""
    counts = [0.0] * (BINS + 1)
    for value in cause.values:
        if value <= scale.end:
            counts[round(scale.x(value) / 100 * BINS)] += 1 / len(cause.values)
    weights = (1, 2, 3, 2, 1)
    padded = [0.0, 0.0, *counts, 0.0, 0.0]
    return [sum(w * padded[place + k] for k, w in enumerate(weights)) / 9 for place in range(BINS + 1)]


def _hill(cause: Cause, scale: Scale, outline: Sequence[float], top: int) -> Hill:
    points = "".join(
        f"L{round(place * WIDTH / BINS)} {round(HILL * (1 - height), 1):g}"
        for place, height in enumerate(outline)
    )
    beyond = sum(value > scale.end for value in cause.values)
    share = math.ceil(100 * beyond / len(cause.values))
    lower = scale.x(cause.lower)
    return Hill(
        label=f"{cause.name} · median {fine(cause.median)}",
        top=top,
        path=f"M0 {HILL}{points}L{WIDTH} {HILL}Z",
        median=scale.x(cause.median),
        lower=lower,
        extent=round(max(0.3, scale.x(cause.upper) - lower), 2),
        beyond=f"{share} % slower, up to {fine(cause.values[-1])}" if beyond else "",
    )


def _ticks(scale: Scale) -> Iterator[Tick]:
    """Round times, so that about `TICKS` of them fit."""
    raw = (scale.end - scale.start) / TICKS
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= raw)
    digits = max(0, -math.floor(math.log10(step * 1000) + 1e-9))
    first = math.ceil(scale.start / step)
    for number in range(first, math.floor(scale.end / step) + 1):
        yield Tick(
            scale.x(number * step), f"{number * step * 1000:,.{digits}f} ms", (number - first) % 2 == 1
        )


def _described(timed: Timed) -> str:
    """The drawing in words, for those who do not see it."""
    return " ".join(
        f"{cause.name[:1].upper()}{cause.name[1:]}: {cause.count} answers, half of them within "
        f"{fine(cause.median)}, the middle half from {fine(cause.lower)} to {fine(cause.upper)}."
        for cause in timed.causes
    )
