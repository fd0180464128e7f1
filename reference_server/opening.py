"""Open a server: its state as it is to be run, and what answers whoever asks it."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from typing import Any, TypeVar

from reference_server.api import Opened, Settings
from reference_server.deciding import AnyFacts, Facts, Server
from reference_server.messages import Answer, Handler, Mend, Request
from reference_server.replicas import Replica

V = TypeVar("V", bound=Server[Any, Any, Any])

Respond = Callable[[Any], Answer]
"""Of the facts: the answer, before the last hand on it."""


def make(kind: Callable[..., V], behaviour: Any, store: Any, settings: Settings) -> V:
    """A server of that kind. Without a seed its secrets come from the system's source of randomness."""
    return kind(
        behaviour=behaviour,
        store=store,
        random=settings.chance(settings.seed),
        clock=settings.clock,
        monotonic=time.monotonic,
        time_scale=settings.time_scale,
        cache_ttl=settings.cache_ttl,
        replicas=tuple(Replica() for _ in range(settings.replicas)),
    )


def handler(server: Server[Any, Any, Any], respond: Respond) -> Handler:
    """Answer requests, each by the next replica in turn."""
    turns = itertools.cycle(server.replicas)

    def handle(request: Request) -> Answer:
        facts: AnyFacts = Facts(request, server, next(turns), server.clock())
        answer: Answer = server.behaviour.finish(facts, respond(facts))
        return answer

    return handle


def plain(server: Server[Any, Any, Any]) -> Handler | None:
    """Answer what comes without TLS; None where nobody listens."""
    respond: Respond | None = server.behaviour.plain
    return handler(server, respond) if respond else None


def opened(
    server: Server[Any, Any, Any],
    respond: Respond,
    target: Callable[[int], dict[str, Any]],
    *,
    tls: bool = False,
    mend: Mend | None = None,
) -> Opened:
    """A filled server. With `tls` it is to be had over TLS alone, and its behaviour says what is `plain`."""
    return Opened(
        server,
        handler(server, respond),
        target,
        server.events,
        server.store.close,
        tls=tls,
        plain=plain(server) if tls else None,
        mend=mend,
    )
