"""Ways to be wrong that several of this API's faults share; each takes a behaviour and makes it worse."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from reference_server.faults.shared import ways
from reference_server.faults.shared.ways import When, always
from reference_server.messages import Answer
from reference_server.sk_oauth.authentication import calling
from reference_server.sk_oauth.behaviour import Behaviour, Caller, Facts, Reason, Server
from reference_server.sk_oauth.records import Environment, Key, Partition

OWNER = "acct_acme"
"""The account whose keys the target has."""

Change = Callable[[Any, Answer], Answer]


def oldest_key(facts: Facts, environment: Environment = "live") -> Caller:
    """Who is served where nobody should be."""
    return calling(facts.server.store.keys(Partition(OWNER, environment))[0])


def waiving(behaviour: Behaviour, reason: Reason, when: When = always) -> Behaviour:
    """Serve what should be refused for `reason`, as if with the owner's oldest key."""
    return ways.waiving(behaviour, reason, oldest_key, when)


def also_matching(behaviour: Behaviour, alike: Callable[[str, str], bool]) -> Behaviour:
    """Take a secret for a key when `alike(right, given)`. For that it keeps the keys in clear."""
    known: dict[str, None] = {}

    def mint(server: Server, owner: Partition) -> str:
        secret = behaviour.mint(server, owner)
        known[secret] = None
        return secret

    def find_token(facts: Facts, secret: str) -> Key | None:
        if found := behaviour.find_token(facts, secret):
            return found
        for right in known:
            if alike(right, secret) and (found := behaviour.find_token(facts, right)):
                return found
        return None

    return replace(behaviour, mint=mint, find_token=find_token)


def rewording(**members: Any) -> Change:
    """The same answer with other members in its error; None leaves one out."""

    def change(facts: Any, answer: Answer) -> Answer:
        error = {**json.loads(answer.body)["error"], **members}
        kept = {name: value for name, value in error.items() if value is not None}
        return replace(answer, body=json.dumps({"error": kept}).encode())

    return change


def with_body(value: Any) -> Change:
    """The same answer with another body."""
    return lambda facts, answer: replace(answer, body=json.dumps(value).encode())


def with_header(name: str, value: str | None) -> Change:
    """The same answer with another value of a header field; None leaves it out."""

    def change(facts: Facts, answer: Answer) -> Answer:
        others = tuple(field for field in answer.headers if field[0].lower() != name.lower())
        return replace(answer, headers=others + (() if value is None else ((name, value),)))

    return change


def finishing(behaviour: Behaviour, change: Change, when: When) -> Behaviour:
    """Change some answers when all else is done."""

    def finish(facts: Facts, answer: Answer) -> Answer:
        finished = behaviour.finish(facts, answer)
        return change(facts, finished) if when(facts) else finished

    return replace(behaviour, finish=finish)


def path(*names: str) -> When:
    """For requests of one of these paths."""
    return lambda facts: facts.request.path in names


def members(answer: Answer) -> Mapping[str, Any]:
    """The JSON object in an answer."""
    found: Mapping[str, Any] = json.loads(answer.body)
    return found
