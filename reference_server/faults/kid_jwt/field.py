"""Faults: a JWT is found where it is not alone after Bearer in Authorization, or not found where it is."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import parse_qsl, unquote

from reference_server.bearer import TOKEN68
from reference_server.faults.kid_jwt.entry import FIELD, STATUS, TOKEN_IN_URL, fault
from reference_server.faults.kid_jwt.wrong import also_parsing, also_reading
from reference_server.kid_jwt.behaviour import Behaviour
from reference_server.messages import Request

_AFTER_BEARER = re.compile(r"bearer +(\S+)", re.IGNORECASE)
_FOREIGN = re.compile(r"[^A-Za-z0-9_.-]")


def _reading(behaviour: Behaviour, pattern: str) -> Behaviour:
    """Find the token in the first group of a pattern that the whole field value matches."""
    compiled = re.compile(pattern)

    def read(value: str) -> str | None:
        match = compiled.fullmatch(value)
        return match[1] if match else None

    return also_parsing(behaviour, read)


@fault("jwt-without-space", "The space between Bearer and a JWT may be missing", breaks=FIELD)
def without_space(behaviour: Behaviour) -> Behaviour:
    """`Bearer` is cut off without looking what follows. One spelling of the malformed field."""
    return _reading(behaviour, rf"Bearer({TOKEN68})")


@fault("jwt-after-colon", "A colon after Bearer is overlooked", subtle=True, breaks=FIELD)
def after_colon(behaviour: Behaviour) -> Behaviour:
    """As above, for `Bearer: token`."""
    return _reading(behaviour, rf"Bearer: *({TOKEN68})")


@fault("jwt-first-of-two", "What follows the first JWT in the field is ignored", subtle=True, breaks=FIELD)
def first_of_two(behaviour: Behaviour) -> Behaviour:
    """The field is split at spaces and its second word taken. One spelling of the malformed field."""
    return _reading(behaviour, rf"Bearer +({TOKEN68}) +.*")


@fault("jwt-in-quotes", "A JWT in double quotes is accepted", subtle=True, breaks=FIELD)
def in_quotes(behaviour: Behaviour) -> Behaviour:
    """As above, for `Bearer "token"`."""
    return _reading(behaviour, rf'Bearer +"({TOKEN68})"')


@fault("jwt-before-comma", "A comma after a JWT is overlooked", subtle=True, breaks=FIELD)
def before_comma(behaviour: Behaviour) -> Behaviour:
    """As above, for `Bearer token,`."""
    return _reading(behaviour, rf"Bearer +({TOKEN68}),")


@fault(
    "jwt-foreign-characters-dropped",
    "Characters that Base64url does not have are dropped from a JWT",
    breaks=("rfc7515/2-base64url", *FIELD),
)
def foreign_characters_dropped(behaviour: Behaviour) -> Behaviour:
    """As lenient decoders do it, here before the signature is looked at. A star is dropped, and so are the
    quotes and the comma of two malformed fields. What is left of `%20` and `%0A` are characters of
    Base64url, which the signature does not cover; braces leave no payload."""

    def read(value: str) -> str | None:
        match = _AFTER_BEARER.fullmatch(value)
        return _FOREIGN.sub("", match[1]) if match else None

    return also_parsing(behaviour, read)


@fault(
    "jwt-percent-decoded",
    "A JWT is percent-decoded, and white space in it dropped",
    subtle=True,
    breaks=("rfc7515/2-base64url", STATUS),
)
def percent_decoded(behaviour: Behaviour) -> Behaviour:
    """Done for tokens in URLs, and to fields as well. Two of the foreign characters are encoded white space;
    a star, braces, quotes and commas stay and are no Base64url."""

    def read(value: str) -> str | None:
        match = _AFTER_BEARER.fullmatch(value)
        return "".join(unquote(match[1]).split()) if match else None

    return also_parsing(behaviour, read)


@fault(
    "jwt-scheme-in-one-case",
    "The scheme before a JWT must be written Bearer",
    breaks=("rfc9110/11.1-scheme-case",),
)
def scheme_in_one_case(behaviour: Behaviour) -> Behaviour:
    """Both other spellings are taken for static tokens. The documented one, in which all controls are
    written, is accepted."""
    return replace(
        behaviour,
        parse=lambda facts, value: behaviour.parse(facts, value) if value.startswith("Bearer") else None,
    )


@fault(
    "jwt-scheme-not-in-capitals",
    "The scheme before a JWT is not recognised in capitals",
    subtle=True,
    breaks=("rfc9110/11.1-scheme-case",),
)
def scheme_not_in_capitals(behaviour: Behaviour) -> Behaviour:
    """Two spellings are compared where the case should be folded."""
    return replace(
        behaviour,
        parse=lambda facts, value: None if value.startswith("BEARER") else behaviour.parse(facts, value),
    )


@fault("jwt-in-query", "A JWT in the query is accepted", level="SHOULD", breaks=TOKEN_IN_URL)
def in_query(behaviour: Behaviour) -> Behaviour:
    """RFC 6750 section 2.3's access_token and its usual relatives. A static token there is no JWT."""
    return also_reading(behaviour, lambda request: _in_query(request, "access_token", "token", "jwt"))


@fault(
    "jwt-in-query-as-jwt",
    "A JWT in the query parameter jwt is accepted",
    level="SHOULD",
    subtle=True,
    breaks=TOKEN_IN_URL,
)
def in_query_as_jwt(behaviour: Behaviour) -> Behaviour:
    """One of the names: a browser's way for downloads."""
    return also_reading(behaviour, lambda request: _in_query(request, "jwt"))


def _in_query(request: Request, *names: str) -> str | None:
    found = next((value for name, value in parse_qsl(request.query) if name in names), None)
    return None if found is None else f"Bearer {found}"
