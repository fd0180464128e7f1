"""An httpx transport that writes HTTP/1.1 byte for byte, well-formed or not."""

from __future__ import annotations

import asyncio
import ssl
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple, cast

import h11

from harness.exchange.lean import httpx
from harness.exchange.proxy import REFUSED, Proxy, ProxyFailed, refused, tunnel, unreachable
from harness.exchange.reading import HungUp, Overlong, Reading, Swollen
from harness.exchange.wire import Wire

REST = 1.0
"""Seconds after which an idle connection is not used again: the peer may be about to close it."""

Trace = Callable[[str, dict[str, Any]], Awaitable[None]]

_PORTS = {"http": 80, "https": 443}
_REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"})
"""Idempotent methods (RFC 9110, 9.2.2)."""


class _Stale(HungUp):
    """A connection used before was closed without a byte of the answer."""


class _Route(NamedTuple):
    """Where a connection leads; requests with the same one share connections."""

    scheme: str
    host: str
    port: int
    name: str
    """What TLS asks for and verifies."""
    local: str | None
    tunnel: bool
    """Whether a proxy on the way is to pass everything through unread."""

    @property
    def authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


class ExactTransport(httpx.AsyncBaseTransport):
    """Writes the method, target, header lines and body that a request has, and nothing else.

    It heeds these extensions of a request: `target` (the bytes of the request target), `sni_hostname`,
    `trace` (called as httpcore does, with the instant in `info["at"]`), and two of its own: `local_address`,
    the source address, and `moved`, whether the URL is not that of the place. With `proxy` it connects to
    that alone. Time limits are the caller's: cancelling is safe at any point.

    Failures are httpx's, raised from their cause: ConnectError, ReadError where the peer hung up,
    RemoteProtocolError. A request that is idempotent is sent again where a kept connection was stale.
    """

    def __init__(
        self, *, tls: Callable[[], ssl.SSLContext], clock: Callable[[], float], proxy: Proxy | None = None
    ) -> None:
        self._tls = tls
        self._proxy = proxy
        self._clock = clock
        self._idle: defaultdict[_Route, list[Wire]] = defaultdict(list)
        self._unsteady: set[_Route] = set()
        """Those that closed a connection under us: every request gets a new one."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The response; its body is read, and its connection let go, through its stream."""
        route = _route(request)
        whole = self._proxy is not None and not route.tunnel
        data = _head(request, f"http://{route.authority}" if whole else "") + await request.aread()
        with _failing_as_httpx():
            try:
                return await self._exchange(request, route, data)
            except _Stale:
                self._unsteady.add(route)
                # a request that is not idempotent may have been acted upon: a code is never presented twice
                if request.method not in _REPEATABLE:
                    raise
                return await self._exchange(request, route, data)

    async def aclose(self) -> None:
        """Close all idle connections."""
        for wires in self._idle.values():
            while wires:
                await wires.pop().close()

    async def _exchange(self, request: httpx.Request, route: _Route, data: bytes) -> httpx.Response:
        trace: Trace = request.extensions.get("trace", _untraced)
        wire = await self._connected(route)
        reading = Reading(wire, request.method, upgrade="upgrade" in request.headers)
        try:
            await trace("http11.send_request_headers.started", {"at": self._clock()})
            wire.write(data)
            head = await reading.head()
            await trace("http11.receive_response_headers.complete", {"at": reading.arrived})
            if self._proxy is not None and head.status_code == REFUSED:
                raise refused(self._proxy, route.authority, head.status_code, bytes(head.reason))
        except BaseException as error:
            await wire.close()
            if isinstance(error, HungUp) and wire.used and not reading.taken:
                raise _Stale from None
            raise

        async def release() -> None:
            # a burst leaves nothing behind: idle connections count against what a server has of them
            kept = reading.reusable and route not in self._unsteady and not self._idle[route]
            if kept:
                wire.used, wire.rested = True, self._clock()
                self._idle[route].append(wire)
            else:
                await wire.close()

        return httpx.Response(
            head.status_code,
            headers=[(bytes(name), bytes(value)) for name, value in head.headers.raw_items()],
            stream=_Body(reading, trace, release),
            extensions={
                "http_version": b"HTTP/" + bytes(head.http_version),
                "reason_phrase": bytes(head.reason),
                "network_stream": wire,
            },
        )

    async def _connected(self, route: _Route) -> Wire:
        wires = self._idle[route]
        while wires:
            wire = wires.pop()
            if wire.fresh and self._clock() - wire.rested < REST:
                return wire
            await wire.close()
        if self._proxy is not None:
            return await self._connected_through(self._proxy, route)
        secure = route.scheme == "https"
        _, wire = await asyncio.get_running_loop().create_connection(
            lambda: Wire(self._clock),
            route.host,
            route.port,
            ssl=self._tls() if secure else None,
            server_hostname=route.name if secure else None,
            local_addr=(route.local, 0) if route.local else None,
            happy_eyeballs_delay=0.25,
        )
        return wire

    async def _connected_through(self, proxy: Proxy, route: _Route) -> Wire:
        """A connection by way of the proxy, with TLS to the place itself where it is to have that."""
        loop = asyncio.get_running_loop()
        try:
            transport, wire = await loop.create_connection(
                lambda: Wire(self._clock),
                proxy.host,
                proxy.port,
                local_addr=(route.local, 0) if route.local else None,
            )
        except (OSError, UnicodeError) as error:
            raise unreachable(proxy, error) from None
        if not route.tunnel:
            return wire
        try:
            await tunnel(wire, proxy, route.authority)
            if route.scheme == "https":
                context = self._tls()
                secured = await loop.start_tls(transport, wire, context, server_hostname=route.name)
                wire.go_on_over(secured)
        except BaseException:
            await wire.close()
            raise
        return wire


