"""How the answers to different causes differ, apart from what differs within one cause already."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness.checks.answers import named_status
from harness.checks.facts import Mismatch, Unchecked
from harness.exchange import Answer

VOLATILE = frozenset({"date", "age", "content-length"})
"""Fields whose values say nothing of the cause."""
IGNORED = frozenset({"age", "connection", "keep-alive"})
"""Fields of caches and connections, which may come and go."""

_TOKEN_ERROR = re.compile(
    r'(?:^|[\s,]+)error(?:_description|_uri)?\s*=\s*(?:"(?:[^"\\]|\\.)*"|[^\s,"]+)', re.I
)
_PIECE = re.compile(r"\s+|[^\s\"<>]+|[\"<>]")

Answers = Mapping[str, Sequence[Answer]]


def differences(
    answers: Answers, parts: Sequence[str], without: Collection[str] = ()
) -> Iterator[Mismatch | Unchecked]:
    """What tells one cause from another in these parts (status, headers, body) of their answers.

    Each cause is told from the first that it differs from. `without` are the causes that sent no credential.
    """
    causes = [_Cause(name, each, name in without) for name, each in answers.items()]
    for part in parts:
        for number, cause in enumerate(causes):
            for other in causes[:number]:
                found = list(_PARTS[part](other, cause))
                yield from found
                if found:
                    break


@dataclass(frozen=True, slots=True)
class _Cause:
    name: str
    answers: Sequence[Answer]
    without: bool


def _status(first: _Cause, second: _Cause) -> Iterator[Mismatch]:
    here, there = ({answer.status for answer in each.answers} for each in (first, second))
    if here != there:
        yield Mismatch(
            f"one status: {first.name} is answered with {_named(here)}", f"{second.name} with {_named(there)}"
        )


def _headers(first: _Cause, second: _Cause) -> Iterator[Mismatch]:
    # the error of a challenge speaks of whether a token was sent (RFC 6750 section 3.1): its sender knows
    error_may_differ = first.without is not second.without
    here, there = (_fields(each.answers, error_may_differ) for each in (first, second))
    for name in sorted(here.keys() | there.keys()):
        mine, others = here.get(name, _ABSENT), there.get(name, _ABSENT)
        if None in (mine, others) or mine == others:
            continue
        if _ABSENT in (mine, others):
            has, lacks = (first, second) if others == _ABSENT else (second, first)
            yield Mismatch(f"the same fields: {has.name} is answered with {name}", f"{lacks.name} is not")
        elif name not in VOLATILE:
            yield Mismatch(
                f"the same {name}: {first.name} has {', '.join(mine or ())}",
                f"{second.name} has {', '.join(others or ())}",
            )


_ABSENT: tuple[str, ...] = ()


def _fields(answers: Sequence[Answer], error_may_differ: bool) -> dict[str, tuple[str, ...] | None]:
    """The values of each field by its lower-case name; None where they, or its presence, vary."""
    names = {name.lower() for answer in answers for name, _ in answer.headers} - IGNORED
    found: dict[str, tuple[str, ...] | None] = {}
    for name in names:
        values = [tuple(answer.header(name)) for answer in answers]
        if name == "www-authenticate" and error_may_differ:
            values = [tuple(map(_without_error, each)) for each in values]
        if name in VOLATILE:
            values = [("…",) if each else _ABSENT for each in values]
        found[name] = values[0] if len(set(values)) == 1 else None
    return found


def _without_error(challenge: str) -> str:
    scheme, _, parameters = challenge.partition(" ")
    return f"{scheme} {_TOKEN_ERROR.sub('', parameters).strip(', ')}".strip()


def _body(first: _Cause, second: _Cause) -> Iterator[Mismatch | Unchecked]:
    mine, others = ([answer.text() for answer in each.answers] for each in (first, second))
    masked = _masked_members(first.answers, second.answers) or _masked_texts(mine, others)
    if masked is None:
        yield Unchecked(f"the bodies of {first.name} and {second.name} vary too much to be compared")
    elif masked[0] != masked[1]:
        here, there = (each.partition(_SPACING)[0] for each in masked)
        part = "body" if here != there else "spaces in the body"
        yield Mismatch(f"the same {part}: {first.name} has {here[:200]}", f"{second.name} has {there[:200]}")


_PARTS: Mapping[str, Callable[[_Cause, _Cause], Iterator[Mismatch | Unchecked]]] = {
    "status": _status,
    "headers": _headers,
    "body": _body,
}

Masked = tuple[str, str]
"""A text for each of two causes, with what varies within either of them taken out."""


def _masked_texts(mine: Sequence[str], others: Sequence[str]) -> Masked | None:
    """The texts, piece by piece; None where they vary in the number of pieces."""
    if len(set(mine)) == len(set(others)) == 1:
        return mine[0], others[0]
    split = [[_PIECE.findall(text) for text in each] for each in (mine, others)]
    counts = [{len(pieces) for pieces in each} for each in split]
    if any(len(each) > 1 for each in counts):
        return None
    if counts[0] != counts[1]:
        return mine[0], others[0]
    varies = {
        index
        for index in range(counts[0].pop())
        if any(len({pieces[index] for pieces in each}) > 1 for each in split)
    }
    first, second = (
        "".join("…" if index in varies else piece for index, piece in enumerate(each[0])) for each in split
    )
    return first, second


def _masked_members(mine: Sequence[Answer], others: Sequence[Answer]) -> Masked | None:
    """The bodies as JSON, member by member, with the space around them; None where they are no JSON."""
    try:
        values = [[answer.json() for answer in each] for each in (mine, others)]
    except ValueError:
        return None
    leaves = [[dict(_leaves(value, "")) for value in each] for each in values]
    masks: dict[str, tuple[Any, Any]] = {}
    for pointer in {pointer for each in leaves for found in each for pointer in found}:
        here, there = ([found.get(pointer, _DROPPED) for found in each] for each in leaves)
        if len(set(map(repr, here))) > 1 or len(set(map(repr, there))) > 1:
            masks[pointer] = _mask(here, there)
    texts = [{answer.text() for answer in each} for each in (mine, others)]
    if not masks and all(len(each) == 1 for each in texts):
        return texts[0].pop(), texts[1].pop()
    varied = not masks  # in the order of its members, or in its spaces
    written = [
        json.dumps(
            _with_masks(found[0], "", {each: mask[side] for each, mask in masks.items()}),
            ensure_ascii=False,
            sort_keys=varied,
        )
        for side, found in enumerate(values)
    ]
    spacings = [{_TOKEN.sub(".", answer.text()) for answer in each} for each in (mine, others)]
    if all(len(each) == 1 for each in spacings):  # else it varies too
        written = [f"{text}{_SPACING}{each.pop()}" for text, each in zip(written, spacings, strict=True)]
    return written[0], written[1]


def _mask(here: Sequence[Any], there: Sequence[Any]) -> tuple[Any, Any]:
    """What stands for a member that varies: of a text what does not vary, nothing where it may be missing."""
    if _DROPPED in here or _DROPPED in there:
        return _DROPPED, _DROPPED
    texts = all(isinstance(each, str) for each in (*here, *there))
    return (_masked_texts(here, there) if texts else None) or ("…", "…")


_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[^\s"]+')
_SPACING = "\0"
"""What stands before the spacing of a body; JSON has no such character."""
_DROPPED = "\0dropped"


def _with_masks(value: Any, pointer: str, masks: Mapping[str, Any]) -> Any:
    if isinstance(value, dict):
        members = ((name, _with_masks(each, f"{pointer}/{name}", masks)) for name, each in value.items())
        return {name: each for name, each in members if each != _DROPPED}
    if isinstance(value, list):
        items = (_with_masks(each, f"{pointer}/{index}", masks) for index, each in enumerate(value))
        return [each for each in items if each != _DROPPED]
    return masks.get(pointer, value)


def _leaves(value: Any, pointer: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value:
        for name, each in value.items():
            yield from _leaves(each, f"{pointer}/{name}")
    elif isinstance(value, list) and value:
        for index, each in enumerate(value):
            yield from _leaves(each, f"{pointer}/{index}")
    else:
        yield pointer, value


def _named(statuses: set[int]) -> str:
    return " or ".join(named_status(status) for status in sorted(statuses))
