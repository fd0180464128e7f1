"""Ways to be wrong that several faults share; each takes a behaviour and returns a worse one."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from reference_server.faults.shared import ways
from reference_server.faults.shared.macs import HASHES as HASHES
from reference_server.faults.shared.macs import mac_holds as mac_holds
from reference_server.faults.shared.ways import When, always, answering
from reference_server.kid_jwt.behaviour import Behaviour, Facts, Jws, Reason, Refusal, Server
from reference_server.kid_jwt.records import Account
from reference_server.messages import Answer


def path(*names: str) -> When:
    """For requests of one of these paths."""
    return lambda facts: facts.request.path in names


def first_account(facts: Facts) -> Account:
    return facts.server.store.accounts()[0]


def waiving(behaviour: Behaviour, reason: Reason, when: When = always) -> Behaviour:
    """Serve what should be refused for `reason`, as if the oldest account had asked."""
    return ways.waiving(behaviour, reason, first_account, when)


# --- static tokens -------------------------------------------------------------------------------


def also_matching(behaviour: Behaviour, alike: Callable[[str, str], bool], when: When = always) -> Behaviour:
    """Take a value for an account's static token when `alike(right, given)`. It keeps them in clear."""
    keys: dict[str, Account] = {}

    def enrol(server: Server, account: Account, key: str) -> None:
        behaviour.enrol(server, account, key)
        keys[key] = account

    def find_key(facts: Facts, value: str) -> Account | None:
        if found := behaviour.find_key(facts, value):
            return found
        similar = (account for key, account in keys.items() if when(facts) and alike(key, value))
        return next(similar, None)

    return replace(behaviour, enrol=enrol, find_key=find_key)


# --- JWTs ----------------------------------------------------------------------------------------


def by_hand(behaviour: Behaviour) -> Behaviour:
    """Verify by HS256 and the account's secret, whatever the header says."""
    return replace(
        behaviour,
        holds=lambda facts, jws, account: mac_holds(jws.signed, jws.signature, account.secret.encode()),
    )


def also_holding(behaviour: Behaviour, holds: Callable[[Facts, Jws, Account], bool]) -> Behaviour:
    """Believe further signatures."""
    return replace(
        behaviour,
        holds=lambda facts, jws, account: behaviour.holds(facts, jws, account) or holds(facts, jws, account),
    )


def also_keyed(behaviour: Behaviour, *keys: str) -> Behaviour:
    """Believe what one of these keys signed."""
    return also_holding(
        behaviour,
        lambda facts, jws, account: any(mac_holds(jws.signed, jws.signature, key.encode()) for key in keys),
    )


def reading_algorithm(behaviour: Behaviour, known: Callable[[Jws], str | None]) -> Behaviour:
    """Verify by the algorithm that `known` makes of the header; by the right one where it makes none."""

    def judge_algorithm(facts: Facts, jws: Jws) -> Refusal | None:
        return None if known(jws) else behaviour.judge_algorithm(facts, jws)

    def holds(facts: Facts, jws: Jws, account: Account) -> bool:
        algorithm = known(jws)
        if algorithm is None:
            return behaviour.holds(facts, jws, account)
        return mac_holds(jws.signed, jws.signature, account.secret.encode(), algorithm)

    return replace(behaviour, judge_algorithm=judge_algorithm, holds=holds)


def excusing(
    behaviour: Behaviour, claim: str, excused: Callable[[Facts, Mapping[str, Any]], bool]
) -> Behaviour:
    """Do not judge exp, or nbf, where the claims are excused."""
    judge = behaviour.judge_expiry if claim == "exp" else behaviour.judge_beginning

    def lenient(facts: Facts, claims: Mapping[str, Any]) -> Refusal | None:
        return None if excused(facts, claims) else judge(facts, claims)

    return (
        replace(behaviour, judge_expiry=lenient)
        if claim == "exp"
        else replace(behaviour, judge_beginning=lenient)
    )


def of_claim(name: str, fits: Callable[[Any], bool]) -> Callable[[Facts, Mapping[str, Any]], bool]:
    """Whether a claim is there and its value fits."""
    return lambda facts, claims: name in claims and fits(claims[name])


def refusing_claims(behaviour: Behaviour, wrong: Callable[[Facts, Mapping[str, Any]], bool]) -> Behaviour:
    """Refuse tokens for claims that nothing is wrong with."""

    def judge_claims(facts: Facts, claims: Mapping[str, Any]) -> Refusal | None:
        return behaviour.judge_claims(facts, claims) or (
            Refusal("wrong-claim") if wrong(facts, claims) else None
        )

    return replace(behaviour, judge_claims=judge_claims)


# --- answers -------------------------------------------------------------------------------------


class Crash(Exception):
    """What nobody catches."""


def crashing(behaviour: Behaviour) -> Behaviour:
    """Answer a Crash as a framework answers an exception that nobody caught."""

    def respond(facts: Facts) -> Answer:
        try:
            return behaviour.respond(facts)
        except Crash:
            return Answer(500, (("Content-Type", "text/plain"),), b"Internal Server Error")

    return replace(behaviour, respond=respond)


def crash_if(condition: bool) -> bool:
    """False, or a Crash."""
    if condition:
        raise Crash
    return False


def crashing_for(behaviour: Behaviour, *reasons: Reason) -> Behaviour:
    """Crash in place of a refusal."""

    def refuse(facts: Facts, refusal: Refusal) -> Answer:
        crash_if(refusal.reason in reasons)
        return behaviour.refuse(facts, refusal)

    return crashing(replace(behaviour, refuse=refuse))


def with_body(text: str) -> Callable[[Facts, Answer], Answer]:
    """The same answer with another `error`."""
    return lambda facts, answer: replace(answer, body=json.dumps({"error": text}).encode())


def greeting(behaviour: Behaviour, when: When, **members: Any) -> Behaviour:
    """Greet with other members; None leaves one out."""

    def greet(facts: Facts) -> Mapping[str, Any]:
        right = behaviour.greet(facts)
        if not when(facts):
            return right
        return {name: value for name, value in {**right, **members}.items() if value is not None}

    return replace(behaviour, greet=greet)


def with_greeting(behaviour: Behaviour, reason: Reason, when: When = always) -> Behaviour:
    """The refusal's status over the greeting's body."""
    return answering(
        behaviour,
        lambda facts, answer: replace(answer, body=json.dumps(behaviour.greet(facts)).encode()),
        reason,
        when=when,
    )
