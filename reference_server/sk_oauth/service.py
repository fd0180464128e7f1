"""This API with something in it: accounts, keys, clients, a user, and a target that describes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reference_server import governing, opening
from reference_server.api import Opened, Settings
from reference_server.described import credential
from reference_server.messages import LOOPBACK, Answer, Handler
from reference_server.secret import digest, random_text
from reference_server.sk_oauth import authorization, dashboard, data_plane, keys, sessions, token_endpoint
from reference_server.sk_oauth.answers import not_found
from reference_server.sk_oauth.authentication import SANDBOX
from reference_server.sk_oauth.behaviour import Behaviour, Facts, Server
from reference_server.sk_oauth.granting import LIFE
from reference_server.sk_oauth.records import ALL, READ, Account, Client, Environment, Partition, Scopes
from reference_server.sk_oauth.store import Store

HOST = "api.sk-oauth.test"
AUTH = "auth.sk-oauth.test"
REDIRECT, OTHER_REDIRECT = "https://client.example/callback", "https://other.example/callback"

KEYS: Mapping[str, tuple[str, Environment, Scopes, int | None]] = {
    "token": ("acme", "live", ALL, None),
    "other-token": ("globex", "live", ALL, None),
    "test-token": ("acme", "test", ALL, None),
    "read-token": ("acme", "live", (READ,), None),
    "limited-token": ("acme", "live", ALL, 5),
}
"""Of each key of the target: its account and environment, its scopes, and its allowance."""

CODE_LIFE = 60.0
BRIEF = 5.0
"""Documented seconds: of codes, and of codes and access tokens of the client whose own do not last."""

CLIENTS: Mapping[str, tuple[str, bool]] = {
    "client": (REDIRECT, False),
    "other-client": (OTHER_REDIRECT, False),
    "brief-client": (REDIRECT, True),
}
"""Of each client of the target: its redirect URI, and whether what it gets is brief."""


@dataclass(frozen=True, slots=True)
class Seeded:
    """What a client needs to know of a server that has just been filled."""

    accounts: Mapping[str, Account]
    keys: Mapping[str, str]
    """The secrets, by name."""
    clients: Mapping[str, str]
    """Id and secret, with a colon between them, by name."""
    user: str
    """Name and password, the same way."""
    owner_secret: str
    canaries: Mapping[Environment, str]
    """By environment: the name of somebody whom every account has there, and nobody elsewhere."""

    @property
    def client_id(self) -> str:
        return self.clients["client"].partition(":")[0]


def make(behaviour: Behaviour, settings: Settings) -> Server:
    """A server without state."""
    return opening.make(Server, behaviour, Store(), settings)


def fill(server: Server) -> Seeded:
    """Two accounts with somebody to serve in each environment, what the tables say, and a user."""
    random = server.random
    accounts, owners = {}, {}
    for name in ("acme", "globex"):
        accounts[name] = Account(f"acct_{name}", random_text(random, 48))
        owners[name] = "dash_" + random_text(random, 40)
        server.store.add_account(accounts[name], digest(owners[name]))
    canaries: dict[Environment, str] = {}
    for environment in ("live", "test"):
        canaries[environment] = "canary-" + random_text(random, 16)
        for account in accounts.values():
            someone = data_plane.person("user_" + random_text(random, 12), canaries[environment])
            server.store.add_person(Partition(account.id, environment), someone)
    secrets = {}
    for name, (holder, environment, scopes, allowance) in KEYS.items():
        owner = Partition(accounts[holder].id, environment)
        secrets[name] = keys.stored(server, owner, name, scopes=scopes, allowance=allowance)[1]
    clients = {name: _add_client(server, name) for name in CLIENTS}
    user, password = f"user-{random_text(random, 8)}", random_text(random, 40)
    sessions.enrol(server, user, accounts["acme"].id, password)
    return Seeded(accounts, secrets, clients, f"{user}:{password}", owners["acme"], canaries)


def _add_client(server: Server, name: str) -> str:
    redirect, brief = CLIENTS[name]
    id, secret = "client_" + random_text(server.random, 12), "cs_" + random_text(server.random, 40)
    client = Client(
        id,
        name,
        digest(secret),
        (redirect,),
        token_life=BRIEF * server.time_scale if brief else LIFE,
        code_life=(BRIEF if brief else CODE_LIFE) * server.time_scale,
    )
    server.store.grants.add_client(client)
    return f"{id}:{secret}"


def handler(server: Server) -> Handler:
    """Whatever is no other host is the API."""
    return opening.handler(server, _respond)


def _respond(facts: Facts) -> Answer:
    match facts.request.host:
        case dashboard.HOST:
            return governing.respond(facts)
        case host if host == AUTH:
            return _authorization_server(facts)
    return facts.behaviour.respond(facts)


def _authorization_server(facts: Facts) -> Answer:
    match facts.request.path:
        case authorization.PATH:
            return facts.behaviour.authorize(facts)
        case "/login":
            return authorization.submitted(facts, "login")
        case "/consent":
            return authorization.submitted(facts, "consent")
        case token_endpoint.PATH:
            return facts.behaviour.token(facts)
    return not_found()


def target(seeded: Seeded, port: int) -> dict[str, Any]:
    """The server in the words of a target file."""
    api, auth = f"http://{HOST}:{port}", f"http://{AUTH}:{port}"
    client = {"redirect": REDIRECT, "other_redirect": OTHER_REDIRECT, "client_id": seeded.client_id}
    secrets = {
        **seeded.keys,
        "jwt": seeded.accounts["acme"].secret,
        **seeded.clients,
        "basic-client": seeded.clients["client"],
        "user": seeded.user,
        "dashboard-token": seeded.owner_secret,
    }
    return {
        "profile": "sk-oauth",
        "environment": "bundled",
        "places": {
            "own": {"url": api},
            "sandbox": {"url": f"http://{SANDBOX}:{port}"},
            "auth": {"url": auth, **client},
            "plain": {"url": api},
            "plain-auth": {"url": auth, **client},
            "dashboard": {"url": f"http://{dashboard.HOST}:{port}"},
        },
        "resolve": {host: LOOPBACK for host in (HOST, SANDBOX, AUTH, dashboard.HOST)},
        "canary": {"own": seeded.canaries["live"], "sandbox": seeded.canaries["test"]},
        "credentials": {name: _credential(name, secret) for name, secret in secrets.items()},
    }


_AT = {
    "test-token": "sandbox",
    "client": "auth",
    "basic-client": "auth",
    "other-client": "auth",
    "brief-client": "auth",
    "user": "auth",
    "dashboard-token": "dashboard",
}


def _credential(name: str, secret: str) -> dict[str, Any]:
    variable = {"jwt": "jwt-secret", "basic-client": "client"}.get(name, name)
    return credential(f"sk-oauth-{variable}", secret, _AT.get(name))


def opened(behaviour: Behaviour, settings: Settings) -> Opened:
    """A filled server, which is to be had over TLS alone."""
    server = make(behaviour, settings)
    seeded = fill(server)
    return opening.opened(server, _respond, lambda port: target(seeded, port), tls=True, mend=behaviour.mend)
