"""What is asked and what comes back."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal, NoReturn

from harness.exchange.tls import Secured
from harness.exchange.views import readings
from harness.model import Exchange, Timing

Purpose = Literal["case", "control", "setup"]
NoAnswerKind = Literal[
    "request",
    "source",
    "name",
    "connect",
    "proxy",
    "tls",
    "plain",
    "untrusted",
    "misnamed",
    "expired",
    "identity",
    "timeout",
    "closed",
    "protocol",
    "budget",
]


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request, sent as written.

    `url` is absolute; its host is the name of the place, whatever address is connected to, and its path
    goes out byte for byte (only what would break the request line is percent-encoded). Header values
    within latin-1 are sent as latin-1, others as UTF-8. `local_address` is the source address. `connect`
    is the `host` or `host:port` to connect to, whatever the network resolves the name to. `target` stands in
    the request line in place of what the URL has. Where `hostless`, no Host goes with it that `headers` lack.
    """

    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    local_address: str | None = None
    connect: str | None = None
    target: str | None = None
    hostless: bool = False

    def header(self, name: str) -> list[str]:
        """Every value of the header, in order; names compare without regard to case."""
        return _values(self.headers, name)


@dataclass(frozen=True, slots=True)
class Answer:
    """A response that arrived, its body cut off at the byte budget if `truncated`.

    Header names keep the case in which they came, values are decoded as latin-1. The body is what was on
    the wire after transfer decoding: a content coding is not undone.
    """

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    truncated: bool
    timing: Timing
    evidence: Exchange
    secured: Secured | None = None
    """What the connection showed; None where it was not over TLS."""

    def header(self, name: str) -> list[str]:
        """Every value of the header, in order; names compare without regard to case."""
        return _values(self.headers, name)

    def text(self) -> str:
        """The body as UTF-8, with U+FFFD where it is not."""
        return self.body.decode("utf-8", "replace")

    def holds(self, text: str) -> bool:
        """Whether the body holds a text, be it written with escapes of JSON, HTML or URLs.

        RFC 8259 section 7 leaves it to the server which characters it escapes.
        """
        return any(text in reading for reading in readings(self.text()))

    def json(self) -> Any:
        """The body as JSON (RFC 8259): ValueError where it is none, and for NaN and Infinity.

        Of duplicate member names the last counts.
        """
        try:
            return json.loads(self.body.decode("utf-8-sig"), parse_constant=_refuse_constant)
        except RecursionError:
            raise ValueError("the JSON is nested too deeply") from None


class NoAnswer(Exception):
    """No complete response came; `kind` says at which step, the message says it in plain words.

    request     it cannot be put on the wire: the URL or a header is impossible
    source      this machine does not have the local address
    name        the host name does not resolve
    connect     no connection to the address
    proxy       the proxy cannot be reached, or does not lead there
    tls         the handshake of TLS failed
    plain       what listens there does not speak TLS
    untrusted   nobody who is trusted vouches for the certificate
    misnamed    the certificate is for other names
    expired     the certificate is not valid any more, or not yet
    identity    it wants a client certificate, or another one
    timeout     the deadline passed
    closed      the connection was closed before the response was complete
    protocol    what came is not HTTP
    budget      the head of the response is larger than allowed
    """

    def __init__(self, kind: NoAnswerKind, message: str, evidence: Exchange) -> None:
        super().__init__(message)
        self.kind: NoAnswerKind = kind
        self.message = message
        self.evidence = evidence


def _values(headers: tuple[tuple[str, str], ...], name: str) -> list[str]:
    return [value for key, value in headers if key.lower() == name.lower()]


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
