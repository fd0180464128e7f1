"""Servers that answer in simulated time: noise, drift and bursts that know nothing of the cause."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random

from harness.measure.timing import WINDOWS, Block, deal, unsettled


@dataclass(frozen=True)
class Situation:
    """How answers are slow; times are in seconds."""

    title: str
    base: float
    jitter: float
    """The median of what comes on top, log-normal."""
    spread: float = 0.8
    """The standard deviation of its logarithm."""
    spikes: float = 0.0
    """The share of answers that take several times as long, without a limit (Pareto)."""
    drift: float = 0.0
    """How far the base swings to and fro, in some hundred answers."""
    bursts: float = 0.0
    """The share of answers with which a burst begins: twenty or so in a row that take longer."""
    burst: float = 0.0
    """How much longer."""


LOOPBACK = Situation("loopback", 0.0004, 0.00005, spikes=0.005)
NETWORK = Situation("local network", 0.001, 0.00015, spikes=0.01)
BUSY = Situation("busy network", 0.001, 0.00015, spikes=0.02, drift=0.002, bursts=0.01, burst=0.003)
INTERNET = Situation("Internet", 0.03, 0.001, spikes=0.02, drift=0.002)
SITUATIONS = (LOOPBACK, NETWORK, BUSY, INTERNET)


def answers(situation: Situation, random: Random) -> Iterator[float]:
    """How long one answer after the other takes, whatever is asked."""
    phase, left = random.random() * math.tau, 0
    while True:
        phase += math.tau / 300
        took = situation.base + situation.drift * (1 + math.sin(phase)) / 2
        took += random.lognormvariate(math.log(situation.jitter), situation.spread)
        if situation.spikes and random.random() < situation.spikes:
            took += situation.jitter * 10 * random.paretovariate(1.2)
        if situation.bursts and random.random() < situation.bursts:
            left = random.randint(10, 30)
        if left:
            left -= 1
            took += situation.burst * random.random()
        yield took


def asked(situation: Situation, takes: Mapping[str, float], seed: object) -> list[Block]:
    """The blocks of one case, as many as it needs; `takes` is how much longer each cause takes."""
    random = Random(str(seed))
    answer = answers(situation, random)
    blocks: list[Block] = []
    while unsettled(blocks):
        blocks.append([window(takes, answer, random) for _ in range(WINDOWS)])
    return blocks


def window(takes: Mapping[str, float], answer: Iterator[float], random: Random) -> Mapping[str, list[float]]:
    """What one window of a block found."""
    found: dict[str, list[float]] = {cause: [] for cause in takes}
    for cause in deal(takes, random):
        found[cause].append(next(answer) + takes[cause])
    return found
