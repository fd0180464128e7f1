"""One connection: bytes out, bytes in, and the instants at which they moved."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, cast

BUFFER = 64 * 1024
"""Bytes held before the peer is made to wait."""


class Wire(asyncio.Protocol):
    """A connected socket, plain or TLS.

    A protocol and not a stream, because a stream throws away an answer that arrived before the peer reset
    the connection, and because `arrived` should be the instant of arrival, not that of reading.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._buffer = bytearray()
        self._waiter: asyncio.Future[None] | None = None
        self._lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._transport: asyncio.Transport | None = None
        self._ended = False
        self.arrived = 0.0
        """When the newest bytes arrived, on the clock given."""
        self.rested = 0.0
        """Since when the connection has been idle."""
        self.used = False
        """Whether an earlier exchange was held over it."""
        self.broken: Exception | None = None
        """What ended the connection, where that was not the peer hanging up in order."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self.arrived = self._clock()
        self._buffer += data
        if len(self._buffer) > BUFFER and self._transport is not None:
            self._transport.pause_reading()
        self._wake()

    def eof_received(self) -> None:
        self._ended = True
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        self._ended, self.broken = True, exc
        self._wake()
        if not self._lost.done():
            self._lost.set_result(None)

    def go_on_over(self, secured: asyncio.BaseTransport | None) -> None:
        """Send over TLS from now on, which was laid over this connection."""
        self._transport = cast(asyncio.Transport, secured)

    @property
    def fresh(self) -> bool:
        """Nothing has come unasked and the peer has not hung up."""
        return not self._ended and not self._buffer

    @property
    def settled(self) -> bool:
        """All that was written has left; an answer that came earlier leaves the connection unusable."""
        return self._transport is not None and self._transport.get_write_buffer_size() == 0

    def write(self, data: bytes) -> None:
        """Queue the bytes; never waits, so that an answer can be read while a body is still going out."""
        assert self._transport is not None
        if not self._ended:
            self._transport.write(data)

    async def read(self, limit: int) -> bytes:
        """At most `limit` bytes, at least one; none once the peer has hung up."""
        while not self._buffer and not self._ended:
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        piece = bytes(self._buffer[:limit])
        del self._buffer[:limit]
        if len(self._buffer) <= BUFFER and self._transport is not None and not self._ended:
            self._transport.resume_reading()
        return piece

    def get_extra_info(self, info: str) -> Any:
        """What asyncio knows of the connection: `ssl_object`, `peername`, …"""
        return self._transport.get_extra_info(info) if self._transport else None

    async def close(self) -> None:
        """Let go at once, without the farewell of TLS, for which a hostile peer could make us wait."""
        if self._transport is not None:
            self._transport.abort()
            await self._lost

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
