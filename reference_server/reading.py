"""Read a JWT and its parts as strictly as RFC 7515 and RFC 8259 allow."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard


@dataclass(frozen=True, slots=True)
class Jws:
    """A token in three parts (RFC 7515 section 7.1), its header read and nothing believed yet."""

    header: Mapping[str, Any]
    head: str
    payload: str
    signature: str

    @property
    def signed(self) -> str:
        """What the signature is made over: RFC 7515 section 5.1."""
        return f"{self.head}.{self.payload}"

    @property
    def text(self) -> str:
        return f"{self.signed}.{self.signature}"


def jws_in(token: str) -> Jws | None:
    """The token in its parts; None where it is none, or a part is no Base64url, or the header no object."""
    parts = token.split(".")
    if len(parts) != 3 or any(decoded(part) is None for part in parts):
        return None
    header = json_object(decoded(parts[0]) or b"")
    return None if header is None else Jws(header, *parts)


def in_three(token: str) -> tuple[str, str, str] | None:
    """The parts of a token as they are encoded; None where there are not three."""
    match token.split("."):
        case [head, payload, signature]:
            return head, payload, signature
    return None


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
