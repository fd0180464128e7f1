"""`${name}` substitution and nothing more."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from harness.errors import InputError, Mistake, did_you_mean, quoted
from harness.model import Where

_NAME = re.compile(r"[a-z][a-z0-9._-]*", re.IGNORECASE | re.ASCII)
_TOKEN = re.compile(r"(?P<literal>\$\$\{)|\$\{(?P<name>[^{}]*)\}|(?P<open>\$\{)", re.DOTALL)


def names(text: str) -> tuple[str, ...]:
    """The names that `text` needs, each once, in the order of their appearance."""
    found = (token["name"] for token in _TOKEN.finditer(text))
    return tuple(dict.fromkeys(each for each in found if each and _NAME.fullmatch(each)))


def names_in(value: Any) -> Iterator[str]:
    """The names that the strings need of which `value` is made, with JSON's types."""
    if isinstance(value, str):
        yield from names(value)
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from names_in(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from names_in(each)


def render(text: str, values: Mapping[str, str], where: Where) -> str:
    """`text` with each `${name}` replaced by its value and each `$${` by a literal `${`.

    Values are put in as they are; what looks like a name in them is not looked up. InputError names all
    unknown names and unclosed or misspelt `${` of the text, at `where`.
    """
    if mistakes := list(_mistakes(text, values, where)):
        raise InputError(mistakes)
    return _TOKEN.sub(lambda token: "${" if token["literal"] else values[token["name"]], text)


def render_all(value: Any, values: Mapping[str, str], where: Where) -> Any:
    """`value`, made of JSON's types, with every string in it rendered; the keys of mappings stay."""
    if isinstance(value, str):
        return render(value, values, where)
    if isinstance(value, Mapping):
        return {key: render_all(each, values, where) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [render_all(each, values, where) for each in value]
    return value


def _mistakes(text: str, values: Mapping[str, str], where: Where) -> Iterator[Mistake]:
    for token in _TOKEN.finditer(text):
        name = token["name"]
        if token["literal"]:
            continue
        if token["open"]:
            rest = text[token.start() :]
            yield Mistake(
                where, f"{quoted(rest)} is not closed", "Add '}', or write '$${' for a literal '${'."
            )
        elif not name.strip():
            yield Mistake(where, "'${}' has no name", "Write '$${}' for a literal '${}'.")
        elif not _NAME.fullmatch(name):
            yield Mistake(
                where,
                f"{quoted(name)} cannot be a name in '${{…}}'",
                "A name begins with a letter and goes on with letters, digits, '.', '_' and '-'.",
            )
        elif name not in values:
            yield Mistake(where, f"unknown name {quoted(name)} in '${{…}}'", did_you_mean(name, values))
