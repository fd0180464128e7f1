"""Run many batches: lanes side by side, the stateful ones on a lane of their own."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence

from harness.exchange import Network
from harness.execute import Deliver, run_batch
from harness.plan import Batch
from harness.setting import Setting

APART = 0.02
"""Seconds between the beginnings of what is measured: begun all at once, each would wait for all others."""


async def run(
    setting: Setting, network: Network, batches: Sequence[Batch], concurrency: int, deliver: Deliver
) -> None:
    """Run `batches`, at most `concurrency` (at least 1) at a time; exclusive ones one after the other.

    Wrong secrets are tried when these are done, so that an account that they lock spoils nothing else. Those
    that measure come last, when nothing else is under way: whatever `concurrency` says side by side, for most
    of their time is waiting, but each that compares times when it is alone.
    Whatever is asked next goes first in the order given. Cancelling this cancels what is under way.
    """
    shared = deque(batch for batch in batches if batch.lane == "shared")
    exclusive = deque(batch for batch in batches if batch.lane == "exclusive" and not _may_lock(batch))
    locking = deque(batch for batch in batches if batch.lane == "exclusive" and _may_lock(batch))
    async with asyncio.TaskGroup() as group:
        if exclusive:
            group.create_task(_work(setting, network, (exclusive, shared), deliver))
        for _ in range(min(concurrency - bool(exclusive), len(shared))):
            group.create_task(_work(setting, network, (shared,), deliver))
    await _work(setting, network, (locking,), deliver)
    quiet = [batch for batch in batches if batch.lane == "quiet"]
    setting.company.join(len(quiet))
    async with asyncio.TaskGroup() as group:
        for batch in quiet:
            group.create_task(_measure(setting, network, batch, deliver))
            await asyncio.sleep(APART)


def _may_lock(batch: Batch) -> bool:
    return any(case.wrong_secrets for case in batch.cases)


async def _measure(setting: Setting, network: Network, batch: Batch, deliver: Deliver) -> None:
    try:
        await _work(setting, network, (deque([batch]),), deliver)
    finally:
        setting.company.leave()


async def _work(setting: Setting, network: Network, queues: Sequence[deque[Batch]], deliver: Deliver) -> None:
    """One lane: takes the next batch until there is none, from one queue after the other."""
    lane = network.lane()
    try:
        for waiting in queues:
            while waiting and not setting.stopping.is_set():
                await run_batch(setting, waiting.popleft(), lane, deliver)
    finally:
        await lane.aclose()
