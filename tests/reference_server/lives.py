"""The life of tokens and of an instance, as a client and an owner see it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from origin import SCHEMAS, Origin

GLOBEX = {"path": "/v1/tenants/globex/schemas", "host": "globex.originchain.test"}
DOOMED = {"path": "/v1/tenants/doomed/schemas", "host": "doomed.originchain.test"}
SESSION, WATCHER, LATER = 30, 31, 32
"""Connections: on which tokens are made, on which one is used before and after, and one that is new then."""


def lives(origin: Origin) -> Iterator[dict[str, Any]]:
    """What is asked over all of them, each as arguments of `Origin.ask`. The clock moves meanwhile."""
    yield from making(origin)
    yield from showing(origin)
    yield from managing(origin)
    yield from revoking(origin)
    yield from waiting(origin)
    yield from ending(origin)


def dashboard(origin: Origin, method: str, path: str, body: Any = None, **more: Any) -> dict[str, Any]:
    """A request to the dashboard, by its owner unless `more` says otherwise."""
    place = {"host": "app.originchain.test", "token": origin.seeded.owner_secret, "connection": SESSION}
    return {**place, "method": method, "path": path, "body": body, **more}


def making(origin: Origin) -> Iterator[dict[str, Any]]:
    path = f"{origin.instance()}/tokens"
    for number in range(12):
        yield dashboard(origin, "POST", path, {"name": f"crowd-{number}"}, connection=100 + number)
    for token in [origin.new_token(f"one of five, {number}") for number in range(5)]:
        yield {"token": token["token"]}


def showing(origin: Origin) -> Iterator[dict[str, Any]]:
    yield dashboard(origin, "POST", f"{origin.instance()}/tokens", {"name": 'etl-pipeline "é" <b> of today'})
    for what in ("tokens", "activity"):
        yield dashboard(origin, "GET", f"{origin.instance()}/{what}")


def managing(origin: Origin) -> Iterator[dict[str, Any]]:
    """Without the right to."""
    path = f"{origin.instance()}/tokens"
    for secret in (None, origin.token):
        yield dashboard(origin, "POST", path, {"name": "mine"}, token=secret)
        token = origin.new_token("theirs")
        yield dashboard(origin, "DELETE", f"{path}/{token['id']}", token=secret)
        yield {"token": token["token"]}


def revoking(origin: Origin) -> Iterator[dict[str, Any]]:
    shorter, middle, longer = (origin.new_token(name)["token"] for name in ("run-a", "run-a2b", "run-a2bc"))
    chosen = origin.new_token("run-a2")
    for _ in range(50):
        yield {"token": chosen["token"], "connection": WATCHER}
    path = f"{origin.instance()}/tokens/{chosen['id']}"
    yield dashboard(origin, "DELETE", path)
    for seconds in (0, 3, 4, 15):
        origin.clock.now += seconds
        yield from used(chosen["token"])
        for bystander in (shorter, middle, longer):
            yield {"token": bystander}
        yield {**GLOBEX, "token": origin.seeded.tokens["other"]}
    for _ in range(2):
        yield dashboard(origin, "DELETE", path)
        yield {"token": chosen["token"]}
    origin.new_token("run-a2")
    yield {"token": chosen["token"]}


def used(token: str) -> Iterator[dict[str, Any]]:
    """All that can be tried with a revoked token."""
    for _ in range(10):
        yield {"token": token, "connection": WATCHER}
    yield {"token": token, "connection": LATER}
    for method in ("HEAD", "POST"):
        yield {"token": token, "method": method, "body": {"name": "left"} if method == "POST" else None}
    for method in ("GET", "PUT", "PATCH", "DELETE"):
        yield {"token": token, "method": method, "path": f"{SCHEMAS}/left", "body": {}}
    yield {"token": token, "headers": (("if-none-match", "*"),)}
    yield {**GLOBEX, "token": token}


def waiting(origin: Origin) -> Iterator[dict[str, Any]]:
    lasting, brief = origin.new_token("lasting"), origin.new_token("brief", ttl_seconds=2)
    for seconds in (0, 1, 2, 14, 20):
        origin.clock.now += seconds
        yield {"token": lasting["token"]}
        yield {"token": brief["token"]}


def ending(origin: Origin) -> Iterator[dict[str, Any]]:
    token = origin.seeded.tokens["doomed"]
    yield dashboard(origin, "DELETE", origin.instance("doomed"))
    for seconds in (0, 7, 6):
        origin.clock.now += seconds
        yield {**DOOMED, "token": token}
        yield {"token": token}
