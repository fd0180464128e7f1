"""The life of a token: minted, issued, shown once, revoked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reference_server import lives
from reference_server.lives import SECRET_LENGTH as SECRET_LENGTH
from reference_server.lives import SHOWN
from reference_server.originchain.behaviour import Server
from reference_server.originchain.records import PREFIXES, Instance, Token
from reference_server.secret import digest, random_text
from reference_server.timestamps import instant


def mint(server: Server, instance: Instance) -> str:
    return PREFIXES[instance.kind] + random_text(server.random, SECRET_LENGTH)


def issue(server: Server, instance: Instance, name: str, life: float | None) -> tuple[Token, str]:
    """Store a new token, of which only the caller learns the secret. `life` is in documented seconds."""
    secret = server.behaviour.mint(server, instance)
    now = server.clock()
    token = Token(
        id="tok_" + random_text(server.random, 12),
        instance=instance.id,
        name=name,
        digest=digest(secret),
        prefix=secret[: len(PREFIXES[instance.kind]) + SHOWN],
        created_at=now,
        expires_at=lives.end(server, now, life),
    )
    server.store.add_token(token)
    lives.issued(server, token)
    return token, secret


def announce(server: Server, token: Token, secret: str) -> Mapping[str, Any]:
    return {**server.behaviour.describe(server, token), "token": secret}


def describe(server: Server, token: Token) -> Mapping[str, Any]:
    return {
        "id": token.id,
        "name": token.name,
        "prefix": token.prefix,
        "created_at": instant(token.created_at),
        "expires_at": instant(token.expires_at),
        "last_used_at": instant(token.last_used_at),
    }


def tokens(server: Server, instance: Instance) -> list[Token]:
    return server.store.tokens(instance.id)


def find_managed(server: Server, instance: Instance, id: str) -> Token | None:
    token = server.store.token(id)
    return token if token and token.instance == instance.id else None


def rename(server: Server, token: Token, body: Mapping[str, Any]) -> None:
    """The name is all that can be changed; other members of the body mean nothing."""
    server.store.rename_token(token.id, body["name"])


def revoke(server: Server, token: Token) -> None:
    """End a token, once."""
    if token.revoked_at is None:
        now = server.clock()
        server.store.revoke_token(token.id, now)
        lives.ended(server, token, "revoked", now)


def delete_instance(server: Server, instance: Instance) -> None:
    """Its address is gone at once, and with it whatever its tokens were good for."""
    server.store.delete_instance(instance.id, server.clock())
    server.events.append({"event": "deleted", "instance": instance.id, "at": server.monotonic()})


def activity(server: Server, instance: Instance) -> list[Mapping[str, Any]]:
    return lives.activity(server.store.activity(instance.id), "token")
