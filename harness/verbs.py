"""Read lifecycle verbs, as profiles and targets write them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.model import LifecycleVerb, Where

KINDS = ("request", "command", "call", "prompt", "visits")

_DONE = frozenset({200, 201, 202, 204})
"""The statuses that say a request was done where nothing else is written."""


def verb(name: str, settings: Mapping[str, Any], where: Where) -> LifecycleVerb:
    """The verb that `settings`, whose shape was checked, describe."""
    kind = next(each for each in KINDS if each in settings)
    accepted = settings.get("accepted", _DONE)
    return LifecycleVerb(
        name=name,
        kind=kind,  # type: ignore[arg-type]  # one of KINDS
        what=settings[kind],
        at=settings.get("at"),
        credential=settings.get("credential"),
        headers=tuple(settings.get("headers", {}).items()),
        body=settings.get("json", settings.get("form")),
        body_type="json" if "json" in settings else "form" if "form" in settings else None,
        accepted=frozenset([accepted] if isinstance(accepted, int) else accepted),
        gives=settings.get("gives", {}),
        defaults=settings.get("defaults", {}),
        touches=frozenset(settings.get("touches", ())),
        where=where,
    )
