"""Whom a server calls for the keys of a token that names an address: a fault that no answer shows."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from reference_server import jose
from reference_server.messages import Answer

NUMBER = 20261122
"""The private one of the key that nobody has reason to trust."""
UNKNOWN = "00000000-0000-4000-8000-000000000000"


class _Keeper(ThreadingHTTPServer):
    """Has the keys, under the kid that the path ends in, and notes who comes for them."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[str] = []


class _Handler(BaseHTTPRequestHandler):
    server: _Keeper

    def do_GET(self) -> None:
        _, what, kid = self.path.split("/")
        self.server.asked.append(what)
        body = _certificate() if what == "x5u" else json.dumps({"keys": [_jwk(kid)]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


def referring(
    present: Callable[[str], Answer], header: Mapping[str, Any], claims: Mapping[str, Any]
) -> Iterator[Answer]:
    """The answers to right claims by a key of ours at a jku, an x5u, and a jku for an unknown kid.

    Behind each stands what the server came for, in the form of an answer.
    """
    keeper = _keeper()
    for member, kid in (("jku", header["kid"]), ("x5u", header["kid"]), ("jku", UNKNOWN)):
        keeper.asked.clear()
        url = f"http://127.0.0.1:{keeper.server_port}/{member}/{kid}"
        members = {**header, "alg": "ES256", "kid": kid, member: url}
        yield present(jose.sign(members, claims, jose.private(NUMBER)))
        yield Answer(0, body=" ".join(sorted(set(keeper.asked))).encode())


@cache
def _keeper() -> _Keeper:
    keeper = _Keeper()
    Thread(target=keeper.serve_forever, daemon=True).start()
    return keeper


def _jwk(kid: str) -> Mapping[str, Any]:
    return {**jose.private(NUMBER).as_dict(private=False), "kid": kid}


@cache
def _certificate() -> bytes:
    key = ec.derive_private_key(NUMBER, ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "nobody")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1)
    day = datetime(2026, 1, 1, tzinfo=UTC)
    made = builder.not_valid_before(day).not_valid_after(day.replace(year=2036)).sign(key, SHA256())
    return made.public_bytes(Encoding.PEM)
