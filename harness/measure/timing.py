"""Whether several causes are answered equally fast, as far as samples dealt at random can tell.

The causes are asked for in windows. Within one, each has as many turns as any other, in an order drawn by
lot. So whatever else makes a turn slow (drift, a burst, what was asked before) is dealt to the causes at
random: if the cause makes no difference, every other deal was just as likely, and how the ranks fell says how
unlikely this one was. That is the test of Mann and Whitney in each window, summed over the windows (van
Elteren 1960).

It does not ask whether two causes differ, for two pieces of work always do, but whether they differ by more
than a floor. The first block that says so is only a suspicion: two more must say it of the same pair, in the
same direction. All times are in seconds.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from random import Random
from statistics import NormalDist, median, quantiles
from typing import Any, Literal

FLOOR = 0.0001
"""A difference up to this is told and is no alarm, where nobody has set another floor.

Across the Internet a patient caller tells 15 to 100 µs apart (Crosby, Wallach and Riedi, Opportunities and
Limits of Remote Timing Attacks, 2009), and no server does equal work to the microsecond: to find a row takes
longer than to find none. Nearer to the server more can be told apart; that is not judged here.
"""
COARSEST = 0.01
"""Where a difference of this size could have gone unseen, nothing was learned."""
BLOCKS = 3
"""An alarm is what so many blocks say, one after the other."""
TURNS, WINDOWS = 5, 30
"""Turns that each cause has in a window, and windows of a block."""

RATE = 1e-4
"""Runs with a false alarm, at most: of those in which no two causes differ by more than the floor."""
COMPARISONS = 1000
"""Pairs of causes for which that holds, in all cases of a run together."""
ALPHA: float = 2 * (RATE / COMPARISONS / 2) ** (1 / BLOCKS)
"""The two-sided level of one block: all of them agree, and in sign, by chance in 2 (α/2)^`BLOCKS`."""
POWER = 0.9
"""How often the smallest visible effect is seen, by all blocks together."""

KEPT = 200
"""Values of a cause that a run file keeps, for the chart."""

Standing = Literal["alike", "slight", "differs", "unclear"]
"""Of a pair: no difference seen; one that is no alarm; an alarm; none could have been seen."""

_NORMAL = NormalDist()
_CERTAIN = _NORMAL.inv_cdf(1 - ALPHA / 2)
_REACH = _CERTAIN + _NORMAL.inv_cdf(POWER ** (1 / BLOCKS))

Block = Sequence[Mapping[str, Sequence[float]]]
"""Windows, one after the other: the samples of each cause in it."""


def deal(causes: Iterable[str], random: Random) -> list[str]:
    """The order in which the causes of a window are asked for."""
    turns = [cause for cause in causes for _ in range(TURNS)]
    random.shuffle(turns)
    return turns


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two causes in one block, or in all. `shift` is how much longer the second takes (Hodges-Lehmann)."""

    shift: float
    low: float
    high: float
    """The interval that holds the true shift, at the level of a block."""
    p: float
    """How likely it is to look like this, or more so, where the two differ by the floor at most."""
    smallest: float
    """The smallest shift that three blocks like this would have shown, in nine cases of ten; may be inf."""

    @property
    def suspicious(self) -> bool:
        return self.p < ALPHA


@dataclass(frozen=True, slots=True)
class Pair:
    """Two causes, in each block and over all of them."""

    first: str
    second: str
    blocks: tuple[Comparison, ...]
    whole: Comparison

    @property
    def suspicious(self) -> bool:
        """Whether every block so far speaks of a difference, and of the same."""
        signs = {each.shift > 0 for each in self.blocks}
        return len(signs) == 1 and all(each.suspicious for each in self.blocks)

    @property
    def smallest(self) -> float:
        """The smallest difference that would have been seen."""
        return max(each.smallest for each in self.blocks)

    @property
    def standing(self) -> Standing:
        if self.suspicious and len(self.blocks) >= BLOCKS:
            return "differs"
        if self.smallest > COARSEST:
            return "unclear"
        return "slight" if self.whole.low > 0 or self.whole.high < 0 else "alike"

    @property
    def faster(self) -> str:
        return self.first if self.whole.shift > 0 else self.second

    @property
    def slower(self) -> str:
        return self.second if self.whole.shift > 0 else self.first


