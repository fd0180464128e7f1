"""The APIs that the server can be, each put together in a module that is imported when it is asked for."""

from __future__ import annotations

import importlib
from typing import Any

from reference_server.api import Api, known

_MODULES = {
    "originchain": "originchain",
    "kid-jwt": "kid_jwt",
    "origoid": "origoid",
    "sk-oauth": "sk_oauth",
    "standard": "standard",
}

PROFILES = tuple(_MODULES)


def api(profile: str) -> Api[Any]:
    """The API of a profile. ValueError, with the nearest name, for an unknown one."""
    known("profile", profile, PROFILES)
    found: Api[Any] = importlib.import_module(f"{__name__}.{_MODULES[profile]}").API
    return found
