"""What caches may keep of an answer, and give to others (RFC 9111)."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from harness.checks.facts import Facts, Mismatch, Unchecked
from harness.exchange import Answer
from harness.exchange.outgoing import CASE_HEADER

_DIRECTIVE = re.compile(
    r"(?P<name>[!#$%&'*+.^_`|~0-9A-Za-z-]+)"
    r"(?:[ \t]*=[ \t]*(?:\"(?P<quoted>(?:[^\"\\]|\\.)*)\"|(?P<token>[^\s,;\"]*)))?"
)
_CLOSED = ("no-store", "private", "no-cache")
"""Without an argument, each keeps an answer from being given to others before the server is asked."""
_OPEN = ("public", "s-maxage", "must-revalidate")
"""Each opens an answer to a request with Authorization to shared caches (RFC 9111 section 3.5)."""
_OF_EVERY_REQUEST = frozenset(
    {"host", "user-agent", "accept", "accept-encoding", "connection", "content-type", "content-length"}
    | {"origin", CASE_HEADER.lower()}
)
"""Fields that say nothing of who asks."""


def no_store(answer: Answer, args: Mapping[str, Any], facts: Facts) -> Iterator[Mismatch | Unchecked]:
    """Cache-Control says no-store. What Pragma says does not matter."""
    if "no-store" not in directives(answer):
        yield Mismatch("Cache-Control: no-store", _shown(answer, "Cache-Control"))


def not_cacheable(answer: Answer, args: Mapping[str, Any], facts: Facts) -> Iterator[Mismatch | Unchecked]:
    """No shared cache may give the answer to a request with a credential to somebody else.

    That holds by itself for a credential in Authorization, unless the answer says public, s-maxage or
    must-revalidate. For one in another field it must say no-store or private, or name that field in Vary;
    where it says nothing of its age at all, a cache decides, and the check says nothing either. What must
    be asked for again each time (no-cache, max-age=0) is not given away.
    """
    fields = _credential_fields(answer, facts)
    if facts.method not in ("GET", "HEAD"):
        yield Unchecked(f"no cache keeps an answer to {facts.method}")
        return
    if not facts.sent or not fields:
        yield Unchecked("the request had no credential in a field")
        return
    said = directives(answer)
    vary = {each.lower() for each in members(answer, "Vary")}
    if any(said.get(name, "absent") is None for name in _CLOSED) or vary & {*fields, "*"}:
        return
    lasts = life(answer, said)
    shown = ", ".join(_shown(answer, name) for name in ("Cache-Control", "Expires") if answer.header(name))
    if lasts is not None and lasts <= 0:
        return
    if "authorization" in fields:
        if (lasts is not None and said.keys() & set(_OPEN)) or "public" in said:
            yield Mismatch("an answer that no shared cache gives to others", shown)
    elif lasts is not None or "public" in said:
        names = " or ".join(sorted(fields))
        yield Mismatch(f"Cache-Control: no-store or private, or a Vary that names {names}", shown)
    else:
        yield Unchecked("the answer says nothing of its age")


def directives(answer: Answer) -> dict[str, str | None]:
    """The directives of Cache-Control by their lower-case names, each with its argument; the first counts."""
    found: dict[str, str | None] = {}
    for each in _DIRECTIVE.finditer(", ".join(answer.header("Cache-Control"))):
        argument = each["token"] if each["quoted"] is None else each["quoted"]
        found.setdefault(each["name"].lower(), argument)
    return found


def members(answer: Answer, name: str) -> list[str]:
    """The members of a field that is a list (RFC 9110 section 5.6.1), whatever its lines."""
    listed = (each.strip(" \t") for line in answer.header(name) for each in line.split(","))
    return [each for each in listed if each]


def life(answer: Answer, said: Mapping[str, str | None]) -> float | None:
    """For how many seconds a shared cache may serve it unasked; None where it does not say."""
    for name in ("s-maxage", "max-age"):
        if name in said:
            text = said[name] or ""
            # an argument that cannot be read makes the answer stale (RFC 9111 section 4.2.1)
            return float(text[:9]) if text.isascii() and text.isdecimal() else 0.0
    expires = answer.header("Expires")
    if not expires:
        return None
    until = _instant(expires[0])
    dated = [_instant(value) for value in answer.header("Date")]
    now = dated[0] if dated and dated[0] is not None else time.time()
    return 0.0 if until is None else until - now


def _instant(text: str) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, OverflowError):
        return None


def _credential_fields(answer: Answer, facts: Facts) -> frozenset[str]:
    """The fields of the request that can have held the credential, in lower case."""
    sent = {name.lower() for name, _ in answer.evidence.request.get("headers", ())}
    return frozenset(sent - _OF_EVERY_REQUEST - {name.lower() for name, _ in facts.operation.headers})


def _shown(answer: Answer, name: str) -> str:
    values = answer.header(name)
    return f"{name}: {', '.join(values)}" if values else f"no {name}"
