"""The document of one operation alone: what Schemathesis needs of it, and nothing that leads out of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from harness.credentials import CannotSpoil
from harness.model import DocumentPart

_DEEPEST = 100
_MOST_VALUES = 50_000
_OF_AN_OPERATION = ("operationId", "requestBody", "security")
_COMPONENTS = ("schemas", "parameters", "requestBodies", "headers", "examples")
_OF_TOKENS = frozenset({"oauth2", "openIdConnect"})
_OURS = "ours"
"""The scheme of the credential that is sent along."""
_ELSEWHERE = frozenset({"externalValue", "$id", "$schema", "$dynamicRef", "$recursiveRef"})
"""Keywords whose values may be fetched."""
_LENGTHS = frozenset({"minLength", "maxLength", "minItems", "minProperties"})
"""What a pattern and one of these ask for together can take for ever to be found."""
_LONGEST = 100


def alone(part: DocumentPart, scheme: Mapping[str, Any] | None) -> dict[str, Any]:
    """The document with this operation only; what is known of its parameters is all that they can be.

    `scheme` is that of the credential which is sent along, and then the only one: none is made up beside it,
    and it is what must be left out again. CannotSpoil where the operation refers to too much.
    """
    root = part.root
    operation: dict[str, Any] = {key: part.value[key] for key in _OF_AN_OPERATION if key in part.value}
    operation.setdefault("security", root.get("security", []))
    if scheme is not None:
        operation["security"] = [{_OURS: []}]
    operation["parameters"] = [_known(each, part.known) for each in part.parameters]
    operation["responses"] = {"200": {"description": "what is served"}}
    components = _mapping(root.get("components"))
    copying = _Copying()
    schemes = {_OURS: scheme} if scheme else _sent_in_fields(components)
    return {
        "openapi": root["openapi"],
        "info": {"title": "one operation", "version": "1"},
        "paths": {part.path: {part.method.lower(): copying.copy(operation)}},
        "components": {
            **copying.referred_to(components),
            "securitySchemes": copying.copy(schemes),
        },
    }


class _Copying:
    """Copies what stays within the document, and remembers which of its components that refers to."""

    def __init__(self) -> None:
        self._left = _MOST_VALUES
        self._names: dict[tuple[str, str], None] = {}
        """Of components: the kind and the name, in the order in which they were met."""

    def copy(self, value: Any, depth: int = 0) -> Any:
        """`value` without references that lead out of the document: nothing is fetched."""
        self._left -= 1
        if self._left < 0:
            raise CannotSpoil(f"in the document the operation has more than {_MOST_VALUES} parts")
        if depth > _DEEPEST:
            return {}
        if isinstance(value, dict):
            return self._mapping(value, depth)
        return [self.copy(each, depth + 1) for each in value] if isinstance(value, list) else value

    def _mapping(self, value: Mapping[str, Any], depth: int) -> dict[str, Any]:
        if "$ref" in value:
            component = _component(value["$ref"])
            if component is None:
                return {}
            self._names[component] = None
        dropped = _ELSEWHERE | (_LENGTHS if "pattern" in value else frozenset())
        kept = (key for key in value if key not in dropped)
        return {str(key): self.copy(_shortened(key, value[key]), depth + 1) for key in kept}

    def referred_to(self, components: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        """The components that were referred to, and those to which these refer."""
        found: dict[str, dict[str, Any]] = {}
        done: set[tuple[str, str]] = set()
        while waiting := [each for each in self._names if each not in done]:
            for kind, name in waiting:
                done.add((kind, name))
                of_kind = _mapping(components.get(kind))
                if name in of_kind:
                    found.setdefault(kind, {})[name] = self.copy(of_kind[name])
        return found


def _component(reference: Any) -> tuple[str, str] | None:
    """The kind and the name of the component to which a reference leads, or into which; else None."""
    if not isinstance(reference, str) or not reference.startswith("#"):
        return None
    parts = [part.replace("~1", "/").replace("~0", "~") for part in unquote(reference[1:]).split("/")]
    if len(parts) < 4 or parts[:2] != ["", "components"] or parts[2] not in _COMPONENTS:
        return None
    return parts[2], parts[3]


def _sent_in_fields(components: Mapping[str, Any]) -> Mapping[str, Any]:
    """The security schemes; tokens, wherever they come from, are those that stand after Bearer."""
    schemes = _mapping(components.get("securitySchemes")).items()
    return {
        name: {"type": "http", "scheme": "bearer"} if str(each.get("type")) in _OF_TOKENS else each
        for name, each in schemes
        if isinstance(each, dict)
    }


def _known(parameter: Mapping[str, Any], known: Mapping[tuple[str, str], str]) -> Mapping[str, Any]:
    """A parameter that has the one value which is known to lead somewhere, where one is."""
    value = known.get((str(parameter.get("in")), str(parameter.get("name"))))
    if value is None:
        return parameter
    plain = {key: parameter[key] for key in ("name", "in", "required") if key in parameter}
    return {**plain, "schema": {"type": "string", "enum": [value]}}


def _shortened(key: str, value: Any) -> Any:
    """A length that a schema asks for, as far as it is worth while."""
    return min(value, _LONGEST) if key in _LENGTHS and isinstance(value, int | float) else value


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
