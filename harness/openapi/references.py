"""Follow the references within a document (RFC 6901 pointers behind `#`); none leads out of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from harness.errors import quoted
from harness.openapi.described import Unusable

_LONGEST_CHAIN = 32


def pointer(*keys: str) -> str:
    """`#/paths/~1notes/get`: where a part stands, as messages show it."""
    return "#" + "".join(f"/{key.replace('~', '~0').replace('/', '~1')}" for key in keys)


def is_local(reference: str) -> bool:
    return reference.startswith("#")


def look_up(root: Any, reference: str) -> Any:
    """The part that `reference` names. Unusable where it leads out of the document, or to nothing."""
    if not is_local(reference):
        raise Unusable(
            f"the reference {quoted(reference)} leads out of the document, and nothing is fetched: "
            "bundle the document into one file first"
        )
    value = root
    for part in unquote(reference[1:]).split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict) and key in value:
            value = value[key]
        elif isinstance(value, list) and key.isascii() and key.isdigit() and int(key[:9]) < len(value):
            value = value[int(key[:9])]
        else:
            raise Unusable(f"the reference {quoted(reference)} leads to nothing")
    return value


def resolved(root: Any, value: Any, where: str) -> Mapping[str, Any]:
    """The mapping that `value` is, or refers to. Unusable where there is none, or it refers to itself."""
    for _ in range(_LONGEST_CHAIN):
        if not isinstance(value, dict):
            raise Unusable(f"{where}: a mapping was expected")
        if not isinstance(value.get("$ref"), str):
            return value
        try:
            value = look_up(root, value["$ref"])
        except Unusable as error:
            raise Unusable(f"{where}: {error}") from None
    raise Unusable(f"{where}: the reference goes round in a circle")
