"""Read a JSON object out of a request, or say that there is none."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from reference_server.messages import Request

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def object_in(request: Request) -> Mapping[str, Any] | None:
    """The body as a JSON object; None when it is too long, no JSON, or JSON of another type."""
    if not request.whole:
        return None
    try:
        value = json.loads(request.body)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def name_in(body: Mapping[str, Any] | None) -> str | None:
    """The member `name`: 1 to 100 letters, digits, dots, dashes and underscores; None for all else."""
    name = body.get("name") if body is not None else None
    return name if isinstance(name, str) and _NAME.fullmatch(name) else None


def label_in(body: Mapping[str, Any] | None) -> str | None:
    """The member `name` as free text of 1 to 100 printable characters; None for all else."""
    name = body.get("name") if body is not None else None
    return name if isinstance(name, str) and name.isprintable() and 0 < len(name.strip()) <= 100 else None
