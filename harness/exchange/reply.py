"""Read one response, however it comes, within a budget of bytes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import h11

from harness.exchange.wire import BUFFER, Wire

HEAD_LIMIT = 64 * 1024
"""Bytes allowed for the head of a response, interim responses included."""


class Overlong(Exception):
    """The head of the response is larger than `HEAD_LIMIT`."""


class HungUp(Exception):
    """The peer closed the connection before the response was complete."""


@dataclass(slots=True)
class Reply:
    """What has arrived so far. It grows while it is read, so that a deadline finds what there is."""

    sent: float
    headers_at: float | None = None
    done: float | None = None
    status: int | None = None
    reason: str = ""
    http_version: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytearray = field(default_factory=bytearray)
    truncated: bool = False
    bytes_in: int = 0
    """Bytes read from the wire."""


async def read_reply(
    wire: Wire, method: str, reply: Reply, *, body_limit: int, clock: Callable[[], float]
) -> bool:
    """Fill `reply`; true where the connection may be used again.

    Raises HungUp, Overlong, and h11.RemoteProtocolError or ValueError for what is not HTTP.
    """
    parser = _parser(method)
    ended = False
    while True:
        try:
            event = parser.next_event()
        except h11.RemoteProtocolError:
            if ended:
                raise HungUp from None
            raise
        if event is h11.NEED_DATA:
            room = BUFFER if reply.status is not None else HEAD_LIMIT - reply.bytes_in
            if room <= 0:
                raise Overlong
            data = await wire.read(room)
            ended = not data
            if ended and reply.status is None:
                raise HungUp
            reply.bytes_in += len(data)
            parser.receive_data(data)
        elif isinstance(event, h11.Response):
            _take_head(reply, event)
            reply.headers_at = wire.arrived
        elif isinstance(event, h11.Data):
            reply.body += event.data
            # one-byte chunks cost six bytes each: what is on the wire counts too
            if len(reply.body) > body_limit or reply.bytes_in > 8 * body_limit + HEAD_LIMIT:
                del reply.body[body_limit:]
                reply.truncated = True
                reply.done = clock()
                return False
        elif isinstance(event, h11.InformationalResponse):
            continue
        else:  # EndOfMessage, or PAUSED after a CONNECT that was accepted
            reply.done = wire.arrived
            again = parser.our_state is h11.DONE and parser.their_state is h11.DONE
            return again and parser.trailing_data == (b"", False) and wire.fresh and wire.settled


def _parser(method: str) -> h11.Connection:
    """h11 in the state after a request was sent: only the method matters to how the response is framed."""
    parser = h11.Connection(h11.CLIENT, max_incomplete_event_size=HEAD_LIMIT + 1024)
    known = method if method in ("HEAD", "CONNECT") else "GET"
    parser.send(h11.Request(method=known, target="/", headers=[("Host", "placeholder")]))
    parser.send(h11.EndOfMessage())
    return parser


def _take_head(reply: Reply, event: h11.Response) -> None:
    reply.status = event.status_code
    reply.reason = bytes(event.reason).decode("latin-1")
    reply.http_version = "HTTP/" + bytes(event.http_version).decode("ascii")
    reply.headers = tuple(
        (bytes(name).decode("latin-1"), bytes(value).decode("latin-1"))
        for name, value in event.headers.raw_items()
    )
