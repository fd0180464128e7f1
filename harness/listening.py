"""Offer documents at an address of ours, and note who comes for them: what a target does out of band."""

from __future__ import annotations

import asyncio
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from harness.background import Background
from harness.errors import TargetError
from harness.model import Listening

LONGEST_HEAD = 16_384
"""Bytes of a request line and its fields that are read."""
PATIENCE = 5.0
"""Seconds for a call to say what it wants, and to take the answer."""
AT_ONCE = 32
"""Calls that are answered at a time; further ones find the door shut."""
MOST_CALLS = 20
"""Calls for one document that are noted."""
LATE = 0.25
"""Seconds after the answer for which a call is waited for that the target makes beside it."""


@dataclass(frozen=True, slots=True)
class Call:
    """A request that came for a document of ours."""

    method: str
    target: str
    """The request target, as it was sent."""
    caller: str
    """The address that it came from."""
    agent: str
    """The User-Agent, empty where none was named."""
    after: float
    """Seconds since the document was offered."""

    def __str__(self) -> str:
        agent = f" ({self.agent})" if self.agent else ""
        return f"{self.method} from {self.caller}{agent}"


@dataclass(slots=True)
class Offer:
    """One document under a name that nobody can guess, and the calls that came for it."""

    url: str
    media_type: str = ""
    document: bytes = b""
    calls: list[Call] = field(default_factory=list)
    since: float = field(default_factory=time.monotonic)

    def hold(self, media_type: str, document: bytes) -> str:
        """Have this document, from now on; the URL that it is found at."""
        self.media_type, self.document, self.since = media_type, document, time.monotonic()
        return self.url


class Listener:
    """Answers calls on a thread of its own: a server may ask for keys before it answers us.

    It listens from the first offer on, or from `open`, until it is closed.
    """

    def __init__(self, described: Listening) -> None:
        self._described = described
        self._offers: dict[str, Offer] = {}
        self._opening = threading.Lock()
        self._background: Background | None = None
        self._server: asyncio.Server | None = None
        self._under_way = 0

    def open(self) -> None:
        """Begin to listen, if that has not begun. TargetError where nobody can listen there."""
        with self._opening:
            if self._background is not None:
                return
            background = Background("authconform-listener")
            try:
                self._server = background.run(self._listen())
            except OSError as error:
                background.close()
                at = f"{self._described.host}:{self._described.port}"
                reason = error.strerror or error
                raise TargetError(f"nobody can listen at {at} for calls of the target: {reason}") from None
            self._background = background

    def offer(self) -> Offer:
        """A document to come, at a URL of its own."""
        self.open()
        assert self._server is not None
        name = secrets.token_hex(16)
        host, port = self._server.sockets[0].getsockname()[:2]
        shown = f"[{host}]" if ":" in host else host
        self._offers[name] = Offer(f"{self._described.url or f'http://{shown}:{port}'}/{name}")
        return self._offers[name]

    def close(self) -> None:
        """Listen no more."""
        with self._opening:
            if self._background is not None and self._server is not None:
                self._background.run(_closed(self._server))
                self._background.close()

    async def _listen(self) -> asyncio.Server:
        described = self._described
        return await asyncio.start_server(
            self._answer, described.host, described.port, limit=LONGEST_HEAD, backlog=AT_ONCE
        )

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Note one call and answer it; whatever is no request is let go."""
        self._under_way += 1
        try:
            if self._under_way <= AT_ONCE:
                async with asyncio.timeout(PATIENCE):
                    head = await reader.readuntil(b"\r\n\r\n")
                    writer.write(self._answered(head, str(writer.get_extra_info("peername")[0])))
                    await writer.drain()
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError, OSError):
            pass
        finally:
            self._under_way -= 1
            writer.close()

    def _answered(self, head: bytes, caller: str) -> bytes:
        """The answer to a request with this head, which is noted where it names an offer."""
        line, *fields = head.decode("latin-1").split("\r\n")
        method, _, rest = line.partition(" ")
        target = rest.rpartition(" ")[0]
        offer = self._named(target)
        if offer is None:
            return _response("404 Not Found", {}, b"")
        if len(offer.calls) < MOST_CALLS:
            after = time.monotonic() - offer.since
            offer.calls.append(Call(method[:20], target[:200], caller, _agent(fields), after))
        return _response(
            "200 OK", {"Content-Type": offer.media_type}, offer.document, whole=method.upper() != "HEAD"
        )

    def _named(self, target: str) -> Offer | None:
        """The offer that a part of the path names; a target may add further parts."""
        try:
            path = urlsplit(target).path
        except ValueError:
            return None
        return next((self._offers[part] for part in path.split("/") if part in self._offers), None)


async def _closed(server: asyncio.Server) -> None:
    server.close()


def _agent(fields: list[str]) -> str:
    named = (each.partition(":") for each in fields)
    return next((value.strip()[:100] for name, _, value in named if name.lower() == "user-agent"), "")


def _response(status: str, fields: Mapping[str, str], body: bytes, *, whole: bool = True) -> bytes:
    """An answer after which the connection ends; without its body where not `whole`."""
    lines = {**fields, "Content-Length": str(len(body)), "Connection": "close"}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"HTTP/1.1 {status}\r\n{head}\r\n".encode("latin-1") + (body if whole else b"")
