"""Who asks: a key, an access token or a JWT, each after Bearer."""

from __future__ import annotations

import hmac

from reference_server import lookup, presenting
from reference_server.secret import digest
from reference_server.sk_oauth.behaviour import Caller, Facts, Found, Method, Refusal
from reference_server.sk_oauth.records import Environment, Key, Partition

SANDBOX = "sandbox.sk-oauth.test"
ACCESS_PREFIX = "at_"


def name_environment(facts: Facts) -> Environment:
    """By the host of the target or of Host; never one that a Forwarded field names."""
    return "test" if facts.request.host == SANDBOX else "live"


def admit(facts: Facts, environment: Environment) -> Found:
    secret = presenting.the_token(facts, Refusal)
    if isinstance(secret, Refusal):
        return secret
    found = _who(facts, secret)
    if isinstance(found, Refusal):
        return found
    return facts.behaviour.judge_environment(facts, environment, found) or found


def _who(facts: Facts, secret: str) -> Found:
    decide = facts.behaviour
    match decide.recognise(facts, secret):
        case "jwt":
            return decide.verify(facts, secret)
        case "access-token":
            return decide.find_access(facts, secret)
    key = decide.find_token(facts, secret)
    return calling(key) if key else Refusal("unknown-credential")


def calling(key: Key) -> Caller:
    """Whoever has that key."""
    return Caller(key.id, key.partition, "key", key.scopes, key)


def recognise(facts: Facts, secret: str) -> Method:
    """By its shape: neither keys nor access tokens have dots."""
    if secret.startswith(ACCESS_PREFIX):
        return "access-token"
    return "jwt" if "." in secret else "key"


def judge_environment(facts: Facts, environment: Environment, caller: Caller) -> Refusal | None:
    return None if caller.partition.environment == environment else Refusal("wrong-environment")


def find_token(facts: Facts, secret: str) -> Key | None:
    return lookup.find(facts, secret, facts.server.store.key_of)


def find_access(facts: Facts, secret: str) -> Found:
    """Who has an access token acts for the account of the user who granted it, and only on live data."""
    grants = facts.server.store.grants
    wanted = digest(secret)
    token = grants.access_token(wanted)
    if token is None or not hmac.compare_digest(token.digest, wanted):
        return Refusal("unknown-credential")
    grant = grants.grant(token.grant)
    if grant is None or grant.revoked_at is not None:
        return Refusal("ended-token")
    if facts.now >= token.expires_at:
        return Refusal("expired-token")
    return Caller(token.id, Partition(grant.account, "live"), "access-token", token.scopes)
