"""Read the parts of a token as strictly as RFC 7515 and RFC 8259 allow."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Mapping
from typing import Any, TypeGuard


def decoded(text: str) -> bytes | None:
    """The bytes of Base64url without padding; None for anything that those bytes are not written as."""
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return None
    # Python's decoder passes over foreign characters, and over unused bits of the last one
    return raw if base64.urlsafe_b64encode(raw).rstrip(b"=").decode() == text else None


def json_object(raw: bytes) -> Mapping[str, Any] | None:
    """A JSON object in UTF-8, each member named once; None for all else, NaN and Infinity included."""
    try:
        value = json.loads(raw.decode(), object_pairs_hook=_once, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def is_date(value: Any) -> TypeGuard[int | float]:
    """Whether it is a NumericDate: RFC 7519 section 2. Python's bool is an int, and 1e999 is infinite."""
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, int) and not isinstance(value, bool)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a member is named twice")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")
