"""Ways to be wrong that several of OriginChain's faults share; each takes a behaviour and makes it worse."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from reference_server.faults.shared import ways
from reference_server.faults.shared.ways import When, always
from reference_server.messages import Answer
from reference_server.originchain.behaviour import Behaviour, Facts, Reason, Refusal, Server
from reference_server.originchain.records import Instance, Token


def oldest_token(facts: Facts, instance: Instance) -> Token:
    """Who is served where nobody should be."""
    return facts.server.store.tokens(instance.id)[0]


def waiving(behaviour: Behaviour, reason: Reason, when: When = always) -> Behaviour:
    """Serve what should be refused for `reason`, as if the instance's oldest token had been sent."""
    return ways.waiving(behaviour, reason, oldest_token, when)


def also_matching(behaviour: Behaviour, alike: Callable[[str, str], bool]) -> Behaviour:
    """Take a secret for a token's when `alike(right, given)`. For that it keeps the secrets in clear."""
    known: dict[str, Token] = {}

    def issue(server: Server, instance: Instance, name: str, life: float | None) -> tuple[Token, str]:
        token, secret = behaviour.issue(server, instance, name, life)
        known[secret] = token
        return token, secret

    def find_token(facts: Facts, secret: str) -> Token | None:
        if found := behaviour.find_token(facts, secret):
            return found
        for right in known:
            if alike(right, secret) and (found := behaviour.find_token(facts, right)):
                return found
        return None

    return replace(behaviour, issue=issue, find_token=find_token)


def without_label(facts: Facts, answer: Answer) -> Answer:
    """A body that gives no cause."""
    return replace(answer, body=b'{"error": "denied", "message": "No."}')


def saying(answer: Answer, text: str) -> Answer:
    """The same refusal with another message beside its label."""
    return replace(answer, body=json.dumps({**json.loads(answer.body), "message": text}).encode())


def with_data(facts: Facts, answer: Answer) -> Answer:
    """The refusal, and in its body besides what the host's instance serves."""
    instance = facts.behaviour.find_instance(facts, facts.behaviour.name_instance(facts))
    if instance is None:
        return answer
    names = [{"name": schema.name} for schema in facts.server.store.schemas(instance.id)]
    body: dict[str, Any] = {**json.loads(answer.body), "schemas": names}
    return replace(answer, body=json.dumps(body).encode())


def judging(behaviour: Behaviour, excuse: Callable[[Facts, Instance, Token], bool]) -> Behaviour:
    """Let a foreign token in when it is excused."""

    def judge_instance(facts: Facts, instance: Instance, token: Token) -> Refusal | None:
        refusal = behaviour.judge_instance(facts, instance, token)
        return None if refusal and excuse(facts, instance, token) else refusal

    return replace(behaviour, judge_instance=judge_instance)
