"""Watch a change take effect: many probes in flight around it, then fewer until the time is up."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from dataclasses import dataclass, field

from harness.asking import Ask, Asker, Inconclusive, Setting, pause_after
from harness.checks.answers import accepted_statuses
from harness.exchange import Answer, Lane
from harness.measure.latency import Probe, Standing, Trial
from harness.model import Exchange

PROBERS = 4
"""Lanes that probe side by side, so that an answer on its way does not keep the next probe waiting."""
DENSE = 0.0015
"""Seconds between two probes around the change."""
DENSE_FOR = 0.3
"""Seconds after the change for which that lasts, unless the answer has changed before."""
SPARSE = 0.1
"""Seconds between two probes afterwards, at most; a fiftieth of the time allowed where that is less."""
PROBES_UNMEASURED = 25
"""Probes in the time allowed where it only matters that the change takes effect."""
LEAD = 0.02
"""Seconds of probing before the change."""
PATIENCE = 5.0
"""Seconds that may pass before the first probes are answered."""
KEPT = 3
"""Late probes whose exchanges are kept as evidence."""


@dataclass(frozen=True, slots=True)
class Change:
    """What is watched: `ask` is presented all the time, and `make` makes the change.

    `make` returns when it was done, on the network's clock, and whether a person did it. `accepts` says
    whether the change lets the presentation in rather than shutting it out. Times are in seconds.
    """

    ask: Ask
    make: Callable[[], Awaitable[tuple[float, bool]]]
    accepts: bool
    within: float
    watch: float
    known_before: bool = True
    """Whether the presentation must have been answered as before the change at least once."""
    measures: bool = True
    """Whether it matters how long it takes; where not, a few probes will do and nobody has to wait."""


@dataclass(frozen=True, slots=True)
class Settled:
    """A trial, and the answers that are judged: the first and last as after the change, and late ones."""

    trial: Trial
    after: tuple[Answer, ...]
    late: tuple[tuple[float, Answer], ...]
    """Seconds after the change, and the answer."""


@dataclass(slots=True)
class _Log:
    """What the probers have seen so far; instants are on the network's clock."""

    probes: list[tuple[float, float, Standing, Answer | None]] = field(default_factory=list)
    changed_at: float | None = None
    quiet_until: float = 0.0
    """A target that asked to be spared is not probed before."""

    def count(self, standing: Standing) -> int:
        return sum(each[2] == standing for each in self.probes)

    def first_after(self) -> float | None:
        return min((each[1] for each in self.probes if each[2] == "after"), default=None)


async def settle(setting: Setting, lane: Lane, exchanges: list[Exchange], change: Change) -> Settled:
    """Make the change while its presentation is probed, and watch it until the time is up.

    The time around the change is had alone: other changes wait, so that nobody measures his own queue.
    Inconclusive where the probes were not answered as before the change, or said nothing after it.
    """
    log = _Log()
    lanes = [lane.another() for _ in range(PROBERS if change.measures else 1)]
    probers: list[asyncio.Task[None]] = []
    try:
        async with setting.quiet if change.measures else nullcontext():
            probers += (
                asyncio.create_task(_probe(setting, each, change, log, number))
                for number, each in enumerate(lanes)
            )
            if change.known_before:
                await _answered_before(lane, log)
            log.changed_at, manual = await change.make()
            if change.measures:
                await _until_dense_ends(lane, log)
        end = log.changed_at + change.within + change.watch
        await asyncio.sleep(max(0.0, end - lane.now()))
    finally:
        for task in probers:
            task.cancel()
        await asyncio.gather(*probers, return_exceptions=True)
        for each in lanes:
            await each.aclose()
    return _settled(log, change, manual, exchanges)


async def _probe(setting: Setting, lane: Lane, change: Change, log: _Log, number: int) -> None:
    """One prober: presents again and again, until it is cancelled."""
    asker = Asker(setting, lane, [])
    operation = setting.profile.operations[change.ask.sent.operation]
    accepted = accepted_statuses(operation)
    count = PROBERS if change.measures else 1
    await asyncio.sleep(number * DENSE)
    while True:
        began = lane.now()
        if began < log.quiet_until:
            await asyncio.sleep(log.quiet_until - began)
            continue
        answer, _ = await asker.ask(change.ask, "authconform-probe")
        asker.exchanges.clear()
        log.probes.append(_probed(answer, accepted, change, began, lane.now()))
        if answer is not None and answer.status == 429:
            log.quiet_until = lane.now() + pause_after(answer)
        await asyncio.sleep(max(0.0, began + _spacing(log, change, lane.now()) * count - lane.now()))


def _probed(
    answer: Answer | None, accepted: frozenset[int], change: Change, began: float, now: float
) -> tuple[float, float, Standing, Answer | None]:
    if answer is None:
        return began, now, "nothing", None
    timing = answer.timing
    let_in = answer.status in accepted
    refused = 400 <= answer.status < 500 and answer.status != 429
    if not let_in and not refused and answer.status not in change.ask.declared:
        return timing.sent, timing.done, "nothing", answer
    return timing.sent, timing.done, "after" if let_in is change.accepts else "before", answer


def _spacing(log: _Log, change: Change, now: float) -> float:
    if not change.measures:
        return change.within / PROBES_UNMEASURED
    if log.changed_at is None:
        return DENSE
    first = log.first_after()
    dense_until = log.changed_at + DENSE_FOR if first is None else first + 2 * LEAD
    return DENSE if now < dense_until else min(SPARSE, change.within / 50)


async def _answered_before(lane: Lane, log: _Log) -> None:
    """Wait until the probes are under way and answered as before the change."""
    began = lane.now()
    while lane.now() - began < LEAD or not log.count("before"):
        if log.count("after") or lane.now() - began > PATIENCE:
            raise Inconclusive(
                "the presentation was not answered as before the change when it was to be made"
            )
        await asyncio.sleep(LEAD / 4)


async def _until_dense_ends(lane: Lane, log: _Log) -> None:
    assert log.changed_at is not None
    while lane.now() < log.changed_at + DENSE_FOR:
        first = log.first_after()
        if first is not None and lane.now() > first + 2 * LEAD:
            return
        await asyncio.sleep(LEAD / 4)


def _settled(log: _Log, change: Change, manual: bool, exchanges: list[Exchange]) -> Settled:
    assert log.changed_at is not None
    start = log.changed_at
    seen = sorted(log.probes, key=lambda each: each[0])
    trial = Trial(
        tuple(Probe(sent - start, done - start, standing) for sent, done, standing, _ in seen),
        change.within,
        change.watch,
        manual,
    )
    if trial.watched is None:
        raise Inconclusive("no answer after the time allowed said anything")
    before = [each for each in seen if each[2] == "before" and each[3] is not None]
    after = [each[3] for each in seen if each[2] == "after" and each[3] is not None]
    late = [(each[0] - start, each[3]) for each in before if each[0] - start > change.within and each[3]]
    kept = [each[3] for each in before[-1:] if each[3]] + after[:1] + after[-1:]
    kept += [answer for _, answer in late[:KEPT]]
    exchanges += sorted(
        {id(each): each.evidence for each in kept}.values(), key=lambda each: each.timing.sent
    )
    return Settled(trial, tuple(after[:1] + after[-1:]), tuple(late[:KEPT]))
