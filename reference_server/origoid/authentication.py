"""Who asks: by an API key, by name and password, or by a token that was had for one of them."""

from __future__ import annotations

import hmac

from reference_server import basic, bearer
from reference_server.origoid.behaviour import Caller, Facts, Found, Method, Refusal
from reference_server.origoid.records import Key
from reference_server.secret import digest


def admit(facts: Facts) -> Found:
    """Every credential that is sent must be right. Which of them is not, nobody learns."""
    decide = facts.behaviour
    keys, fields = decide.collect_keys(facts), decide.collect(facts)
    if not keys and not fields:
        return Refusal("missing-credential")
    if len(keys) > 1 or len(fields) > 1:
        return Refusal("ambiguous-credential")
    found = [decide.by_key(facts, key) for key in keys] + [by_field(facts, value) for value in fields]
    return decide.reconcile(facts, tuple(_here(facts, each) for each in found))


def _here(facts: Facts, found: Found) -> Found:
    return found if isinstance(found, Refusal) else facts.behaviour.judge_address(facts, found) or found


def collect_keys(facts: Facts) -> tuple[str, ...]:
    """Each x-api-key line, and nothing else."""
    return facts.request.values("x-api-key")


def collect(facts: Facts) -> tuple[str, ...]:
    """Each Authorization line."""
    return facts.request.values("authorization")


def by_key(facts: Facts, secret: str) -> Found:
    key = facts.behaviour.find_key(facts, secret)
    return calling(facts, key.account, "key", key) if key else Refusal("unknown-key")


def calling(facts: Facts, account: str, method: Method, key: Key | None = None) -> Found:
    """The caller of an account, unless the account is disabled."""
    found = facts.server.store.account(account)
    if found is None or found.disabled_at is not None:
        return Refusal("disabled-account")
    return Caller(found, method, key)


def by_field(facts: Facts, value: str) -> Found:
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
    """The first that is refused, or else the first, where all are of one account."""
    for each in found:
        if isinstance(each, Refusal):
            return each
    callers = [each for each in found if isinstance(each, Caller)]
    if len({caller.account.id for caller in callers}) > 1:
        return Refusal("conflicting-credentials")
    return callers[0]


def judge_address(facts: Facts, caller: Caller) -> Refusal | None:
    """The list of a key binds what was had for it too: nothing is won by an exchange."""
    if caller.key is None or not caller.key.addresses:
        return None
    allowed = facts.behaviour.name_address(facts) in caller.key.addresses
    return None if allowed else Refusal("wrong-address")


def name_address(facts: Facts) -> str:
    """The peer's; never one that a Forwarded field names."""
    return facts.request.peer


# --- API keys ------------------------------------------------------------------------------------


def find_key(facts: Facts, secret: str) -> Key | None:
    decide = facts.behaviour
    wanted = digest(secret)
    if known := decide.recall(facts, wanted):
        return known
    key = facts.server.store.key_of(wanted)
    if key is None or not hmac.compare_digest(key.digest, wanted) or not decide.is_live(facts, key):
        return None
    decide.remember(facts, key)
    return key


def recall(facts: Facts, wanted: bytes) -> Key | None:
    return facts.replica.recall(wanted, facts.now)


def remember(facts: Facts, key: Key) -> None:
    facts.replica.remember(key, facts.now, facts.server.cache_ttl * facts.server.time_scale)


def is_live(facts: Facts, key: Key) -> bool:
    """Neither revoked nor disabled nor expired."""
    if key.revoked_at is not None or key.disabled_at is not None:
        return False
    return key.expires_at is None or facts.now < key.expires_at


# --- Basic: RFC 7617 -----------------------------------------------------------------------------


def by_basic(facts: Facts, encoded: str) -> Found:
    decide = facts.behaviour
    raw = decide.decode_pair(facts, encoded)
    pair = None if raw is None else decide.split_pair(facts, raw)
    if pair is None:
        return Refusal("malformed-credential")
    user = decide.find_user(facts, pair[0])
    if not decide.check_password(facts, user, pair[1]):
        return Refusal("wrong-password" if user else "unknown-user")
    return calling(facts, user.account, "basic") if user else Refusal("unknown-user")


def decode_pair(facts: Facts, encoded: str) -> bytes | None:
    return basic.decoded(encoded)


def split_pair(facts: Facts, raw: bytes) -> tuple[str, str] | None:
    return basic.pair(raw)
