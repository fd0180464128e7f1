"""Read what is sent as application/x-www-form-urlencoded, in a query or in a body."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import parse_qsl

from reference_server.messages import Request

MEDIA_TYPE = "application/x-www-form-urlencoded"
MOST = 100
"""Parameters that are looked at; who sends more sends nothing."""

Pairs = tuple[tuple[str, str], ...]


@lru_cache(maxsize=16)
def pairs(text: str) -> Pairs:
    """Names and values in order, empty ones too; none where it cannot be read."""
    try:
        return tuple(parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MOST))
    except ValueError:
        return ()


def in_body(request: Request) -> Pairs | None:
    """The form in a body; None where the body is said to be something else, or is too long."""
    kinds = [value.partition(";")[0].strip().lower() for value in request.values("content-type")]
    if kinds != [MEDIA_TYPE] or not request.whole:
        return None
    return pairs(request.body.decode("latin-1"))


def repeated(given: Iterable[tuple[str, str]]) -> frozenset[str]:
    """The names that occur more than once."""
    names = [name for name, _ in given]
    return frozenset(name for name in names if names.count(name) > 1)
