"""Who asks: by an API key, by name and password, or by a token that was had for one of them."""

from __future__ import annotations

from reference_server import lookup, presenting, several
from reference_server.origoid.behaviour import Caller, Facts, Found, Method, Refusal
from reference_server.origoid.records import Key


def admit(facts: Facts) -> Found:
    """Every credential that is sent must be right. Which of them is not, nobody learns."""
    found = several.found(facts, Refusal)
    if isinstance(found, Refusal):
        return found
    return facts.behaviour.reconcile(facts, tuple(_here(facts, each) for each in found))


def _here(facts: Facts, found: Found) -> Found:
    return found if isinstance(found, Refusal) else facts.behaviour.judge_address(facts, found) or found


def by_key(facts: Facts, secret: str) -> Found:
    key = facts.behaviour.find_key(facts, secret)
    return calling(facts, key.account, "key", key) if key else Refusal("unknown-key")


def calling(facts: Facts, account: str, method: Method, key: Key | None = None) -> Found:
    """The caller of an account, unless the account is disabled."""
    found = facts.server.store.account(account)
    if found is None or found.disabled_at is not None:
        return Refusal("disabled-account")
    return Caller(found, method, key)


def reconcile(facts: Facts, found: tuple[Found, ...]) -> Found:
    """All must be of one account."""
    return several.reconciled(found, Refusal, lambda caller: caller.account.id)


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
    return lookup.find(facts, secret, facts.server.store.key_of)


def is_live(facts: Facts, key: Key) -> bool:
    """Neither revoked nor disabled nor expired."""
    return key.disabled_at is None and lookup.is_live(facts, key)


# --- Basic: RFC 7617 -----------------------------------------------------------------------------


def by_basic(facts: Facts, encoded: str) -> Found:
    decide = facts.behaviour
    pair = presenting.pair(facts, encoded)
    if pair is None:
        return Refusal("malformed-credential")
    user = decide.find_user(facts, pair[0])
    if not decide.check_password(facts, user, pair[1]):
        return Refusal("wrong-password" if user else "unknown-user")
    return calling(facts, user.account, "basic") if user else Refusal("unknown-user")
