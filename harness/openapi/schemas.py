"""The schema of an answer, cut out of the document: one JSON Schema that needs nothing beside it.

What OpenAPI 3.0 writes in its own way is said as JSON Schema says it; what leads out of the document, or
cannot be checked, lets anything pass and is noted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from harness.errors import quoted
from harness.openapi.described import Unusable
from harness.openapi.references import look_up

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_MOST_PARTS = 20_000

_TYPES = frozenset({"null", "boolean", "object", "array", "number", "string", "integer"})
_EXCLUSIVE = ("exclusiveMaximum", "exclusiveMinimum")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _are_names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _are_types(value: Any) -> bool:
    kinds = [value] if isinstance(value, str) else value
    return _are_names(kinds) and 0 < len(kinds) == len({*kinds} & _TYPES)


_VALUES: Mapping[str, Callable[[Any], bool]] = {
    "type": _are_types,
    "enum": lambda value: isinstance(value, list) and bool(value),
    "const": lambda value: True,
    "required": _are_names,
    "multipleOf": lambda value: _is_number(value) and value > 0,
    **dict.fromkeys(("maximum", "minimum", *_EXCLUSIVE), _is_number),
    **dict.fromkeys(("maxLength", "minLength", "maxItems", "minItems"), _is_count),
    **dict.fromkeys(("maxProperties", "minProperties", "maxContains", "minContains"), _is_count),
    "uniqueItems": lambda value: isinstance(value, bool),
    "dependentRequired": lambda value: isinstance(value, dict) and all(map(_are_names, value.values())),
}
"""Keyword that is taken over as it is -> whether a value is one that it can have."""
_ONE = (
    "items", "additionalProperties", "not", "contains", "propertyNames", "if", "then", "else",
    "unevaluatedItems", "unevaluatedProperties",
)  # fmt: skip
_SEVERAL = ("allOf", "anyOf", "oneOf", "prefixItems")
_BY_NAME = ("properties", "dependentSchemas")
_IN_PLACE = ("allOf", "anyOf", "oneOf")
"""Keywords whose schemas are about the same value, so that a circle of them never ends."""


def cut(
    root: Mapping[str, Any], written: Any, where: str, formats: tuple[str, ...]
) -> tuple[dict[str, Any] | None, list[str]]:
    """The schema `written` in the document `root` with all that it refers to, and notes of what was lost.

    None where it describes nothing that an error's body would not be too. `formats` are those that will be
    checked, the others are left out.
    """
    cutting = _Cut(root, formats, str(root.get("openapi")).startswith("3.0"))
    try:
        made = cutting.schema(written)
    except Unusable as error:
        return None, [f"{where}: {error}"]
    return made, [f"{where}: {each}" for each in dict.fromkeys(cutting.notes)]


class _Cut:
    """Cuts one schema out of the document."""

    def __init__(self, root: Any, formats: tuple[str, ...], is_3_0: bool) -> None:
        self.root = root
        self.formats = formats
        self.is_3_0 = is_3_0
        self.notes: list[str] = []
        self._names: dict[str, str] = {}
        """Reference -> the name under $defs."""
        self._defined: dict[str, Any] = {}
        self._count = 0
        self._waiting: list[tuple[str, Any]] = []
        """What was referred to and is still to be made: one after the other, however long the chain is."""

    def schema(self, written: Any) -> dict[str, Any] | None:
        made = self._made(written)
        while self._waiting:
            name, part = self._waiting.pop(0)
            self._defined[name] = self._made(part)
        for name in _circular(self._defined):
            self.notes.append(f"the schema {quoted(name)} is made of itself; anything is accepted there")
            self._defined[name] = True
        if not isinstance(made, dict) or not (found := self._telling(made)):
            return None
        whole = {"$schema": DIALECT, **found}
        return {**whole, "$defs": self._defined} if self._defined else whole

    # --- one part ----------------------------------------------------------------------------------

    def _made(self, written: Any) -> Any:
        self._count += 1
        if self._count > _MOST_PARTS:
            raise Unusable(f"the schema has more than {_MOST_PARTS} parts")
        if isinstance(written, bool) or not isinstance(written, dict):
            return written if isinstance(written, bool) else True
        made: dict[str, Any] = {}
        if isinstance(written.get("$ref"), str):
            referred = self._reference(written["$ref"])
            if referred is not None:
                made["$ref"] = referred
            if self.is_3_0:  # what stands beside a reference counts from 3.1 on
                return made
        made |= {key: written[key] for key in _VALUES if self._is_meant(key, written)}
        made |= {key: self._made(written[key]) for key in _ONE if isinstance(written.get(key), dict | bool)}
        for key in _SEVERAL:
            if isinstance(written.get(key), list) and written[key]:
                made[key] = [self._made(each) for each in written[key]]
        for key in _BY_NAME:
            if isinstance(written.get(key), dict):
                made[key] = {str(name): self._made(each) for name, each in written[key].items()}
        self._strings(written, made)
        self._never_answered(written, made)
        return self._as_3_0(written, made) if self.is_3_0 else made

    def _is_meant(self, key: str, written: Mapping[str, Any]) -> bool:
        """Whether the keyword is there with a value that it can have; any other is noted."""
        if key not in written:
            return False
        value = written[key]
        good = _VALUES[key](value) or (self.is_3_0 and key in _EXCLUSIVE and isinstance(value, bool))
        if not good:
            self.notes.append(f"{key}: {quoted(str(value))} means nothing in a schema, and is left out")
        return good

    def _strings(self, written: Mapping[str, Any], made: dict[str, Any]) -> None:
        if written.get("format") in self.formats:
            made["format"] = written["format"]
        patterns = written.get("patternProperties")
        if isinstance(patterns, dict):
            usable = {key: each for key, each in patterns.items() if _is_pattern(key)}
            made["patternProperties"] = {key: self._made(each) for key, each in usable.items()}
        if isinstance(written.get("pattern"), str) and _is_pattern(written["pattern"]):
            made["pattern"] = written["pattern"]

    def _never_answered(self, written: Mapping[str, Any], made: dict[str, Any]) -> None:
        """Members that are for requests alone (writeOnly) are not in an answer, required or not."""
        properties = written.get("properties")
        named = properties.items() if isinstance(properties, dict) else ()
        never = {name for name, each in named if isinstance(each, dict) and each.get("writeOnly")}
        required = [name for name in dict.fromkeys(made.pop("required", ())) if name not in never]
        made |= {"required": required} if required else {}

    def _as_3_0(self, written: Mapping[str, Any], made: dict[str, Any]) -> dict[str, Any]:
        for bound in ("Minimum", "Maximum"):
            exclusive, plain = f"exclusive{bound}", bound.lower()
            if isinstance(made.get(exclusive), bool):
                if made.pop(exclusive) and plain in made:
                    made[exclusive] = made.pop(plain)
        return {"anyOf": [made, {"type": "null"}]} if written.get("nullable") is True else made

    def _reference(self, reference: str) -> str | None:
        """The reference to the same under $defs; None, and a note, where it cannot be had."""
        if reference not in self._names:
            try:
                part = look_up(self.root, reference)
            except Unusable as error:
                self.notes.append(f"{error}; anything is accepted there")
                return None
            name = re.sub(r"[^A-Za-z0-9_.-]+", "-", reference.rpartition("/")[2]) or "whole"
            while name in self._defined:
                name += "_"
            self._names[reference] = name
            self._defined[name] = True  # the name is taken
            self._waiting.append((name, part))
        return f"#/$defs/{self._names[reference]}"

    # --- what it tells -----------------------------------------------------------------------------

    def _telling(self, made: dict[str, Any]) -> dict[str, Any] | None:
        """`made` such that an error's body is none of it: where no member is required, one must be there."""
        if self._any_part(made, _excludes_objects) or self._any_part(made, _requires):
            return made
        members = [name for part in self._parts(made) for name in part.get("properties", ())]
        if not members:
            branches = made.get("oneOf") or made.get("anyOf")
            return made if branches else None
        one_of_them = {"anyOf": [{"required": [name]} for name in dict.fromkeys(members)]}
        if "anyOf" in made:
            return {**made, "allOf": [*made.get("allOf", ()), one_of_them]}
        return {**made, **one_of_them}

    def _any_part(self, made: dict[str, Any], tells: Callable[[dict[str, Any]], bool]) -> bool:
        return any(tells(part) for part in self._parts(made))

    def _parts(self, made: Any) -> Iterator[dict[str, Any]]:
        """The schema and all others that hold for the same value, whatever it is."""
        waiting, seen = [made], set()
        while waiting:
            part = waiting.pop()
            if isinstance(part, dict) and id(part) not in seen:
                seen.add(id(part))
                yield part
                waiting += part.get("allOf", ())
                if "$ref" in part:
                    waiting.append(self._defined.get(part["$ref"].rpartition("/")[2]))


