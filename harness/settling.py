"""Watch a change take effect: many probes in flight around it, then fewer until the time is up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext
from dataclasses import dataclass, field

from harness.asking import Ask, Asker
from harness.checks.answers import accepted_statuses
from harness.exchange import Answer, Lane
from harness.measure.latency import Probe, Standing, Trial
from harness.model import Exchange
from harness.setting import TRANSIENT, Inconclusive, Setting, asked_pause

PROBERS = 6
"""Lanes that probe side by side, so that an answer on its way does not keep the next probe waiting."""
DENSE = 0.001
"""Seconds between two probes around the change."""
DENSEST = 0.0005
"""The same after the first answer as after the change: another machine may answer the next."""
DENSE_FOR = 0.3
"""Seconds after the change for which that lasts, unless the answer has changed before."""
CALM = 0.04
"""Seconds after the last turn of the answers, be it only a flap, for which the probes stay dense."""
DENSE_PROBES = 1500
"""So many probes of one trial are dense at most, however long the answers flap."""
SPARSE = 0.1
"""Seconds between two probes otherwise, at most; a fiftieth of the time allowed where that is less."""
PROBES_UNMEASURED = 25
"""Probes in the time allowed where it only matters that the change takes effect."""
LEAST = 0.06
"""Seconds between two probes, at least, where the change is over or need not be measured."""
LEAD = 0.02
"""Seconds of probing before the change."""
NAP = 0.005
"""Seconds after which whoever waits looks again."""
PATIENCE = 5.0
"""Seconds that may pass before the presentation is first answered as before the change, or last as after."""
LONGEST_SPARED = 60.0
"""Seconds that a target which asks to be spared is waited for before the change."""
SLOWER = 4.0
"""How much further apart the probes are for each time that the target asked to be spared."""
GRACE = 0.1
"""Seconds for the last probes to be answered when nobody waits for them any more."""
KEPT = 3
"""Late probes whose exchanges are kept as evidence."""

_SAYS_NOTHING = frozenset({408, 421, 425, 429})
"""Statuses of the 4xx class that speak of the request's circumstances and not of its credential."""
_PASSING = TRANSIENT | _SAYS_NOTHING
"""Statuses that speak of the moment, or of those circumstances: another one may come the next time."""
_BUSY = frozenset({429, 503})
"""Statuses by which a target asks to be spared."""


@dataclass(frozen=True, slots=True)
class Change:
    """What is watched: `ask` is presented all the time, and `make` makes the change.

    `make` returns when it was done, on the network's clock, and whether a person did it, of whom it is only
    known that he did it no earlier. `accepts` says whether the change lets the presentation in rather than
    shutting it out. Times are in seconds.
    """

    ask: Ask
    make: Callable[[], Awaitable[tuple[float, bool]]]
    accepts: bool
    within: float
    watch: float
    made: bool = False
    """Whether it was made before, so that `make` only tells when: what is past needs no quiet."""
    known_before: bool = True
    """Whether the presentation must have been answered as before the change at least once."""
    patience: float = PATIENCE
    """How long the first answer as before the change is waited for, and after it one that tells anything."""
    measures: bool = True
    """Whether it matters how long it takes; where not, a few probes will do and nobody has to wait."""


class AlreadyOver(Inconclusive):
    """A change that comes by itself had come before anything could be seen of how it was before."""


@dataclass(frozen=True, slots=True)
class Settled:
    """A trial, and the answers that are judged.

    `after` are the first and last as after the change and one of every other status, `late` those that came
    too late to be as before it, each with the seconds after the change at which it was asked for. Where
    nothing was let in or shut out after the time allowed, `late` is what was answered instead, such as 500.
    """

    trial: Trial
    after: tuple[Answer, ...]
    late: tuple[tuple[float, Answer], ...]


@dataclass(slots=True)
class _Seen:
    """A probe on the network's clock. Its answer is let go of when it turns out to be one of many."""

    sent: float
    done: float
    standing: Standing
    answer: Answer | None

    @property
    def is_neither(self) -> bool:
        """Whether it is no acceptance and no refusal, such as 500, and would be none the next time."""
        answer = self.answer
        return self.standing == "nothing" and answer is not None and answer.status not in _PASSING


