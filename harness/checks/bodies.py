"""JSON bodies: validation against JSON Schema files that stay where they are, and JSON Pointers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache, partial
from itertools import islice
from pathlib import Path
from typing import Any

import jsonschema
import referencing
from jsonschema.validators import extend, validator_for
from referencing.exceptions import Unresolvable
from referencing.jsonschema import DRAFT202012, specification_with

from harness.errors import mistake
from harness.model import Where

FORMATS = (
    "date", "date-time", "time", "email", "hostname", "ipv4", "ipv6", "json-pointer", "regex", "uri",
    "uri-reference", "uri-template", "uuid",
)  # fmt: skip
"""Formats that are really checked. JSON Schema lets a validator skip those that it does not know."""

LONGEST = 2000
"""Characters of a message: more than are shown, for what is cut is no longer known for a secret."""
_MOST = 20
"""Errors that are told of one body: a hostile one could have a million."""

_ANY_CHARACTER = frozenset({"json-pointer", "regex"})
"""Formats whose values are not confined to visible ASCII characters."""


def errors(file: Path, value: Any) -> list[str]:
    """What about `value` is not as the JSON Schema in `file` has it, each with its place; the first 20."""
    try:
        found = list(islice(_validator(file).iter_errors(value), _MOST))
    except RecursionError:
        return ["$: nested too deeply to be compared with the schema"]
    except OverflowError:
        return ["$: a number in it is too large to be compared with the schema"]
    return [f"{error.json_path}: {_shortened(error.message)}" for error in found]


def compile_schema(file: Path) -> None:
    """Read the schema in `file` once. InputError where it cannot be used."""
    _validator(file)


def resolve(value: Any, pointer: str) -> Any:
    """The part of `value` that the JSON Pointer (RFC 6901) names. LookupError where there is none."""
    for part in pointer.split("/")[1:] if pointer else ():
        part = part.replace("~1", "/").replace("~0", "~")
        if isinstance(value, list):
            if not re.fullmatch(r"0|[1-9][0-9]*", part):
                raise LookupError(part)
            value = value[int(part)]
        elif isinstance(value, dict):
            value = value[part]
        else:
            raise LookupError(part)
    return value


@cache
def _validator(file: Path) -> Any:
    """The validator for the schema in `file`, built once: building it takes longer than using it."""
    where = Where(str(file), 1)
    try:
        schema = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise mistake(f"the schema cannot be read: {error}", where) from None
    base: Any = validator_for(schema, default=jsonschema.Draft202012Validator)
    dialect = str(base.META_SCHEMA["$schema"])
    declared = schema.get("$schema", dialect) if isinstance(schema, dict) else dialect
    if str(declared).rstrip("#") != dialect.rstrip("#"):
        raise mistake(f"the dialect '{_shortened(str(declared))}' of JSON Schema is unknown", where)
    try:
        base.check_schema(schema)
    except jsonschema.SchemaError as error:
        raise mistake(f"not a JSON Schema: {_shortened(error.message)}", where) from None
    _prepare(schema, dialect, where)
    strict: Any = extend(base, {"pattern": _pattern, "uniqueItems": _unique_items})  # type: ignore[no-untyped-call]
    # a registry without a way to retrieve: a reference to another document is an error, never a request
    return strict(schema, registry=referencing.Registry(), format_checker=_format_checker())


def _prepare(schema: Any, dialect: str, where: Where) -> None:
    """Look at every part of `schema` for what could not be checked, and spell `patternProperties` for Python.

    InputError for a format, a pattern or a reference that would be passed over or fail in a check.
    """
    specification = specification_with(dialect, default=DRAFT202012)
    resource = specification.create_resource(schema)
    registry: referencing.Registry[Any] = referencing.Registry()
    for part, resolver in _parts(resource, registry.resolver_with_root(resource), set()):
        name = part.get("format")
        if isinstance(name, str) and name not in FORMATS:
            known = ", ".join(FORMATS)
            raise mistake(f"the format '{name}' is not checked", where, f"Leave it out, or use {known}.")
        for key in ("$ref", "$dynamicRef"):
            if isinstance(part.get(key), str):
                _look_up(part[key], resolver, where)
        by_pattern = part.get("patternProperties", {})
        for pattern in (*by_pattern, *([part["pattern"]] if "pattern" in part else [])):
            try:
                re.compile(_ecma(pattern))
            except re.error as error:
                raise mistake(f"the pattern '{_shortened(pattern)}' cannot be used: {error}", where) from None
        if by_pattern:
            part["patternProperties"] = {f"(?a:{_ecma(key)})": value for key, value in by_pattern.items()}


def _parts(resource: Any, resolver: Any, seen: set[int]) -> Iterator[tuple[dict[str, Any], Any]]:
    """The schema and those within it, each once, with what resolves the references in it."""
    if id(resource.contents) in seen:
        return
    seen.add(id(resource.contents))
    inner = list(resource.subresources())
    if isinstance(resource.contents, dict):
        yield resource.contents, resolver
    for each in inner:
        yield from _parts(each, resolver.in_subresource(each), seen)


def _look_up(reference: str, resolver: Any, where: Where) -> None:
    try:
        resolver.lookup(reference)
    except Unresolvable:
        hint = "Put what it names under $defs; nothing is fetched."
        raise mistake(f"the reference '{_shortened(reference)}' leads out of the file", where, hint) from None


def _pattern(validator: Any, pattern: str, instance: Any, schema: Any) -> Any:
    """`pattern` as ECMA-262 reads it: `$` is the very end, `\\d` an ASCII digit."""
    if isinstance(instance, str) and not re.search(_ecma(pattern), instance, re.ASCII):
        yield jsonschema.ValidationError(f"{instance!r} does not match {pattern!r}")


@cache
def _ecma(pattern: str) -> str:
    return re.sub(r"\\.|\[(?:\\.|[^\]\\])*\]|\$", lambda part: r"\Z" if part[0] == "$" else part[0], pattern)


def _unique_items(validator: Any, wanted: bool, instance: Any, schema: Any) -> Any:
    """`uniqueItems` in linear time, for the list is as long as the target makes it."""
    if wanted and isinstance(instance, list):
        distinct = {json.dumps(_comparable(each), sort_keys=True) for each in instance}
        if len(distinct) < len(instance):
            yield jsonschema.ValidationError(f"{instance!r} has non-unique elements")


def _comparable(value: Any) -> Any:
    """`value` with 1.0 as 1, which JSON Schema holds equal."""
    if isinstance(value, dict):
        return {key: _comparable(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_comparable(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


@cache
def _format_checker() -> jsonschema.FormatChecker:
    """Checks all of `FORMATS`, whatever the dialect."""
    checker = jsonschema.FormatChecker(())
    for name in FORMATS:
        checker.checks(name)(partial(_has_format, name))
    return checker


def _has_format(name: str, value: object) -> bool:
    """Whether a string has the format. The packages behind it let line ends and foreign digits pass."""
    if not isinstance(value, str):
        return True
    if name not in _ANY_CHARACTER and not re.fullmatch("[!-~]*", value):
        return False
    if name == "email":
        return re.fullmatch("[^@]+@[^@]+", value) is not None
    return bool(jsonschema.Draft202012Validator.FORMAT_CHECKER.conforms(value, name))


def _shortened(message: str) -> str:
    return message if len(message) <= LONGEST else message[:LONGEST] + "…"
