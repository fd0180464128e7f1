"""One request and its response as they are stored: redacted first, then cut."""

from __future__ import annotations

from typing import Any

from harness.exchange.curl import Reach, curl
from harness.exchange.message import Purpose, Request
from harness.exchange.outgoing import Outgoing
from harness.exchange.redaction import Redactor
from harness.exchange.reply import Reply
from harness.model import Exchange, Timing

REQUEST_BODY = 8 * 1024
RESPONSE_BODY = 16 * 1024
"""Characters of a body that are kept."""
FIELD = 8 * 1024
"""Characters of a field value that are kept."""
COMMAND = 64 * 1024
"""Characters of fields and body beyond which no command line is given that would send the same."""

_WINDOW = 4
"""How many times more is redacted than kept, for a secret must not be cut before it is found."""


def record(
    request: Request,
    outgoing: Outgoing | None,
    reply: Reply,
    purpose: Purpose,
    error: str | None,
    timing: Timing,
    *,
    reach: Reach | None,
    redactor: Redactor,
) -> Exchange:
    """The exchange as evidence; `error` is redacted already.

    A response that broke off is kept as far as it came, and called truncated.
    """
    sent: dict[str, Any] = {
        "method": redactor.text(request.method),
        "url": redactor.text(request.url),
        "headers": _headers(outgoing.headers if outgoing else request.headers, redactor),
        "body": None if request.body is None else _body(request.body, None, REQUEST_BODY, redactor)[0],
        "curl": curl(request, reach, redactor) if reach and _can_repeat(request) else None,
    }
    return Exchange(purpose, sent, _response(reply, error, redactor), error, timing)


def _can_repeat(request: Request) -> bool:
    """Whether a line of curl repeats it: none that is too long does, and curl sends no second Host."""
    return _size(request) <= COMMAND and len(request.header("Host")) <= 1


def _response(reply: Reply, error: str | None, redactor: Redactor) -> dict[str, Any] | None:
    if reply.status is None:
        return None
    coding = next((value for name, value in reply.headers if name.lower() == "content-encoding"), None)
    body, cut = _body(bytes(reply.body), coding, RESPONSE_BODY, redactor)
    secured = {"tls": reply.secured.version} if reply.secured else {}
    return {
        "status": reply.status,
        "reason": redactor.text(reply.reason),
        "headers": _headers(reply.headers, redactor),
        "body": body,
        "truncated": cut or reply.truncated or error is not None,
        "http_version": reply.http_version,
        **secured,
    }


def _headers(headers: tuple[tuple[str, str], ...], redactor: Redactor) -> list[list[str]]:
    return [[redactor.text(name), _cut(redactor.field(name, value))] for name, value in headers]


def _cut(text: str) -> str:
    return text if len(text) <= FIELD else f"{text[:FIELD]}… ({len(text)} characters)"


def _size(request: Request) -> int:
    return len(request.body or b"") + sum(len(value) for _, value in request.headers)


def _body(body: bytes, coding: str | None, limit: int, redactor: Redactor) -> tuple[str, bool]:
    """(text, whether it was cut). What is compressed or not text could hide a secret, so it is not kept."""
    if coding is not None and coding.strip().lower() not in ("", "identity"):
        return f"[{len(body)} bytes in {redactor.text(coding.strip())[:40]}]", False
    if b"\0" in body:
        return f"[{len(body)} bytes that are not text]", False
    text = redactor.text(body[: _WINDOW * limit].decode("utf-8", "backslashreplace"))
    if len(body) > _WINDOW * limit and len(text) < 2 * limit:
        # so much was taken out that a secret cut by the window could show
        text = redactor.text(body.decode("utf-8", "backslashreplace"))
    return text[:limit], len(text) > limit
