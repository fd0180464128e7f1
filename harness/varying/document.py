"""The document of one operation alone: what Schemathesis needs of it, and nothing that leads out of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.model import DocumentPart

_DEEPEST = 100
_OF_AN_OPERATION = ("operationId", "requestBody", "security")
_COMPONENTS = ("schemas", "parameters", "requestBodies", "headers", "securitySchemes", "examples")


def alone(part: DocumentPart, credential: str | None) -> dict[str, Any]:
    """The document with this operation only; what is known of its parameters is all that they can be.

    With `credential` it is the only one that opens it: no other is made up beside it.
    """
    root = part.root
    operation: dict[str, Any] = {key: part.value[key] for key in _OF_AN_OPERATION if key in part.value}
    operation.setdefault("security", root.get("security", []))
    if credential in part.openers:
        operation["security"] = [{part.openers[str(credential)]: []}]
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
    made = _within(whole, 0)
    assert isinstance(made, dict)
    return made


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
        return {str(key): _within(each, depth + 1) for key, each in value.items()}
    return [_within(each, depth + 1) for each in value] if isinstance(value, list) else value


def _is_kept(reference: Any) -> bool:
    """Whether a reference leads to what is still there."""
    parts = str(reference).split("/")
    return parts[:2] == ["#", "components"] and len(parts) > 2 and parts[2] in _COMPONENTS
