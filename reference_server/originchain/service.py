"""An OriginChain with something in it: owners, instances, tokens, and a target that describes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reference_server import governing, opening
from reference_server.api import Opened, Settings
from reference_server.described import credential
from reference_server.messages import LOOPBACK, Answer, Handler
from reference_server.originchain import dashboard
from reference_server.originchain.behaviour import Behaviour, Facts, Server
from reference_server.originchain.records import Account, Instance, Kind, Schema
from reference_server.originchain.store import Store
from reference_server.secret import digest, random_text

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


def make(behaviour: Behaviour, settings: Settings) -> Server:
    """A server without state."""
    return opening.make(Server, behaviour, Store(), settings)


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
    """The dashboard has a host of its own."""
    return opening.handler(server, _respond)


def _respond(facts: Facts) -> Answer:
    managing = facts.request.host == dashboard.HOST
    return governing.respond(facts) if managing else facts.behaviour.respond(facts)


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
    secrets = {
        "token": seeded.tokens["own"],
        "other-token": seeded.tokens["other"],
        "trial-token": seeded.tokens["trial"],
        "doomed-token": seeded.tokens["doomed"],
        "dashboard-token": seeded.owner_secret,
    }
    hosts = [instance.host for instance in seeded.instances.values()]
    return {
        "profile": "originchain",
        "environment": "bundled",
        "places": places,
        "resolve": {host: LOOPBACK for host in [*hosts, dashboard.HOST]},
        "canary": {place: name for place, name in seeded.canaries.items() if place != "gone"},
        "credentials": {name: _credential(name, secret) for name, secret in secrets.items()},
    }


def _credential(name: str, secret: str) -> dict[str, Any]:
    """The first part of a name is the place where it is good; of `token` it is the place `own`."""
    return credential(f"originchain-{name}", secret, name.removesuffix("token").rstrip("-") or None)


def opened(behaviour: Behaviour, settings: Settings) -> Opened:
    """A filled server."""
    server = make(behaviour, settings)
    seeded = fill(server)
    return opening.opened(server, _respond, lambda port: target(seeded, port), mend=behaviour.mend)
