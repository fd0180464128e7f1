"""Which cases a server can change: those in which it would have answered otherwise than the right one.

A case is what the harness sends, and that depends on nothing but what came back. Where a server with a fault
answers every request of a case as the right one does, the case goes the same way, and need not be asked
again. So all such servers listen while the right one is asked one batch after the other, and only the cases
in which some answer differs are left to be asked: an answer to a request that is no single case's counts for
all cases of the batch, and what the right one could not be asked counts for everybody. Of a batch in which
nothing but the control is answered otherwise one case is asked, and the others where its control fails: of a
control no more is kept than whether it was accepted.
Cases that watch a change take long, most of it waiting: several are asked at a time, each of a right server
with listeners of its own, and none but those hear them that are worth asking them at all.
Cases that compare how long answers take are not among these: that is what an answer does not show. Nor are
those that Schemathesis varies: one that is right is no proof that the next one is the same.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from harness import plan, providers, sharing
from harness.exchange import Answer, Lane, Network, Purpose, Request
from harness.execute import run_batch
from harness.model import CaseOutcome
from harness.plan import Batch, Case
from harness.proving.subjects import Aim, Subject, is_timed, is_varied, subject, watches
from harness.proving.trials import SEED, TIME_SCALE, Reach, Trial, asking, settle

LISTENING = 160
"""Servers that listen to one right server; more where there are enough to keep every processor busy."""
LISTENING_WATCHED = 24
"""The same where a change is watched: what is asked next must not come much later for all that listen."""
WATCHED_AT_ONCE = 4
"""Right servers that are asked side by side, each about another change."""


@dataclass(frozen=True, slots=True)
class _Share:
    """Servers of one aim that listen together, to the cases that watch a change or to all others."""

    trials: Sequence[Trial]
    watched: bool


def narrowed(trials: Sequence[Trial], prompt: sharing.Crew, patient: sharing.Crew) -> list[Trial]:
    """The same trials; those of one fault or one variation are asked only what it reaches.

    All are as they were where the provider can't tell. Who watches a change must be `prompt`.
    """
    alone: dict[Aim, list[Trial]] = {}
    for trial in trials:
        if len(trial.faults) + len(trial.variations) == 1:
            if isinstance(subject(trial.aim).provider, providers.Comparing):
                alone.setdefault(trial.aim, []).append(trial)
    most = max(LISTENING, sum(map(len, alone.values())) // (2 * patient.processes))
    watched, quick = (
        [_Share(portion, kind) for each in alone.values() for portion in _portions(each, kind, most)]
        for kind in (True, False)
    )
    quick.sort(key=lambda share: -len(share.trials))  # what takes longest is not begun last
    begun = [
        (shares, crew.begin(_listen_all, shares, portions=len(shares), worthwhile=1))
        for shares, crew in ((watched, prompt), (quick, patient))
    ]
    found: dict[Trial, Reach] = {}
    for shares, reaches in ((shares, results()) for shares, results in begun):
        for trial, reach in _of_trials(shares, reaches):
            found[trial] = found[trial].and_also(reach) if trial in found else reach
    return [replace(trial, reach=found.get(trial)) for trial in trials]


def _of_trials(shares: Sequence[_Share], reaches: Sequence[Sequence[Reach]]) -> Iterator[tuple[Trial, Reach]]:
    for share, each in zip(shares, reaches, strict=True):
        yield from zip(share.trials, each, strict=True)


def _portions(trials: Sequence[Trial], watched: bool, most: int) -> list[Sequence[Trial]]:
    """Those of these trials that have to listen, in portions of about the same size."""
    listening = [trial for trial in trials if trial.watched] if watched else trials
    count = math.ceil(len(listening) / (LISTENING_WATCHED if watched else most))
    size = math.ceil(len(listening) / count) if count else 1
    return [listening[start : start + size] for start in range(0, len(listening), size)]


def _listen_all(shares: Sequence[_Share]) -> list[list[Reach]]:
    """What each server of each share reaches; in whichever process."""
    found = []
    for share in shares:
        tried = subject(share.trials[0].aim)
        settle()
        found.append(asyncio.run(_listen(tried, share)))
    return found


async def _listen(tried: Subject, share: _Share) -> list[Reach]:
    """What each of these servers reaches while right ones are asked the cases of the share."""
    noticed = [_Noticed() for _ in share.trials]
    waiting = iter(_watched(tried.cases) if share.watched else _quick(tried.cases))
    async with asyncio.TaskGroup() as group:
        for _ in range(WATCHED_AT_ONCE if share.watched else 1):
            group.create_task(_ask(tried, share.trials, waiting, noticed))
    return [Reach(frozenset(each.cases), frozenset(each.groups)) for each in noticed]


async def _ask(
    tried: Subject, trials: Sequence[Trial], waiting: Iterator[Batch], noticed: Sequence[_Noticed]
) -> None:
    """Ask a right server one waiting batch after the other, while servers of `trials` listen."""
    assert isinstance(tried.provider, providers.Comparing)
    others = {str(n): {"faults": it.faults, "variations": it.variations} for n, it in enumerate(trials)}
    server = await tried.provider.start_beside(tried.aim.profile, others, seed=SEED, time_scale=TIME_SCALE)
    outcomes: list[CaseOutcome] = []
    try:
        async with asking(tried, server) as (network, setting):
            for batch in waiting:
                async with _Noticing(network, server, batch, noticed) as lane:
                    await run_batch(setting(), batch, lane, outcomes.append)
    finally:
        await server.stop()
    unasked = {each.case for each in outcomes if each.verdict == "inconclusive"}
    for each in noticed:
        each.cases |= unasked


def _quick(cases: Sequence[Case]) -> list[Batch]:
    """Those of which an answer shows all at once; wrong secrets, which may lock an account, last."""
    quick = [case for case in cases if not (watches(case) or is_timed(case) or is_varied(case))]
    return sorted(plan.batches(quick), key=lambda batch: any(case.wrong_secrets for case in batch.cases))


def _watched(cases: Sequence[Case]) -> list[Batch]:
    """Those of which answers show all in the course of time; each is about a change of its own."""
    return plan.batches([case for case in cases if watches(case) and not is_timed(case)])


@dataclass(slots=True)
class _Noticed:
    """What one server was heard to answer otherwise: requests of these cases, controls of these groups."""

    cases: set[str] = field(default_factory=set)
    groups: set[tuple[str, ...]] = field(default_factory=set)


class _Noticing(Lane):
    """A lane that puts into `noticed`, by the number of a server, what of `batch` it answers otherwise."""

    def __init__(
        self, network: Network, server: providers.Compared, batch: Batch, noticed: Sequence[_Noticed]
    ) -> None:
        super().__init__(network)
        self._of = network, server, batch, noticed

    async def __aenter__(self) -> _Noticing:
        return self

    async def __aexit__(self, *raised: object) -> None:
        await self.aclose()

    async def send(self, request: Request, *, purpose: Purpose, case: str | None = None) -> Answer:
        _, server, batch, noticed = self._of
        try:
            return await super().send(request, purpose=purpose, case=case)
        finally:
            everybody = tuple(each.id for each in batch.cases)
            for name in server.differing():
                if case:
                    noticed[int(name)].cases.add(case)
                elif purpose == "control":
                    noticed[int(name)].groups.add(everybody)
                else:
                    noticed[int(name)].cases.update(everybody)

    def another(self) -> _Noticing:
        return _Noticing(*self._of)
