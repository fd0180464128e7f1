"""Requests that no client writes: another target, no Host, control characters; what comes of an upgrade."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from loopback import Loopback, answering, ok
from scene import operation, play
from test_changes import JSON, fields, refused, request
from test_exchange import ask

from harness.changes import with_cookies
from harness.credentials import CannotSpoil
from harness.credentials.computed import compute
from harness.exchange import Answer, Request

READ = operation("protected", "GET", "/v1/a-Z0")
HEALTH = operation("public", "GET", "/health", public=True)
REWRITE = {"header": {"X-Original-URL": "${protected.path}"}}


def wire(answer: bytes = b"", **parts: Any) -> tuple[bytes, Answer]:
    """The bytes that went out, and the answer."""

    async def act(server: Loopback) -> Answer:
        return await ask(f"{server.url}/path", **parts)

    async def scene() -> tuple[bytes, Answer]:
        async with answering(answer or ok()) as server:
            given = await act(server)
            return server.requests[0], given

    found: tuple[bytes, Answer] = play(scene())
    return found


# The request target is another one than the URL has, byte for byte.
def test_target() -> None:
    sent, _ = wire(target="http://other.example/a b?c")
    assert sent.startswith(b"GET http://other.example/a%20b?c HTTP/1.1\r\nHost: 127.0.0.1:")


def test_no_host() -> None:
    sent, _ = wire(hostless=True)
    assert b"host" not in sent.lower()
    sent, _ = wire(hostless=True, headers=(("Host", "a"), ("Host", "b")))
    assert sent.startswith(b"GET /path HTTP/1.1\r\nHost: a\r\nHost: b\r\n")


# NUL and a CR alone end no line, so they are sent; a line feed would, and is not.
def test_control_characters() -> None:
    sent, _ = wire(headers=(("X-Key", "a\0b\rc"),))
    assert b"X-Key: a\0b\rc\r\n" in sent


# Who switches protocols has answered: 101 is its status, and there is no body to wait for.
def test_upgrade() -> None:
    switched = b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n"
    _, answer = wire(switched, headers=(("Connection", "Upgrade"), ("Upgrade", "websocket")))
    assert (answer.status, answer.body) == (101, b"")


# Other interim responses are none: the answer follows them.
def test_early_hints() -> None:
    _, answer = wire(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + ok(b"[]"))
    assert (answer.status, answer.text()) == (200, "[]")


# Evidence keeps the beginning of what is long, and no command line that nobody could run.
def test_long_fields() -> None:
    _, answer = wire(headers=(("X-Long", "a" * 9_000),), body=b"b" * 70_000)
    (kept,) = (value for name, value in answer.evidence.request["headers"] if name == "X-Long")
    assert kept.endswith("a… (9000 characters)")
    assert answer.evidence.request["curl"] is None


def test_spoiled_targets() -> None:
    made = request(READ, "token", "target", "${scheme}://${host}${path}")
    assert made.target == "https://api.example/v1/a-Z0"
    made = request(READ, "token", "target", {"is": "*", "host": "other.example"})
    assert (made.target, fields(made, "Host")) == ("*", ["other.example"])
    assert request(READ, "token", "host", removed=True).hostless


def test_spellings_of_the_path() -> None:
    assert request(READ, "token", "path", "${path.upper}").url.endswith("/V1/A-Z0")
    assert request(READ, "token", "path", "/.${path.encoded}").url.endswith("/./%76%31/%61-%5A%30")


def test_large_bodies() -> None:
    assert request(JSON, "token", "body", {"repeat": ["ab", 3]}).body == b"ababab"


def test_fresh_addresses() -> None:
    added = {"header": {"X-Real-IP": "${fresh-address}"}}
    (address,) = fields(request(READ, "token", "add", added), "X-Real-IP")
    assert address.startswith("198.18.")


# The path of the protected operation can stand in a field, whichever operation is asked.
def test_the_protected_path() -> None:
    assert request(HEALTH, None, "add", REWRITE).url.endswith("/health")
    assert fields(request(HEALTH, None, "add", REWRITE), "X-Original-URL") == ["/data"]


# A whole field value as a parameter is what a query that is read as a field would hold.
def test_a_field_in_the_query() -> None:
    made = request(READ, "token", "slot", {"query-field": "Authorization"})
    assert "?Authorization=Bearer+key_live_" in made.url


# One character that Unicode holds for the same, or for nothing.
@pytest.mark.parametrize(
    ("how", "character"),
    [
        ("full-width", "\N{FULLWIDTH LATIN SMALL LETTER S}"),
        ("folded", "\N{LATIN SMALL LETTER LONG S}"),
        ("accent", "s\N{COMBINING ACUTE ACCENT}"),
        ("zero-width", "s\N{ZERO WIDTH SPACE}"),
    ],
)
def test_look_alikes(how: str, character: str) -> None:
    assert compute({"look-alike": how}, "0123s567", (), Random(1)) == f"0123{character}567"


def test_no_look_alike() -> None:
    with pytest.raises(CannotSpoil, match="no character of the secret has a folded form"):
        compute({"look-alike": "folded"}, "0123", (), Random(1))
    assert refused(READ, "token", "name", {"replace": ["-", "_"]}) == (
        "in the field name Authorization there is no '-' to replace"
    )


# Cookies are sent only by whom they are asked for, and only those that are no documented credential.
def test_cookies() -> None:
    made = with_cookies(Request("GET", "http://a.example/"), {"sid": "1", "lb": "2"}, {"sid"})
    assert fields(made, "Cookie") == ["lb=2"]
    with pytest.raises(CannotSpoil, match="no answer has set a cookie"):
        with_cookies(made, {"sid": "1"}, {"sid"})
