"""A check: every answer has an id, by which it can be found in the API's logs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from harness.checks import Facts, Mismatch, Unchecked, told
from harness.exchange import Answer

FIELD = "X-Request-Id"


def is_number(value: Any) -> bool:
    return type(value) is int


@told(may={"at_least": (is_number, "a number")})
def request_id(answer: Answer, args: Mapping[str, Any], facts: Facts) -> Iterator[Mismatch | Unchecked]:
    """The answer has one X-Request-Id, of so many characters at least as `at_least` says."""
    values = answer.header(FIELD)
    if len(values) != 1:
        yield Mismatch(f"one {FIELD} field", f"{len(values)} of them")
    elif len(values[0]) < args.get("at_least", 1):
        yield Mismatch(f"an id of {args['at_least']} characters or more", f"{len(values[0])} characters")
