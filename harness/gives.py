"""Where an answer holds what a lifecycle verb gives: in its JSON body, a field, a cookie or a redirect."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

from harness.checks import bodies
from harness.exchange import Answer

SECRET = "secret"
"""The name under which a verb gives the credential itself."""
LIFE = "life"
"""The name under which it gives the seconds for which that is good."""

HEADER, COOKIE, REDIRECT = "header:", "cookie:", "redirect:"
"""How what is no JSON Pointer begins: then follows the name of a field, cookie or parameter."""


def find(written: str, answer: Answer) -> Any:
    """What stands in `answer` at `written`. LookupError or ValueError where there is nothing."""
    if written.startswith(HEADER):
        return _only(answer.header(written.removeprefix(HEADER)))
    if written.startswith(COOKIE):
        return cookies(answer)[written.removeprefix(COOKIE)]
    if written.startswith(REDIRECT):
        return _only(redirected(answer).get(written.removeprefix(REDIRECT), []))
    return bodies.resolve(answer.json(), written)


def cookies(answer: Answer) -> dict[str, str]:
    """The cookies that `answer` sets (RFC 6265 section 4.1), without their attributes."""
    pairs = (line.partition(";")[0].partition("=") for line in answer.header("Set-Cookie"))
    return {name.strip(): value.strip() for name, _, value in pairs}


def redirected(answer: Answer) -> dict[str, list[str]]:
    """The parameters of the URL that `answer` leads to, those of its fragment among them."""
    location = (answer.header("Location") or [""])[0]
    split = urlsplit(location)
    found = parse_qs(split.query, keep_blank_values=True)
    return {**found, **parse_qs(split.fragment, keep_blank_values=True)}


def _only(values: list[str]) -> str:
    if len(values) != 1:
        raise LookupError(f"{len(values)} values")
    return values[0]
