"""Whose data an answer holds, whatever its status."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from harness.checks.answers import is_accepted_body, named_status
from harness.checks.facts import Facts, Mismatch, Unchecked
from harness.exchange import Answer


def no_foreign_data(answer: Answer, args: Mapping[str, Any], facts: Facts) -> Iterator[Mismatch | Unchecked]:
    """Nothing of the place under `of` in the answer."""
    place = args["of"]
    if place not in facts.canaries:
        yield Unchecked(f"the target gives no canary of {place}")
    elif answer.holds(facts.canaries[place]):
        yield Mismatch(f"nothing of {place}", f"the canary of {place} in the body")


def nothing_served(answer: Answer, args: Mapping[str, Any], facts: Facts) -> Iterator[Mismatch | Unchecked]:
    """No success and nothing of what is protected; a redirect or an error of any kind will do."""
    if 200 <= answer.status < 300 or answer.status == 101:
        yield Mismatch("nothing served", named_status(answer.status))
    yield from nothing_shown(answer, args, facts)


def nothing_shown(answer: Answer, args: Mapping[str, Any], facts: Facts) -> Iterator[Mismatch | Unchecked]:
    """Nothing of what is protected, whatever the status."""
    for place, canary in facts.canaries.items():
        if answer.holds(canary):
            yield Mismatch("nothing of what is protected", f"the canary of {place} in the body")
    if is_accepted_body(answer, facts.operation):
        yield Mismatch("a body that is no accepted one", "a body as an accepted answer has it")
