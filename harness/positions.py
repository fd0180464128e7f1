"""Read YAML safely, and remember the line of everything.

YAML 1.2's core scalars and nothing beyond: `NO` and `on` are strings, so are dates and `0644`. What can be
misread, or can do harm, is refused with its place: duplicate keys, anchors, tags, keys that are no strings.
JSON is read the same way.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from harness import shipped
from harness.errors import InputError, Mistake, escaped, mistake, quoted
from harness.model import Where

Key = str | int

_LARGEST_FILE = 1 << 20
_DEEPEST = 50
_LONGEST_NUMBER = 300

_CONSTANTS: Mapping[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
# a leading zero is octal to YAML 1.1 and decimal to 1.2: a string here, for a schema to complain of
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?((0|[1-9][0-9]*)(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
# U+0085, U+2028 and U+2029 end a line for YAML 1.1 alone, so that our line numbers would not be the editor's
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")

_PLAIN_WORDS = {
    "found a tab character that violates indentation": ("a tab in the indentation", "Indent with spaces."),
    "found character that cannot start any token": (
        "a character that cannot begin a value",
        "Quote the value; indent with spaces, never with a tab.",
    ),
    "found unknown escape character": (
        "a '\\' that begins no known escape",
        "Double it, or use single quotes.",
    ),
    "found invalid Unicode character escape code": (
        "an escape that is no character",
        "Write the character itself; beyond U+FFFF its escape is \\U and eight digits, not a pair.",
    ),
    "mapping values are not allowed in this context": (
        "a ': ' where no key can be",
        "Quote a value that contains ': ', and check the indentation.",
    ),
    "did not find expected key": (
        "something else where a key must be",
        "Check the indentation, the quotes, and the brackets above.",
    ),
    "did not find expected '-' indicator": (
        "something else where a list item must be",
        "Check the indentation; every item of a list begins with '- '.",
    ),
    "did not find expected node content": ("a value is missing", "Close every '[' and '{' once."),
    "did not find expected <document start>": (
        "text after the end of the document",
        "Check the indentation.",
    ),
}
"""The parser's problems at the place where it noticed them, each with what to do about it."""

_PLAIN_WORDS_AT_START = {
    "found unexpected end of stream": ("the quotes are never closed", "Close the quoted value."),
    "could not find expected ':'": ("a line that is neither 'key: value' nor a list item", "Add the ':'."),
    "did not find expected ',' or '}'": ("this '{' is not closed", "Add the ',' or '}'."),
    "did not find expected ',' or ']'": ("this '[' is not closed", "Add the ',' or ']'."),
}
"""The same for what is better shown where it began."""


@dataclass(frozen=True, slots=True)
class Document:
    """What a file holds, and the line on which each part of it was written.

    `value` is made of dict, list, str, int, float, bool and None. `path` is shown in messages. `lines` has
    the 1-based line of each part by its keys from the root: a mapping entry's is that of its key. `folder` is
    where the file lies, whatever it is called in messages: other files are named relative to it.
    """

    value: Any
    path: str
    lines: Mapping[tuple[Key, ...], int]
    folder: Path = Path()

    def where(self, *keys: Key) -> Where:
        """The place of the part under `keys`, or of the nearest part around it that there is."""
        for end in range(len(keys), -1, -1):
            if line := self.lines.get(keys[:end]):
                return Where(self.path, line)
        return Where(self.path, 1)


def read(path: Path, shown: str | None = None) -> Document:
    """The document in the file `path`, called `shown` in messages. InputError with all its mistakes."""
    shown = shown or display(path)
    written = content(path, shown, _LARGEST_FILE + 1)
    if len(written) > _LARGEST_FILE:
        raise mistake(f"{shown}: the file is larger than 1 MiB", None, "Split it.")
    try:
        text = written.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = written.count(b"\n", 0, error.start) + 1
        raise mistake("the file is not UTF-8", Where(shown, line), "Save it as UTF-8.") from None
    return replace(parse(text, shown), folder=path.absolute().parent)


