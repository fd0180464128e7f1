"""Check the shape of a document against a published schema, and say what is wrong in sentences.

The schemas in `schemas/` are draft-07 JSON Schema and serve editors too, so there is one source of shape.
A schema's `title` names what it describes in messages ("a step"), `x-pattern-says` puts a `pattern` into
words, and a `writeOnly` value may be a secret and is never shown.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft7Validator, ValidationError
from jsonschema.validators import extend

from harness.errors import Mistake, did_you_mean, nearest, quoted
from harness.model import Where
from harness.positions import Document, Key

_SCHEMAS = Path(__file__).parent / "schemas"

_PLAIN_WORD = re.compile(r"[A-Za-z0-9_./=][A-Za-z0-9_./=-]*")
"""A word that needs no quotes in a list of YAML."""

_KINDS = {
    "object": "a mapping",
    "array": "a list",
    "string": "a string",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
}


@cache
def load_schema(name: str) -> Mapping[str, Any]:
    """The published schema called `name`: suite, profile, target, requirements, …"""
    schema: dict[str, Any] = json.loads((_SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8"))
    return schema


def check(document: Document, schema: Mapping[str, Any]) -> list[Mistake]:
    """Everything about the document's shape that is not as `schema` has it, by line, each once."""
    errors = _validator(schema).iter_errors(document.value)
    misfits = [_misfit(error, document.value) for error in errors]
    mistakes = dict.fromkeys(each for misfit in misfits for each in _explain(misfit, document))
    return sorted(mistakes, key=lambda each: each.where.line if each.where else 0)


# --- the validator -------------------------------------------------------------------------------

_validators: dict[int, tuple[Mapping[str, Any], Any]] = {}


def _validator(schema: Mapping[str, Any]) -> Any:
    """The validator of `schema`, built once: building it takes longer than using it."""
    if id(schema) not in _validators:
        # the schema is kept beside it, so that its id stays its own
        _validators[id(schema)] = schema, _Validator(schema)
    return _validators[id(schema)][1]


def _pattern(validator: Any, pattern: str, instance: Any, schema: Any) -> Iterator[ValidationError]:
    if isinstance(instance, str) and not _compiled(pattern).search(instance):
        yield ValidationError("does not match")


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """`pattern` as ECMA 262 has it, where `$` is the very end and not before a last line end too."""
    parts = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|\$")
    return re.compile(parts.sub(lambda part: r"\Z" if part[0] == "$" else part[0], pattern), re.ASCII)


_extend: Any = extend  # the stubs leave it untyped
_Validator: Any = _extend(Draft7Validator, {"pattern": _pattern})


# --- what does not fit ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Misfit:
    """One keyword of a schema that a value does not meet."""

    keyword: str
    wanted: Any
    """What the schema has under the keyword."""
    value: Any
    schema: Mapping[str, Any]
    path: tuple[Key, ...]
    """Where the value is, from the root; for a key that is wrong, where its mapping is."""
    depth: int
    """How far the value is inside of that which the branch of a choice is about."""
    is_key: bool
    """Whether propertyNames refused a key: `value` is that key."""
    branches: tuple[tuple[_Misfit, ...], ...]
    """For oneOf and anyOf, what does not fit under each branch; empty where more than one fits."""


def _misfit(error: Any, root: Any) -> _Misfit:
    """jsonschema's error, which has this and much more, most of it optional."""
    path = tuple(error.absolute_path)
    around = root
    for key in path:
        around = around[key]
    branches: dict[Any, list[_Misfit]] = {}
    for each in error.context:
        branches.setdefault(each.schema_path[0], []).append(_misfit(each, root))
    return _Misfit(
        keyword=str(error.validator),
        wanted=error.validator_value,
        value=error.instance,
        schema=error.schema if isinstance(error.schema, dict) else {},
        path=path,
        depth=len(error.relative_path),
        is_key=isinstance(around, dict) and isinstance(error.instance, str),
        branches=tuple(map(tuple, branches.values())),
    )


def _explain(misfit: _Misfit, document: Document) -> Iterator[Mistake]:
    if misfit.keyword in ("oneOf", "anyOf"):
        yield from _explain_choice(misfit, document)
    elif misfit.keyword == "additionalProperties" and misfit.wanted is False:
        yield from _explain_unknown_keys(misfit, document)
    else:
        says = _SENTENCES.get(misfit.keyword, _other)
        yield Mistake(_where(misfit, document), *says(misfit))


def _explain_unknown_keys(misfit: _Misfit, document: Document) -> Iterator[Mistake]:
    known = misfit.schema.get("properties", {})
    for key in misfit.value:
        if key not in known:
            message = f"unknown key {quoted(key)} in {_thing(misfit)}"
            yield Mistake(document.where(*misfit.path, key), message, did_you_mean(key, known))


