"""The dashboard: its owner makes instances and tokens; a token of the data plane is nothing here."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Any

from reference_server import presenting
from reference_server.body import label_in, name_in, object_in
from reference_server.lives import is_life
from reference_server.messages import Answer, json_answer
from reference_server.originchain.answers import error
from reference_server.originchain.behaviour import Facts, Refusal
from reference_server.originchain.records import Account, Instance, Token
from reference_server.secret import digest, random_text

HOST = "app.originchain.test"
DOMAIN = "originchain.test"


def govern(facts: Facts) -> Account | Refusal:
    """The owner whose secret this is."""
    secret = presenting.the_token(facts, Refusal)
    if isinstance(secret, Refusal):
        return secret
    return facts.server.store.account_of(digest(secret)) or Refusal("unknown-token")


def may_manage(facts: Facts, owner: Account, instance: Instance) -> bool:
    return hmac.compare_digest(owner.id, instance.account)


def manage(facts: Facts, owner: Account) -> Answer:
    """`/instances` and what is below it. Another owner's instance is not found."""
    match (facts.request.method, *facts.request.segments):
        case ("POST", "instances"):
            return _create_instance(facts, owner)
        case (method, "instances", id, *below):
            instance = facts.server.store.instance(id)
            if instance and facts.behaviour.may_manage(facts, owner, instance):
                return _in_instance(facts, instance, method, tuple(below))
    return _NOT_FOUND


_NOT_FOUND = error(404, "not found", "There is nothing at this path.")


def _in_instance(facts: Facts, instance: Instance, method: str, below: tuple[str, ...]) -> Answer:
    server = facts.server
    decide = facts.behaviour
    if (method, below) == ("DELETE", ()):
        decide.delete_instance(server, instance)
        return Answer(204)
    if instance.deleted_at is not None:
        return _NOT_FOUND
    match (method, *below):
        case ("POST", "tokens"):
            return _create_token(facts, instance)
        case ("GET", "tokens"):
            listed = [decide.describe(server, token) for token in decide.tokens(server, instance)]
            return json_answer(200, {"tokens": listed})
        case ("GET", "activity"):
            return json_answer(200, {"requests": decide.activity(server, instance)})
        case (_, "tokens", id):
            token = decide.find_managed(server, instance, id)
            return _on_token(facts, token, method) if token else _NOT_FOUND
    return _NOT_FOUND


def _on_token(facts: Facts, token: Token, method: str) -> Answer:
    """A revoked token can only be revoked once more, to no effect."""
    if method == "DELETE":
        facts.behaviour.revoke(facts.server, token)
        return Answer(204)
    if token.revoked_at is not None or method not in ("GET", "PATCH"):
        return _NOT_FOUND
    if method == "PATCH":
        body = object_in(facts.request)
        if body is None or label_in(body) is None:
            return _BAD_NAME
        facts.behaviour.rename(facts.server, token, body)
    present = facts.server.store.token(token.id) or token
    return json_answer(200, facts.behaviour.describe(facts.server, present))


_BAD_NAME = error(400, "bad request", "The body must be a JSON object with a name.")


def _create_instance(facts: Facts, owner: Account) -> Answer:
    body = object_in(facts.request) or {}
    name = (name_in(body) or "").lower()
    kind = body.get("kind", "live")
    if not name or "." in name or kind not in ("live", "trial"):
        return error(400, "bad request", "The body must have a name, and be of kind live or trial.")
    instance = Instance(
        "inst_" + random_text(facts.server.random, 12), owner.id, f"{name}.{DOMAIN}", name, kind
    )
    if instance.host == HOST or not facts.server.store.add_instance(instance):
        return error(409, "conflict", "An instance of this name exists.")
    return json_answer(201, {"id": instance.id, "host": instance.host, "tenant": instance.tenant})


def _create_token(facts: Facts, instance: Instance) -> Answer:
    body = object_in(facts.request)
    name = label_in(body)
    if body is None or name is None:
        return _BAD_NAME
    life = body.get("ttl_seconds")
    if not is_life(life):
        return error(400, "bad request", "ttl_seconds must be a positive number of seconds.")
    token, secret = facts.behaviour.issue(facts.server, instance, name, life)
    created: Mapping[str, Any] = facts.behaviour.announce(facts.server, token, secret)
    return json_answer(201, created)
