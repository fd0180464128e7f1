"""The API with keys and OAuth to talk to without a network, a browser for it, and JWTs made by hand."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from kid_api import compact, encoded
from origin import Clock, shown

from reference_server.api import Settings
from reference_server.messages import Answer, Request, Scheme
from reference_server.sk_oauth import dashboard, service
from reference_server.sk_oauth.behaviour import Behaviour, Server
from reference_server.sk_oauth.correct import CORRECT

USERS = "/v1/users"
FORM = ("content-type", "application/x-www-form-urlencoded")
VERIFIER = "a-verifier-of-forty-three-characters-or-more"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()

Fields = tuple[tuple[str, str], ...]
Parameters = Mapping[str, str | list[str] | None]
"""Of a query or form; None for one that is left out, a list for one that is sent several times."""


def written(parameters: Parameters) -> str:
    return urlencode({name: value for name, value in parameters.items() if value is not None}, doseq=True)


@dataclass
class SkApi:
    """A filled server and ways to ask it."""

    server: Server
    seeded: service.Seeded
    handle: Callable[[Request], Answer]
    clock: Clock

    def ask(
        self,
        method: str = "GET",
        path: str = USERS,
        *,
        host: str = service.HOST,
        token: str | None = None,
        headers: Fields = (),
        query: str = "",
        body: Any = None,
        whole: bool = True,
        connection: int = 1,
        served: int = 0,
        scheme: Scheme = "https",
    ) -> Answer:
        """Send one request: `token` after Bearer, `body` as JSON or as bytes."""
        if token is not None:
            headers = (("authorization", f"Bearer {token}"), *headers)
        content = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.handle(
            Request(
                method, host, path, query, headers, content, whole, connection, served, "127.0.0.1", scheme
            )
        )

    def dashboard(self, method: str, path: str, body: Any = None, secret: str | None = None) -> Answer:
        """Ask the dashboard as the owner, or as whoever has that secret."""
        secret = self.seeded.owner_secret if secret is None else secret
        return self.ask(method, path, host=dashboard.HOST, token=secret, body=body)

    def new_key(self, name: str = "spare", environment: str = "live", **more: Any) -> dict[str, Any]:
        """Have a key made: what the creation answered."""
        answer = self.dashboard("POST", f"/{environment}/keys", {"name": name, **more})
        assert answer.status == 201, answer
        made: dict[str, Any] = shown(answer)
        return made

    @property
    def key(self) -> str:
        return self.seeded.keys["token"]

    def client(self, name: str = "client") -> dict[str, str]:
        """How a client authenticates in the body."""
        id, _, secret = self.seeded.clients[name].partition(":")
        return {"client_id": id, "client_secret": secret}

    def token(
        self, headers: Fields = (), query: str = "", served: int = 0, **parameters: str | list[str] | None
    ) -> Answer:
        """Ask the token endpoint with a form."""
        body = written(parameters).encode()
        return self.ask(
            "POST",
            "/oauth/token",
            host=service.AUTH,
            headers=(FORM, *headers),
            query=query,
            body=body,
            served=served,
        )

    def redeem(self, code: str | None, **parameters: Any) -> Answer:
        """Ask for tokens for a code, as the client that it is usually given to."""
        given: dict[str, Any] = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": service.REDIRECT,
            **self.client(),
            **parameters,
        }
        return self.token(**given)

    def refresh(self, token: str | None, **parameters: Any) -> Answer:
        given: dict[str, Any] = {
            "grant_type": "refresh_token",
            "refresh_token": token,
            **self.client(),
            **parameters,
        }
        return self.token(**given)

    def code(self, **parameters: str | list[str] | None) -> str:
        """A fresh code, granted by the user."""
        return Browser(self).granted(**parameters)["code"]

    def granted(self, **parameters: str | list[str] | None) -> dict[str, Any]:
        """The token response to a fresh code."""
        answer = self.redeem(self.code(**parameters))
        assert answer.status == 200, answer
        found: dict[str, Any] = shown(answer)
        return found

    def jwt(
        self,
        claims: Mapping[str, Any] | None = None,
        header: Mapping[str, Any] | None = None,
        *,
        key: str | None = None,
        head: str | None = None,
        payload: str | None = None,
    ) -> str:
        """A JWT of the first account; `head` and `payload` are texts in place of the JSON."""
        now = int(self.clock.now)
        members = {"alg": "HS256", "typ": "JWT", **(header or {})}
        named = {"sub": "user_123", "iat": now, "exp": now + 3600, "scope": "read write", **(claims or {})}
        signed = encoded(compact(members) if head is None else head)
        signed += "." + encoded(compact(named) if payload is None else payload)
        secret = self.seeded.accounts["acme"].secret if key is None else key
        digest = {"HS384": hashlib.sha384, "HS512": hashlib.sha512}.get(str(members["alg"]), hashlib.sha256)
        return f"{signed}.{encoded(hmac.new(secret.encode(), signed.encode(), digest).digest())}"


class _Hidden(HTMLParser):
    """The hidden fields of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "input" and (given.get("type") or "").lower() == "hidden":
            self.found[given.get("name") or ""] = given.get("value") or ""


