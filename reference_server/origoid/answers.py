"""How OrigoID answers: one envelope, one answer to all that is refused, and the fields on every answer."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import timedelta, timezone
from typing import Any

from reference_server import presenting, timestamps
from reference_server.messages import Answer, dated, json_answer
from reference_server.origoid.behaviour import Facts, Found, Refusal

REALM = "OrigoID"
ZONE = timezone(timedelta(hours=-6))

UNAUTHORIZED = ("UNAUTHORIZED", "Invalid credentials")
"""Type and sentence of the documented failure."""


def respond(facts: Facts) -> Answer:
    """The caller first, then what was asked: nobody learns of a path without a credential."""
    decide = facts.behaviour
    early = decide.preflight(facts)
    if early:
        return early
    found: Found = decide.admit(facts)
    if isinstance(found, Refusal):
        return decide.share(facts, found, decide.refuse(facts, found))
    refusal = decide.judge_endpoint(facts, found) or decide.may_exchange(facts, found)
    if refusal:
        return decide.share(facts, refusal, decide.refuse(facts, refusal))
    answer = decide.operate(facts, found)
    decide.record(facts, found, answer)
    return decide.share(facts, found, answer)


def plain(facts: Facts) -> Answer:
    """Nothing is looked at, lest anybody think that it is a way to ask."""
    return failure(facts, 403, "FORBIDDEN", "Use HTTPS")


def succeed(facts: Facts, data: Mapping[str, Any]) -> Answer:
    body = {
        "status": "OK",
        "type": "SUCCESS",
        "message": "Request processed",
        "data": data,
        **_trace(facts),
        "billable": True,
    }
    return json_answer(200, body)


def failure(
    facts: Facts, status: int, type: str, message: str, headers: Mapping[str, str] | None = None
) -> Answer:
    return json_answer(status, facts.behaviour.envelope(facts, type, message), headers)


def envelope(facts: Facts, type: str, message: str) -> Mapping[str, Any]:
    """The seven documented members, and no other."""
    return {
        "status": "ERROR",
        "type": type,
        "message": message,
        "data": None,
        **_trace(facts),
        "billable": False,
    }


def _trace(facts: Facts) -> Mapping[str, str]:
    return {
        "transactionId": str(uuid.UUID(int=facts.server.random.getrandbits(128), version=4)),
        "processedAt": timestamps.written(facts.now, zone=ZONE),
    }


def refuse(facts: Facts, refusal: Refusal) -> Answer:
    """The same for every reason."""
    challenge = facts.behaviour.challenge(facts, refusal)
    return failure(facts, 401, *UNAUTHORIZED, {"WWW-Authenticate": challenge} if challenge else None)


def challenge(facts: Facts, refusal: Refusal) -> str:
    return presenting.challenges(facts, REALM)


def finish(facts: Facts, answer: Answer) -> Answer:
    return dated(answer, facts.now)
