"""Connections, deadlines and retries: from a request to its answer."""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections import defaultdict
from collections.abc import Callable, Mapping

import h11

from harness.exchange.curl import Reach
from harness.exchange.evidence import record
from harness.exchange.message import Answer, NoAnswer, NoAnswerKind, Purpose, Request
from harness.exchange.outgoing import Address, Outgoing, prepare
from harness.exchange.pacing import Pacer
from harness.exchange.redaction import Redactor
from harness.exchange.reply import HEAD_LIMIT, HungUp, Overlong, Reply, read_reply
from harness.exchange.wire import Wire
from harness.model import Timing

REST = 1.0
"""Seconds after which an idle connection is not used again: the peer may be about to close it."""

_REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"})
"""Idempotent methods (RFC 9110, 9.2.2)."""


class _Stale(Exception):
    """A connection used before was closed without a byte of the answer."""


class Network:
    """What all lanes of a run share: names, pace, trust, limits and the redactor.

    `resolve` maps a host name to the `host` or `host:port` to connect to in its stead. `rate` is requests
    per second for all lanes together; waiting for it is not part of any timing. `timeout` is seconds for a
    whole exchange, from connecting to the last byte. `verify` is False, or the path of a file with the
    certificates to trust in place of the system's: OSError or ssl.SSLError where it cannot be read.
    """

    def __init__(
        self,
        *,
        redactor: Redactor,
        resolve: Mapping[str, str] | None = None,
        rate: float | None = None,
        timeout: float = 10.0,
        body_limit: int = 1 << 20,
        verify: bool | str = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.redactor = redactor
        self.resolve = dict(resolve or {})
        self.timeout = timeout
        self.body_limit = body_limit
        self.verify = verify
        self.pacer = Pacer(rate, clock)
        self._started = clock()
        self._clock = clock
        self._tls: ssl.SSLContext | None = None
        self._lanes: list[Lane] = []
        if isinstance(verify, str):
            self.tls()

    def now(self) -> float:
        """Seconds since the network was made: the clock of every `Timing`."""
        return self._clock() - self._started

    def lane(self) -> Lane:
        """A new lane with connections of its own."""
        lane = Lane(self)
        self._lanes.append(lane)
        return lane

    async def aclose(self) -> None:
        """Close every lane."""
        while self._lanes:
            await self._lanes.pop().aclose()

    def tls(self) -> ssl.SSLContext:
        """The one TLS context, made when it is first needed."""
        if self._tls is None:
            context = ssl.create_default_context(cafile=self.verify if isinstance(self.verify, str) else None)
            context.set_alpn_protocols(["http/1.1"])
            if self.verify is False:
                context.check_hostname = False
                context.verify_mode = ssl.CERT_NONE
            self._tls = context
        return self._tls


class Lane:
    """One line of work. Requests sent one after the other share a connection; ones sent together do not."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._idle: defaultdict[Address, list[Wire]] = defaultdict(list)
        self._unsteady: set[Address] = set()
        """Addresses that closed a connection under us: every request gets a new one."""
        self.requests_sent = 0

    async def send(self, request: Request, *, purpose: Purpose, case: str | None = None) -> Answer:
        """The answer to the request, redirects not followed, cookies not kept; NoAnswer where none came.

        `case` goes along as a header, so that the request can be found in the target's logs.
        """
        network = self._network
        await network.pacer.turn()
        reply = Reply(sent=network.now())
        outgoing: Outgoing | None = None
        failure: tuple[NoAnswerKind, str] | None = None
        try:
            outgoing = prepare(request, case=case, resolve=network.resolve)
            async with asyncio.timeout(network.timeout):
                await self._converse(outgoing, reply)
        except (OSError, ValueError, h11.RemoteProtocolError, HungUp, Overlong, _Stale) as error:
            failure = _explain(error, outgoing, network.timeout)
        failure_text = network.redactor.text(failure[1]) if failure else None
        now = network.now()
        headers_at = reply.headers_at if reply.headers_at is not None else now
        timing = Timing(reply.sent, headers_at, reply.done if reply.done is not None else now)
        reach = Reach(outgoing.address, network.verify) if outgoing else None
        evidence = record(
            request, outgoing, reply, purpose, failure_text, timing, reach=reach, redactor=network.redactor
        )
        if failure is not None and failure_text is not None:
            raise NoAnswer(failure[0], failure_text, evidence)
        assert reply.status is not None
        return Answer(
            reply.status, reply.reason, reply.headers, bytes(reply.body), reply.truncated, timing, evidence
        )

    async def aclose(self) -> None:
        """Close all connections."""
        for wires in self._idle.values():
            while wires:
                await wires.pop().close()

    async def _converse(self, outgoing: Outgoing, reply: Reply) -> None:
        try:
            await self._exchange(outgoing, reply)
        except _Stale:
            self._unsteady.add(outgoing.address)
            # a request that is not idempotent may have been acted upon: a code is never presented twice
            if outgoing.method not in _REPEATABLE:
                raise
            await self._exchange(outgoing, reply)

    async def _exchange(self, outgoing: Outgoing, reply: Reply) -> None:
        network = self._network
        wire = await self._connected(outgoing.address)
        reusable = False
        try:
            self.requests_sent += 1
            reply.sent = network.now()
            wire.write(outgoing.data)
            reusable = await read_reply(
                wire, outgoing.method, reply, body_limit=network.body_limit, clock=network.now
            )
        except HungUp:
            if wire.used and reply.bytes_in == 0:
                raise _Stale from None
            raise
        finally:
            if reusable and outgoing.address not in self._unsteady:
                wire.used, wire.rested = True, network.now()
                self._idle[outgoing.address].append(wire)
            else:
                await wire.close()

    async def _connected(self, address: Address) -> Wire:
        network, wires = self._network, self._idle[address]
        while wires:
            wire = wires.pop()
            if wire.fresh and network.now() - wire.rested < REST:
                return wire
            await wire.close()
        secure = address.scheme == "https"
        _, wire = await asyncio.get_running_loop().create_connection(
            lambda: Wire(network.now),
            address.connect_host,
            address.connect_port,
            ssl=network.tls() if secure else None,
            server_hostname=address.host if secure else None,
            local_addr=(address.local, 0) if address.local else None,
            happy_eyeballs_delay=0.25,
        )
        return wire


def _explain(error: Exception, outgoing: Outgoing | None, timeout: float) -> tuple[NoAnswerKind, str]:
    """What went wrong, in plain words. Subclasses come first."""
    if outgoing is None:
        return "request", f"the request cannot be sent: {error}"
    address = outgoing.address
    host = f"[{address.connect_host}]" if ":" in address.connect_host else address.connect_host
    where = f"{host}:{address.connect_port}"
    match error:
        case TimeoutError():
            return "timeout", f"no complete answer from {where} within {timeout:g} s"
        case socket.gaierror() | UnicodeError():
            return "name", f"the name {address.connect_host} does not resolve"
        case ssl.SSLCertVerificationError():
            return "tls", f"the certificate of {address.host} is not trusted: {error.verify_message}"
        case ssl.SSLError():
            return "tls", f"no TLS with {where}: {error.reason or error}"
        case ConnectionRefusedError():
            return "connect", f"nothing listens at {where}"
        case OSError():
            return "connect", f"no connection to {where}: {error.strerror or error}"
        case HungUp() | _Stale():
            return "closed", f"{where} closed the connection before the answer was complete"
        case Overlong():
            return "budget", f"the head of the answer from {where} is larger than {HEAD_LIMIT} bytes"
        case _:
            return "protocol", f"the answer from {where} is not HTTP: {error}"
