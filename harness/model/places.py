"""Words that records of every kind use: levels, verdicts, and a place in a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["MUST", "SHOULD", "MAY"]
Verdict = Literal["pass", "warn", "fail", "inconclusive", "not-applicable"]
Touch = Literal["creates", "revokes", "locks", "bursts", "strains", "destroys"]

LEVELS: tuple[Level, ...] = ("MUST", "SHOULD", "MAY")
VERDICTS: tuple[Verdict, ...] = ("pass", "fail", "warn", "inconclusive", "not-applicable")


@dataclass(frozen=True, slots=True)
class Where:
    """A place in a file that a person wrote."""

    path: str
    line: int
    """1-based."""

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"
