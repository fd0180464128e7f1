"""What an answer grants to web origins: the CORS protocol of the Fetch standard."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from harness.checks.answers import named_status
from harness.checks.caching import directives, members
from harness.checks.facts import Facts, Mismatch, Unchecked
from harness.exchange import Answer

PREFIX = "access-control-"
ALLOW_ORIGIN = "Access-Control-Allow-Origin"
ALLOW_CREDENTIALS = "Access-Control-Allow-Credentials"
ALLOW_METHODS = "Access-Control-Allow-Methods"
ALLOW_HEADERS = "Access-Control-Allow-Headers"

_ANY = "*"
_SERIALISED = re.compile(
    r"[A-Za-z][A-Za-z0-9+.-]*://(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~!$&'()*+;=%-]+)(?::[0-9]+)?"
)
"""An origin as Fetch writes it; a comma, which RFC 3986 allows in a host, would make it a list."""
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_SAFE_METHODS = frozenset({"GET", "HEAD", "POST"})
"""The methods that need no permission (Fetch, CORS-safelisted method)."""
_SAFE_FIELDS = frozenset({"accept", "accept-language", "content-language"})
"""The fields that need none with an ordinary value (Fetch, CORS-safelisted request-header)."""
_NEVER_BY_WILDCARD = frozenset({"authorization"})
"""Fetch, CORS non-wildcard request-header name."""
_STORED = frozenset({"GET", "HEAD"})
"""The methods whose answers caches keep (RFC 9110 section 9.2.3)."""


def no_cors_headers(answer: Answer, args: Mapping[str, Any], facts: Facts) -> Iterator[Mismatch | Unchecked]:
    """No Access-Control field at all; Vary: Origin alone grants nothing."""
    for name, value in answer.headers:
        if name.lower().startswith(PREFIX):
            yield Mismatch("no Access-Control field", f"{name}: {value}")


def cors_allows(answer: Answer, args: Mapping[str, Any], facts: Facts) -> Iterator[Mismatch | Unchecked]:
    """The origin that asks may read the answer: Access-Control-Allow-Origin is that origin, or `*`.

    `*` is no permission for a request with cookies, which a browser sends with its credentials mode alone.
    """
    if facts.origin is None:
        yield Unchecked("the request named no origin")
        return
    value = _combined(answer, ALLOW_ORIGIN)
    if value == _ANY and _sent_cookies(answer):
        yield Mismatch(_field(ALLOW_ORIGIN, facts.origin), f"{_ANY}, which allows no request with cookies")
    elif value not in (facts.origin, _ANY):
        yield Mismatch(_field(ALLOW_ORIGIN, facts.origin), _shown(answer, ALLOW_ORIGIN))


def cors_refuses(answer: Answer, args: Mapping[str, Any], facts: Facts) -> Iterator[Mismatch | Unchecked]:
    """The origin that asks is granted nothing: Access-Control-Allow-Origin neither repeats it nor is `*`.

    It may be absent, or always the same one. That the body is served does not matter: no page can read it.
    """
    if facts.origin is None:
        yield Unchecked("the request named no origin")
        return
    value = _combined(answer, ALLOW_ORIGIN)
    if value in (_ANY, facts.origin) or facts.origin in members(answer, ALLOW_ORIGIN):
        yield Mismatch(f"no permission for {facts.origin}", _shown(answer, ALLOW_ORIGIN))


def no_wildcard_origin(
    answer: Answer, args: Mapping[str, Any], facts: Facts
) -> Iterator[Mismatch | Unchecked]:
    """Access-Control-Allow-Origin is not `*`."""
    if _combined(answer, ALLOW_ORIGIN) == _ANY:
        yield Mismatch("no permission for every origin", _shown(answer, ALLOW_ORIGIN))


def vary_origin(answer: Answer, args: Mapping[str, Any], facts: Facts) -> Iterator[Mismatch | Unchecked]:
    """Vary names Origin where the permission depends on it, or a cache would give one origin's to another.

    For an API that allows a listed origin. An answer without the permission shows that it depends on who
    asks; one with it could be the same for everybody, and so could `*`: then there is nothing to say.
    """
    if facts.method not in _STORED:
        yield Unchecked(f"no cache keeps an answer to {facts.method}")
    elif "no-store" in directives(answer):
        yield Unchecked("no cache keeps an answer that says no-store")
    elif not {"origin", _ANY} & {each.lower() for each in members(answer, "Vary")}:
        if answer.header(ALLOW_ORIGIN):
            yield Unchecked("the permission may be the same for every origin")
        else:
            yield Mismatch("Vary: Origin", _shown(answer, "Vary"))


def single_origin(answer: Answer, args: Mapping[str, Any], facts: Facts) -> Iterator[Mismatch | Unchecked]:
    """Access-Control-Allow-Origin is one line with one origin, `null` or `*`: no list and no path."""
    lines = answer.header(ALLOW_ORIGIN)
    if not lines:
        yield Unchecked(f"there is no {ALLOW_ORIGIN}")
    elif len(lines) > 1:
        yield Mismatch(f"one {ALLOW_ORIGIN}", f"{len(lines)} of them: {' and '.join(lines)}")
    elif lines[0].strip() not in (_ANY, "null") and not _SERIALISED.fullmatch(lines[0].strip()):
        yield Mismatch("one origin such as https://app.example, null or *", _shown(answer, ALLOW_ORIGIN))


def credentials_literal(
    answer: Answer, args: Mapping[str, Any], facts: Facts
) -> Iterator[Mismatch | Unchecked]:
    """Access-Control-Allow-Credentials is `true`, in these letters, or absent."""
    if not answer.header(ALLOW_CREDENTIALS):
        yield Unchecked(f"there is no {ALLOW_CREDENTIALS}")
    elif _combined(answer, ALLOW_CREDENTIALS) != "true":
        yield Mismatch(_field(ALLOW_CREDENTIALS, "true"), _shown(answer, ALLOW_CREDENTIALS))


def no_credentials_for_all(
    answer: Answer, args: Mapping[str, Any], facts: Facts
) -> Iterator[Mismatch | Unchecked]:
    """Access-Control-Allow-Credentials does not stand beside an Access-Control-Allow-Origin of `*`."""
    if not any(name.lower().startswith(PREFIX) for name, _ in answer.headers):
        yield Unchecked("there is no Access-Control field")
    elif _combined(answer, ALLOW_ORIGIN) == _ANY and answer.header(ALLOW_CREDENTIALS):
        yield Mismatch(f"no {ALLOW_CREDENTIALS} beside *", _shown(answer, ALLOW_CREDENTIALS))


def preflight_ok(answer: Answer, args: Mapping[str, Any], facts: Facts) -> Iterator[Mismatch | Unchecked]:
    """A preflight is answered with any 2xx: with another status the browser gives up."""
    if not 200 <= answer.status < 300:
        yield Mismatch("a preflight answered with any 2xx", named_status(answer.status))


def preflight_allows(answer: Answer, args: Mapping[str, Any], facts: Facts) -> Iterator[Mismatch | Unchecked]:
    """The preflight permits the operation's method and every field that was asked for.

    With `method: false` the fields alone are looked at. GET, HEAD and POST need no permission. `*` stands
    for every field but Authorization, which must be named (Fetch, CORS-preflight fetch).
    """
    if args.get("method", True) and facts.operation.method not in _SAFE_METHODS:
        yield from _permitted(answer, ALLOW_METHODS, {facts.operation.method})
    fields = {name.lower() for name in facts.asked} - _SAFE_FIELDS
    if fields:
        yield from _permitted(answer, ALLOW_HEADERS, fields)


def _permitted(answer: Answer, name: str, wanted: set[str]) -> Iterator[Mismatch]:
    """Whether the list in the field `name` has all of these; methods compare by case, fields do not."""
    listed = members(answer, name)
    if not all(map(_TOKEN.fullmatch, listed)):
        yield Mismatch(f"a list of names in {name}", _shown(answer, name))
        return
    known = {each.lower() for each in listed} if name == ALLOW_HEADERS else set(listed)
    lacking = wanted - known
    if _ANY in listed:
        lacking &= _NEVER_BY_WILDCARD
    if lacking:
        shown = _shown(answer, name)
        by_wildcard = ", which does not stand for Authorization" if _ANY in listed else ""
        yield Mismatch(_field(name, ", ".join(sorted(lacking))), shown + by_wildcard)


def _combined(answer: Answer, name: str) -> str:
    """All lines of a field as a browser takes them: as one value (Fetch, get a header)."""
    return ", ".join(value.strip(" \t") for value in answer.header(name))


def _shown(answer: Answer, name: str) -> str:
    return _field(name, _combined(answer, name)) if answer.header(name) else f"no {name}"


def _field(name: str, value: str) -> str:
    return f"{name}: {value}"


def _sent_cookies(answer: Answer) -> bool:
    return any(name.lower() == "cookie" for name, _ in answer.evidence.request.get("headers", ()))


def exposes(answer: Answer, args: Mapping[str, Any], facts: Facts) -> Iterator[Mismatch | Unchecked]:
    """Access-Control-Expose-Headers names those of the fields under `is` that the answer has (Fetch)."""
    sent = [name for name in args["is"] if answer.header(name)]
    listed = {each.lower() for each in members(answer, "Access-Control-Expose-Headers")}
    if not sent:
        yield Unchecked("the answer has none of these fields")
    elif hidden := [name for name in sent if not {name.lower(), "*"} & listed]:
        yield Mismatch(f"{', '.join(sent)} in Access-Control-Expose-Headers", f"{', '.join(hidden)} not")
