"""Read lifecycle verbs, as profiles and targets write them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from harness import templates
from harness.model import LifecycleVerb, Where

KINDS = ("request", "command", "call", "prompt", "visits")

_DONE = frozenset({200, 201, 202, 204})
"""The statuses that say a request was done where nothing else is written."""


_OF_REQUESTS = ("credential", "headers", "json", "form", "accepted")
_OF_ANSWERS = ("header:", "cookie:", "redirect:")


def misplaced(settings: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """What a verb that is done by no request says as if it were: (key, what is wrong, the next step)."""
    kind = next(each for each in KINDS if each in settings)
    if kind in ("request", "visits"):
        return
    for key in _OF_REQUESTS:
        if key in settings:
            yield key, f"'{key}' belongs to a request, and this is a {kind}", "Remove it."
    for written in settings.get("gives", {}).values():
        if kind in ("command", "call") and (written.startswith(_OF_ANSWERS) or "${" in written):
            hint = "Give JSON Pointers such as /token."
            yield "gives", f"'{written}' is looked for in an answer, and this is a {kind}", hint
    for word in settings["command"] if kind == "command" else ():
        if any(each.startswith("secrets.") for each in templates.names(word)):
            hint = "Let the command take it from the environment."
            yield "command", "a secret among a command's words can be read by every user of the machine", hint


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
        says_touches="touches" in settings,
    )
