"""Faults of JWTs that this API shares with others: what differs here, and what falls with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reference_server.faults.shared.signed.adapter import Signed
from reference_server.faults.shared.signed.algorithm import ALGORITHM
from reference_server.faults.shared.signed.claims import CLAIMS
from reference_server.faults.shared.signed.expiry import EXPIRY
from reference_server.faults.shared.signed.form import FORM
from reference_server.faults.shared.signed.signature import SIGNATURE
from reference_server.faults.shared.signed.spellings import SPELLINGS, Spelled
from reference_server.faults.sk_oauth.entry import BAD, CATALOGUE, JWT, OLD, STATUS
from reference_server.sk_oauth.behaviour import Facts, Refusal

PREFIX = "sk-jwt-"


def _claims(facts: Facts) -> Mapping[str, Any]:
    return {"sub": "user_1", "iat": facts.now, "exp": facts.now + 60, "scope": "read write"}


JWTS = Signed(
    refusal=Refusal,
    header=lambda facts: {"alg": "HS256"},
    claims=_claims,
    members=frozenset({"alg", "typ"}),
    registered=frozenset({"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "scope"}),
    subject=lambda claims: not str(claims.get("sub")).startswith("user_"),
    malformed=BAD,
    misnamed=BAD,
    none=(JWT,),
    miswritten=(STATUS,),
    unsigned=("rfc7515/5.2-signature-missing", JWT, *BAD),
    signature=("rfc7515/5.2-signature-changed", JWT, *BAD),
    payload=("rfc7515/5.2-payload-covered", JWT, *BAD),
    header_covered=("rfc7515/5.2-header-covered", *BAD),
    foreign=("rfc8725/3.8-foreign-key", JWT, *BAD),
    empty_key=("rfc7518/3.2-empty-key", *BAD),
    common=("rfc8725/3.5-common-secret", *BAD),
    expired=("rfc7519/4.1.4-expired-refused", *OLD),
    leeway=("rfc7519/4.1.4-leeway", *OLD),
    exp_type=("rfc7519/4.1.4-exp-type", STATUS),
    exp_string=("rfc7519/4.1.4-exp-string", STATUS),
    no_exp=("practice/expiry-required", STATUS),
    early=("rfc7519/4.1.5-early-refused", STATUS),
    nbf_type=("rfc7519/4.1.5-nbf-type", STATUS),
)

# Distant expiries are not documented here. Of the rest there is what no other fault of this API shows: how
# else a JWT can be misread is seen at the other APIs.
FORM.enter(
    CATALOGUE,
    JWTS,
    levels={"header-crash": "MUST", "payload-crash": "MUST"},
    prefix=PREFIX,
    only=("header-crash", "payload-crash", "unknown-member-refused", "typ-required"),
)
SIGNATURE.enter(CATALOGUE, JWTS, prefix=PREFIX, only=("signature-unchecked",))
ALGORITHM.enter(
    CATALOGUE,
    JWTS,
    prefix=PREFIX,
    only=(
        "none-in-other-case",
        "hs512-accepted",
        "algorithm-in-list",
        "unknown-algorithm-falls-back",
        "crit-ignored",
    ),
)
EXPIRY.enter(
    CATALOGUE,
    JWTS,
    prefix=PREFIX,
    only=("expiry-ignored", "expiry-with-fraction-refused", "expiry-out-of-range-crash"),
)
CLAIMS.enter(
    CATALOGUE,
    JWTS,
    prefix=PREFIX,
    only=("beginning-ignored", "clock-slow", "claim-of-null-refused", "claims-in-query"),
)
SPELLINGS.enter(
    CATALOGUE,
    Spelled(malformed=BAD, header=JWTS.header),
    prefix=PREFIX,
    only=("as-json-read", "iterations-unbounded", "dots-cost-dearly"),
)
