"""Whose secret it is: by its digest, as a replica remembers the credential or as it is stored."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from reference_server.deciding import AnyFacts
from reference_server.replicas import Kept
from reference_server.secret import digest


class Ending(Kept, Protocol):
    """A credential that can come to an end."""

    @property
    def revoked_at(self) -> float | None: ...


T = TypeVar("T", bound=Kept)


def find(facts: AnyFacts, secret: str, stored: Callable[[bytes], T | None]) -> T | None:
    """The credential with that secret, if it is alive; `stored` is asked where it is not remembered."""
    decide = facts.behaviour
    wanted = digest(secret)
    known: T | None = decide.recall(facts, wanted)
    if known:
        return known
    found = stored(wanted)
    if found is None or not hmac.compare_digest(found.digest, wanted) or not decide.is_live(facts, found):
        return None
    decide.remember(facts, found)
    return found


def recall(facts: AnyFacts, wanted: bytes) -> Any:
    return facts.replica.recall(wanted, facts.now)


def remember(facts: AnyFacts, credential: Kept) -> None:
    facts.replica.remember(credential, facts.now, facts.server.cache_ttl * facts.server.time_scale)


def is_live(facts: AnyFacts, credential: Ending) -> bool:
    """Neither revoked nor expired."""
    if credential.revoked_at is not None:
        return False
    return credential.expires_at is None or facts.now < credential.expires_at
