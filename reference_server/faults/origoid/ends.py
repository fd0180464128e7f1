"""Faults: what was disabled goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from reference_server.faults.origoid.entry import ACCOUNT_DISABLED, DISABLED, ENDED, UNIFORM, because, fault
from reference_server.origoid.behaviour import Behaviour, Caller, Facts, Found, Method, Refusal
from reference_server.origoid.records import Key


def _enabling(behaviour: Behaviour, when: Callable[[Facts], bool]) -> Behaviour:
    """Take a disabled key for one that is not."""

    def is_live(facts: Facts, key: Key) -> bool:
        return behaviour.is_live(facts, replace(key, disabled_at=None) if when(facts) else key)

    return replace(behaviour, is_live=is_live)


@fault(
    "disabled-key-accepted",
    "A disabled key is accepted",
    breaks=(*DISABLED, *ENDED, *UNIFORM),
)
def disabled_key_accepted(behaviour: Behaviour) -> Behaviour:
    """The mark is shown by support, and nothing looks at it: neither the key nor a token that was had for it
    is refused, and so not like an unknown one."""
    return _enabling(behaviour, lambda facts: True)


@fault(
    "disabled-key-accepted-for-a-minute",
    "A disabled key is accepted for a minute more",
    subtle=True,
    breaks=(*DISABLED, *ENDED, *UNIFORM),
)
def disabled_key_lingers(behaviour: Behaviour) -> Behaviour:
    """A list of disabled keys that is read each minute. The budget is five seconds."""

    def is_live(facts: Facts, key: Key) -> bool:
        since = facts.now - (key.disabled_at or 0.0)
        recently = key.disabled_at is not None and since < 60 * facts.server.time_scale
        return behaviour.is_live(facts, replace(key, disabled_at=None) if recently else key)

    return replace(behaviour, is_live=is_live)


def _of_disabled(behaviour: Behaviour, *methods: Method) -> Behaviour:
    """Serve a disabled account that comes by one of these methods."""

    def judged(found: Found, facts: Facts, account: str | None, method: Method, key: Key | None) -> Found:
        known = facts.server.store.account(account) if account and method in methods else None
        return Caller(known, method, key) if known and found == Refusal("disabled-account") else found

    def by_key(facts: Facts, secret: str) -> Found:
        key = behaviour.find_key(facts, secret)
        return judged(behaviour.by_key(facts, secret), facts, key.account if key else None, "key", key)

    def by_bearer(facts: Facts, token: str) -> Found:
        jws = behaviour.read_token(facts, token)
        claims = (behaviour.read_claims(facts, jws) if jws else None) or {}
        return judged(behaviour.by_bearer(facts, token), facts, claims.get("sub"), "bearer", None)

    return replace(behaviour, by_key=by_key, by_bearer=by_bearer)


@fault("disabled-account-accepted", "A disabled account goes on", breaks=ACCOUNT_DISABLED)
def disabled_account_accepted(behaviour: Behaviour) -> Behaviour:
    """With its keys, its tokens, and new ones."""
    return _of_disabled(behaviour, "key", "bearer")


@fault(
    "disabled-account-keeps-tokens",
    "The tokens of a disabled account go on",
    subtle=True,
    breaks=ACCOUNT_DISABLED,
)
def disabled_account_keeps_tokens(behaviour: Behaviour) -> Behaviour:
    """The account is looked up with its keys alone."""
    return _of_disabled(behaviour, "bearer")


@fault(
    "disabled-account-may-exchange",
    "A disabled account is granted tokens",
    subtle=True,
    breaks=ACCOUNT_DISABLED,
    also=because("the token that is granted is refused", *ENDED),
)
def disabled_account_may_exchange(behaviour: Behaviour) -> Behaviour:
    """The exchange is a service of its own, with keys of its own."""
    lenient = _of_disabled(behaviour, "key")

    def by_key(facts: Facts, secret: str) -> Found:
        exchanging = facts.request.path == "/auth/token"
        return (lenient if exchanging else behaviour).by_key(facts, secret)

    return replace(behaviour, by_key=by_key)
