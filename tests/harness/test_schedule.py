"""Many batches side by side: as many as allowed and no more, the stateful ones one after the other."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

import pytest
from loopback import read_request, serving
from scene import UNKNOWN, WRITTEN, authorized, batch, case, http, play, setting, step

from harness import schedule
from harness.exchange import Network
from harness.model import CaseOutcome, Outcome
from harness.plan import Batch, PlannedStep, Presentation


@dataclass
class Busy:
    """A server that takes its time, and counts what it is asked at once."""

    pause: float = 0.05
    now: dict[str, int] = field(default_factory=lambda: {"all": 0, "locks": 0})
    most: dict[str, int] = field(default_factory=lambda: {"all": 0, "locks": 0})
    arrivals: list[float] = field(default_factory=list)
    order: list[str] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while request := await read_request(reader):
            self.arrivals.append(time.monotonic())
            name = request.partition(b"X-Authconform-Case: ")[2].partition(b"\r\n")[0].decode()
            kinds = ["all", "locks"] if "locks" in name else ["all"]
            if name:
                self.order.append(name)
            for kind in kinds:
                self.now[kind] += 1
                self.most[kind] = max(self.most[kind], self.now[kind])
            await asyncio.sleep(self.pause)
            for kind in kinds:
                self.now[kind] -= 1
            writer.write(http(200 if authorized(request) else 401))


def batches(shared: int = 0, exclusive: int = 0) -> list[Batch]:
    return [
        *(batch(case(f"shared-{number}")) for number in range(shared)),
        *(batch(case(f"locks-{number}"), lane="exclusive") for number in range(exclusive)),
    ]


def timing(name: str) -> Batch:
    """A batch that compares how long two refusals take."""
    compared = Outcome("observed", None, {"what": "compared"}, WRITTEN)
    sent = Presentation("token", "own", "protected")
    branches = {each: PlannedStep(step(compared, UNKNOWN), sent, "bearer") for each in ("one", "other")}
    whole = step(Outcome("alike", None, {}, WRITTEN), None, verb="alike", subject=("time",))
    return batch(replace(case(name, whole), steps=(PlannedStep(whole, None, "", branches),)), lane="quiet")


def run(busy: Busy, given: Sequence[Batch], concurrency: int, **network: Any) -> list[CaseOutcome]:
    async def scene() -> list[CaseOutcome]:
        found: list[CaseOutcome] = []
        async with serving(busy.serve) as server:
            own = setting(server.url)
            net = Network(redactor=own.redactor, **network)
            try:
                await schedule.run(own, net, given, concurrency, found.append)
            finally:
                await net.aclose()
        return found

    found: list[CaseOutcome] = play(scene())
    assert all(each.verdict == "pass" for each in found)
    return found


# Batches overlap, up to the number allowed and not beyond; every case comes once.
@pytest.mark.parametrize("concurrency", [1, 4])
def test_as_many_as_allowed(concurrency: int) -> None:
    busy = Busy()
    found = run(busy, batches(shared=8), concurrency)
    assert sorted(each.case for each in found) == [f"api/shared-{number}" for number in range(8)]
    assert busy.most["all"] == concurrency


# Exclusive batches never meet each other; the others go on beside them, within the same limit.
@pytest.mark.parametrize("concurrency", [1, 2, 4])
def test_exclusive_batches_never_overlap(concurrency: int) -> None:
    busy = Busy(pause=0.03)
    found = run(busy, batches(shared=4, exclusive=4), concurrency)
    assert len(found) == 8
    assert busy.most == {"all": concurrency, "locks": 1}


# With nothing exclusive left, that lane helps with the rest.
def test_the_exclusive_lane_helps() -> None:
    busy = Busy(pause=0.03)
    run(busy, batches(shared=6, exclusive=1), 2)
    assert busy.most["all"] == 2 and busy.order[-1].startswith("api/shared")


# What is asked first is the first in the order given.
def test_the_order() -> None:
    busy = Busy(pause=0.0)
    run(busy, batches(shared=5), 1)
    assert busy.order == [f"api/shared-{number}" for number in range(5)]


def test_nothing_to_run() -> None:
    assert run(Busy(), [], 4) == []


# Whoever compares times has the server to himself: all else that measures ends before, and he waits for it.
def test_times_are_compared_alone() -> None:
    async def scene() -> Busy:
        busy, found = Busy(pause=0.0), list[CaseOutcome]()
        watching = [batch(case(f"watch-{each}", step(times=40)), lane="quiet") for each in (1, 2)]
        async with serving(busy.serve) as server:
            own = setting(server.url)
            net = Network(redactor=own.redactor)
            await schedule.run(own, net, [timing("time-1"), timing("time-2"), *watching], 4, found.append)
            await net.aclose()
        assert len(found) == 4
        return busy

    one_after_the_other = [name.removeprefix("api/") for name, _ in groupby(play(scene()).order)]
    assert one_after_the_other[-2:] == ["time-1", "time-2"]
    assert {"watch-1", "watch-2"} == set(one_after_the_other[:-2])


# A rate holds for all lanes together.
def test_the_rate() -> None:
    busy = Busy(pause=0.0)
    run(busy, batches(shared=6), 6, rate=50.0)
    assert len(busy.arrivals) == 18
    assert busy.arrivals[-1] - busy.arrivals[0] > 0.9 * 17 / 50


# Cancelled, it ends at once, with all connections, whatever the server still does.
def test_cancelling_ends_promptly() -> None:
    async def scene() -> float:
        async with serving(Busy(pause=60).serve) as server:
            own = setting(server.url)
            net = Network(redactor=own.redactor, timeout=60)
            found: list[CaseOutcome] = []
            task = asyncio.create_task(schedule.run(own, net, batches(4, 2), 4, found.append))
            await asyncio.sleep(0.1)
            began = time.monotonic()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert found == [] and server.connections == 4
            return time.monotonic() - began

    assert play(scene()) < 0.5


# Who takes the outcomes fails: the run ends with that error, and does not go on without anybody listening.
def test_nobody_takes_the_outcomes() -> None:
    def full(outcome: CaseOutcome) -> None:
        raise OSError(28, "No space left on device")

    async def scene() -> None:
        async with serving(Busy(pause=0.0).serve) as server:
            own = setting(server.url)
            net = Network(redactor=own.redactor)
            with pytest.raises(ExceptionGroup) as caught:
                await schedule.run(own, net, batches(4), 2, full)
            await net.aclose()
            assert "No space left on device" in str(caught.value.exceptions[0])

    play(scene())
