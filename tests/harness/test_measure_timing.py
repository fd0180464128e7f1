"""What is said of times, where it is known how the server is: no false alarm, and no leak that is missed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import islice
from random import Random
from statistics import median

import pytest
from simulated import BUSY, LOOPBACK, NETWORK, SITUATIONS, Situation, answers, asked

from harness.measure.timing import (
    ALPHA,
    BLOCKS,
    COARSEST,
    FLOOR,
    KEPT,
    TURNS,
    WINDOWS,
    Block,
    compare,
    contrast,
    deal,
    measurement,
    milliseconds,
    says,
    telling,
    verdict,
)

RIGHT = {"missing": 0.0, "unknown": 0.0, "revoked": 0.0}


def leaking(situation: Situation, leak: float, runs: int) -> float:
    """The share of runs in which a leak of so many seconds is found."""
    blocks = [asked(situation, {"unknown-user": 0.0, "wrong-password": leak}, run) for run in range(runs)]
    return sum(verdict(compare(each)) == "differs" for each in blocks) / runs


def block(**causes: list[list[float]]) -> Block:
    """A block of these windows."""
    windows = zip(*causes.values(), strict=True)
    return [dict(zip(causes, window, strict=True)) for window in windows]


# In 2,000 runs against right servers, three comparisons in each, with outliers, drift and bursts: no alarm.
# Half of them do not do quite equal work: one cause takes 0.05 ms longer than another, and one 0.1 ms.
def test_no_false_alarm() -> None:
    unequal = {"missing": 0.0, "unknown": FLOOR / 2, "revoked": FLOOR}
    alarms = []
    for run in range(2000):
        situation, takes = SITUATIONS[run % 4], (RIGHT, unequal)[run // 4 % 2]
        pairs = compare(asked(situation, takes, run))
        assert len(pairs) == 3
        alarms += [(run, situation.title) for pair in pairs if pair.standing == "differs"]
    assert alarms == []


# A leak of a millisecond is found in each of fifty runs, one of 0.2 ms in most.
@pytest.mark.parametrize("situation", (LOOPBACK, NETWORK, BUSY), ids=lambda it: it.title)
def test_leaks_are_found(situation: Situation) -> None:
    assert leaking(situation, 0.001, 50) == 1
    if situation is not BUSY:
        assert leaking(situation, 0.0002, 50) > 0.8


# What is called the smallest difference that would have shown is found about nine times in ten.
def test_the_smallest_visible_difference() -> None:
    smallest = median(compare(asked(NETWORK, {"a": 0.0, "b": 0.0}, run))[0].smallest for run in range(20))
    assert FLOOR < smallest < 0.0003
    assert 0.8 < leaking(NETWORK, smallest, 100)
    assert leaking(NETWORK, (FLOOR + smallest) / 2, 100) < 0.6


# Where the difference is just as large as allowed, a block raises a suspicion as rarely as its level says.
def test_the_level_of_a_block() -> None:
    found = [compare(asked(BUSY, {"a": 0.0, "b": FLOOR}, run)[:1])[0] for run in range(500)]
    assert 2 * (ALPHA / 2) ** BLOCKS * 1000 == pytest.approx(1e-4)
    assert sum(each.suspicious for each in found) <= 8, "3.7 of 1,000 on either side"
    assert all(0 < pair.blocks[0].p <= 1 for pair in found)


# Asked for one after the other, the same right server would look as if it leaked: the lot is what helps.
def test_without_the_lot() -> None:
    def in_turn(run: int) -> Block:
        found = answers(BUSY, Random(run))
        samples = {name: list(islice(found, WINDOWS * TURNS)) for name in ("a", "b")}
        return [
            {name: each[start : start + TURNS] for name, each in samples.items()}
            for start in range(0, WINDOWS * TURNS, TURNS)
        ]

    assert sum(compare([in_turn(run)])[0].suspicious for run in range(50)) > 25


# Each window is dealt anew, each cause as often as any other.
def test_the_lot() -> None:
    random = Random(1)
    dealt = [deal(("a", "b", "c"), random) for _ in range(50)]
    assert all(sorted(each) == ["a"] * TURNS + ["b"] * TURNS + ["c"] * TURNS for each in dealt)
    assert len(set(map(tuple, dealt))) == 50


# One block can raise a suspicion; only three that agree, in sign too, are an alarm.
def test_an_alarm_repeats() -> None:
    faster = block(
        a=[[0.001, 0.0011, 0.0012, 0.0013, 0.0014]] * 4, b=[[0.002, 0.0021, 0.0022, 0.0023, 0.0024]] * 4
    )
    slower = [{"a": window["b"], "b": window["a"]} for window in faster]
    alike = [{"a": window["a"], "b": window["a"]} for window in faster]

    def said(*blocks: Block) -> tuple[bool, str]:
        (pair,) = compare(blocks)
        return pair.suspicious, pair.standing

    assert said(faster) == said(faster, faster) == (True, "slight")
    assert said(faster, faster, faster) == (True, "differs")
    assert said(faster, faster, slower) == (False, "slight")
    assert said(faster, alike, faster) == (False, "slight")


# What is read: what came, of whom, how far apart, and of how many answers.
@pytest.mark.parametrize(
    ("takes", "said"),
    [
        (
            {"unknown-user": 0.0, "wrong-password": 0.0012},
            "unknown user is answered 1.2 ms sooner than wrong password, in three blocks of 150 answers to "
            "each cause",
        ),
        (
            {"unknown-user": 0.0, "wrong-password": 0.00004},
            "unknown user is answered 0.043 ms sooner than wrong password, which is no more than 0.1 ms; a "
            "difference of 0.13 ms would have shown, in one block of 150 answers to each cause",
        ),
        (
            {"unknown-user": 0.0, "wrong-password": 0.0},
            "no difference seen; a difference of 0.13 ms would have shown, in one block of 150 answers to "
            "each cause",
        ),
    ],
    ids=("differs", "slight", "alike"),
)
def test_what_is_said(takes: Mapping[str, float], said: str) -> None:
    blocks = asked(LOOPBACK, takes, 1)
    assert says(compare(blocks), blocks) == said


# The two that are furthest apart are told, with their medians.
def test_the_contrast() -> None:
    blocks = asked(LOOPBACK, {"unknown-user": 0.0, "expired": 0.0011, "wrong-password": 0.0016}, 1)
    pairs = compare(blocks)
    assert [each.standing for each in pairs] == ["differs"] * 3
    assert contrast(telling(pairs), blocks) == (
        "unknown user 1.6 ms faster (median 0.45 ms against 2 ms, three blocks of 150)"
    )


# Where the times vary too much for anything that matters to be seen, that is what is said.
def test_unclear() -> None:
    random = Random(1)
    blocks = [[{"a": [random.random() for _ in range(5)], "b": [random.random() for _ in range(5)]}] * 30]
    assert verdict(compare(blocks)) == "unclear"
    assert compare(blocks)[0].smallest > COARSEST
    assert says(compare(blocks), blocks).startswith("nothing smaller than a difference of ")
    assert json.loads(json.dumps(measurement(blocks)))["verdict"] == "unclear"


# A clock so coarse that all times are the same, or a handful of answers, is no reason to stumble.
def test_ties_and_few_samples() -> None:
    same = block(a=[[0.001] * 5] * 4, b=[[0.001] * 5] * 4)
    (pair,) = compare([same])
    assert (pair.standing, pair.blocks[0].p, pair.smallest) == ("alike", 1.0, FLOOR)
    few = block(a=[[0.001, 0.002]], b=[[0.003, 0.004]])
    assert compare([few])[0].standing == "unclear"
    told = measurement([few])
    assert told["pairs"][0]["smallest_s"] is None, "no number that JSON does not have"
    assert "could have been seen" in told["says"]


# Windows weigh in by their ranks alone: what Mann and Whitney's U has for two samples of five.
def test_the_rank_test() -> None:
    (pair,) = compare(
        [block(a=[[0.001, 0.002, 0.003, 0.004, 0.005]], b=[[0.006, 0.007, 0.008, 0.009, 0.010]])]
    )
    assert pair.whole.shift == pytest.approx(0.005)
    # U is 25 of 25, its mean 12.5 and its deviation √(25·11/12): z = 12/4.787
    assert pair.whole.p == pytest.approx(0.01218, rel=0.001)


# A run file keeps the distribution of each cause in so many values that a chart can be drawn of it.
def test_the_measurement() -> None:
    told = measurement(asked(NETWORK, {"unknown-user": 0.0, "wrong-password": 0.001}, 1))
    assert json.loads(json.dumps(told)) == told
    assert told["verdict"] == "differs" and told["blocks"] == [150, 150, 150]
    cause = told["causes"]["wrong-password"]
    assert (cause["n"], len(cause["values_s"])) == (450, KEPT)
    assert cause["values_s"] == sorted(cause["values_s"])
    assert cause["quartiles_s"][0] < cause["median_s"] < cause["quartiles_s"][1]
    (pair,) = told["pairs"]
    assert (pair["faster"], pair["slower"], pair["verdict"]) == ("unknown-user", "wrong-password", "differs")
    assert pair["shift_s"] == pytest.approx(0.001, abs=0.0001) and max(pair["p"]) < ALPHA


# Times are told as finely as they are known.
def test_times() -> None:
    told = [milliseconds(each) for each in (0.0000432, 0.0012, 0.0099, 0.0347, 1.5)]
    assert told == ["0.043 ms", "1.2 ms", "9.9 ms", "35 ms", "1,500 ms"]
