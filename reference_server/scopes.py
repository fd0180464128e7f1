"""What a credential may be good for, and what names it: RFC 6749 section 3.3."""

from __future__ import annotations

Scopes = tuple[str, ...]
READ, WRITE = "read", "write"
ALL: Scopes = (READ, WRITE)


def named(text: str) -> Scopes:
    """Names between single spaces, in any order. An unknown one opens nothing."""
    return tuple(scope for scope in ALL if scope in text.split(" "))
