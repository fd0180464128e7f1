"""Requests as they arrive, before they are parsed, and what a server that decides so makes of them."""

from __future__ import annotations

from typing import Any

from reference_server.messages import Answer

HEADS = (
    "GET / HTTP/1.1\r\nHost: a\r\nX-API-Key: b\0c",
    "GET / HTTP/1.1\r\nHost: a\r\nX-API-Key: b\rc",
    "GET / HTTP/1.1\r\nHost: a\r\nX-API-Key: b\r\n c",
    "GET / HTTP/1.1\r\nHost: a\r\nX-API-Key : b",
    "GET / HTTP/1.1\r\nHost: a\r\nX-API-Key: b\r\nHost: c",
    "GET / HTTP/1.1\r\nX-API-Key: b",
    "GET / HTTP/1.1\r\nHost: a\r\nX-API-KEY: b\r\nAUTHORIZATION: c",
    "GET / HTTP/1.1\r\nHost: a\r\nX-API-Key:   b\r\nAuthorization:   c",
    "GET / HTTP/1.1\r\nHost: a\r\nX-API-Key: b\t\r\nAuthorization: c\t",
)


def arrived(behaviour: Any) -> list[Answer]:
    """Each head, with a body behind it, as the server parses it: as if that were its answer."""
    mend = behaviour.mend or bytes
    return [Answer(0, body=mend(head.encode() + b"\r\n\r\nbody")) for head in HEADS]
