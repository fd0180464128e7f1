"""The profiles whose whole matrix is proved here; `make prove` proves every one that has a server."""

from __future__ import annotations

BUNDLED = ["kid-jwt", "originchain"]
"""Those of which every fault falls as foreseen. All of them together take a quarter of an hour."""
