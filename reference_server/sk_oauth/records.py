"""The rows of this API's state: who may ask, for what, and what has been granted to whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from reference_server.passwords import User as User
from reference_server.scopes import ALL as ALL
from reference_server.scopes import READ as READ
from reference_server.scopes import WRITE as WRITE
from reference_server.scopes import Scopes as Scopes

Environment = Literal["live", "test"]
PREFIXES: Mapping[Environment, str] = {"live": "sk_live_", "test": "sk_test_"}
"""What a key starts with."""


@dataclass(frozen=True, slots=True)
class Account:
    """One customer. It signs its JWTs with the secret, which an HMAC needs as it is."""

    id: str
    secret: str


@dataclass(frozen=True, slots=True)
class Partition:
    """What an account has in one environment: keys and data, apart from those of the other."""

    account: str
    environment: Environment


@dataclass(frozen=True, slots=True)
class Key:
    """A key without its secret: of that there is a SHA-256 digest. Times are seconds since the epoch."""

    id: str
    account: str
    environment: Environment
    name: str
    digest: bytes
    prefix: str
    """The documented beginning and four more characters, for display."""
    created_at: float
    expires_at: float | None = None
    scopes: Scopes = ALL
    allowance: int | None = None
    """Requests that it is good for until it has rested; None where nobody counts."""
    last_used_at: float | None = None
    revoked_at: float | None = None

    @property
    def partition(self) -> Partition:
        return Partition(self.account, self.environment)


@dataclass(frozen=True, slots=True)
class Person:
    """What the API serves: one of the users that an account keeps."""

    id: str
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Client:
    """An OAuth client, confidential: RFC 6749 section 2.1. Of its secret there is a SHA-256 digest."""

    id: str
    name: str
    digest: bytes
    redirects: tuple[str, ...]
    token_life: float
    """Seconds that an access token of it lasts."""
    code_life: float
    """The same of a code."""
    scopes: Scopes = ALL


@dataclass(frozen=True, slots=True)
class Session:
    """A browser at the authorization server. The id is what its cookie says, as a digest."""

    digest: bytes
    csrf: str
    """What a form of this session has to bring back."""
    user: str | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """An authorization request that nothing is wrong with, while it waits for the user."""

    client: str
    redirect_uri: str
    scopes: Scopes
    state: str | None
    challenge: str | None
    """The S256 challenge: RFC 7636 section 4.2."""


@dataclass(frozen=True, slots=True)
class Code:
    """An authorization code without its secret; what it was asked for and by whom it was granted."""

    digest: bytes
    grant: str
    asked: Asked
    user: str
    expires_at: float
    used_at: float | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """What a user has allowed a client; all tokens that came of it end with it."""

    id: str
    client: str
    user: str
    account: str
    scopes: Scopes
    revoked_at: float | None = None


@dataclass(frozen=True, slots=True)
class AccessToken:
    id: str
    digest: bytes
    grant: str
    scopes: Scopes
    expires_at: float


@dataclass(frozen=True, slots=True)
class RefreshToken:
    digest: bytes
    grant: str
    scopes: Scopes
    used_at: float | None = None
