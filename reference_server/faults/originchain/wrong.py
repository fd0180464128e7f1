"""Ways to be wrong that several faults share; each takes a behaviour and returns a worse one."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from reference_server.messages import Answer, Request
from reference_server.originchain.behaviour import Behaviour, Facts, Reason, Refusal, Server
from reference_server.originchain.records import Account, Instance, Token

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


def believing(behaviour: Behaviour, when: Callable[[Facts, Token], bool]) -> Behaviour:
    """Take a revoked token for one that is not, when `when(facts, token)`."""

    def is_live(facts: Facts, token: Token) -> bool:
        if token.revoked_at is not None and when(facts, token):
            token = replace(token, revoked_at=None)
        return behaviour.is_live(facts, token)

    return replace(behaviour, is_live=is_live)


def since_revocation(facts: Facts, token: Token) -> float:
    """Documented seconds since the token was revoked."""
    assert token.revoked_at is not None
    return (facts.now - token.revoked_at) / facts.server.time_scale


def counting_uses(behaviour: Behaviour, use: Callable[[Facts, Token], None]) -> Behaviour:
    """Tell `use` of each time that a token is accepted."""

    def find_token(facts: Facts, secret: str) -> Token | None:
        found = behaviour.find_token(facts, secret)
        if found:
            use(facts, found)
        return found

    return replace(behaviour, find_token=find_token)


def knowing(behaviour: Behaviour, secrets: dict[str, str]) -> Behaviour:
    """Keep each secret that is issued in `secrets`, by the id of its token."""

    def issue(server: Server, instance: Instance, name: str, life: float | None) -> tuple[Token, str]:
        token, secret = behaviour.issue(server, instance, name, life)
        secrets[token.id] = secret
        return token, secret

    return replace(behaviour, issue=issue)


def on_request(behaviour: Behaviour, present: list[Facts]) -> Behaviour:
    """Keep in `present` the request of the dashboard that is being answered: one, or none."""

    def manage(facts: Facts, owner: Account) -> Answer:
        present[:] = [facts]
        try:
            return behaviour.manage(facts, owner)
        finally:
            present.clear()

    return replace(behaviour, manage=manage)


def made_in_dashboard(behaviour: Behaviour, made: dict[str, Token]) -> Behaviour:
    """Keep in `made` each token that an owner made, by id, and none of those that were there at the start."""

    def announce(server: Server, token: Token, secret: str) -> Mapping[str, Any]:
        made[token.id] = token
        return behaviour.announce(server, token, secret)

    return replace(behaviour, announce=announce)
