"""Accepted, refused, and the parts of an answer: status, schema, header fields, JSON members, words."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any

from harness.checks import bodies
from harness.checks.facts import Facts, Mismatch, Unchecked
from harness.exchange import Answer, readings
from harness.model import Operation

_ANY_REFUSAL = {"error": "of no API"}

PROTECTED = "protected"
"""The operation whose accepted answer holds its place's canary."""


def accepted(answer: Answer, args: Mapping[str, Any], facts: Facts) -> Iterator[Mismatch | Unchecked]:
    """The operation's answer to a valid credential: one of its statuses, and the place's own data."""
    wanted = accepted_statuses(facts.operation)
    if answer.status not in wanted:
        yield Mismatch(f"accepted with {named_statuses(wanted)}", named_status(answer.status))
        return
    canary = facts.canaries.get(facts.home)
    shows_canary = facts.operation.name == PROTECTED and facts.method != "HEAD"
    if canary and shows_canary and not answer.holds(canary):
        yield Mismatch(f"the data of {facts.home} in the body", "an answer without its canary")


def refused(answer: Answer, args: Mapping[str, Any], facts: Facts) -> Iterator[Mismatch | Unchecked]:
    """No success, nothing of what is protected, and nothing done."""
    expected = "a refusal"
    declared = answer.status in facts.refusal_statuses
    if 200 <= answer.status < 300:
        yield Mismatch(expected, f"{named_status(answer.status)}: accepted")
    elif answer.status < 400 and not declared:
        yield Mismatch(expected, f"{named_status(answer.status)}, which refuses nothing")
    elif answer.status >= 500 and not declared:
        yield Mismatch(expected, f"{named_status(answer.status)}, a failure of the server")
    for place, canary in facts.canaries.items():
        if answer.holds(canary):
            yield Mismatch("nothing of what is protected", f"the canary of {place} in the body")
    if is_accepted_body(answer, facts.operation):
        yield Mismatch("a body that is no accepted one", "a body as an accepted answer has it")
    if facts.effect:
        yield Mismatch("nothing done", f"{facts.operation.method} took effect although it was refused")


def is_accepted_body(answer: Answer, operation: Operation) -> bool:
    """Whether the body is what the operation serves to those whom it accepts.

    Only its schemas tell, and none of them where they would take any refusal for it.
    """
    files = [Path(each.args["file"]) for each in operation.accepted if each.check == "schema"]
    if not answer.body or not any(bodies.errors(file, _ANY_REFUSAL) for file in files):
        return False
    try:
        value = answer.json()
    except ValueError:
        return False
    return not any(bodies.errors(file, value) for file in files)


def status(answer: Answer, args: Mapping[str, Any], facts: Facts) -> Iterator[Mismatch | Unchecked]:
    """The status code is the one, or one of those, under `is`."""
    wanted = statuses(args["is"])
    if answer.status not in wanted:
        yield Mismatch(named_statuses(wanted), named_status(answer.status))


def schema(answer: Answer, args: Mapping[str, Any], facts: Facts) -> Iterator[Mismatch | Unchecked]:
    """The body is JSON and valid against the schema file."""
    if facts.method == "HEAD":
        yield Unchecked("an answer to HEAD has no body")
        return
    name = args["is"]
    try:
        value = answer.json()
    except ValueError:
        yield Mismatch(f"JSON as {name} describes it", "a body that is not JSON")
        return
    for error in bodies.errors(Path(args["file"]), value):
        yield Mismatch(f"a body as {name} describes it", error)


def headers(answer: Answer, args: Mapping[str, Any], facts: Facts) -> Iterator[Mismatch | Unchecked]:
    """Header fields: a value, {present: true}, {absent: true} or {matches: regex} for each name."""
    for name, wanted in args["is"].items():
        values = answer.header(name)
        shown = f"{name}: {', '.join(values)}" if values else f"no {name}"
        if not isinstance(wanted, dict):
            if str(wanted) not in values:
                yield Mismatch(f"{name}: {wanted}", shown)
        elif wanted.get("present") and not values:
            yield Mismatch(f"a {name} field", shown)
        elif wanted.get("absent") and values:
            yield Mismatch(f"no {name} field", shown)
        elif "matches" in wanted and not any(re.search(wanted["matches"], value) for value in values):
            yield Mismatch(f"{name} matching {wanted['matches']}", shown)


