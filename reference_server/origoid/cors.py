"""Which pages may read an answer in a browser: those of the account's own origins."""

from __future__ import annotations

from reference_server import cors
from reference_server.cors import ALLOW_ORIGIN as ALLOW_ORIGIN
from reference_server.cors import VARY as VARY
from reference_server.cors import named_origin as named_origin
from reference_server.messages import Answer
from reference_server.origoid.behaviour import Facts, Found, Refusal


def preflight(facts: Facts) -> Answer | None:
    return cors.permitted(facts, "GET, HEAD, POST")


def may_share(facts: Facts, found: Found, origin: str) -> bool:
    """Of the account that was found. Where there is none, any account's page may read that it was refused."""
    if isinstance(found, Refusal):
        return origin in facts.server.store.origins()
    return origin in found.account.origins


def share(facts: Facts, found: Found, answer: Answer) -> Answer:
    if not isinstance(found, Refusal) and not found.account.origins:
        return answer
    return cors.shared(facts, found, answer, "WWW-Authenticate")
