"""When a change took effect, as far as probes around it can tell.

A probe that was accepted shows that the change had not reached it when it was sent; one that was refused,
that it had when its answer arrived. So the change took effect in the interval (last acceptance sent, first
refusal answered]. All instants are seconds after the change was done: after the call that made it returned.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Standing = Literal["before", "after", "nothing"]
"""How a probe was answered: as before the change, as after it, or in a way that tells neither."""

MOST_POINTS = 400
"""Probes of a trial that a run file keeps, for the curve."""


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
    """The clock started before the change was made, by a person: it took no longer than this."""

    @property
    def last_before(self) -> float | None:
        """When the last probe that was answered as before was sent."""
        return max((each.sent for each in self.probes if each.standing == "before"), default=None)

    @property
    def first_after(self) -> float | None:
        """When the first answer that stayed as after the change had arrived; None where none stayed."""
        last = self.last_before
        later = (
            each.done
            for each in self.probes
            if each.standing == "after" and (last is None or each.done > last)
        )
        return min(later, default=None)

    @property
    def flaps(self) -> int:
        """How often an answer as before came although one as after had arrived when it was sent."""
        first = min((each.done for each in self.probes if each.standing == "after"), default=None)
        if first is None:
            return 0
        return sum(each.standing == "before" and each.sent > first for each in self.probes)

    @property
    def late(self) -> tuple[Probe, ...]:
        """The probes sent after the time allowed that were answered as before."""
        return tuple(each for each in self.probes if each.standing == "before" and each.sent > self.within)

    @property
    def watched(self) -> float | None:
        """How long after the time allowed the last probe that told anything was sent; None where none was."""
        told = [each.sent for each in self.probes if each.standing != "nothing" and each.sent > self.within]
        return max(told) - self.within if told else None


def estimate(trial: Trial) -> float | None:
    """The middle of the interval, None where it has no end."""
    first, last = trial.first_after, trial.last_before
    if first is None:
        return None
    return first if last is None else (last + first) / 2


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
                "after_s": _rounded(trial.last_before),
                "at_latest_s": _rounded(trial.first_after),
                "flaps": trial.flaps,
                "probes": len(trial.probes),
                "points": [
                    [_rounded(each.sent), _rounded(each.done), each.standing] for each in _kept(trial.probes)
                ],
            }
            for trial in trials
        ],
    }


def proves(trials: Sequence[Trial]) -> str:
    """What so many trials show, and what they do not."""
    late = sum(bool(trial.late) for trial in trials)
    count = f"{len(trials)} trial{'' if len(trials) == 1 else 's'}"
    if late:
        return f"{late} of {count} exceeded the time allowed"
    share = exceeding(len(trials))
    return (
        f"{count} within the time allowed: with 95 % confidence at most {share:.0%} of revocations exceed it"
    )


def exceeding(clean: int) -> float:
    """The share of changes that may exceed the bound, at 95 % confidence, after `clean` that did not.

    The exact one-sided binomial bound for no failure in n: 1 - 0.05 ** (1 / n).
    """
    return 1.0 - float(0.05 ** (1.0 / clean))


def _kept(probes: Sequence[Probe]) -> Sequence[Probe]:
    """At most `MOST_POINTS` of them: all those around the change, then evenly ones of the rest."""
    if len(probes) <= MOST_POINTS:
        return probes
    near = [each for each in probes if abs(each.sent) < 0.5][: MOST_POINTS // 2]
    rest = [each for each in probes if each not in set(near)]
    step = max(1, len(rest) // (MOST_POINTS - len(near)) + 1)
    return sorted([*near, *rest[::step]], key=lambda each: each.sent)


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 6)
