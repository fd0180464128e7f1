"""What a baseline accepts of an outcome, and which of its entries the run has shown to be out of date."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from harness.model import Acceptance, CaseOutcome, Verdict

AGAINST: frozenset[Verdict] = frozenset({"fail", "warn"})
"""Verdicts that an entry can accept."""
TOLD: frozenset[Verdict] = frozenset({"pass", "warn", "fail"})
"""Verdicts of a case that told something."""


def with_accepted(outcome: CaseOutcome, entries: Iterable[Acceptance], today: date) -> CaseOutcome:
    """`outcome` with those of its findings that are against the API and accepted today, by the first entry
    that accepts each.
    """
    found: dict[str, Acceptance] = {}
    for entry in entries:
        if entry.case in (None, outcome.case) and today <= entry.expires:
            for finding in outcome.requirements:
                if entry.requirement in (None, finding.id) and finding.verdict in AGAINST:
                    found.setdefault(finding.id, replace(entry, requirement=finding.id, case=outcome.case))
    return replace(outcome, accepted=tuple(found.values()))


def outdated(
    outcomes: Sequence[CaseOutcome], entries: Iterable[Acceptance], today: date, *, whole: bool
) -> Iterator[str]:
    """The entries that are to be deleted, each in a sentence that begins with its place.

    An entry is judged only by cases that told something. What is accepted in every case can be seen to be
    met only by a `whole` run: any case that is left out may be the one. So can that a scenario has no such
    case, or none any more: its entry would stand for nothing until it expires, and nobody would know.
    """
    for entry in entries:
        cases = [outcome for outcome in outcomes if entry.case in (None, outcome.case)]
        verdicts = {
            finding.verdict
            for outcome in cases
            for finding in outcome.requirements
            if entry.requirement in (None, finding.id)
        }
        if verdicts & AGAINST:
            if today > entry.expires:
                yield (
                    f"{entry.where}: {named(entry)} still fails, and was accepted until {entry.expires}: "
                    "mend it and delete this entry, or decide anew"
                )
        elif "inconclusive" not in verdicts and _is_judged(entry, cases, whole and "pass" in verdicts):
            yield f"{entry.where}: {named(entry)} no longer fails: delete this entry"
        elif whole and not cases and _has_gone(entry, outcomes):
            yield f"{entry.where}: there is no case {entry.case}: delete this entry, or correct its case"


def _has_gone(entry: Acceptance, outcomes: Iterable[CaseOutcome]) -> bool:
    """Whether the scenario of a case that never came told something in all the cases that it has."""
    scenario = (entry.case or "").partition("[")[0]
    verdicts = {outcome.verdict for outcome in outcomes if outcome.scenario == scenario}
    return bool(verdicts) and verdicts <= TOLD


def _is_judged(entry: Acceptance, cases: Sequence[CaseOutcome], everywhere: bool) -> bool:
    return any(outcome.verdict in TOLD for outcome in cases) if entry.case else everywhere


def named(entry: Acceptance) -> str:
    """What an entry accepts: "rfc6750/3.1-unknown-refused in bearer/presentation/unknown-token"."""
    return " in ".join(part for part in (entry.requirement, entry.case) if part)
