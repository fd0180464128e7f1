"""The life of a key: minted, issued, shown once, revoked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reference_server import lives
from reference_server.lives import SECRET_LENGTH as SECRET_LENGTH
from reference_server.lives import SHOWN
from reference_server.secret import digest, random_text
from reference_server.sk_oauth.behaviour import Server
from reference_server.sk_oauth.records import ALL, PREFIXES, Key, Partition, Scopes
from reference_server.timestamps import instant


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
        expires_at=lives.end(server, now, life),
        scopes=scopes,
        allowance=allowance,
    )
    server.store.add_key(key)
    lives.issued(server, key)
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
    """End a key, once."""
    if key.revoked_at is None:
        now = server.clock()
        server.store.revoke_key(key.id, now)
        lives.ended(server, key, "revoked", now)


def activity(server: Server, owner: Partition) -> list[Mapping[str, Any]]:
    return lives.activity(server.store.activity(owner), "key")
