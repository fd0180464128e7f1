"""Intervals, flaps and what trials prove: the arithmetic of probes around a change."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from harness.measure.latency import (
    MOST_POINTS,
    Probe,
    Standing,
    Trial,
    estimate,
    exceeding,
    measurement,
    proves,
)

LETTERS: dict[str, Standing] = {"b": "before", "a": "after", "-": "nothing"}


def trial(
    told: str, within: float = 5.0, step: float = 1.0, start: float = 0.0, by_hand: bool = False
) -> Trial:
    """Probes `step` seconds apart, each answered after half a step: b as before, a as after, - nothing."""
    probes = (
        Probe(start + index * step, start + (index + 0.5) * step, LETTERS[letter])
        for index, letter in enumerate(told)
    )
    return Trial(tuple(probes), within, 1.0, by_hand)


def interval(found: Trial) -> tuple[float | None, float | None]:
    return found.last_before, found.first_after


# The change lies behind the sending of the last acceptance, at the latest where the first refusal arrived.
def test_interval() -> None:
    assert interval(trial("bbbaaa")) == (2.0, 3.5)
    assert estimate(trial("bbbaaa")) == 2.75
    assert interval(trial("bb--aa")) == (1.0, 4.5)


# Refused from the first probe on: it took effect before that one was answered.
def test_interval_without_beginning() -> None:
    assert interval(trial("aaa", start=-1.0)) == (None, -0.5)
    assert estimate(trial("aaa", start=-1.0)) == -0.5


# Nothing takes effect before it is called for, whenever the last probe was accepted.
def test_interval_begins_with_the_call() -> None:
    found = replace(trial("baa", start=-1.0), called=-0.75)
    assert (found.not_before, found.last_before, found.first_after) == (-0.75, -1.0, 0.5)
    assert estimate(found) == -0.125
    assert measurement([found])["trials"][0]["after_s"] == -0.75
    assert replace(trial("bbb"), called=-0.75).not_before == 2.0


# Never refused: the interval has no end, and nothing can be estimated.
def test_interval_without_end() -> None:
    assert interval(trial("bbbb")) == (3.0, None)
    assert estimate(trial("bbbb")) is None
    assert estimate(trial("bbab")) is None


# A refusal that was answered before the last acceptance was sent says nothing of the end.
def test_flaps() -> None:
    assert trial("bbbaaa").flaps == 0
    found = trial("bababa")
    assert found.flaps == 2
    assert found.last_before == 4.0


# An acceptance that was under way when a refusal arrived is no flap: it was decided before.
def test_overlapping_probes_are_no_flap() -> None:
    probes = (Probe(0.0, 1.0, "before"), Probe(0.2, 0.4, "after"), Probe(0.3, 0.9, "before"))
    assert Trial(probes, 5.0, 1.0).flaps == 0


# One machine of three still accepted: one refusal proves little, twelve in a row leave it a chance of 1 %.
def test_interval_ends_when_every_machine_was_asked() -> None:
    found = trial("bbb" + "aab" * 6 + "a" * 30)
    assert found.last_before == 20.0
    assert found.first_after == 20.0 + 12 + 0.5
    middle = estimate(found)
    assert middle is not None and 20.0 < middle <= 23.0


# Where too few refusals follow, the end is as far as was watched.
def test_interval_ends_with_the_watch() -> None:
    assert trial("bbb" + "aab" * 6 + "aa").first_after == 22.5


# Too late is only what was sent after the time allowed and still answered as before.
def test_late() -> None:
    assert not trial("bbbbbb").late
    assert [each.sent for each in trial("bbbbbbb").late] == [6.0]
    assert [each.sent for each in trial("baaaaaaab").late] == [8.0]
    assert not trial("baaaaaa--").late


# Only what was told after the time allowed counts as watched; without any of it nothing is known.
def test_watched() -> None:
    assert trial("baaaaaaa").watched == 2.0
    assert trial("baaaaa").watched is None
    assert trial("baaaaa---").watched is None


# A change made by hand is bounded only by an end within the time allowed: it took no longer than that.
def test_bounded() -> None:
    assert trial("bbaaaaaaa", by_hand=True).bounded
    assert not trial("bbbbbaaaa", by_hand=True).bounded
    assert not trial("bbaaaaab", by_hand=True).bounded
    assert proves([trial("bbbbbbaa", by_hand=True)]) == (
        "1 of 1 trial may have exceeded the time allowed: when the change was made is unknown"
    )


# Whatever the spacing, the round trips and the order of arrival: the true instant lies in the interval.
@pytest.mark.parametrize("seed", range(300))
def test_truth_lies_in_the_interval(seed: int) -> None:
    random = Random(seed)
    truth = random.uniform(-0.05, 1.0)
    probes = []
    sent = -0.1
    while sent < 1.3:
        sent += random.expovariate(1 / random.choice((0.001, 0.01, 0.1)))
        trip = random.uniform(0.0005, random.choice((0.002, 0.05, 0.3)))
        decided = sent + random.random() * trip
        standing: Standing = "nothing" if random.random() < 0.1 else "before" if decided < truth else "after"
        probes.append(Probe(sent, sent + trip, standing))
    random.shuffle(probes)
    found = Trial(tuple(probes), 0.5, 0.5)
    last, first = interval(found)
    assert last is None or last < truth
    assert first is None or truth <= first
    assert found.flaps == 0
    middle = estimate(found)
    if last is not None and first is not None:
        assert middle is not None and abs(middle - truth) <= (first - last) / 2
    assert bool(found.late) is (last is not None and last > 0.5)


# Three machines learn of it one after the other: the last one is in the interval, but for a small chance.
def test_last_machine_lies_in_the_interval() -> None:
    inside = 0
    for seed in range(500):
        random = Random(seed)
        ends = [random.uniform(0.0, 0.3) for _ in range(3)]
        probes = []
        for index in range(1500):
            sent = -0.1 + index * 0.0005
            decided = sent + 0.0003
            stale = decided < random.choice(ends)
            probes.append(Probe(sent, sent + 0.0006, "before" if stale else "after"))
        last, first = interval(Trial(tuple(probes), 1.0, 0.1))
        assert last is not None and first is not None and last < max(ends)
        inside += max(ends) <= first
    assert inside >= 475


# What trials prove is the exact binomial bound, rounded so that it never promises more.
def test_proves() -> None:
    assert exceeding(60) == pytest.approx(0.0487, abs=1e-4)
    assert proves([trial("bbaaaaaa")] * 60) == (
        "60 trials within the time allowed: with 95 % confidence at most 4.9 % of changes exceed it"
    )
    assert proves([trial("bbaaaaaa")]) == (
        "1 trial within the time allowed: with 95 % confidence at most 95 % of changes exceed it"
    )
    assert proves([trial("bbaaaaaa"), trial("bbbbbbbb")]) == "1 of 2 trials exceeded the time allowed"
    assert proves([trial("bbaaaaaa"), trial("bb------")]) == (
        "in 1 of 2 trials no answer after the time allowed was an acceptance or a refusal"
    )


# A run file keeps the interval of each trial, the worst end, and no more points than a curve needs.
def test_measurement() -> None:
    many = trial("b" * 3000 + "a" * 3000, within=50, step=0.01)
    found = measurement([many, trial("baaaaaaa")])
    first, second = found["trials"]
    assert (first["after_s"], first["at_latest_s"]) == (29.99, 30.005)
    assert (first["probes"], second["probes"]) == (6000, 8)
    assert len(first["points"]) <= MOST_POINTS
    assert [29.99, 29.995, "before"] in first["points"] and [30.0, 30.005, "after"] in first["points"]
    assert first["points"] == sorted(first["points"])
    assert first["points"][-1][0] > 59 and first["points"][0][0] < 1
    assert found["worst_s"] == 30.005
    assert measurement([trial("bbbb")])["worst_s"] is None
