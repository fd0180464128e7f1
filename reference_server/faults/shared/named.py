"""Faults: the line of the field that holds a key is compared letter by letter."""

from __future__ import annotations

from dataclasses import dataclass

from reference_server.faults.shared.sets import Family, FaultSet
from reference_server.faults.shared.wire import mending


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What differs between APIs whose key has a field of its own, or stands in one as it is."""

    field: str
    """The name of the field, as it is documented."""


NAMED: FaultSet[Named] = FaultSet()

FIELD_NAME = ("rfc9110/5.1-field-name-case",)
SPACES = ("rfc9110/5.5-surrounding-space",)

_misread: Family[Named, tuple[str, bytes]] = Family(
    NAMED, lambda api, behaviour, change: mending(behaviour, _of(api, change[0]), change[1])
)


def _of(api: Named, pattern: str) -> bytes:
    """The pattern, with the names of the field put in, as they are documented and otherwise."""
    return pattern.replace("NAME", api.field).replace("CAPITALS", api.field.upper()).encode()


_misread(
    "key-field-in-one-spelling",
    "The name of the key's field must be written as it is documented",
    (r"\r\n(?!(?-i:NAME):)(?=NAME:)", b"\r\nX-Unread-"),
    breaks=FIELD_NAME,
    why="""Names are looked up as they came. All other requests have the documented spelling.""",
)
_misread(
    "key-field-not-in-capitals",
    "The key's field is not found in capitals",
    (r"\r\n(?=(?-i:CAPITALS):)", b"\r\nX-Unread-"),
    subtle=True,
    breaks=FIELD_NAME,
    why="""Somebody listed the spellings, and forgot one of those that are asked.""",
)
_misread(
    "key-with-spaces-before",
    "Of several spaces before a key all but one are part of it",
    (r"(\r\nNAME:)[ \t][ \t]+(?=[^ \t\r])", rb"\1 ."),
    breaks=SPACES,
    why="""The value is what follows a colon and a space: here a full stop stands for the spaces, as the
    rest of the server has them taken off. A field of nothing but spaces is left as it is.""",
)
_misread(
    "key-with-tabs",
    "A tab beside a key is part of it",
    (r"(\r\nNAME:[^\r\n]*)\t(?=\r\n|\Z)", rb"\1."),
    subtle=True,
    breaks=SPACES,
    why="""Spaces are taken off, and of white space there is more.""",
)
