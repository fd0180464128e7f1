"""The reference server as a provider: which faults it can have, and how to start it with some of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from reference_server import serving
from reference_server.api import Opened, Settings
from reference_server.apis import api


@dataclass(frozen=True, slots=True)
class Running:
    """A started server."""

    target: Mapping[str, Any]
    """In the shape of a target file; the secrets in it exist only in memory."""
    served: serving.Served
    opened: Opened

    @property
    def events(self) -> list[Mapping[str, Any]]:
        """What has happened to tokens so far: {event, token, at}, `at` on this process's monotonic clock."""
        return self.opened.events

    async def stop(self) -> None:
        """Close every connection and forget all state."""
        await self.served.stop()
        self.opened.close()


class Provider:
    """What `authconform run`, `serve` and `prove` start for a profile."""

    def faults(self, profile: str) -> list[dict[str, Any]]:
        """Each fault of a profile as {id, title, profile, level, subtle, breaks, also}."""
        return [fault.listed() for fault in api(profile).faults.values()]

    def variations(self, profile: str) -> list[dict[str, Any]]:
        """Each other way to be right as {id, title, profile, not_with}."""
        return [variation.listed() for variation in api(profile).variations.values()]

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
        chosen = api(profile)
        behaviour = chosen.with_faults(chosen.with_variations(chosen.correct, variations), faults)
        opened = chosen.open(behaviour, Settings(seed, replicas, cache_ttl, time_scale))
        served = await serving.listen(opened.handler, port)
        return Running(opened.target(served.port), served, opened)


provider = Provider()
