"""This API with something in it: two accounts, and a target that describes them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from reference_server import opening
from reference_server.api import Opened, Settings
from reference_server.kid_jwt.behaviour import Behaviour, Server
from reference_server.kid_jwt.records import Account
from reference_server.kid_jwt.store import Store
from reference_server.messages import LOOPBACK, Handler
from reference_server.secret import digest, random_text

HOST = "api.kid-jwt.test"
KEY_LENGTH = 40
SECRET_LENGTH = 48
"""Characters, and bytes: RFC 7518 section 3.2 asks for at least 32."""


@dataclass(frozen=True, slots=True)
class Seeded:
    """What a client needs to know of an account: its static token, and with which secret of which name it
    signs."""

    key: str
    kid: str
    secret: str


def make(behaviour: Behaviour, settings: Settings) -> Server:
    """A server without state."""
    return opening.make(Server, behaviour, Store(), settings)


def fill(server: Server) -> dict[str, Seeded]:
    """Two accounts, by name."""
    return {name: _add_account(server, name) for name in ("own", "other")}


def _add_account(server: Server, name: str) -> Seeded:
    key = random_text(server.random, KEY_LENGTH)
    kid = str(uuid.UUID(int=server.random.getrandbits(128), version=4))
    secret = random_text(server.random, SECRET_LENGTH)
    server.behaviour.enrol(server, Account(name, digest(key), kid, secret), key)
    return Seeded(key, kid, secret)


def handler(server: Server) -> Handler:
    """Whatever the Host of a request: there is one instance."""
    return opening.handler(server, server.behaviour.respond)


def target(seeded: dict[str, Seeded], port: int) -> dict[str, Any]:
    """The server in the words of a target file."""
    own, other = seeded["own"], seeded["other"]
    return {
        "profile": "kid-jwt",
        "environment": "bundled",
        "places": {"own": {"url": f"http://{HOST}:{port}"}},
        "resolve": {HOST: LOOPBACK},
        "credentials": {
            "key": {"value": own.key, "env": "KID_JWT_API_TOKEN"},
            "jwt": {"value": own.secret, "env": "KID_JWT_SECRET", "with": {"kid": own.kid}},
            "other-jwt": {"value": other.secret, "env": "KID_JWT_OTHER_SECRET", "with": {"kid": other.kid}},
        },
    }


def opened(behaviour: Behaviour, settings: Settings) -> Opened:
    """A filled server. Nothing is cached here and nothing comes to an end, so that only the seed matters."""
    server = make(behaviour, settings)
    seeded = fill(server)
    return opening.opened(server, behaviour.respond, lambda port: target(seeded, port), mend=behaviour.mend)
