"""The rows of OriginChain's state: who owns what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["live", "trial"]
PREFIXES: Mapping[Kind, str] = {"live": "oc_live_", "trial": "oc_test_"}
"""What a token starts with, by the kind of its instance."""


@dataclass(frozen=True, slots=True)
class Account:
    """An owner of instances, who signs in to the dashboard."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Instance:
    """One tenant's own OriginChain, reached by its host name."""

    id: str
    account: str
    host: str
    tenant: str
    kind: Kind
    deleted_at: float | None = None


@dataclass(frozen=True, slots=True)
class Token:
    """A token without its secret: that is stored as a SHA-256 digest. Times are seconds since the epoch."""

    id: str
    instance: str
    name: str
    digest: bytes
    prefix: str
    """The documented beginning and four more characters, for display."""
    created_at: float
    expires_at: float | None
    last_used_at: float | None = None
    revoked_at: float | None = None


@dataclass(frozen=True, slots=True)
class Schema:
    """What the data plane holds: a named, versioned list of fields."""

    name: str
    version: int
    fields: tuple[Mapping[str, str], ...]
