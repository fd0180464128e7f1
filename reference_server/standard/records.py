"""The rows of this API's state: who may ask, in which tenant and environment, and for what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from reference_server.scopes import ALL as ALL
from reference_server.scopes import READ as READ
from reference_server.scopes import WRITE as WRITE
from reference_server.scopes import Scopes as Scopes

Environment = Literal["live", "sandbox"]
Kind = Literal["key", "token"]
"""An API key has a field of its own, an opaque token stands after Bearer."""


@dataclass(frozen=True, slots=True)
class Partition:
    """What a tenant has in one environment: credentials and items, apart from all others."""

    tenant: str
    environment: Environment = "live"


@dataclass(frozen=True, slots=True)
class Keyring:
    """The keys of a partition, or its tokens."""

    owner: Partition
    kind: Kind


@dataclass(frozen=True, slots=True)
class Credential:
    """A key or token without its secret: of that there is a SHA-256 digest. Times are seconds since 1970."""

    id: str
    owner: Partition
    kind: Kind
    name: str
    digest: bytes
    prefix: str
    """Its first characters, for display."""
    created_at: float
    expires_at: float | None = None
    scopes: Scopes = ALL
    allowance: int | None = None
    """Requests that it is good for until it has rested; None where nobody counts."""
    origins: tuple[str, ...] = ()
    """The web origins whose pages may read what it is answered with."""
    last_used_at: float | None = None
    disabled_at: float | None = None
    revoked_at: float | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a password, of which there is a salted hash."""

    name: str
    owner: Partition
    salt: bytes
    hash: bytes
    guarded: bool = False
    """Whether wrong passwords are counted. They are not for those with whom a client tries out many."""


@dataclass(frozen=True, slots=True)
class Signer:
    """A key pair of the issuer's: for tokens of one subject of one tenant, by one algorithm."""

    kid: str
    owner: Partition
    subject: str
    algorithm: str
    private: str
    """PEM. The issuer is part of this server, and signs what is granted here with it."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What a JWT was had for: it ends with that. The id is its jti."""

    id: str
    credential: str | None
    revoked_at: float | None = None


@dataclass(frozen=True, slots=True)
class Manager:
    """Who makes and ends the credentials of a tenant."""

    tenant: str
