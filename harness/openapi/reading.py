"""Read an OpenAPI document from bytes: JSON or YAML, as others write it, within bounds.

Unlike our own files these have numbers as keys (`200:`), anchors and dates; what is refused here is only what
is no document or cannot be read to its end.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

import yaml

from harness.errors import escaped, mistake
from harness.model import Where

LARGEST = 16 << 20
"""Bytes."""
_DEEPEST = 100
_MOST_VALUES = 2_000_000
_CONSTANTS = {"": None, "~": None, "null": None, "true": True, "false": False}


def parse(content: bytes, shown: str) -> Any:
    """The value that `content` holds, of JSON's types. InputError where it is none."""
    if len(content) > LARGEST:
        hint = "Leave out what authentication has no part in, and give that file."
        raise mistake(f"{shown}: the document is larger than {LARGEST >> 20} MiB", None, hint)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise mistake("the file is not UTF-8", Where(shown, line), "Save it as UTF-8.") from None
    if text.lstrip()[:1] in ("{", "["):
        value = _json(text, shown)
    else:
        value = _Yaml(text, shown).value()
    if _depth(value) > _DEEPEST:
        raise mistake(
            f"{shown}: nested more than {_DEEPEST} levels deep", None, "This is no OpenAPI document."
        )
    return value


def _json(text: str, shown: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        message = f"this is not JSON: {error.msg}"
        raise mistake(message, Where(shown, error.lineno), "Mend it, or save it as YAML.") from None
    except ValueError:  # a number of thousands of digits
        message = f"{shown}: a number in it is longer than any API has"
        raise mistake(message, None, "This is no OpenAPI document.") from None
    except RecursionError:
        message = f"{shown}: nested more than {_DEEPEST} levels deep"
        raise mistake(message, None, "This is no OpenAPI document.") from None


class _Yaml:
    """Builds a YAML text's value from the parser's events; aliases share what their anchors stand for."""

    def __init__(self, text: str, shown: str) -> None:
        self._events: Iterator[Any] = iter(yaml.parse(text, Loader=yaml.CSafeLoader))
        self._shown = shown
        self._anchors: dict[str, Any] = {}
        self._count = 0

    def value(self) -> Any:
        try:
            next(self._events)  # the start of the stream
            if isinstance(next(self._events), yaml.StreamEndEvent):
                raise mistake(f"{self._shown}: the file is empty", None, "Check the path.")
            return self._node(next(self._events), 0)
        except yaml.YAMLError as error:
            mark = error.problem_mark if isinstance(error, yaml.MarkedYAMLError) else None
            problem = (error.problem if isinstance(error, yaml.MarkedYAMLError) else None) or str(error)
            where = Where(self._shown, mark.line + 1 if mark else 1)
            raise mistake(f"this is neither YAML nor JSON: {escaped(problem)}", where) from None

    def _node(self, event: Any, depth: int) -> Any:
        self._check(event, depth)
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in self._anchors:
                hint = "Write the value out."
                raise mistake(f"the alias '*{event.anchor}' stands for nothing", self._where(event), hint)
            return self._anchors[event.anchor]
        made: Any
        if isinstance(event, yaml.ScalarEvent):
            made = _scalar(event)
        elif isinstance(event, yaml.SequenceStartEvent):
            made = []
            while not isinstance(inner := next(self._events), yaml.SequenceEndEvent):
                made.append(self._node(inner, depth + 1))
        else:
            made = self._mapping(depth)
        if event.anchor:
            self._anchors[event.anchor] = made  # not before it is whole: what holds itself stands for nothing
        return made

    def _mapping(self, depth: int) -> dict[str, Any]:
        """With what it takes over from others by `<<`: an own value goes before that of another."""
        made: dict[str, Any] = {}
        taken_over: list[Any] = []
        while not isinstance(key := next(self._events), yaml.MappingEndEvent):
            name = self._node(key, depth + 1)
            text = key.value if isinstance(key, yaml.ScalarEvent) else str(name)
            value = self._node(next(self._events), depth + 1)
            if isinstance(key, yaml.ScalarEvent) and text == "<<" and key.implicit[0]:
                taken_over += value if isinstance(value, list) else [value]
            else:
                made[text] = value
        merged: dict[str, Any] = {}
        for each in taken_over:
            if isinstance(each, dict):
                self._check(key, depth, len(each))
                for name, value in each.items():
                    merged.setdefault(name, value)
        return {**merged, **made}

    def _check(self, event: Any, depth: int, more: int = 1) -> None:
        """Count so many values. InputError where that is too many of them, or they are nested too deeply."""
        self._count += more
        if depth > _DEEPEST or self._count > _MOST_VALUES:
            what = f"nested more than {_DEEPEST} levels deep" if depth > _DEEPEST else "too many values"
            raise mistake(what, self._where(event), "This is no OpenAPI document.")

    def _where(self, event: Any) -> Where:
        return Where(self._shown, event.start_mark.line + 1)


def _scalar(event: Any) -> Any:
    text: str = event.value
    if not event.implicit[0] or len(text) > 300:
        return text
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    for kind in (int, float):
        try:
            number = kind(text) if text[-1:].isdigit() and "_" not in text else None
        except ValueError:
            continue
        if number is not None and math.isfinite(number):
            return number
    return text


def _depth(value: Any) -> int:
    """How deep lists and mappings are nested; no deeper than one more than is allowed is looked."""
    level, depth = [value], 0
    while level and depth <= _DEEPEST:
        held = {id(each): each for each in level if isinstance(each, dict | list) and each}
        level = [
            inner for each in held.values() for inner in (each.values() if isinstance(each, dict) else each)
        ]
        depth += 1
    return depth
