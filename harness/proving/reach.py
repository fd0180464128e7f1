"""Which cases a fault can reach: those in which the faulty server would have answered otherwise.

A case is what the harness sends, and that depends on nothing but what came back. Where a server with a fault
answers every request of a case as the right one does, the case goes the same way, and need not be asked
again. So all faults listen while the right server is asked each case by itself, with its controls and with
nothing that another case has obtained, and only the cases in which some answer differs are left to be asked.
Cases that watch or measure are not among these: they are about time, which an answer does not show.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness import plan, providers, sharing
from harness.execute import run_batch
from harness.model import CaseOutcome
from harness.plan import Batch, Case
from harness.proving.subjects import Aim, Subject, is_timed, subject, watches
from harness.proving.trials import SEED, TIME_SCALE, asking

LISTENING = 60
"""Faults that listen to one right server."""


@dataclass(frozen=True, slots=True)
class _Share:
    """Faults of a profile that listen together."""

    aim: Aim
    faults: tuple[str, ...]


Reached = Mapping[str, frozenset[str]]
"""By the id of a fault, the ids of the cases that it reaches."""


def reached(aims: Mapping[Aim, Sequence[str]]) -> dict[Aim, Reached]:
    """What these faults reach; nothing of an aim whose provider can't tell."""
    shares = [
        _Share(aim, tuple(faults[start : start + LISTENING]))
        for aim, faults in aims.items()
        if isinstance(subject(aim).provider, providers.Comparing)
        for start in range(0, len(faults), LISTENING)
    ]
    found: dict[Aim, dict[str, frozenset[str]]] = {}
    for share, reach in zip(shares, sharing.out(_listen_all, shares, 1), strict=True):
        found.setdefault(share.aim, {}).update(reach)
    return {aim: reach for aim, reach in found.items()}


def _listen_all(shares: Sequence[_Share]) -> list[Reached]:
    """What the faults of each share reach; in whichever process."""
    gc.enable()
    return [asyncio.run(_listen(subject(share.aim), share.faults)) for share in shares]


async def _listen(tried: Subject, faults: Sequence[str]) -> Reached:
    """Ask a right server each case, one after the other, while servers with these faults listen."""
    assert isinstance(tried.provider, providers.Comparing)
    server = await tried.provider.start_beside(tried.aim.profile, faults, seed=SEED, time_scale=TIME_SCALE)
    found: dict[str, set[str]] = {fault: set() for fault in faults}
    outcomes: list[CaseOutcome] = []
    try:
        async with asking(tried, server) as (network, setting):
            lane = network.lane()
            for case in _in_order(tried.cases):
                batch = Batch((case,), case.control, plan.lane_of(case))
                await run_batch(setting(), batch, lane, outcomes.append)
                for fault in server.differing():
                    found[fault].add(case.id)
            await lane.aclose()
    finally:
        await server.stop()
    return {fault: frozenset(ids) for fault, ids in found.items()}


def _in_order(cases: Sequence[Case]) -> list[Case]:
    """Those that neither watch nor measure; wrong secrets, which may lock an account, last."""
    quick = [case for case in cases if not watches(case) and not is_timed(case)]
    return sorted(quick, key=lambda case: bool(case.wrong_secrets))
