"""What an API of this server is: its right decisions, the ways to change them, and how it is opened."""

from __future__ import annotations

import difflib
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any, Generic, TypeVar

from reference_server.faults.catalogue import Fault
from reference_server.messages import Handler, Mend
from reference_server.secret import source
from reference_server.variations.catalogue import Variation

B = TypeVar("B")


@dataclass(frozen=True, slots=True)
class Settings:
    """How a server is to be run, where its API has a use for it.

    With a `seed` its secrets are the same each time. `cache_ttl` is in documented seconds, of which each
    lasts `time_scale` seconds.
    """

    seed: int | None = None
    replicas: int = 1
    cache_ttl: float = 0.0
    time_scale: float = 1.0
    clock: Callable[[], float] = time.time
    """Seconds since the epoch."""
    chance: Callable[[int | None], Random] = source
    """Of the seed: where random values come from."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A server with its state, before it listens anywhere.

    An API that is to be had over TLS alone says `tls=True`, and what answers whoever comes without it is its
    `plain` handler, on a second port. It makes neither certificates nor addresses: `target` writes each url
    as `http://NAME:PORT`, and whoever starts the server makes https of it, adds `tls`, and gives the second
    port to the place `plain` and to those whose names begin with `plain-`. Both handlers see in
    `Request.scheme` what is spoken.
    """

    server: Any
    """The API's own record of it."""
    handler: Handler
    target: Callable[[int], dict[str, Any]]
    """In the shape of a target file, once the port is known; the secrets in it exist only in memory."""
    events: list[Mapping[str, Any]]
    close: Callable[[], None]
    """Forget all state."""
    tls: bool = False
    """Whether it is served over TLS even where nobody asks for that."""
    plain: Handler | None = None
    """What answers at the place `plain`, which never speaks TLS."""
    mend: Mend | None = None
    """What becomes of requests before they are parsed; a server that is right leaves them alone."""


@dataclass(frozen=True, slots=True)
class Api(Generic[B]):
    """One API: `open(behaviour, settings)` makes a server that decides by that behaviour."""

    correct: B
    faults: Mapping[str, Fault[B]]
    variations: Mapping[str, Variation[B]]
    open: Callable[[B, Settings], Opened]

    def with_faults(self, behaviour: B, faults: Iterable[str]) -> B:
        """The behaviour, wrong in each of these ways."""
        for id in faults:
            known("fault", id, self.faults)
            behaviour = self.faults[id].apply(behaviour)
        return behaviour

    def with_variations(self, behaviour: B, variations: Iterable[str]) -> B:
        """The behaviour, as right, in these other ways."""
        for id in variations:
            known("variation", id, self.variations)
            behaviour = self.variations[id].apply(behaviour)
        return behaviour


def known(what: str, name: str, names: Iterable[str]) -> None:
    """Raise ValueError, with the nearest name, unless the name is one of these."""
    if name not in names:
        near = difflib.get_close_matches(name, list(names), n=1, cutoff=0.0)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise ValueError(f"unknown {what} {name!r}.{hint}")
