"""The life of a key or an opaque token: minted, issued, shown once, narrowed, disabled or revoked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reference_server import lives
from reference_server.lives import SECRET_LENGTH, SHOWN
from reference_server.secret import digest, random_text
from reference_server.standard.behaviour import Server
from reference_server.standard.records import ALL, Credential, Keyring, Kind, Partition, Scopes
from reference_server.timestamps import instant

PREFIXES: Mapping[Kind, str] = {"key": "sa_", "token": "st_"}
"""What a secret starts with."""


def mint(server: Server, kind: Kind) -> str:
    return PREFIXES[kind] + random_text(server.random, SECRET_LENGTH)


def issue(server: Server, ring: Keyring, name: str, life: float | None) -> tuple[Credential, str]:
    """Store a new one, of which only the caller learns the secret. `life` is in documented seconds."""
    return stored(server, ring, name, life)


def stored(
    server: Server, ring: Keyring, name: str, life: float | None = None, **limits: Any
) -> tuple[Credential, str]:
    """A new key or token, and its secret. `limits` are members of the record."""
    kind = ring.kind
    secret = server.behaviour.mint(server, kind)
    now = server.clock()
    made = Credential(
        id=f"{kind}_{random_text(server.random, 12)}",
        owner=ring.owner,
        kind=kind,
        name=name,
        digest=digest(secret),
        prefix=secret[: len(PREFIXES[kind]) + SHOWN],
        created_at=now,
        expires_at=lives.end(server, now, life),
        **limits,
    )
    server.store.add(made)
    lives.issued(server, made)
    return made, secret


def announce(server: Server, credential: Credential, secret: str) -> Mapping[str, Any]:
    return {**server.behaviour.describe(server, credential), "key": secret}


def describe(server: Server, credential: Credential) -> Mapping[str, Any]:
    return {
        "id": credential.id,
        "account": credential.owner.tenant,
        "environment": credential.owner.environment,
        "name": credential.name,
        "prefix": credential.prefix,
        "scope": " ".join(credential.scopes),
        "created_at": instant(credential.created_at),
        "expires_at": instant(credential.expires_at),
        "last_used_at": instant(credential.last_used_at),
        "disabled_at": instant(credential.disabled_at),
    }


def listed(server: Server, ring: Keyring) -> list[Credential]:
    return server.store.credentials(ring.owner, ring.kind)


def find_managed(server: Server, owner: Partition, id: str) -> Credential | None:
    found = server.store.credential(id)
    return found if found and found.owner == owner else None


def revoke(server: Server, credential: Credential) -> None:
    """End it, once. The event tells when the last replica stops to believe in it."""
    if credential.revoked_at is None:
        now = server.clock()
        server.store.change(credential.id, revoked_at=now)
        lives.ended(server, credential, "revoked", now)


def disable(server: Server, credential: Credential) -> None:
    if credential.disabled_at is None:
        now = server.clock()
        server.store.change(credential.id, disabled_at=now)
        lives.ended(server, credential, "disabled", now)


def narrow(server: Server, credential: Credential, scopes: Scopes) -> None:
    """Take rights away; none can be given."""
    kept = tuple(each for each in ALL if each in scopes and each in credential.scopes)
    server.store.change(credential.id, scopes=kept)


def activity(server: Server, owner: Partition) -> list[Mapping[str, Any]]:
    return lives.activity(server.store.activity(owner.tenant), "key")
