"""From the outcomes of the cases to the verdict of the run and its exit code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from harness.model import VERDICTS, CaseOutcome, Verdict

RunVerdict = Literal["conforms", "does-not-conform", "inconclusive"]

EXIT_CODES: Mapping[RunVerdict, int] = {"conforms": 0, "does-not-conform": 1, "inconclusive": 3}


@dataclass(frozen=True, slots=True)
class End:
    """What the run came to: the last line of a run file."""

    verdict: RunVerdict
    counts: Mapping[Verdict, int]
    """Cases by verdict, every verdict named."""
    not_run: tuple[str, ...]
    """Planned cases that were never asked."""
    reason: str | None
    """In one sentence, where the counts alone do not tell why."""
    exit_code: int
    elapsed: float
    """Seconds."""
    accepted: int = 0
    """Cases whose findings are all accepted by the baseline."""
    outdated: tuple[str, ...] = ()
    """Entries of the baseline that are to be deleted, each in a sentence that begins with its place."""


def conclude(
    outcomes: Iterable[CaseOutcome],
    not_run: Sequence[str] = (),
    *,
    strict: bool = False,
    unknown_fails: bool = False,
    reason: str | None = None,
    elapsed: float = 0.0,
    outdated: Sequence[str] = (),
) -> End:
    """Decide what a run with these outcomes came to.

    A MUST not met decides whatever else happened; with `strict` a SHOULD does too. `reason` says why the
    run could not be carried through (the target could not be reached, …): without a failure it is then
    inconclusive. So is a run with an inconclusive case, with cases left, or in which nothing was tested:
    what is not known never reads as conformance. What the baseline accepts decides nothing; an entry of it
    that is `outdated` fails the run, and says nothing against the API. So does, with `unknown_fails`, what
    keeps the run from a conclusion.
    """
    known = list(outcomes)
    seen = Counter(outcome.verdict for outcome in known)
    counts: dict[Verdict, int] = {verdict: seen[verdict] for verdict in VERDICTS}
    accepted = sum(is_accepted(outcome, strict) for outcome in known)
    broken = {outcome.verdict for outcome in known if not is_accepted(outcome, strict)}
    verdict: RunVerdict
    if "fail" in broken:
        verdict = "does-not-conform"
    elif strict and "warn" in broken:
        verdict = "does-not-conform"
        reason = reason or "warnings count as failures (--strict)"
    else:
        reason = reason or _unknown(counts, not_run)
        verdict = "inconclusive" if reason else "conforms"
    failed = outdated or (unknown_fails and verdict == "inconclusive")
    exit_code = 1 if failed else EXIT_CODES[verdict]
    return End(verdict, counts, tuple(not_run), reason, exit_code, elapsed, accepted, tuple(outdated))


def is_accepted(outcome: CaseOutcome, strict: bool = False) -> bool:
    """Whether the baseline accepts whatever the case has against the API; with `strict` its warnings too."""
    counted = ("fail", "warn") if strict or outcome.verdict == "warn" else ("fail",)
    found = {finding.id for finding in outcome.requirements if finding.verdict in counted}
    return bool(outcome.accepted) and found <= {each.requirement for each in outcome.accepted}


def _unknown(counts: Mapping[Verdict, int], not_run: Sequence[str]) -> str | None:
    """Return why nothing can be concluded from a run without failure, None where it can."""
    if not_run:
        return f"the run was stopped before {cases(len(not_run))} had been asked"
    if counts["inconclusive"]:
        return f"{cases(counts['inconclusive'])} gave no answer"
    if not counts["pass"] + counts["warn"] + counts["fail"]:
        return "nothing was tested"
    return None


def cases(count: int) -> str:
    """Return "1 case", "2 cases"."""
    return f"{count:,} case{'' if count == 1 else 's'}"
