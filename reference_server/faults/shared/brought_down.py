"""Faults: a request that must be refused brings the server down, by its size or by one character."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from reference_server.faults.shared.crashes import crash_if, crashing
from reference_server.faults.shared.decisions import A, Facts
from reference_server.faults.shared.sets import FaultSet
from reference_server.messages import Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Borne:
    """What differs between APIs that do not bear what they are sent."""

    token: str = "credential"
    """In titles: what is too long, or has such a character."""
    offered: Callable[[Any], tuple[str, ...]] = lambda facts: facts.behaviour.collect(facts)
    """Of the facts: the values that are taken as such."""


BROUGHT_DOWN: FaultSet[Borne] = FaultSet()
fault = BROUGHT_DOWN.fault

LONGEST = 8191
"""Characters that there is a place for."""


def _down(behaviour: A, when: Callable[[Facts], bool]) -> A:
    """Crash before anything is decided."""

    def respond(facts: Facts) -> Answer:
        crash_if(when(facts))
        return behaviour.respond(facts)

    return crashing(replace(behaviour, respond=respond))


@fault(
    "long-crash", "A {it.token} that is too long brings the server down", breaks=("rfc9110/5.4-oversized",)
)
def long_crash(api: Borne, behaviour: A) -> A:
    """Its first part is copied to a fixed place. A JWT that long has dots and is parted before, and what the
    HTTP library does not bear is refused before."""
    return _down(
        behaviour,
        lambda facts: any(len(value) > LONGEST and "." not in value for value in api.offered(facts)),
    )


@fault(
    "format-crash",
    "A percent sign in a {it.token} brings the server down",
    breaks=("practice/no-failure-by-credential",),
    level="SHOULD",
)
def format_crash(api: Borne, behaviour: A) -> A:
    """What is refused is written to a log, whose format it becomes a part of. With a letter behind it that is
    no conversion."""
    return _down(behaviour, lambda facts: any(re.search("%[a-z]", value) for value in api.offered(facts)))


@fault(
    "large-body-crash",
    "Ten million bytes bring the server down",
    breaks=("practice/large-body",),
    level="SHOULD",
)
def large_body_crash(api: Borne, behaviour: A) -> A:
    """They are kept until the credential has been looked at."""
    return _down(behaviour, lambda facts: not facts.request.whole)
