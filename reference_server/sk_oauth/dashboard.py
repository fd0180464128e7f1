"""The dashboard: an account's owner makes and ends keys there; a key of the API is nothing here."""

from __future__ import annotations

from reference_server import presenting
from reference_server.body import label_in, object_in
from reference_server.lives import is_life
from reference_server.messages import Answer, json_answer
from reference_server.secret import digest
from reference_server.sk_oauth.answers import bad_request, not_found
from reference_server.sk_oauth.behaviour import Facts, Refusal
from reference_server.sk_oauth.records import Account, Partition

HOST = "dashboard.sk-oauth.test"


def govern(facts: Facts) -> Account | Refusal:
    """The owner whose secret this is."""
    secret = presenting.the_token(facts, Refusal)
    if isinstance(secret, Refusal):
        return secret
    return facts.server.store.account_of(digest(secret)) or Refusal("unknown-credential")


def manage(facts: Facts, owner: Account) -> Answer:
    """`/{environment}/keys` and `/{environment}/activity`, of the owner's own account."""
    match (facts.request.method, *facts.request.segments):
        case (method, ("live" | "test") as environment, *below):
            return _in_partition(facts, Partition(owner.id, environment), (method, *below))
    return not_found()


def _in_partition(facts: Facts, partition: Partition, action: tuple[str, ...]) -> Answer:
    server = facts.server
    decide = facts.behaviour
    match action:
        case ("POST", "keys"):
            return _create(facts, partition)
        case ("GET", "keys"):
            listed = [decide.describe(server, key) for key in decide.tokens(server, partition)]
            return json_answer(200, {"keys": listed})
        case ("GET", "activity"):
            return json_answer(200, {"requests": decide.activity(server, partition)})
        case (method, "keys", id):
            return _on_key(facts, partition, method, id)
    return not_found()


def _on_key(facts: Facts, partition: Partition, method: str, id: str) -> Answer:
    """A revoked key can only be revoked once more, to no effect."""
    server = facts.server
    key = facts.behaviour.find_managed(server, partition, id)
    if method == "DELETE" and key:
        facts.behaviour.revoke(server, key)
        return Answer(204)
    if key is None or key.revoked_at is not None:
        return not_found()
    if method == "PATCH":
        body = object_in(facts.request)
        if body is None or label_in(body) is None:
            return bad_request(_NO_NAME)
        facts.behaviour.rename(server, key, body)
    elif method != "GET":
        return not_found()
    present = server.store.key(id) or key
    return json_answer(200, facts.behaviour.describe(server, present))


_NO_NAME = "The body must be a JSON object with a name"


def _create(facts: Facts, partition: Partition) -> Answer:
    body = object_in(facts.request)
    name = label_in(body)
    if body is None or name is None:
        return bad_request(_NO_NAME)
    life = body.get("life")
    if not is_life(life):
        return bad_request("life must be a positive number of seconds")
    key, secret = facts.behaviour.issue(facts.server, partition, name, life)
    return json_answer(201, facts.behaviour.announce(facts.server, key, secret))
