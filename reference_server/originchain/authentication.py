"""Who asks, and for which instance: from the header to a live token of this instance."""

from __future__ import annotations

import hmac

from reference_server import bearer
from reference_server.originchain.behaviour import Facts, Refusal
from reference_server.originchain.records import Instance, Token
from reference_server.secret import digest


def name_instance(facts: Facts) -> str:
    """The host of the target or of Host; never one that a Forwarded field or parameter names."""
    return facts.request.host


def find_instance(facts: Facts, host: str) -> Instance | None:
    return facts.server.store.instance_at(host)


def admit(facts: Facts, instance: Instance) -> Token | Refusal:
    """The token that may use this instance, or the reason why there is none."""
    decide = facts.behaviour
    offered = decide.collect(facts)
    if not offered:
        return Refusal("missing-credential")
    secret = decide.parse(facts, offered[0]) if len(offered) == 1 else None
    if secret is None:
        return Refusal("malformed-credential")
    token = decide.find_token(facts, secret)
    if token is None:
        return Refusal("unknown-token")
    return decide.judge_instance(facts, instance, token) or token


def collect(facts: Facts) -> tuple[str, ...]:
    """Each Authorization line, and nothing else: two of them are malformed, not a choice."""
    return facts.request.values("authorization")


def parse(facts: Facts, value: str) -> str | None:
    return bearer.parse(value)


def find_token(facts: Facts, secret: str) -> Token | None:
    decide = facts.behaviour
    wanted = digest(secret)
    if known := decide.recall(facts, wanted):
        return known
    token = facts.server.store.token_of(wanted)
    if token is None or not hmac.compare_digest(token.digest, wanted) or not decide.is_live(facts, token):
        return None
    decide.remember(facts, token)
    return token


def recall(facts: Facts, wanted: bytes) -> Token | None:
    token, until = facts.replica.accepted.get(wanted, (None, 0.0))
    return token if facts.now < until else None


def remember(facts: Facts, token: Token) -> None:
    """Believe an accepted token for the cache's time, and never beyond the token's own end."""
    lasts = facts.server.cache_ttl * facts.server.time_scale
    if lasts:
        until = facts.now + lasts
        if token.expires_at is not None:
            until = min(until, token.expires_at)
        facts.replica.accepted[token.digest] = (token, until)


def is_live(facts: Facts, token: Token) -> bool:
    """Neither revoked nor expired, and its instance is still there."""
    if token.revoked_at is not None or (token.expires_at is not None and facts.now >= token.expires_at):
        return False
    home = facts.server.store.instance(token.instance)
    return home is not None and home.deleted_at is None


def judge_instance(facts: Facts, instance: Instance, token: Token) -> Refusal | None:
    return None if token.instance == instance.id else Refusal("wrong-instance")


def judge_tenant(facts: Facts, instance: Instance, tenant: str) -> Refusal | None:
    return None if tenant == instance.tenant else Refusal("wrong-tenant")


def select(facts: Facts, instance: Instance, tenant: str) -> Instance:
    """The instance that the token is good for, whatever else the request names."""
    return instance
