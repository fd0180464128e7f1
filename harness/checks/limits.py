"""The refusal of what is too much: when to come again, and that no cache keeps it (RFC 6585 section 4)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from harness.checks import structured
from harness.checks.caching import directives, life
from harness.checks.facts import Facts, Mismatch, Unchecked
from harness.exchange import Answer

_SECONDS = re.compile(r"[0-9]+")
_LONGEST = 20
"""Characters of a number that is read; one with more is longer than any time that matters."""
_DATE = re.compile(
    r"(?:[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT"
    r"|[A-Z][a-z]{5,8}, [0-9]{2}-[A-Z][a-z]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT"
    r"|[A-Z][a-z]{2} [A-Z][a-z]{2} [ 0-9][0-9] [0-9]{2}:[0-9]{2}:[0-9]{2} [0-9]{4})"
)
"""The three forms of an HTTP-date (RFC 9110 section 5.6.7)."""


def retry_after(answer: Answer, args: Mapping[str, Any], facts: Facts) -> Iterator[Mismatch | Unchecked]:
    """Retry-After, where there is one, is a number of seconds or an HTTP-date (RFC 9110 section 10.2.3)."""
    lines = answer.header("Retry-After")
    if not lines:
        yield Unchecked("there is no Retry-After")
    elif len(lines) > 1 or not _is_moment(lines[0].strip(" \t")):
        shown = " and ".join(lines)[:80]
        yield Mismatch("Retry-After as seconds or an HTTP-date", f"Retry-After: {shown}")


def ratelimit_fields(answer: Answer, args: Mapping[str, Any], facts: Facts) -> Iterator[Mismatch | Unchecked]:
    """RateLimit and RateLimit-Policy, where they are sent, are lists with their parameters.

    Not beside RateLimit-Limit: that is of older drafts, in which a policy was written otherwise.
    """
    if answer.header("RateLimit-Limit"):
        yield Unchecked("RateLimit-Limit is of an older draft")
        return
    needed = {"RateLimit": "r", "RateLimit-Policy": "q"}
    sent = [name for name in needed if answer.header(name)]
    if not sent:
        yield Unchecked("there is neither RateLimit nor RateLimit-Policy")
    for name in sent:
        try:
            listed = structured.items(answer.header(name))
        except ValueError as error:
            yield Mismatch(f"{name} as a list of structured items", str(error))
            continue
        for policy, parameters in listed:
            if wrong := _wrong_parameter(parameters, needed[name]):
                yield Mismatch(
                    f"{name} with whole numbers that are not negative", f"{wrong} in {policy!r}"[:80]
                )


def retry_after_reset(
    answer: Answer, args: Mapping[str, Any], facts: Facts
) -> Iterator[Mismatch | Unchecked]:
    """Retry-After is not earlier than the time that RateLimit gives until its quota is renewed."""
    waits = answer.header("Retry-After")
    try:
        resets = [
            given.get("t") for _, given in structured.items(answer.header("RateLimit")) if not given.get("r")
        ]
    except ValueError:
        resets = []
    known = [each for each in resets if isinstance(each, int)]
    if not known or not waits or not _SECONDS.fullmatch(waits[0].strip(" \t")):
        yield Unchecked("the answer does not have both")
    elif len(waits[0]) <= _LONGEST and int(waits[0]) < max(known):
        yield Mismatch(f"Retry-After: {max(known)} or more, as RateLimit says", f"Retry-After: {waits[0]}")


def _wrong_parameter(parameters: Mapping[str, structured.Bare], needed: str) -> str | None:
    if needed not in parameters:
        return f"no {needed}"
    for name, least in (("q", 0), ("r", 0), ("t", 0), ("w", 1)):
        value = parameters.get(name, least)
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            return f"{name}={value!r}"
    return "pk that is no byte sequence" if not isinstance(parameters.get("pk", b""), bytes) else None


def not_kept(answer: Answer, args: Mapping[str, Any], facts: Facts) -> Iterator[Mismatch | Unchecked]:
    """Nothing in the answer has a cache keep it: neither `public`, nor a time for which it is fresh."""
    said = directives(answer)
    if "no-store" in said:
        return
    fresh = life(answer, said)
    if "public" in said or (fresh is not None and fresh > 0):
        names = ("Cache-Control", "Expires")
        shown = ", ".join(f"{name}: {value}" for name in names for value in answer.header(name))
        yield Mismatch("no permission for caches to keep the refusal", shown)


def _is_moment(text: str) -> bool:
    if _SECONDS.fullmatch(text):
        return text.isascii()
    if not _DATE.fullmatch(text):
        return False
    try:
        parsedate_to_datetime(text)
    except ValueError:
        return False
    return True
