"""The curl command that repeats a request, with variables in place of secrets."""

from __future__ import annotations

import ipaddress
import re
import shlex
from collections.abc import Iterable
from typing import NamedTuple

from harness.exchange.message import Request
from harness.exchange.outgoing import Address
from harness.exchange.proxy import Proxy
from harness.exchange.redaction import Hit, Redactor
from harness.exchange.visible import visible
from harness.model import PEM, Tls

_BODY_LIMIT = 8 * 1024
_TEXT_OF_CA = "ca.pem"
"""Stands for a file with the certificates that the target gives as text."""
_PLAIN = re.compile(r'[^\\$"`!\n\t]*')
"""What stands within double quotes as it is, in an interactive shell too."""


class Reach(NamedTuple):
    """How the target is reached: the address, the trust put in its certificate, and by way of which proxy."""

    address: Address
    trust: Tls
    proxy: Proxy | None = None


def curl(request: Request, reach: Reach, redactor: Redactor) -> str:
    """One line for bash. Headers that the harness adds by itself are left out."""
    words = ["curl", "--path-as-is"]
    if re.search(r"[\[\]{}]", request.url):
        words.append("--globoff")
    given = {name.lower() for name, _ in request.headers}
    if request.method == "HEAD":
        words.append("-I")
    elif request.method != ("GET" if request.body is None else "POST"):
        words += ["-X", quoted(redactor.parts(request.method))]
    words += _reaching(request, reach)
    if request.target is not None:
        words += ["--request-target", quoted(redactor.parts(request.target))]
    words.append(quoted(redactor.parts(request.url.partition("#")[0])))
    for name, value in request.headers:
        # curl sends an empty header only when a semicolon asks for it
        colon, shown = (": ", redactor.field_parts(name, value)) if value.strip() else (";", iter(()))
        words += ["-H", quoted((*redactor.parts(name), colon, *shown))]
    if request.hostless and "host" not in given:
        words += ["-H", "Host:"]
    if request.body is not None:
        if "content-type" not in given:
            words += ["-H", "Content-Type:"]
        words += _body(request.body, redactor)
    return " ".join(words)


def quoted(parts: Iterable[str | Hit]) -> str:
    """A text as one word of bash: secrets as variables or placeholders, all else literally."""
    pieces: list[tuple[str, bool]] = []
    for part in parts:
        if isinstance(part, str):
            pieces.append((part, False))
        else:
            pieces.append((part.env, True) if part.env else (part.placeholder, False))
    if not any(variable for _, variable in pieces):
        return _literal("".join(piece for piece, _ in pieces))
    if all(variable or (_PLAIN.fullmatch(piece) and visible(piece) == piece) for piece, variable in pieces):
        *leading, (last, variable) = pieces
        inner = "".join(f"${{{piece}}}" if known else piece for piece, known in leading)
        return f'"{inner}{"$" if variable else ""}{last}"'
    return "".join(f'"${piece}"' if variable else _literal(piece) for piece, variable in pieces)


def _literal(text: str) -> str:
    """Single quotes, or bash's `$'…'` where a control character has to be written."""
    if visible(text) == text and "\n" not in text:
        return shlex.quote(text)
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
    return f"$'{visible(escaped)}'"


def _reaching(request: Request, reach: Reach) -> list[str]:
    address, words = reach.address, list[str]()
    host = f"[{address.host}]" if ":" in address.host else address.host
    there = f"[{address.connect_host}]" if ":" in address.connect_host else address.connect_host
    if address.moved and address.port == address.connect_port and _is_ip(address.connect_host):
        words += ["--resolve", shlex.quote(f"{host}:{address.port}:{there}")]
    elif address.moved:
        words += ["--connect-to", shlex.quote(f"{host}:{address.port}:{there}:{address.connect_port}")]
    if reach.proxy is not None:
        words += ["--proxy", shlex.quote(f"http://{reach.proxy}")]
    if request.local_address is not None:
        words += ["--interface", shlex.quote(request.local_address)]
    return words + _trusting(reach.trust) if address.scheme == "https" else words


def _trusting(trust: Tls) -> list[str]:
    words = []
    if not trust.verify:
        words.append("--insecure")
    elif trust.ca is not None:
        words += ["--cacert", _TEXT_OF_CA if PEM in trust.ca else shlex.quote(trust.ca)]
    if trust.client_certificate is not None:
        words += ["--cert", shlex.quote(trust.client_certificate)]
    if trust.client_key is not None:
        words += ["--key", shlex.quote(trust.client_key)]
    return words


def _body(body: bytes, redactor: Redactor) -> list[str]:
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        text = "\0"
    if len(body) > _BODY_LIMIT or "\0" in text:
        return ["--data-binary", "@body"]
    return ["--data-raw", quoted(redactor.parts(text))]


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
