"""How the answers to different causes differ, apart from what differs within one cause already."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from harness.checks.answers import named_status
from harness.checks.facts import Mismatch
from harness.exchange import Answer

VOLATILE = frozenset({"date", "age", "content-length", "connection", "keep-alive"})
"""Fields whose values say nothing of the cause."""

_TOKEN_ERROR = re.compile(r',?\s*error(?:_description|_uri)?="[^"]*"', re.IGNORECASE)

Answers = Mapping[str, Sequence[Answer]]


def differences(answers: Answers, parts: Sequence[str]) -> Iterator[Mismatch]:
    """What tells one cause from another in these parts (status, headers, body) of their answers."""
    for (first, these), (second, those) in pairwise(answers.items()):
        for part in parts:
            yield from _PARTS[part](first, these, second, those)


def _status(first: str, these: Sequence[Answer], second: str, those: Sequence[Answer]) -> Iterator[Mismatch]:
    here, there = ({answer.status for answer in each} for each in (these, those))
    if here != there:
        yield Mismatch(
            f"one status: {first} is answered with {_named(here)}", f"{second} with {_named(there)}"
        )


def _headers(first: str, these: Sequence[Answer], second: str, those: Sequence[Answer]) -> Iterator[Mismatch]:
    here, there = _fields(these), _fields(those)
    for name in sorted(here.keys() ^ there.keys()):
        has, lacks = (first, second) if name in here else (second, first)
        yield Mismatch(f"the same fields: {has} is answered with {name}", f"{lacks} is not")
    for name in sorted(here.keys() & there.keys()):
        if None not in (here[name], there[name]) and here[name] != there[name]:
            yield Mismatch(f"the same {name}: {first} has {here[name]}", f"{second} has {there[name]}")


def _body(first: str, these: Sequence[Answer], second: str, those: Sequence[Answer]) -> Iterator[Mismatch]:
    here, there = _masked(these, those), _masked(those, these)
    if here != there:
        yield Mismatch(f"the same body: {first} has {here[:200]}", f"{second} has {there[:200]}")


_PARTS = {"status": _status, "headers": _headers, "body": _body}


def _fields(answers: Sequence[Answer]) -> dict[str, str | None]:
    """Each field by its lower-case name; None for the value of one that varies, or always may.

    The error of a challenge speaks of whether a token was sent (RFC 6750 section 3.1), which its sender
    knows.
    """
    found: dict[str, set[str]] = {}
    for answer in answers:
        for name in {name.lower() for name, _ in answer.headers}:
            value = ", ".join(answer.header(name))
            if name == "www-authenticate":
                value = _TOKEN_ERROR.sub("", value)
            found.setdefault(name, set()).add(value)
    return {
        name: None if name in VOLATILE or len(values) > 1 else next(iter(values))
        for name, values in found.items()
    }


def _masked(answers: Sequence[Answer], others: Sequence[Answer]) -> str:
    """The first body, with what varies within either cause taken out."""
    text = answers[0].text()
    try:
        members = [dict(_members(answer.json(), "")) for answer in (*answers, *others)]
    except ValueError:
        return text if len({answer.text() for answer in answers}) == 1 else "a body that varies"
    own, foreign = members[: len(answers)], members[len(answers) :]
    for pointer, value in own[0].items():
        varies = any(len({json.dumps(each.get(pointer)) for each in group}) > 1 for group in (own, foreign))
        if varies:
            text = text.replace(json.dumps(value), "…", 1).replace(
                json.dumps(value, ensure_ascii=False), "…", 1
            )
    return text


def _members(value: Any, pointer: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _members(each, f"{pointer}/{name}")
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _members(each, f"{pointer}/{index}")
    else:
        yield pointer, value


def _named(statuses: set[int]) -> str:
    return " or ".join(named_status(status) for status in sorted(statuses))