@dataclass(slots=True)
class _Log:
    """What has been seen so far, and from that when the next probe is due."""

    change: Change
    probes: list[_Seen] = field(default_factory=list)
    first_after: float | None = None
    """When the first answer as after the change had arrived."""
    last_turn: float = 0.0
    """That, or when the last probe was sent that was answered as before nevertheless."""
    called_at: float | None = None
    changed_at: float | None = None
    begun: float = 0.0
    """When the last probe was due."""
    dense: int = 0
    spared: int = 0
    quiet_until: float = 0.0
    """A target that asked to be spared is not probed before."""
    trip: float = 0.0
    """How long the answer to the last probe took."""
    trouble: Exception | None = None
    """What kept a probe from being sent at all."""

    def add(self, seen: _Seen) -> None:
        self.probes.append(seen)
        self.trip = seen.done - seen.sent
        if seen.standing == "after" and self.first_after is None:
            self.first_after = self.last_turn = seen.done
        elif seen.standing == "before" and self.first_after is not None and seen.sent > self.first_after:
            self.last_turn = max(self.last_turn, seen.sent)
        self._let_go(seen)

    def forget(self) -> None:
        """Begin anew: the presentation was not yet as it must be before the change."""
        self.probes.clear()
        self.first_after = None

    def has(self, standing: Standing) -> bool:
        return any(each.standing == standing for each in self.probes)

    def due(self, now: float) -> float:
        """When the next probe is due."""
        return max(self.quiet_until, self.begun + self._spacing(now))

    def told_since(self, instant: float) -> bool:
        """Whether a probe sent after `instant` told anything, be it that something else is wrong."""
        return any(
            each.sent > instant and (each.standing != "nothing" or each.is_neither)
            for each in reversed(self.probes)
        )

    def dense_until(self) -> float:
        """When the probes can be fewer again."""
        if self.called_at is None:
            return float("inf")
        if self.first_after is not None:
            return self.last_turn + CALM
        return (self.changed_at or self.called_at) + DENSE_FOR

    def _spacing(self, now: float) -> float:
        change = self.change
        if not change.measures:
            return max(LEAST, change.within / PROBES_UNMEASURED)
        sparse = min(SPARSE, change.within / 50)
        if self.first_after is not None:
            sparse = max(LEAST, sparse)
        if now >= self.dense_until() or self.dense >= DENSE_PROBES:
            return sparse
        dense = DENSE if self.first_after is None else DENSEST
        # evenly, however long an answer takes: else all would be sent at once, and then none for long
        return min(sparse, max(dense * SLOWER**self.spared, self.trip / PROBERS))

    def _let_go(self, seen: _Seen) -> None:
        """Forget the answer before this one that said the same, unless it is one that is kept."""
        alike = (each for each in reversed(self.probes[:-1]) if each.standing == seen.standing)
        previous = next(alike, None)
        if previous is None or previous.answer is None or seen.answer is None:
            return
        older = next(alike, None)
        late = self.changed_at is not None and previous.sent > self.changed_at + self.change.within
        if older is not None and not late and previous.answer.status == seen.answer.status:
            previous.answer = None


async def settle(setting: Setting, lane: Lane, exchanges: list[Exchange], change: Change) -> Settled:
    """Make the change while its presentation is probed, and watch it until the time is up.

    The time around the change is had alone: other changes wait, so that nobody measures his own queue.
    Inconclusive where the probes were not answered as before the change, or said nothing after it.
    """
    log = _Log(change)
    async with AsyncExitStack() as probing:
        async with setting.quiet if change.measures and not change.made else nullcontext():
            # not before: who waits for the quiet must not disturb it
            await probing.enter_async_context(_probing(setting, lane, log))
            if change.known_before and not change.made:
                await _answered_before(lane, log)
            log.called_at, log.dense = lane.now(), 0
            log.changed_at, manual = await change.make()
            # when a person was asked says nothing of when he will be done: the watch begins when he is
            begin = lane.now() if manual else log.changed_at
            while change.measures and log.dense < DENSE_PROBES and lane.now() < log.dense_until():
                await _nap(log)
        end = begin + change.within + change.watch
        while (now := lane.now()) < end or (
            now < end + change.patience and not log.told_since(begin + change.within)
        ):
            await _nap(log)
            if change.known_before and log.first_after is not None and not log.has("before"):
                raise AlreadyOver("the presentation was never answered as before the change")
    return _settled(log, log.changed_at, manual, exchanges)


