"""An OrigoID with something in it: accounts, keys, a user, and a target that describes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reference_server import governing, opening, passwords
from reference_server.api import Opened, Settings
from reference_server.described import credential
from reference_server.messages import LOOPBACK, Answer, Handler
from reference_server.origoid import data_plane, keys, support
from reference_server.origoid.behaviour import Behaviour, Facts, Server
from reference_server.origoid.exchange import LIFE
from reference_server.origoid.records import Account, Manager, User
from reference_server.origoid.store import Store
from reference_server.secret import digest, random_text

HOST = "api.origoid.test"
OTHER_ADDRESS = "127.0.0.2"
LISTED, FOREIGN, UNLISTED = (
    "https://app.widgets.example",
    "https://app.gadgets.example",
    "https://unlisted.example",
)
_OWN = (data_plane.ACCOUNT,)

ACCOUNTS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "acme": (_OWN, ()),
    "globex": (_OWN, ()),
    "initech": ((*_OWN, data_plane.REPORTS), ()),
    "widgets": (_OWN, (LISTED,)),
    "gadgets": (_OWN, (FOREIGN,)),
    "doomed": (_OWN, ()),
}
"""Endpoints and origins of each account, by name. The last one is for a client to end."""

KEYS: Mapping[str, tuple[str, tuple[str, ...], float | None]] = {
    "key": ("acme", (), None),
    "other-key": ("globex", (), None),
    "restricted-key": ("acme", (LOOPBACK,), None),
    "browser-key": ("widgets", (), None),
    "full-key": ("initech", (), None),
    "brief-key": ("acme", (), 4.0),
    "doomed-key": ("doomed", (), None),
}
"""Of each key of the target: its account, from where it may be used, and the life of its tokens in documented
seconds where that is a short one."""


@dataclass(frozen=True, slots=True)
class Seeded:
    """What a client needs to know of a server that has just been filled."""

    accounts: Mapping[str, Account]
    keys: Mapping[str, str]
    """The secrets, by name."""
    pair: str
    """User name and password, with a colon between them."""
    support_key: str


def make(behaviour: Behaviour, settings: Settings) -> Server:
    """A server without state."""
    return opening.make(Server, behaviour, Store(), settings)


def fill(server: Server) -> Seeded:
    """The accounts and keys of the tables, and a user of the first account."""
    accounts = {}
    for name, (endpoints, origins) in ACCOUNTS.items():
        accounts[name] = Account("acc_" + random_text(server.random, 12), name, endpoints, origins)
        server.store.add_account(accounts[name])
    found = {}
    for name, (account, addresses, life) in KEYS.items():
        secret = server.behaviour.mint(server, accounts[account])
        token_life = LIFE if life is None else life * server.time_scale
        key = keys.made(server, accounts[account], name, secret, addresses=addresses, token_life=token_life)
        server.behaviour.keep(server, key, secret)
        found[name] = secret
    support_key = "sup_" + random_text(server.random, 40)
    server.store.add_manager(Manager("support"), digest(support_key))
    return Seeded(accounts, found, _add_user(server, accounts["acme"]), support_key)


def _add_user(server: Server, account: Account) -> str:
    name = f"{account.name}-{random_text(server.random, 8)}"
    password = passwords.invented(server.random)
    user = User(name, account.id, *passwords.salted(server.random, password))
    server.behaviour.enrol(server, user, password)
    return f"{name}:{password}"


def handler(server: Server) -> Handler:
    """Whatever is not the support is the API."""
    return opening.handler(server, _respond)


def _respond(facts: Facts) -> Answer:
    asking_support = facts.request.host == support.HOST
    return governing.respond(facts) if asking_support else facts.behaviour.respond(facts)


def target(seeded: Seeded, port: int) -> dict[str, Any]:
    """The server in the words of a target file."""
    url = f"http://{HOST}:{port}"
    secrets = {**seeded.keys, "basic": seeded.pair, "support-key": seeded.support_key}
    return {
        "profile": "origoid",
        "environment": "bundled",
        "places": {
            "own": {"url": url},
            "plain": {"url": url},
            "doomed": {"url": url, "account": seeded.accounts["doomed"].id},
            "support": {
                "url": f"http://{support.HOST}:{port}",
                "account": seeded.accounts["acme"].id,
                "other_account": seeded.accounts["globex"].id,
            },
        },
        "resolve": {host: LOOPBACK for host in (HOST, support.HOST)},
        "addresses": {"default": LOOPBACK, "other-address": OTHER_ADDRESS},
        "origins": {"listed": LISTED, "foreign": FOREIGN, "unlisted": UNLISTED},
        "credentials": {name: _credential(name, secret) for name, secret in secrets.items()},
    }


def _credential(name: str, secret: str) -> dict[str, Any]:
    place = {"doomed-key": "doomed", "support-key": "support"}.get(name)
    return credential(f"origoid-{name}", secret, place)


def opened(behaviour: Behaviour, settings: Settings) -> Opened:
    """A filled server, which is to be had over TLS alone."""
    server = make(behaviour, settings)
    seeded = fill(server)
    return opening.opened(server, _respond, lambda port: target(seeded, port), tls=True, mend=behaviour.mend)
