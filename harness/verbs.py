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
_OF_VISITS = {
    "open": frozenset({"query", "at", "gives"}),
    "submit": frozenset({"gives"}),
    "request": frozenset({"at", "credential", "headers", "json", "form", "gives"}),
}
"""What can be said of each kind of visit."""


def misplaced(settings: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """What a verb says that has no meaning for its kind: (key, what is wrong, the next step)."""
    kind = next(each for each in KINDS if each in settings)
    if kind == "request":
        return
    this = "a list of visits" if kind == "visits" else f"a {kind}"
    for key in _OF_REQUESTS:
        if key in settings:
            yield key, f"'{key}' belongs to a request, and this is {this}", "Remove it."
    for number, visit in enumerate(settings["visits"] if kind == "visits" else (), 1):
        sort = next(each for each in _OF_VISITS if each in visit)
        for key in sorted(visit.keys() - _OF_VISITS[sort] - {sort}):
            yield "visits", f"'{key}' says nothing beside '{sort}', in visit {number}", "Remove it."
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
