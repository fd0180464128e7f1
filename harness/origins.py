"""What a browser adds for a web page: its origin (RFC 6454), and the preflight that asks first (Fetch)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from harness.credentials.computed import changed_uri
from harness.credentials.slots import Slot
from harness.drafts import Draft
from harness.model import Profile, Spoil

PART = "origin"
"""The spoil that changes it."""

ACCESS_CONTROL_METHOD = "Access-Control-Request-Method"
ACCESS_CONTROL_HEADERS = "Access-Control-Request-Headers"


def preflight(draft: Draft, asks: Iterable[str], profile: Profile) -> Draft:
    """The CORS preflight that asks for the request of `draft` (Fetch, CORS-preflight fetch)."""
    asked = [(ACCESS_CONTROL_METHOD, draft.method)]
    if names := asked_fields(asks, profile):
        asked.append((ACCESS_CONTROL_HEADERS, ",".join(names)))
    return replace(draft, method="OPTIONS", fields=tuple(asked), body=None)


def asked_fields(asks: Iterable[str], profile: Profile) -> tuple[str, ...]:
    """The fields that a preflight asks for, sorted and in lower case as Fetch has them.

    A credential's name stands for the field in which it is sent.
    """
    fields: list[str] = []
    for each in asks:
        slot = Slot.of(profile.credentials[each]) if each in profile.credentials else None
        if slot is None or slot.sort == "field":  # a page asks for no leave to send a cookie
            fields.append(slot.name if slot else each)
    return tuple(sorted(dict.fromkeys(each.lower() for each in fields)))


def from_origin(draft: Draft, origin: str, spoil: Spoil | None) -> Draft:
    """`draft` with the origin that sends it, or with what `spoil` makes of that."""
    if spoil and spoil.part == PART:
        origin = spoiled_origin(origin, spoil)
    return replace(draft, fields=(*draft.fields, ("Origin", origin)))


def spoiled_origin(origin: str, spoil: Spoil) -> str:
    """Another origin, as like `origin` as `spoil` has it; or the text that it gives.

    CannotSpoil where it would be the same one.
    """
    return spoil.change if isinstance(spoil.change, str) else changed_uri(origin, spoil.change)
