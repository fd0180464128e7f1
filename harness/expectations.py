"""What a check looks for, from the mapping that a suite or a profile writes under its name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.model import Expectation, Where

_ATTRIBUTION = ("requirement", "level", "because")


def expectation(check: str, settings: Mapping[str, Any], where: Where) -> Expectation:
    """The expectation that `settings`, written at `where`, has of `check`; other keys are its arguments."""
    args = {key: value for key, value in settings.items() if key not in _ATTRIBUTION}
    return Expectation(
        check=check,
        args=args,
        requirement=settings.get("requirement"),
        level=settings.get("level"),
        because=settings.get("because"),
        where=where,
    )
