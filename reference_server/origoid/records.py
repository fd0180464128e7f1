"""The rows of OrigoID's state: who may ask, for what, and from where."""

from __future__ import annotations

from dataclasses import dataclass

from reference_server.passwords import User as User


@dataclass(frozen=True, slots=True)
class Account:
    """One customer. Times are seconds since the epoch."""

    id: str
    name: str
    endpoints: tuple[str, ...]
    """The paths that are available to it."""
    origins: tuple[str, ...] = ()
    """The web origins that may read its answers."""
    disabled_at: float | None = None


@dataclass(frozen=True, slots=True)
class Manager:
    """Somebody at support, who makes and ends the keys of all accounts."""

    id: str


@dataclass(frozen=True, slots=True)
class Key:
    """An API key without its secret: of that there is a SHA-256 digest."""

    id: str
    account: str
    name: str
    digest: bytes
    prefix: str
    """The documented beginning and four more characters, for display."""
    created_at: float
    expires_at: float | None = None
    addresses: tuple[str, ...] = ()
    """From which it may be used; from anywhere where there are none."""
    token_life: float = 3600.0
    """Seconds that a token lasts which is had for it."""
    last_used_at: float | None = None
    disabled_at: float | None = None
    revoked_at: float | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token was given for. The token itself tells its id and its account alone."""

    id: str
    account: str
    key: str | None
    """The key that it was had for; None for a user's."""
