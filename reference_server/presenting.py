"""How credentials stand in a request and are challenged in an answer, where an API has no way of its own."""

from __future__ import annotations

from typing import TypeVar

from reference_server import basic, bearer
from reference_server.deciding import AnyFacts, Refusal

R = TypeVar("R", bound=Refusal)


def collect(facts: AnyFacts) -> tuple[str, ...]:
    """Each Authorization line, and nothing else: two of them are never a choice."""
    return facts.request.values("authorization")


def collect_keys(facts: AnyFacts) -> tuple[str, ...]:
    """Each X-API-Key line, and nothing else."""
    return facts.request.values("x-api-key")


def parse(facts: AnyFacts, value: str) -> str | None:
    return bearer.parse(value)


def parse_basic(facts: AnyFacts, value: str) -> str | None:
    return basic.parse(value)


def decode_pair(facts: AnyFacts, encoded: str) -> bytes | None:
    return basic.decoded(encoded)


def split_pair(facts: AnyFacts, raw: bytes) -> tuple[str, str] | None:
    return basic.pair(raw)


def pair(facts: AnyFacts, encoded: str) -> tuple[str, str] | None:
    """User name and password in what stands after Basic."""
    raw: bytes | None = facts.behaviour.decode_pair(facts, encoded)
    found: tuple[str, str] | None = None if raw is None else facts.behaviour.split_pair(facts, raw)
    return found


def the_token(facts: AnyFacts, refusal: type[R]) -> str | R:
    """What stands after Bearer in the one field that there is, or why it is not looked at."""
    offered = facts.behaviour.collect(facts)
    if not offered:
        return refusal("missing-credential")
    secret: str | None = facts.behaviour.parse(facts, offered[0]) if len(offered) == 1 else None
    return refusal("malformed-credential") if secret is None else secret


def challenges(facts: AnyFacts, realm: str) -> str:
    """For Basic and for Bearer. RFC 6750 section 3.1: an error code only where something followed Bearer."""
    halves = (value.partition(" ") for value in facts.behaviour.collect(facts))
    sent = any(scheme.lower() == "bearer" and rest.strip() for scheme, _, rest in halves)
    error = ', error="invalid_token"' if sent else ""
    return f'Basic realm="{realm}", charset="UTF-8", Bearer realm="{realm}"{error}'
