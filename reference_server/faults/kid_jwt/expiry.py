"""Faults: what is wrong with an expiry is overlooked, and what is right with one is not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from reference_server.faults.kid_jwt.entry import (
    DISTANT,
    EXP_STRING,
    EXP_TYPE,
    EXPIRED,
    LEEWAY,
    NO_EXP,
    STATUS,
    fault,
)
from reference_server.faults.kid_jwt.wrong import crash_if, crashing, crashing_for, excusing, refusing_claims
from reference_server.kid_jwt.behaviour import Behaviour, Facts, Refusal
from reference_server.reading import is_date

DAY = 24 * 3600
"""Seconds."""


def _excusing(behaviour: Behaviour, fits: Callable[[Any], bool]) -> Behaviour:
    """Let an expiry be where it is there and fits."""
    return excusing(behaviour, "exp", lambda facts, claims: "exp" in claims and fits(claims["exp"]))


@fault(
    "jwt-expiry-ignored",
    "The expiry of a JWT is not looked at",
    breaks=(*EXPIRED, *EXP_TYPE, *EXP_STRING, *LEEWAY, *NO_EXP),
)
def ignored(behaviour: Behaviour) -> Behaviour:
    """Be it past, of another type, or not there. NaN, and an expiry that is named twice, are no JSON object
    to this server and stay refused."""
    return replace(behaviour, judge_expiry=lambda facts, claims: None)


@fault("jwt-expiry-as-text-is-never", "An expiry that is a text never comes", breaks=(*EXP_TYPE, *EXP_STRING))
def as_text_is_never(behaviour: Behaviour) -> Behaviour:
    """A text is not less than a number in some languages. All of the texts among the other types, and the
    future one."""
    return _excusing(behaviour, lambda value: isinstance(value, str))


@fault(
    "jwt-expiry-as-object-is-never",
    "An expiry that is a list or object never comes",
    subtle=True,
    breaks=EXP_TYPE,
)
def as_object_is_never(behaviour: Behaviour) -> Behaviour:
    """Two of the other types."""
    return _excusing(behaviour, lambda value: isinstance(value, list | dict))


@fault("jwt-expiry-true-is-never", "An expiry of true never comes", subtle=True, breaks=EXP_TYPE)
def true_is_never(behaviour: Behaviour) -> Behaviour:
    """One of the other types."""
    return _excusing(behaviour, lambda value: value is True)


@fault(
    "jwt-expiry-text-is-converted",
    "A future expiry is accepted as a text",
    level="SHOULD",
    subtle=True,
    breaks=EXP_STRING,
)
def text_is_converted(behaviour: Behaviour) -> Behaviour:
    """It is turned into a number. One that lies in the past is past, and a text that is no number is
    refused."""

    def ahead(facts: Facts, claims: Mapping[str, Any]) -> bool:
        value = claims.get("exp")
        return isinstance(value, str) and value.isdecimal() and int(value) > facts.now

    return excusing(behaviour, "exp", ahead)


@fault("jwt-expiry-zero-is-never", "An expiry of zero never comes", subtle=True, breaks=EXPIRED)
def zero_is_never(behaviour: Behaviour) -> Behaviour:
    """Zero is false, like an expiry that is not there. One of those that are past."""
    return _excusing(behaviour, lambda value: is_date(value) and value == 0)


@fault("jwt-expiry-negative-is-never", "A negative expiry never comes", subtle=True, breaks=EXPIRED)
def negative_is_never(behaviour: Behaviour) -> Behaviour:
    """A number without sign is very large. One of those that are past."""
    return _excusing(behaviour, lambda value: is_date(value) and value < 0)


@fault(
    "jwt-expiry-with-fraction-is-never", "An expiry with a fraction never comes", subtle=True, breaks=EXPIRED
)
def with_fraction_is_never(behaviour: Behaviour) -> Behaviour:
    """Only whole numbers are compared. One of those that are past; numbers out of all
    range may be accepted."""
    return _excusing(behaviour, lambda value: isinstance(value, float) and is_date(value))


@fault(
    "jwt-expiry-with-fraction-refused",
    "An expiry with a fraction is refused",
    level="SHOULD",
    breaks=("rfc7519/2-fraction-accepted",),
)
def with_fraction_refused(behaviour: Behaviour) -> Behaviour:
    """RFC 7519 section 2 has them. One scenario's token must be accepted with one; for numbers out of all
    range a refusal is as good as any answer."""
    return refusing_claims(behaviour, lambda facts, claims: isinstance(claims["exp"], float))


@fault(
    "jwt-expiry-with-fraction-crash",
    "An expiry with a fraction brings the server down",
    level="SHOULD",
    breaks=("rfc7519/2-fraction-accepted", "practice/huge-date", STATUS),
)
def with_fraction_crash(behaviour: Behaviour) -> Behaviour:
    """A future one is not accepted, a past one refused by a 500, and so are two of the numbers out of all
    range, which are written with an exponent."""
    return crashing(_excusing(behaviour, lambda value: crash_if(isinstance(value, float))))


@fault(
    "jwt-expiry-out-of-range-crash",
    "An expiry that no date can hold brings the server down",
    level="SHOULD",
    subtle=True,
    breaks=("practice/huge-date",),
)
def out_of_range_crash(behaviour: Behaviour) -> Behaviour:
    """It is turned into a date for the log. Ten years ahead is one, as are zero and minus one."""

    def no_date(value: Any) -> bool:
        try:
            return is_date(value) and not datetime.fromtimestamp(value, UTC)
        except (ValueError, OverflowError, OSError):
            return crash_if(True)

    return crashing(_excusing(behaviour, no_date))


@fault("jwt-distant-expiry-refused", "An expiry more than ninety days ahead is refused", breaks=DISTANT)
def distant_refused(behaviour: Behaviour) -> Behaviour:
    """Sensible, and against the document's word that there is no limit. No other token that must be accepted
    lives for more than an hour."""
    return refusing_claims(behaviour, lambda facts, claims: claims["exp"] > facts.now + 90 * DAY)


@fault(
    "jwt-expiry-of-a-decade-refused",
    "An expiry more than five years ahead is refused",
    subtle=True,
    breaks=DISTANT,
)
def of_a_decade_refused(behaviour: Behaviour) -> Behaviour:
    """As above; a year is accepted, ten are not."""
    return refusing_claims(behaviour, lambda facts, claims: claims["exp"] > facts.now + 5 * 365 * DAY)


@fault("jwt-expiry-optional", "A JWT without an expiry is accepted", level="SHOULD", breaks=NO_EXP)
def optional(behaviour: Behaviour) -> Behaviour:
    """As RFC 7519 alone would have it. An expiry of null is refused."""
    return excusing(behaviour, "exp", lambda facts, claims: "exp" not in claims)


@fault(
    "jwt-expiry-may-be-null",
    "An expiry of null is as good as any",
    level="SHOULD",
    subtle=True,
    breaks=NO_EXP,
)
def may_be_null(behaviour: Behaviour) -> Behaviour:
    """It is there, and never comes. One of the two that have no expiry."""
    return _excusing(behaviour, lambda value: value is None)


@fault(
    "jwt-long-leeway", "A JWT is accepted for fifteen minutes after its expiry", level="SHOULD", breaks=LEEWAY
)
def long_leeway(behaviour: Behaviour) -> Behaviour:
    """Ten minutes are too much, an hour is past; between the two only one scenario asks."""

    def judge_expiry(facts: Facts, claims: Mapping[str, Any]) -> Refusal | None:
        return behaviour.judge_expiry(replace(facts, now=facts.now - 900), claims)

    return replace(behaviour, judge_expiry=judge_expiry)


@fault(
    "jwt-expired-crash",
    "An expired JWT brings the server down",
    level="SHOULD",
    breaks=(STATUS,),
)
def expired_crash(behaviour: Behaviour) -> Behaviour:
    """An exception of the library that nobody catches. The token is refused, by a failure of the server."""
    return crashing_for(behaviour, "expired-token")
