"""How this API answers: the caller first, then what was asked; and what is told of a refusal."""

from __future__ import annotations

from collections.abc import Mapping

from reference_server import bearer
from reference_server.messages import Answer, dated, json_answer
from reference_server.sk_oauth.behaviour import Facts, Reason, Refusal

REALM = "sk-oauth"

_INVALID = (401, "authentication_error", "invalid_api_key", "The API key provided is invalid")
_REFUSALS: Mapping[Reason, tuple[int, str, str, str]] = {
    "missing-credential": (401, "authentication_error", "invalid_api_key", "No API key was provided"),
    "expired-token": (401, "authentication_error", "expired_token", "The access token has expired"),
    "insufficient-scope": (
        403,
        "permission_error",
        "insufficient_scope",
        "The credential does not have the required permissions",
    ),
    "too-many-requests": (429, "rate_limit_error", "rate_limit_exceeded", "Too many requests"),
}
"""Status, type, code and sentence; the codes are the documented ones."""


def respond(facts: Facts) -> Answer:
    """The order: the caller, how often it asks, what it may do. Nothing is done before all is known."""
    decide = facts.behaviour
    caller = decide.admit(facts, decide.name_environment(facts))
    if isinstance(caller, Refusal):
        return decide.refuse(facts, caller)
    refusal = decide.judge_rate(facts, caller) or decide.judge_scope(facts, caller)
    answer = decide.refuse(facts, refusal) if refusal else decide.operate(facts, caller)
    decide.record(facts, caller, answer)
    return answer


def error(
    status: int, type: str, code: str, message: str, headers: Mapping[str, str] | None = None
) -> Answer:
    """The documented envelope."""
    return json_answer(status, {"error": {"type": type, "code": code, "message": message}}, headers)


def not_found() -> Answer:
    return error(404, "invalid_request_error", "not_found", "There is nothing at this path")


def bad_request(message: str) -> Answer:
    return error(400, "invalid_request_error", "invalid_request", message)


def bad_method(*methods: str) -> Answer:
    allow = {"Allow": ", ".join(methods)}
    return error(405, "invalid_request_error", "invalid_request", "The resource lacks this method", allow)


def plain(facts: Facts) -> Answer:
    """Nothing is looked at, lest anybody think that it is a way to ask."""
    return error(403, "invalid_request_error", "invalid_request", "Use HTTPS")


def refuse(facts: Facts, refusal: Refusal) -> Answer:
    status, type, code, message = _REFUSALS.get(refusal.reason, _INVALID)
    headers = {}
    if status in (401, 403) and (challenge := facts.behaviour.challenge(facts, refusal)):
        headers["WWW-Authenticate"] = challenge
    if refusal.wait:
        headers["Retry-After"] = str(refusal.wait)
    return error(status, type, code, message, headers)


def challenge(facts: Facts, refusal: Refusal) -> str:
    """RFC 6750 section 3.1: no error code for a request that had no credential."""
    if refusal.reason == "missing-credential":
        return bearer.challenge({"realm": REALM})
    if refusal.reason == "insufficient-scope":
        return bearer.challenge({"realm": REALM, "error": "insufficient_scope", "scope": refusal.scope})
    return bearer.challenge({"realm": REALM, "error": "invalid_token"})


def finish(facts: Facts, answer: Answer) -> Answer:
    return dated(answer, facts.now)
