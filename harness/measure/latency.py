"""When a change took effect, as far as probes around it can tell.

A probe that was accepted shows that the change had not reached it when it was sent; one that was refused,
that it had when its answer arrived. So the change took effect in the interval (last acceptance sent, first
refusal answered]. Where several machines answer and one still accepts, a refusal by another one proves
nothing of it: the interval then ends when so many refusals in a row have come that no machine is likely to
have been left out. All instants are seconds after the change was done: after the call that made it returned.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Standing = Literal["before", "after", "nothing"]
"""How a probe was answered: as before the change, as after it, or in a way that tells neither."""

MOST_POINTS = 400
"""Probes of a trial that a run file keeps, for the curve."""

DOUBT = 0.01
"""The chance, at most, that a machine which still accepts goes unnoticed behind the end of an interval."""
LAST = 5
"""Acceptances at the end of a flapping by which it is judged how often a probe meets such a machine."""


@dataclass(frozen=True, slots=True)
class Probe:
    """One request and what it showed."""

    sent: float
    done: float
    standing: Standing


@dataclass(frozen=True, slots=True)
class Trial:
    """One change, watched. `within` is the time allowed, `watch` how much longer was looked."""

    probes: tuple[Probe, ...]
    within: float
    watch: float
    upper_bound: bool = False
    """The clock started before the change was made, by a person or a program: it took no longer."""
    called: float | None = None
    """When the call that made the change began; None where it is not known."""

    @property
    def last_before(self) -> float | None:
        """When the last probe that was answered as before was sent."""
        return max((each.sent for each in self.probes if each.standing == "before"), default=None)

    @property
    def not_before(self) -> float | None:
        """The beginning of the interval: the last acceptance, or the call that made the change."""
        ends = [each for each in (self.last_before, self.called) if each is not None]
        return max(ends, default=None)

    @property
    def first_after(self) -> float | None:
        """When the first answer that stayed as after the change had arrived; None where none stayed.

        After flaps it is that of the last of so many in a row that a machine which still answered as before
        would have been met but for a chance of `DOUBT`; where fewer came, of the last that came.
        """
        last = self.last_before
        later = sorted(
            each.done
            for each in self.probes
            if each.standing == "after" and (last is None or each.done > last)
        )
        if not later:
            return None
        if not self.flaps:
            return later[0]
        assert last is not None
        whole = sorted(
            each.done for each in self.probes if each.standing == "after" and each.sent > last
        )  # one that was under way met its machine before the last acceptance did
        if not whole:
            return later[-1]
        return whole[min(_refusals_needed(self._stale_share), len(whole)) - 1]

    @property
    def flaps(self) -> int:
        """How often an answer as before came although one as after had arrived when it was sent."""
        return len(self._flapping)

    @property
    def _flapping(self) -> Sequence[float]:
        """When the probes were sent that were answered as before although one as after had arrived."""
        first = min((each.done for each in self.probes if each.standing == "after"), default=None)
        if first is None:
            return ()
        return sorted(each.sent for each in self.probes if each.standing == "before" and each.sent > first)

    @property
    def _stale_share(self) -> float:
        """The share of the probes that still met the old state, at the end of the flapping."""
        flapping = self._flapping
        first = min(each.done for each in self.probes if each.standing == "after")
        begin, counted = (flapping[-LAST], LAST - 1) if len(flapping) > LAST else (first, len(flapping))
        told = sum(each.standing != "nothing" and begin < each.sent <= flapping[-1] for each in self.probes)
        return counted / told

    @property
    def late(self) -> tuple[Probe, ...]:
        """The probes sent after the time allowed that were answered as before."""
        return tuple(each for each in self.probes if each.standing == "before" and each.sent > self.within)

    @property
    def bounded(self) -> bool:
        """Whether the change has taken effect, for certain, in the time allowed, whenever it was made."""
        return not self.late and self.first_after is not None and self.first_after <= self.within

    @property
    def watched(self) -> float | None:
        """How long after the time allowed the last probe that told anything was sent; None where none was."""
        told = [each.sent for each in self.probes if each.standing != "nothing" and each.sent > self.within]
        return max(told) - self.within if told else None


def estimate(trial: Trial) -> float | None:
    """The most likely instant, None where the interval has no end: its middle.

    After flaps it is as far behind the last acceptance as those before it were usually apart, by half: an
    old state that lasted longer would probably have been met again.
    """
    first, last = trial.first_after, trial.not_before
    if first is None:
        return None
    if last is None:
        return first
    flapping = trial._flapping[-LAST - 1 :]
    if len(flapping) < 2:
        return (last + first) / 2
    usual = (flapping[-1] - flapping[0]) / (len(flapping) - 1)
    return min(last + usual / 2, (last + first) / 2)


def measurement(trials: Sequence[Trial]) -> Mapping[str, Any]:
    """What a run file keeps of `trials`: each one's interval and curve, the worst, and what they prove."""
    ends = [trial.first_after for trial in trials]
    return {
        "within_s": trials[0].within,
        "watch_s": trials[0].watch,
        "worst_s": None if None in ends else _rounded(max(end for end in ends if end is not None)),
        "flaps": sum(trial.flaps for trial in trials),
        "upper_bound": any(trial.upper_bound for trial in trials),
        "proves": proves(trials),
        "trials": [
            {
                "after_s": _rounded(trial.not_before),
                "at_latest_s": _rounded(trial.first_after),
                "flaps": trial.flaps,
                "probes": len(trial.probes),
                "points": [
                    [_rounded(each.sent), _rounded(each.done), each.standing] for each in _kept(trial)
                ],
            }
            for trial in trials
        ],
    }


