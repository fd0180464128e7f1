"""Run the cases of a profile against the right server and against each fault, and see what falls."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness import plan, providers, schedule, targets
from harness.asking import Setting
from harness.exchange import Network, Redactor
from harness.inputs import Inputs
from harness.model import CaseOutcome, FaultProof, Proof, ScenarioProof
from harness.plan import Case

AT_ONCE = 4
"""Servers that are proved at a time."""
CONCURRENCY = 4
"""Batches under way against each of them."""
TIME_SCALE = 0.1
"""The servers' windows last a tenth of what is documented."""
SEED = 1

RIGHT = None
"""The right server stands for a fault of no name."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A profile whose cases are proved, and the server that can be wrong."""

    inputs: Inputs
    provider: providers.Provider
    cases: Sequence[Case]

    @property
    def profile(self) -> str:
        """The profile's name."""
        return self.inputs.profile.name

    def faults(self) -> Sequence[Mapping[str, Any]]:
        """What the provider says it can be wrong in."""
        return self.provider.faults(self.profile)


async def prove(subjects: Sequence[Subject], only: Iterable[str] = ()) -> Proof:
    """The kill matrix of `subjects`; with `only`, of these faults alone."""
    started = time.monotonic()
    chosen = set(only)
    gate = asyncio.Semaphore(AT_ONCE)
    wanted: list[tuple[Subject, Mapping[str, Any] | None]] = []
    for subject in subjects:
        wanted.append((subject, RIGHT))
        wanted += ((subject, fault) for fault in subject.faults() if not chosen or fault["id"] in chosen)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_outcomes(subject, fault, gate)) for subject, fault in wanted]
    right: dict[str, None] = {}
    faults: list[FaultProof] = []
    noticed: dict[str, list[str]] = {}
    for (subject, fault), task in zip(wanted, tasks, strict=True):
        outcomes = task.result()
        fallen, blinded = _fallen(outcomes), _blinded(outcomes)
        if fault is RIGHT:
            right.update(dict.fromkeys((*fallen, *blinded)))
            continue
        faults.append(_fault_proof(fault, subject.profile, fallen, blinded))
        for scenario in dict.fromkeys(outcome.scenario for outcome in outcomes if outcome.problems):
            noticed.setdefault(scenario, []).append(fault["id"])
    return Proof(tuple(right), tuple(faults), _scenarios(subjects, noticed), time.monotonic() - started)


def cases(inputs: Inputs, files: Iterable[Path]) -> list[Case]:
    """The cases of the suite files that apply to the profile's bundled server."""
    return [case for path in files for case in inputs.cases(path) if case.left_out is None]


async def _outcomes(
    subject: Subject, fault: Mapping[str, Any] | None, gate: asyncio.Semaphore
) -> list[CaseOutcome]:
    """What came of every case against a fresh server."""
    async with gate:
        names = () if fault is None else (str(fault["id"]),)
        server = await subject.provider.start(subject.profile, names, seed=SEED, time_scale=TIME_SCALE)
        try:
            return await _run(subject, server)
        finally:
            await server.stop()


async def _run(subject: Subject, server: providers.Running) -> list[CaseOutcome]:
    target = targets.started(subject.inputs.target, server.target)
    redactor = Redactor()
    network = Network(redactor=redactor, resolve=target.resolve)
    setting = Setting(
        profile=subject.inputs.profile,
        target=target,
        secrets=targets.secrets(target, {}, Path()),
        requirements=subject.inputs.requirements,
        redactor=redactor,
        seed=SEED,
    )
    outcomes: list[CaseOutcome] = []
    try:
        batches = plan.batches(subject.cases)
        await schedule.run(setting, network, batches, CONCURRENCY, outcomes.append)
    finally:
        await network.aclose()
    return outcomes


def _fallen(outcomes: Iterable[CaseOutcome]) -> list[str]:
    """The requirements with a problem at any level."""
    return sorted({problem.requirement for outcome in outcomes for problem in outcome.problems})


def _blinded(outcomes: Sequence[CaseOutcome]) -> list[str]:
    """The requirements that are open in a case, and fell in none."""
    unknown = {
        finding.id
        for outcome in outcomes
        for finding in outcome.requirements
        if finding.verdict == "inconclusive"
    }
    return sorted(unknown - set(_fallen(outcomes)))


def _fault_proof(
    fault: Mapping[str, Any], profile: str, fallen: Sequence[str], blinded: Sequence[str]
) -> FaultProof:
    also = fault["also"]
    return FaultProof(
        id=fault["id"],
        title=fault["title"],
        profile=profile,
        subtle=fault["subtle"],
        breaks=tuple(fault["breaks"]),
        also=also if isinstance(also, Mapping) else dict.fromkeys(also, ""),
        fallen=tuple(fallen),
        blinded=tuple(blinded),
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
