"""What a client might send to an OriginChain: a bit of everything, so that each way to be wrong shows."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

from bystanders import FIELDS, PAGES
from lives import GLOBEX, lives
from origin import SCHEMAS, Origin, make_origin

from reference_server.messages import Answer
from reference_server.originchain.behaviour import Behaviour


def answers(behaviour: Behaviour) -> list[Answer]:
    """What a server that decides so answers to all of it."""
    origin = make_origin(behaviour)
    found = [origin.ask(**request) for request in requests(origin)]
    origin.server.store.close()
    return found


OPERATIONS: tuple[dict[str, Any], ...] = (
    {},
    {"method": "HEAD"},
    {"method": "POST", "body": {"name": "made"}},
    {"path": f"{SCHEMAS}/kept"},
    {"method": "PUT", "path": f"{SCHEMAS}/kept", "body": {}},
    {"method": "PATCH", "path": f"{SCHEMAS}/kept", "body": {}},
    {"method": "DELETE", "path": f"{SCHEMAS}/kept"},
)


def requests(origin: Origin) -> Iterator[dict[str, Any]]:
    """A bit of everything that a client might send, each as arguments of `Origin.ask`."""
    token, other = origin.token, origin.seeded.tokens["other"]
    trial, unknown = origin.seeded.tokens["trial"], "oc_live_" + "9a" * 20
    yield {"token": token}
    for operation in OPERATIONS:
        for secret in (None, unknown, other):
            yield {**operation, "token": secret}
            yield {"token": token}
            yield {"method": "PUT", "path": f"{SCHEMAS}/kept", "body": {}, "token": token}
    for operation in OPERATIONS:
        yield {**operation, "token": token}
    for method in ("TRACE", "LOCK"):
        yield {"method": method, "token": token}
    yield {"method": "POST", "body": {}}
    yield {"path": SCHEMAS + "/", "token": token}
    for ending in ("/", ".json", ";v=1"):
        yield {"path": SCHEMAS + ending, "connection": 2}
    for field in fields(token):
        yield {"headers": (("authorization", field),), "connection": 3}
    valid, invalid = ("authorization", f"Bearer {token}"), ("authorization", f"Bearer {unknown}")
    yield {"headers": (valid, invalid)}
    yield {"headers": (invalid, valid)}
    for slot in ("x-api-key", "proxy-authorization"):
        yield {"headers": ((slot, token if slot == "x-api-key" else f"Bearer {token}"),), "connection": 4}
    for name in ("token", "Authorization"):
        yield {"headers": (("cookie", f"{name}={token}"),), "connection": 4}
        yield {"query": f"{name}={token}", "connection": 4}
    yield {"query": f"jwt={token}", "connection": 4}
    for changed in changes(token):
        yield {"token": changed}
    yield {**GLOBEX, "token": token}
    yield {**GLOBEX, "token": unknown}
    yield {**GLOBEX, "token": other}
    yield {"host": GLOBEX["host"], "token": token}
    yield {"path": GLOBEX["path"], "token": token}
    yield {"token": trial}
    place = {"path": "/v1/tenants/trial/schemas", "host": "trial.originchain.test"}
    yield {**place, "token": token}
    yield {**place, "token": trial}
    for name in ("x-forwarded-host", "x-host", "x-original-host", "forwarded"):
        value = "acme.originchain.test:80"
        yield {
            **GLOBEX,
            "token": token,
            "headers": ((name, f"host={value}" if name == "forwarded" else value),),
        }
    for name in ("tenant", "tenant_id"):
        yield {"token": token, "query": f"{name}=globex"}
        yield {"token": token, "headers": (("x-" + name.replace("_", "-"), "globex"),)}
    yield {"token": token, "host": "nobody.originchain.test"}
    yield {"token": token, "host": "gone.originchain.test", "path": "/v1/tenants/gone/schemas"}
    yield {"host": "nobody.originchain.test"}
    for field in FIELDS:
        yield {"headers": (field,), "connection": 5}
    yield {"query": "_method=OPTIONS", "connection": 5}
    for field in PAGES:
        yield {"token": token, "headers": (field,)}
    yield from repetitions(token, other)
    yield from lives(origin)


def repetitions(token: str, other: str) -> Iterator[dict[str, Any]]:
    """The same thing again and again on one connection, and a valid token on one new connection after the
    other."""
    for number in range(25):
        for connection, secret in ((6, token), (7, None), (8, token[:-1]), (9, other)):
            yield {"token": secret, "connection": connection, "served": number}
        yield {"token": f"oc_live_{number:040}", "connection": 10, "served": number}
        yield {"token": token, "connection": 20 + number}
    for secret in (None, "oc_live_" + "9a" * 20):
        yield {"token": secret, "connection": 6}
    for secret in ("oc_live_" + "9a" * 20, token, None, token):
        yield {"token": secret, "connection": 11}


def fields(token: str) -> Iterator[str]:
    """Authorization values that are almost right, or right in an unusual way."""
    yield from ("", "Bearer", f"Bearer{token}", f"Bearer: {token}", token, f'Bearer "{token}"')
    yield from (f"Bearer {token} {token}", f'Bearer token="{token}"', f"Bearer {token},")
    yield from (f"bearer {token}", f"BEARER {token}", f"Bearer   {token}")
    yield from (f"Basic {token}", f"Token {token}")
    yield "Basic " + base64.b64encode(f"user:{token}".encode()).decode()
    yield "Bearer " + "".join(f"%{byte:02X}" for byte in token.encode())
    yield f"Bearer '{token}'"


def changes(token: str) -> Iterator[str]:
    """Tokens that nobody issued, made of one that somebody did."""
    prefix, rest = token[:8], token[8:]
    yield from (token[:-1], token[1:], token[:-20], token + "A", "A" + token)
    yield from (prefix + rest.swapcase(), prefix.upper() + rest, base64.b64encode(token.encode()).decode())
    yield from ("oc_test_" + rest, rest, prefix, prefix + token)
