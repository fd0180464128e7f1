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


def conclude(
    outcomes: Iterable[CaseOutcome],
    not_run: Sequence[str] = (),
    *,
    strict: bool = False,
    reason: str | None = None,
    elapsed: float = 0.0,
) -> End:
    """Decide what a run with these outcomes came to.

    A MUST not met decides whatever else happened; with `strict` a SHOULD does too. `reason` says why the
    run could not be carried through (the target could not be reached, …): without a failure it is then
    inconclusive. So is a run with an inconclusive case, with cases left, or in which nothing was tested:
    what is not known never reads as conformance.
    """
    seen = Counter(outcome.verdict for outcome in outcomes)
    counts: dict[Verdict, int] = {verdict: seen[verdict] for verdict in VERDICTS}
    verdict: RunVerdict
    if counts["fail"]:
        verdict = "does-not-conform"
    elif strict and counts["warn"]:
        verdict = "does-not-conform"
        reason = reason or "warnings count as failures (--strict)"
    else:
        reason = reason or _unknown(counts, not_run)
        verdict = "inconclusive" if reason else "conforms"
    return End(verdict, counts, tuple(not_run), reason, EXIT_CODES[verdict], elapsed)


def _unknown(counts: Mapping[Verdict, int], not_run: Sequence[str]) -> str | None:
    """Return why nothing can be concluded from a run without failure, None where it can."""
    if not_run:
        return f"the run was stopped before {cases(len(not_run))} had been asked"
    if counts["inconclusive"]:
        return f"{cases(counts['inconclusive'])} gave no answer"
    if not counts["pass"] + counts["warn"]:
        return "nothing was tested"
    return None


def cases(count: int) -> str:
    """Return "1 case", "2 cases"."""
    return f"{count:,} case{'' if count == 1 else 's'}"
