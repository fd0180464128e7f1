"""What a target does beside its answer: whether it calls where a credential says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from harness.checks.facts import Facts, Mismatch, Unchecked
from harness.exchange import Answer

SILENCE = (
    "that no call comes proves nothing: the target may call by https alone, later than we wait, or be kept "
    "from us by a filter"
)
"""What stands beside every verdict for which we listen."""


def no_call_back(answer: Answer, args: Mapping[str, Any], facts: Facts) -> Iterator[Mismatch | Unchecked]:
    """Nobody comes for the keys that the credential says are at an address of ours."""
    if facts.calls is None:
        yield Unchecked("the target was not told of an address of ours")
    else:
        yield from calls_back(facts.calls)


def calls_back(calls: Sequence[str]) -> Iterator[Mismatch]:
    """What these calls show, whatever was answered, and where nothing was."""
    if calls:
        yield Mismatch("no call to the address that the credential names", "; ".join(dict.fromkeys(calls)))
