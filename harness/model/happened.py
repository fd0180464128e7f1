"""What came of a run: exchanges, problems, findings, and the outcome of each case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from harness.model.described import Acceptance
from harness.model.places import Level, Verdict, Where


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds on this process's monotonic clock, from the start of the run."""

    sent: float
    """The first byte of the request was about to go out."""
    headers: float
    """The head of the response had arrived."""
    done: float
    """The last byte of the response had arrived."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its response as evidence: redacted, JSON-ready."""

    purpose: Literal["case", "control", "setup"]
    request: Mapping[str, Any]
    """method, url, headers [[name, value]…], body, curl."""
    response: Mapping[str, Any] | None
    """status, reason, headers, body, truncated; None where none came."""
    error: str | None
    timing: Timing


@dataclass(frozen=True, slots=True)
class Problem:
    """One expectation not met."""

    requirement: str
    level: Level
    check: str
    expected: str
    actual: str
    where: Where
    note: str | None = None
    """Why the level differs from the requirement's own, or advice without a verdict."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one case shows about one requirement."""

    id: str
    level: Level
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class CaseOutcome:
    """A case and all that came of it."""

    case: str
    scenario: str
    title: str
    requirements: tuple[Finding, ...]
    verdict: Verdict
    reason: str | None
    problems: tuple[Problem, ...]
    measurements: Mapping[str, Any]
    exchanges: tuple[Exchange, ...]
    elapsed: float
    """Seconds."""
    where: Where
    notes: tuple[str, ...] = field(default=())
    accepted: tuple[Acceptance, ...] = field(default=())
    """Those of its findings that a baseline accepts."""
