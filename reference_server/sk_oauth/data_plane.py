"""What is served: the users that an account keeps in one environment, to whoever has the scope for it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from reference_server.allowance import Bucket
from reference_server.body import label_in, object_in
from reference_server.messages import Answer, json_answer
from reference_server.secret import random_text
from reference_server.sk_oauth.answers import bad_method, bad_request, error, not_found
from reference_server.sk_oauth.behaviour import Caller, Facts, Refusal
from reference_server.sk_oauth.records import READ, WRITE, Partition, Person

REST = 1.0
"""Seconds without a request that is served, after which a credential has its whole allowance again. They are
not shrunk: Retry-After has whole seconds."""

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_READ = ("GET", "HEAD", "OPTIONS")


def judge_rate(facts: Facts, caller: Caller) -> Refusal | None:
    """A credential has its own allowance."""
    if caller.key is None or caller.key.allowance is None:
        return None
    bucket = facts.server.buckets.setdefault(caller.id, Bucket())
    wait = bucket.take(caller.key.allowance, REST, facts.now)
    return Refusal("too-many-requests", wait=wait) if wait else None


def needed(facts: Facts) -> str:
    return READ if facts.request.method in _READ else WRITE


def judge_scope(facts: Facts, caller: Caller) -> Refusal | None:
    scope = facts.behaviour.needed(facts)
    return None if scope in caller.scopes else Refusal("insufficient-scope", scope)


def select(facts: Facts, caller: Caller) -> Partition:
    """The caller's own, whatever else the request names."""
    return caller.partition


def record(facts: Facts, caller: Caller, answer: Answer) -> None:
    request = facts.request
    if caller.key:
        facts.server.store.record(caller.key, facts.now, request.method, request.path, answer.status)


def operate(facts: Facts, caller: Caller) -> Answer:
    """`/v1/users` and `/v1/users/{id}`; all else is not found."""
    owner = facts.behaviour.select(facts, caller)
    match (facts.request.method, *facts.request.segments):
        case ("GET" | "HEAD", "v1", "users"):
            return json_answer(200, {"data": [_shown(each) for each in facts.server.store.people(owner)]})
        case ("POST", "v1", "users"):
            return _create(facts, owner)
        case (_, "v1", "users"):
            return bad_method("GET", "HEAD", "POST")
        case (method, "v1", "users", id) if id:
            return _one(facts, owner, method, id)
    return not_found()


def _create(facts: Facts, owner: Partition) -> Answer:
    body = object_in(facts.request)
    name = label_in(body)
    if body is None or name is None:
        return bad_request("The body must be a JSON object with a name")
    id = body.get("id", "user_" + random_text(facts.server.random, 12))
    if not isinstance(id, str) or not _ID.fullmatch(id):
        return bad_request("An id has letters, digits, dashes and underscores")
    made = person(id, name)
    if not facts.server.store.add_person(owner, made):
        return error(409, "invalid_request_error", "invalid_request", "There is a user of this id")
    return json_answer(201, _shown(made), {"Location": f"/v1/users/{made.id}"})


def person(id: str, name: str) -> Person:
    """With an address of its own."""
    return Person(id, name, f"{id}@users.example")


def _one(facts: Facts, owner: Partition, method: str, id: str) -> Answer:
    store = facts.server.store
    if method in ("GET", "HEAD"):
        found = store.person(owner, id)
        return json_answer(200, _shown(found)) if found else not_found()
    if method == "DELETE":
        return Answer(204) if store.delete_person(owner, id) else not_found()
    return bad_method("GET", "HEAD", "DELETE")


def _shown(person: Person) -> Mapping[str, str]:
    return {"id": person.id, "name": person.name, "email": person.email}
