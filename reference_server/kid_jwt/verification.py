"""Whose JWT it is: the header names a key, the key holds the signature, and the claims hold now."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from reference_server import claims as times
from reference_server import jwts
from reference_server.kid_jwt.behaviour import Facts, Jws, Refusal
from reference_server.kid_jwt.records import Account

ALGORITHM = "HS256"
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def verify(facts: Facts, token: str) -> Account | Refusal:
    """No claim is read before the signature holds, and no secret looked for before the header is right."""
    decide = facts.behaviour
    jws = jwts.read(facts, token)
    if jws is None:
        return Refusal("malformed-token")
    kid = decide.name_key(facts, jws)
    if isinstance(kid, Refusal):
        return kid
    if refusal := decide.judge_algorithm(facts, jws) or decide.judge_extensions(facts, jws):
        return refusal
    account = decide.find_signer(facts, kid)
    if account is None:
        return Refusal("unknown-kid")
    if not decide.holds(facts, jws, account):
        return Refusal("bad-signature")
    claims = jwts.claims(facts, jws)
    if claims is None:
        return Refusal("malformed-token")
    return decide.judge_claims(facts, claims) or account


def name_key(facts: Facts, jws: Jws) -> str | Refusal:
    """The document knows one that is missing; null and the empty text are as good as none."""
    kid = jws.header.get("kid")
    if kid is None or kid == "":
        return Refusal("missing-kid")
    return kid if isinstance(kid, str) else Refusal("unknown-kid")


def judge_algorithm(facts: Facts, jws: Jws) -> Refusal | None:
    """The one algorithm, whatever others the library knows: RFC 8725 section 3.1."""
    return None if jws.header.get("alg") == ALGORITHM else Refusal("wrong-algorithm")


def judge_extensions(facts: Facts, jws: Jws) -> Refusal | None:
    return Refusal("unknown-extension") if times.extended(jws.header) else None


def find_signer(facts: Facts, kid: str) -> Account | None:
    """A kid is a UUID as it was handed out, or the name of nothing."""
    return facts.server.store.with_kid(kid) if _UUID.fullmatch(kid) else None


def holds(facts: Facts, jws: Jws, account: Account) -> bool:
    from reference_server import jose  # joserfc takes longer to import than all the rest

    return jose.holds(jws.text, jose.shared(account.secret), ALGORITHM)


def judge_claims(facts: Facts, claims: Mapping[str, Any]) -> Refusal | None:
    decide = facts.behaviour
    return decide.judge_expiry(facts, claims) or decide.judge_beginning(facts, claims)


def judge_expiry(facts: Facts, claims: Mapping[str, Any]) -> Refusal | None:
    wrong = times.expiry(claims, facts.now)
    return Refusal(wrong) if wrong else None


def judge_beginning(facts: Facts, claims: Mapping[str, Any]) -> Refusal | None:
    wrong = times.beginning(claims, facts.now)
    return Refusal(wrong) if wrong else None
