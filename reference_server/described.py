"""A credential in the words of a target file."""

from __future__ import annotations

from typing import Any


def credential(variable: str, value: str, at: str | None = None) -> dict[str, Any]:
    """Its value, the environment variable that has it elsewhere, and the place where it is good.

    `variable` is its name with that of the API before it: `origoid-other-key` is ORIGOID_OTHER_KEY.
    """
    known = {"value": value, "env": variable.upper().replace("-", "_")}
    return {**known, "at": at} if at else known
