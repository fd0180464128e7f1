"""Lanes, deadlines and budgets: from a request, through httpx, to its answer."""

from __future__ import annotations

import asyncio
import logging
import ssl
import time
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, cast

from harness.exchange.curl import Reach
from harness.exchange.evidence import record
from harness.exchange.failure import Failure, explain
from harness.exchange.lean import httpx
from harness.exchange.message import Answer, NoAnswer, Purpose, Request
from harness.exchange.outgoing import Outgoing, prepare
from harness.exchange.pacing import Pacer
from harness.exchange.proxy import Proxy
from harness.exchange.reading import Swollen
from harness.exchange.redaction import Redactor
from harness.exchange.reply import Reply
from harness.exchange.tls import context, secured
from harness.exchange.transport import ExactTransport, Trace
from harness.model import Timing, Tls

SYSTEM = Tls()
"""The certificates that the system trusts, and no client certificate."""

AT_ONCE = 40
"""Requests under way at a time: many servers take a hundred connections at most, idle ones among them."""

_HTTPX_LOG = logging.getLogger("httpx")


def _exact(network: Network) -> httpx.AsyncBaseTransport:
    return ExactTransport(tls=network.tls, clock=network.now, proxy=network.proxy)


class Network:
    """What all lanes of a run share: names, pace, trust, limits and the redactor.

    `resolve` maps a host name to the `host` or `host:port` to connect to in its stead. `rate` is requests
    per second for all lanes together, `at_once` how many may be under way; waiting for either is not part of
    any timing. `timeout` is seconds for a whole exchange, from connecting to the last byte. `trust` is how
    the target wants TLS, its paths to be opened as they are: InputError where one cannot be. `proxy` is the
    URL of the one that all requests go through; without it they go directly, whatever the environment says.
    `transport` makes what carries the requests of one lane. Any of httpx's will do, but only our own writes
    byte for byte, leaves from a given address, goes through a proxy, and bounds the head of an answer.
    """

    def __init__(
        self,
        *,
        redactor: Redactor,
        resolve: Mapping[str, str] | None = None,
        rate: float | None = None,
        at_once: int = AT_ONCE,
        timeout: float = 10.0,
        body_limit: int = 1 << 20,
        trust: Tls = SYSTEM,
        clock: Callable[[], float] = time.monotonic,
        proxy: str | None = None,
        transport: Callable[[Network], httpx.AsyncBaseTransport] = _exact,
    ) -> None:
        self.redactor = redactor
        self.resolve = dict(resolve or {})
        self.timeout = timeout
        self.body_limit = body_limit
        self.trust = trust
        self.proxy = Proxy.of(proxy) if proxy else None
        self.pacer = Pacer(rate, clock)
        self.room = asyncio.Semaphore(at_once)
        self.transport = transport
        self._started = clock()
        self._clock = clock
        self._tls: ssl.SSLContext | None = None
        self._lanes: list[Lane] = []
        if trust != SYSTEM:
            self.tls()
        _HTTPX_LOG.addFilter(self._redact_log)

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
        _HTTPX_LOG.removeFilter(self._redact_log)

    def tls(self) -> ssl.SSLContext:
        """The one TLS context, made when it is first needed."""
        if self._tls is None:
            self._tls = context(self.trust)
        return self._tls

    def _redact_log(self, line: logging.LogRecord) -> bool:
        # httpx logs each request and the reason phrase of its response, in which a server may echo
        line.msg, line.args = self.redactor.text(line.getMessage()), None
        return True


