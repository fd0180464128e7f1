"""Where the credentials of a tenant are made and ended, and tokens looked into; a key of the API is nothing
here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from reference_server import forms, presenting, reading
from reference_server.body import label_in, object_in
from reference_server.lives import is_life
from reference_server.messages import Answer, json_answer
from reference_server.secret import digest
from reference_server.standard.answers import bad_method, bad_request, not_found
from reference_server.standard.behaviour import Caller, Facts, Refusal
from reference_server.standard.records import ALL, Credential, Keyring, Kind, Manager, Partition, Scopes
from reference_server.standard.verification import ISSUER

HOST = "management.standard.test"
KINDS: Mapping[str, Kind] = {"keys": "key", "tokens": "token"}
"""What is managed, by its part of the path."""


def govern(facts: Facts) -> Manager | Refusal:
    """Whose token this is; those of the API are of no use."""
    token = presenting.the_token(facts, Refusal)
    if isinstance(token, Refusal):
        return token
    return facts.server.store.manager(digest(token)) or Refusal("unknown-token")


def manage(facts: Facts, manager: Manager) -> Answer:
    """`/tenants/{tenant}` of the manager's own tenant, `/introspect` and `/revoke`."""
    match (facts.request.method, *facts.request.segments):
        case (method, "tenants", tenant, *below) if tenant == manager.tenant:
            return _in_tenant(facts, Partition(tenant), method, below)
        case ("POST", ("introspect" | "revoke") as purpose):
            return _about_token(facts, manager, purpose)
        case (_, "introspect" | "revoke"):
            return bad_method(facts, "POST")
    return not_found(facts)


def _in_tenant(facts: Facts, owner: Partition, method: str, below: list[str]) -> Answer:
    server = facts.server
    decide = facts.behaviour
    match (method, *below):
        case ("GET", "activity"):
            return json_answer(200, {"requests": decide.activity(server, owner)})
        case ("POST", kind) if kind in KINDS:
            return _create(facts, Keyring(owner, KINDS[kind]))
        case ("GET", kind) if kind in KINDS:
            each = decide.listed(server, Keyring(owner, KINDS[kind]))
            return json_answer(200, {kind: [decide.describe(server, one) for one in each]})
        case (_, kind, id, *action) if kind in KINDS:
            found = decide.find_managed(server, owner, id)
            if found and found.kind == KINDS[kind]:
                return _on_one(facts, found, (method, *action))
    return not_found(facts)


def _on_one(facts: Facts, found: Credential, action: tuple[str, ...]) -> Answer:
    """One that is revoked can only be revoked once more, to no effect."""
    server = facts.server
    decide = facts.behaviour
    if action == ("DELETE",):
        decide.revoke(server, found)
        return Answer(204)
    if found.revoked_at is not None:
        return not_found(facts)
    match action:
        case ("GET",):
            return json_answer(200, decide.describe(server, found))
        case ("POST", "disable"):
            decide.disable(server, found)
            return Answer(204)
        case ("POST", "rotate"):
            return _rotated(facts, found)
        case ("PATCH",):
            scopes = scopes_in(object_in(facts.request) or {})
            if scopes is None:
                return bad_request(facts, _NO_SCOPE)
            decide.narrow(server, found, scopes)
            return json_answer(200, decide.describe(server, server.store.credential(found.id) or found))
    return not_found(facts)


_NO_SCOPE = "scope must be read, write, or both with a space between them."


def _create(facts: Facts, ring: Keyring) -> Answer:
    body = object_in(facts.request)
    name = label_in(body)
    if body is None or name is None:
        return bad_request(facts, "The body must be a JSON object with a name.")
    life, scopes = body.get("life"), scopes_in(body)
    if not is_life(life):
        return bad_request(facts, "life must be a positive number of seconds.")
    if scopes is None:
        return bad_request(facts, _NO_SCOPE)
    return json_answer(201, _issued(facts, ring, name, life, scopes))


def _issued(facts: Facts, ring: Keyring, name: str, life: float | None, scopes: Scopes) -> Mapping[str, Any]:
    server = facts.server
    made, secret = facts.behaviour.issue(server, ring, name, life)
    if scopes != ALL:
        made = server.store.change(made.id, scopes=scopes)
    return facts.behaviour.announce(server, made, secret)


def _rotated(facts: Facts, found: Credential) -> Answer:
    """A new secret with the rights of the old one, which ends. Who needs both makes another, and revokes."""
    server = facts.server
    left = None if found.expires_at is None else (found.expires_at - facts.now) / server.time_scale
    fresh = _issued(facts, Keyring(found.owner, found.kind), found.name, left, found.scopes)
    facts.behaviour.revoke(server, found)
    return json_answer(201, fresh)


def scopes_in(body: Mapping[str, Any]) -> Scopes | None:
    """The member `scope`; all of them where there is none, and None for all else."""
    if "scope" not in body:
        return ALL
    named = body["scope"].split(" ") if isinstance(body["scope"], str) else [""]
    known = all(each in ALL for each in named)
    return tuple(each for each in ALL if each in named) if known else None


# --- what is told of tokens ----------------------------------------------------------------------


def _about_token(facts: Facts, manager: Manager, purpose: str) -> Answer:
    given = forms.in_body(facts.request)
    token = dict(given).get("token") if given and not forms.repeated(given) else None
    if not token:
        return json_answer(400, {"error": "invalid_request"})
    if purpose == "introspect":
        return json_answer(200, facts.behaviour.introspect(facts, manager, token))
    _revoke(facts, manager, token)
    return Answer(200)


def introspect(facts: Facts, manager: Manager, token: str) -> Mapping[str, Any]:
    """RFC 7662 section 2.2. Of what is not alive, or not the manager's, nothing but that is told."""
    found = facts.behaviour.by_bearer(facts, token)
    if isinstance(found, Refusal) or found.partition.tenant != manager.tenant:
        return {"active": False}
    told = {"active": True, "scope": " ".join(found.scopes), "token_type": "Bearer", "sub": found.id}
    return {**told, **_times(facts, token, found)}


def _times(facts: Facts, token: str, found: Caller) -> Mapping[str, Any]:
    """Until when, and for a JWT who made it: members that are not known are left out."""
    if found.method == "jwt":
        claims = _claims(token)
        return {
            name: claims[name] for name in ("exp", "iat", "iss", "aud", "jti", "client_id") if name in claims
        }
    credential = found.credential
    if credential is None:
        return {}
    ends = {} if credential.expires_at is None else {"exp": int(credential.expires_at)}
    return {**ends, "iat": int(credential.created_at), "iss": ISSUER}


def _revoke(facts: Facts, manager: Manager, token: str) -> None:
    """RFC 7009 section 2.2: whether there was such a token, nobody learns."""
    store = facts.server.store
    found = facts.behaviour.by_bearer(facts, token)
    if isinstance(found, Refusal) or found.partition.tenant != manager.tenant:
        return
    if found.method == "token" and found.credential:
        facts.behaviour.revoke(facts.server, found.credential)
    grant = store.grant(str(_claims(token).get("jti"))) if found.method == "jwt" else None
    if grant:
        store.keep_grant(replace(grant, revoked_at=facts.now))


def _claims(token: str) -> Mapping[str, Any]:
    """What a JWT says that was found to hold."""
    jws = reading.jws_in(token)
    payload = reading.decoded(jws.payload) if jws else None
    return reading.json_object(payload or b"") or {}
