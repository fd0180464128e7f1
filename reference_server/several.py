"""Who asks where a request may have several credentials: each must be right, and all of the same caller."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from reference_server.deciding import AnyFacts, Refusal

R = TypeVar("R", bound=Refusal)
F = TypeVar("F")


def found(facts: AnyFacts, refusal: type[R]) -> R | list[Any]:
    """Who each credential says it is, or why that is refused; or why none of them is looked at."""
    decide = facts.behaviour
    keys, fields = decide.collect_keys(facts), decide.collect(facts)
    if not keys and not fields:
        return refusal("missing-credential")
    if len(keys) > 1 or len(fields) > 1:
        return refusal("ambiguous-credential")
    by_keys = [decide.by_key(facts, key) for key in keys]
    return by_keys + [_by_field(facts, value, refusal) for value in fields]


def _by_field(facts: AnyFacts, value: str, refusal: type[R]) -> Any:
    """What an Authorization value says, by its scheme."""
    decide = facts.behaviour
    if token := decide.parse(facts, value):
        return decide.by_bearer(facts, token)
    if encoded := decide.parse_basic(facts, value):
        return decide.by_basic(facts, encoded)
    return refusal("malformed-credential")


def reconciled(found: tuple[F, ...], refusal: type[R], whose: Callable[[Any], object]) -> F | R:
    """The first that is refused, or else the first, where `whose` is the same of all callers."""
    refused = next((each for each in found if isinstance(each, refusal)), None)
    if refused:
        return refused
    return found[0] if len({whose(caller) for caller in found}) == 1 else refusal("conflicting-credentials")