class Lane:
    """One line of work. Requests sent one after the other share a connection; ones sent together do not."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._client = _Client(
            transport=network.transport(network),
            timeout=None,
            trust_env=False,
            follow_redirects=False,
            event_hooks={"response": [_keep_headers]},
        )
        self.requests_sent = 0
        """Those sent again over a new connection count twice."""

    async def send(self, request: Request, *, purpose: Purpose, case: str | None = None) -> Answer:
        """The answer to the request, redirects not followed, cookies not kept; NoAnswer where none came.

        `case` goes along as a header, so that the request can be found in the target's logs.
        """
        async with self._network.room:
            await self._network.pacer.turn()
            return await self._exchange(request, purpose, case)

    async def _exchange(self, request: Request, purpose: Purpose, case: str | None) -> Answer:
        network = self._network
        reply = Reply(sent=network.now())
        outgoing: Outgoing | None = None
        failure: Failure | None = None
        try:
            outgoing = prepare(request, case=case, resolve=network.resolve)
            async with asyncio.timeout(network.timeout):
                await self._converse(outgoing, reply)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, ValueError) as error:
            failure = explain(error, outgoing.address if outgoing else None, network.timeout)
        failure_text = network.redactor.text(failure[1]) if failure else None
        now = network.now()
        headers_at = reply.headers_at if reply.headers_at is not None else now
        timing = Timing(reply.sent, headers_at, reply.done if reply.done is not None else now)
        reach = Reach(outgoing.address, network.trust, network.proxy) if outgoing else None
        evidence = record(
            request, outgoing, reply, purpose, failure_text, timing, reach=reach, redactor=network.redactor
        )
        if failure is not None and failure_text is not None:
            raise NoAnswer(failure[0], failure_text, evidence)
        assert reply.status is not None
        return Answer(
            reply.status,
            reply.reason,
            reply.headers,
            bytes(reply.body),
            reply.truncated,
            timing,
            evidence,
            reply.secured,
        )

    def another(self) -> Lane:
        """A further lane of the same network; whoever asked for it closes it."""
        return Lane(self._network)

    def now(self) -> float:
        """Seconds on the network's clock."""
        return self._network.now()

    async def aclose(self) -> None:
        """Close all connections; nothing can be sent any more."""
        await self._client.aclose()

    async def _converse(self, outgoing: Outgoing, reply: Reply) -> None:
        network = self._network
        request = _as_httpx(outgoing, self._watching(reply))
        response = await self._client.send(request, stream=True)
        reply.status, reply.http_version = response.status_code, response.http_version
        reply.secured = secured(response.extensions.get("network_stream"))
        reply.reason = response.extensions.get("reason_phrase", b"").decode("latin-1")
        reply.headers = tuple(
            (name.decode("latin-1"), value.decode("latin-1"))
            for name, value in response.extensions["headers"]
        )
        try:
            # not `aiter_raw`, which has nothing to give where a transport made the response of bytes
            async for piece in cast(httpx.AsyncByteStream, response.stream):
                reply.body += piece
                if len(reply.body) > network.body_limit:
                    reply.truncated = True
                    break
        except httpx.RemoteProtocolError as error:
            if not isinstance(error.__cause__, Swollen):
                raise
            reply.truncated = True
        finally:
            await response.aclose()
        if reply.truncated:
            del reply.body[network.body_limit :]
            reply.done = network.now()

    def _watching(self, reply: Reply) -> Trace:
        """What httpx's `trace` is to call: notes the instants, and counts."""

        async def trace(event: str, info: dict[str, Any]) -> None:
            at = info.get("at", self._network.now())
            match event.partition(".")[2]:
                case "send_request_headers.started":
                    self.requests_sent += 1
                    reply.sent = at
                case "receive_response_headers.complete":
                    reply.headers_at = at
                case "receive_response_body.complete":
                    reply.done = at

        return trace


class _NoCookies(httpx.Cookies):
    def extract_cookies(self, response: httpx.Response) -> None:
        """Keep none. Nor look: httpx reads the request's headers for it, and stumbles over odd names."""


class _Client(httpx.AsyncClient):
    cookies: Any = _NoCookies()


async def _keep_headers(response: httpx.Response) -> None:
    """Take the headers out of httpx's sight.

    Where it sees a Location it builds the request that follows it, though it is told not to follow, and
    fails if that is no URL.
    """
    response.extensions["headers"] = response.headers.raw
    response.headers = httpx.Headers()


def _as_httpx(outgoing: Outgoing, trace: Trace) -> httpx.Request:
    """The request in httpx's terms, with nothing that it would add, or escape, or normalise.

    Its URL is the address to connect to; the place's name stands in Host and is what TLS asks for.
    """
    address = outgoing.address
    request = httpx.Request(
        outgoing.method,
        _origin(address.scheme, address.connect_host, address.connect_port),
        headers=outgoing.lines,
        stream=httpx.ByteStream(outgoing.body),
        extensions={
            "target": outgoing.target,
            "sni_hostname": address.host,
            "local_address": address.local,
            "moved": address.moved,
            "trace": trace,
        },
    )
    request.method = outgoing.method  # which was put in capitals
    return request


@lru_cache(maxsize=256)
def _origin(scheme: str, host: str, port: int) -> httpx.URL:
    return httpx.URL(scheme=scheme, host=host, port=port)
