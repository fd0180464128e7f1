"""Find the suites and specifications that come with the program: in the wheel, or in the checkout."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent


FOLDERS = ("suites", "specs")


def folder(name: str) -> Path:
    """One of `FOLDERS`."""
    packed = _PACKAGE / "_shipped" / name
    return packed if packed.is_dir() else _PACKAGE.parent / name
