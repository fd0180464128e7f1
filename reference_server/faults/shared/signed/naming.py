"""Faults: a token that names no key, or one that nobody has, is verified with somebody's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeVar

from reference_server.faults.shared.decisions import Facts
from reference_server.faults.shared.sets import FaultSet
from reference_server.faults.shared.signed.adapter import Named, Verified, Verifies, by_secret
from reference_server.faults.shared.signed.ways import by_hand
from reference_server.faults.shared.ways import reason_of
from reference_server.reading import Jws


class Naming(Verified, Protocol):
    """The decisions about the name of a key. Whose key has it is known by a `kid`."""

    @property
    def name_key(self) -> Callable[[Any, Jws], Any]: ...
    @property
    def find_signer(self) -> Callable[[Any, str], Any]: ...


N = TypeVar("N", bound=Naming)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyNamed:
    """What differs between APIs whose tokens name their key. Words are what falls with such a name."""

    first: Callable[[Any], Any]
    """Of the facts: whose key it is said to be."""
    algorithm: str = "HS256"
    verifies: Verifies = by_secret
    missing: Named
    claimed: Named
    """It stands among the claims alone."""
    unknown: Named
    hostile: Named
    """It is a path, a query, a command."""
    long: Named
    """It has thousands of letters."""
    empty: Named
    """It is empty, or null."""


NAMING: FaultSet[KeyNamed] = FaultSet()
fault = NAMING.fault


def also_naming(behaviour: N, kid: Callable[[Any, Jws], str | None]) -> N:
    """Find a kid where the right server finds none."""

    def name_key(facts: Facts, jws: Jws) -> Any:
        named = behaviour.name_key(facts, jws)
        return kid(facts, jws) or named if reason_of(named) else named

    return replace(behaviour, name_key=name_key)


def also_finding(behaviour: N, find: Callable[[Any, str], Any]) -> N:
    """Find somebody for a kid that nobody has."""
    return replace(
        behaviour, find_signer=lambda facts, kid: behaviour.find_signer(facts, kid) or find(facts, kid)
    )


def _missing(api: KeyNamed, behaviour: N, missing: Callable[[Mapping[str, Any]], bool]) -> N:
    """Take the oldest account's key where a header's is missing."""
    return also_naming(
        behaviour, lambda facts, jws: str(api.first(facts).kid) if missing(jws.header) else None
    )


@fault(
    "kid-unknown-falls-back",
    "An unknown kid stands for the oldest account",
    breaks=lambda api: (*api.unknown, *api.hostile, *api.long),
)
def unknown_falls_back(api: KeyNamed, behaviour: N) -> N:
    """Any text that is no kid: an unknown UUID, a query, a command, an address, three thousand letters. A kid
    that is known verifies as before, and one that is no text is refused."""
    return also_finding(behaviour, lambda facts, kid: api.first(facts))


@fault(
    "kid-optional",
    "A JWT without kid is one of the oldest account",
    breaks=lambda api: (*api.missing, *api.claimed),
)
def optional(api: KeyNamed, behaviour: N) -> N:
    """With one account it works. A kid among the claims is as good as none, and accepted too. An empty kid
    or null is noticed."""
    return _missing(api, behaviour, lambda header: "kid" not in header)


@fault(
    "kid-may-be-empty",
    "An empty kid, or null, stands for the oldest account",
    subtle=True,
    breaks=lambda api: api.empty,
)
def may_be_empty(api: KeyNamed, behaviour: N) -> N:
    """The kid is there, and nobody looks what it is. Zero and an empty list are no names that are empty, and
    stay refused. The status of an empty kid is a requirement of its own."""
    named = _missing(api, behaviour, lambda header: header.get("kid", 0) in ("", None))
    return by_hand(named, api.verifies, api.algorithm)
