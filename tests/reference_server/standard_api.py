"""The API of the standards to talk to without a network, and tokens as anybody could write them."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from kid_api import compact, encoded
from origin import Clock

from reference_server import jose
from reference_server.api import Settings
from reference_server.forms import MEDIA_TYPE
from reference_server.messages import Answer, Request
from reference_server.standard import management, service
from reference_server.standard.behaviour import Behaviour, Server
from reference_server.standard.correct import CORRECT
from reference_server.standard.verification import AUDIENCE, ISSUER

Fields = tuple[tuple[str, str], ...]
ITEMS = "/tenants/acme/items"
HOSTS = {place: host for place, (host, _) in service.PLACES.items()}
FORM = ("content-type", MEDIA_TYPE)


@dataclass
class StandardApi:
    """A filled server and ways to ask it."""

    server: Server
    seeded: service.Seeded
    handle: Callable[[Request], Answer]
    clock: Clock

    def ask(
        self,
        method: str = "GET",
        path: str = ITEMS,
        *,
        key: str | None = None,
        token: str | None = None,
        host: str = HOSTS["own"],
        headers: Fields = (),
        query: str = "",
        body: bytes | Mapping[str, Any] = b"",
        **more: Any,
    ) -> Answer:
        """Send one request, with a key, with what stands after Bearer, or with neither."""
        sent = (*(((("x-api-key", key),)) if key is not None else ()), *headers)
        if token is not None:
            sent = (("authorization", f"Bearer {token}"), *sent)
        octets = body if isinstance(body, bytes) else json.dumps(body).encode()
        known: dict[str, Any] = {"whole": True, "connection": 1, "served": 0, "scheme": "https", **more}
        return self.handle(Request(method, host, path, query, (("host", host), *sent), octets, **known))

    def basic(self, pair: str, **more: Any) -> Answer:
        """Send a user and a password."""
        credentials = base64.b64encode(pair.encode()).decode()
        return self.ask(headers=(("authorization", f"Basic {credentials}"),), **more)

    def manage(self, method: str, path: str, body: bytes | Mapping[str, Any] = b"", **more: Any) -> Answer:
        """Ask the management as who has the right to."""
        token = more.pop("token", self.seeded.secrets["management-token"])
        return self.ask(method, path, host=management.HOST, token=token, body=body, **more)

    def about(self, purpose: str, token: str) -> Answer:
        """Ask the management about a token."""
        return self.manage("POST", f"/{purpose}", f"token={token}".encode(), headers=(FORM,))

    def new_key(self, name: str = "spare", **more: Any) -> dict[str, Any]:
        """Have a key made: what the creation answered."""
        answer = self.manage("POST", "/tenants/acme/keys", {"name": name, **more})
        assert answer.status == 201, answer
        made: dict[str, Any] = json.loads(answer.body)
        return made

    def granted(self, key: str) -> dict[str, Any]:
        """The token that is had for a key."""
        body = b"grant_type=client_credentials"
        answer = self.ask("POST", "/token", key=key, headers=(FORM,), body=body)
        assert answer.status == 200, answer
        found: dict[str, Any] = json.loads(answer.body)
        return found

    @property
    def key(self) -> str:
        return self.seeded.secrets["key"]

    def jwt(
        self,
        claims: Mapping[str, Any] | None = None,
        header: Mapping[str, Any] | None = None,
        *,
        of: str = "jwt",
        pair: str | None = None,
        head: str | None = None,
        payload: bytes | None = None,
    ) -> str:
        """An access token by the pair of that name, or signed by another; texts in place of the JSON."""
        signer = self.seeded.signers[of]
        now = int(self.clock.now)
        named = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": signer.subject,
            "tenant": signer.owner.tenant,
            "client_id": "tests",
            "iat": now,
            "exp": now + 3600,
            "jti": "j-1",
            "scope": "read write",
            **(claims or {}),
        }
        members = {"alg": signer.algorithm, "typ": "at+jwt", "kid": signer.kid, **(header or {})}
        first = encoded(compact(members) if head is None else head)
        second = encoded(compact(named) if payload is None else payload)
        named_so = str(members["alg"])
        algorithm = named_so if named_so in ("RS512", "PS256") and of == "jwt" else signer.algorithm
        return signed(f"{first}.{second}", pair or signer.private, algorithm)


def signed(text: str, pem: str, algorithm: str) -> str:
    """The text with a signature over it behind it, whatever its header says."""
    return f"{text}.{encoded(signature(text.encode(), pem, algorithm))}"


def signature(message: bytes, pem: str, algorithm: str) -> bytes:
    """By the algorithm as the library knows it, without a look at any header."""
    model = jose.jws.JWSRegistry.algorithms[algorithm]
    made: bytes = model.sign(message, jose.pair(pem, "RS256" if algorithm == "RS512" else algorithm))
    return made


def make_standard_api(behaviour: Behaviour = CORRECT, **settings: Any) -> StandardApi:
    clock = Clock()
    server = service.make(behaviour, Settings(seed=1, clock=clock, **settings))
    return StandardApi(server, service.fill(server), service.handler(server), clock)
