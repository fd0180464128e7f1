"""Who asks: the whole field is a static token, or what stands after Bearer is a JWT."""

from __future__ import annotations

import hmac

from reference_server.kid_jwt.behaviour import Facts, Refusal, Server
from reference_server.kid_jwt.records import Account
from reference_server.secret import digest


def enrol(server: Server, account: Account, key: str) -> None:
    """Only the digest of the static token is kept, which the account has already."""
    server.store.add(account)


def admit(facts: Facts) -> Account | Refusal:
    """The account that asks, or the reason why there is none."""
    decide = facts.behaviour
    offered = decide.collect(facts)
    if not offered:
        return Refusal("missing-credential")
    if len(offered) > 1:
        return Refusal("malformed-credential")
    token = decide.parse(facts, offered[0])
    if token is not None:
        return decide.verify(facts, token)
    return decide.find_key(facts, offered[0]) or _no_key(offered[0])


def _no_key(value: str) -> Refusal:
    """Bearer and no token after it, or some text that nobody has for a static token."""
    scheme = value.partition(" ")[0].lower()
    return Refusal("malformed-credential" if scheme == "bearer" else "unknown-key")


def find_key(facts: Facts, value: str) -> Account | None:
    wanted = digest(value)
    account = facts.server.store.with_token(wanted)
    return account if account and hmac.compare_digest(account.digest, wanted) else None
