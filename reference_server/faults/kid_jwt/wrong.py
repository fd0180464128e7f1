"""Ways to be wrong that several faults share; each takes a behaviour and returns a worse one."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from reference_server.faults.shared import ways
from reference_server.faults.shared.ways import When, always, answering
from reference_server.kid_jwt.behaviour import Behaviour, Facts, Reason, Server
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


# --- answers -------------------------------------------------------------------------------------


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
