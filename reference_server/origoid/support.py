"""What people ask support for by e-mail, as requests: it makes and ends keys; a key of the API is nothing
here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reference_server.body import label_in, object_in
from reference_server.lives import is_life
from reference_server.messages import Answer, json_answer
from reference_server.origoid.answers import failure
from reference_server.origoid.behaviour import Facts, Refusal
from reference_server.origoid.data_plane import ACCOUNT
from reference_server.origoid.records import Account, Manager
from reference_server.secret import digest, random_text

HOST = "support.origoid.test"


def govern(facts: Facts) -> Manager | Refusal:
    """Support has a key of its own kind, in the same field."""
    offered = facts.behaviour.collect_keys(facts)
    if not offered:
        return Refusal("missing-credential")
    if len(offered) > 1:
        return Refusal("ambiguous-credential")
    return facts.server.store.manager_of(digest(offered[0])) or Refusal("unknown-key")


def manage(facts: Facts, manager: Manager) -> Answer:
    """`/accounts` and what is below it."""
    match (facts.request.method, *facts.request.segments):
        case ("POST", "accounts"):
            return _create_account(facts)
        case (method, "accounts", id, *below):
            account = facts.server.store.account(id)
            if account:
                return _in_account(facts, account, method, tuple(below))
    return _not_found(facts)


def _not_found(facts: Facts) -> Answer:
    return failure(facts, 404, "NOT_FOUND", "There is nothing at this path")


def _in_account(facts: Facts, account: Account, method: str, below: tuple[str, ...]) -> Answer:
    server = facts.server
    decide = facts.behaviour
    match (method, *below):
        case ("DELETE",):
            decide.disable_account(server, account)
            return Answer(204)
        case ("POST", "keys"):
            return _create_key(facts, account)
        case ("GET", "keys"):
            listed = [decide.describe(server, key) for key in decide.keys(server, account)]
            return json_answer(200, {"keys": listed})
        case ("GET", "activity"):
            return json_answer(200, {"requests": decide.activity(server, account)})
        case (_, "keys", id, *action):
            return _on_key(facts, account, id, (method, *action))
    return _not_found(facts)


def _on_key(facts: Facts, account: Account, id: str, action: tuple[str, ...]) -> Answer:
    """A revoked key can only be revoked once more, to no effect."""
    key = facts.behaviour.find_managed(facts.server, account, id)
    match action:
        case ("DELETE",) if key:
            facts.behaviour.revoke(facts.server, key)
            return Answer(204)
        case ("POST", "disable") if key and key.revoked_at is None:
            facts.behaviour.disable(facts.server, key)
            return Answer(204)
        case ("GET",) if key and key.revoked_at is None:
            return json_answer(200, facts.behaviour.describe(facts.server, key))
    return _not_found(facts)


def _create_account(facts: Facts) -> Answer:
    name = label_in(object_in(facts.request))
    if name is None:
        return _bad(facts, "The body must be a JSON object with a name")
    account = Account("acc_" + random_text(facts.server.random, 12), name, (ACCOUNT,))
    facts.server.store.add_account(account)
    return json_answer(201, {"id": account.id, "name": account.name})


def _create_key(facts: Facts, account: Account) -> Answer:
    body = object_in(facts.request)
    name = label_in(body)
    if body is None or name is None:
        return _bad(facts, "The body must be a JSON object with a name")
    life = body.get("life")
    if not is_life(life):
        return _bad(facts, "life must be a positive number of seconds")
    key, secret = facts.behaviour.issue(facts.server, account, name, life)
    created: Mapping[str, Any] = facts.behaviour.announce(facts.server, key, secret)
    return json_answer(201, created)


def _bad(facts: Facts, message: str) -> Answer:
    return failure(facts, 400, "BAD_REQUEST", message)
