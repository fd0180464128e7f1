"""The kill matrix: which servers are tried, and what each should have shown."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from harness import plan, sharing
from harness.model import FaultProof, Proof, RightProof, ScenarioProof
from harness.proving.reach import narrowed
from harness.proving.subjects import Subject, is_timed, is_varied, looked_at_only_in, watches
from harness.proving.trials import Seen, Trial, try_all

WORTHWHILE = 4
"""Servers for which another process is begun."""
MOST_AGAIN = 12
"""Servers that are tried once more, each alone, when others beside them may have been the reason."""


def prove(
    subjects: Sequence[Subject], only: Iterable[str] = (), *, whole: bool = False, faults: bool = True
) -> Proof:
    """The kill matrix of `subjects`; with `only`, of these faults alone and without variations.

    With `whole`, as with `only`, every server is asked also the cases in which it answers like the right one.
    Without `faults` only right servers are tried, in all their variations.
    """
    started = time.monotonic()
    chosen = set(only)
    right = [trial for subject in subjects for trial in _right_trials(subject, partial=bool(chosen))]
    wrong = [
        (_wrong_trial(subject, fault), fault)
        for subject in subjects
        for fault in subject.faults()
        if faults and (not chosen or fault["id"] in chosen)
    ]
    trials = [*(trial for trial, _ in right), *(trial for trial, _ in wrong)]
    with sharing.Crew() as prompt, sharing.Crew(at_leisure=True) as patient:
        if not (whole or chosen):
            trials = narrowed(trials, prompt, patient)
            right = [(trial, title) for trial, (_, title) in zip(trials, right, strict=False)]
            wrong = [(trial, fault) for trial, (_, fault) in zip(trials[len(right) :], wrong, strict=True)]
        seen = _tried(trials, prompt, patient)
    seen |= {trial: _with_times(trial, seen[trial]) for trial in trials if trial.timed}
    seen |= _again([trial for trial, _ in right if seen[trial].blinded and not seen[trial].fallen])
    seen |= _again([trial for trial, fault in wrong if not _fault_proof(trial, fault, seen[trial]).exact])
    noticed: dict[str, list[str]] = {}
    for trial, fault in wrong:
        for scenario in seen[trial].scenarios:
            noticed.setdefault(scenario, []).append(str(fault["id"]))
    return Proof(
        right=tuple(_right_proof(trial, title, seen[trial]) for trial, title in right),
        faults=tuple(_fault_proof(trial, fault, seen[trial]) for trial, fault in wrong),
        scenarios=_scenarios(subjects, noticed, {trial: seen[trial] for trial in trials}),
        partial=bool(chosen) or not faults,
        elapsed=time.monotonic() - started,
    )


def _tried(trials: Sequence[Trial], prompt: sharing.Crew, patient: sharing.Crew) -> dict[Trial, Seen]:
    """What each of `trials` shows; those that watch a change are asked promptly, the others meanwhile."""
    # those that are asked little wait for the most part, and can do so while others work
    ordered = sorted(trials, key=lambda trial: len(trial.reach.first) if trial.reach else math.inf)
    kinds = [
        ([trial for trial in ordered if trial.watched], prompt),
        ([trial for trial in ordered if not trial.watched], patient),
    ]
    begun = [(each, crew.begin(try_all, each, worthwhile=WORTHWHILE)) for each, crew in kinds]
    return {trial: seen for each, shown in begun for trial, seen in zip(each, shown(), strict=True)}


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
        (
            Trial(subject.aim, variations=(str(each["id"]),), watched=False, timed=False, varied=False),
            str(each["title"]),
        )
        for each in variations
    ]
    found += [
        (Trial(subject.aim, variations=group), f"{len(group)} variations together")
        for group in together(variations)
    ]
    return found


def _again(missed: Sequence[Trial]) -> dict[Trial, Seen]:
    """What these trials show when each has the machine to itself, and is asked everything.

    Where ten servers are asked side by side, a window of a few tenths of a second can pass unseen, a token
    be over before it is used, and an answer come too late. So it is for faults that did not fall as foreseen
    and right servers of which something was left open; what fell with a right one always counts. A server
    that counts what it hears may do otherwise where it hears little: so it hears all.
    """
    if len(missed) > MOST_AGAIN:
        return {}  # that many did not miss by chance
    return {trial: _with_times(trial, try_all([replace(trial, reach=None)])[0]) for trial in missed}


def _with_times(trial: Trial, seen: Seen) -> Seen:
    """What was seen, and what comparing times shows: alone, when no other server is asked anything."""
    return seen.and_also(try_all([trial.of_times()])[0]) if trial.timed else seen


def _wrong_trial(subject: Subject, fault: Mapping[str, Any]) -> Trial:
    touched = (*fault["breaks"], *fault["also"])
    watched, timed, varied, heard = (
        not looked_at_only_in(subject.aim, special).isdisjoint(touched)
        for special in (watches, is_timed, is_varied, plan.listens)
    )
    return Trial(
        subject.aim,
        faults=(str(fault["id"]),),
        watched=watched,
        timed=timed,
        varied=varied,
        heard=heard,
    )


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
    subjects: Sequence[Subject], noticed: Mapping[str, Sequence[str]], seen: Mapping[Trial, Seen]
) -> tuple[ScenarioProof, ...]:
    """The scenarios that ask something of a right server; of the others there is nothing to be proved."""
    applied: dict[str, dict[str, None]] = {}
    for trial, shown in seen.items():
        for id in shown.applied if not trial.faults else ():
            applied.setdefault(id, {})[trial.aim.profile] = None
    found: dict[str, ScenarioProof] = {}
    for subject in subjects:
        for case in subject.cases:
            id, why = case.scenario.id, case.scenario.no_fault
            if id in applied:
                found[id] = ScenarioProof(id, tuple(noticed.get(id, ())), why, tuple(applied[id]))
    return tuple(found.values())
