"""One request as the decisions see it, and the answer that they make."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import formatdate
from functools import lru_cache
from typing import Any, Literal
from urllib.parse import unquote

BODY_LIMIT = 1 << 20
"""Bytes of a request body that are read; a longer body is not read to its end."""

LOOPBACK = "127.0.0.1"

Framing = Literal["length", "chunks", "close"]
"""How the end of a body is told: RFC 9112 section 6."""

Scheme = Literal["http", "https"]


@dataclass(slots=True)
class Connection:
    """One connection of a client, for as long as it is open."""

    number: int
    served: int = 0
    """Requests that it has carried before the present one."""


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request. Header names are in lower case, values as sent, in order, repeated fields apart."""

    method: str
    authority: str
    """Whom the request is for: of the target in absolute form, else of Host (RFC 9112 section 3.3)."""
    path: str
    """Still percent-encoded, and never with a query."""
    query: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    whole: bool
    """False when the body was longer than BODY_LIMIT."""
    connection: int
    served: int
    """Requests answered before on the same connection."""
    peer: str = LOOPBACK
    """The address from which the connection comes, whatever the header fields say."""
    scheme: Scheme = "http"
    """What is spoken on the connection."""

    @property
    def host(self) -> str:
        """The authority without its port, in lower case; no address in brackets is ever an instance."""
        return self.authority.partition(":")[0].lower()

    @property
    def segments(self) -> tuple[str, ...]:
        """The parts of the path, each decoded after the split, so that `%2F` divides nothing."""
        return tuple(unquote(part) for part in self.path.split("/")[1:])

    def values(self, name: str) -> tuple[str, ...]:
        """The value of each field line of that name (in lower case)."""
        return tuple(value for known, value in self.headers if known == name)


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP response. What tells the length of its body is added when it is sent; HEAD gets no body."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    framing: Framing = "length"
    delay: float = 0.0
    """Seconds before it is sent."""

    def value(self, name: str) -> str | None:
        """The first value of a header, whatever the case of its name."""
        return next((value for known, value in self.headers if known.lower() == name.lower()), None)


Handler = Callable[[Request], Answer]
Mend = Callable[[bytes], bytes]
"""Of some bytes of a connection, as they arrive: what is parsed in their place."""


def json_answer(status: int, value: Any, headers: Mapping[str, str] | None = None) -> Answer:
    """An answer with a JSON body and further headers."""
    fields = {"Content-Type": "application/json", **(headers or {})}
    return Answer(status, tuple(fields.items()), json.dumps(value).encode())


def with_fields(answer: Answer, fields: Mapping[str, str]) -> Answer:
    """The answer with further header fields."""
    return _with(answer, tuple(fields.items()))


def dated(answer: Answer, now: float) -> Answer:
    """The answer with its Date, and no copy of it in any cache."""
    always = (("Date", _http_date(int(now))), ("Cache-Control", "private, no-store"))
    return _with(answer, always)


def _with(answer: Answer, headers: tuple[tuple[str, str], ...]) -> Answer:
    # what `replace` does, at a fifth of its price: every answer passes here several times
    return Answer(answer.status, answer.headers + headers, answer.body, answer.framing, answer.delay)


@lru_cache(maxsize=8)
def _http_date(second: int) -> str:
    return formatdate(second, usegmt=True)