def _explain_choice(misfit: _Misfit, document: Document) -> Iterator[Mistake]:
    """What is wrong under oneOf or anyOf, told of the branch that was most probably meant."""
    where = _where(misfit, document)
    if all(set(branch) == {"required"} for branch in misfit.wanted):
        yield Mistake(where, _one_of_keys(misfit))
    elif not misfit.branches:
        yield Mistake(where, f"{_subject(misfit)} can be read in more than one way")
    elif fitting := [branch for branch in misfit.branches if not _is_other_form(branch)]:
        for each in min(fitting, key=_distance):
            yield from _explain(each, document)
    else:
        forms = list(dict.fromkeys(_forms(misfit)))
        yield Mistake(where, f"{_subject(misfit)} must be {_joined(forms, 'or')}, not {_kind(misfit)}")


def _one_of_keys(misfit: _Misfit) -> str:
    keys = [key for branch in misfit.wanted for key in branch["required"]]
    present = [key for key in keys if key in misfit.value]
    if present:
        return f"{_thing(misfit)} has {_names(present, 'and')}, but can have only one of them"
    return f"{_thing(misfit)} needs {_names(keys, 'or')}"


def _is_other_form(branch: tuple[_Misfit, ...]) -> bool:
    """Whether the value is not even of the kind that this branch is about."""
    for each in branch:
        if each.depth == 0 and each.keyword in ("type", "const", "enum"):
            return True
        if each.depth == 0 and each.branches and all(map(_is_other_form, each.branches)):
            return True
    return False


def _distance(branch: tuple[_Misfit, ...]) -> tuple[int, int]:
    """How far a value is from fitting a branch: the number of misfits, then how far out they are."""
    return len(branch), -max(each.depth for each in branch)


def _forms(misfit: _Misfit) -> Iterator[str]:
    """In words, the kinds of value that the branches of oneOf or anyOf allow."""
    for each in (each for branch in misfit.branches for each in branch if each.depth == 0):
        if each.keyword == "type":
            yield _kinds(each.wanted)
        elif each.keyword == "const":
            yield _shown(each.wanted)
        elif each.keyword == "enum":
            yield from map(_shown, each.wanted)
        else:
            yield from _forms(each)


# --- one sentence for each keyword ---------------------------------------------------------------

_Sentence = tuple[str, str | None]


def _type(misfit: _Misfit) -> _Sentence:
    wanted = misfit.wanted
    hint = None
    if isinstance(misfit.value, str) and wanted in ("integer", "number"):
        hint = "Write a decimal number, without quotes."
    elif wanted == "string" and isinstance(misfit.value, bool | int | float):
        hint = "Quote it."
    elif isinstance(misfit.value, str) and wanted == "array":
        words = misfit.value.split()
        is_plain = len(words) > 1 and all(_PLAIN_WORD.fullmatch(word) for word in words)
        shown = is_plain and not misfit.schema.get("writeOnly")
        hint = f"Write [{', '.join(words)}]." if shown else "Write it in brackets: [one, another]."
    return f"{_subject(misfit)} must be {_kinds(wanted)}, not {_kind(misfit)}", hint


def _enum(misfit: _Misfit) -> _Sentence:
    values = misfit.wanted
    if len(values) == 1 or misfit.schema.get("writeOnly"):
        return f"{_subject(misfit)} must be {' or '.join(map(_shown, values))}{_not_this(misfit)}", None
    near = isinstance(misfit.value, str) and nearest(misfit.value, map(str, values))
    hint = f"Did you mean {quoted(near)}?" if near else None
    return f"{_value(misfit)} is not one of {', '.join(map(str, values))}", hint


def _const(misfit: _Misfit) -> _Sentence:
    return f"{_subject(misfit)} must be {_shown(misfit.wanted)}{_not_this(misfit)}", None


def _matches(misfit: _Misfit) -> _Sentence:
    if says := misfit.schema.get("x-pattern-says"):
        return f"{_subject(misfit)} must be {says}{_not_this(misfit)}", None
    message = f"{_subject(misfit)} must match {misfit.wanted}{_not_this(misfit)}"
    return message, misfit.schema.get("description")


def _required(misfit: _Misfit) -> _Sentence:
    missing = [key for key in misfit.wanted if key not in misfit.value]
    return f"{_thing(misfit)} needs {_names(missing, 'and')}", None


