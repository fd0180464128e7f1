"""How this API answers: the caller first, then what was asked; one body for all that is not authenticated."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from reference_server import presenting
from reference_server.messages import Answer, dated, json_answer
from reference_server.messages import with_fields as with_fields
from reference_server.standard.behaviour import Facts, Found, Reason, Refusal

REALM = "standard"
PROBLEM = "application/problem+json"

UNAUTHENTICATED = (401, "A valid credential is needed.")
_TOLD: Mapping[Reason, tuple[int, str]] = {
    "unknown-instance": (421, "There is no tenant of this name here."),
    "insufficient-scope": (403, "The credential does not have the scope that this needs."),
    "too-many-requests": (429, "Ask again later."),
}
"""Status and explanation of what is told apart."""


def respond(facts: Facts) -> Answer:
    """The order: the instance, the caller, how often it asks, what it may do. Nothing is done before all is
    known, and nobody learns of a path without a credential."""
    decide = facts.behaviour
    instance = decide.name_instance(facts)
    if instance is None:
        return decide.refuse(facts, Refusal("unknown-instance"))
    early = decide.preflight(facts) or decide.publish(facts)
    if early:
        return early
    caller: Found = decide.admit(facts, instance)
    if isinstance(caller, Refusal):
        return decide.share(facts, caller, decide.refuse(facts, caller))
    refusal = decide.judge_rate(facts, caller) or decide.judge_scope(facts, caller)
    answer = decide.refuse(facts, refusal) if refusal else decide.operate(facts, caller)
    decide.record(facts, caller, answer)
    return decide.share(facts, caller, with_fields(answer, decide.tell_limit(facts, caller)))


def plain(facts: Facts) -> Answer:
    """Nothing is looked at, lest anybody think that it is a way to ask; and nobody is sent on to TLS with a
    credential that has been read by others already."""
    return facts.behaviour.problem(facts, 403, "Use HTTPS.")


def publish(facts: Facts) -> Answer | None:
    """Whether the server is well, and with which keys its tokens can be verified: RFC 7517 section 5."""
    if facts.request.method not in ("GET", "HEAD"):
        return None
    match facts.request.path:
        case "/health":
            return json_answer(200, {"status": "ok"})
        case "/.well-known/jwks.json":
            return _keys(facts)
    return None


def _keys(facts: Facts) -> Answer:
    from reference_server import jose

    signers = facts.server.store.signers()
    keys = [jose.published(each.private, each.algorithm, each.kid) for each in signers]
    return json_answer(200, {"keys": keys}, {"Content-Type": "application/jwk-set+json"})


def problem(facts: Facts, status: int, detail: str) -> Answer:
    """RFC 9457 section 4.2.1: about:blank has the title of its status."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    return json_answer(status, body, {"Content-Type": PROBLEM})


def not_found(facts: Facts) -> Answer:
    return facts.behaviour.problem(facts, 404, "There is nothing here.")


def bad_request(facts: Facts, detail: str) -> Answer:
    return facts.behaviour.problem(facts, 400, detail)


def bad_method(facts: Facts, *methods: str) -> Answer:
    allow = {"Allow": ", ".join(methods)}
    return with_fields(facts.behaviour.problem(facts, 405, "The resource lacks this method."), allow)


def refuse(facts: Facts, refusal: Refusal) -> Answer:
    status, detail = _TOLD.get(refusal.reason, UNAUTHENTICATED)
    fields = {}
    if status in (401, 403) and (challenge := facts.behaviour.challenge(facts, refusal)):
        fields["WWW-Authenticate"] = challenge
    if refusal.wait:
        fields["Retry-After"] = str(refusal.wait)
    return with_fields(facts.behaviour.problem(facts, status, detail), fields)


def challenge(facts: Facts, refusal: Refusal) -> str:
    """What a credential may not do is told of Bearer, whatever it was."""
    if refusal.reason == "insufficient-scope":
        return f'Bearer realm="{REALM}", error="insufficient_scope", scope="{refusal.scope}"'
    return presenting.challenges(facts, REALM)


def always(facts: Facts) -> Mapping[str, str]:
    """For browsers; what is sent without TLS must not say that TLS is needed: RFC 6797 section 7.2."""
    safe = {"X-Content-Type-Options": "nosniff"}
    return (
        {**safe, "Strict-Transport-Security": "max-age=31536000"} if facts.request.scheme == "https" else safe
    )


def finish(facts: Facts, answer: Answer) -> Answer:
    return dated(with_fields(answer, facts.behaviour.always(facts)), facts.now)
