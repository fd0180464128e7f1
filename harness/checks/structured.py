"""Read a header field that is a list of structured items (RFC 9651), as far as policies of limits need it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

Bare = int | float | str | bytes | bool
Item = tuple[Bare, Mapping[str, Bare]]
"""An item, and its parameters by name."""

_KEY = re.compile(r"[a-z*][a-z0-9_.*-]*")
_NUMBER = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,3})?")
_STRING = re.compile(r'"((?:[ !#-\[\]-~]|\\["\\])*)"')
_TOKEN = re.compile(r"[A-Za-z*][!#$%&'*+.^_`|~0-9A-Za-z:/-]*")
_BYTES = re.compile(r":([A-Za-z0-9+/]*={0,2}):")
_COMMA = re.compile(r"[ \t]*,[ \t]*")


def items(lines: Iterable[str]) -> list[Item]:
    """The items of a list. ValueError where the lines together are no such list."""
    text = ", ".join(lines).strip(" ")
    found: list[Item] = []
    at = 0
    while at < len(text):
        value, at = _bare(text, at)
        parameters: dict[str, Bare] = {}
        while at < len(text) and text[at] == ";":
            at = len(text) - len(text[at + 1 :].lstrip(" "))
            key = _KEY.match(text, at)
            if key is None:
                raise ValueError(f"no name of a parameter at {text[at : at + 20]!r}")
            parameters[key[0]], at = True, key.end()
            if text[at : at + 1] == "=":
                parameters[key[0]], at = _bare(text, at + 1)
        found.append((value, parameters))
        if at < len(text):
            comma = _COMMA.match(text, at)
            if comma is None or comma.end() == len(text):
                raise ValueError(f"no list goes on with {text[at : at + 20]!r}")
            at = comma.end()
    return found


def _bare(text: str, at: int) -> tuple[Bare, int]:
    """The value that begins there, and where it ends."""
    if number := _NUMBER.match(text, at):
        return (float(number[0]) if "." in number[0] else int(number[0])), number.end()
    if string := _STRING.match(text, at):
        return re.sub(r"\\(.)", r"\1", string[1]), string.end()
    if raw := _BYTES.match(text, at):
        return raw[1].encode(), raw.end()
    if text[at : at + 2] in ("?0", "?1"):
        return text[at + 1] == "1", at + 2
    if token := _TOKEN.match(text, at):
        return token[0], token.end()
    raise ValueError(f"no value at {text[at : at + 20]!r}")
