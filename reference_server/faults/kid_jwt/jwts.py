"""Faults of JWTs that this API shares with others: what differs here, and what falls with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reference_server.faults.kid_jwt import entry
from reference_server.faults.kid_jwt.entry import CATALOGUE, STATUS
from reference_server.faults.kid_jwt.wrong import first_account
from reference_server.faults.shared.brought_down import BROUGHT_DOWN, Borne
from reference_server.faults.shared.signed.adapter import Signed
from reference_server.faults.shared.signed.algorithm import ALGORITHM
from reference_server.faults.shared.signed.claims import CLAIMS
from reference_server.faults.shared.signed.expiry import EXPIRY
from reference_server.faults.shared.signed.form import FORM
from reference_server.faults.shared.signed.signature import SIGNATURE
from reference_server.faults.shared.signed.spellings import SPELLINGS, Spelled
from reference_server.kid_jwt.behaviour import Facts, Refusal


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
BROUGHT_DOWN.enter(CATALOGUE, Borne(), prefix="jwt-", only=("long-crash",))
