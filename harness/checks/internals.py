"""What a refusal shows of the inside of the server."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from harness.checks.facts import Facts, Mismatch, Unchecked
from harness.exchange import Answer, readings

_SIGNS = {
    "a stack trace": re.compile(
        r"Traceback \(most recent call last\)|\bat [\w$.<>]+\([\w]+\.(?:java|kt|scala|cs):\d+\)"
        r"|\bFile \"[^\"\n]+\", line \d+|\n\s+at \S+ \([^)\n]+:\d+:\d+\)|goroutine \d+ \[running\]"
    ),
    "a query": re.compile(
        r"\bSQLSTATE\b|\bORA-\d{5}\b|\bsqlite3?\.\w*Error|\bSELECT\s[^;\n]{1,200}\sFROM\s\w+\s+WHERE\b"
    ),
    "a path of the server": re.compile(r"(?<![\w.:/-])/(?:usr|var|home|opt|srv|etc|root)/[\w.-]+/[\w./-]+"),
}


_URL = re.compile(r"(?:\bhttps?://|(?<![\w/])/)[^\s\"'<>]*")
"""A URL, or a path with what follows it."""

SHORTEST = 8
"""Characters of a credential that an answer could hold by chance no more."""


def no_echo(answer: Answer, args: Mapping[str, Any], facts: Facts) -> Iterator[Mismatch | Unchecked]:
    """Nothing of the credential in the answer: as it was sent, with escapes or in Base64."""
    texts = _read(answer)
    forms = [form for value in facts.sent if len(value) >= SHORTEST for form in _forms(value)]
    if not forms:
        yield Unchecked("no credential was sent that could be told from other text")
    elif any(form in text for form in forms for text in texts):
        yield Mismatch("nothing of the credential that was sent", "an answer that repeats it")


def _forms(value: str) -> tuple[str, ...]:
    return value, base64.b64encode(value.encode()).decode().rstrip("=")


def _read(answer: Answer) -> tuple[str, ...]:
    """The values of the fields and the body, as they are written and as they are meant."""
    return readings("\n".join((*(value for _, value in answer.headers), answer.text())))


def no_secret_in_urls(
    answer: Answer, args: Mapping[str, Any], facts: Facts
) -> Iterator[Mismatch | Unchecked]:
    """No URL in the answer, in its fields or its body, holds the credential that was sent or issued."""
    sent = (*facts.sent, *(each.secret for each in (*facts.obtained, *facts.held.values())))
    forms = [form for value in sent if len(value) >= SHORTEST for form in (value, quote(value, safe=""))]
    texts = (text.replace("\\/", "/") for text in _read(answer))
    if not forms:
        yield Unchecked("no credential was sent that could be told from other text")
    elif any(form in url for text in texts for url in _URL.findall(text) for form in forms):
        yield Mismatch("no credential in a URL", "a URL that holds it")


def no_internals(answer: Answer, args: Mapping[str, Any], facts: Facts) -> Iterator[Mismatch | Unchecked]:
    """No stack trace, query or path of the server in the body."""
    text = answer.text()
    if not text:
        yield Unchecked("there is no body")
        return
    for what, sign in _SIGNS.items():
        if sign.search(text):
            yield Mismatch("nothing of the inside of the server", f"{what} in the body")
