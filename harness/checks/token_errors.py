"""The error of a token endpoint, where it is one of RFC 6749 section 5.2."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from harness.checks.facts import Facts, Mismatch, Unchecked
from harness.exchange import Answer


def token_error(answer: Answer, args: Mapping[str, Any], facts: Facts) -> Iterator[Mismatch | Unchecked]:
    """`error`, where it is a string, is the code under `is`, or one of those.

    An API may answer in an envelope of its own, in which `error` is an object or not there: of that nothing
    is said here.
    """
    try:
        body = answer.json()
    except ValueError:
        body = None
    given = body.get("error") if isinstance(body, dict) else None
    wanted = [args["is"]] if isinstance(args["is"], str) else args["is"]
    if not isinstance(given, str):
        yield Unchecked("the error is none of RFC 6749")
    elif given not in wanted:
        yield Mismatch(f"error {' or '.join(wanted)}", json.dumps(given)[:60])
