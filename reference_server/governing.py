"""Where credentials are made and ended: who asks there comes first, then the operation."""

from __future__ import annotations

from reference_server.deciding import AnyFacts, Refusal
from reference_server.messages import Answer


def respond(facts: AnyFacts) -> Answer:
    decide = facts.behaviour
    manager = decide.govern(facts)
    answer: Answer = (
        decide.refuse(facts, manager) if isinstance(manager, Refusal) else decide.manage(facts, manager)
    )
    return answer
