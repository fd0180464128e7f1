"""An OriginChain to talk to without a network, with a clock that is moved by hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from reference_server.api import Settings
from reference_server.messages import Answer, Request
from reference_server.originchain import service
from reference_server.originchain.behaviour import Behaviour, Server
from reference_server.originchain.correct import CORRECT

SCHEMAS = "/v1/tenants/acme/schemas"


@dataclass
class Clock:
    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Origin:
    """A filled server and ways to ask it."""

    server: Server
    seeded: service.Seeded
    handle: Callable[[Request], Answer]
    clock: Clock

    def ask(
        self,
        method: str = "GET",
        path: str = SCHEMAS,
        *,
        host: str = "acme.originchain.test",
        token: str | None = None,
        headers: tuple[tuple[str, str], ...] = (),
        query: str = "",
        body: Any = None,
        connection: int = 1,
        served: int = 0,
    ) -> Answer:
        """Send one request; `token` goes into Authorization, `body` out as JSON."""
        if token is not None:
            headers = (("authorization", f"Bearer {token}"), *headers)
        content = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = (("host", host), *headers)
        return self.handle(Request(method, host, path, query, headers, content, True, connection, served))

    def dashboard(self, method: str, path: str, body: Any = None, secret: str | None = None) -> Answer:
        """Ask the dashboard as the owner, or as whoever has that secret."""
        secret = self.seeded.owner_secret if secret is None else secret
        return self.ask(method, path, host="app.originchain.test", token=secret, body=body)

    def new_token(self, name: str = "spare", place: str = "own", **more: Any) -> dict[str, Any]:
        """Make a token in the dashboard: what the creation answered."""
        answer = self.dashboard("POST", f"{self.instance(place)}/tokens", {"name": name, **more})
        assert answer.status == 201, answer
        return shown(answer)

    def instance(self, place: str = "own") -> str:
        return f"/instances/{self.seeded.instances[place].id}"

    @property
    def token(self) -> str:
        return self.seeded.tokens["own"]


def shown(answer: Answer) -> Any:
    """The JSON of an answer."""
    return json.loads(answer.body)


def make_origin(behaviour: Behaviour = CORRECT, **settings: Any) -> Origin:
    clock = Clock()
    server = service.make(behaviour, Settings(seed=1, clock=clock, **settings))
    return Origin(server, service.fill(server), service.handler(server), clock)
