"""JSON bodies: validation against JSON Schema files that stay where they are, and JSON Pointers."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import referencing
from jsonschema.validators import extend, validator_for

from harness.errors import mistake
from harness.model import Where

FORMATS = (
    "date", "date-time", "time", "email", "hostname", "ipv4", "ipv6", "json-pointer", "regex", "uri",
    "uri-reference", "uri-template", "uuid",
)  # fmt: skip
"""Formats that are really checked. JSON Schema lets a validator skip those that it does not know."""

_LONGEST = 200


def errors(file: Path, value: Any) -> list[str]:
    """Everything about `value` that is not as the JSON Schema in `file` has it, each with its place."""
    found = _validator(file).iter_errors(value)
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
    for name in _formats(schema):
        if name not in FORMATS:
            known = ", ".join(FORMATS)
            raise mistake(f"the format '{name}' is not checked", where, f"Leave it out, or use {known}.")
    base = validator_for(schema, default=jsonschema.Draft202012Validator)
    try:
        base.check_schema(schema)
    except jsonschema.SchemaError as error:
        raise mistake(f"not a JSON Schema: {_shortened(error.message)}", where) from None
    strict: Any = extend(base, {"pattern": _pattern})  # type: ignore[no-untyped-call]
    # a registry without a way to retrieve: a reference to another document is an error, never a request
    return strict(schema, registry=referencing.Registry(), format_checker=base.FORMAT_CHECKER)


def _pattern(validator: Any, pattern: str, instance: Any, schema: Any) -> Any:
    """`pattern` as ECMA-262 reads it: `$` is the very end, `\\d` an ASCII digit."""
    if isinstance(instance, str) and not re.search(_ecma(pattern), instance, re.ASCII):
        yield jsonschema.ValidationError(f"{instance!r} does not match {pattern!r}")


@cache
def _ecma(pattern: str) -> str:
    return re.sub(r"\\.|\[(?:\\.|[^\]\\])*\]|\$", lambda part: r"\Z" if part[0] == "$" else part[0], pattern)


def _formats(schema: Any) -> set[str]:
    if isinstance(schema, dict):
        own = {schema["format"]} if isinstance(schema.get("format"), str) else set()
        return own.union(*(_formats(each) for each in schema.values()))
    if isinstance(schema, list):
        return set().union(*(_formats(each) for each in schema))
    return set()


def _shortened(message: str) -> str:
    return message if len(message) <= _LONGEST else message[:_LONGEST] + "…"
