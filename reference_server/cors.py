"""What web pages are told by CORS, once it is known which of them may read an answer: Fetch section 3.3."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from reference_server.deciding import AnyFacts
from reference_server.messages import Answer

ALLOW_ORIGIN = "Access-Control-Allow-Origin"
VARY = ("Vary", "Origin")


def named_origin(facts: AnyFacts) -> str | None:
    """The origin that asks, as it is written; None where there is none, or several are named."""
    origins = facts.request.values("origin")
    return origins[0] if len(origins) == 1 else None


def permitted(facts: AnyFacts, methods: str) -> Answer | None:
    """The answer to a preflight. It has no credential: what is configured for any is allowed. One of another
    origin is a request like any other."""
    request = facts.request
    origin = named_origin(facts)
    asked = request.method == "OPTIONS" and request.values("access-control-request-method")
    if not asked or origin is None or origin not in facts.server.store.origins():
        return None
    fields = (
        (ALLOW_ORIGIN, origin),
        ("Access-Control-Allow-Methods", methods),
        ("Access-Control-Allow-Headers", "authorization, x-api-key, content-type"),
        ("Access-Control-Max-Age", "600"),
        VARY,
    )
    return Answer(204, fields)


def shared(facts: AnyFacts, found: Any, answer: Answer, exposed: str) -> Answer:
    """The answer to whoever was found, for the page that asks. That it depends on the origin it says to every
    origin and to none. `exposed` are the fields that explain a refusal: Fetch section 3.3.3 hides others."""
    origin = named_origin(facts)
    may = origin is not None and facts.behaviour.may_share(facts, found, origin)
    allowed = ((ALLOW_ORIGIN, origin), ("Access-Control-Expose-Headers", exposed)) if may and origin else ()
    return replace(answer, headers=(*answer.headers, *allowed, VARY))
