"""Whose JWT it is: an account's secret holds the signature, and the claims hold now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reference_server import claims as times
from reference_server import reading
from reference_server.sk_oauth.behaviour import Caller, Facts, Found, Jws, Refusal
from reference_server.sk_oauth.records import ALL, Account, Partition, Scopes

ALGORITHM = "HS256"


def verify(facts: Facts, token: str) -> Found:
    """No claim is read before the signature holds. It does not say whose secret that is: each is tried."""
    decide = facts.behaviour
    jws = read(facts, token)
    if jws is None:
        return Refusal("malformed-token")
    if refusal := decide.judge_algorithm(facts, jws) or decide.judge_extensions(facts, jws):
        return refusal
    accounts = facts.server.store.accounts()
    account = next((account for account in accounts if decide.holds(facts, jws, account)), None)
    if account is None:
        return Refusal("bad-signature")
    payload = decide.decode(facts, jws.payload)
    claims = None if payload is None else decide.read_claims(facts, payload)
    if claims is None:
        return Refusal("malformed-token")
    return decide.judge_claims(facts, claims) or _signed_by(facts, account, claims)


def _signed_by(facts: Facts, account: Account, claims: Mapping[str, Any]) -> Caller:
    scopes = facts.behaviour.name_scopes(facts, claims)
    return Caller(str(claims.get("sub")), Partition(account.id, "live"), "jwt", scopes)


def read(facts: Facts, token: str) -> Jws | None:
    """The token as three parts and a header that is a JSON object."""
    decide = facts.behaviour
    parts = decide.split(facts, token)
    head = decide.decode(facts, parts[0]) if parts else None
    header = None if head is None else decide.read_header(facts, head)
    return Jws(header, *parts) if parts and header is not None else None


def split(facts: Facts, token: str) -> tuple[str, str, str] | None:
    return reading.in_three(token)


def decode(facts: Facts, part: str) -> bytes | None:
    return reading.decoded(part)


def read_object(facts: Facts, raw: bytes) -> Mapping[str, Any] | None:
    return reading.json_object(raw)


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
    """Names between single spaces, in any order: RFC 6749 section 3.3. An unknown one opens nothing."""
    named = str(claims.get("scope")).split(" ")
    return tuple(scope for scope in ALL if scope in named)
