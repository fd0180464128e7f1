"""This API with something in it: tenants with credentials of every kind, and a target that describes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reference_server import governing, keypairs, opening, passwords
from reference_server.api import Opened, Settings
from reference_server.described import credential
from reference_server.messages import LOOPBACK, Answer, Handler
from reference_server.secret import digest, random_text
from reference_server.standard import keys, management
from reference_server.standard.authentication import INSTANCES
from reference_server.standard.behaviour import Behaviour, Facts, Server
from reference_server.standard.records import READ, Keyring, Manager, Partition, Person, Signer
from reference_server.standard.store import Store

OTHER_ADDRESS = "127.0.0.2"
LISTED, FOREIGN, UNLISTED = (
    "https://app.acme.example",
    "https://app.globex.example",
    "https://unlisted.example",
)

PLACES = dict(zip(("own", "other", "sandbox"), INSTANCES.items(), strict=True))
"""Host and partition of each place of the API, by name."""
OWN, OTHER, SANDBOX = (partition for _, partition in PLACES.values())

KEYS: Mapping[str, tuple[Keyring, Mapping[str, Any]]] = {
    "key": (Keyring(OWN, "key"), {}),
    "other-key": (Keyring(OTHER, "key"), {}),
    "sandbox-key": (Keyring(SANDBOX, "key"), {}),
    "browser-key": (Keyring(OWN, "key"), {"origins": (LISTED,)}),
    "foreign-browser-key": (Keyring(OTHER, "key"), {"origins": (FOREIGN,)}),
    "token": (Keyring(OWN, "token"), {}),
    "other-token": (Keyring(OTHER, "token"), {}),
    "read-token": (Keyring(OWN, "token"), {"scopes": (READ,)}),
    "limited-token": (Keyring(OWN, "token"), {"allowance": 5}),
}
"""Of each key and token: where it is good, and its limits."""

PAIRS: Mapping[str, tuple[Partition, str]] = {
    "jwt": (OWN, "RS256"),
    "other-jwt": (OTHER, "RS256"),
    "es256-jwt": (OWN, "ES256"),
    "ps256-jwt": (OWN, "PS256"),
    "eddsa-jwt": (OWN, "EdDSA"),
}
"""For whom tokens are signed by each pair, and how."""

_AT = {
    "other-key": "other",
    "sandbox-key": "sandbox",
    "other-token": "other",
    "other-jwt": "other",
    "management-token": "management",
}
"""Where a credential is good, if not at the place `own`."""


@dataclass(frozen=True, slots=True)
class Seeded:
    """What a client needs to know of a server that has just been filled."""

    secrets: Mapping[str, str]
    """Of keys, tokens and people, by the name of the credential; user and password with a colon between."""
    signers: Mapping[str, Signer]
    canaries: Mapping[str, str]
    """By place: the name of an item that is there, and nowhere else."""


def make(behaviour: Behaviour, settings: Settings) -> Server:
    """A server without state."""
    return opening.make(Server, behaviour, Store(), settings)


def fill(server: Server) -> Seeded:
    """An item for each partition, what the tables say, two people, and who manages the first tenant."""
    canaries = {}
    for place, (_, partition) in PLACES.items():
        canaries[place] = "canary-" + random_text(server.random, 16)
        server.store.items(partition)[canaries[place]] = canaries[place]
    secrets = {name: keys.stored(server, ring, name, **limits)[1] for name, (ring, limits) in KEYS.items()}
    secrets["basic"] = _add_person(server)
    secrets["guessed-basic"] = _add_person(server, guarded=True)
    secrets["management-token"] = "mt_" + random_text(server.random, 40)
    server.store.add_manager(Manager(OWN.tenant), digest(secrets["management-token"]))
    return Seeded(secrets, _add_signers(server), canaries)


def _add_person(server: Server, *, guarded: bool = False) -> str:
    name = f"user-{random_text(server.random, 8)}"
    password = passwords.invented(server.random)
    salt, hash = passwords.salted(server.random, password)
    person = Person(name, OWN, salt, hash, guarded)
    server.behaviour.enrol(server, person, password)
    return f"{name}:{password}"


def _add_signers(server: Server) -> Mapping[str, Signer]:
    """All pairs of a partition are for the same subject."""
    subjects = {partition: "subject-" + random_text(server.random, 12) for partition in (OWN, OTHER)}
    found = {}
    for number, (name, (owner, algorithm)) in enumerate(PAIRS.items()):
        kid = "kid-" + random_text(server.random, 16)
        private = keypairs.private_pem(algorithm, number)
        found[name] = Signer(kid, owner, subjects[owner], algorithm, private)
        server.store.add_signer(found[name])
    return found


def handler(server: Server) -> Handler:
    """The management has a host of its own."""
    return opening.handler(server, _respond)


def _respond(facts: Facts) -> Answer:
    managing = facts.request.host == management.HOST
    return governing.respond(facts) if managing else facts.behaviour.respond(facts)


def target(seeded: Seeded, port: int) -> dict[str, Any]:
    """The server in the words of a target file."""
    hosts = {name: (host, partition.tenant) for name, (host, partition) in PLACES.items()}
    hosts |= {"plain": hosts["own"], "management": (management.HOST, OWN.tenant)}
    places = {
        name: {"url": f"http://{host}:{port}", "tenant": tenant} for name, (host, tenant) in hosts.items()
    }
    places["own"]["other_tenant"] = OTHER.tenant
    listed = seeded.secrets.keys() - {"foreign-browser-key"}
    known = {name: _credential(name, secret) for name, secret in seeded.secrets.items() if name in listed}
    pairs = {name: _pair(name, signer) for name, signer in seeded.signers.items()}
    return {
        "profile": "standard",
        "environment": "bundled",
        "places": places,
        "resolve": {host: LOOPBACK for host, _ in hosts.values()},
        "addresses": {"default": LOOPBACK, "other-address": OTHER_ADDRESS},
        "origins": {"listed": LISTED, "foreign": FOREIGN, "unlisted": UNLISTED},
        "canary": dict(seeded.canaries),
        "credentials": {**known, **pairs},
    }


def _credential(name: str, secret: str) -> dict[str, Any]:
    return credential(f"standard-{name}", secret, _AT.get(name))


def _pair(name: str, signer: Signer) -> dict[str, Any]:
    settings = {"kid": signer.kid, "sub": signer.subject, "tenant": signer.owner.tenant}
    return {**_credential(name, signer.private), "with": settings}


def opened(behaviour: Behaviour, settings: Settings) -> Opened:
    """A filled server, which is to be had over TLS alone."""
    server = make(behaviour, settings)
    seeded = fill(server)
    return opening.opened(server, _respond, lambda port: target(seeded, port), tls=True, mend=behaviour.mend)
