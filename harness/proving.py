"""Run the cases of a profile against right servers and against each fault, and see what falls."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from harness import coverage, plan, providers, schedule, sharing, shipped, suites, targets
from harness.errors import mistake, quoted
from harness.exchange import Network
from harness.exchange.redaction import Hit, Redactor
from harness.inputs import Choice, Inputs
from harness.model import CaseOutcome, FaultProof, Proof, RightProof, ScenarioProof
from harness.plan import Case
from harness.setting import Setting

TOGETHER = 6
"""Servers that one process proves side by side: most of the time is waiting."""
PORTION = 20
"""Servers that a process is given at a time; when one is done with, the next of them begins."""
MOST_AGAIN = 12
"""Faults that are tried once more, each alone, when they did not fall as foreseen among others."""
CONCURRENCY = 4
"""Batches under way against each of them."""
TIME_SCALE = 0.1
"""The servers' windows last a tenth of what is documented."""
SEED = 1


@dataclass(frozen=True, slots=True)
class Aim:
    """What is proved, by names that another process can read again.

    `provider` replaces the bundled one of the profile, `suites` is a folder that replaces the shipped ones.
    """

    profile: str
    provider: str | None = None
    suites: Path | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """A profile whose cases are proved, and the server that can be wrong."""

    aim: Aim
    inputs: Inputs
    provider: providers.Provider
    cases: Sequence[Case]

    def faults(self) -> Sequence[Mapping[str, Any]]:
        """What the provider says it can be wrong in."""
        return self.provider.faults(self.aim.profile)

    def variations(self) -> Sequence[Mapping[str, Any]]:
        """What the provider says it can be right in."""
        if isinstance(self.provider, providers.Varied):
            return self.provider.variations(self.aim.profile)
        return ()


@dataclass(frozen=True, slots=True)
class Trial:
    """One server that is asked: with these faults, else right, with these variations."""

    aim: Aim
    faults: tuple[str, ...] = ()
    variations: tuple[str, ...] = ()
    watched: bool = True
    """Whether it is asked the cases that watch a change too: they take ten times as long as all others."""
    timed: bool = True
    """Whether it is asked those that compare how long answers take: they have the machine to themselves."""

    def asks(self, case: Case) -> bool:
        """Whether `case` is among those that it is asked."""
        return (self.watched or not _watches(case)) and (self.timed or not _is_timed(case))


@dataclass(frozen=True, slots=True)
class Seen:
    """What a trial showed: requirements with a problem at any level, those only open, and who noticed."""

    fallen: tuple[str, ...]
    blinded: tuple[str, ...]
    scenarios: tuple[str, ...]


def prove(subjects: Sequence[Subject], only: Iterable[str] = ()) -> Proof:
    """The kill matrix of `subjects`; with `only`, of these faults alone and without variations."""
    started = time.monotonic()
    chosen = set(only)
    right = [trial for subject in subjects for trial in _right_trials(subject, partial=bool(chosen))]
    wrong = [
        (_wrong_trial(subject, fault), fault)
        for subject in subjects
        for fault in subject.faults()
        if not chosen or fault["id"] in chosen
    ]
    trials = [*(trial for trial, _ in right), *(trial for trial, _ in wrong)]
    seen = dict(zip(trials, sharing.out(_try_all, trials, PORTION), strict=True))
    seen |= _again([(trial, fault) for trial, fault in wrong if not _is_exact(trial, fault, seen[trial])])
    noticed: dict[str, list[str]] = {}
    for trial, fault in wrong:
        for scenario in seen[trial].scenarios:
            noticed.setdefault(scenario, []).append(str(fault["id"]))
    return Proof(
        right=tuple(_right_proof(trial, title, seen[trial]) for trial, title in right),
        faults=tuple(_fault_proof(trial, fault, seen[trial]) for trial, fault in wrong),
        scenarios=_scenarios(subjects, noticed),
        partial=bool(chosen),
        elapsed=time.monotonic() - started,
    )


@cache
def subject(aim: Aim) -> Subject:
    """Read all that `aim` names. InputError where there is no such thing, or a suite is wrong."""
    inputs = Inputs(Choice(profile=aim.profile))
    files = suites.find(aim.suites or shipped.folder("suites"))
    if not files:
        hint = f"A suite ends in {suites.SUFFIX}."
        raise mistake(f"there is no suite in {quoted(str(aim.suites))}", None, hint)
    name = aim.provider or inputs.target.provider
    if name is None:
        message = f"the profile {quoted(aim.profile)} has no bundled server"
        raise mistake(message, None, "Give --provider.")
    cases = [case for path in files for case in inputs.cases(path) if case.left_out is None]
    return Subject(aim, inputs, providers.load(name), cases)


def together(variations: Sequence[Mapping[str, Any]]) -> list[tuple[str, ...]]:
    """Sets of variations that go with each other, as few and as large as can be, with each in one of them."""
    foes: dict[str, set[str]] = {str(each["id"]): set(each.get("not_with", ())) for each in variations}
    found: list[tuple[str, ...]] = []
    for first in foes:
        if any(first in each for each in found):
            continue
        group = [first]
        for other in foes:
            if other not in group and not any(other in foes[it] or it in foes[other] for it in group):
                group.append(other)
        found.append(tuple(id for id in foes if id in group))
    return [each for each in found if len(each) > 1]


def _right_trials(subject: Subject, partial: bool) -> list[tuple[Trial, str]]:
    """The right servers, each with what it is called: as documented, each variation, all of them together."""
    found = [(Trial(subject.aim), "as it is documented")]
    if partial:
        return found
    variations = subject.variations()
    found += [
        (Trial(subject.aim, variations=(str(each["id"]),), watched=False, timed=False), str(each["title"]))
        for each in variations
    ]
    found += [
        (Trial(subject.aim, variations=group), f"{len(group)} variations together")
        for group in together(variations)
    ]
    return found


