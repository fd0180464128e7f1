"""Faults: instances that are gone, or never were, and what is left of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from reference_server.faults.originchain.entry import because, fault
from reference_server.faults.originchain.lives import DELETED
from reference_server.messages import Answer, json_answer
from reference_server.originchain.behaviour import Behaviour, Facts, Refusal, Server
from reference_server.originchain.records import Instance, Token

NOBODY = ("practice/unknown-instance-refused", "originchain/order")


@fault(
    "deletion-queued-12s",
    "A deleted instance is served for 12 s more",
    subtle=True,
    breaks=DELETED,
    also=because("one that was deleted at the start is still there for a moment", "originchain/labels"),
)
def deletion_queued(behaviour: Behaviour) -> Behaviour:
    """The call is put into a queue that is emptied 12 s later, and 5 s are allowed."""
    queue: list[tuple[float, Server, Instance]] = []

    def delete_instance(server: Server, instance: Instance) -> None:
        queue.append((server.clock() + 12 * server.time_scale, server, instance))

    def find_instance(facts: Facts, host: str) -> Instance | None:
        while queue and queue[0][0] <= facts.now:
            _, server, instance = queue.pop(0)
            behaviour.delete_instance(server, instance)
        return behaviour.find_instance(facts, host)

    return replace(behaviour, delete_instance=delete_instance, find_instance=find_instance)


@fault(
    "tokens-outlive-their-instance",
    "Tokens of a deleted instance open other instances",
    subtle=True,
    breaks=(*DELETED, "originchain/revoked-elsewhere"),
)
def tokens_outlive_their_instance(behaviour: Behaviour) -> Behaviour:
    """With the instance goes the name of whom its tokens are good for, and what is good for nobody in
    particular is good for all. The instance itself is not found any more. To serve is not among the answers
    that are left open."""

    def is_live(facts: Facts, token: Token) -> bool:
        return _is_gone(facts, token.instance) or behaviour.is_live(facts, token)

    def judge_instance(facts: Facts, instance: Instance, token: Token) -> Refusal | None:
        gone = _is_gone(facts, token.instance)
        return None if gone else behaviour.judge_instance(facts, instance, token)

    return replace(behaviour, is_live=is_live, judge_instance=judge_instance)


def _is_gone(facts: Facts, id: str) -> bool:
    instance = facts.server.store.instance(id)
    return instance is None or instance.deleted_at is not None


def _welcoming(behaviour: Behaviour, answer: Callable[[], Answer]) -> Behaviour:
    """Answer so at an address of no instance to a request without a credential."""

    def respond(facts: Facts) -> Answer:
        known = behaviour.find_instance(facts, behaviour.name_instance(facts))
        return behaviour.respond(facts) if known or behaviour.collect(facts) else answer()

    return replace(behaviour, respond=respond)


@fault(
    "unknown-instance-serves-nobody",
    "At an address of no instance a request without a token is served",
    breaks=NOBODY,
)
def unknown_instance_serves_nobody(behaviour: Behaviour) -> Behaviour:
    """A list without anything in it is served too. With a token the answer is 404 as it should be."""
    return _welcoming(behaviour, lambda: json_answer(200, {"schemas": []}))


@fault(
    "unknown-instance-redirects-nobody",
    "At an address of no instance a request without a token is sent to the dashboard",
    subtle=True,
    breaks=NOBODY,
)
def unknown_instance_redirects_nobody(behaviour: Behaviour) -> Behaviour:
    """No order of the documented answers has a redirect in it, and it is no refusal."""
    return _welcoming(behaviour, lambda: Answer(302, (("Location", "http://app.originchain.test/"),)))
