"""How OriginChain answers: refusals and their challenges, conditions, and the fields on every answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256

from reference_server import bearer
from reference_server.messages import Answer, dated, json_answer
from reference_server.originchain.behaviour import Facts, Reason, Refusal

REALM = "originchain"

REFUSALS: Mapping[Reason, tuple[int, str, str]] = {
    "unknown-instance": (404, "instance not found", "There is no instance at this address."),
    "missing-credential": (401, "unauthorized", "Send a token in the Authorization header."),
    "malformed-credential": (401, "unauthorized", "The Authorization header is not 'Bearer' and a token."),
    "unknown-token": (401, "unauthorized", "The token is not known."),
    "wrong-instance": (403, "forbidden", "The token belongs to another instance."),
    "wrong-tenant": (403, "forbidden", "The token belongs to another tenant."),
}
"""Status, label and sentence of each reason; status and label are those of the documentation's table."""


def error(status: int, label: str, message: str, headers: Mapping[str, str] | None = None) -> Answer:
    return json_answer(status, {"error": label, "message": message}, headers)


def refuse(facts: Facts, refusal: Refusal) -> Answer:
    status, label, message = REFUSALS[refusal.reason]
    challenge = facts.behaviour.challenge(facts, refusal) if status == 401 else None
    return error(status, label, message, {"WWW-Authenticate": challenge} if challenge else None)


def challenge(facts: Facts, refusal: Refusal) -> str | None:
    """RFC 6750 section 3.1: no error code for a request that had no credential."""
    if refusal.reason == "missing-credential":
        return bearer.challenge({"realm": REALM})
    description = REFUSALS[refusal.reason][2].replace("'", "").rstrip(".")
    return bearer.challenge({"realm": REALM, "error": "invalid_token", "error_description": description})


def condition(facts: Facts, answer: Answer) -> Answer:
    """RFC 9110 section 13.1.2: If-None-Match on a GET or HEAD that would have succeeded."""
    if facts.request.method not in ("GET", "HEAD") or answer.status != 200:
        return answer
    tag = f'"{sha256(answer.body).hexdigest()[:32]}"'
    wanted = [part.strip() for value in facts.request.values("if-none-match") for part in value.split(",")]
    if "*" in wanted or any(part.removeprefix("W/") == tag for part in wanted):
        return Answer(304, (("ETag", tag),))
    return replace(answer, headers=(*answer.headers, ("ETag", tag)))


def finish(facts: Facts, answer: Answer) -> Answer:
    return dated(answer, facts.now)
