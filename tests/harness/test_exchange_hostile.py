"""Whatever the other side does, it ends in an answer or in NoAnswer, in time."""

from __future__ import annotations

import asyncio
import time

import pytest
from loopback import Loopback, Serve, answering, ok, read_request, serving

from harness.exchange import Answer, Network, NoAnswer, Redactor, Request

LIMIT = 100_000


async def ask(server: Loopback, *, timeout: float = 0.6, method: str = "GET") -> Answer:
    own = Network(redactor=Redactor(), timeout=timeout, body_limit=LIMIT)
    try:
        return await own.lane().send(Request(method, server.url), purpose="case")
    finally:
        await own.aclose()


def no_answer(serve: Serve) -> NoAnswer:
    """What comes of one request to such a server, within the deadline."""

    async def scene() -> NoAnswer:
        async with serving(serve) as server:
            start = time.monotonic()
            with pytest.raises(NoAnswer) as caught:
                await ask(server)
            assert time.monotonic() - start < 2
        return caught.value

    return asyncio.run(scene())


def replying(*pieces: bytes, pause: float = 0.0, endless: bool = False) -> Serve:
    """Send the pieces one by one, the last again and again if `endless`, then hang up."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)
        while endless:
            writer.write(pieces[-1])
            await writer.drain()
            await asyncio.sleep(pause)

    return serve


OK = b"HTTP/1.1 200 OK\r\n"


# Each way of never finishing ends at the deadline.
@pytest.mark.parametrize(
    "serve",
    [
        replying(OK, b"X-A: b\r\n", pause=0.02, endless=True),
        replying(OK + b"Content-Length: 9000\r\n\r\n", b"x", pause=0.02, endless=True),
        replying(OK + b"Content-Length: 9\r\n\r\n", b"", pause=0.02, endless=True),
        replying(b"", pause=0.02, endless=True),
        replying(b"HTTP/1.1 100 Continue\r\n\r\n", pause=0.02, endless=True),
    ],
    ids=["head dribbles", "body dribbles", "body stops", "silence", "always 100"],
)
def test_deadline(serve: Serve) -> None:
    error = no_answer(serve)

    assert error.kind == "timeout"
    assert "no complete answer from 127.0.0.1:" in error.message and error.message.endswith("within 0.6 s")


# What is not HTTP is said to be so.
@pytest.mark.parametrize(
    "answer",
    [
        b"\x00\xff garbage\r\n\r\n",
        b"HTTP/9 abc\r\n\r\n",
        OK + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        OK + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n",
        OK + b"Content-Length: -1\r\n\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        OK + b"Transfer-Encoding: gzip\r\n\r\n",
        OK + b"no colon\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
    ],
)
def test_no_http(answer: bytes) -> None:
    error = no_answer(replying(answer))

    assert error.kind == "protocol"
    assert "is not HTTP" in error.message


# A head without end is cut off at its budget, interim responses included.
@pytest.mark.parametrize("piece", [b"X-Filler: " + b"x" * 1000 + b"\r\n", b"x" * 4096])
def test_endless_head(piece: bytes) -> None:
    error = no_answer(replying(OK, piece, endless=True))

    assert error.kind == "budget"
    assert error.message.endswith("is larger than 65536 bytes")


def test_endless_interim_responses() -> None:
    error = no_answer(replying(b"HTTP/1.1 103 Early Hints\r\nX: " + b"y" * 500 + b"\r\n\r\n", endless=True))

    assert error.kind == "budget"


# A connection closed too early is no answer; what had come stands in the evidence.
def test_closed_early() -> None:
    assert no_answer(replying(b"")).kind == "closed"
    assert no_answer(replying(b"HTTP/1.1 20")).kind == "closed"

    error = no_answer(replying(OK + b"Content-Length: 9\r\n\r\nabc"))
    assert error.kind == "closed"
    assert "closed the connection before the answer was complete" in error.message
    response = error.evidence.response
    assert response is not None
    assert (response["status"], response["body"], response["truncated"]) == (200, "abc", True)


# A body without end is an answer, cut off at its budget, whatever its framing.
@pytest.mark.parametrize(
    ("head", "piece"),
    [
        (b"Connection: close\r\n\r\n", b"x" * 4096),
        (b"Content-Length: 99999999999\r\n\r\n", b"x" * 4096),
        (b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n" * 500),
        (b"Transfer-Encoding: chunked\r\n\r\n", b"1;" + b"filler" * 1000 + b"\r\nx\r\n"),
    ],
)
def test_endless_body(head: bytes, piece: bytes) -> None:
    async def scene() -> None:
        async with serving(replying(OK + head, piece, endless=True)) as server:
            answer = await ask(server, timeout=5)
        assert answer.truncated and len(answer.body) <= LIMIT and set(answer.body) == {ord("x")}
        assert answer.evidence.response is not None and answer.evidence.response["truncated"]

    asyncio.run(scene())


# A body shorter than what follows: the rest is not taken for the answer to the next request.
def test_bytes_after_the_answer() -> None:
    async def scene() -> None:
        own = Network(redactor=Redactor())
        async with answering(ok(b"one") + ok(b"not asked for")) as server:
            lane = own.lane()
            for _ in range(3):
                assert (await lane.send(Request("GET", server.url), purpose="case")).text() == "one"
            await own.aclose()
        assert server.connections == 3

    asyncio.run(scene())


# An answer that comes while the body is still going out is read, though the server takes no more of it.
def test_answer_before_the_body_is_sent() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        await asyncio.sleep(3)

    async def scene() -> None:
        own = Network(redactor=Redactor(), timeout=2)
        async with serving(serve) as server:
            request = Request("POST", server.url, body=b"x" * 20_000_000)
            answer = await own.lane().send(request, purpose="case")
            await own.aclose()
        assert answer.status == 413

    asyncio.run(scene())


def hanging_up(after: int) -> tuple[Serve, list[bytes]]:
    """Answer so many requests of a connection, then take one more and hang up without a word."""
    taken: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(after):
            taken.append(await read_request(reader))
            writer.write(ok())
            await writer.drain()
        taken.append(await read_request(reader))

    return serve, taken


# A kept connection that dies under a request: it is sent once more, and from then on none is kept.
def test_stale_connection() -> None:
    async def scene() -> None:
        serve, _ = hanging_up(after=1)
        own = Network(redactor=Redactor(), timeout=2)
        async with serving(serve) as server:
            lane = own.lane()
            for _ in range(4):
                assert (await lane.send(Request("GET", server.url), purpose="case")).status == 200
            assert (lane.requests_sent, server.connections) == (5, 4)
            await own.aclose()

    asyncio.run(scene())


# A POST may have been acted upon, so it is not sent twice: a code is presented once.
def test_stale_connection_under_a_post() -> None:
    async def scene() -> None:
        serve, taken = hanging_up(after=1)
        own = Network(redactor=Redactor(), timeout=2)
        async with serving(serve) as server:
            lane = own.lane()
            request = Request("POST", server.url, body=b"code=1")
            await lane.send(request, purpose="case")
            with pytest.raises(NoAnswer, match="closed the connection before the answer was complete"):
                await lane.send(request, purpose="case")
            assert len(taken) == 2
            assert (await lane.send(request, purpose="case")).status == 200
            await own.aclose()

    asyncio.run(scene())


# The first request over a connection is never sent twice.
def test_new_connection_closed() -> None:
    async def scene() -> None:
        serve, taken = hanging_up(after=0)
        async with serving(serve) as server:
            with pytest.raises(NoAnswer):
                await ask(server)
        assert len(taken) == 1

    asyncio.run(scene())


# Nobody listens; the name is unknown.
def test_no_connection() -> None:
    async def scene(url: str) -> NoAnswer:
        own = Network(redactor=Redactor(), timeout=3)
        with pytest.raises(NoAnswer) as caught:
            await own.lane().send(Request("GET", url), purpose="case")
        await own.aclose()
        return caught.value

    async def free_port() -> int:
        async with serving(replying(b"")) as server:
            return server.port

    port = asyncio.run(free_port())
    error = asyncio.run(scene(f"http://127.0.0.1:{port}/"))
    assert (error.kind, error.message) == ("connect", f"nothing listens at 127.0.0.1:{port}")
    label = "x" * 64
    error = asyncio.run(scene(f"http://{label}.test/"))
    assert (error.kind, error.message) == ("name", f"the name {label}.test does not resolve")
