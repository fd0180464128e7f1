"""Ways to be wrong that several faults share; each takes a behaviour and returns a worse one."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from reference_server.messages import Answer, Request
from reference_server.originchain.behaviour import Behaviour, Facts, Reason, Refusal, Server
from reference_server.originchain.records import Instance, Token

When = Callable[[Facts], bool]


def always(facts: Facts) -> bool:
    return True


def method(*names: str) -> When:
    """For requests with one of these methods."""
    return lambda facts: facts.request.method in names


def waiving(behaviour: Behaviour, reason: Reason, when: When = always) -> Behaviour:
    """Serve what should be refused for `reason`, as if the instance's oldest token had been sent."""

    def admit(facts: Facts, instance: Instance) -> Token | Refusal:
        admitted = behaviour.admit(facts, instance)
        if admitted == Refusal(reason) and when(facts):
            return facts.server.store.tokens(instance.id)[0]
        return admitted

    return replace(behaviour, admit=admit)


def also_parsing(behaviour: Behaviour, read: Callable[[str], str | None]) -> Behaviour:
    """Find a token in field values that are malformed."""
    return replace(behaviour, parse=lambda facts, value: behaviour.parse(facts, value) or read(value))


def also_reading(behaviour: Behaviour, find: Callable[[Request], str | None]) -> Behaviour:
    """Where there is no Authorization, take the token that `find` sees elsewhere."""

    def collect(facts: Facts) -> tuple[str, ...]:
        offered = behaviour.collect(facts)
        secret = None if offered else find(facts.request)
        return (f"Bearer {secret}",) if secret else offered

    return replace(behaviour, collect=collect)


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


def answering(
    behaviour: Behaviour,
    change: Callable[[Facts, Answer], Answer],
    *reasons: Reason,
    when: When = always,
) -> Behaviour:
    """Change the answer to what is refused for one of `reasons`."""

    def refuse(facts: Facts, refusal: Refusal) -> Answer:
        answer = behaviour.refuse(facts, refusal)
        return change(facts, answer) if refusal.reason in reasons and when(facts) else answer

    return replace(behaviour, refuse=refuse)


def with_status(status: int) -> Callable[[Facts, Answer], Answer]:
    """The same answer under another status."""
    return lambda facts, answer: replace(answer, status=status)


def without_label(facts: Facts, answer: Answer) -> Answer:
    """A body that gives no cause."""
    return replace(answer, body=b'{"error": "denied", "message": "No."}')


def with_data(facts: Facts, answer: Answer) -> Answer:
    """The refusal, and in its body besides what the host's instance serves."""
    instance = facts.behaviour.find_instance(facts, facts.behaviour.name_instance(facts))
    if instance is None:
        return answer
    names = [{"name": schema.name} for schema in facts.server.store.schemas(instance.id)]
    body: dict[str, Any] = {**json.loads(answer.body), "schemas": names}
    return replace(answer, body=json.dumps(body).encode())


def crashing(facts: Facts, answer: Answer) -> Answer:
    """What a framework answers to an exception that nobody caught."""
    return Answer(500, (("Content-Type", "text/plain"),), b"Internal Server Error")


def judging(behaviour: Behaviour, excuse: Callable[[Facts, Instance, Token], bool]) -> Behaviour:
    """Let a foreign token in when it is excused."""

    def judge_instance(facts: Facts, instance: Instance, token: Token) -> Refusal | None:
        refusal = behaviour.judge_instance(facts, instance, token)
        return None if refusal and excuse(facts, instance, token) else refusal

    return replace(behaviour, judge_instance=judge_instance)
