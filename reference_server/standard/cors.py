"""Which pages may read an answer in a browser: those of the origins of a credential. Fetch section 3.3."""

from __future__ import annotations

from reference_server.messages import Answer
from reference_server.standard.answers import with_fields
from reference_server.standard.behaviour import Facts, Found, Refusal

ALLOW_ORIGIN = "Access-Control-Allow-Origin"
PERMITTED = {
    "Access-Control-Allow-Methods": "GET, HEAD, POST, PUT, DELETE",
    "Access-Control-Allow-Headers": "authorization, x-api-key, content-type",
    "Access-Control-Max-Age": "600",
}
EXPOSED = {"Access-Control-Expose-Headers": "WWW-Authenticate, Retry-After"}
VARY = {"Vary": "Origin"}


def preflight(facts: Facts) -> Answer | None:
    """A preflight has no credential: what is configured for any is allowed. One of another origin is a
    request like any other."""
    request = facts.request
    origin = named_origin(facts)
    asked = request.method == "OPTIONS" and request.values("access-control-request-method")
    if not asked or origin is None or origin not in facts.server.store.origins():
        return None
    return with_fields(Answer(204), {ALLOW_ORIGIN: origin, **PERMITTED, **VARY})


def named_origin(facts: Facts) -> str | None:
    """The origin that asks, as it is written; None where there is none, or several are named."""
    origins = facts.request.values("origin")
    return origins[0] if len(origins) == 1 else None


def may_share(facts: Facts, found: Found, origin: str) -> bool:
    """Of the credential that was found. Where none was, any configured page may read that it was refused."""
    if isinstance(found, Refusal):
        return origin in facts.server.store.origins()
    return found.credential is not None and origin in found.credential.origins


def share(facts: Facts, found: Found, answer: Answer) -> Answer:
    """What depends on the origin says so, to every origin and to none."""
    if not isinstance(found, Refusal) and not (found.credential and found.credential.origins):
        return answer
    origin = named_origin(facts)
    shared = origin is not None and facts.behaviour.may_share(facts, found, origin)
    allowed = {ALLOW_ORIGIN: origin, **EXPOSED} if shared and origin else {}
    return with_fields(answer, {**allowed, **VARY})
