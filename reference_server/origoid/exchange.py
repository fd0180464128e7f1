"""POST /auth/token: an API key, or a name and password, for a token that does not last long."""

from __future__ import annotations

from reference_server import reading
from reference_server.messages import Answer, json_answer
from reference_server.origoid.answers import failure
from reference_server.origoid.behaviour import Caller, Facts, Refusal

PATH = "/auth/token"
GRANT = "client_credentials"
LIFE = 3600.0
"""Seconds, as the document prints them; they are not shrunk."""


def exchange(facts: Facts, caller: Caller) -> Answer:
    """Who asks is known already; what is asked comes after that."""
    decide = facts.behaviour
    if wrong := decide.judge_grant(facts):
        return failure(facts, 400, "BAD_REQUEST", wrong)
    life = decide.token_life(facts, caller)
    token = decide.sign(facts.server, decide.claim(facts, caller, life))
    return decide.grant(facts, token, life)


def may_exchange(facts: Facts, caller: Caller) -> Refusal | None:
    """A token cannot renew itself, or it would last for ever."""
    renewing = facts.request.path == PATH and caller.method == "bearer"
    return Refusal("unsuitable-credential") if renewing else None


def judge_grant(facts: Facts) -> str | None:
    kinds = [value.partition(";")[0].strip().lower() for value in facts.request.values("content-type")]
    if kinds != ["application/json"]:
        return "The body must be application/json"
    body = reading.json_object(facts.request.body) if facts.request.whole else None
    if body is None:
        return "The body must be a JSON object"
    return None if body.get("grant_type") == GRANT else f"grant_type must be {GRANT}"


def token_life(facts: Facts, caller: Caller) -> float:
    return caller.key.token_life if caller.key else LIFE


def grant(facts: Facts, token: str, life: float) -> Answer:
    """The documented members. RFC 6749 section 5.1 has Pragma; that nothing is stored, every answer says."""
    seconds = int(life) if life == int(life) else life
    data = {"access_token": token, "token_type": "Bearer", "expires_in": seconds}
    return json_answer(200, {"status": "OK", "type": "SUCCESS", "data": data}, {"Pragma": "no-cache"})