@asynccontextmanager
async def _probing(setting: Setting, lane: Lane, log: _Log) -> AsyncIterator[None]:
    """Probe side by side for as long as this lasts."""
    lanes = [lane.another() for _ in range(PROBERS if log.change.measures else 1)]
    sending: set[asyncio.Task[None]] = set()

    async def send_when_due() -> None:
        free = asyncio.Queue[Lane]()
        for each in lanes:
            free.put_nowait(each)

        async def probe(on: Lane) -> None:
            await _probe(setting, on, log)
            free.put_nowait(on)

        while True:
            on = await free.get()
            while (wait := log.due(lane.now()) - lane.now()) > 0:
                await asyncio.sleep(min(wait, NAP))
            now = lane.now()
            log.dense += now < log.dense_until()
            # a probe that comes a little late does not delay the next one
            log.begun = max(log.due(now), now - DENSE)
            task = asyncio.create_task(probe(on))
            sending.add(task)
            task.add_done_callback(sending.discard)

    sender = asyncio.create_task(send_when_due())
    try:
        yield
    finally:
        sender.cancel()
        if sending:  # one that is cancelled while it connects would leave its socket behind
            await asyncio.wait(list(sending), timeout=GRACE)
        under_way = [sender, *sending]
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
        for each in lanes:
            await each.aclose()


async def _probe(setting: Setting, lane: Lane, log: _Log) -> None:
    """Present once, and note what came of it."""
    change = log.change
    asker = Asker(setting, lane, [])
    began = lane.now()
    try:
        answer = (await asker.ask(change.ask, "authconform-probe")).answer
    except Exception as error:  # that would be said of each probe
        log.trouble = log.trouble or error
        return
    if answer is None:
        log.add(_Seen(began, lane.now(), "nothing", None))
        return
    operation = setting.profile.operations[change.ask.sent.operation]
    standing = _standing(answer, accepted_statuses(operation), change)
    log.add(_Seen(answer.timing.sent, answer.timing.done, standing, answer))
    if answer.status in _BUSY and standing == "nothing":
        now = lane.now()
        log.spared += now >= log.quiet_until
        log.quiet_until = max(log.quiet_until, now + asked_pause(answer))


def _standing(answer: Answer, accepted: frozenset[int], change: Change) -> Standing:
    """Whether it let the presentation in. To shut out means that nothing of the 2xx class comes any more."""
    status = answer.status
    let_in = status in accepted or (200 <= status < 300 and not change.accepts)
    refused = status in change.ask.declared or (400 <= status < 500 and status not in _SAYS_NOTHING)
    if not let_in and not refused:
        return "nothing"
    return "after" if let_in is change.accepts else "before"


async def _nap(log: _Log) -> None:
    """Wait a little; raises what kept the probes from being sent."""
    await asyncio.sleep(NAP)
    if log.trouble is not None:
        raise log.trouble


async def _answered_before(lane: Lane, log: _Log) -> None:
    """Wait until the probes are under way and all answered as before the change.

    What was made a moment ago may not be known everywhere yet, so the first answers may differ.
    """
    began = calm_since = lane.now()
    # two round trips until the probes, which all began at once, are evenly apart
    while lane.now() - calm_since < max(LEAD, 3 * log.trip) or not log.has("before"):
        await _nap(log)
        if log.has("after"):
            log.forget()
            calm_since = lane.now()
        if log.quiet_until - began > LONGEST_SPARED:
            raise Inconclusive(f"the target asked to be spared for {log.quiet_until - began:.0f} s")
        if lane.now() - max(began, log.quiet_until) > log.change.patience:
            raise Inconclusive(
                "the presentation was not answered as before the change when it was to be made"
            )


def _settled(log: _Log, start: float, manual: bool, exchanges: list[Exchange]) -> Settled:
    change = log.change
    seen = sorted(log.probes, key=lambda each: each.sent)
    probes = (Probe(each.sent - start, each.done - start, each.standing) for each in seen)
    called = None if change.made or log.called_at is None else log.called_at - start
    trial = Trial(tuple(probes), change.within, change.watch, manual, called)
    before = [each for each in seen if each.standing == "before"]
    after = tuple(_telling(each for each in seen if each.standing == "after"))
    too_late = before
    if trial.watched is None:
        too_late = [each for each in seen if each.is_neither]
    late = tuple(
        (each.sent - start, each.answer)
        for each in too_late
        if each.answer is not None and each.sent - start > change.within
    )[:KEPT]
    if trial.watched is None and not late:
        raise Inconclusive("no answer after the time allowed said anything")
    kept = [each.answer for each in before[-1:] if each.answer] + [*after, *(answer for _, answer in late)]
    found = {id(answer): answer.evidence for answer in kept}
    exchanges += sorted(found.values(), key=lambda each: each.timing.sent)
    return Settled(trial, after, late)


def _telling(seen: Iterator[_Seen]) -> Iterator[Answer]:
    """The first and the last answer, and the first of every other status."""
    answers = [each.answer for each in seen if each.answer is not None]
    statuses: set[int] = set()
    for answer in answers:
        if answer.status not in statuses or answer is answers[-1]:
            statuses.add(answer.status)
            yield answer
