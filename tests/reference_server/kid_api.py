"""The static-token-and-kid-JWT API to talk to without a network, and tokens as anybody could write them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bystanders import FIELDS, PAGES
from calling import referring
from origin import Clock

from reference_server.api import Settings
from reference_server.kid_jwt import service
from reference_server.kid_jwt.behaviour import Behaviour, Server
from reference_server.kid_jwt.correct import CORRECT
from reference_server.messages import Answer, Request

HASHES = {"HS384": hashlib.sha384, "HS512": hashlib.sha512}
GONE = object()
"""In the place of a member that is left out."""


@dataclass
class KidApi:
    """A filled server and ways to ask it."""

    server: Server
    seeded: dict[str, service.Seeded]
    handle: Callable[[Request], Answer]
    clock: Clock

    def ask(
        self,
        field: str | None = None,
        *,
        method: str = "GET",
        path: str = "/",
        query: str = "",
        headers: tuple[tuple[str, str], ...] = (),
        connection: int = 1,
        served: int = 0,
    ) -> Answer:
        """Send one request; `field` is the value of Authorization."""
        headers = (*((("authorization", field),) if field is not None else ()), *headers)
        return self.handle(
            Request(method, "api.kid-jwt.test", path, query, headers, b"", True, connection, served)
        )

    def present(self, token: str, **more: Any) -> Answer:
        """Send a JWT as it is documented."""
        return self.ask(f"Bearer {token}", **more)

    @property
    def key(self) -> str:
        return self.seeded["own"].key

    def token(
        self,
        claims: Mapping[str, Any] | None = None,
        header: Mapping[str, Any] | None = None,
        *,
        key: str | None = None,
        head: str | None = None,
        payload: str | bytes | None = None,
    ) -> str:
        """A JWT of the first account; `head` and `payload` are texts that take the place of the JSON."""
        members = {"alg": "HS256", "kid": self.seeded["own"].kid, "typ": "JWT", **(header or {})}
        named = {"exp": int(self.clock.now) + 3600, **(claims or {})}
        signed = f"{encoded(head if head is not None else compact(members))}."
        signed += encoded(payload if payload is not None else compact(named))
        digest = HASHES.get(str(members["alg"]), hashlib.sha256)
        secret = self.seeded["own"].secret if key is None else key
        return f"{signed}.{encoded(hmac.new(secret.encode(), signed.encode(), digest).digest())}"


def make_kid_api(behaviour: Behaviour = CORRECT) -> KidApi:
    clock = Clock()
    server = service.make(behaviour, Settings(seed=1, clock=clock))
    return KidApi(server, service.fill(server), service.handler(server), clock)


def compact(members: Mapping[str, Any]) -> str:
    return json.dumps(
        {name: value for name, value in members.items() if value is not GONE}, separators=(",", ":")
    )


def encoded(raw: bytes | str) -> str:
    octets = raw.encode() if isinstance(raw, str) else raw
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def tampered(token: str, part: int, **members: Any) -> str:
    """With other members in a part, under the signature that it has."""
    parts = token.split(".")
    right = json.loads(base64.urlsafe_b64decode(parts[part] + "=="))
    parts[part] = encoded(compact({**right, **members}))
    return ".".join(parts)


def answers(behaviour: Behaviour) -> list[Answer]:
    """What a server that decides so answers to a bit of everything that a client might send."""
    api = make_kid_api(behaviour)
    found = [api.ask(**request) for request in requests(api)]
    found += [api.ask(**request) for request in bystanding(api)]
    found += [api.ask(**request) for request in repetitions(api)]
    found += [api.ask(field) for field in fields(api)]
    found += [api.present(token) for token in tokens(api)]
    claims = {"exp": int(api.clock.now) + 3600}
    found += referring(api.present, {"kid": api.seeded["own"].kid, "typ": "JWT"}, claims)
    api.server.store.close()
    return found


def requests(api: KidApi) -> Iterator[dict[str, Any]]:
    """Operations, and places for a credential."""
    good = f"Bearer {api.token()}"
    for field in (api.key, good, None, "A" * 40):
        for path in ("/", "/reports/", "/nothing"):
            yield {"field": field, "path": path}
        yield {"field": field, "method": "HEAD"}
        yield {"field": field, "method": "POST"}
        yield {"field": field, "method": "TRACE"}
        yield {"field": field, "path": "//"}
    for name in ("key", "x-api-key"):
        yield {"query": f"{name}={api.key}"}
        yield {"headers": (("cookie", f"{name}={api.key}"),)}
    for name in ("access_token", "jwt"):
        yield {"query": f"{name}={api.token()}"}
    for name in ("x-auth-token", "proxy-authorization"):
        yield {"headers": ((name, api.key),)}
    for _ in range(2):
        yield {"headers": (("authorization", api.key), ("authorization", api.key))}
    yield {"field": api.key, "headers": (("x-long", "a" * 3000),)}


def bystanding(api: KidApi) -> Iterator[dict[str, Any]]:
    """Fields and a parameter that are no credential, and web pages."""
    for field in FIELDS:
        yield {"headers": (field,)}
    yield {"query": "_method=OPTIONS"}
    for field in PAGES:
        yield {"field": api.key, "headers": (field,)}


def repetitions(api: KidApi) -> Iterator[dict[str, Any]]:
    """The same thing again and again on one connection, and a static token on many new ones."""
    for number in range(25):
        for connection, field in ((6, api.key), (7, None), (8, api.key[:-1]), (9, f"{number:040}")):
            yield {"field": field, "connection": connection, "served": number}
        yield {"field": api.key, "connection": 20 + number}
    for field in ("A" * 40, api.key, None, api.key):
        yield {"field": field, "connection": 10}


def fields(api: KidApi) -> Iterator[str]:
    """Authorization values that are almost right, or right in an unusual way."""
    key, token = api.key, api.token()
    yield from (key[:-1], key[1:], key[:24], key + "A", key + ",", "A" + key)
    middle = next(index for index in range(20, 40) if key[index].isalpha())
    yield from (key.swapcase(), key[:middle] + key[middle].swapcase() + key[middle + 1 :])
    yield from (
        "",
        "null",
        "*",
        "%",
        "' OR '1'='1",
        "%' OR 1=1 OR 'a' LIKE '%",
        ".*",
        api.seeded["own"].secret,
    )
    yield from (f"Bearer {key}", token, f"bearer {token}", f"BEARER {token}", f"Bearer{token}")
    yield from (f"Bearer: {token}", f"Bearer {token} {token}", f'Bearer "{token}"', f"Bearer {token},")
    yield from ("A" * 9000, "Bearer " + "." * 2000)
    head, payload, signature = token.split(".")
    yield from (f"Bearer {head}.{payload}%20.{signature}", f"Bearer {head}.*{payload}.{signature}")


def tokens(api: KidApi) -> Iterator[str]:
    """JWTs with one thing wrong, or unusual."""
    yield from shapes(api)
    yield from named(api)
    now = int(api.clock.now)
    for exp in (now - 3600, now - 600, now - 60, now - 10, 0, -1, now - 3600.5, now + 3600.5, GONE, None):
        yield api.token({"exp": exp})
    for exp in (True, [], {}, "never", str(now + 3600), 2**64, 1e50, now + 365 * 86400, now + 3650 * 86400):
        yield api.token({"exp": exp})
    for nbf in (now + 3600, now - 600, now + 60, str(now + 3600), []):
        yield api.token({"nbf": nbf})
    yield api.token({"x-text": "some", "x-nothing": None})
    yield api.token({"x-text": "some"})
    yield api.token({"sub": "' OR '1'='1' --"})
    texts = ("[]", "null", '"exp"', "", '{"exp": NaN}', '{"exp": Infinity}')
    for payload in (*texts, f'{{"exp": {now + 3600}, "exp": {now - 3600}}}'):
        yield api.token(payload=payload)


def shapes(api: KidApi) -> Iterator[str]:
    """Parts, signatures, keys and algorithms."""
    token = api.token()
    head, payload, signature = token.split(".")
    yield from (
        f"{head}.{payload}.",
        f"{head}.{payload}",
        f"{token}.{signature}",
        f"{token}.",
        f".{token}",
        head,
    )
    raw = bytearray(base64.urlsafe_b64decode(signature + "=="))
    raw[16] ^= 16
    yield f"{head}.{payload}.{encoded(bytes(raw))}"
    yield from (tampered(token, 1, sub="x"), tampered(token, 0, x="1"), tampered(token, 0, alg="none"))
    for key in ("unrelated", "", "secret", "[JWT_SECRET_KEY]", api.key, api.seeded["other"].secret):
        yield api.token(key=key)
    yield api.token(header={"jwk": {"kty": "oct", "k": encoded("brought along")}}, key="brought along")
    for alg in ("none", "None", "HS384", "HS512", "hs256", "XX999", "", None, 0, ["HS256"], GONE):
        signed = api.token(header={"alg": alg})
        yield signed
        yield signed.rpartition(".")[0] + "."
    yield api.token(header={"crit": ["x"], "x": True})
    yield api.token(header={"crit": ["b64"], "b64": False})
    yield from (api.token(header={"x": 1}), api.token(header={"typ": GONE}))
    kid = api.seeded["own"].kid
    for text in ("[]", "{", "", f'{{"alg":"HS256","kid":"{kid}","typ":"JWT","alg":"none"}}'):
        yield api.token(head=text)


def named(api: KidApi) -> Iterator[str]:
    """Names of keys."""
    other = api.seeded["other"]
    yield api.token(header={"kid": other.kid}, key=other.secret)
    yield api.token(header={"kid": other.kid})
    yield api.token(header={"kid": api.seeded["own"].kid.upper()})
    unknown = "00000000-0000-4000-8000-000000000000"
    for kid in (GONE, None, "", 0, True, [], unknown, "a" * 3000, "' OR '1'='1", "*"):
        yield api.token(header={"kid": kid})
    yield api.token({"kid": api.seeded["own"].kid}, {"kid": GONE})
    yield api.token(header={"kid": GONE, "alg": "HS384"})
    yield api.token(header={"kid": "../../../../dev/null"}, key="")
    yield api.token(header={"kid": "' UNION SELECT 'chosen' -- "}, key="chosen")
