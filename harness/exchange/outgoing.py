"""A request as the lines that go out and the address they go to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from harness import __version__
from harness.exchange.message import Request

USER_AGENT = f"authconform/{__version__}"
CASE_HEADER = "X-Authconform-Case"

_PORTS = {"http": 80, "https": 443}
_PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))
_METHOD = re.compile(r"[!-~]+")
_BREAK = re.compile(r"\r\n(?![ \t])|(?<!\r)\n")
"""A line break that ends a line. Obsolete line folding (RFC 9112, 5.2) and a CR alone (2.2) do not."""


class Address(NamedTuple):
    """Where a connection goes; connections are shared among requests with the same one."""

    scheme: str
    host: str
    """The name of the place, in ASCII: what TLS asks for and verifies."""
    port: int
    connect_host: str
    connect_port: int
    local: str | None

    @property
    def moved(self) -> bool:
        """Whether another address than the place's own is connected to."""
        return (self.connect_host, self.connect_port) != (self.host, self.port)


class Outgoing(NamedTuple):
    """A request ready for the wire."""

    address: Address
    method: str
    target: bytes
    headers: tuple[tuple[str, str], ...]
    """All that are sent, in order."""
    lines: list[tuple[bytes, bytes]]
    """The same as bytes."""
    body: bytes


def prepare(request: Request, *, case: str | None, resolve: Mapping[str, str]) -> Outgoing:
    """What is sent for a request; ValueError, in plain words, where there can be none.

    Host comes first, then the caller's headers as given, then what HTTP or we need and the caller has not
    given. Nothing is validated beyond what would make another request of it.
    """
    if not _METHOD.fullmatch(request.method):
        raise ValueError(f"the method {request.method!r} would break the request line")
    address, authority, target = locate(request, resolve)
    given = {name.lower() for name, _ in request.headers}
    headers = [] if "host" in given or request.hostless else [("Host", authority)]
    headers += request.headers
    own = [("User-Agent", USER_AGENT), ("Accept", "*/*"), ("Accept-Encoding", "identity")]
    if case is not None:
        own.append((CASE_HEADER, case))
    if "transfer-encoding" not in given and (request.body or request.method in ("POST", "PUT", "PATCH")):
        own.append(("Content-Length", str(len(request.body or b""))))
    headers += [(name, value) for name, value in own if name.lower() not in given]
    lines = [_line(name, value) for name, value in headers]
    body = request.body or b""
    return Outgoing(address, request.method, target.encode("ascii"), tuple(headers), lines, body)


def locate(request: Request, resolve: Mapping[str, str]) -> tuple[Address, str, str]:
    """(address, authority for Host, request target) of a request with an absolute URL."""
    url = request.url
    try:
        parts = urlsplit(url)
        scheme, name, port = parts.scheme.lower(), parts.hostname, parts.port
    except ValueError as error:
        raise ValueError(f"the URL is impossible: {error}") from None
    if scheme not in _PORTS or not name:
        raise ValueError("the URL is not an absolute http or https URL")
    try:
        host = name if name.isascii() else name.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise ValueError(f"the host name is impossible: {error}") from None
    authority = (f"[{host}]" if ":" in host else host) + (f":{port}" if port is not None else "")
    where = port if port is not None else _PORTS[scheme]
    elsewhere = request.connect or next(
        (resolve[key] for key in resolve if key.lower() in (name, host)), None
    )
    connect_host, connect_port = _endpoint(elsewhere, where) if elsewhere else (host, where)
    # urlsplit drops tabs and line breaks and tells "/a?" from "/a" no more: cut the target from the text
    rest = re.sub(r"^[^/?#]*//[^/?#]*", "", url.partition("#")[0])
    written = rest if rest.startswith("/") else "/" + rest
    target = quote(written if request.target is None else request.target, safe=_PRINTABLE)
    return Address(scheme, host, where, connect_host, connect_port, request.local_address), authority, target


def _endpoint(text: str, port: int) -> tuple[str, int]:
    """`host`, `host:port`, `[v6]:port` or a bare IPv6 address."""
    if text.count(":") > 1 and not text.startswith("["):
        return text, port
    match = re.fullmatch(r"\[?([^\[\]]*?)\]?(?::(\d{1,5}))?", text)
    if match is None or not match[1]:
        raise ValueError(f"the address {text!r} is neither host nor host:port")
    return match[1], int(match[2]) if match[2] else port


def _line(name: str, value: str) -> tuple[bytes, bytes]:
    if _BREAK.search(name) or _BREAK.search(value):
        raise ValueError(f"the header {name!r} holds a line break, which would end it")
    try:
        return name.encode("latin-1"), value.encode("latin-1")
    except UnicodeEncodeError:
        return name.encode("utf-8", "surrogatepass"), value.encode("utf-8", "surrogatepass")
