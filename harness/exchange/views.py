"""Read a text as it is and as it is meant: with its escapes undone, and the way back to where they stood."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

_PERCENT = r"%(?P<percent>[0-9A-Fa-f]{2})"
_BACKSLASH = r"\\u(?P<u>[0-9A-Fa-f]{4})|\\x(?P<x>[0-9A-Fa-f]{2})|\\(?P<letter>.)"
_HTML = r"&#[xX](?P<hex>[0-9A-Fa-f]{1,5});|&#(?P<decimal>[0-9]{1,6});|&(?P<name>amp|lt|gt|quot|apos);"
_ONE_KIND = tuple(re.compile(kind, re.DOTALL) for kind in (_PERCENT, _BACKSLASH, _HTML))
_ANY_KIND = re.compile(f"{_PERCENT}|{_BACKSLASH}|{_HTML}", re.DOTALL)
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_LETTERS = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}

_UTF_8 = re.compile("[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
"""A character beyond ASCII whose bytes have been read one by one."""

_DEPTH = 3
"""Layers of escapes undone: JSON within JSON within a URL."""

_CANONICAL = bytes.maketrans(
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZ-_ ",
    b"abcdefghijklmnopqrstuvwxyz+/+",
)


def canonical(text: str) -> bytes:
    """One byte a character: case gone, the two alphabets of Base64 made one, a space equal to its plus.

    Characters beyond latin-1 all become one; who searches for those compares the text itself.
    """
    return text.encode("latin-1", "replace").translate(_CANONICAL)


@dataclass(frozen=True, slots=True)
class View:
    """A text with `depth` layers of escapes undone."""

    chars: str
    canonical: bytes
    depth: int
    _parent: View | None = None
    _at: list[int] = field(default_factory=list)
    """Indexes of the characters here that were escapes in the parent, ascending."""
    _spans: list[tuple[int, int]] = field(default_factory=list)
    """Where each of those stood there."""

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """Where a non-empty span of this view stands in the text that was given."""
        if self._parent is None:
            return start, end
        return self._parent.origin(self._back(start)[0], self._back(end - 1)[1])

    def _back(self, index: int) -> tuple[int, int]:
        number = bisect_right(self._at, index) - 1
        if number < 0:
            return index, index + 1
        start, end = self._spans[number]
        beyond = index - self._at[number]
        return (start, end) if beyond == 0 else (end + beyond - 1, end + beyond)


def views(text: str) -> Iterator[View]:
    """The text itself, then with one layer of escapes after the other undone while there are any.

    Where there are escapes of several kinds each is undone alone too, for what was escaped in one way may
    hold what looks like an escape of another.
    """
    view = View(text, canonical(text), 0)
    yield view
    alone = [inner for kind in _ONE_KIND if (inner := _undone(view, kind))]
    if not alone:
        return
    if len(alone) > 1:
        yield from alone
    inner = alone[0] if len(alone) == 1 else _undone(view, _ANY_KIND)
    while inner is not None:
        yield inner
        inner = _undone(inner, _ANY_KIND) if inner.depth < _DEPTH else None


@lru_cache(maxsize=2)  # an answer is looked at by several checks in turn
def readings(text: str) -> tuple[str, ...]:
    """A text as it is and, where it has escapes of JSON, HTML or URLs, as it is meant.

    A character that is escaped in pieces, as the halves of UTF-16 or the bytes of UTF-8, is put together.
    """
    found = [view.chars for view in views(text)]
    return tuple(dict.fromkeys((*found, *map(_joined, found))))


def _joined(text: str) -> str:
    if text.isascii():
        return text
    halves = _UTF_8.sub(_character, text)
    return halves.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _character(found: re.Match[str]) -> str:
    return found[0].encode("latin-1").decode("utf-8", "replace")


def _undone(view: View, escape: re.Pattern[str]) -> View | None:
    pieces: list[str] = []
    at: list[int] = []
    spans: list[tuple[int, int]] = []
    last = length = 0
    for match in escape.finditer(view.chars):
        start, end = match.span()
        pieces += (view.chars[last:start], _meaning(match))
        length += start - last
        at.append(length)
        spans.append((start, end))
        length += 1
        last = end
    if not at:
        return None
    chars = "".join(pieces) + view.chars[last:]
    return View(chars, canonical(chars), view.depth + 1, view, at, spans)


def _meaning(found: re.Match[str]) -> str:
    kind = found.lastgroup
    text: str = found[kind or 0]
    match kind:
        case "letter":
            return _LETTERS.get(text, text)
        case "name":
            return _NAMED[text]
        case "decimal":
            return chr(int(text))
        case _:
            return chr(int(text, 16))
