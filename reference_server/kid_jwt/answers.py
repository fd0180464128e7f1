"""How this API answers: greetings, refusals and their challenges, and the fields on every answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reference_server import bearer, timestamps
from reference_server.kid_jwt.behaviour import Facts, Refusal
from reference_server.kid_jwt.records import Account
from reference_server.messages import Answer, dated, json_answer

REALM = "kid-jwt"
SERVICES = ("/", "/reports/")
"""The root of each service."""
METHODS = ("GET", "HEAD")

WITHOUT_KID = "jwt token is missing 'kid' header parameter"
"""The one text that the documentation prints."""


def respond(facts: Facts) -> Answer:
    """The caller first, then what was asked: nobody learns of a path without a credential."""
    admitted = facts.behaviour.admit(facts)
    if isinstance(admitted, Refusal):
        return facts.behaviour.refuse(facts, admitted)
    return facts.behaviour.operate(facts, admitted)


def operate(facts: Facts, account: Account) -> Answer:
    if facts.request.path not in SERVICES:
        return json_answer(404, {"error": "not found"})
    if facts.request.method not in METHODS:
        return json_answer(405, {"error": "method not allowed"}, {"Allow": ", ".join(METHODS)})
    return json_answer(200, facts.behaviour.greet(facts))


def greet(facts: Facts) -> Mapping[str, Any]:
    return {"message": "Oh, Hello", "time": facts.behaviour.tell_time(facts)}


def tell_time(facts: Facts) -> str:
    """RFC 3339, in UTC, to the second."""
    return timestamps.written(facts.now).replace("+00:00", "Z")


def refuse(facts: Facts, refusal: Refusal) -> Answer:
    """The same for every reason but the documented one."""
    if refusal.reason == "missing-kid":
        return json_answer(500, {"error": WITHOUT_KID})
    challenge = facts.behaviour.challenge(facts, refusal)
    return json_answer(401, {"error": "unauthorized"}, {"WWW-Authenticate": challenge} if challenge else None)


def challenge(facts: Facts, refusal: Refusal) -> str | None:
    """RFC 6750 section 3.1: an error code only where something stood after Bearer."""
    if refusal.reason in ("missing-credential", "unknown-key"):
        return bearer.challenge({"realm": REALM})
    return bearer.challenge({"realm": REALM, "error": "invalid_token"})


def finish(facts: Facts, answer: Answer) -> Answer:
    return dated(answer, facts.now)