def _is_exact(trial: Trial, fault: Mapping[str, Any], seen: Seen) -> bool:
    return _fault_proof(trial, fault, seen).exact


def _again(missed: Sequence[tuple[Trial, Mapping[str, Any]]]) -> dict[Trial, Seen]:
    """What these trials show when each has the machine to itself.

    Where ten servers are asked side by side, a window of a few tenths of a second can pass unseen, and an
    answer come too late. That is said of faults alone: a false alarm of a right server always counts.
    """
    if len(missed) > MOST_AGAIN:
        return {}  # that many did not miss by chance
    return {trial: _try_all([trial])[0] for trial, _ in missed}


def _wrong_trial(subject: Subject, fault: Mapping[str, Any]) -> Trial:
    touched = (*fault["breaks"], *fault["also"])
    watched, timed = (
        not _looked_at_only_in(subject.aim, costly).isdisjoint(touched) for costly in (_watches, _is_timed)
    )
    return Trial(subject.aim, faults=(str(fault["id"]),), watched=watched, timed=timed)


@cache
def _looked_at_only_in(aim: Aim, costly: Callable[[Case], bool]) -> frozenset[str]:
    """The requirements that none but the `costly` cases look at."""
    looked_at: dict[bool, set[str]] = {True: set(), False: set()}
    for case in subject(aim).cases:
        found = (requirement for requirement, _ in coverage.looked_at(case, subject(aim).inputs.profile))
        looked_at[costly(case)].update(found)
    return frozenset(looked_at[True] - looked_at[False])


def _watches(case: Case) -> bool:
    return any(map(plan.watches, case.steps))


def _is_timed(case: Case) -> bool:
    return any(map(plan.is_timed, case.steps))


def _try_all(trials: Sequence[Trial]) -> list[Seen]:
    """What each of these trials shows, side by side; in whichever process."""
    gc.enable()

    async def gathered() -> list[Seen]:
        places = asyncio.Semaphore(TOGETHER)

        async def when_placed(trial: Trial) -> Seen:
            async with places:
                return await _try(trial)

        return list(await asyncio.gather(*map(when_placed, trials)))

    return asyncio.run(gathered())


async def _try(trial: Trial) -> Seen:
    """Ask a fresh server every case."""
    tried = subject(trial.aim)
    settings: dict[str, Any] = {"variations": trial.variations} if trial.variations else {}
    server = await tried.provider.start(
        trial.aim.profile, trial.faults, seed=SEED, time_scale=TIME_SCALE, **settings
    )
    try:
        cases = [case for case in tried.cases if trial.asks(case)]
        return _seen(await _run(tried, server, cases))
    finally:
        await server.stop()


async def _run(subject: Subject, server: providers.Running, cases: Sequence[Case]) -> list[CaseOutcome]:
    target = targets.started(subject.inputs.target, server.target)
    redactor = _Unredacted()
    network = Network(redactor=redactor, resolve=target.resolve, trust=target.tls, proxy=target.proxy)
    setting = Setting(
        profile=subject.inputs.profile,
        target=target,
        secrets=targets.secrets(target, {}, Path()),
        requirements=subject.inputs.requirements,
        redactor=redactor,
        seed=SEED,
        trials=1,
        thorough=True,
        precise=False,
        time_scale=TIME_SCALE,
    )
    outcomes: list[CaseOutcome] = []
    try:
        batches = plan.batches(cases)
        await schedule.run(setting, network, batches, CONCURRENCY, outcomes.append)
    finally:
        await network.aclose()
    return outcomes


class _Unredacted(Redactor):
    """Looks for no secrets: of a trial only names of requirements and scenarios are kept."""

    def learn(self, name: str, secret: str, *, env: str | None = None) -> None:
        pass

    def learn_in_passing(self, name: str, secret: str) -> None:
        pass

    def parts(self, text: str) -> Iterator[str | Hit]:
        yield text

    def field_parts(self, name: str, value: str) -> Iterator[str | Hit]:
        yield value


def _seen(outcomes: Sequence[CaseOutcome]) -> Seen:
    fallen = {problem.requirement for outcome in outcomes for problem in outcome.problems}
    unknown = {
        finding.id
        for outcome in outcomes
        for finding in outcome.requirements
        if finding.verdict == "inconclusive"
    }
    scenarios = dict.fromkeys(outcome.scenario for outcome in outcomes if outcome.problems)
    return Seen(tuple(sorted(fallen)), tuple(sorted(unknown - fallen)), tuple(scenarios))


def _right_proof(trial: Trial, title: str, seen: Seen) -> RightProof:
    return RightProof(trial.aim.profile, trial.variations, title, (*seen.fallen, *seen.blinded))


def _fault_proof(trial: Trial, fault: Mapping[str, Any], seen: Seen) -> FaultProof:
    also = fault["also"]
    return FaultProof(
        id=fault["id"],
        title=fault["title"],
        profile=trial.aim.profile,
        subtle=fault["subtle"],
        breaks=tuple(fault["breaks"]),
        also=also if isinstance(also, Mapping) else dict.fromkeys(also, ""),
        fallen=seen.fallen,
        blinded=seen.blinded,
    )


def _scenarios(
    subjects: Sequence[Subject], noticed: Mapping[str, Sequence[str]]
) -> tuple[ScenarioProof, ...]:
    found: dict[str, ScenarioProof] = {}
    for subject in subjects:
        for case in subject.cases:
            id = case.scenario.id
            found[id] = ScenarioProof(id, tuple(noticed.get(id, ())), case.scenario.no_fault)
    return tuple(found.values())
