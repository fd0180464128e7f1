"""The token endpoint: RFC 6749 section 3.2. The form first, then the client, then what it has."""

from __future__ import annotations

import hmac
from urllib.parse import unquote_plus

from reference_server import basic, forms
from reference_server.messages import Answer, json_answer
from reference_server.secret import digest
from reference_server.sk_oauth.answers import REALM
from reference_server.sk_oauth.authorization import single
from reference_server.sk_oauth.behaviour import Facts, Granted, Parameters, Problem
from reference_server.sk_oauth.records import Client

PATH = "/oauth/token"

_NO_CLIENT = Problem("invalid_client", "The client is not known, or its secret is wrong")


def token(facts: Facts) -> Answer:
    decide = facts.behaviour
    if facts.request.method != "POST":
        return json_answer(405, {"error": "invalid_request"}, {"Allow": "POST"})
    found = decide.read_form(facts)
    if isinstance(found, Problem):
        return decide.deny(facts, found)
    client = decide.authenticate(facts, found)
    if isinstance(client, Problem):
        return decide.deny(facts, client)
    granted = _granted(facts, client, found)
    return decide.deny(facts, granted) if isinstance(granted, Problem) else decide.grant(facts, granted)


def _granted(facts: Facts, client: Client, found: Parameters) -> Granted | Problem:
    match found.get("grant_type"):
        case None:
            return Problem("invalid_request", "grant_type is missing")
        case "authorization_code":
            return facts.behaviour.redeem(facts, client, found)
        case "refresh_token":
            return facts.behaviour.refresh(facts, client, found)
    return Problem("unsupported_grant_type", "grant_type must be authorization_code or refresh_token")


def read_form(facts: Facts) -> Parameters | Problem:
    """The body alone: what is in the query is not looked at."""
    given = forms.in_body(facts.request)
    if given is None:
        return Problem("invalid_request", f"The body must be {forms.MEDIA_TYPE}")
    if forms.repeated(given):
        return Problem("invalid_request", "A parameter is given twice")
    return single(given)


def authenticate(facts: Facts, found: Parameters) -> Client | Problem:
    """By Basic or in the body, and not by both: RFC 6749 sections 2.3 and 2.3.1."""
    fields = facts.request.values("authorization")
    if len(fields) > 1 or (fields and "client_secret" in found):
        return Problem("invalid_request", "The client authenticates more than once")
    if fields:
        pair = _by_basic(fields[0])
        if pair and found.get("client_id", pair[0]) != pair[0]:
            return Problem("invalid_request", "client_id is another than the one that authenticates")
    else:
        pair = found.get("client_id", ""), found.get("client_secret", "")
    if pair is None:
        return _NO_CLIENT
    client = facts.behaviour.find_client(facts, pair[0])
    right = facts.behaviour.check_secret(facts, client, pair[1])
    return client if client and right else _NO_CLIENT


def _by_basic(value: str) -> tuple[str, str] | None:
    """Both are form-encoded before they are encoded again."""
    encoded = basic.parse(value)
    raw = None if encoded is None else basic.decoded(encoded)
    pair = None if raw is None else basic.pair(raw)
    return (unquote_plus(pair[0]), unquote_plus(pair[1])) if pair else None


def check_secret(facts: Facts, client: Client | None, secret: str) -> bool:
    """As much work for a client that there is not."""
    known = client.digest if client else bytes(32)
    return hmac.compare_digest(known, digest(secret)) and client is not None


def deny(facts: Facts, problem: Problem) -> Answer:
    """RFC 6749 section 5.2: 401 where the client is not authenticated, else 400."""
    body = {"error": problem.error, "error_description": problem.description}
    if problem.error != "invalid_client":
        return json_answer(400, body, {"Pragma": "no-cache"})
    challenge = f'Basic realm="{REALM}", charset="UTF-8"'
    return json_answer(401, body, {"WWW-Authenticate": challenge, "Pragma": "no-cache"})
