"""The ways to be wrong: each is named, reasoned, and can be seen from outside."""

from __future__ import annotations

import asyncio
import base64
import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from levels import requirement_levels
from lives import GLOBEX, lives
from origin import SCHEMAS, Origin, make_origin

from reference_server.apis.originchain import API
from reference_server.faults.catalogue import Catalogue
from reference_server.faults.originchain import FAULTS
from reference_server.messages import Answer
from reference_server.originchain.correct import CORRECT
from reference_server.provider import provider

OPERATIONS: tuple[dict[str, Any], ...] = (
    {},
    {"method": "HEAD"},
    {"method": "POST", "body": {"name": "made"}},
    {"path": f"{SCHEMAS}/kept"},
    {"method": "PUT", "path": f"{SCHEMAS}/kept", "body": {}},
    {"method": "PATCH", "path": f"{SCHEMAS}/kept", "body": {}},
    {"method": "DELETE", "path": f"{SCHEMAS}/kept"},
)

BYSTANDERS = (
    *((f"x-{name}", "1") for name in ("forwarded-user", "auth-request-user", "user-id", "consumer-id")),
    *((f"x-{name}", "1") for name in ("internal", "client-cert")),
    ("x-forwarded-for", "127.0.0.1"),
    ("forwarded", "for=127.0.0.1"),
    ("x-client-ip", "10.0.0.1"),
    ("x-http-method", "OPTIONS"),
    ("x-http-method-override", "OPTIONS"),
    ("if-none-match", "*"),
    ("if-match", '"none"'),
    ("if-modified-since", "Fri, 31 Dec 2100 23:59:59 GMT"),
    ("range", "bytes=0-10"),
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
    for name, value in BYSTANDERS:
        yield {"headers": ((name, value),), "connection": 5}
    yield {"query": "_method=OPTIONS", "connection": 5}
    for page in ("https://elsewhere.example", "null"):
        yield {"token": token, "headers": (("origin", page),)}
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


@cache
def answers(*faults: str) -> list[Answer]:
    """What a server with these faults answers to all of the requests."""
    origin = make_origin(API.with_faults(CORRECT, faults))
    found = [origin.ask(**request) for request in requests(origin)]
    origin.server.store.close()
    return found


RIGHT = answers()


# A fault that nobody can see is none.
@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_shows(fault: str) -> None:
    assert answers(fault) != RIGHT


# A right server answers the same twice, or the test above would show nothing.
def test_the_right_server_is_repeatable() -> None:
    assert answers.__wrapped__() == RIGHT


# What a fault breaks are requirements that there are, its level is the strongest of theirs, and whatever
# may fall besides has a reason.
@pytest.mark.parametrize("fault", FAULTS.values(), ids=lambda fault: fault.id)
def test_each_fault_is_reasoned(fault: Any) -> None:
    levels = requirement_levels("originchain")
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", fault.id)
    assert fault.title[0].isupper() and not fault.title.endswith(".")
    assert fault.apply.__doc__, "the reasoning is missing"
    assert fault.breaks
    assert set(fault.breaks) | set(fault.also) <= set(levels)
    assert not set(fault.breaks) & set(fault.also)
    assert all(fault.also.values())
    assert fault.level == min((levels[name] for name in fault.breaks), key=("MUST", "SHOULD", "MAY").index)


# The catalogue has enough of the faults that hide: one method, one instance, one spelling.
def test_many_are_subtle() -> None:
    listed = provider.faults("originchain")
    assert len(listed) >= 40
    assert sum(fault["subtle"] for fault in listed) >= 15
    keys = {"id", "title", "profile", "level", "subtle", "breaks", "also"}
    assert all(set(fault) == keys for fault in listed)
    json.dumps(listed)


# Faults add up, in any order.
def test_faults_together() -> None:
    both = answers("open-head", "folds-case")
    assert both == answers("folds-case", "open-head")
    changed = {index for index, answer in enumerate(both) if answer != RIGHT[index]}
    for fault in ("open-head", "folds-case"):
        own = {index for index, answer in enumerate(answers(fault)) if answer != RIGHT[index]}
        assert own and own < changed


# Two servers with the same fault do not know of each other.
def test_faults_keep_nothing_between_servers() -> None:
    first, second = (make_origin(API.with_faults(CORRECT, ["connection-remembers-token"])) for _ in range(2))
    assert first.ask(token=first.token).status == 200
    assert (first.ask().status, second.ask().status) == (200, 401)
    for origin in (first, second):
        origin.server.store.close()


# A fault that does not exist is an error that names the nearest one.
def test_unknown_fault() -> None:
    with pytest.raises(ValueError, match=r"unknown fault 'open-hed'\. Did you mean 'open-head'\?"):
        asyncio.run(provider.start("originchain", faults=["open-hed"]))


# One name, one fault.
def test_ids_are_used_once() -> None:
    catalogue: Catalogue[str] = Catalogue("x")
    enter = catalogue.fault("twice", "Twice", breaks=("x/y",))
    enter(lambda behaviour: behaviour)
    with pytest.raises(ValueError, match="two faults are called 'twice'"):
        enter(lambda behaviour: behaviour)
