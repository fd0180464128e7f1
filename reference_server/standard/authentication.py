"""Who asks: by a key in a field of its own, by an opaque token or a JWT after Bearer, or by a password."""

from __future__ import annotations

import hmac

from reference_server import basic, bearer
from reference_server.secret import digest
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
    decide = facts.behaviour
    keys, fields = decide.collect_keys(facts), decide.collect(facts)
    if not keys and not fields:
        return Refusal("missing-credential")
    if len(keys) > 1 or len(fields) > 1:
        return Refusal("ambiguous-credential")
    found = [decide.by_key(facts, key) for key in keys] + [_by_field(facts, value) for value in fields]
    return decide.reconcile(facts, tuple(_here(facts, instance, each) for each in found))


def _here(facts: Facts, instance: Partition, found: Found) -> Found:
    if isinstance(found, Refusal):
        return found
    return facts.behaviour.judge_instance(facts, instance, found) or found


def collect_keys(facts: Facts) -> tuple[str, ...]:
    """Each X-API-Key line, and nothing else."""
    return facts.request.values("x-api-key")


def collect(facts: Facts) -> tuple[str, ...]:
    """Each Authorization line."""
    return facts.request.values("authorization")


def _by_field(facts: Facts, value: str) -> Found:
    """What an Authorization value says, by its scheme."""
    decide = facts.behaviour
    if token := decide.parse(facts, value):
        return decide.by_bearer(facts, token)
    if encoded := decide.parse_basic(facts, value):
        return decide.by_basic(facts, encoded)
    return Refusal("malformed-credential")


def parse(facts: Facts, value: str) -> str | None:
    return bearer.parse(value)


def parse_basic(facts: Facts, value: str) -> str | None:
    return basic.parse(value)


def reconcile(facts: Facts, found: tuple[Found, ...]) -> Found:
    """The first that is refused, or else the first, where all act for one partition."""
    for each in found:
        if isinstance(each, Refusal):
            return each
    callers = [each for each in found if isinstance(each, Caller)]
    return callers[0] if len({caller.partition for caller in callers}) == 1 else _CONFLICTING


_CONFLICTING = Refusal("conflicting-credentials")


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
    decide = facts.behaviour
    wanted = digest(secret)
    if known := decide.recall(facts, wanted):
        return known
    found = facts.server.store.with_digest(wanted)
    if found is None or not hmac.compare_digest(found.digest, wanted) or not decide.is_live(facts, found):
        return None
    decide.remember(facts, found)
    return found


def is_of_kind(facts: Facts, found: Credential, kind: Kind) -> bool:
    """A key is no token, nor a token a key."""
    return found.kind == kind


def recall(facts: Facts, wanted: bytes) -> Credential | None:
    return facts.replica.recall(wanted, facts.now)


def remember(facts: Facts, credential: Credential) -> None:
    facts.replica.remember(credential, facts.now, facts.server.cache_ttl * facts.server.time_scale)


def is_live(facts: Facts, credential: Credential) -> bool:
    """Neither revoked nor disabled nor expired."""
    if credential.revoked_at is not None or credential.disabled_at is not None:
        return False
    return credential.expires_at is None or facts.now < credential.expires_at
