"""What a decision may look at: a request, the server that it came to, and the time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, Generic, TypeVar

from reference_server.messages import Request
from reference_server.replicas import Kept, Replica

B = TypeVar("B")
S = TypeVar("S")
T = TypeVar("T", bound=Kept)
V = TypeVar("V", bound="Server[Any, Any, Any]")


@dataclass(slots=True)
class Server(Generic[B, S, T]):
    """One running server: its decisions, its store, and what its replicas remember of credentials."""

    behaviour: B
    store: S
    random: Random
    clock: Callable[[], float]
    """Seconds since the epoch."""
    monotonic: Callable[[], float]
    time_scale: float
    """What a documented second lasts, in seconds."""
    cache_ttl: float
    """Documented seconds for which a replica believes what it has accepted."""
    replicas: tuple[Replica[T], ...]
    events: list[Mapping[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Facts(Generic[B, V, T]):
    """All that a decision about a request may look at."""

    request: Request
    server: V
    replica: Replica[T]
    now: float

    @property
    def behaviour(self) -> B:
        found: B = self.server.behaviour
        return found


AnyFacts = Facts[Any, Any, Any]
"""Those of any API."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is not served. Each API has its own reasons, and says which of them it tells."""

    reason: str
