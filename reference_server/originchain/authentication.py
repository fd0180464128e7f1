"""Who asks, and for which instance: from the header to a live token of this instance."""

from __future__ import annotations

from reference_server import lookup, presenting
from reference_server.originchain.behaviour import Facts, Refusal
from reference_server.originchain.records import Instance, Token


def name_instance(facts: Facts) -> str:
    """The host of the target or of Host; never one that a Forwarded field or parameter names."""
    return facts.request.host


def find_instance(facts: Facts, host: str) -> Instance | None:
    return facts.server.store.instance_at(host)


def admit(facts: Facts, instance: Instance) -> Token | Refusal:
    """The token that may use this instance, or the reason why there is none."""
    secret = presenting.the_token(facts, Refusal)
    if isinstance(secret, Refusal):
        return secret
    token = facts.behaviour.find_token(facts, secret)
    if token is None:
        return Refusal("unknown-token")
    return facts.behaviour.judge_instance(facts, instance, token) or token


def find_token(facts: Facts, secret: str) -> Token | None:
    return lookup.find(facts, secret, facts.server.store.token_of)


def is_live(facts: Facts, token: Token) -> bool:
    """Neither revoked nor expired, and its instance is still there."""
    home = facts.server.store.instance(token.instance)
    return lookup.is_live(facts, token) and home is not None and home.deleted_at is None


def judge_instance(facts: Facts, instance: Instance, token: Token) -> Refusal | None:
    return None if token.instance == instance.id else Refusal("wrong-instance")


def judge_tenant(facts: Facts, instance: Instance, tenant: str) -> Refusal | None:
    return None if tenant == instance.tenant else Refusal("wrong-tenant")


def select(facts: Facts, instance: Instance, tenant: str) -> Instance:
    """The instance that the token is good for, whatever else the request names."""
    return instance
