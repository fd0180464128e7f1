"""Faults: the guard sees another request than the router or the cache, and what it never saw is served."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, TypeVar
from urllib.parse import unquote

from reference_server.faults.shared.decisions import Asked, Facts
from reference_server.faults.shared.sets import FaultSet, Reasoned
from reference_server.faults.shared.ways import Somebody, in_field, waiving
from reference_server.messages import Answer, Request, json_answer


class Served(Asked, Protocol):
    """The decisions behind the guard, and the one for whoever comes without TLS."""

    @property
    def operate(self) -> Callable[[Any, Any], Answer]: ...
    @property
    def plain(self) -> Callable[[Any], Answer] | None: ...


S = TypeVar("S", bound=Served)
Read = Callable[[Request], Request | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarded:
    """What differs between APIs whose guard can be gone around."""

    somebody: Somebody
    """Who is served where nobody should be."""
    offered: Callable[[Any], tuple[str, ...]] = lambda facts: facts.behaviour.collect(facts)
    """Of the facts: the credentials that came with the request."""
    guarded: str = "/v1/"
    """What the paths begin with that the guard stands before."""
    listing: str
    """A pattern of the path that is read most."""
    account: Callable[[Any], object] = lambda caller: caller.id
    """Of a caller: whose data it is served."""
    healthy: Callable[[Any], Answer] = lambda facts: json_answer(200, {"status": "ok"})
    """Of the facts: what a check of the API's health is told."""
    plain: tuple[str, ...] = ()
    """What the API's document says of requests without TLS."""
    served: tuple[str, ...] = ()
    """What the document says of the listing; falls when it is not given to who may have it."""
    mixed_up: Reasoned = field(default_factory=dict)
    """What else is asked by two accounts, one right after the other, with the reasons."""


AROUND: FaultSet[Guarded] = FaultSet()
fault = AROUND.fault


def _asking(facts: Any, request: Request) -> Any:
    """The same facts of another request."""
    return replace(facts, request=request)


def routed(api: Guarded, behaviour: S, read: Read) -> S:
    """Serve to anybody what `read` makes of a request without a credential; None where both see the same."""

    def respond(facts: Facts) -> Answer:
        other = None if api.offered(facts) else read(facts.request)
        if other is None:
            return behaviour.respond(facts)
        seen = _asking(facts, other)
        answer = behaviour.operate(seen, api.somebody(seen))
        return answer if answer.status == 200 else behaviour.respond(facts)

    return replace(behaviour, respond=respond)


# --- the path --------------------------------------------------------------------------------------


def _spelled(api: Guarded, behaviour: S, read: Callable[[str], str], *, encoded: bool = False) -> S:
    """Route by what `read` makes of a path, where the guard knows it as it is written: of paths without
    percent-encodings and semicolons, or of those alone that are `encoded`."""

    def other(request: Request) -> Request | None:
        path, seen = request.path, read(request.path)
        unlike = seen != path and bool(re.search("[%;]", path)) == encoded
        return replace(request, path=seen) if unlike and not path.startswith(api.guarded) else None

    return routed(api, behaviour, other)


@fault(
    "path-normalised-behind-guard",
    "The guard sees dot segments and double slashes, the router does not",
    breaks=("asvs/8.3.1-path-normalised",),
)
def path_normalised_behind_guard(api: Guarded, behaviour: S) -> S:
    """The guard is for what begins as documented, as it is sent. Slashes before it, a dot, a way there and
    back; what begins right is guarded, whatever stands behind."""
    return _spelled(api, behaviour, lambda path: posixpath.normpath(re.sub("/+", "/", path)))


@fault(
    "path-decoded-behind-guard",
    "The guard sees percent-encodings, the router does not",
    breaks=("asvs/8.3.1-path-encoding",),
)
def path_decoded_behind_guard(api: Guarded, behaviour: S) -> S:
    """As above, for letters and dots that are encoded. A path whose dots are written out is left as it is."""
    return _spelled(api, behaviour, lambda path: posixpath.normpath(unquote(path)), encoded=True)


@fault(
    "path-in-capitals",
    "The guard sees capitals, the router does not",
    subtle=True,
    breaks=("asvs/8.3.1-path-spelling",),
)
def path_in_capitals(api: Guarded, behaviour: S) -> S:
    """As above, on a file system that knows no letter case."""
    return _spelled(api, behaviour, str.lower)


@fault(
    "old-version-open",
    "An old version of the API is guarded by nobody",
    breaks=("practice/old-versions",),
    level="SHOULD",
)
def old_version_open(api: Guarded, behaviour: S) -> S:
    """It was to be switched off. Two of the names under which it may be."""
    return _spelled(api, behaviour, lambda path: re.sub("^/(v0|internal)/", "/", path))


def _rewritten(api: Guarded, behaviour: S, *names: str) -> S:
    """Route by the path in the first of these fields, where the guard has seen that of the request line."""

    def other(request: Request) -> Request | None:
        path = in_field(request, *names)
        return replace(request, path=path) if path and not request.path.startswith(api.guarded) else None

    return routed(api, behaviour, other)


@fault(
    "path-from-original-url",
    "X-Original-URL and X-Rewrite-URL say which path is meant",
    breaks=("asvs/4.1.3-identity-header",),
)
def path_from_original_url(api: Guarded, behaviour: S) -> S:
    """As a framework reads what the rewriting module of its web server hands on, from whomever it comes. The
    guard stands before it, at the web server, and lets everybody ask for the server's health."""
    return _rewritten(api, behaviour, "x-original-url", "x-rewrite-url")


