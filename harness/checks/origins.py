"""What an answer grants to web origins (Fetch, CORS protocol)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from harness.checks.facts import Facts, Mismatch, Unchecked
from harness.exchange import Answer

PREFIX = "access-control-"


def no_cors_headers(answer: Answer, args: Mapping[str, Any], facts: Facts) -> Iterator[Mismatch | Unchecked]:
    """No Access-Control field at all; Vary: Origin alone grants nothing."""
    for name, value in answer.headers:
        if name.lower().startswith(PREFIX):
            yield Mismatch("no Access-Control field", f"{name}: {value}")
