"""An OrigoID to talk to without a network, with a clock that is moved by hand."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from origin import Clock, shown

from reference_server.api import Settings
from reference_server.messages import Answer, Request
from reference_server.origoid import service, support
from reference_server.origoid.behaviour import Behaviour, Server
from reference_server.origoid.correct import CORRECT

ACCOUNT, REPORTS, EXCHANGE = "/v1/account", "/v1/reports", "/auth/token"
GRANT = {"grant_type": "client_credentials"}


@dataclass
class OrigoidApi:
    """A filled server and ways to ask it."""

    server: Server
    seeded: service.Seeded
    handle: Callable[[Request], Answer]
    clock: Clock

    def ask(
        self,
        path: str = ACCOUNT,
        *,
        method: str = "GET",
        key: str | None = None,
        field: str | None = None,
        origin: str | None = None,
        headers: tuple[tuple[str, str], ...] = (),
        query: str = "",
        body: Any = None,
        peer: str = "127.0.0.1",
        host: str = service.HOST,
        connection: int = 1,
        served: int = 1,
    ) -> Answer:
        """Send one request: `key` in x-api-key, `field` in Authorization, `body` as JSON or as bytes."""
        given = (("x-api-key", key), ("authorization", field), ("origin", origin))
        headers = (*((name, value) for name, value in given if value is not None), *headers)
        content = b""
        if body is not None:
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            if not any(name == "content-type" for name, _ in headers):
                headers = (*headers, ("content-type", "application/json"))
        asked = (method, host, path, query, headers, content, True, connection, served, peer)
        return self.handle(Request(*asked, "https"))

    def support(self, method: str, path: str, body: Any = None, key: str | None = None) -> Answer:
        """Ask the support, by its own key or another."""
        key = self.seeded.support_key if key is None else key
        return self.ask(path, method=method, key=key, body=body, host=support.HOST)

    def exchange(self, *, body: Any = GRANT, **credentials: Any) -> Answer:
        return self.ask(EXCHANGE, method="POST", body=body, **credentials)

    def token(self, **credentials: Any) -> str:
        """A token for the first key, or for these credentials."""
        answer = self.exchange(**(credentials or {"key": self.key}))
        assert answer.status == 200, answer
        token: str = shown(answer)["data"]["access_token"]
        return token

    def new_key(self, name: str = "spare", account: str = "acme", **more: Any) -> dict[str, Any]:
        """Have a key made: what the creation answered."""
        answer = self.support("POST", f"{self.account(account)}/keys", {"name": name, **more})
        assert answer.status == 201, answer
        made: dict[str, Any] = shown(answer)
        return made

    def account(self, name: str = "acme") -> str:
        return f"/accounts/{self.seeded.accounts[name].id}"

    @property
    def key(self) -> str:
        return self.seeded.keys["key"]

    @property
    def basic(self) -> str:
        return basic(self.seeded.pair)


def basic(pair: str | bytes) -> str:
    """An Authorization value for a pair."""
    return "Basic " + base64.b64encode(pair.encode() if isinstance(pair, str) else pair).decode()


def bearer(token: str) -> str:
    return f"Bearer {token}"


def make_origoid(behaviour: Behaviour = CORRECT, **settings: Any) -> OrigoidApi:
    clock = Clock()
    server = service.make(behaviour, Settings(seed=1, clock=clock, **settings))
    return OrigoidApi(server, service.fill(server), service.handler(server), clock)
