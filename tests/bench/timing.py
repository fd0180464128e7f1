"""How small a leak the timing comparison finds, and that it finds none where there is none: its power curve.

The servers are simulated, so that their leak is known: each case is asked for as the harness asks, one block
and on a suspicion two more. Run it with `make bench-timing`; a line is a leak, a column a kind of network.
"""

from __future__ import annotations

import argparse
import sys
from statistics import median

from simulated import SITUATIONS, Situation, asked

from harness.measure.timing import (
    BLOCKS,
    COMPARISONS,
    FLOOR,
    RATE,
    TURNS,
    WINDOWS,
    compare,
    milliseconds,
    verdict,
)

LEAKS = (0.0, 0.00005, FLOOR, 0.00012, 0.00015, 0.0002, 0.0003, 0.0005, 0.001, 0.002, 0.005, 0.01)
"""Seconds."""
RIGHT_RUNS = 4
"""Times as many runs where there is no leak to be found."""


def found(situation: Situation, leak: float, runs: int) -> float:
    """The share of runs with an alarm."""
    alarms = 0
    for run in range(runs):
        blocks = asked(situation, {"unknown-user": 0.0, "wrong-password": leak}, f"{leak}/{run}")
        alarms += verdict(compare(blocks)) == "differs"
    return alarms / runs


def smallest(situation: Situation) -> float:
    """What the harness itself calls the smallest difference that would have shown, as a rule."""
    return median(compare(asked(situation, {"a": 0.0, "b": 0.0}, run))[0].smallest for run in range(20))


def main() -> int:
    """Exit 0 where nothing was found that is no leak, and a millisecond always is but across the Internet."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=100, help="of each leak and network")
    runs: int = max(1, parser.parse_args().runs)
    answers = TURNS * WINDOWS
    print(f"Leaks found in {runs} simulated cases each: {BLOCKS} blocks of {answers} answers to each cause")
    floor = milliseconds(FLOOR)
    print(f"Up to {floor} it is no alarm, but in one run of {1 / RATE:,.0f}, each of {COMPARISONS:,} pairs\n")
    print(f"{'leak':>10}" + "".join(f"{each.title:>16}" for each in SITUATIONS), flush=True)
    good = True
    for leak in LEAKS:
        count = runs * RIGHT_RUNS if leak <= FLOOR else runs
        shares = [found(situation, leak, count) for situation in SITUATIONS]
        print(f"{milliseconds(leak):>10}" + "".join(f"{share:>16.0%}" for share in shares), flush=True)
        good &= leak > FLOOR or max(shares) == 0
        good &= leak < 0.001 or min(shares[:-1]) == 1
    print(f"{'visible':>10}" + "".join(f"{milliseconds(smallest(each)):>16}" for each in SITUATIONS))
    print("\n'visible' is the smallest difference that, by the harness's own estimate, would have shown")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
