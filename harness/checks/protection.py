"""Header fields that protect an answer on its way and where it arrives, and what an error says in them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from harness.checks.answers import named_status
from harness.checks.facts import Facts, Mismatch, Unchecked
from harness.durations import seconds
from harness.exchange import Answer

YEAR = 31_536_000
"""Seconds for which a browser is to remember that a host is to be had over TLS alone (ASVS 5.0 3.4.1)."""

_MAX_AGE = re.compile(r'(?:^|;)[ \t]*max-age[ \t]*=[ \t]*"?([0-9]+)"?[ \t]*(?:;|$)', re.IGNORECASE)
_LONGEST = 20
"""Digits of a number that is read; one with more is longer than any time that matters."""
_PROBLEM = re.compile(r"application/problem\+json[ \t]*(;.*)?", re.IGNORECASE | re.DOTALL)
_NO_URI = re.compile(r'[\s<>"{}|\\^`]')


def hsts(answer: Answer, args: Mapping[str, Any], facts: Facts) -> Iterator[Mismatch | Unchecked]:
    """Over TLS, Strict-Transport-Security asks for a year at least (ASVS 5.0 3.4.1, RFC 6797 section 6.1)."""
    if answer.secured is None:
        yield Unchecked("the answer did not come over TLS")
        return
    lines = answer.header("Strict-Transport-Security")
    found = _MAX_AGE.search(lines[0]) if lines else None
    if found is None or (len(found[1]) <= _LONGEST and int(found[1]) < YEAR):
        shown = f"Strict-Transport-Security: {lines[0]}" if lines else "no Strict-Transport-Security"
        yield Mismatch(f"Strict-Transport-Security with a max-age of {YEAR} or more", shown)


def nosniff(answer: Answer, args: Mapping[str, Any], facts: Facts) -> Iterator[Mismatch | Unchecked]:
    """X-Content-Type-Options is nosniff (Fetch)."""
    lines = answer.header("X-Content-Type-Options")
    if not lines or lines[0].split(",")[0].strip(" \t").lower() != "nosniff":
        shown = f"X-Content-Type-Options: {lines[0]}" if lines else "no X-Content-Type-Options"
        yield Mismatch("X-Content-Type-Options: nosniff", shown)


def allow_listed(answer: Answer, args: Mapping[str, Any], facts: Facts) -> Iterator[Mismatch | Unchecked]:
    """A 405 has an Allow field, which may be empty (RFC 9110 section 15.5.6)."""
    if answer.status != 405:
        yield Unchecked(f"the answer is {named_status(answer.status)}, and no 405")
    elif not answer.header("Allow"):
        yield Mismatch("an Allow field", "a 405 without one")


def no_redirect_to_tls(
    answer: Answer, args: Mapping[str, Any], facts: Facts
) -> Iterator[Mismatch | Unchecked]:
    """A request over plain HTTP is not redirected to https."""
    if answer.status not in (301, 302, 303, 307, 308):
        return
    for location in answer.header("Location"):
        if location.strip(" \t").lower().startswith("https:"):
            yield Mismatch("no redirect to https", f"{named_status(answer.status)} to {location}"[:200])


def prompt(answer: Answer, args: Mapping[str, Any], facts: Facts) -> Iterator[Mismatch | Unchecked]:
    """The answer began to come within the time under `within`."""
    took = answer.timing.headers - answer.timing.sent
    if took > seconds(args["within"]):
        yield Mismatch(f"an answer within {args['within']}", f"one after {took:.1f} s")


def problem_details(answer: Answer, args: Mapping[str, Any], facts: Facts) -> Iterator[Mismatch | Unchecked]:
    """A body of application/problem+json has members of their types, and its status is the real one."""
    types = answer.header("Content-Type")
    if not types or not _PROBLEM.fullmatch(types[0].strip()):
        yield Unchecked("the body is no application/problem+json")
        return
    try:
        body = answer.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        yield Mismatch("a JSON object", "application/problem+json that is none")
        return
    for name in ("type", "title", "detail", "instance"):
        if name in body and not isinstance(body[name], str):
            yield Mismatch(f"{name} as a string", f"{name}: {_shown(body[name])}")
    for name in ("type", "instance"):
        if isinstance(body.get(name), str) and _NO_URI.search(body[name]):
            yield Mismatch(f"{name} as a URI reference", f"{name}: {_shown(body[name])}")
    status = body.get("status")
    if "status" in body and (isinstance(status, bool) or status != answer.status):
        yield Mismatch(f"status {answer.status}, as the answer has it", f"status: {_shown(status)}")


def _shown(value: Any) -> str:
    return json.dumps(value)[:60]
