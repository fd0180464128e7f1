"""Faults: user and password are accepted where Basic credentials do not stand, or are not written so."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from typing import Any

from reference_server.bearer import TOKEN68
from reference_server.faults.shared.decisions import Facts
from reference_server.faults.shared.paired import P, Paired, also_parsing_basic
from reference_server.faults.shared.sets import FaultSet
from reference_server.faults.shared.ways import (
    also_reading,
    in_cookie,
    in_field,
    in_query,
    reason_of,
    waiving,
)

BASIC_FORM: FaultSet[Paired] = FaultSet()
fault = BASIC_FORM.fault

# --- how it is written ---------------------------------------------------------------------------


def _reading(behaviour: P, pattern: str) -> P:
    """Find the Base64 in the first group of a pattern that the whole field value matches."""
    compiled = re.compile(pattern, re.IGNORECASE)

    def read(value: str) -> str | None:
        match = compiled.fullmatch(value)
        return match[1] if match else None

    return also_parsing_basic(behaviour, read)


@fault(
    "basic-foreign-characters-skipped",
    "Characters that are no Base64 are skipped",
    breaks=lambda api: api.no_base64,
)
def foreign_characters_skipped(api: Paired, behaviour: P) -> P:
    """As lenient decoders do. The pair with a foreign character before or behind it, in quotes or before a
    comma is served; one that is written twice has its padding in the middle."""
    lenient = _reading(behaviour, r"basic +([^ ]+)")

    def decode_pair(facts: Facts, encoded: str) -> bytes | None:
        try:
            return base64.b64decode(encoded)
        except ValueError:
            return None

    return replace(lenient, decode_pair=decode_pair)


@fault(
    "basic-space-optional",
    "The space after Basic may be missing",
    subtle=True,
    breaks=lambda api: api.no_base64,
)
def space_optional(api: Paired, behaviour: P) -> P:
    """The word is cut off without looking what follows."""
    return _reading(behaviour, rf"basic({TOKEN68})")


@fault(
    "basic-colon-after-scheme",
    "A colon after Basic is overlooked",
    subtle=True,
    breaks=lambda api: api.no_base64,
)
def colon_after_scheme(api: Paired, behaviour: P) -> P:
    """One spelling of the malformed field is served."""
    return _reading(behaviour, rf"basic: *({TOKEN68})")


@fault(
    "basic-scheme-optional",
    "User and password are accepted without a scheme",
    breaks=lambda api: api.no_base64,
)
def scheme_optional(api: Paired, behaviour: P) -> P:
    """As above. A scheme alone is no Base64 of a pair."""
    return _reading(behaviour, rf"({TOKEN68})")


@fault(
    "basic-first-of-two",
    "What follows the credentials is ignored",
    subtle=True,
    breaks=lambda api: api.no_base64,
)
def first_of_two(api: Paired, behaviour: P) -> P:
    """The field is split at spaces and its second word taken."""
    return _reading(behaviour, rf"basic +({TOKEN68}) +.*")


@fault(
    "basic-last-word-counts",
    "The last word counts, whatever stands before",
    breaks=lambda api: (*api.no_base64, *api.scheme, *api.uniform),
)
def last_word_counts(api: Paired, behaviour: P) -> P:
    """That serves the pair without a scheme, after a colon or a comma, twice, and after any scheme but
    Bearer, which is looked at first."""
    return also_parsing_basic(behaviour, lambda value: value.rpartition(" ")[2] or None)


@fault(
    "basic-under-any-scheme",
    "User and password are accepted under other schemes",
    breaks=lambda api: (*api.scheme, *api.uniform),
)
def under_any_scheme(api: Paired, behaviour: P) -> P:
    """Any word will do, but Bearer, which is looked at first. Another scheme is one of the causes that are
    compared."""
    return _reading(behaviour, rf"[a-z]+ +({TOKEN68})")


@fault(
    "basic-under-digest",
    "User and password are accepted under Digest",
    subtle=True,
    breaks=lambda api: (*api.scheme, *api.uniform),
)
def under_digest(api: Paired, behaviour: P) -> P:
    """One of the other schemes, and the one that is compared: it holds a user and a password as well."""
    return _reading(behaviour, rf"digest +({TOKEN68})")


@fault(
    "basic-under-bearer",
    "User and password are accepted under Bearer",
    breaks=lambda api: api.swapped,
)
def under_bearer(api: Paired, behaviour: P) -> P:
    """What is no JWT is decoded as a pair. Of all that is sent after Bearer only this is one."""

    def by_bearer(facts: Facts, token: str) -> Any:
        found = behaviour.by_bearer(facts, token)
        pair = behaviour.by_basic(facts, token) if reason_of(found) else found
        return found if reason_of(pair) else pair

    return replace(behaviour, by_bearer=by_bearer)


@fault(
    "token-under-basic", "A token is accepted under Basic", subtle=True, breaks=lambda api: api.swapped_token
)
def token_under_basic(api: Paired, behaviour: P) -> P:
    """The other way round: what is no pair is verified as a token."""

    def by_basic(facts: Facts, encoded: str) -> Any:
        found = behaviour.by_basic(facts, encoded)
        token = behaviour.by_bearer(facts, encoded) if reason_of(found) else found
        return found if reason_of(token) else token

    return replace(behaviour, by_basic=by_basic)


@fault(
    "basic-scheme-in-one-case",
    "The scheme before a pair must be written Basic",
    breaks=lambda api: ("rfc9110/11.1-scheme-case",),
)
def scheme_in_one_case(api: Paired, behaviour: P) -> P:
    """All controls are written so."""
    return replace(
        behaviour,
        parse_basic=lambda facts, value: (
            behaviour.parse_basic(facts, value) if value.startswith("Basic") else None
        ),
    )


@fault(
    "basic-scheme-not-in-capitals",
    "BASIC is not recognised",
    subtle=True,
    breaks=lambda api: ("rfc9110/11.1-scheme-case",),
)
def scheme_not_in_capitals(api: Paired, behaviour: P) -> P:
    """Two spellings are compared where the case should be folded."""
    return replace(
        behaviour,
        parse_basic=lambda facts, value: (
            None if value.startswith("BASIC") else behaviour.parse_basic(facts, value)
        ),
    )


@fault(
    "basic-single-space-parser",
    "Only one space may stand before a pair",
    level="SHOULD",
    breaks=lambda api: ("rfc9110/11.4-several-spaces",),
)
def single_space_parser(api: Paired, behaviour: P) -> P:
    """RFC 9110 section 11.4 has one or more. Controls have one."""
    return replace(
        behaviour,
        parse_basic=lambda facts, value: None if "  " in value else behaviour.parse_basic(facts, value),
    )


@fault(
    "basic-scheme-alone-accepted",
    "The word Basic without a pair is accepted",
    subtle=True,
    breaks=lambda api: (*api.incomplete, *api.uniform),
)
def scheme_alone_accepted(api: Paired, behaviour: P) -> P:
    """Only the scheme is looked at. It is one of the causes that are compared."""
    return waiving(
        behaviour, "malformed-credential", api.somebody, lambda facts: behaviour.collect(facts) == ("Basic",)
    )


@fault(
    "basic-empty-field-accepted",
    "An empty Authorization field is as good as a pair",
    subtle=True,
    breaks=lambda api: api.incomplete,
)
def empty_field_accepted(api: Paired, behaviour: P) -> P:
    """The empty value is false where the absent one is none."""
    return waiving(
        behaviour, "malformed-credential", api.somebody, lambda facts: behaviour.collect(facts) == ("",)
    )


# --- where it stands -----------------------------------------------------------------------------


def _with_scheme(value: str | None) -> str | None:
    """What would stand in the field, with its scheme or without."""
    if value is None:
        return None
    return value if value.lower().startswith("basic ") else f"Basic {value}"


@fault(
    "basic-in-cookie",
    "User and password in a cookie are accepted",
    breaks=lambda api: api.elsewhere,
)
def in_the_cookie(api: Paired, behaviour: P) -> P:
    """A cookie named Authorization. One of the other places."""
    return also_reading(behaviour, lambda request: _with_scheme(in_cookie(request, "Authorization")))


@fault(
    "basic-in-x-authorization",
    "User and password in X-Authorization are accepted",
    subtle=True,
    breaks=lambda api: api.elsewhere,
)
def in_x_authorization(api: Paired, behaviour: P) -> P:
    """For clients whose proxy takes the right field out."""
    return also_reading(behaviour, lambda request: _with_scheme(in_field(request, "x-authorization")))


@fault(
    "basic-in-query",
    "User and password in the query are accepted",
    breaks=lambda api: api.elsewhere,
)
def in_the_query(api: Paired, behaviour: P) -> P:
    """Under the names `authorization` and `basic`."""
    return also_reading(behaviour, lambda request: _with_scheme(in_query(request, "authorization", "basic")))


@fault(
    "basic-in-proxy-authorization",
    "Proxy-Authorization stands in for Authorization",
    level="SHOULD",
    breaks=("rfc9110/11.7.2-proxy-authorization",),
)
def in_proxy_authorization(api: Paired, behaviour: P) -> P:
    """It belongs to a proxy: RFC 9110 section 11.7.2. A key that is sent there is no pair."""
    return also_reading(behaviour, lambda request: in_field(request, "proxy-authorization"))
