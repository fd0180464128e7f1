"""Servers that can be started in a target's place: the bundled one, or an author's own.

A provider is an object named `module:attribute` with `faults(profile)`, which lists them as mappings, and
the coroutine `start(profile, faults, seed, replicas, cache_ttl, time_scale, port)`. What it starts has
`target` (a mapping in the shape of a target file), `events` and the coroutine `stop()`.

It may also have `variations(profile)`, which lists other ways to be right; then `start` takes `variations`.
Where `start` takes `tls` too, `serve --tls` can be given: then the places are https, and the target has
`tls`.

With the coroutine `start_beside(profile, others, seed, time_scale)` it starts a right server beside which
others hear every request: `differing()` tells which of them would have answered otherwise since it was last
asked. `prove` then asks such a server only what it answers differently.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

from harness import loading
from harness.errors import did_you_mean, mistake, quoted
from harness.model import Where


class Running(Protocol):
    """A server that was started."""

    @property
    def target(self) -> Mapping[str, Any]:
        """Addresses, canaries and credentials, in the shape of a target file."""

    @property
    def events(self) -> Sequence[Mapping[str, Any]]:
        """What happened when, on the server's own monotonic clock: {event, token, at}."""

    async def stop(self) -> None:
        """End it, and wait until it has ended."""


class Provider(Protocol):
    """Something that can start a server for a profile, right or wrong."""

    def faults(self, profile: str) -> Sequence[Mapping[str, Any]]:
        """The ways in which it can be wrong: {id, title, profile, level, subtle, breaks, also}."""

    async def start(
        self,
        profile: str,
        faults: Sequence[str] = (),
        seed: int | None = None,
        replicas: int = 1,
        cache_ttl: float = 0.0,
        time_scale: float = 1.0,
        port: int = 0,
    ) -> Running:
        """Start a server; ValueError for an unknown profile."""


@runtime_checkable
class Varied(Protocol):
    """A provider whose servers can be right in several ways: nothing may be said against any of them."""

    def variations(self, profile: str) -> Sequence[Mapping[str, Any]]:
        """The other ways to be right: {id, title, profile, not_with}, the last the ids it cannot go with."""

    async def start(
        self,
        profile: str,
        faults: Sequence[str] = (),
        seed: int | None = None,
        replicas: int = 1,
        cache_ttl: float = 0.0,
        time_scale: float = 1.0,
        port: int = 0,
        variations: Sequence[str] = (),
    ) -> Running:
        """Start a server with these variations; ValueError for an unknown one."""


class Compared(Running, Protocol):
    """A right server that knows what others would have answered."""

    def differing(self) -> Collection[str]:
        """The names of those that would have given another answer since this was last asked."""


@runtime_checkable
class Comparing(Protocol):
    """A provider that can tell which answers are others: no other case can come to another end."""

    async def start_beside(
        self,
        profile: str,
        others: Mapping[str, Mapping[str, Sequence[str]]],
        seed: int = 0,
        time_scale: float = 1.0,
    ) -> Compared:
        """Start a right server that compares itself with others: by any name their faults and variations."""


def load(name: str, where: Where | None = None) -> Provider:
    """The provider called `module:attribute`. InputError where there is none."""
    provider: Provider = loading.attribute(name, "provider", where)
    return provider


def check_faults(provider: Provider, profile: str, faults: Sequence[str]) -> None:
    """InputError, with the nearest name, for a fault that the provider does not have."""
    known = [str(each["id"]) for each in provider.faults(profile)] if faults else []
    for name in faults:
        if name not in known:
            hint = did_you_mean(name, known) or f"See authconform list faults --profile {profile}."
            raise mistake(f"{profile} has no fault {quoted(name)}", None, hint)
