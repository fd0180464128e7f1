"""Faults: an account is served what it does not have, or what another credential of the request claims."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from reference_server.faults.origoid.entry import (
    CATALOGUE,
    SAME_RIGHTS,
    UNAVAILABLE,
    UNIFORM,
    because,
    fault,
)
from reference_server.faults.shared.conflicts import CONFLICTS, Conflicting, reconciling
from reference_server.origoid.behaviour import Behaviour, Caller, Facts, Found, Method, Refusal

_ACCEPTED = "origoid/three-methods"

# --- for what ------------------------------------------------------------------------------------


def _available(behaviour: Behaviour, when: Callable[[Facts, Caller], bool]) -> Behaviour:
    """Have the operation for some who do not."""

    def judge_endpoint(facts: Facts, caller: Caller) -> Refusal | None:
        refusal = behaviour.judge_endpoint(facts, caller)
        return None if refusal and when(facts, caller) else refusal

    return replace(behaviour, judge_endpoint=judge_endpoint)


@fault(
    "endpoint-open-to-all",
    "Every account has every operation",
    breaks=(*UNAVAILABLE, *SAME_RIGHTS, "practice/stays-refused", *UNIFORM),
)
def open_to_all(behaviour: Behaviour) -> Behaviour:
    """What an account has is shown in its contract, and nothing looks at it, by whatever method."""
    return _available(behaviour, lambda facts, caller: True)


def _by(method: Method) -> Callable[[Facts, Caller], bool]:
    return lambda facts, caller: caller.method == method


@fault(
    "endpoint-open-to-tokens",
    "With a token every account has every operation",
    breaks=(*UNAVAILABLE, *SAME_RIGHTS, *UNIFORM),
)
def open_to_tokens(behaviour: Behaviour) -> Behaviour:
    """Of the three methods this one goes by its claims, which say nothing of operations."""
    return _available(behaviour, _by("bearer"))


@fault(
    "endpoint-open-to-basic",
    "By user and password every account has every operation",
    subtle=True,
    breaks=(*UNAVAILABLE, *SAME_RIGHTS, *UNIFORM),
)
def open_to_basic(behaviour: Behaviour) -> Behaviour:
    """The door for legacy systems was never fitted with the new lock."""
    return _available(behaviour, _by("basic"))


@fault(
    "endpoint-open-to-keys",
    "With a key every account has every operation",
    subtle=True,
    breaks=(*UNAVAILABLE, "practice/stays-refused", *UNIFORM),
)
def open_to_keys(behaviour: Behaviour) -> Behaviour:
    """The other way round. The other methods refuse as they should, and so not alike."""
    return _available(behaviour, _by("key"))


@fault(
    "endpoint-open-at-the-tenth-time",
    "Each tenth request for an operation that the account does not have is served",
    subtle=True,
    breaks=("practice/stays-refused", "origoid/cause-endpoint", "origoid/status-401"),
    also=because("any request may be the tenth", *UNAVAILABLE, *SAME_RIGHTS, *UNIFORM),
)
def open_at_the_tenth_time(behaviour: Behaviour) -> Behaviour:
    """A worker that was not told. One scenario asks a dozen times."""
    asked: Counter[str] = Counter()

    def tenth(facts: Facts, caller: Caller) -> bool:
        asked[caller.id] += 1
        return asked[caller.id] % 10 == 0

    return _available(behaviour, tenth)


@fault(
    "endpoint-closed-to-tokens",
    "An operation that an account has is refused to its tokens",
    breaks=(*SAME_RIGHTS, _ACCEPTED),
    also=because(
        "what a forged token does not lend is shown after a right one", "practice/conflict-not-mixed"
    ),
)
def closed_to_tokens(behaviour: Behaviour) -> Behaviour:
    """The claims do not say what the account has, and nothing is looked up."""

    def judge_endpoint(facts: Facts, caller: Caller) -> Refusal | None:
        refusal = behaviour.judge_endpoint(facts, caller)
        reports = facts.request.path == "/v1/reports" and caller.method == "bearer"
        return Refusal("unavailable-endpoint") if reports else refusal

    return replace(behaviour, judge_endpoint=judge_endpoint)


# --- two credentials -----------------------------------------------------------------------------


def _right(found: tuple[Found, ...]) -> Found:
    """The first who is not refused."""
    return next((each for each in found if isinstance(each, Caller)), found[0])


CONFLICTS.enter(
    CATALOGUE,
    Conflicting(
        refusal=Refusal,
        steady=("practice/conflict-steady", "origoid/conflict"),
        not_mixed=("practice/conflict-not-mixed",),
    ),
    only=("conflict-of-accounts-served-now-and-then",),
)

_NOT_MIXED = ("practice/conflict-not-mixed",)


@fault(
    "conflict-lends-claimed-rights",
    "A forged token lends the rights that it claims to the key beside it",
    breaks=_NOT_MIXED,
)
def lends_claimed_rights(behaviour: Behaviour) -> Behaviour:
    """One guard finds a valid credential, which is enough, and another reads from the token what its account
    has, for who else would have let it in."""

    def judge_endpoint(facts: Facts, caller: Caller) -> Refusal | None:
        fields = behaviour.collect(facts)
        token = behaviour.parse(facts, fields[0]) if fields else None
        jws = behaviour.read_token(facts, token) if token else None
        claims = (behaviour.read_claims(facts, jws) if jws else None) or {}
        claimed = facts.server.store.account(str(claims.get("sub")))
        meant = replace(caller, account=claimed) if claimed else caller
        return behaviour.judge_endpoint(facts, meant)

    believing = reconciling(behaviour, lambda facts, found: _right(found))
    return replace(believing, judge_endpoint=judge_endpoint)


@fault(
    "conflict-lends-rights-of-a-key",
    "A key that was cut off lends its rights to the token beside it",
    subtle=True,
    breaks=_NOT_MIXED,
)
def lends_rights_of_a_key(behaviour: Behaviour) -> Behaviour:
    """As above: what an account has is looked up by the beginning of the key, which is its index."""

    def judge_endpoint(facts: Facts, caller: Caller) -> Refusal | None:
        keys = behaviour.collect_keys(facts)
        named = [
            account
            for account in facts.server.store.accounts()
            for key in facts.server.store.keys(account.id)
            if keys and keys[0].startswith(key.prefix)
        ]
        mixed = bool(named) and caller.method != "key"
        return behaviour.judge_endpoint(facts, replace(caller, account=named[0]) if mixed else caller)

    believing = reconciling(behaviour, lambda facts, found: _right(found))
    return replace(believing, judge_endpoint=judge_endpoint)
