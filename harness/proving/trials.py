"""One server that is asked what cases ask, and what that shows."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from harness import plan, providers, schedule, targets
from harness.exchange import Network
from harness.exchange.redaction import Hit, Redactor
from harness.listening import Listener
from harness.model import CaseOutcome, Exchange
from harness.plan import Case
from harness.proving.subjects import Aim, Subject, is_timed, is_varied, subject, watches
from harness.setting import Setting

WAITING = 6
"""Servers that one process asks side by side where a change is watched: most of the time is waiting."""
WORKING = 2
"""The same of servers that are asked nothing of the kind: more get in each other's way."""
CONCURRENCY = 4
"""Batches under way against each of them."""
TIME_SCALE = 0.1
"""The servers' windows last a tenth of what is documented."""
SEED = 1


@dataclass(frozen=True)
class Reach:
    """The cases that a server can change, by id."""

    cases: frozenset[str]
    groups: frozenset[tuple[str, ...]] = frozenset()
    """Cases between the same controls, of which it may answer these otherwise, and so change all or none."""

    @cached_property
    def first(self) -> frozenset[str]:
        """What is asked first; of a group of which nothing would be, its first case."""
        return self.cases | {group[0] for group in self.groups if self.cases.isdisjoint(group)}

    def then(self, left_open: Collection[str]) -> frozenset[str]:
        """What is asked when these were left open: the rest of their groups, whose controls failed."""
        doubtful = (set(group) for group in self.groups if not set(group).isdisjoint(left_open))
        return frozenset().union(*doubtful) - self.first

    def and_also(self, other: Reach) -> Reach:
        """What either says that it can change."""
        return Reach(self.cases | other.cases, self.groups | other.groups)


