"""Members of a JSON answer: no others, one of certain values, and one that is new each time."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from harness.checks import bodies
from harness.checks.facts import Facts, Mismatch, Unchecked
from harness.exchange import Answer


def only_members(answer: Answer, args: Mapping[str, Any], facts: Facts) -> Iterator[Mismatch | Unchecked]:
    """The JSON object has no members but those under `is`; whether it has those is the schema's to say."""
    try:
        body = answer.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        yield Unchecked("there is no JSON object")
    elif more := sorted(body.keys() - set(args["is"])):
        yield Mismatch(f"no members but {', '.join(args['is'])}", f"{', '.join(more)} too"[: bodies.LONGEST])


def one_of(answer: Answer, args: Mapping[str, Any], facts: Facts) -> Iterator[Mismatch | Unchecked]:
    """The member at `at` has one of the values under `is`; whether it is there is the schema's to say."""
    try:
        given = bodies.resolve(answer.json(), args["at"])
    except (ValueError, LookupError):
        yield Unchecked(f"there is no {args['at']}")
        return
    if given not in args["is"]:
        yield Mismatch(f"{args['at']} as one of {', '.join(args['is'])}", json.dumps(given)[:60])


def fresh(answer: Answer, args: Mapping[str, Any], facts: Facts) -> Iterator[Mismatch | Unchecked]:
    """The member at `at` is another one than in the first answer to the same step."""
    if facts.first is None or facts.first is answer:
        yield Unchecked("there is no answer before it")
        return
    try:
        before, now = (bodies.resolve(each.json(), args["at"]) for each in (facts.first, answer))
    except (ValueError, LookupError):
        yield Unchecked(f"there is no {args['at']} in each of them")
        return
    if before == now:
        yield Mismatch(f"{args['at']} new in each answer", f"the same in two: {str(now)[:60]}")
