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
    if facts.method == "HEAD":
        yield Unchecked("an answer to HEAD has no body")
        return
    try:
        value = bodies.resolve(answer.json(), args["at"])
    except (ValueError, LookupError):
        yield Unchecked(f"there is no {args['at']}")
        return
    wanted = f"a date-time of RFC 3339 in UTC at {args['at']}"
    if not isinstance(value, str) or not _DATE_TIME.fullmatch(value):
        yield Mismatch(wanted, str(value)[:60])
        return
    try:
        told = datetime.fromisoformat(re.sub(r"\.[0-9]+", "", value.upper()))
    except ValueError:
        yield Mismatch(wanted, value)
        return
    if told.utcoffset() != timedelta(0):
        yield Mismatch(wanted, value)
    elif abs(told.timestamp() - time.time()) > NEAR:
        yield Mismatch(f"a time within {NEAR:g} s of now at {args['at']}", value)
