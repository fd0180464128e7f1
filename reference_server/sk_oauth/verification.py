"""Whose JWT it is: an account's secret holds the signature, and the claims hold now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reference_server import claims as times
from reference_server import jwts, reading, scopes
from reference_server.sk_oauth.behaviour import Caller, Facts, Found, Jws, Refusal
from reference_server.sk_oauth.records import Account, Partition, Scopes

ALGORITHM = "HS256"


def verify(facts: Facts, token: str) -> Found:
    """No claim is read before the signature holds. It does not say whose secret that is: each is tried."""
    decide = facts.behaviour
    jws = jwts.read(facts, token)
    if jws is None:
        return Refusal("malformed-token")
    if refusal := decide.judge_algorithm(facts, jws) or decide.judge_extensions(facts, jws):
        return refusal
    accounts = facts.server.store.accounts()
    account = next((account for account in accounts if decide.holds(facts, jws, account)), None)
    if account is None:
        return Refusal("bad-signature")
    claims = jwts.claims(facts, jws)
    if claims is None:
        return Refusal("malformed-token")
    return decide.judge_claims(facts, claims) or _signed_by(facts, account, claims)


def _signed_by(facts: Facts, account: Account, claims: Mapping[str, Any]) -> Caller:
    may = facts.behaviour.name_scopes(facts, claims)
    return Caller(str(claims.get("sub")), Partition(account.id, "live"), "jwt", may)


def judge_algorithm(facts: Facts, jws: Jws) -> Refusal | None:
    """The one algorithm, whatever others the library knows: RFC 8725 section 3.1."""
    return None if jws.header.get("alg") == ALGORITHM else Refusal("wrong-algorithm")


def judge_extensions(facts: Facts, jws: Jws) -> Refusal | None:
    return Refusal("unknown-extension") if times.extended(jws.header) else None


def holds(facts: Facts, jws: Jws, account: Account) -> bool:
    from reference_server import jose  # joserfc takes longer to import than all the rest

    return jose.holds(jws.text, jose.shared(account.secret), ALGORITHM)


def judge_claims(facts: Facts, claims: Mapping[str, Any]) -> Refusal | None:
    """The four documented claims are required. The moment of issue is any date."""
    decide = facts.behaviour
    if refusal := decide.judge_expiry(facts, claims) or decide.judge_beginning(facts, claims):
        return refusal
    subject, scope = claims.get("sub"), claims.get("scope")
    complete = isinstance(subject, str) and subject and isinstance(scope, str)
    return None if complete and reading.is_date(claims.get("iat")) else Refusal("wrong-claim")


def judge_expiry(facts: Facts, claims: Mapping[str, Any]) -> Refusal | None:
    wrong = times.expiry(claims, facts.now)
    return Refusal(wrong) if wrong else None


def judge_beginning(facts: Facts, claims: Mapping[str, Any]) -> Refusal | None:
    wrong = times.beginning(claims, facts.now)
    return Refusal(wrong) if wrong else None


def name_scopes(facts: Facts, claims: Mapping[str, Any]) -> Scopes:
    return scopes.named(str(claims.get("scope")))
