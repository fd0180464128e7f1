"""Faults: other claims than the expiry mean too much or too little."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from reference_server.faults.shared.crashes import crash_if, crashing
from reference_server.faults.shared.decisions import Facts
from reference_server.faults.shared.sets import FaultSet
from reference_server.faults.shared.signed.adapter import Claims, Named, Signed, V
from reference_server.faults.shared.signed.ways import at, excusing, refusing_claims

CLAIMS: FaultSet[Signed] = FaultSet()
fault = CLAIMS.fault


def _nan(api: Signed) -> Named:
    return ("practice/nan-refused", *api.malformed)


@fault(
    "beginning-ignored",
    "The beginning of a JWT's time is not looked at",
    breaks=lambda api: (*api.early, *api.nbf_type),
)
def beginning_ignored(api: Signed, behaviour: V) -> V:
    """Neither its date nor its type."""
    return replace(behaviour, judge_beginning=lambda facts, claims: None)


@fault(
    "beginning-as-text-ignored",
    "A beginning that is a text has begun",
    level="SHOULD",
    subtle=True,
    breaks=lambda api: api.nbf_type,
)
def beginning_as_text_ignored(api: Signed, behaviour: V) -> V:
    """One of the other types."""
    return excusing(behaviour, "nbf", lambda facts, claims: isinstance(claims.get("nbf"), str))


@fault(
    "beginning-as-object-ignored",
    "A beginning that is a list or object has begun",
    level="SHOULD",
    subtle=True,
    breaks=lambda api: api.nbf_type,
)
def beginning_as_object_ignored(api: Signed, behaviour: V) -> V:
    """Two of the other types."""
    return excusing(behaviour, "nbf", lambda facts, claims: isinstance(claims.get("nbf"), list | dict))


@fault(
    "with-beginning-refused",
    "A JWT that says when its time begins is refused",
    breaks=("rfc7519/4.1.5-begun-accepted",),
)
def with_beginning_refused(api: Signed, behaviour: V) -> V:
    """The claim is not foreseen. One token that must be accepted has it."""
    return refusing_claims(api, behaviour, lambda facts, claims: "nbf" in claims)


@fault(
    "clock-slow",
    "The clock by which JWTs are judged is a quarter of an hour slow",
    subtle=True,
    breaks=lambda api: ("rfc7519/4.1.5-begun-accepted", *api.leeway),
)
def clock_slow(api: Signed, behaviour: V) -> V:
    """What expired ten minutes ago has not yet, and what began ten minutes ago is yet to begin. An hour is
    too long for such a clock to matter. The Date of its answers comes from another machine."""

    def judge_claims(facts: Facts, claims: Claims, *more: Any) -> Any:
        return behaviour.judge_claims(at(facts, facts.now - 900), claims, *more)

    return replace(behaviour, judge_claims=judge_claims)


@fault(
    "unknown-claim-refused",
    "A JWT with a claim of its maker's own is refused",
    breaks=("rfc7519/4-unknown-claim",),
)
def unknown_claim_refused(api: Signed, behaviour: V) -> V:
    """RFC 7519 section 4 wants them ignored. One token that must be accepted has such claims."""
    return refusing_claims(api, behaviour, lambda facts, claims: not set(claims) <= api.registered)


@fault(
    "claim-of-null-refused",
    "A JWT with a claim of null is refused",
    subtle=True,
    breaks=("rfc7519/4-unknown-claim",),
)
def claim_of_null_refused(api: Signed, behaviour: V) -> V:
    """One of the unknown claims is null."""
    return refusing_claims(api, behaviour, lambda facts, claims: None in claims.values())


def _reading_constants(behaviour: V, accepted: Callable[[float], bool]) -> V:
    """Read NaN and Infinity as numbers, and let an expiry be that is one of those accepted."""

    def read_claims(facts: Facts, raw: bytes) -> Claims | None:
        claims = behaviour.read_claims(facts, raw)
        if claims is None and (b"NaN" in raw or b"Infinity" in raw):
            claims = json.loads(raw)
        return claims

    def endless(facts: Facts, claims: Claims) -> bool:
        value = claims.get("exp")
        return isinstance(value, float) and accepted(value)

    return excusing(replace(behaviour, read_claims=read_claims), "exp", endless)


@fault("nan-accepted", "NaN and Infinity are dates that never come", breaks=_nan)
def nan_accepted(api: Signed, behaviour: V) -> V:
    """As Python reads JSON by default, and compares: no time is at or behind either of them."""
    return _reading_constants(behaviour, lambda value: not math.isfinite(value))


@fault("infinity-accepted", "Infinity is a date that never comes", subtle=True, breaks=_nan)
def infinity_accepted(api: Signed, behaviour: V) -> V:
    """As above, where NaN is noticed. One of the two."""
    return _reading_constants(behaviour, math.isinf)


@fault(
    "claims-in-query",
    "The subject of a JWT is written into the text of a query",
    breaks=("asvs/1.2.4-claims-untrusted",),
)
def claims_in_query(api: Signed, behaviour: V) -> V:
    """For a log that nobody reads. An apostrophe ends it too early, and what the database says of that is
    caught by nobody. Only a hostile subject has one."""

    def judge_claims(facts: Facts, claims: Claims, *more: Any) -> Any:
        crash_if("'" in str(claims.get("sub")))
        return behaviour.judge_claims(facts, claims, *more)

    return crashing(replace(behaviour, judge_claims=judge_claims))
