"""Read one response off a wire, however it comes, within a budget of bytes."""

from __future__ import annotations

import h11

from harness.exchange.wire import BUFFER, Wire

HEAD_LIMIT = 64 * 1024
"""Bytes allowed for the head of a response, interim responses included."""

_SWITCHED = 101
"""Switching Protocols (RFC 9110 section 15.2.2)."""

_SWELL = 8
"""How many times its size a body may be on the wire: chunks of one byte are six bytes each."""


class Overlong(Exception):
    """The head of the response is larger than `HEAD_LIMIT`."""


class Swollen(Exception):
    """The body is nearly all framing: reading on would cost bytes without end and bring few."""


class HungUp(Exception):
    """The peer closed the connection before the response was complete."""


class Reading:
    """The response to one request: its head, then its body piece by piece.

    HungUp, Overlong and Swollen end it early, and h11.RemoteProtocolError or ValueError where what comes
    is not HTTP.
    """

    def __init__(self, wire: Wire, method: str, *, upgrade: bool = False) -> None:
        self._wire = wire
        self._parser = _parser(method, upgrade)
        self._in_head = True
        self._ended = False
        self._body = 0
        self.taken = 0
        """Bytes read from the wire."""

    @property
    def arrived(self) -> float:
        """When the newest bytes arrived."""
        return self._wire.arrived

    @property
    def reusable(self) -> bool:
        """The response is complete, and the connection is good for another."""
        complete = self._parser.our_state is h11.DONE and self._parser.their_state is h11.DONE
        nothing_more = complete and self._parser.trailing_data == (b"", False)
        return nothing_more and self._wire.fresh and self._wire.settled

    async def head(self) -> h11.Response | h11.InformationalResponse:
        """The head, after interim responses; that of a 101 is one to which none follows."""
        while True:
            event = await self._event()
            switched = isinstance(event, h11.InformationalResponse) and event.status_code == _SWITCHED
            if isinstance(event, h11.Response) or (isinstance(event, h11.InformationalResponse) and switched):
                self._in_head = False
                return event

    async def piece(self) -> bytes:
        """The next bytes of the body, free of their framing; none after its end."""
        event = await self._event()
        if not isinstance(event, h11.Data):
            return b""  # EndOfMessage, or PAUSED after a CONNECT or an upgrade that was accepted
        self._body += len(event.data)
        if self.taken > _SWELL * self._body + HEAD_LIMIT + BUFFER:
            raise Swollen
        return bytes(event.data)

    async def _event(self) -> h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]:
        while True:
            try:
                event = self._parser.next_event()
            except h11.RemoteProtocolError:
                if self._ended:
                    raise HungUp from None
                raise
            if event is not h11.NEED_DATA:
                return event
            room = HEAD_LIMIT - self.taken if self._in_head else BUFFER
            if room <= 0:
                raise Overlong
            data = await self._wire.read(room)
            self._ended = not data
            if self._ended and self._in_head:
                raise HungUp from self._wire.broken
            self.taken += len(data)
            self._parser.receive_data(data)


def _parser(method: str, upgrade: bool) -> h11.Connection:
    """h11 in the state after a request was sent.

    Only the method matters to how the response is framed, and whether another protocol was asked for.
    """
    parser = h11.Connection(h11.CLIENT, max_incomplete_event_size=HEAD_LIMIT + 1024)
    known = method if method in ("HEAD", "CONNECT") else "GET"
    asked = [("Host", "placeholder")]
    asked += [("Connection", "upgrade"), ("Upgrade", "any")] if upgrade else []
    parser.send(h11.Request(method=known, target="/", headers=asked))
    parser.send(h11.EndOfMessage())
    return parser
