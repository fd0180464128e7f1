"""Machines behind one address, each with its own memory of the credentials that it has accepted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar


class Kept(Protocol):
    """A credential as it is stored."""

    @property
    def digest(self) -> bytes: ...
    @property
    def expires_at(self) -> float | None: ...


T = TypeVar("T", bound=Kept)


@dataclass(slots=True)
class Replica(Generic[T]):
    """One of the machines."""

    accepted: dict[bytes, tuple[T, float]] = field(default_factory=dict)
    """By digest: the credential as it was, and until when this is believed."""

    def recall(self, digest: bytes, now: float) -> T | None:
        """What was accepted a moment ago."""
        found = self.accepted.get(digest)
        return found[0] if found and now < found[1] else None

    def remember(self, credential: T, now: float, lasts: float) -> None:
        """Believe it for so many seconds, and never beyond its own end; for none, not at all."""
        if lasts:
            end = credential.expires_at
            until = now + lasts if end is None else min(now + lasts, end)
            self.accepted[credential.digest] = (credential, until)


def forgotten(replicas: Iterable[Replica[T]], digest: bytes, now: float) -> float:
    """When the last of them stops to believe in it; now where none does."""
    return max([now, *(replica.accepted[digest][1] for replica in replicas if digest in replica.accepted)])
