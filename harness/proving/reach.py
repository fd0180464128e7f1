"""Which cases a server can change: those in which it would have answered otherwise than the right one.

A case is what the harness sends, and that depends on nothing but what came back. Where a server with a fault
answers every request of a case as the right one does, the case goes the same way, and need not be asked
again. So all such servers listen while the right one is asked one batch after the other, and only the cases
in which some answer differs are left to be asked: an answer to a request that is no single case's, such as a
control, counts for all cases of the batch, and what the right one could not be asked counts for everybody.
Cases that watch or measure are not among these: they are about time, which an answer does not show. Nor are
those that Schemathesis varies: one that is right is no proof that the next one is the same.
"""

from __future__ import annotations

import asyncio
import gc
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from harness import plan, providers, sharing
from harness.exchange import Answer, Lane, Network, Purpose, Request
from harness.execute import run_batch
from harness.model import CaseOutcome
from harness.plan import Batch, Case
from harness.proving.subjects import Subject, is_timed, is_varied, subject, watches
from harness.proving.trials import SEED, TIME_SCALE, Trial, asking

LISTENING = 160
"""Servers that listen to one right server."""


def narrowed(trials: Sequence[Trial]) -> list[Trial]:
    """The same trials; those of one fault or one variation are asked only what it reaches.

    All are as they were where the provider can't tell.
    """
    alone = [trial for trial in trials if len(trial.faults) + len(trial.variations) == 1]
    shares = [
        share
        for aim in dict.fromkeys(trial.aim for trial in alone)
        if isinstance(subject(aim).provider, providers.Comparing)
        for share in _portions([trial for trial in alone if trial.aim == aim])
    ]
    found = sharing.out(_listen_all, shares, 1, worthwhile=1)
    reach = {trial: each for share in found for trial, each in share.items()}
    return [replace(trial, reached=reach.get(trial)) for trial in trials]


def _portions(trials: Sequence[Trial]) -> list[Sequence[Trial]]:
    """Portions of about the same size, each at most `LISTENING`."""
    size = math.ceil(len(trials) / math.ceil(len(trials) / LISTENING))
    return [trials[start : start + size] for start in range(0, len(trials), size)]


def _listen_all(shares: Sequence[Sequence[Trial]]) -> list[dict[Trial, frozenset[str]]]:
    """What the servers of each share reach; in whichever process."""
    gc.enable()
    return [asyncio.run(_listen(subject(share[0].aim), share)) for share in shares]


async def _listen(tried: Subject, trials: Sequence[Trial]) -> dict[Trial, frozenset[str]]:
    """Ask a right server one batch after the other, while the servers of these trials listen."""
    assert isinstance(tried.provider, providers.Comparing)
    by_name = {str(number): trial for number, trial in enumerate(trials)}
    others = {name: {"faults": it.faults, "variations": it.variations} for name, it in by_name.items()}
    server = await tried.provider.start_beside(tried.aim.profile, others, seed=SEED, time_scale=TIME_SCALE)
    found: dict[str, set[str]] = {name: set() for name in by_name}
    outcomes: list[CaseOutcome] = []
    try:
        async with asking(tried, server) as (network, setting):
            for batch in _in_order(tried.cases):
                async with _Noticing(network, server, batch, found) as lane:
                    await run_batch(setting(), batch, lane, outcomes.append)
    finally:
        await server.stop()
    unasked = {each.case for each in outcomes if each.verdict == "inconclusive"}
    return {by_name[name]: frozenset(ids | unasked) for name, ids in found.items()}


def _in_order(cases: Sequence[Case]) -> list[Batch]:
    """Those of which an answer shows all; wrong secrets, which may lock an account, last."""
    quick = [case for case in cases if not (watches(case) or is_timed(case) or is_varied(case))]
    return sorted(plan.batches(quick), key=lambda batch: any(case.wrong_secrets for case in batch.cases))


class _Noticing(Lane):
    """A lane that puts into `found`, by the name of a server, the cases of `batch` in which it differs."""

    def __init__(
        self, network: Network, server: providers.Compared, batch: Batch, found: Mapping[str, set[str]]
    ) -> None:
        super().__init__(network)
        self._of = network, server, batch, found

    async def __aenter__(self) -> _Noticing:
        return self

    async def __aexit__(self, *raised: object) -> None:
        await self.aclose()

    async def send(self, request: Request, *, purpose: Purpose, case: str | None = None) -> Answer:
        _, server, batch, found = self._of
        try:
            return await super().send(request, purpose=purpose, case=case)
        finally:
            for name in server.differing():
                found[name].update([case] if case else [each.id for each in batch.cases])

    def another(self) -> _Noticing:
        return _Noticing(*self._of)
