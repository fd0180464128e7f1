"""Which pages may read an answer in a browser: those of the account's own origins. Fetch section 3.3."""

from __future__ import annotations

from dataclasses import replace

from reference_server.messages import Answer
from reference_server.origoid.behaviour import Facts, Found, Refusal

ALLOW_ORIGIN = "Access-Control-Allow-Origin"
_PERMITTED = (
    ("Access-Control-Allow-Methods", "GET, HEAD, POST"),
    ("Access-Control-Allow-Headers", "authorization, x-api-key, content-type"),
    ("Access-Control-Max-Age", "600"),
)
VARY = ("Vary", "Origin")
EXPOSED = ("Access-Control-Expose-Headers", "WWW-Authenticate")
"""The field that explains a refusal; Fetch section 3.3.3 hides it else."""


def preflight(facts: Facts) -> Answer | None:
    """A preflight has no credential and so no account: what any account allows is allowed. One that nobody
    allows is a request like any other."""
    request = facts.request
    origin = named_origin(facts)
    asked = request.method == "OPTIONS" and request.values("access-control-request-method")
    if not asked or origin is None or origin not in facts.server.store.origins():
        return None
    return Answer(204, ((ALLOW_ORIGIN, origin), *_PERMITTED, VARY))


def named_origin(facts: Facts) -> str | None:
    """The origin that asks, as it is written; None where there is none, or several are named."""
    origins = facts.request.values("origin")
    return origins[0] if len(origins) == 1 else None


def may_share(facts: Facts, found: Found, origin: str) -> bool:
    """Of the account that was found. Where there is none, any account's page may read that it was refused."""
    if isinstance(found, Refusal):
        return origin in facts.server.store.origins()
    return origin in found.account.origins


def share(facts: Facts, found: Found, answer: Answer) -> Answer:
    """What depends on the origin says so, to every origin and to none."""
    if not isinstance(found, Refusal) and not found.account.origins:
        return answer
    origin = named_origin(facts)
    shared = origin is not None and facts.behaviour.may_share(facts, found, origin)
    allowed = ((ALLOW_ORIGIN, origin), EXPOSED) if shared and origin else ()
    return replace(answer, headers=(*answer.headers, *allowed, VARY))