def json_members(answer: Answer, args: Mapping[str, Any], facts: Facts) -> Iterator[Mismatch | Unchecked]:
    """Members of the JSON body, each by its JSON Pointer (RFC 6901), have the values under `is`."""
    if facts.method == "HEAD":
        yield Unchecked("an answer to HEAD has no body")
        return
    try:
        body = answer.json()
    except ValueError:
        yield Mismatch("a JSON body", "a body that is not JSON")
        return
    for pointer, wanted in args["is"].items():
        try:
            actual = bodies.resolve(body, pointer)
        except LookupError:
            yield Mismatch(f"{pointer} is {json.dumps(wanted)}", f"there is no {pointer}")
            continue
        if actual != wanted or isinstance(actual, bool) is not isinstance(wanted, bool):
            yield Mismatch(f"{pointer} is {json.dumps(wanted)}", json.dumps(actual)[: bodies.LONGEST])


def mentions(answer: Answer, args: Mapping[str, Any], facts: Facts) -> Iterator[Mismatch | Unchecked]:
    """The body holds one of the phrases under `any`, whatever their case, hyphens and underscores."""
    if facts.method == "HEAD":
        yield Unchecked("an answer to HEAD has no body")
        return
    said = [_plain(reading) for reading in readings(answer.text())]
    if not any(_plain(phrase) in each for phrase in args["any"] for each in said):
        shown = " or ".join(f"“{phrase}”" for phrase in args["any"])
        yield Mismatch(f"{shown} in the body", "a body that does not say so")


def steady(answer: Answer, args: Mapping[str, Any], facts: Facts) -> Iterator[Mismatch]:
    """The same request, sent again, is answered with the same status."""
    if facts.first is not None and facts.first.status != answer.status:
        first = named_status(facts.first.status)
        yield Mismatch(f"{first} each time, as at first", named_status(answer.status))


def no_server_failure(
    answer: Answer, args: Mapping[str, Any], facts: Facts
) -> Iterator[Mismatch | Unchecked]:
    """Not a 5xx: what is wrong is the request, not the server."""
    if answer.status >= 500:
        yield Mismatch("an answer that is no failure of the server", named_status(answer.status))


def advice(answer: Answer, args: Mapping[str, Any], facts: Facts) -> Iterator[Mismatch | Unchecked]:
    """Nothing is looked for: `says` stands beside the verdict as a note."""
    yield Unchecked(str(args["says"]))


def accepted_statuses(operation: Operation) -> frozenset[int]:
    """The statuses with which `operation` answers when it accepts."""
    found: set[int] = set()
    for each in operation.accepted:
        if each.check == "status":
            found |= statuses(each.args["is"])
    return frozenset(found)


def named_status(code: int) -> str:
    """`401 Unauthorized`."""
    try:
        return f"{code} {HTTPStatus(code).phrase}"
    except ValueError:
        return str(code)


def named_statuses(codes: frozenset[int]) -> str:
    """`400 Bad Request or 401 Unauthorized`, a whole class as `any 4xx`."""
    names = []
    for hundred in range(1, 6):
        whole = frozenset(range(hundred * 100, hundred * 100 + 100))
        if whole <= codes:
            names.append(f"any {hundred}xx")
            codes -= whole
    return " or ".join([*names, *(named_status(code) for code in sorted(codes))])


def statuses(written: int | str | Sequence[int | str]) -> frozenset[int]:
    """The status codes that are written: one, a class such as 4xx, or a list of both."""
    listed: Sequence[int | str] = [written] if isinstance(written, int | str) else written
    found: set[int] = set()
    for each in listed:
        if isinstance(each, str):
            first = int(each[0]) * 100
            found |= set(range(first, first + 100))
        else:
            found.add(each)
    return frozenset(found)


def _plain(text: str) -> str:
    return re.sub(r"[\s_-]+", " ", text).casefold()
