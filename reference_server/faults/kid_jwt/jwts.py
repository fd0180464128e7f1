"""Faults of JWTs that this API shares with others: what differs here, and what falls with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from reference_server.faults.kid_jwt import entry
from reference_server.faults.kid_jwt.entry import CATALOGUE, STATUS, fault
from reference_server.faults.kid_jwt.wrong import first_account
from reference_server.faults.shared.crashes import crash_if, crashing
from reference_server.faults.shared.signed.adapter import Signed
from reference_server.faults.shared.signed.algorithm import ALGORITHM
from reference_server.faults.shared.signed.claims import CLAIMS
from reference_server.faults.shared.signed.expiry import EXPIRY
from reference_server.faults.shared.signed.form import FORM
from reference_server.faults.shared.signed.signature import SIGNATURE
from reference_server.faults.shared.signed.spellings import SPELLINGS, Spelled
from reference_server.kid_jwt.behaviour import Behaviour, Facts, Refusal


def _header(facts: Facts) -> Mapping[str, Any]:
    return {"alg": "HS256", "kid": first_account(facts).kid}


JWTS = Signed(
    refusal=Refusal,
    header=_header,
    claims=lambda facts: {"exp": facts.now + 60},
    members=frozenset({"alg", "kid", "typ"}),
    registered=frozenset({"iss", "sub", "aud", "exp", "nbf", "iat", "jti"}),
    subject=lambda claims: "sub" in claims,
    fails=(STATUS,),
    malformed=(STATUS,),
    misnamed=(STATUS,),
    miswritten=(STATUS,),
    unsigned=entry.UNSIGNED,
    signature=entry.SIGNATURE,
    payload=entry.PAYLOAD,
    header_covered=entry.HEADER,
    foreign=entry.FOREIGN,
    empty_key=entry.EMPTY_KEY,
    common=entry.COMMON,
    bound=(*entry.BOUND_KID, *entry.MIXED_UP),
    expired=entry.EXPIRED,
    leeway=entry.LEEWAY,
    exp_type=entry.EXP_TYPE,
    exp_string=entry.EXP_STRING,
    no_exp=entry.NO_EXP,
    distant=entry.DISTANT,
    early=entry.EARLY,
    nbf_type=entry.NBF_TYPE,
)

for faults in (FORM, SIGNATURE, ALGORITHM, EXPIRY, CLAIMS):
    faults.enter(CATALOGUE, JWTS, prefix="jwt-")
SPELLINGS.enter(CATALOGUE, Spelled(malformed=(STATUS,), header=_header), prefix="jwt-")


@fault(
    "jwt-claims-in-query",
    "The subject of a JWT is written into the text of a query",
    breaks=("asvs/1.2.4-claims-untrusted",),
)
def claims_in_query(behaviour: Behaviour) -> Behaviour:
    """For a log that nobody reads. An apostrophe ends it too early, and what the database says of that is
    caught by nobody. Only a hostile subject has one."""

    def judge_claims(facts: Facts, claims: Mapping[str, Any]) -> Refusal | None:
        crash_if("'" in str(claims.get("sub")))
        return behaviour.judge_claims(facts, claims)

    return crashing(replace(behaviour, judge_claims=judge_claims))


@fault(
    "jwt-long-crash",
    "A credential that is too long, and has no dot, brings the server down",
    breaks=("rfc9110/5.4-oversized",),
)
def long_crash(behaviour: Behaviour) -> Behaviour:
    """Its first part is copied to a fixed place. A static token that long meets the same; a JWT has dots, and
    what the HTTP library does not bear is refused before."""

    def parse(facts: Facts, value: str) -> str | None:
        crash_if(len(value) > 8192 and "." not in value)
        return behaviour.parse(facts, value)

    return crashing(replace(behaviour, parse=parse))
