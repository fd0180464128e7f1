"""Durations as suites and profiles write them."""

from __future__ import annotations

import re

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|s|m|h|d)", re.ASCII)


def seconds(text: str) -> float:
    """`500ms`, `5s`, `2m`, `1h` or `1d` in seconds. ValueError for anything else."""
    found = _DURATION.fullmatch(text)
    if not found:
        raise ValueError(f"{text!r} is no duration such as 500ms, 5s or 2m")
    return float(found[1]) * _UNITS[found[2]]