def _dependencies(misfit: _Misfit) -> _Sentence:
    parts = []
    for key, needed in misfit.wanted.items():
        missing = [each for each in needed if each not in misfit.value]
        if key in misfit.value and missing:
            parts.append(f"with {quoted(key)} needs {_names(missing, 'and')}")
    return f"{_thing(misfit)} {_joined(parts, 'and')}", None


def _entries(misfit: _Misfit) -> _Sentence:
    if misfit.schema.get("minProperties") == misfit.schema.get("maxProperties") == 1:
        return f"{_subject(misfit)} must have exactly one entry, not {len(misfit.value)}", None
    return _size(misfit, "entry", "entries")


def _items(misfit: _Misfit) -> _Sentence:
    return _size(misfit, "item", "items")


def _length(misfit: _Misfit) -> _Sentence:
    return _size(misfit, "character", "characters")


def _size(misfit: _Misfit, one: str, several: str) -> _Sentence:
    size = misfit.wanted
    if misfit.keyword.startswith("min") and not misfit.value:
        return f"{_subject(misfit)} must not be empty", None
    bound = "least" if misfit.keyword.startswith("min") else "most"
    count = f"{size} {one if size == 1 else several}"
    return f"{_subject(misfit)} must have at {bound} {count}, not {len(misfit.value)}", None


def _unique(misfit: _Misfit) -> _Sentence:
    return f"{_subject(misfit)} has the same item twice", "Remove one of the two."


def _minimum(misfit: _Misfit) -> _Sentence:
    return f"{_subject(misfit)} must be at least {misfit.wanted}{_not_this(misfit)}", None


def _maximum(misfit: _Misfit) -> _Sentence:
    return f"{_subject(misfit)} must be at most {misfit.wanted}{_not_this(misfit)}", None


def _other(misfit: _Misfit) -> _Sentence:
    return f"{_subject(misfit)} is not as it must be ({misfit.keyword})", misfit.schema.get("description")


_SENTENCES: Mapping[str, Callable[[_Misfit], _Sentence]] = {
    "type": _type,
    "enum": _enum,
    "const": _const,
    "pattern": _matches,
    "required": _required,
    "dependencies": _dependencies,
    "minProperties": _entries,
    "maxProperties": _entries,
    "minItems": _items,
    "maxItems": _items,
    "uniqueItems": _unique,
    "minLength": _length,
    "maxLength": _length,
    "minimum": _minimum,
    "maximum": _maximum,
}


# --- words ---------------------------------------------------------------------------------------


def _where(misfit: _Misfit, document: Document) -> Where:
    return document.where(*misfit.path, *([misfit.value] if misfit.is_key else []))


def _subject(misfit: _Misfit) -> str:
    """The value that is wrong: `'times'`, `item 2 of 'needs'`, `the key 'A'`, `a scenario`."""
    if misfit.is_key:
        return f"the key {quoted(misfit.value)}"
    match misfit.path:
        case [*_, str(key)]:
            return quoted(key)
        case [*_, str(key), int(index)] if "title" not in misfit.schema:
            return f"item {index + 1} of {quoted(key)}"
    return _thing(misfit)


def _thing(misfit: _Misfit) -> str:
    """What the value is, by its schema's title, else by its own key."""
    if title := misfit.schema.get("title"):
        return str(title)
    match misfit.path:
        case [*_, str(key)]:
            return quoted(key)
        case [*_, int(index)]:
            return f"item {index + 1}"
    return "the file"


def _kinds(types: str | list[str]) -> str:
    return _joined([_KINDS[each] for each in ([types] if isinstance(types, str) else types)], "or")


def _kind(misfit: _Misfit) -> str:
    """What the value is, without showing it."""
    if misfit.value is None or isinstance(misfit.value, bool):
        return _shown(misfit.value)
    kinds = {int: "a number", float: "a number", str: "a string", list: "a list"}
    return kinds.get(type(misfit.value), "a mapping")


def _value(misfit: _Misfit) -> str:
    """The value itself, where it is short and no secret; else what it is."""
    if misfit.schema.get("writeOnly") or isinstance(misfit.value, dict | list):
        return _kind(misfit)
    return _shown(misfit.value)


def _not_this(misfit: _Misfit) -> str:
    """How most sentences end; not for a key, which its sentence has named, nor for a secret."""
    return "" if misfit.is_key or misfit.schema.get("writeOnly") else f", not {_value(misfit)}"


def _shown(value: Any) -> str:
    return quoted(value) if isinstance(value, str) else json.dumps(value)


def _names(names: list[str], word: str) -> str:
    return _joined([quoted(each) for each in names], word)


def _joined(parts: list[str], word: str) -> str:
    """`a, b or c`."""
    return f" {word} ".join([", ".join(parts[:-1]), parts[-1]] if parts[1:] else parts)
