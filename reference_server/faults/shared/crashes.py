"""Ways to fail where a refusal is due: an exception that nobody catches."""

from __future__ import annotations

from dataclasses import replace

from reference_server.faults.shared.decisions import A, Facts
from reference_server.messages import Answer


class Crash(Exception):
    """What nobody catches."""


def crashing(behaviour: A) -> A:
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


def crashing_for(behaviour: A, *reasons: str) -> A:
    """Crash in place of a refusal."""

    def refuse(facts: Facts, refusal: object) -> Answer:
        crash_if(getattr(refusal, "reason", None) in reasons)
        return behaviour.refuse(facts, refusal)

    return crashing(replace(behaviour, refuse=refuse))
