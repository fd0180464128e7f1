"""Faults: what is wrong with an expiry is overlooked, and what is right with one is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from reference_server.faults.shared.crashes import crash_if, crashing, crashing_for
from reference_server.faults.shared.decisions import Facts
from reference_server.faults.shared.sets import FaultSet
from reference_server.faults.shared.signed.adapter import Claims, Named, Signed, V
from reference_server.faults.shared.signed.ways import at, excusing, refusing_claims
from reference_server.reading import is_date

EXPIRY: FaultSet[Signed] = FaultSet()
fault = EXPIRY.fault

DAY = 24 * 3600
"""Seconds."""


def _no_date(api: Signed) -> Named:
    """A past expiry that was never meant as a date is told as such, or as past."""
    return (api.expired[0], *api.miswritten)


def _excusing(behaviour: V, fits: Callable[[Any], bool]) -> V:
    """Let an expiry be where it is there and fits."""
    return excusing(behaviour, "exp", lambda facts, claims: "exp" in claims and fits(claims["exp"]))


@fault(
    "expiry-ignored",
    "The expiry of a JWT is not looked at",
    breaks=lambda api: (*api.expired, *api.exp_type, *api.exp_string, *api.leeway, *api.no_exp),
)
def ignored(api: Signed, behaviour: V) -> V:
    """Be it past, of another type, or not there. NaN, and an expiry that is named twice, are no JSON object
    to this server and stay refused."""
    return replace(behaviour, judge_expiry=lambda facts, claims: None)


@fault(
    "expiry-as-text-is-never",
    "An expiry that is a text never comes",
    breaks=lambda api: (*api.exp_type, *api.exp_string),
)
def as_text_is_never(api: Signed, behaviour: V) -> V:
    """A text is not less than a number in some languages. All of the texts among the other types, and the
    future one."""
    return _excusing(behaviour, lambda value: isinstance(value, str))


@fault(
    "expiry-as-object-is-never",
    "An expiry that is a list or object never comes",
    subtle=True,
    breaks=lambda api: api.exp_type,
)
def as_object_is_never(api: Signed, behaviour: V) -> V:
    """Two of the other types."""
    return _excusing(behaviour, lambda value: isinstance(value, list | dict))


@fault("expiry-true-is-never", "An expiry of true never comes", subtle=True, breaks=lambda api: api.exp_type)
def true_is_never(api: Signed, behaviour: V) -> V:
    """One of the other types."""
    return _excusing(behaviour, lambda value: value is True)


@fault(
    "expiry-text-is-converted",
    "A future expiry is accepted as a text",
    level="SHOULD",
    subtle=True,
    breaks=lambda api: api.exp_string,
)
def text_is_converted(api: Signed, behaviour: V) -> V:
    """It is turned into a number. One that lies in the past is past, and a text that is no number is
    refused."""

    def ahead(facts: Facts, claims: Claims) -> bool:
        value = claims.get("exp")
        return isinstance(value, str) and value.isdecimal() and int(value) > facts.now

    return excusing(behaviour, "exp", ahead)


@fault(
    "expiry-zero-is-never",
    "An expiry of zero never comes",
    subtle=True,
    breaks=_no_date,
)
def zero_is_never(api: Signed, behaviour: V) -> V:
    """Zero is false, like an expiry that is not there. One of those that are past."""
    return _excusing(behaviour, lambda value: is_date(value) and value == 0)


@fault(
    "expiry-negative-is-never",
    "A negative expiry never comes",
    subtle=True,
    breaks=_no_date,
)
def negative_is_never(api: Signed, behaviour: V) -> V:
    """A number without sign is very large. One of those that are past."""
    return _excusing(behaviour, lambda value: is_date(value) and value < 0)


@fault(
    "expiry-with-fraction-is-never",
    "An expiry with a fraction never comes",
    subtle=True,
    breaks=lambda api: api.expired,
)
def with_fraction_is_never(api: Signed, behaviour: V) -> V:
    """Only whole numbers are compared. One of those that are past; numbers out of all
    range may be accepted."""
    return _excusing(behaviour, lambda value: isinstance(value, float) and is_date(value))


@fault(
    "expiry-with-fraction-refused",
    "An expiry with a fraction is refused",
    level="SHOULD",
    breaks=("rfc7519/2-fraction-accepted",),
)
def with_fraction_refused(api: Signed, behaviour: V) -> V:
    """RFC 7519 section 2 has them. One scenario's token must be accepted with one; for numbers out of all
    range a refusal is as good as any answer."""
    return refusing_claims(api, behaviour, lambda facts, claims: isinstance(claims["exp"], float))


@fault(
    "expiry-with-fraction-crash",
    "An expiry with a fraction brings the server down",
    level="SHOULD",
    breaks=lambda api: ("rfc7519/2-fraction-accepted", "practice/huge-date", *api.crashed(*api.expired)),
)
def with_fraction_crash(api: Signed, behaviour: V) -> V:
    """A future one is not accepted, a past one refused by a 500, and so are two of the numbers out of all
    range, which are written with an exponent."""
    return crashing(_excusing(behaviour, lambda value: crash_if(isinstance(value, float))))


@fault(
    "expiry-out-of-range-crash",
    "An expiry that no date can hold brings the server down",
    level="SHOULD",
    subtle=True,
    breaks=("practice/huge-date",),
)
def out_of_range_crash(api: Signed, behaviour: V) -> V:
    """It is turned into a date for the log. Ten years ahead is one, as are zero and minus one."""

    def no_date(value: Any) -> bool:
        try:
            return is_date(value) and not datetime.fromtimestamp(value, UTC)
        except (ValueError, OverflowError, OSError):
            return crash_if(True)

    return crashing(_excusing(behaviour, no_date))


@fault(
    "distant-expiry-refused",
    "An expiry more than ninety days ahead is refused",
    breaks=lambda api: api.distant,
)
def distant_refused(api: Signed, behaviour: V) -> V:
    """Sensible, and against the document's word that there is no limit. No other token that must be accepted
    lives for more than an hour."""
    return refusing_claims(api, behaviour, lambda facts, claims: claims["exp"] > facts.now + 90 * DAY)


@fault(
    "expiry-of-a-decade-refused",
    "An expiry more than five years ahead is refused",
    subtle=True,
    breaks=lambda api: api.distant,
)
def of_a_decade_refused(api: Signed, behaviour: V) -> V:
    """As above; a year is accepted, ten are not."""
    return refusing_claims(api, behaviour, lambda facts, claims: claims["exp"] > facts.now + 5 * 365 * DAY)


@fault(
    "expiry-optional", "A JWT without an expiry is accepted", level="SHOULD", breaks=lambda api: api.no_exp
)
def optional(api: Signed, behaviour: V) -> V:
    """As RFC 7519 alone would have it. An expiry of null is refused."""
    return excusing(behaviour, "exp", lambda facts, claims: "exp" not in claims)


@fault(
    "expiry-may-be-null",
    "An expiry of null is as good as any",
    level="SHOULD",
    subtle=True,
    breaks=lambda api: api.no_exp,
)
def may_be_null(api: Signed, behaviour: V) -> V:
    """It is there, and never comes. One of the two that have no expiry."""
    return _excusing(behaviour, lambda value: value is None)


@fault(
    "long-leeway",
    "A JWT is accepted for fifteen minutes after its expiry",
    level="SHOULD",
    breaks=lambda api: api.leeway,
)
def long_leeway(api: Signed, behaviour: V) -> V:
    """Ten minutes are too much, an hour is past; between the two only one scenario asks."""

    def judge_expiry(facts: Facts, claims: Claims) -> Any:
        return behaviour.judge_expiry(at(facts, facts.now - 900), claims)

    return replace(behaviour, judge_expiry=judge_expiry)


@fault(
    "expired-crash",
    "An expired JWT brings the server down",
    level="SHOULD",
    breaks=lambda api: api.crashed(*api.expired, *api.leeway),
)
def expired_crash(api: Signed, behaviour: V) -> V:
    """An exception of the library that nobody catches. The token is refused, by a failure of the server."""
    return crashing_for(behaviour, "expired-token")
