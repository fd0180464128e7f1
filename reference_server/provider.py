"""The reference server as a provider: which faults it can have, and how to start it with some of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from reference_server import serving, tls
from reference_server.api import Opened, Settings
from reference_server.apis import api
from reference_server.comparing import Comparison, Moment

Others = Mapping[str, Sequence[str]]
PLAIN = re.compile(r"plain(-.*)?")
"""The names of the places that never speak TLS."""


@dataclass(frozen=True, slots=True)
class Running:
    """A started server."""

    target: Mapping[str, Any]
    """In the shape of a target file; the secrets in it exist only in memory."""
    served: Sequence[serving.Served]
    """What listens: the server itself first."""
    opened: Opened
    comparison: Comparison | None = None

    @property
    def events(self) -> list[Mapping[str, Any]]:
        """What has happened to tokens so far: {event, token, at}, `at` on this process's monotonic clock."""
        return self.opened.events

    def differing(self) -> frozenset[str]:
        """With which of the others beside it an answer would have been another since this was last asked."""
        return self.comparison.differing() if self.comparison else frozenset()

    async def stop(self) -> None:
        """Close every connection and forget all state."""
        for each in self.served:
            await each.stop()
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
        tls: bool = False,
    ) -> Running:
        """Start a server on 127.0.0.1, wrong in the ways of `faults`, else right, with these `variations`.

        `cache_ttl` is in documented seconds, of which each lasts `time_scale` seconds. With a `seed` its
        secrets are the same each time. With `tls` every place is https, with a certificate of an authority
        that the target names. Raises ValueError for an unknown name, OSError for a taken port.
        """
        chosen = api(profile)
        behaviour = chosen.with_faults(chosen.with_variations(chosen.correct, variations), faults)
        opened = chosen.open(behaviour, Settings(seed, replicas, cache_ttl, time_scale))
        return await _listening(opened, port, tls or opened.tls)

    async def start_beside(
        self, profile: str, others: Mapping[str, Others], seed: int = 0, time_scale: float = 1.0
    ) -> Running:
        """Start a right server beside which `others` hear all it does: which of them would answer otherwise?

        By any name: the `faults` and `variations` that such a server has, as `start` takes them. Raises
        ValueError for an unknown one.
        """
        moment = Moment()
        chosen = api(profile)
        settings = Settings(seed, time_scale=time_scale, clock=moment.clock, chance=moment.chance)
        opened = {
            name: chosen.open(
                chosen.with_faults(
                    chosen.with_variations(chosen.correct, other.get("variations", ())),
                    other.get("faults", ()),
                ),
                settings,
            )
            for name, other in others.items()
        }
        comparison = Comparison(chosen.open(chosen.correct, settings), opened, moment)
        right = comparison.opened()
        return replace(await _listening(right, 0, right.tls), comparison=comparison)


async def _listening(opened: Opened, port: int, secure: bool) -> Running:
    """Serve it on its ports. What fails gives back those that it has."""
    served: list[serving.Served] = []
    try:
        return await _on_ports(opened, port, secure, served)
    except BaseException:
        for each in served:
            await each.stop()
        opened.close()
        raise


async def _on_ports(opened: Opened, port: int, secure: bool, served: list[serving.Served]) -> Running:
    """Put into `served` whatever listens, as soon as it does."""
    hosts = {_host(place["url"]) for place in opened.target(port)["places"].values()} if secure else set()
    context = tls.context(hosts) if secure else None
    served.append(await serving.listen(opened.handler, port, context, opened.mend))
    target = opened.target(served[0].port)
    places: dict[str, dict[str, str]] = target["places"]
    if secure:
        target["tls"] = {"ca": tls.authority()}
        for name, place in places.items():
            if not PLAIN.fullmatch(name):
                place["url"] = place["url"].replace("http://", "https://", 1)
    if opened.plain:
        served.append(await serving.listen(opened.plain))
        for name, place in places.items():
            if PLAIN.fullmatch(name):
                place["url"] = f"http://{_host(place['url'])}:{served[1].port}"
    return Running(target, served, opened)


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


provider = Provider()