@dataclass
class Browser:
    """Somebody who goes where pages lead, with one cookie."""

    api: SkApi
    cookie: str | None = None
    page: Answer = field(default_factory=lambda: Answer(0))

    def open(self, **parameters: str | list[str] | None) -> Answer:
        """The authorization endpoint, with these parameters in place of the usual ones."""
        usual: Parameters = {
            "response_type": "code",
            "client_id": self.api.seeded.client_id,
            "redirect_uri": service.REDIRECT,
            "scope": "read write",
            "state": "as it was",
        }
        return self.visit("GET", "/oauth/authorize", query=written({**usual, **parameters}))

    def visit(self, method: str, path: str, **more: Any) -> Answer:
        """Ask, and go where the answer leads within the site."""
        cookies = (("cookie", self.cookie),) if self.cookie else ()
        headers = (*cookies, *more.pop("headers", ()))
        self.page = self.api.ask(method, path, host=service.AUTH, headers=headers, **more)
        if given := self.page.value("set-cookie"):
            self.cookie = given.partition(";")[0]
        if (location := self.page.value("location") or "").startswith("/"):
            path, _, query = location.partition("?")
            return self.visit("GET", path, query=query)
        return self.page

    @property
    def hidden(self) -> dict[str, str]:
        """The hidden fields of the page."""
        return _Hidden(self.page.body.decode()).found

    def submit(self, action: str, **fields: str) -> Answer:
        """Send the form of the page; a field that it has already is replaced."""
        body = urlencode({**self.hidden, **fields}).encode()
        return self.visit("POST", action, headers=(FORM,), body=body)

    def sign_in(self, password: str | None = None) -> Answer:
        name, _, right = self.api.seeded.user.partition(":")
        return self.submit("/login", username=name, password=right if password is None else password)

    def decide(self, decision: str = "allow", **fields: str) -> Answer:
        return self.submit("/consent", decision=decision, **fields)

    def granted(self, **parameters: str | list[str] | None) -> dict[str, str]:
        """All of it: what came back in the redirect."""
        self.open(**parameters)
        self.sign_in()
        return returned(self.decide())


def returned(answer: Answer) -> dict[str, str]:
    """The parameters of the address that a redirect leads to."""
    assert answer.status == 303, answer
    return dict(parse_qsl(urlsplit(answer.value("location") or "").query))


def make_sk_api(behaviour: Behaviour = CORRECT, **settings: Any) -> SkApi:
    clock = Clock()
    server = service.make(behaviour, Settings(seed=1, clock=clock, **settings))
    return SkApi(server, service.fill(server), service.handler(server), clock)
