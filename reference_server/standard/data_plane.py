"""What is served: the items of one tenant in one environment, to whoever has the scope for it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from urllib.parse import parse_qsl

from reference_server.allowance import Bucket
from reference_server.body import name_in, object_in
from reference_server.messages import Answer, json_answer, with_fields
from reference_server.standard import granting
from reference_server.standard.answers import bad_method, bad_request, not_found
from reference_server.standard.behaviour import Caller, Facts, Refusal
from reference_server.standard.records import READ, WRITE, Partition

REST = 2.0
"""Seconds without a request that is served, after which a credential has its whole allowance again. They are
not shrunk: Retry-After has whole seconds."""

_READ = ("GET", "HEAD", "OPTIONS")


def judge_rate(facts: Facts, caller: Caller) -> Refusal | None:
    """A credential has its own allowance."""
    if caller.credential is None or caller.credential.allowance is None:
        return None
    bucket = facts.server.buckets.setdefault(caller.id, Bucket())
    wait = bucket.take(caller.credential.allowance, REST, facts.now)
    return Refusal("too-many-requests", wait=wait) if wait else None


def tell_limit(facts: Facts, caller: Caller) -> Mapping[str, str]:
    """As the draft on RateLimit fields writes it, which is no RFC yet."""
    if caller.credential is None or caller.credential.allowance is None:
        return {}
    quota = caller.credential.allowance
    bucket = facts.server.buckets.get(caller.id, Bucket())
    wait = max(0, math.ceil(bucket.last + REST - facts.now))
    return {
        "RateLimit-Policy": f'"default";q={quota};w={math.ceil(REST)}',
        "RateLimit": f'"default";r={quota - bucket.used};t={wait}',
    }


def needed(facts: Facts) -> str:
    """A token is had for reading as for writing; it has no more scope than what it is had for."""
    reading = facts.request.method in _READ or facts.request.path == granting.PATH
    return READ if reading else WRITE


def judge_scope(facts: Facts, caller: Caller) -> Refusal | None:
    scope = facts.behaviour.needed(facts)
    return None if scope in caller.scopes else Refusal("insufficient-scope", scope)


def may_name(facts: Facts, caller: Caller, tenant: str) -> bool:
    return tenant == caller.partition.tenant


def select(facts: Facts, caller: Caller) -> Partition:
    """The caller's own, whatever else the request names."""
    return caller.partition


def record(facts: Facts, caller: Caller, answer: Answer) -> None:
    request = facts.request
    if caller.credential:
        facts.server.store.record(caller.credential, facts.now, request.method, request.path, answer.status)


def operate(facts: Facts, caller: Caller) -> Answer:
    """The items of the tenant, also all in one file; who asks; the grant of tokens. All else is not found."""
    method = facts.request.method
    match facts.request.segments:
        case ("whoami",):
            return _who(caller) if method in ("GET", "HEAD") else bad_method(facts, "GET", "HEAD")
        case ("token",):
            return facts.behaviour.grant(facts, caller) if method == "POST" else bad_method(facts, "POST")
        case ("tenants", tenant, "items", *below) if facts.behaviour.may_name(facts, caller, tenant):
            owner = facts.behaviour.select(facts, caller)
            if not below:
                return _all(facts, owner, method)
            if len(below) == 1 and below[0]:
                return _one(facts, owner, method, below[0])
        case ("tenants", tenant, "export") if facts.behaviour.may_name(facts, caller, tenant):
            if method not in ("GET", "HEAD"):
                return bad_method(facts, "GET", "HEAD")
            return _exported(facts, facts.behaviour.select(facts, caller))
    return not_found(facts)


def _who(caller: Caller) -> Answer:
    return json_answer(200, {"subject": caller.id, "tenant": caller.partition.tenant})


def _all(facts: Facts, owner: Partition, method: str) -> Answer:
    items = facts.server.store.items(owner)
    match method:
        case "GET" | "HEAD":
            listed = [_shown(id, name) for id, name in items.items()]
            return json_answer(200, {"tenant": owner.tenant, "items": listed})
        case "POST":
            name = _name(facts)
            if isinstance(name, Answer):
                return name
            if name in items:
                return facts.behaviour.problem(facts, 409, "There is an item of this name.")
            items[name] = name
            path = {"Location": f"/tenants/{owner.tenant}/items/{name}"}
            return with_fields(json_answer(201, _shown(name, name)), path)
    return bad_method(facts, "GET", "HEAD", "POST")


def _exported(facts: Facts, owner: Partition) -> Answer:
    """As JSON; with ?format=csv as a table (RFC 4180), whose names need no quotes."""
    names = list(facts.server.store.items(owner).values())
    if ("format", "csv") not in parse_qsl(facts.request.query):
        return json_answer(200, {"tenant": owner.tenant, "names": names})
    lines = "".join(f"{each}\r\n" for each in ("name", *names))
    return Answer(200, (("Content-Type", "text/csv"),), lines.encode())


def _one(facts: Facts, owner: Partition, method: str, id: str) -> Answer:
    items = facts.server.store.items(owner)
    if method not in ("GET", "HEAD", "PUT", "DELETE"):
        return bad_method(facts, "GET", "HEAD", "PUT", "DELETE")
    if id not in items:
        return not_found(facts)
    if method == "DELETE":
        del items[id]
        return Answer(204)
    if method == "PUT":
        name = _name(facts)
        if isinstance(name, Answer):
            return name
        items[id] = name
    return json_answer(200, _shown(id, items[id]))


def _name(facts: Facts) -> str | Answer:
    if not facts.request.whole:
        return facts.behaviour.problem(facts, 413, "The body is too long.")
    name = name_in(object_in(facts.request))
    return bad_request(facts, "The body must be a JSON object with a name.") if name is None else name


def _shown(id: str, name: str) -> Mapping[str, str]:
    return {"id": id, "name": name}
