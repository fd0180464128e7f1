"""Which pages may read an answer in a browser: those of the origins of a credential."""

from __future__ import annotations

from reference_server import cors
from reference_server.messages import Answer
from reference_server.standard.behaviour import Facts, Found, Refusal


def preflight(facts: Facts) -> Answer | None:
    return cors.permitted(facts, "GET, HEAD, POST, PUT, DELETE")


def may_share(facts: Facts, found: Found, origin: str) -> bool:
    """Of the credential that was found. Where none was, any configured page may read that it was refused."""
    if isinstance(found, Refusal):
        return origin in facts.server.store.origins()
    return found.credential is not None and origin in found.credential.origins


def share(facts: Facts, found: Found, answer: Answer) -> Answer:
    if not isinstance(found, Refusal) and not (found.credential and found.credential.origins):
        return answer
    return cors.shared(facts, found, answer, "WWW-Authenticate, Retry-After")
