"""Faults: user and password are accepted where Basic credentials do not stand, or are not written so."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from reference_server.bearer import TOKEN68
from reference_server.faults.shared.decisions import Facts
from reference_server.faults.shared.field import SCHEME_CASE, SEVERAL_SPACES
from reference_server.faults.shared.paired import Named, P, Paired
from reference_server.faults.shared.sets import Family, FaultSet
from reference_server.faults.shared.ways import (
    also_parsing,
    also_reading,
    in_cookie,
    in_field,
    in_group,
    in_query,
    not_parsing,
    reason_of,
    serving_field,
)
from reference_server.messages import Request

BASIC_FORM: FaultSet[Paired] = FaultSet()
fault = BASIC_FORM.fault

# --- how it is written ---------------------------------------------------------------------------


def _no_base64(api: Paired) -> Named:
    return api.no_base64


def _elsewhere(api: Paired) -> Named:
    return api.elsewhere


def _reading(api: Paired, behaviour: P, pattern: str) -> P:
    """Find the Base64 in the first group of a pattern that the whole field value matches."""
    return also_parsing(behaviour, in_group(pattern, re.IGNORECASE), "parse_basic")


_spelled = Family(BASIC_FORM, _reading)


@fault(
    "basic-foreign-characters-skipped",
    "Characters that are no Base64 are skipped",
    breaks=_no_base64,
)
def foreign_characters_skipped(api: Paired, behaviour: P) -> P:
    """As lenient decoders do. The pair with a foreign character before or behind it, in quotes or before a
    comma is served; one that is written twice has its padding in the middle."""
    lenient = _reading(api, behaviour, r"basic +([^ ]+)")

    def decode_pair(facts: Facts, encoded: str) -> bytes | None:
        try:
            return base64.b64decode(encoded)
        except ValueError:
            return None

    return replace(lenient, decode_pair=decode_pair)


_spelled(
    "basic-space-optional",
    "The space after Basic may be missing",
    rf"basic({TOKEN68})",
    subtle=True,
    breaks=_no_base64,
    why="""The word is cut off without looking what follows.""",
)
_spelled(
    "basic-colon-after-scheme",
    "A colon after Basic is overlooked",
    rf"basic: *({TOKEN68})",
    subtle=True,
    breaks=_no_base64,
    why="""One spelling of the malformed field is served.""",
)
_spelled(
    "basic-scheme-optional",
    "User and password are accepted without a scheme",
    rf"({TOKEN68})",
    breaks=_no_base64,
    why="""As above. A scheme alone is no Base64 of a pair.""",
)
_spelled(
    "basic-first-of-two",
    "What follows the credentials is ignored",
    rf"basic +({TOKEN68}) +.*",
    subtle=True,
    breaks=_no_base64,
    why="""The field is split at spaces and its second word taken.""",
)


@fault(
    "basic-last-word-counts",
    "The last word counts, whatever stands before",
    breaks=lambda api: (*api.no_base64, *api.scheme, *api.uniform),
)
def last_word_counts(api: Paired, behaviour: P) -> P:
    """That serves the pair without a scheme, after a colon or a comma, twice, and after any scheme but
    Bearer, which is looked at first."""
    return also_parsing(behaviour, lambda value: value.rpartition(" ")[2] or None, "parse_basic")


_spelled(
    "basic-under-any-scheme",
    "User and password are accepted under other schemes",
    rf"[a-z]+ +({TOKEN68})",
    breaks=lambda api: (*api.scheme, *api.uniform),
    why="""Any word will do, but Bearer, which is looked at first. Another scheme is one of the causes that
    are compared.""",
)
_spelled(
    "basic-under-digest",
    "User and password are accepted under Digest",
    rf"digest +({TOKEN68})",
    subtle=True,
    breaks=lambda api: (*api.scheme, *api.uniform),
    why="""One of the other schemes, and the one that is compared: it holds a user and a password as well.""",
)


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


_refused: Family[Paired, Callable[[str], bool]] = Family(
    BASIC_FORM, lambda api, behaviour, when: not_parsing(behaviour, when, decision="parse_basic")
)

_refused(
    "basic-scheme-in-one-case",
    "The scheme before a pair must be written Basic",
    lambda value: not value.startswith("Basic"),
    breaks=(SCHEME_CASE,),
    why="""All controls are written so.""",
)
_refused(
    "basic-scheme-not-in-capitals",
    "BASIC is not recognised",
    lambda value: value.startswith("BASIC"),
    subtle=True,
    breaks=(SCHEME_CASE,),
    why="""Two spellings are compared where the case should be folded.""",
)
_refused(
    "basic-single-space-parser",
    "Only one space may stand before a pair",
    lambda value: "  " in value,
    level="SHOULD",
    breaks=(SEVERAL_SPACES,),
    why="""RFC 9110 section 11.4 has one or more. Controls have one.""",
)

_served: Family[Paired, str] = Family(
    BASIC_FORM, lambda api, behaviour, value: serving_field(behaviour, api.somebody, value)
)

_served(
    "basic-scheme-alone-accepted",
    "The word Basic without a pair is accepted",
    "Basic",
    subtle=True,
    breaks=lambda api: (*api.incomplete, *api.uniform),
    why="""Only the scheme is looked at. It is one of the causes that are compared.""",
)
_served(
    "basic-empty-field-accepted",
    "An empty Authorization field is as good as a pair",
    "",
    subtle=True,
    breaks=lambda api: api.incomplete,
    why="""The empty value is false where the absent one is none.""",
)


# --- where it stands -----------------------------------------------------------------------------


def _reading_pair(api: Paired, behaviour: P, find: Callable[[Request], str | None]) -> P:
    """Take what `find` sees elsewhere for a field, with its scheme or without."""

    def written(request: Request) -> str | None:
        value = find(request)
        bare = value is not None and not value.lower().startswith("basic ")
        return f"Basic {value}" if bare else value

    return also_reading(behaviour, written)


_found = Family(BASIC_FORM, _reading_pair)

_found(
    "basic-in-cookie",
    "User and password in a cookie are accepted",
    lambda request: in_cookie(request, "Authorization"),
    breaks=_elsewhere,
    why="""A cookie named Authorization. One of the other places.""",
)
_found(
    "basic-in-x-authorization",
    "User and password in X-Authorization are accepted",
    lambda request: in_field(request, "x-authorization"),
    subtle=True,
    breaks=_elsewhere,
    why="""For clients whose proxy takes the right field out.""",
)
_found(
    "basic-in-query",
    "User and password in the query are accepted",
    lambda request: in_query(request, "authorization", "basic"),
    breaks=_elsewhere,
    why="""Under the names `authorization` and `basic`.""",
)


@fault(
    "basic-in-proxy-authorization",
    "Proxy-Authorization stands in for Authorization",
    level="SHOULD",
    breaks=("rfc9110/11.7.2-proxy-authorization",),
)
def in_proxy_authorization(api: Paired, behaviour: P) -> P:
    """It belongs to a proxy: RFC 9110 section 11.7.2. A key that is sent there is no pair."""
    return also_reading(behaviour, lambda request: in_field(request, "proxy-authorization"))
