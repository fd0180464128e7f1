"""An authority that a test made, and what servers and clients need of it."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from threading import Thread
from typing import Any

import trustme

EC = trustme.KeyType.ECDSA


OURS = "Our own"


@cache
def authority(name: str) -> trustme.CA:
    return trustme.CA(organization_name=name, key_type=EC)


def pem(name: str = OURS) -> str:
    """The authority's certificate."""
    return authority(name).cert_pem.bytes().decode()


def server(*names: str, days: float = 30, client: bool = False) -> ssl.SSLContext:
    """What a server with a certificate for `names` speaks TLS with; `client`: whether it wants one too."""
    until = datetime.now(UTC) + timedelta(days=days)
    lasts: dict[str, Any] = {"not_before": until - timedelta(days=90), "not_after": until}
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority(OURS).issue_cert(*names, key_type=EC, **lasts).configure_cert(made)
    if client:
        made.verify_mode = ssl.CERT_REQUIRED
        authority("Of clients").configure_trust(made)
    return made


def client(folder: Path, issuer: str = "Of clients") -> tuple[Path, Path]:
    """The files of a client's certificate and key."""
    made = authority(issuer).issue_cert("harness@example.test", key_type=EC)
    certificate, key = folder / "client.pem", folder / "client.key"
    made.cert_chain_pems[0].write_to_path(certificate)
    made.private_key_pem.write_to_path(key)
    return certificate, key


@contextmanager
def blocking(tls: ssl.SSLContext | None, plain: bytes = b"") -> Iterator[int]:
    """The port of a server that says why it will not have a client, as asyncio's do not.

    It answers 204 over TLS, and `plain` where something else came, or where it has no TLS.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=_serve, args=(listener, tls, plain), daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def _serve(listener: socket.socket, tls: ssl.SSLContext | None, plain: bytes) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        connection.settimeout(5)
        with connection, suppress(OSError):
            if tls and connection.recv(1, socket.MSG_PEEK) == b"\x16":
                _secure(tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False))
            else:
                connection.recv(9000)
                connection.sendall(plain)


def _secure(connection: ssl.SSLSocket) -> None:
    with connection:
        try:
            connection.do_handshake()
            connection.recv(9000)
            connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
        except ssl.SSLError:  # with a request unread the connection would be reset, and the alert lost
            socket.socket.recv(connection, 9000)
