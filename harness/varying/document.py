"""The document of one operation alone: what Schemathesis needs of it, and nothing that leads out of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.model import DocumentPart

_DEEPEST = 100
_OF_AN_OPERATION = ("operationId", "requestBody", "security")
_COMPONENTS = ("schemas", "parameters", "requestBodies", "headers", "examples")
_OF_TOKENS = frozenset({"oauth2", "openIdConnect"})
_OURS = "ours"
"""The scheme of the credential that is sent along."""
_LENGTHS = frozenset({"minLength", "maxLength", "minItems", "minProperties"})
"""What a pattern and one of these ask for together can take for ever to be found."""
_LONGEST = 100


def alone(part: DocumentPart, scheme: Mapping[str, Any] | None) -> dict[str, Any]:
    """The document with this operation only; what is known of its parameters is all that they can be.

    `scheme` is that of the credential which is sent along, and then the only one: none is made up beside it,
    and it is what must be left out again.
    """
    root = part.root
    operation: dict[str, Any] = {key: part.value[key] for key in _OF_AN_OPERATION if key in part.value}
    operation.setdefault("security", root.get("security", []))
    if scheme is not None:
        operation["security"] = [{_OURS: []}]
    operation["parameters"] = [_known(each, part.known) for each in part.parameters]
    operation["responses"] = {"200": {"description": "what is served"}}
    components = root.get("components")
    kept = components if isinstance(components, dict) else {}
    whole = {
        "openapi": root["openapi"],
        "info": {"title": "one operation", "version": "1"},
        "paths": {part.path: {part.method.lower(): operation}},
        "components": {key: kept[key] for key in _COMPONENTS if isinstance(kept.get(key), dict)},
    }
    whole["components"]["securitySchemes"] = {_OURS: scheme} if scheme else _sent_in_fields(kept)
    made = _within(whole, 0)
    assert isinstance(made, dict)
    return made


def _sent_in_fields(components: Mapping[str, Any]) -> Mapping[str, Any]:
    """The security schemes; tokens, wherever they come from, are those that stand after Bearer."""
    schemes = components.get("securitySchemes")
    return {
        name: {"type": "http", "scheme": "bearer"} if each.get("type") in _OF_TOKENS else each
        for name, each in (schemes.items() if isinstance(schemes, dict) else ())
        if isinstance(each, dict)
    }


def _known(parameter: Mapping[str, Any], known: Mapping[tuple[str, str], str]) -> Mapping[str, Any]:
    """A parameter that has the one value which is known to lead somewhere, where one is."""
    value = known.get((str(parameter.get("in")), str(parameter.get("name"))))
    if value is None:
        return parameter
    plain = {key: parameter[key] for key in ("name", "in", "required") if key in parameter}
    return {**plain, "schema": {"type": "string", "enum": [value]}}


def _within(value: Any, depth: int) -> Any:
    """`value` without references that lead out of the document: nothing is fetched."""
    if depth > _DEEPEST:
        return {}
    if isinstance(value, dict):
        reference = value.get("$ref")
        if isinstance(reference, str) and not reference.startswith("#/"):
            return {}
        if reference is not None and not _is_kept(reference):
            return {}
        kept = value.keys() - _LENGTHS if "pattern" in value else value.keys()
        return {str(key): _within(_shortened(key, value[key]), depth + 1) for key in value if key in kept}
    return [_within(each, depth + 1) for each in value] if isinstance(value, list) else value


def _shortened(key: str, value: Any) -> Any:
    """A length that a schema asks for, as far as it is worth while."""
    return min(value, _LONGEST) if key in _LENGTHS and isinstance(value, int | float) else value


def _is_kept(reference: Any) -> bool:
    """Whether a reference leads to what is still there."""
    parts = str(reference).split("/")
    return parts[:2] == ["#", "components"] and len(parts) > 2 and parts[2] in _COMPONENTS