def content(path: Path, shown: str, most: int) -> bytes:
    """The first `most` bytes of the file `path`, or all of it. InputError where it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(most)
    except FileNotFoundError:
        raise mistake(f"{shown}: there is no such file", None, "Check the path.") from None
    except IsADirectoryError:
        raise mistake(f"{shown}: this is a folder, not a file", None, "Name a file in it.") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise mistake(f"{shown}: the file cannot be read: {escaped(reason)}") from None


def display(path: Path) -> str:
    """`path` as messages show it: what is shipped from `suites` or `specs` on, wherever that is installed;
    else relative to the current directory where below it, or absolute.
    """
    absolute = path.absolute()
    for name in shipped.FOLDERS:
        if absolute.is_relative_to(folder := shipped.folder(name)):
            return escaped(str(Path(name) / absolute.relative_to(folder)))
    here = Path.cwd()
    return escaped(str(absolute.relative_to(here) if absolute.is_relative_to(here) else absolute))


def parse(text: str, path: str) -> Document:
    """The document in `text`, called `path` in messages. InputError with all its mistakes."""
    if found := _FORBIDDEN.search(text):
        line = len(re.findall(r"\r\n?|\n", text[: found.start()])) + 1
        code = f"U+{ord(found[0]):04X}"
        hint = f'Remove it, or write it as "\\u{ord(found[0]):04x}" in double quotes.'
        raise mistake(f"the character {code} is not allowed in a file", Where(path, line), hint)
    return _Builder(text, path).document()


class _Builder:
    """Builds one document's value from the parser's events, collecting the mistakes on the way.

    After a mistake the value no longer matters: reading goes on only to find the others.
    """

    def __init__(self, text: str, path: str) -> None:
        self._events: Iterator[Any] = iter(yaml.parse(text, Loader=yaml.CSafeLoader))
        self._path = path
        self._mistakes: list[Mistake] = []
        self._lines: dict[tuple[Key, ...], int] = {}

    def document(self) -> Document:
        value = None
        try:
            value = self._stream()
        except _GiveUp:
            pass
        except yaml.YAMLError as error:
            self._syntax_error(error)
        if self._mistakes:
            raise InputError(sorted(self._mistakes, key=lambda each: each.where.line if each.where else 0))
        return Document(value, self._path, self._lines)

    def _stream(self) -> Any:
        next(self._events)  # the start of the stream
        if isinstance(next(self._events), yaml.StreamEndEvent):
            self._mistake(1, "the file is empty")
            raise _GiveUp
        first = next(self._events)
        self._lines[()] = _line(first)
        value = self._node(first, ())
        next(self._events)  # the end of the document
        after = next(self._events)
        if not isinstance(after, yaml.StreamEndEvent):
            self._mistake(_line(after), "a second document begins here", "Keep one document in a file.")
        return value

    def _node(self, event: Any, keys: tuple[Key, ...]) -> Any:
        if isinstance(event, yaml.AliasEvent):
            alias = quoted(f"*{event.anchor}")
            self._mistake(_line(event), f"the alias {alias} is not allowed", "Write the value out.")
            return None
        self._refuse_properties(event)
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        if len(keys) >= _DEEPEST:
            self._mistake(_line(event), f"nested more than {_DEEPEST} levels deep")
            raise _GiveUp
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(keys)
        return self._mapping(keys)

    def _sequence(self, keys: tuple[Key, ...]) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            place = (*keys, len(items))
            self._lines[place] = _line(event)
            items.append(self._node(event, place))
        return items

    def _mapping(self, keys: tuple[Key, ...]) -> dict[str, Any]:
        entries: dict[str, Any] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._key(event, keys)
            place = (*keys, key)
            if key in entries:
                first = self._lines[place]
                message = f"duplicate key {quoted(key)}, first written on line {first}"
                self._mistake(_line(event), message, "Remove one of the two.")
            self._lines.setdefault(place, _line(event))
            entries[key] = self._node(next(self._events), place)
        return entries

    def _key(self, event: Any, keys: tuple[Key, ...]) -> str:
        """The key that `event` begins; for one that is refused, a stand-in that is like no other."""
        value = self._node(event, (*keys, ""))
        line = _line(event)
        if isinstance(value, str):
            if value == "<<" and event.implicit[0]:
                self._mistake(line, "merge keys '<<' are not allowed", "Write the entries out.")
                return f"<< on line {line}"
            return value
        if isinstance(event, yaml.ScalarEvent) and event.value:
            key = quoted(event.value).strip("'")
            self._mistake(line, f"the key {key} is {_kind(value)}, not a string", f'Quote it: "{key}".')
        elif isinstance(event, yaml.ScalarEvent):
            self._mistake(line, "a key is missing before ':'", "Write the key.")
        elif not isinstance(event, yaml.AliasEvent):
            self._mistake(line, f"a key is {_kind(value)}, not a string", "Quote a key with '[' or '{'.")
        return f"refused key number {len(self._mistakes)}"

    def _scalar(self, event: Any) -> Any:
        text: str = event.value
        if not event.implicit[0]:  # quoted, or a block
            return text
        if text in _CONSTANTS:
            return _CONSTANTS[text]
        is_integer = _INTEGER.fullmatch(text)
        if not is_integer and not _FLOAT.fullmatch(text) and not _NOT_FINITE.fullmatch(text):
            return text
        if len(text) > _LONGEST_NUMBER:
            self._mistake(_line(event), f"a number of {len(text)} characters is too long", "Quote it.")
            return 0
        if is_integer:
            return int(text)
        if _NOT_FINITE.fullmatch(text) or not math.isfinite(float(text)):
            self._mistake(_line(event), f"{text} is not a finite number", "Quote it if it is a string.")
            return 0
        return float(text)

    def _refuse_properties(self, event: Any) -> None:
        if event.anchor is not None:
            hint = "Write the value out wherever it is needed."
            self._mistake(_line(event), f"the anchor {quoted(f'&{event.anchor}')} is not allowed", hint)
        if event.tag is not None:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!", 1)
            hint = "Remove it; quote a value that is to be a string."
            self._mistake(_line(event), f"the tag {quoted(tag)} is not allowed", hint)

    def _syntax_error(self, error: yaml.YAMLError) -> None:
        problem, mark = str(error), None
        if isinstance(error, yaml.MarkedYAMLError):
            problem = error.problem or problem
            at_start = problem in _PLAIN_WORDS_AT_START
            mark = (at_start and error.context_mark) or error.problem_mark
        known = _PLAIN_WORDS | _PLAIN_WORDS_AT_START
        message, hint = known.get(problem, (f"this is not YAML: {escaped(problem)}", None))
        line = mark.line + 1 if mark else 1
        self._mistake(line, message, hint)

    def _mistake(self, line: int, message: str, hint: str | None = None) -> None:
        self._mistakes.append(Mistake(Where(self._path, line), message, hint))


class _GiveUp(Exception):
    """Reading on would find nothing more."""


def _line(event: Any) -> int:
    line: int = event.start_mark.line
    return line + 1


def _kind(value: Any) -> str:
    if value is None:
        return "YAML's null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, int | float):
        return "a number"
    return "a mapping" if isinstance(value, dict) else "a list"
