"""Put a handler on a loopback socket, and take it off again at once."""

from __future__ import annotations

import asyncio
import itertools
import socket
import ssl
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from reference_server.messages import BODY_LIMIT, LOOPBACK, Answer, Connection, Handler, Mend, Request

KEEP_ALIVE = 75
"""Seconds that an idle connection stays open: longer than any client's pause between two requests."""

PATIENCE = 0.5
"""Seconds that requests under way are given when the server stops."""

HANDSHAKE = 5.0
"""Seconds that a client has to agree on TLS."""

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Served:
    """A listening server; `port` is where."""

    def __init__(self, listener: asyncio.Server, state: ServerState, port: int) -> None:
        self._listener = listener
        self._state = state
        self.port = port

    async def stop(self) -> None:
        """Close the socket and every connection; a request that has not arrived in PATIENCE is given up."""
        self._listener.close()
        for connection in list(self._state.connections):
            connection.shutdown()
        if self._state.tasks:
            await asyncio.wait(list(self._state.tasks), timeout=PATIENCE)
        for connection in list(self._state.connections):
            connection.transport.abort()
        if self._state.tasks:
            await asyncio.wait(list(self._state.tasks))
        await asyncio.sleep(0)  # lets the transports run their closing callbacks


async def listen(
    handler: Handler, port: int = 0, tls: ssl.SSLContext | None = None, mend: Mend | None = None
) -> Served:
    """Serve `handler` on 127.0.0.1, over TLS where given; port 0 takes a free one.

    With `mend` what arrives is changed before it is parsed. Raises OSError when the port is taken.
    """
    config = Config(
        application(handler),
        interface="asgi3",
        lifespan="off",
        ws="none",
        log_config=None,
        log_level="error",  # a malformed request is the client's affair, an exception is ours
        access_log=False,
        proxy_headers=False,  # Forwarded headers must change nothing
        timeout_keep_alive=KEEP_ALIVE,
    )
    config.load()
    state = ServerState()
    numbers = itertools.count(1)

    def connected() -> H11Protocol:
        own = {"connection": Connection(next(numbers))}
        protocol = _Mending(config, state, own, mend) if mend else H11Protocol(config, state, own)
        protocol.app_state["protocol"] = protocol
        return protocol

    # uvicorn's own Server wakes every 0.1 s to see whether to stop; a run of many short servers would wait
    listener = await asyncio.get_running_loop().create_server(
        connected,
        sock=_bound(port),
        backlog=512,
        ssl=tls,
        ssl_handshake_timeout=HANDSHAKE if tls else None,
    )
    return Served(listener, state, listener.sockets[0].getsockname()[1])


class _Mending(H11Protocol):
    """The protocol behind something that changes what it is given."""

    def __init__(self, config: Config, state: ServerState, own: dict[str, Any], mend: Mend) -> None:
        super().__init__(config, state, own)
        self._mend = mend

    def data_received(self, data: bytes) -> None:
        super().data_received(self._mend(data))


def application(handler: Handler) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
    """The handler as an ASGI application."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        connection: Connection = scope["state"]["connection"]
        body = await _read(receive)
        if body is None:
            return
        answer = handler(_request(scope, connection, body))
        connection.served += 1
        if answer.delay:
            await asyncio.sleep(answer.delay)
        if answer.framing == "close":
            # h11 leaves lengths and chunks out for a client that, as it believes, does not know chunks
            scope["state"]["protocol"].conn.their_http_version = b"1.0"
        await _send(answer, scope["method"], send)

    return app


def _bound(port: int) -> socket.socket:
    # asyncio sets TCP_NODELAY only where the protocol is named; without it each answer waits 40 ms for an ACK
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((LOOPBACK, port))
    except OSError:
        bound.close()
        raise
    return bound


async def _read(receive: Receive) -> bytes | None:
    """The body, or so much of it that it is longer than BODY_LIMIT; None when the client went away."""
    body = b""
    more = True
    while more and len(body) <= BODY_LIMIT:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


def _request(scope: Scope, connection: Connection, body: bytes) -> Request:
    headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"])
    path = scope["raw_path"].decode("latin-1")
    authority = next((value for name, value in headers if name == "host"), "")
    if not path.startswith("/") and "://" in path:  # absolute form: RFC 9112 section 3.2.2
        authority, slash, rest = path.partition("://")[2].partition("/")
        path = slash + rest or "/"
    return Request(
        method=scope["method"],
        authority=authority,
        path=path,
        query=scope["query_string"].decode("latin-1"),
        headers=headers,
        body=body[:BODY_LIMIT],
        whole=len(body) <= BODY_LIMIT,
        connection=connection.number,
        served=connection.served,
        peer=scope["client"][0],
        scheme=scope["scheme"],
    )


async def _send(answer: Answer, method: str, send: Send) -> None:
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers]
    if answer.status not in (204, 304) and answer.framing == "length":  # RFC 9110 section 8.6
        headers.append((b"Content-Length", str(len(answer.body)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    body = b"" if method == "HEAD" or answer.status in (204, 304) else answer.body
    await send({"type": "http.response.body", "body": body})
