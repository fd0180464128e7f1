"""A JWT as the decisions of an API take it apart: its three parts, its header, and its claims."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reference_server import reading
from reference_server.deciding import AnyFacts
from reference_server.reading import Jws


def read(facts: AnyFacts, token: str) -> Jws | None:
    """The token as three parts and a header that is a JSON object."""
    decide = facts.behaviour
    parts = decide.split(facts, token)
    head = decide.decode(facts, parts[0]) if parts else None
    header = None if head is None else decide.read_header(facts, head)
    return Jws(header, *parts) if parts and header is not None else None


def claims(facts: AnyFacts, jws: Jws) -> Mapping[str, Any] | None:
    """What its payload says, if that is a JSON object. Nobody asks before the signature holds."""
    payload = facts.behaviour.decode(facts, jws.payload)
    found: Mapping[str, Any] | None = None if payload is None else facts.behaviour.read_claims(facts, payload)
    return found


def split(facts: AnyFacts, token: str) -> tuple[str, str, str] | None:
    return reading.in_three(token)


def decode(facts: AnyFacts, part: str) -> bytes | None:
    return reading.decoded(part)


def read_object(facts: AnyFacts, raw: bytes) -> Mapping[str, Any] | None:
    return reading.json_object(raw)