def compare(blocks: Sequence[Block], floor: float = FLOOR) -> tuple[Pair, ...]:
    """Every pair of causes; a difference up to `floor` is no alarm."""
    found = []
    whole = [window for block in blocks for window in block]
    for first, second in combinations(blocks[0][0], 2):
        each = tuple(_comparison(block, first, second, floor) for block in blocks)
        of_all = each[0] if len(each) == 1 else _comparison(whole, first, second, floor)
        found.append(Pair(first, second, each, of_all))
    return tuple(found)


def unsettled(blocks: Sequence[Block], floor: float = FLOOR) -> bool:
    """Whether another block is needed: there is none yet, or those there are have raised a suspicion."""
    if len(blocks) >= BLOCKS:
        return False
    return not blocks or any(pair.suspicious for pair in compare(blocks, floor))


def is_fine(block: Block) -> bool:
    """Whether a difference that matters would have shown in this block."""
    return all(pair.smallest <= COARSEST for pair in compare([block]))


def verdict(pairs: Sequence[Pair]) -> Standing:
    """What is said of all pairs: the worst of them; an alarm goes before what is unclear."""
    standings = {pair.standing for pair in pairs}
    order: Sequence[Standing] = ("differs", "unclear", "slight")
    return next((each for each in order if each in standings), "alike")


def telling(pairs: Sequence[Pair]) -> Pair:
    """The pair that a sentence is about: of those with the worst standing the one furthest apart."""
    worst = verdict(pairs)
    size = (lambda it: it.smallest) if worst in ("alike", "unclear") else (lambda it: abs(it.whole.shift))
    return max((pair for pair in pairs if pair.standing == worst), key=size)


# --- the test ------------------------------------------------------------------------------------


def _comparison(block: Block, first: str, second: str, floor: float) -> Comparison:
    differences = sorted(
        late - early for window in block for early in window[first] for late in window[second]
    )
    spread = _spread(block, first, second, 0.0)
    longer = _chance(differences, floor, _spread(block, first, second, floor))
    turned = [-each for each in reversed(differences)]
    shorter = _chance(turned, floor, _spread(block, second, first, floor))
    low, high = _bounds(differences, _CERTAIN * spread)
    lowest, highest = _bounds(differences, _REACH * spread)
    shift = median(differences)
    return Comparison(
        shift=shift,
        low=low,
        high=high,
        p=min(1.0, 2 * longer, 2 * shorter),
        smallest=floor + max(highest - shift, shift - lowest),
    )


def _chance(differences: Sequence[float], floor: float, spread: float) -> float:
    """How likely at least so many of the (sorted) differences exceed `floor`, if the true one does not.

    The number is Mann and Whitney's U, a tie being half; the half less is the correction for continuity.
    """
    count = len(differences)
    above = count - (bisect_left(differences, floor) + bisect_right(differences, floor)) / 2
    return _NORMAL.cdf((count / 2 + 0.5 - above) / spread) if spread else 1.0


def _bounds(differences: Sequence[float], reach: float) -> tuple[float, float]:
    """The differences that lie so many places from the middle; infinite where there are not so many."""
    below = math.floor((len(differences) - 1) / 2 - reach)
    if below < 0:
        return -math.inf, math.inf
    return differences[below], differences[-1 - below]


def _spread(block: Block, first: str, second: str, added: float) -> float:
    """The standard deviation of U over all deals, where the times of `first` are longer by `added`."""
    variance = 0.0
    for window in block:
        early, late = window[first], window[second]
        count = len(early) + len(late)
        values = Counter([*(each + added for each in early), *late])
        tied = sum(each**3 - each for each in values.values()) / (count * (count - 1))
        variance += len(early) * len(late) / 12 * (count + 1 - tied)
    return math.sqrt(max(0.0, variance))


# --- what is told of it --------------------------------------------------------------------------


