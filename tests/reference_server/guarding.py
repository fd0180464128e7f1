"""Requests that a guard may take for others, or for none: other paths, methods and sizes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

LONG = "A" * 9000
"""A credential that no server has a place for."""
FORMAT = "%zz"
"""One that is no conversion of any format."""


def around(path: str, **given: str) -> Iterator[dict[str, Any]]:
    """The path in other spellings, by other methods, and as a file: with a credential first, then without."""
    for spelled in (f"/{path}", f"/%{ord(path[1]):02x}{path[2:]}", path.upper(), f"/v0{path}"):
        yield {"path": spelled}
    for method in ("OPTIONS", "PROPFIND"):
        yield {"path": path, "method": method}
    for credential in (given, {}):
        yield {"path": f"{path}/x.css", **credential}
    yield {"path": path, "headers": (("upgrade", "websocket"),)}