class _Body(httpx.AsyncByteStream):
    """The body as it is read; closing it lets go of the connection."""

    def __init__(self, reading: Reading, trace: Trace, release: Callable[[], Awaitable[None]]) -> None:
        self._reading = reading
        self._trace = trace
        self._release = release

    def __aiter__(self) -> _Body:
        return self

    async def __anext__(self) -> bytes:
        with _failing_as_httpx():
            piece = await self._reading.piece()
        if not piece:
            await self._trace("http11.receive_response_body.complete", {"at": self._reading.arrived})
            raise StopAsyncIteration
        return piece

    async def aclose(self) -> None:
        await self._release()


@contextmanager
def _failing_as_httpx() -> Iterator[None]:
    try:
        yield
    except HungUp as error:
        raise httpx.ReadError("the connection was closed") from error
    except ProxyFailed as error:
        raise httpx.ProxyError(str(error)) from error
    except (OSError, UnicodeError) as error:
        raise httpx.ConnectError(str(error)) from error
    except (h11.RemoteProtocolError, ValueError, Overlong, Swollen) as error:
        raise httpx.RemoteProtocolError(str(error)) from error


def _route(request: httpx.Request) -> _Route:
    url, extensions = request.url, request.extensions
    host = url.raw_host.decode("ascii")
    port = _PORTS[url.scheme] if url.port is None else url.port
    return _Route(
        url.scheme,
        host,
        port,
        extensions.get("sni_hostname") or host,
        extensions.get("local_address"),
        url.scheme == "https" or bool(extensions.get("moved")),
    )


def _head(request: httpx.Request, origin: str = "") -> bytes:
    """The request line and fields; with `origin` before the target, as proxies want it."""
    target = origin.encode("ascii") + cast(bytes, request.extensions.get("target", request.url.raw_path))
    lines = [b"%s %s HTTP/1.1" % (request.method.encode("ascii"), target)]
    lines += [b"%s: %s" % line for line in request.headers.raw]
    return b"\r\n".join(lines) + b"\r\n\r\n"


async def _untraced(_event: str, _info: dict[str, Any]) -> None:
    """For requests whose times nobody asks for."""
