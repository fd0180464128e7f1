"""Fill in what a document leaves open of a request: by its examples, else by the smallest value allowed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from harness.openapi.described import Unusable
from harness.openapi.references import resolved

UNKNOWN = "authconform"
"""A text that hardly names anything that exists."""
RARE = 999_999_999
"""A number that hardly does."""

_DEEPEST = 8
_MOST_MEMBERS = 50
_MOST_VALUES = 1_000
_LARGEST_EXAMPLE = 20_000
"""Values."""
_LONGEST = 200
_OF_A_FORMAT = {
    "uuid": "00000000-0000-4000-8000-000000000000",
    "date": "2001-01-01",
    "date-time": "2001-01-01T00:00:00Z",
    "time": "00:00:00Z",
    "email": "authconform@example.com",
    "uri": "https://example.com/authconform",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
}


def given(described: Mapping[str, Any]) -> Any:
    """The example that a parameter or a body comes with, None where it has none that can be sent."""
    if "example" in described:
        return described["example"] if _is_small(described["example"]) else None
    examples = described.get("examples")
    for each in examples.values() if isinstance(examples, dict) else ():
        if isinstance(each, dict) and "value" in each and _is_small(each["value"]):
            return each["value"]
    return None


def text_for(root: Any, parameter: Mapping[str, Any]) -> tuple[str, bool]:
    """A value for a parameter, and whether it is made up."""
    example = given(parameter)
    if not _is_text(example):
        schema = parameter.get("schema")
        example = next((each for each in _offered(_schema(root, schema)) if _is_text(each)), None)
        if example is None:
            made = instance(root, schema, number=RARE)
            made = str(made).lower() if isinstance(made, bool) else made
            return str(made) if _is_text(made) else UNKNOWN, True
    return str(example), False


def instance(root: Any, written: Any, *, number: int = 1) -> Any:
    """A small value that the schema `written` allows, as far as that is easily told."""
    return _Making(root, number).value(written, 0)


class _Making:
    """Makes one value; of a schema that asks for more than is worth while, the rest is left out."""

    def __init__(self, root: Any, number: int) -> None:
        self.root = root
        self.number = number
        self.left = _MOST_VALUES

    def value(self, written: Any, depth: int) -> Any:
        self.left -= 1
        schema = _schema(self.root, written)
        for each in _offered(schema):
            return each
        for key in ("allOf", "oneOf", "anyOf"):
            parts = schema.get(key)
            if isinstance(parts, list) and parts and self.goes_on(depth):
                return self.composed(schema, key, parts, depth)
        match _kind(schema):
            case "object":
                return dict(self.members(schema, depth))
            case "array":
                few = min(_count(schema, "minItems"), 3)
                return [self.value(schema.get("items"), depth + 1)] * few if self.goes_on(depth) else []
            case "integer" | "number":
                return _number(schema, self.number)
            case "boolean":
                return False
            case "null":
                return None
        return _text(schema)

    def goes_on(self, depth: int) -> bool:
        """Whether anything is made within what is made."""
        return depth < _DEEPEST and self.left > 0

    def composed(self, schema: Mapping[str, Any], key: str, parts: Sequence[Any], depth: int) -> Any:
        """What all of `parts` allow together, or the first of them; and what stands beside them."""
        wanted = parts[:_MOST_MEMBERS] if key == "allOf" else parts[:1]
        own = {name: value for name, value in schema.items() if name != key}
        made = [self.value(each, depth + 1) for each in wanted]
        if own.get("properties"):
            made.append(self.value(own, depth + 1))
        merged = {name: value for each in made if isinstance(each, dict) for name, value in each.items()}
        return merged or made[0]

    def members(self, schema: Mapping[str, Any], depth: int) -> Iterator[tuple[str, Any]]:
        """Those that are required."""
        properties, required = schema.get("properties"), schema.get("required")
        known = properties if isinstance(properties, dict) else {}
        names = [each for each in required if isinstance(each, str)] if isinstance(required, list) else []
        for name in islice(names, _MOST_MEMBERS):
            if self.goes_on(depth):
                yield name, self.value(known.get(name), depth + 1)


def _schema(root: Any, written: Any) -> Mapping[str, Any]:
    """The schema that `written` is or refers to; one that allows anything where that cannot be told."""
    try:
        return resolved(root, written, "#") if isinstance(written, dict) else {}
    except Unusable:
        return {}


def _offered(schema: Mapping[str, Any]) -> Iterator[Any]:
    """The values that a schema itself gives."""
    several = (schema[key][:1] for key in ("examples", "enum") if isinstance(schema.get(key), list))
    one = ([schema[key]] for key in ("const", "example", "default") if key in schema)
    yield from (value for values in (*one, *several) for value in values if _is_small(value))


def _kind(schema: Mapping[str, Any]) -> str:
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((each for each in kind if each != "null"), "null")
    if isinstance(kind, str):
        return kind
    return "object" if "properties" in schema or "required" in schema else "string"


def _count(schema: Mapping[str, Any], key: str) -> int:
    value = schema.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def _number(schema: Mapping[str, Any], number: int) -> int | float:
    low, high = (
        value if isinstance(value := schema.get(key), int | float) and not isinstance(value, bool) else None
        for key in ("minimum", "maximum")
    )
    if high is not None and number > high:
        return high
    return max(number, low) if low is not None else number


def _text(schema: Mapping[str, Any]) -> str:
    made = _OF_A_FORMAT.get(str(schema.get("format")), UNKNOWN)
    made = made.ljust(min(_count(schema, "minLength"), _LONGEST), "x")
    longest = _count(schema, "maxLength")
    return made[:longest] if longest else made


def _is_small(value: Any) -> bool:
    """Whether a value can be written out: one that YAML's aliases build may not end in this life."""
    waiting, count = [value], 0
    while waiting and count <= _LARGEST_EXAMPLE:
        count += 1
        each = waiting.pop()
        if isinstance(each, dict | list):
            waiting += each.values() if isinstance(each, dict) else each
    return not waiting


def _is_text(value: Any) -> bool:
    """Whether a value can stand in a path or query as it is."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return False
    return 0 < len(str(value)) <= _LONGEST and str(value).isprintable()


def body(root: Any, content: Any) -> tuple[Any, str | None]:
    """A body of one of the media types in `content`, and its kind: json or form. (None, None) for others."""
    types: Sequence[tuple[str, Any]] = list(content.items()) if isinstance(content, dict) else []
    for kind, wanted in (("json", ("application/json", "+json")), ("form", ("x-www-form-urlencoded",))):
        for name, described in types:
            if any(each in str(name).lower() for each in wanted) and isinstance(described, dict):
                example = given(described)
                made = instance(root, described.get("schema")) if example is None else example
                if kind == "json" or isinstance(made, dict):
                    return made, kind
    return None, None
