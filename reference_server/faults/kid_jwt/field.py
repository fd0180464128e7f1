"""Faults: a JWT is mended before it is read."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import unquote

from reference_server.faults.kid_jwt.entry import FIELD, STATUS, fault
from reference_server.faults.shared.ways import also_parsing, in_group
from reference_server.kid_jwt.behaviour import Behaviour

_AFTER_BEARER = in_group(r"bearer +(\S+)", re.IGNORECASE)
_FOREIGN = re.compile(r"[^A-Za-z0-9_.-]")


def _mending(behaviour: Behaviour, mend: Callable[[str], str]) -> Behaviour:
    """Read what `mend` makes of whatever stands after Bearer."""

    def read(value: str) -> str | None:
        token = _AFTER_BEARER(value)
        return mend(token) if token else None

    return also_parsing(behaviour, read)


@fault(
    "jwt-foreign-characters-dropped",
    "Characters that Base64url does not have are dropped from a JWT",
    breaks=("rfc7515/2-base64url", *FIELD),
)
def foreign_characters_dropped(behaviour: Behaviour) -> Behaviour:
    """As lenient decoders do it, here before the signature is looked at. A star is dropped, and so are the
    quotes and the comma of two malformed fields. What is left of `%20` and `%0A` are characters of
    Base64url, which the signature does not cover; braces leave no payload."""
    return _mending(behaviour, lambda token: _FOREIGN.sub("", token))


@fault(
    "jwt-percent-decoded",
    "A JWT is percent-decoded, and white space in it dropped",
    subtle=True,
    breaks=("rfc7515/2-base64url", STATUS),
)
def percent_decoded(behaviour: Behaviour) -> Behaviour:
    """Done for tokens in URLs, and to fields as well. Two of the foreign characters are encoded white space;
    a star, braces, quotes and commas stay and are no Base64url."""
    return _mending(behaviour, lambda token: "".join(unquote(token).split()))
