"""An OriginChain with something in it: owners, instances, tokens, and a target that describes them."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from reference_server.api import Opened, Settings
from reference_server.messages import LOOPBACK, Answer, Handler, Request
from reference_server.originchain import dashboard
from reference_server.originchain.behaviour import Behaviour, Facts, Replica, Server
from reference_server.originchain.records import Account, Instance, Kind, Schema
from reference_server.originchain.store import Store
from reference_server.secret import digest, random_text, source

PLACES: Mapping[str, tuple[str, Kind]] = {
    "own": ("acme", "live"),
    "other": ("globex", "live"),
    "trial": ("trial", "trial"),
    "doomed": ("doomed", "live"),
    "gone": ("gone", "live"),
}
"""Tenant and kind of the instance at each place of the target. The last one is deleted at the start, the one
before it is for a client to delete."""


@dataclass(frozen=True, slots=True)
class Seeded:
    """What a client needs to know of a server that has just been filled."""

    instances: Mapping[str, Instance]
    tokens: Mapping[str, str]
    """By place: the secret of a token made there."""
    canaries: Mapping[str, str]
    """By place: the name of a schema that is nowhere else."""
    owner_secret: str
    stranger_secret: str
    """The dashboard secret of an owner who has no part in these instances."""


def make(
    behaviour: Behaviour,
    *,
    seed: int | None = None,
    replicas: int = 1,
    cache_ttl: float = 0.0,
    time_scale: float = 1.0,
    clock: Callable[[], float] = time.time,
) -> Server:
    """A server without state. Without a seed its secrets come from the system's source of randomness."""
    return Server(
        behaviour=behaviour,
        store=Store(),
        random=source(seed),
        clock=clock,
        monotonic=time.monotonic,
        time_scale=time_scale,
        cache_ttl=cache_ttl,
        replicas=tuple(Replica() for _ in range(replicas)),
    )


def fill(server: Server) -> Seeded:
    """Two owners, the instances of PLACES with a token and a canary each; then the last place is deleted."""
    owner_secret, stranger_secret = (_add_owner(server, name) for name in ("owner", "stranger"))
    instances, secrets, canaries = {}, {}, {}
    for place, (tenant, kind) in PLACES.items():
        instance = Instance(
            "inst_" + random_text(server.random, 12), "owner", f"{tenant}.{dashboard.DOMAIN}", tenant, kind
        )
        server.store.add_instance(instance)
        canaries[place] = "canary-" + random_text(server.random, 16)
        server.store.put_schema(instance.id, Schema(canaries[place], 1, ({"name": "id", "type": "string"},)))
        _, secrets[place] = server.behaviour.issue(server, instance, "seeded", None)
        instances[place] = instance
    server.behaviour.delete_instance(server, instances["gone"])
    return Seeded(instances, secrets, canaries, owner_secret, stranger_secret)


def _add_owner(server: Server, name: str) -> str:
    secret = "oc_owner_" + random_text(server.random, 40)
    server.store.add_account(Account(name, name), digest(secret))
    return secret


def handler(server: Server) -> Handler:
    """Answer requests, each by the next replica in turn."""
    turns = itertools.cycle(server.replicas)

    def handle(request: Request) -> Answer:
        facts = Facts(request, server, next(turns), server.clock())
        respond = dashboard.respond if request.host == dashboard.HOST else server.behaviour.respond
        return server.behaviour.finish(facts, respond(facts))

    return handle


def target(seeded: Seeded, port: int) -> dict[str, Any]:
    """The server in the words of a target file."""
    places: dict[str, dict[str, str]] = {
        place: {"url": f"http://{instance.host}:{port}", "tenant": instance.tenant}
        for place, instance in seeded.instances.items()
    }
    places["doomed"]["instance"] = seeded.instances["doomed"].id
    places["dashboard"] = {
        "url": f"http://{dashboard.HOST}:{port}",
        "instance": seeded.instances["own"].id,
        "other_instance": seeded.instances["other"].id,
    }
    credentials = {
        "token": {"value": seeded.tokens["own"], "env": "ORIGINCHAIN_TOKEN"},
        "other-token": {"value": seeded.tokens["other"], "env": "ORIGINCHAIN_OTHER_TOKEN", "at": "other"},
        "trial-token": {"value": seeded.tokens["trial"], "env": "ORIGINCHAIN_TRIAL_TOKEN", "at": "trial"},
        "doomed-token": {"value": seeded.tokens["doomed"], "env": "ORIGINCHAIN_DOOMED_TOKEN", "at": "doomed"},
        "dashboard-token": {
            "value": seeded.owner_secret,
            "env": "ORIGINCHAIN_DASHBOARD_TOKEN",
            "at": "dashboard",
        },
    }
    hosts = [instance.host for instance in seeded.instances.values()]
    return {
        "profile": "originchain",
        "environment": "bundled",
        "places": places,
        "resolve": {host: LOOPBACK for host in [*hosts, dashboard.HOST]},
        "canary": {place: name for place, name in seeded.canaries.items() if place != "gone"},
        "credentials": credentials,
    }


def opened(behaviour: Behaviour, settings: Settings) -> Opened:
    """A filled server."""
    server = make(
        behaviour,
        seed=settings.seed,
        replicas=settings.replicas,
        cache_ttl=settings.cache_ttl,
        time_scale=settings.time_scale,
    )
    seeded = fill(server)
    return Opened(
        server, handler(server), lambda port: target(seeded, port), server.events, server.store.close
    )
