"""Points in time that an answer tells."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from harness.checks import bodies
from harness.checks.facts import Facts, Mismatch, Unchecked
from harness.exchange import Answer

NEAR = 300.0
"""Seconds by which a clock may differ from ours."""

# RFC 3339 section 5.6; Python's own reader takes much more
_DATE_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})",
    re.ASCII,
)


def utc_time(answer: Answer, args: Mapping[str, Any], facts: Facts) -> Iterator[Mismatch | Unchecked]:
    """The member at `at` is a date-time of RFC 3339 in UTC, not far from now."""
    yield from _near(answer, args["at"], facts, utc=True)


def date_time(answer: Answer, args: Mapping[str, Any], facts: Facts) -> Iterator[Mismatch | Unchecked]:
    """The member at `at` is a date-time of RFC 3339, in whatever zone, not far from now."""
    yield from _near(answer, args["at"], facts, utc=False)


def _near(answer: Answer, pointer: str, facts: Facts, *, utc: bool) -> Iterator[Mismatch | Unchecked]:
    if facts.method == "HEAD":
        yield Unchecked("an answer to HEAD has no body")
        return
    try:
        value = bodies.resolve(answer.json(), pointer)
    except (ValueError, LookupError):
        yield Unchecked(f"there is no {pointer}")
        return
    wanted = f"a date-time of RFC 3339{' in UTC' if utc else ''} at {pointer}"
    told = _read(value)
    if told is None or (utc and told.utcoffset() != timedelta(0)):
        yield Mismatch(wanted, str(value)[:60])
    elif abs(told.timestamp() - time.time()) > NEAR:
        yield Mismatch(f"a time within {NEAR:g} s of now at {pointer}", str(value))


def _read(value: Any) -> datetime | None:
    if not isinstance(value, str) or not _DATE_TIME.fullmatch(value):
        return None
    try:
        return datetime.fromisoformat(re.sub(r"\.[0-9]+", "", value.upper()))
    except ValueError:
        return None
