"""The API as Schemathesis sees it: a WSGI application (PEP 3333) that asks through our own network.

So what it asks is redacted, paced, trusted and led as every other request is, and nothing leads elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from http.client import responses
from typing import Any

from harness.exchange import Answer, Request

Send = Callable[[Request], Answer]
"""Asks, and waits for the answer. Silence where there is none."""

_OURS = frozenset({"host", "user-agent", "accept-encoding", "connection", "content-length"})
"""Fields in whose stead go those of the harness."""
_OF_A_CODING = frozenset({"content-encoding", "transfer-encoding", "content-length"})


class Silence(Exception):
    """No answer came, or none is to be asked for any more."""


class Application:
    """Hands what it is asked on to `send`, as a request to the place at `origin`."""

    def __init__(self, send: Send, origin: str) -> None:
        self._send = send
        self._origin = origin

    def __call__(self, environ: Mapping[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        """The answer to one request. Silence where there is none."""
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read(length) if length else None
        path = str(environ.get("REQUEST_URI") or "/").partition("?")[0]
        query = f"?{environ['QUERY_STRING']}" if environ.get("QUERY_STRING") else ""
        url = f"{self._origin}{path}{query}"
        request = Request(environ["REQUEST_METHOD"], url, tuple(_fields(environ)), body)
        answer = self._send(request)
        headers = [(name, value) for name, value in answer.headers if name.lower() not in _OF_A_CODING]
        start_response(f"{answer.status} {responses.get(answer.status, 'Unknown')}", headers)
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else answer.body]


def _fields(environ: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in environ.items():
        if key == "CONTENT_TYPE" and value:
            yield "Content-Type", value
        elif key.startswith("HTTP_"):
            name = key.removeprefix("HTTP_").replace("_", "-").title()
            if name.lower() not in _OURS:
                yield name, value
