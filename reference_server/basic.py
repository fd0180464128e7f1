"""The grammar of Basic credentials in HTTP: RFC 7617."""

from __future__ import annotations

import base64
import re

from reference_server.bearer import TOKEN68

_CREDENTIALS = re.compile(rf"basic +({TOKEN68})", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def parse(value: str) -> str | None:
    """What stands after Basic in an Authorization value, or None."""
    match = _CREDENTIALS.fullmatch(value)
    return match[1] if match else None


def decoded(encoded: str) -> bytes | None:
    """As RFC 4648 section 4 writes it, with its padding, and nothing that Python's decoder passes over."""
    try:
        raw = base64.b64decode(encoded, validate=True)
    except ValueError:
        return None
    return raw if base64.b64encode(raw).decode() == encoded else None


def pair(raw: bytes) -> tuple[str, str] | None:
    """At the first colon: a user name has none, a password may. Control characters are in neither."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return None
    user, colon, password = text.partition(":")
    return (user, password) if colon and not _CONTROL.search(text) else None
