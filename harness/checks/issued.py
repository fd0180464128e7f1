"""Credentials as they were issued, and what later answers show of them."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from harness.checks.facts import Facts, Held, Mismatch, Unchecked
from harness.exchange import Answer

SHOWN = 4
"""Characters of a secret, beside its prefix, that a listing may show."""
BITS = 128


def documented_prefix(
    answer: Answer, args: Mapping[str, Any], facts: Facts
) -> Iterator[Mismatch | Unchecked]:
    """Each issued credential begins with one of the documented prefixes."""
    for held in facts.obtained:
        if not held.prefixes:
            yield Unchecked("the profile documents no prefix")
        elif not held.secret.startswith(held.prefixes):
            yield Mismatch(f"a beginning of {' or '.join(held.prefixes)}", "another beginning")


def all_different(answer: Answer, args: Mapping[str, Any], facts: Facts) -> Iterator[Mismatch | Unchecked]:
    """No two of the issued credentials are the same."""
    count = len(facts.obtained)
    different = len({held.secret for held in facts.obtained})
    if count < 2:
        yield Unchecked("only one was issued")
    elif different < count:
        yield Mismatch(f"{count} different credentials", f"only {different} different ones")


def unguessable(answer: Answer, args: Mapping[str, Any], facts: Facts) -> Iterator[Mismatch | Unchecked]:
    """The part of the issued credentials that varies looks like 128 random bits at least."""
    bodies = [held.secret[len(held.prefix) :] for held in facts.obtained]
    if len(bodies) < 10:
        yield Unchecked("too few were issued to say anything")
        return
    bits = apparent_bits(bodies)
    if bits < BITS:
        yield Mismatch(f"{BITS} bits that look random", f"about {bits:.0f}")


def apparent_bits(bodies: Sequence[str]) -> float:
    """How many random bits the strings seem to hold, at most.

    Characters at a position where all strings agree hold none. At any other position a character holds no
    more than the logarithm of the alphabet seen in all such positions; where few values occur at a position,
    no more than that of the values that so many samples could have been drawn from.
    """
    length = min(len(each) for each in bodies)
    columns = [Counter(each[index] for each in bodies) for index in range(length)]
    varying = [column for column in columns if len(column) > 1]
    alphabet = len(set().union(*varying)) if varying else 1
    return sum(min(math.log2(alphabet), _column_bits(column)) for column in varying)


def _column_bits(column: Counter[str]) -> float:
    """Bits of one position: its alphabet as estimated from how often two samples agree."""
    count = sum(column.values())
    pairs = count * (count - 1)
    agreeing = sum(each * (each - 1) for each in column.values())
    return math.log2(pairs / agreeing) if agreeing else math.inf


def no_secret(answer: Answer, args: Mapping[str, Any], facts: Facts) -> Iterator[Mismatch | Unchecked]:
    """The answer does not hold the secret of the credential under `of`."""
    held = facts.held[args["of"]]
    if held.secret in _everything(answer):
        yield Mismatch("nothing of the secret", f"the whole secret of {held.name}")


def masked(answer: Answer, args: Mapping[str, Any], facts: Facts) -> Iterator[Mismatch | Unchecked]:
    """The answer holds no longer piece of the secret than its prefix and four characters."""
    held = facts.held[args["of"]]
    body = held.secret[len(held.prefix) :]
    text = _everything(answer)
    longest = SHOWN + 1
    pieces = (body[start : start + longest] for start in range(len(body) - longest + 1))
    if len(body) > 2 * SHOWN and any(piece in text for piece in pieces):
        yield Mismatch(f"at most the prefix and {SHOWN} characters", f"a longer piece of {held.name}")


def shows(answer: Answer, args: Mapping[str, Any], facts: Facts) -> Iterator[Mismatch | Unchecked]:
    """The JSON answer holds, as a string, what is known of a credential under the name `what`."""
    held = facts.held[args["of"]]
    wanted = held.facts.get(args["what"])
    if wanted is None:
        yield Unchecked(f"nothing is known of its {args['what']}")
        return
    try:
        strings = set(_strings(answer.json()))
    except ValueError:
        yield Mismatch("a JSON answer", "one that is not JSON")
        return
    if str(wanted) not in strings:
        yield Mismatch(f"the {args['what']} {json.dumps(wanted, ensure_ascii=False)}", "an answer without it")


def _everything(answer: Answer) -> str:
    fields = "\n".join(f"{name}: {value}" for name, value in answer.headers)
    return f"{fields}\n{answer.text()}"


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each)


def held_of(name: str, secret: str, prefixes: tuple[str, ...], known: Mapping[str, Any]) -> Held:
    """A credential as checks see it."""
    prefix = max((each for each in prefixes if secret.startswith(each)), key=len, default="")
    return Held(name, secret, prefix, prefixes, known)