@fault(
    "path-from-forwarded-path",
    "X-Forwarded-Path says which path is meant",
    subtle=True,
    breaks=("asvs/4.1.3-identity-header",),
)
def path_from_forwarded_path(api: Guarded, behaviour: S) -> S:
    """As above, as an API gateway names it. One of the variants has the field."""
    return _rewritten(api, behaviour, "x-forwarded-path")


# --- the method, and the protocol ------------------------------------------------------------------

_KNOWN = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH")


def _as_get(api: Guarded, behaviour: S, when: Callable[[Request], bool]) -> S:
    """Serve to anybody, as if it were a GET, what has no credential."""
    return routed(api, behaviour, lambda request: replace(request, method="GET") if when(request) else None)


@fault(
    "unknown-method-is-get",
    "A method that nobody knows is a GET without a guard",
    breaks=("asvs/4.1.4-unusual-method",),
)
def unknown_method_is_get(api: Guarded, behaviour: S) -> S:
    """The guard is entered for methods by name, and the default serves. PATCH is among the names."""
    return _as_get(api, behaviour, lambda request: request.method not in _KNOWN)


@fault("options-shows", "OPTIONS shows what GET would", breaks=("rfc9110/9.3.7-options",))
def options_shows(api: Guarded, behaviour: S) -> S:
    """The guard lets it through for the sake of preflights, and nothing else answers it. A preflight is
    answered before."""

    def asked(request: Request) -> bool:
        return request.method == "OPTIONS" and not request.values("access-control-request-method")

    return _as_get(api, behaviour, asked)


@fault("upgrade-unguarded", "Who asks for WebSocket needs no credential", breaks=("asvs/4.4.3-upgrade",))
def upgrade_unguarded(api: Guarded, behaviour: S) -> S:
    """The guard leaves that to the handler of messages, and there is none."""
    return waiving(
        behaviour,
        "missing-credential",
        api.somebody,
        lambda facts: in_field(facts.request, "upgrade") == "websocket",
    )


@fault(
    "plain-status-served",
    "Without TLS anybody is served something",
    subtle=True,
    breaks=lambda api: ("asvs/12.2.1-plain-http", *api.plain),
)
def plain_status_served(api: Guarded, behaviour: S) -> S:
    """The check of the balancer, on every path."""
    return replace(behaviour, plain=api.healthy)


# --- the cache -------------------------------------------------------------------------------------


@fault(
    "kept-like-a-file",
    "What is asked under the name of a file is kept for everybody",
    breaks=("asvs/14.2.5-cache-deception",),
    level="SHOULD",
)
def kept_like_a_file(api: Guarded, behaviour: S) -> S:
    """The router drops what stands behind the path that it knows, and the cache in front goes by the
    extension. Only the first that asks needs a credential."""
    kept: dict[str, Answer] = {}
    behind = re.compile(rf"({api.listing})(?:/|;|%2f)\w+\.(?:css|js|png)")

    def respond(facts: Facts) -> Answer:
        path = facts.request.path
        match = behind.fullmatch(path)
        if match is None or facts.request.method != "GET":
            return behaviour.respond(facts)
        answer = behaviour.respond(_asking(facts, replace(facts.request, path=match[1])))
        return kept.setdefault(path, answer) if answer.status == 200 else kept.get(path, answer)

    return replace(behaviour, respond=respond)


def _remembering(api: Guarded, behaviour: S, tell: Callable[[Answer], Answer]) -> S:
    """Keep the last answer for a second, by path and connection, and tell other callers something of it; for
    whose it was it is made anew. That is behind the guard, so that nobody is served who may not."""
    last: dict[int, tuple[float, object, Answer]] = {}

    def operate(facts: Facts, caller: Any) -> Answer:
        request, whose = facts.request, api.account(caller)
        if request.method != "GET" or not re.fullmatch(api.listing, request.path):
            return behaviour.operate(facts, caller)
        until, owner, answer = last.get(request.connection, (0.0, whose, Answer(0)))
        if facts.now < until and owner != whose:
            return tell(answer)
        answer = behaviour.operate(facts, caller)
        last[request.connection] = (facts.now + 1.0, whose, answer)
        return answer

    return replace(behaviour, operate=operate)


@fault(
    "another-is-given-the-last-answer",
    "A caller is given what was answered to another before",
    breaks=("asvs/14.2.2-own-answer",),
    also=lambda api: api.mixed_up,
)
def another_is_given_the_last_answer(api: Guarded, behaviour: S) -> S:
    """A cache in which the credential is no part of the key. It shows where answers tell whose they are."""
    return _remembering(api, behaviour, lambda answer: answer)


@fault(
    "another-is-told-that-nothing-changed",
    "A caller is told that what was answered to another before has not changed",
    breaks=lambda api: ("asvs/14.2.2-own-answer", "asvs/8.2.2-identities-apart", *api.served),
    also=lambda api: api.mixed_up,
)
def another_is_told_that_nothing_changed(api: Guarded, behaviour: S) -> S:
    """As above, by a 304 to whoever has not asked for one, and has nothing that it could stand for: it shows
    wherever two accounts take turns."""
    return _remembering(api, behaviour, lambda answer: Answer(304))