@dataclass(frozen=True, slots=True)
class Trial:
    """One server that is asked: with these faults, else right, with these variations."""

    aim: Aim
    faults: tuple[str, ...] = ()
    variations: tuple[str, ...] = ()
    watched: bool = True
    """Whether it is asked the cases that watch a change too."""
    timed: bool = True
    """Whether those that compare how long answers take are worth asking."""
    varied: bool = True
    """Whether it is asked those that Schemathesis varies."""
    heard: bool = False
    """Whether it is asked those that listen for its calls though it reaches none: no answer shows a call."""
    reach: Reach | None = None
    """The only other cases that it is asked; None for all."""
    apart: bool = False
    """Whether it is asked those that compare times, and no other; else it is asked none of them."""

    def asks(self, case: Case) -> bool:
        """Whether `case` is among those that it is asked."""
        if self.apart or is_timed(case):
            return self.apart and is_timed(case)
        if watches(case) and not self.watched:
            return False
        if is_varied(case):
            return self.varied
        if self.heard and plan.listens(case):
            return True
        return self.reach is None or case.id in self.reach.first

    def of_times(self) -> Trial:
        """The same server, asked those cases for which it has to have the machine to itself."""
        return replace(self, apart=True)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a trial showed: requirements with a problem at any level, those only open, and who noticed.

    `applied` are the scenarios of which a case was asked and not found to be none for this API.
    """

    fallen: tuple[str, ...]
    blinded: tuple[str, ...]
    scenarios: tuple[str, ...]
    applied: tuple[str, ...]

    def and_also(self, other: Seen) -> Seen:
        """What both show together."""
        fallen = {*self.fallen, *other.fallen}
        return Seen(
            tuple(sorted(fallen)),
            tuple(sorted({*self.blinded, *other.blinded} - fallen)),
            tuple(sorted({*self.scenarios, *other.scenarios})),
            tuple(sorted({*self.applied, *other.applied})),
        )


def try_all(trials: Sequence[Trial]) -> list[Seen]:
    """What each of these trials shows, side by side; in whichever process."""
    for aim in {trial.aim for trial in trials}:
        subject(aim)
    settle()

    async def gathered() -> list[Seen]:
        places = asyncio.Semaphore(WAITING if any(trial.watched for trial in trials) else WORKING)

        async def when_placed(trial: Trial) -> Seen:
            async with places:
                return await _try(trial)

        return list(await asyncio.gather(*map(when_placed, trials)))

    return asyncio.run(gathered())


def settle() -> None:
    """Have the collector look at nothing that is here already: what was read stays until the end."""
    gc.collect()
    gc.freeze()
    gc.enable()


async def _try(trial: Trial) -> Seen:
    """What a trial shows; where controls failed, with the other cases that stand between these."""
    tried = subject(trial.aim)
    outcomes = await _asked(trial, [case for case in tried.cases if trial.asks(case)])
    if trial.reach and not trial.apart:
        left_open = [outcome.case for outcome in outcomes if outcome.verdict == "inconclusive"]
        if rest := trial.reach.then(left_open):
            outcomes += await _asked(trial, [case for case in tried.cases if case.id in rest])
    return _seen(outcomes)


async def _asked(trial: Trial, cases: Sequence[Case]) -> list[CaseOutcome]:
    """What comes of `cases` when a fresh server is asked them."""
    tried = subject(trial.aim)
    settings: dict[str, Any] = {"variations": trial.variations} if trial.variations else {}
    server = await tried.provider.start(
        trial.aim.profile, trial.faults, seed=SEED, time_scale=TIME_SCALE, **settings
    )
    outcomes: list[CaseOutcome] = []
    try:
        async with asking(tried, server) as (network, setting):
            await schedule.run(setting(), network, plan.batches(cases), CONCURRENCY, outcomes.append)
    finally:
        await server.stop()
    return outcomes


@asynccontextmanager
async def asking(
    tried: Subject, server: providers.Running
) -> AsyncIterator[tuple[Network, Callable[[], Setting]]]:
    """A network that leads to `server`, and what makes a setting for a run that begins anew."""
    target = targets.started(tried.inputs.target, server.target)
    redactor = _Unredacted()
    network = Network(redactor=redactor, resolve=target.resolve, trust=target.tls, proxy=target.proxy)
    secrets = targets.secrets(target, {}, Path())
    listener = Listener(target.listener) if target.listener else None

    def setting() -> Setting:
        return Setting(
            profile=tried.inputs.profile,
            target=target,
            secrets=dict(secrets),
            requirements=tried.inputs.requirements,
            redactor=redactor,
            seed=SEED,
            trials=1,
            thorough=True,
            precise=False,
            time_scale=TIME_SCALE,
            listener=listener,
        )

    try:
        yield network, setting
    finally:
        await network.aclose()
        if listener:
            listener.close()


class _Unredacted(Redactor):
    """Looks for no secrets: of a trial only names of requirements and scenarios are kept."""

    def learn(self, name: str, secret: str, *, env: str | None = None) -> None:
        pass

    def learn_in_passing(self, name: str, secret: str) -> None:
        pass

    def text(self, text: str) -> str:
        return text

    def field(self, name: str, value: str) -> str:
        return value

    def parts(self, text: str) -> Iterator[str | Hit]:
        yield text

    def field_parts(self, name: str, value: str) -> Iterator[str | Hit]:
        yield value

    def exchange(self, exchange: Exchange) -> Exchange:
        return exchange


def _seen(outcomes: Sequence[CaseOutcome]) -> Seen:
    fallen = {problem.requirement for outcome in outcomes for problem in outcome.problems}
    unknown = {
        finding.id
        for outcome in outcomes
        for finding in outcome.requirements
        if finding.verdict == "inconclusive"
    }
    scenarios = {outcome.scenario for outcome in outcomes if outcome.problems}
    applied = {outcome.scenario for outcome in outcomes if outcome.verdict != "not-applicable"}
    return Seen(*(tuple(sorted(each)) for each in (fallen, unknown - fallen, scenarios, applied)))