def measurement(blocks: Sequence[Block], floor: float = FLOOR) -> Mapping[str, Any]:
    """What a run file keeps: the distribution of each cause, what was seen of each pair, and what it says."""
    pairs = compare(blocks, floor)
    return {
        "verdict": verdict(pairs),
        "says": says(pairs, blocks, floor),
        "blocks": [len(block) * TURNS for block in blocks],
        "floor_s": floor,
        "coarsest_s": COARSEST,
        "alpha": ALPHA,
        "false_alarms": RATE,
        "causes": {cause: _distribution(_samples(blocks, cause)) for cause in blocks[0][0]},
        "pairs": [_told(pair) for pair in pairs],
    }


def says(pairs: Sequence[Pair], blocks: Sequence[Block], floor: float = FLOOR) -> str:
    """What was seen, or could have been, in a sentence without its full stop."""
    pair = telling(pairs)
    answers = f"{in_words(len(blocks))} of {len(blocks[0]) * TURNS} answers to each cause"
    seen = f"a difference of {milliseconds(pair.smallest)}"
    apart = (
        f"{named(pair.faster)} is answered {milliseconds(abs(pair.whole.shift))} sooner than "
        f"{named(pair.slower)}"
    )
    match verdict(pairs):
        case "differs":
            return f"{apart}, in {answers}"
        case "unclear":
            return f"nothing smaller than {seen} could have been seen, in {answers}"
        case "slight":
            within = max(abs(pair.whole.low), abs(pair.whole.high)) <= floor
            certain = "is no more than" if within else "does not for certain exceed"
            return f"{apart}, which {certain} {milliseconds(floor)}; {seen} would have shown, in {answers}"
    return f"no difference seen; {seen} would have shown, in {answers}"


def contrast(pair: Pair, blocks: Sequence[Block]) -> str:
    """Return "unknown user 1.2 ms faster (median 2.1 ms against 3.3 ms, three blocks of 150)"."""
    quick, slow = (median(_samples(blocks, each)) for each in (pair.faster, pair.slower))
    return (
        f"{named(pair.faster)} {milliseconds(abs(pair.whole.shift))} faster (median {milliseconds(quick)} "
        f"against {milliseconds(slow)}, {in_words(len(blocks))} of {len(blocks[0]) * TURNS})"
    )


def named(cause: str) -> str:
    """A cause as it stands in a sentence."""
    return cause.replace("-", " ")


def milliseconds(seconds: float) -> str:
    """Return "0.043 ms", "1.2 ms", "34 ms"."""
    size = seconds * 1000
    return f"{size:.2g} ms" if size < 9.95 else f"{size:,.0f} ms"


def in_words(blocks: int) -> str:
    """Return "one block", "three blocks"."""
    return ("no blocks", "one block", "two blocks", "three blocks")[blocks]


def _samples(blocks: Sequence[Block], cause: str) -> list[float]:
    return sorted(sample for block in blocks for window in block for sample in window[cause])


def _distribution(samples: Sequence[float]) -> Mapping[str, Any]:
    lower, middle, upper = quantiles(samples, n=4, method="inclusive")
    return {
        "n": len(samples),
        "median_s": _rounded(middle),
        "quartiles_s": [_rounded(lower), _rounded(upper)],
        "values_s": [_rounded(each) for each in _thinned(samples)],
    }


def _thinned(samples: Sequence[float]) -> Iterator[float]:
    """At most `KEPT` of the sorted samples, evenly by rank, the quickest and the slowest among them."""
    kept = min(KEPT, len(samples))
    return (samples[round(number * (len(samples) - 1) / max(1, kept - 1))] for number in range(kept))


def _told(pair: Pair) -> Mapping[str, Any]:
    return {
        "faster": pair.faster,
        "slower": pair.slower,
        "verdict": pair.standing,
        "shift_s": _rounded(abs(pair.whole.shift)),
        "p": [float(f"{each.p:.3g}") for each in pair.blocks],
        "smallest_s": _rounded(pair.smallest),
    }


def _rounded(seconds: float) -> float | None:
    return round(seconds, 7) if math.isfinite(seconds) else None
