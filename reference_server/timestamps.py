"""Instants as JSON has them: RFC 3339."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo


def instant(at: float | None) -> str | None:
    """In UTC, to the millisecond; None of what never was."""
    return None if at is None else written(at, "milliseconds").replace("+00:00", "Z")


def written(at: float, to: str = "seconds", zone: tzinfo = UTC) -> str:
    """In that zone, to the second or what `to` names."""
    return datetime.fromtimestamp(at, zone).isoformat(timespec=to)
