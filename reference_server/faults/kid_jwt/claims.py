"""Faults: other claims than the expiry mean too much or too little."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from reference_server.faults.kid_jwt.entry import EARLY, LEEWAY, NBF_TYPE, STATUS, fault
from reference_server.faults.kid_jwt.wrong import excusing, refusing_claims
from reference_server.kid_jwt.behaviour import Behaviour, Facts, Refusal

_REGISTERED = {"iss", "sub", "aud", "exp", "nbf", "iat", "jti"}
"""RFC 7519 section 4.1."""

_NAN = ("practice/nan-refused", STATUS)


@fault("jwt-beginning-ignored", "The beginning of a JWT's time is not looked at", breaks=(*EARLY, *NBF_TYPE))
def beginning_ignored(behaviour: Behaviour) -> Behaviour:
    """Neither its date nor its type."""
    return replace(behaviour, judge_beginning=lambda facts, claims: None)


@fault(
    "jwt-beginning-as-text-ignored",
    "A beginning that is a text has begun",
    level="SHOULD",
    subtle=True,
    breaks=NBF_TYPE,
)
def beginning_as_text_ignored(behaviour: Behaviour) -> Behaviour:
    """One of the other types."""
    return excusing(behaviour, "nbf", lambda facts, claims: isinstance(claims.get("nbf"), str))


@fault(
    "jwt-beginning-as-object-ignored",
    "A beginning that is a list or object has begun",
    level="SHOULD",
    subtle=True,
    breaks=NBF_TYPE,
)
def beginning_as_object_ignored(behaviour: Behaviour) -> Behaviour:
    """Two of the other types."""
    return excusing(behaviour, "nbf", lambda facts, claims: isinstance(claims.get("nbf"), list | dict))


@fault(
    "jwt-with-beginning-refused",
    "A JWT that says when its time begins is refused",
    breaks=("rfc7519/4.1.5-begun-accepted",),
)
def with_beginning_refused(behaviour: Behaviour) -> Behaviour:
    """The claim is not foreseen. One token that must be accepted has it."""
    return refusing_claims(behaviour, lambda facts, claims: "nbf" in claims)


@fault(
    "jwt-clock-slow",
    "The clock by which JWTs are judged is a quarter of an hour slow",
    subtle=True,
    breaks=("rfc7519/4.1.5-begun-accepted", *LEEWAY),
)
def clock_slow(behaviour: Behaviour) -> Behaviour:
    """What expired ten minutes ago has not yet, and what began ten minutes ago is yet to begin. An hour is
    too long for such a clock to matter. The Date of its answers comes from another machine."""

    def judge_claims(facts: Facts, claims: Mapping[str, Any]) -> Refusal | None:
        return behaviour.judge_claims(replace(facts, now=facts.now - 900), claims)

    return replace(behaviour, judge_claims=judge_claims)


@fault(
    "jwt-unknown-claim-refused",
    "A JWT with a claim of its maker's own is refused",
    breaks=("rfc7519/4-unknown-claim",),
)
def unknown_claim_refused(behaviour: Behaviour) -> Behaviour:
    """RFC 7519 section 4 wants them ignored. One token that must be accepted has such claims."""
    return refusing_claims(behaviour, lambda facts, claims: not set(claims) <= _REGISTERED)


@fault(
    "jwt-claim-of-null-refused",
    "A JWT with a claim of null is refused",
    subtle=True,
    breaks=("rfc7519/4-unknown-claim",),
)
def claim_of_null_refused(behaviour: Behaviour) -> Behaviour:
    """One of the unknown claims is null."""
    return refusing_claims(behaviour, lambda facts, claims: None in claims.values())


def _reading_constants(behaviour: Behaviour, accepted: Callable[[float], bool]) -> Behaviour:
    """Read NaN and Infinity as numbers, and let an expiry be that is one of those accepted."""

    def read_claims(facts: Facts, raw: bytes) -> Mapping[str, Any] | None:
        claims = behaviour.read_claims(facts, raw)
        if claims is None and (b"NaN" in raw or b"Infinity" in raw):
            claims = json.loads(raw)
        return claims

    def endless(facts: Facts, claims: Mapping[str, Any]) -> bool:
        value = claims.get("exp")
        return isinstance(value, float) and accepted(value)

    return excusing(replace(behaviour, read_claims=read_claims), "exp", endless)


@fault("jwt-nan-accepted", "NaN and Infinity are dates that never come", breaks=_NAN)
def nan_accepted(behaviour: Behaviour) -> Behaviour:
    """As Python reads JSON by default, and compares: no time is at or behind either of them."""
    return _reading_constants(behaviour, lambda value: not math.isfinite(value))


@fault("jwt-infinity-accepted", "Infinity is a date that never comes", subtle=True, breaks=_NAN)
def infinity_accepted(behaviour: Behaviour) -> Behaviour:
    """As above, where NaN is noticed. One of the two."""
    return _reading_constants(behaviour, math.isinf)