def proves(trials: Sequence[Trial]) -> str:
    """What so many trials show, and what they do not."""
    count = f"{len(trials)} trial{'' if len(trials) == 1 else 's'}"
    open_ones = sum(trial.upper_bound and not trial.bounded for trial in trials)
    if open_ones:
        return (
            f"{open_ones} of {count} may have exceeded the time allowed: when the change was made is unknown"
        )
    late = sum(bool(trial.late) for trial in trials)
    if late:
        return f"{late} of {count} exceeded the time allowed"
    if other := sum(trial.watched is None for trial in trials):
        return f"in {other} of {count} no answer after the time allowed was an acceptance or a refusal"
    share = math.ceil(exceeding(len(trials)) * 1000) / 10  # never less than what was proved
    return f"{count} within the time allowed: with 95 % confidence at most {share:g} % of changes exceed it"


def _refusals_needed(share: float) -> int:
    """How many refusals in a row leave a chance of `DOUBT` at most that a machine still accepts.

    `share` is how often a probe meets such a machine.
    """
    return 1 if share >= 1 else max(1, math.ceil(math.log(DOUBT) / math.log(1 - share)))


def exceeding(clean: int) -> float:
    """The share of changes that may exceed the bound, at 95 % confidence, after `clean` that did not.

    The exact one-sided binomial bound for no failure in n: 1 - 0.05 ** (1 / n).
    """
    return 1.0 - float(0.05 ** (1.0 / clean))


def _kept(trial: Trial) -> Sequence[Probe]:
    """At most `MOST_POINTS` of the probes: half of them next to what bounds the change, the rest evenly."""
    probes = trial.probes
    if len(probes) <= MOST_POINTS:
        return probes
    ends = [0.0, *(each for each in (trial.last_before, trial.first_after) if each is not None)]
    nearest = sorted(probes, key=lambda each: min(abs(each.sent - end) for end in ends))
    rest = sorted(nearest[MOST_POINTS // 2 :], key=lambda each: each.sent)
    step = math.ceil(len(rest) / (MOST_POINTS - MOST_POINTS // 2))
    return sorted([*nearest[: MOST_POINTS // 2], *rest[::step]], key=lambda each: each.sent)


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 6)
