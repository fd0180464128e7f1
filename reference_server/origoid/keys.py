"""The life of an API key: minted, issued, shown once, disabled or revoked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reference_server import lives
from reference_server.lives import SECRET_LENGTH as SECRET_LENGTH
from reference_server.lives import SHOWN
from reference_server.origoid.behaviour import Server
from reference_server.origoid.exchange import LIFE
from reference_server.origoid.records import Account, Key
from reference_server.secret import digest, random_text
from reference_server.timestamps import instant

PREFIX = "oid_"


def mint(server: Server, account: Account) -> str:
    return PREFIX + random_text(server.random, SECRET_LENGTH)


def issue(server: Server, account: Account, name: str, life: float | None) -> tuple[Key, str]:
    """Store a new key, of which only the caller learns the secret. `life` is in documented seconds."""
    secret = server.behaviour.mint(server, account)
    key = made(server, account, name, secret, life)
    server.behaviour.keep(server, key, secret)
    lives.issued(server, key)
    return key, secret


def keep(server: Server, key: Key, secret: str) -> None:
    """Only the digest of the secret is kept, which the key has already."""
    server.store.add_key(key)


def made(
    server: Server,
    account: Account,
    name: str,
    secret: str,
    life: float | None = None,
    *,
    addresses: tuple[str, ...] = (),
    token_life: float = LIFE,
) -> Key:
    """A key that is not stored yet. `token_life` is in seconds."""
    now = server.clock()
    return Key(
        id="key_" + random_text(server.random, 12),
        account=account.id,
        name=name,
        digest=digest(secret),
        prefix=secret[: len(PREFIX) + SHOWN],
        created_at=now,
        expires_at=lives.end(server, now, life),
        addresses=addresses,
        token_life=token_life,
    )


def announce(server: Server, key: Key, secret: str) -> Mapping[str, Any]:
    return {**server.behaviour.describe(server, key), "key": secret}


def describe(server: Server, key: Key) -> Mapping[str, Any]:
    return {
        "id": key.id,
        "account": key.account,
        "name": key.name,
        "prefix": key.prefix,
        "addresses": list(key.addresses),
        "created_at": instant(key.created_at),
        "expires_at": instant(key.expires_at),
        "last_used_at": instant(key.last_used_at),
        "disabled_at": instant(key.disabled_at),
    }


def keys(server: Server, account: Account) -> list[Key]:
    return server.store.keys(account.id)


def find_managed(server: Server, account: Account, id: str) -> Key | None:
    key = server.store.key(id)
    return key if key and key.account == account.id else None


def revoke(server: Server, key: Key) -> None:
    """End a key, once."""
    if key.revoked_at is None:
        now = server.clock()
        server.store.revoke_key(key.id, now)
        lives.ended(server, key, "revoked", now)


def disable(server: Server, key: Key) -> None:
    if key.disabled_at is None:
        now = server.clock()
        server.store.disable_key(key.id, now)
        lives.ended(server, key, "disabled", now)


def disable_account(server: Server, account: Account) -> None:
    """With it all its keys, users and tokens."""
    server.store.disable_account(account.id, server.clock())
    server.events.append({"event": "disabled", "account": account.id, "at": server.monotonic()})


def activity(server: Server, account: Account) -> list[Mapping[str, Any]]:
    return lives.activity(server.store.activity(account.id), "key")
