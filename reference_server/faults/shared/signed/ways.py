"""Ways to be wrong about JWTs that several faults share; each takes a behaviour and returns a worse one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from reference_server.faults.shared.decisions import Facts
from reference_server.faults.shared.macs import mac_holds
from reference_server.faults.shared.signed.adapter import Claims, Signed, V, Verifies, by_secret
from reference_server.reading import Jws

Holds = Callable[[Any, Jws, Any], bool]
"""Of the facts, the token and an account: whether its secret holds the signature."""


def at(facts: Any, now: float) -> Any:
    """The same facts by another clock."""
    return replace(facts, now=now)


def by_hand(behaviour: V, verifies: Verifies = by_secret, algorithm: str = "HS256") -> V:
    """Verify by that algorithm and the account's key, whatever the header says."""
    return replace(behaviour, holds=lambda facts, jws, account: verifies(jws, account, algorithm))


def also_holding(behaviour: V, holds: Holds) -> V:
    """Believe further signatures."""
    return replace(
        behaviour,
        holds=lambda facts, jws, account: behaviour.holds(facts, jws, account) or holds(facts, jws, account),
    )


def also_keyed(behaviour: V, *keys: str) -> V:
    """Believe what one of these keys signed."""
    return also_holding(
        behaviour,
        lambda facts, jws, account: any(mac_holds(jws.signed, jws.signature, key.encode()) for key in keys),
    )


def reading_algorithm(api: Signed, behaviour: V, known: Callable[[Jws], str | None]) -> V:
    """Verify by the algorithm that `known` makes of the header; by the right one where it makes none."""

    def judge_algorithm(facts: Facts, jws: Jws, *more: Any) -> Any:
        return None if known(jws) else behaviour.judge_algorithm(facts, jws, *more)

    def holds(facts: Facts, jws: Jws, account: Any) -> bool:
        algorithm = known(jws)
        if algorithm is None:
            return bool(behaviour.holds(facts, jws, account))
        return api.verifies(jws, account, algorithm)

    return replace(behaviour, judge_algorithm=judge_algorithm, holds=holds)


def excusing(behaviour: V, claim: str, excused: Callable[[Facts, Claims], bool]) -> V:
    """Do not judge exp, or nbf, where the claims are excused."""
    judge = behaviour.judge_expiry if claim == "exp" else behaviour.judge_beginning

    def lenient(facts: Facts, claims: Claims) -> Any:
        return None if excused(facts, claims) else judge(facts, claims)

    return (
        replace(behaviour, judge_expiry=lenient)
        if claim == "exp"
        else replace(behaviour, judge_beginning=lenient)
    )


def refusing_claims(api: Signed, behaviour: V, wrong: Callable[[Facts, Claims], bool]) -> V:
    """Refuse tokens for claims that nothing is wrong with."""

    def judge_claims(facts: Facts, claims: Claims, *more: Any) -> Any:
        refused = behaviour.judge_claims(facts, claims, *more)
        return refused or (api.refusal("wrong-claim") if wrong(facts, claims) else None)

    return replace(behaviour, judge_claims=judge_claims)
