"""A case in the words of a test report: what is against it, and why that is accepted."""

from __future__ import annotations

from harness.errors import escaped
from harness.model import CaseOutcome


def described(outcome: CaseOutcome) -> str:
    """The problems of an outcome, two lines each."""
    return "\n".join(
        f"{each.level} {each.requirement}\n    {each.where}: expected {each.expected}, got {each.actual}"
        for each in outcome.problems
    )


def accepted(outcome: CaseOutcome) -> str:
    """Why the findings of an outcome are accepted, a line each."""
    return "\n".join(
        f"accepted until {each.expires}: {each.requirement}: {each.reason} ({each.where})"
        for each in outcome.accepted
    )


def printable(text: str) -> str:
    """`text` with all but its line ends escaped that XML does not allow or a terminal would obey."""
    return "\n".join(map(escaped, text.split("\n")))
