"""Who asks: by a key in a field of its own, by an opaque token or a JWT after Bearer, or by a password."""

from __future__ import annotations

from reference_server import lookup, several
from reference_server.standard.behaviour import Caller, Facts, Found, Refusal
from reference_server.standard.records import Credential, Kind, Partition

INSTANCES = {
    "acme.standard.test": Partition("acme"),
    "globex.standard.test": Partition("globex"),
    "sandbox.standard.test": Partition("acme", "sandbox"),
}
"""The hosts of the API, and whose data is there."""


def name_instance(facts: Facts) -> Partition | None:
    """By the host of the target or of Host; never one that a Forwarded field names."""
    return INSTANCES.get(facts.request.host)


def admit(facts: Facts, instance: Partition) -> Found:
    """Every credential that is sent must be right. Which of them is not, nobody learns."""
    found = several.found(facts, Refusal)
    if isinstance(found, Refusal):
        return found
    return facts.behaviour.reconcile(facts, tuple(_here(facts, instance, each) for each in found))


def _here(facts: Facts, instance: Partition, found: Found) -> Found:
    if isinstance(found, Refusal):
        return found
    return facts.behaviour.judge_instance(facts, instance, found) or found


def reconcile(facts: Facts, found: tuple[Found, ...]) -> Found:
    """All must act for one partition."""
    return several.reconciled(found, Refusal, lambda caller: caller.partition)


def judge_instance(facts: Facts, instance: Partition, caller: Caller) -> Refusal | None:
    return None if caller.partition == instance else Refusal("wrong-instance")


# --- keys and opaque tokens ----------------------------------------------------------------------


def by_key(facts: Facts, secret: str) -> Found:
    return _by_secret(facts, secret, "key") or Refusal("unknown-key")


def by_bearer(facts: Facts, token: str) -> Found:
    """Only a JWT has dots."""
    if "." in token:
        return facts.behaviour.verify(facts, token)
    return _by_secret(facts, token, "token") or Refusal("unknown-token")


def _by_secret(facts: Facts, secret: str, kind: Kind) -> Found | None:
    found = facts.behaviour.find_token(facts, secret)
    return calling(found) if found and facts.behaviour.is_of_kind(facts, found, kind) else None


def calling(credential: Credential) -> Caller:
    """Whoever has it."""
    return Caller(credential.id, credential.owner, credential.kind, credential.scopes, credential)


def find_token(facts: Facts, secret: str) -> Credential | None:
    return lookup.find(facts, secret, facts.server.store.with_digest)


def is_of_kind(facts: Facts, found: Credential, kind: Kind) -> bool:
    """A key is no token, nor a token a key."""
    return found.kind == kind


def is_live(facts: Facts, credential: Credential) -> bool:
    """Neither revoked nor disabled nor expired."""
    return credential.disabled_at is None and lookup.is_live(facts, credential)
