"""The life of keys, as a client and their owner see it."""

from __future__ import annotations

from typing import Any

from origin import shown
from sk_api import USERS, SkApi

from reference_server.messages import Answer
from reference_server.sk_oauth import dashboard
from reference_server.sk_oauth.authentication import SANDBOX

SESSION, WATCHER, LATER = 30, 31, 32
"""Connections: on which keys are made, on which one is used before and after, and one that is new then."""


def lives(api: SkApi) -> None:
    """All of them. The clock moves meanwhile."""
    making(api)
    managing(api)
    revoking(api)
    waiting(api)
    testing(api)


def manage(api: SkApi, method: str, path: str, body: Any = None, **more: Any) -> Answer:
    """A request to the dashboard, by its owner unless `more` says otherwise."""
    place = {"host": dashboard.HOST, "token": api.seeded.owner_secret, "connection": SESSION}
    return api.ask(method, path, **{**place, "body": body, **more})


def made(api: SkApi, name: str, **more: Any) -> dict[str, Any]:
    answer = manage(api, "POST", "/live/keys", {"name": name, **more})
    found: dict[str, Any] = shown(answer)
    return found


def making(api: SkApi) -> None:
    for number in range(12):
        manage(api, "POST", "/live/keys", {"name": f"crowd-{number}"}, connection=100 + number)
    for key in [made(api, f"one of five, {number}") for number in range(5)]:
        api.ask(token=key["key"])
    manage(api, "POST", "/live/keys", {"name": 'etl-pipeline "é" <b> of today'})
    for what in ("keys", "activity"):
        manage(api, "GET", f"/live/{what}")


def managing(api: SkApi) -> None:
    """Without the right to."""
    for secret in (None, api.key):
        manage(api, "POST", "/live/keys", {"name": "mine"}, token=secret)
        key = made(api, "theirs")
        manage(api, "DELETE", f"/live/keys/{key['id']}", token=secret)
        api.ask(token=key["key"])


def revoking(api: SkApi) -> None:
    names = ("run-a", "run-a2b", "run-a2bc", "run-a2")
    shorter, middle, longer, chosen = (made(api, name) for name in names)
    for _ in range(50):
        api.ask(token=chosen["key"], connection=WATCHER)
    for method in ("GET", "POST"):
        api.ask(method, token=chosen["key"], connection=WATCHER, headers=(("if-none-match", "*"),))
    for _ in range(2):
        manage(api, "DELETE", f"/live/keys/{chosen['id']}")
        for connection in (WATCHER, LATER):
            for _ in range(12):
                api.ask(token=chosen["key"], connection=connection)
        for method in ("HEAD", "POST", "DELETE"):
            api.ask(method, token=chosen["key"], connection=LATER)
        api.ask(token=chosen["key"], headers=(("if-none-match", "*"),))
    for key in (shorter, middle, longer):
        api.ask(token=key["key"])
    api.ask(token=api.seeded.keys["other-token"])
    made(api, "run-a2")
    for seconds in (0.2, 1, 2, 4, 8, 20, 40):
        api.clock.now += seconds
        for connection in (WATCHER, LATER):
            api.ask(token=chosen["key"], connection=connection)
        api.ask("DELETE", f"{USERS}/none", token=chosen["key"])


def waiting(api: SkApi) -> None:
    fresh, brief = made(api, "fresh"), made(api, "brief", life=4)
    for seconds in (1, 2, 2, 8, 3, 10, 40):
        for key in (fresh, brief):
            api.ask(token=key["key"])
        api.clock.now += seconds


def testing(api: SkApi) -> None:
    """Keys of the sandbox."""
    fresh = made(api, "live beside")
    test = shown(manage(api, "POST", "/test/keys", {"name": "spare"}))
    later = made(api, "live and later")
    api.ask(token=test["key"], host=SANDBOX)
    manage(api, "DELETE", f"/test/keys/{test['id']}")
    api.ask(token=api.seeded.keys["test-token"], host=SANDBOX)
    for key in (fresh, later):
        api.ask(token=key["key"])
