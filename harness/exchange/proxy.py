"""Go through an HTTP proxy: with the whole URL (RFC 9112 3.2.2), or by a tunnel (RFC 9110 9.3.6).

Only where the target says so: what the environment says of proxies is not looked at.
"""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

import h11

from harness.exchange.reading import HungUp, Overlong, Reading
from harness.exchange.wire import Wire

PORT = 80
REFUSED = 407
"""Proxy Authentication Required: of the proxy, and nothing that an API says."""


class ProxyFailed(Exception):
    """The proxy cannot be reached, or does not lead there; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Proxy:
    """Where the proxy listens."""

    host: str
    port: int

    @classmethod
    def of(cls, url: str) -> Proxy:
        """The proxy at `url`, whose form was checked."""
        split = urlsplit(url)
        return cls(split.hostname or "", split.port or PORT)

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


async def tunnel(wire: Wire, proxy: Proxy, authority: str) -> None:
    """Have the connection to `proxy` lead to `authority`. ProxyFailed where it does not."""
    wire.write(f"CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n\r\n".encode("ascii"))
    try:
        head = await Reading(wire, "CONNECT").head()
    except (HungUp, Overlong, h11.RemoteProtocolError, ValueError):
        raise ProxyFailed(f"the proxy {proxy} does not answer as one") from None
    if not 200 <= head.status_code < 300:
        raise refused(proxy, authority, head.status_code, bytes(head.reason))


def unreachable(proxy: Proxy, error: Exception) -> ProxyFailed:
    """That no connection to the proxy came about."""
    if isinstance(error, socket.gaierror | UnicodeError):
        return ProxyFailed(f"the name of the proxy {proxy} does not resolve")
    number = getattr(error, "errno", None)
    reason = os.strerror(number) if number else str(error)
    return ProxyFailed(f"no connection to the proxy {proxy}: {reason}")


def refused(proxy: Proxy, authority: str, status: int, reason: bytes) -> ProxyFailed:
    """That the proxy answered itself."""
    said = f"{status} {reason.decode('latin-1')}".strip()
    return ProxyFailed(f"the proxy {proxy} does not lead to {authority}: {said}")
