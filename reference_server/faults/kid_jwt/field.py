"""Faults: a JWT is mended before it is read."""

from __future__ import annotations

import re
from urllib.parse import unquote

from reference_server.faults.kid_jwt.entry import FIELD, STATUS, fault
from reference_server.faults.shared.ways import also_parsing
from reference_server.kid_jwt.behaviour import Behaviour

_AFTER_BEARER = re.compile(r"bearer +(\S+)", re.IGNORECASE)
_FOREIGN = re.compile(r"[^A-Za-z0-9_.-]")


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
