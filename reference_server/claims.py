"""What the times in a JWT say now: RFC 7519 sections 4.1.4 to 4.1.6."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from reference_server.reading import is_date

LEEWAY = 30
"""Whole seconds by which clocks may differ: a number too large for a float can only be added to an int."""

Wrong = Literal["wrong-claim", "expired-token", "early-token"]


def expiry(claims: Mapping[str, Any], now: float) -> Wrong | None:
    """Required, and as far away as its maker likes."""
    end = claims.get("exp")
    if not is_date(end):
        return "wrong-claim"
    return "expired-token" if now >= end + LEEWAY else None


def beginning(claims: Mapping[str, Any], now: float) -> Wrong | None:
    """Optional."""
    if "nbf" not in claims:
        return None
    start = claims["nbf"]
    if not is_date(start):
        return "wrong-claim"
    return "early-token" if now < start - LEEWAY else None


def extended(header: Mapping[str, Any]) -> bool:
    """Whether a header has extensions: none is understood here, and RFC 7797 section 7 forbids that of an
    unencoded payload for JWTs."""
    return "crit" in header or header.get("b64", True) is not True