def _circular(defined: Mapping[str, Any]) -> list[str]:
    """The schemas that describe a value only by what describes it, in a circle, and those between circles."""
    leads_to = {name: set(_same_value(made)) & defined.keys() for name, made in defined.items()}
    comes_from: dict[str, set[str]] = {name: set() for name in defined}
    for name, others in leads_to.items():
        for other in others:
            comes_from[other].add(name)
    waiting = [name for name in defined if not leads_to[name] or not comes_from[name]]
    while waiting:
        name = waiting.pop()
        for there, back in ((leads_to, comes_from), (comes_from, leads_to)):
            for other in there.pop(name, ()):
                back[other].discard(name)
                if not back[other]:
                    waiting.append(other)
    return list(leads_to)


def _same_value(made: Any) -> list[str]:
    """The names under $defs of the schemas that `made` holds its own value against."""
    found, waiting = [], [made]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            if "$ref" in part:
                found.append(part["$ref"].rpartition("/")[2])
            waiting += (each for key in _IN_PLACE for each in part.get(key, ()))
            waiting += (part[key] for key in ("not", "if", "then", "else") if key in part)
    return found


def _excludes_objects(part: Mapping[str, Any]) -> bool:
    kinds = part.get("type")
    kinds = [kinds] if isinstance(kinds, str) else kinds
    return isinstance(kinds, list) and "object" not in kinds


def _requires(part: Mapping[str, Any]) -> bool:
    return bool(part.get("required")) or bool(part.get("const")) or bool(part.get("enum"))


def _is_pattern(text: str) -> bool:
    try:
        re.compile(text)
    except (re.error, OverflowError, RecursionError):
        return False
    return True
