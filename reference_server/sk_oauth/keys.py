"""The life of a key: minted, issued, shown once, revoked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reference_server.replicas import forgotten
from reference_server.secret import digest, random_text
from reference_server.sk_oauth.behaviour import Server
from reference_server.sk_oauth.records import ALL, PREFIXES, Key, Partition, Scopes
from reference_server.timestamps import instant

SECRET_LENGTH = 40
"""Characters after the prefix: 238 bits."""
SHOWN = 4
"""Characters of the secret that the display prefix has."""


def mint(server: Server, owner: Partition) -> str:
    return PREFIXES[owner.environment] + random_text(server.random, SECRET_LENGTH)


def issue(server: Server, owner: Partition, name: str, life: float | None) -> tuple[Key, str]:
    """Store a new key, of which only the caller learns the secret. `life` is in documented seconds."""
    return stored(server, owner, name, life)


def stored(
    server: Server,
    owner: Partition,
    name: str,
    life: float | None = None,
    *,
    scopes: Scopes = ALL,
    allowance: int | None = None,
) -> tuple[Key, str]:
    """A new key with such limits, and its secret."""
    secret = server.behaviour.mint(server, owner)
    now = server.clock()
    key = Key(
        id="key_" + random_text(server.random, 12),
        account=owner.account,
        environment=owner.environment,
        name=name,
        digest=digest(secret),
        prefix=secret[: len(PREFIXES[owner.environment]) + SHOWN],
        created_at=now,
        expires_at=None if life is None else now + life * server.time_scale,
        scopes=scopes,
        allowance=allowance,
    )
    server.store.add_key(key)
    server.events.append({"event": "issued", "token": key.id, "at": server.monotonic()})
    return key, secret


def announce(server: Server, key: Key, secret: str) -> Mapping[str, Any]:
    return {**server.behaviour.describe(server, key), "key": secret}


def describe(server: Server, key: Key) -> Mapping[str, Any]:
    return {
        "id": key.id,
        "name": key.name,
        "prefix": key.prefix,
        "environment": key.environment,
        "scopes": list(key.scopes),
        "created_at": instant(key.created_at),
        "expires_at": instant(key.expires_at),
        "last_used_at": instant(key.last_used_at),
    }


def tokens(server: Server, owner: Partition) -> list[Key]:
    return server.store.keys(owner)


def find_managed(server: Server, owner: Partition, id: str) -> Key | None:
    key = server.store.key(id)
    return key if key and key.partition == owner else None


def rename(server: Server, key: Key, body: Mapping[str, Any]) -> None:
    """The name is all that can be changed; other members of the body mean nothing."""
    server.store.rename_key(key.id, body["name"])


def revoke(server: Server, key: Key) -> None:
    """End a key, once. The event tells when the last replica stops to believe in it."""
    if key.revoked_at is not None:
        return
    now = server.clock()
    server.store.revoke_key(key.id, now)
    last = forgotten(server.replicas, key.digest, now)
    server.events.append({"event": "revoked", "token": key.id, "at": server.monotonic() + last - now})


def activity(server: Server, owner: Partition) -> list[Mapping[str, Any]]:
    return [
        {
            "at": instant(line.at),
            "method": line.method,
            "path": line.path,
            "status": line.status,
            "key": {"id": line.key_id, "name": line.key_name},
        }
        for line in server.store.activity(owner)
    ]
