"""The life of a credential: how long, when it begins and ends, and what it was used for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from reference_server.deciding import Server
from reference_server.replicas import Kept, forgotten
from reference_server.timestamps import instant

LONGEST_LIFE = 10 * 366 * 24 * 3600
"""Seconds that a credential can be made to last."""
ACTIVITY_SHOWN = 200
"""Requests that a record of activity shows at most."""
SECRET_LENGTH = 40
"""Characters of a secret after its prefix: 238 bits."""
SHOWN = 4
"""Characters of the secret that the prefix for display has."""


class Named(Kept, Protocol):
    """A credential with an id."""

    @property
    def id(self) -> str: ...


def is_life(value: Any) -> bool:
    """Whether a member of a body says how long a credential is to last: seconds, or null for ever."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return value is None or (number and 0 < value <= LONGEST_LIFE)


def end(server: Server[Any, Any, Any], now: float, life: float | None) -> float | None:
    """When a credential ends that is made now for so many documented seconds; None is never."""
    return None if life is None else now + life * server.time_scale


def issued(server: Server[Any, Any, Any], credential: Named) -> None:
    """Note that it is there from now on."""
    server.events.append({"event": "issued", "token": credential.id, "at": server.monotonic()})


def ended(server: Server[Any, Any, Any], credential: Named, event: str, now: float) -> None:
    """Note that it was ended now, at the time when the last replica stops to believe in it."""
    last = forgotten(server.replicas, credential.digest, now)
    server.events.append({"event": event, "token": credential.id, "at": server.monotonic() + last - now})


@dataclass(frozen=True, slots=True)
class Activity:
    """A line of the record of activity. It has the path without its query, and never a secret."""

    at: float
    method: str
    path: str
    status: int
    id: str
    """Of the credential."""
    name: str


def activity(lines: Iterable[Activity], kind: str) -> list[Mapping[str, Any]]:
    """The record as it is shown; `kind` is what the API calls its credentials."""
    return [
        {
            "at": instant(line.at),
            "method": line.method,
            "path": line.path,
            "status": line.status,
            kind: {"id": line.id, "name": line.name},
        }
        for line in lines
    ]
