"""A small API of the standard library that is right, and can have its credential presented in many ways."""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

SECRET = "k3y-9f8E7d6C5b4A39281706"
USER, PASSWORD = "ada", "correct-horse-battery"


@dataclass
class Asked:
    """A request as the API sees it."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Any
    body: str

    @property
    def cookies(self) -> Mapping[str, str]:
        return {name: morsel.value for name, morsel in SimpleCookie(self.headers.get("Cookie", "")).items()}

    def only(self, name: str) -> str | None:
        """The value of a field that is there once, without the space around it (RFC 9110 section 5.5)."""
        values = self.headers.get_all(name, [])
        return values[0].strip(" \t") if len(values) == 1 else None

    def members(self) -> Any:
        try:
            return json.loads(self.body or "null")
        except ValueError:
            return None


Reads = Callable[[Asked], str | None]
"""Finds the credential in a request."""


@dataclass
class Api:
    """What the API knows, and how it is asked."""

    reads: Reads
    refusal: tuple[int, Mapping[str, str]] = (401, {"WWW-Authenticate": 'Key realm="things"'})
    sessions: dict[str, str] = field(default_factory=dict)
    """The sessions that were opened, each with its token against forged requests."""
    port: int = 0

    def answer(self, asked: Asked) -> tuple[int, Mapping[str, str], Any]:
        if (asked.method, asked.path) == ("GET", "/health"):
            return 200, {}, {"up": True}
        if (asked.method, asked.path) == ("POST", "/login"):
            return self.log_in(asked)
        if asked.path != "/things":
            return 404, {}, {"error": "no such thing"}
        given = self.reads(asked)
        if given is not None and (given == SECRET or given in self.sessions):
            return 200, {}, {"owner": "ada", "things": [1, 2]}
        return (*self.refusal, {"error": "not you"})

    def log_in(self, asked: Asked) -> tuple[int, Mapping[str, str], Any]:
        given = asked.members()
        if given != {"username": USER, "password": PASSWORD}:
            return 403, {}, {"error": "wrong password"}
        session, csrf = secrets.token_urlsafe(18), secrets.token_urlsafe(12)
        self.sessions[session] = csrf
        return 200, {"Set-Cookie": f"sid={session}; HttpOnly; Path=/"}, {"tokens": {"csrf": csrf}}


@contextmanager
def serving(api: Api) -> Iterator[Api]:
    """Serve the API on loopback for as long as this lasts."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

        def answer(self) -> None:
            split = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode("utf-8", "replace")
            asked = Asked(self.command, split.path, parse_qs(split.query), self.headers, body)
            one_host = len(self.headers.get_all("Host", [])) == 1  # RFC 9112 section 3.2
            status, fields, value = api.answer(asked) if one_host else (400, {}, {"error": "whose?"})
            content = json.dumps(value).encode()
            self.send_response(status)
            for name, text in {**fields, "Content-Type": "application/json"}.items():
                self.send_header(name, text)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_OPTIONS = do_PATCH = answer

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

        def handle_error(self, request: Any, client_address: Any) -> None:
            """A client that hangs up is no news."""

    server = Server(("127.0.0.1", 0), Handler)
    api.port = server.server_address[1]
    running = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    running.start()
    try:
        yield api
    finally:
        server.shutdown()
        server.server_close()
        running.join()
