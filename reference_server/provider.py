"""The reference server as a provider: which faults it can have, and how to start it with some of them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from reference_server import serving
from reference_server.faults.originchain import FAULTS
from reference_server.originchain import service
from reference_server.originchain.behaviour import Behaviour, Server
from reference_server.originchain.correct import CORRECT
from reference_server.variations.originchain import VARIATIONS

PROFILES = ("originchain",)


@dataclass(frozen=True, slots=True)
class Running:
    """A started server."""

    target: Mapping[str, Any]
    """In the shape of a target file; the secrets in it exist only in memory."""
    events: list[Mapping[str, Any]]
    """What has happened to tokens so far: {event, token, at}, `at` on this process's monotonic clock."""
    served: serving.Served
    server: Server

    async def stop(self) -> None:
        """Close every connection and forget all state."""
        await self.served.stop()
        self.server.store.close()


class Provider:
    """What `authconform run`, `serve` and `prove` start for a profile."""

    def faults(self, profile: str) -> list[dict[str, Any]]:
        """Each fault of a profile as {id, title, profile, level, subtle, breaks, also}."""
        _known("profile", profile, PROFILES)
        return [fault.listed() for fault in FAULTS.values()]

    def variations(self, profile: str) -> list[dict[str, Any]]:
        """Each other way to be right as {id, title, profile, not_with}."""
        _known("profile", profile, PROFILES)
        return [variation.listed() for variation in VARIATIONS.values()]

    async def start(
        self,
        profile: str,
        faults: Iterable[str] = (),
        seed: int | None = None,
        replicas: int = 1,
        cache_ttl: float = 0.0,
        time_scale: float = 1.0,
        port: int = 0,
        variations: Iterable[str] = (),
    ) -> Running:
        """Start a server on 127.0.0.1, wrong in the ways of `faults`, else right, with these `variations`.

        `cache_ttl` is in documented seconds, of which each lasts `time_scale` seconds. With a `seed` its
        secrets are the same each time. Raises ValueError for an unknown name, OSError for a taken port.
        """
        _known("profile", profile, PROFILES)
        server = service.make(
            with_faults(with_variations(CORRECT, variations), faults),
            seed=seed,
            replicas=replicas,
            cache_ttl=cache_ttl,
            time_scale=time_scale,
        )
        seeded = service.fill(server)
        served = await serving.listen(service.handler(server), port)
        return Running(service.target(seeded, served.port), server.events, served, server)


def with_faults(behaviour: Behaviour, faults: Iterable[str]) -> Behaviour:
    """The behaviour, wrong in each of these ways."""
    for id in faults:
        _known("fault", id, FAULTS)
        behaviour = FAULTS[id].apply(behaviour)
    return behaviour


def with_variations(behaviour: Behaviour, variations: Iterable[str]) -> Behaviour:
    """The behaviour, as right, in these other ways."""
    for id in variations:
        _known("variation", id, VARIATIONS)
        behaviour = VARIATIONS[id].apply(behaviour)
    return behaviour


def _known(what: str, name: str, names: Iterable[str]) -> None:
    """Raise ValueError, with the nearest name, unless the name is one of these."""
    if name not in names:
        near = difflib.get_close_matches(name, list(names), n=1, cutoff=0.0)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise ValueError(f"unknown {what} {name!r}.{hint}")


provider = Provider()
