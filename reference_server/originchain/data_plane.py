"""The data plane: authenticate first, then find out what was asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from reference_server.body import name_in, object_in
from reference_server.messages import Answer, json_answer
from reference_server.originchain.answers import error
from reference_server.originchain.behaviour import Facts, Refusal
from reference_server.originchain.records import Instance, Schema, Token


def respond(facts: Facts) -> Answer:
    """The order: the instance, the caller, the operation. Nothing is done before the second is known."""
    decide = facts.behaviour
    instance = decide.find_instance(facts, decide.name_instance(facts))
    if instance is None:
        return decide.refuse(facts, Refusal("unknown-instance"))
    admitted = decide.admit(facts, instance)
    if isinstance(admitted, Refusal):
        return decide.refuse(facts, admitted)
    answer = decide.condition(facts, decide.operate(facts, instance))
    decide.record(facts, admitted, answer)
    return answer


def record(facts: Facts, token: Token, answer: Answer) -> None:
    request = facts.request
    facts.server.store.record(token, facts.now, request.method, request.path, answer.status)


def operate(facts: Facts, instance: Instance) -> Answer:
    """`/v1/tenants/{tenant}/schemas` and `…/schemas/{name}`; all else is not found."""
    match facts.request.segments:
        case ("v1", "tenants", tenant, "schemas"):
            operations, name = _COLLECTION, ""
        case ("v1", "tenants", tenant, "schemas", name) if name:
            operations = _MEMBER
        case _:
            return error(404, "not found", "There is nothing at this path.")
    refusal = facts.behaviour.judge_tenant(facts, instance, tenant)
    if refusal:
        return facts.behaviour.refuse(facts, refusal)
    operation = operations.get(facts.request.method)
    if operation is None:
        allow = {"Allow": ", ".join(operations)}
        return error(405, "method not allowed", "The resource does not have this method.", allow)
    return operation(facts, facts.behaviour.select(facts, instance, tenant), name)


def _list(facts: Facts, owner: Instance, name: str) -> Answer:
    return json_answer(200, {"schemas": [_shown(schema) for schema in facts.server.store.schemas(owner.id)]})


def _create(facts: Facts, owner: Instance, name: str) -> Answer:
    body = object_in(facts.request)
    name = name_in(body) or ""
    fields = _fields(body)
    if not name or fields is None:
        return error(400, "bad request", "The body must be a JSON object with a name.")
    if facts.server.store.schema(owner.id, name):
        return error(409, "conflict", "A schema of this name exists.")
    created = Schema(name, 1, fields)
    facts.server.store.put_schema(owner.id, created)
    return json_answer(201, _shown(created), {"Location": f"/v1/tenants/{owner.tenant}/schemas/{name}"})


def _get(facts: Facts, owner: Instance, name: str) -> Answer:
    schema = facts.server.store.schema(owner.id, name)
    return json_answer(200, _shown(schema)) if schema else _NO_SCHEMA


def _put(facts: Facts, owner: Instance, name: str) -> Answer:
    fields = _fields(object_in(facts.request))
    if fields is None or name_in({"name": name}) is None:
        return error(400, "bad request", "The body must be a JSON object.")
    known = facts.server.store.schema(owner.id, name)
    stored = Schema(name, known.version + 1 if known else 1, fields)
    facts.server.store.put_schema(owner.id, stored)
    return json_answer(200 if known else 201, _shown(stored))


def _patch(facts: Facts, owner: Instance, name: str) -> Answer:
    fields = _fields(object_in(facts.request))
    known = facts.server.store.schema(owner.id, name)
    if known is None:
        return _NO_SCHEMA
    if fields is None:
        return error(400, "bad request", "The body must be a JSON object.")
    merged = {field["name"]: field for field in (*known.fields, *fields)}
    changed = replace(known, version=known.version + 1, fields=tuple(merged.values()))
    facts.server.store.put_schema(owner.id, changed)
    return json_answer(200, _shown(changed))


def _delete(facts: Facts, owner: Instance, name: str) -> Answer:
    return Answer(204) if facts.server.store.delete_schema(owner.id, name) else _NO_SCHEMA


_NO_SCHEMA = error(404, "not found", "There is no schema of this name.")
_COLLECTION = {"GET": _list, "HEAD": _list, "POST": _create}
_MEMBER = {"GET": _get, "HEAD": _get, "PUT": _put, "PATCH": _patch, "DELETE": _delete}


def _shown(schema: Schema) -> Mapping[str, Any]:
    return {"name": schema.name, "version": schema.version, "fields": list(schema.fields)}


def _fields(body: Mapping[str, Any] | None) -> tuple[Mapping[str, str], ...] | None:
    """`fields` of a body: a list of {name, type}, none when left out; None when it is anything else."""
    fields = body.get("fields", []) if body is not None else None
    if not isinstance(fields, list):
        return None
    for field in fields:
        if not isinstance(field, dict) or set(field) != {"name", "type"}:
            return None
        if not all(isinstance(value, str) for value in field.values()):
            return None
    return tuple(fields)
