"""What a check is told beside the answer, and what it yields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from harness.exchange import Answer
from harness.model import Operation


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One thing that is not as it must be, in words for the report."""

    expected: str
    actual: str


@dataclass(frozen=True, slots=True)
class Unchecked:
    """The check could not look: what it speaks of does not occur in this answer."""

    because: str


@dataclass(frozen=True, slots=True)
class Held:
    """A credential that was issued in the course of a case.

    `prefix` is the documented beginning that it has, `prefixes` are those that are documented for its place.
    `facts` is what its issuing gave beside the secret: id, name, ….
    """

    name: str
    secret: str
    prefix: str
    prefixes: tuple[str, ...]
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Facts:
    """The circumstances of an answer.

    `canaries` are the strings that only accepted answers of a place hold, by place; `place` is the one that
    the request was sent to, `home` the one whose data an accepted answer holds. `refusal_statuses` are those
    that the profile declares for the reason expected. `effect` says whether a change that the operation makes
    was seen afterwards, None where nobody looked. `method` is the one really sent.
    """

    operation: Operation
    method: str
    mechanism: str
    place: str
    home: str
    canaries: Mapping[str, str] = field(default_factory=dict)
    refusal_statuses: frozenset[int] = frozenset()
    effect: bool | None = None
    sent: tuple[str, ...] = ()
    """The credential as it was sent."""
    obtained: tuple[Held, ...] = ()
    """What the step itself had issued."""
    held: Mapping[str, Held] = field(default_factory=dict)
    """All that the case has had issued, by the names it gave them."""
    origin: str | None = None
    """The web origin that the request named."""
    asked: tuple[str, ...] = ()
    """The fields, in lower case, that a preflight asked for."""
    first: Answer | None = None
    """The first answer to the same step, where it is done several times."""
    values: Mapping[str, Any] = field(default_factory=dict)
    """What the templates of a lifecycle verb were filled with, such as state."""
    calls: tuple[str, ...] | None = None
    """Who came for what the target was told to fetch; None where it was told nothing of the kind."""
