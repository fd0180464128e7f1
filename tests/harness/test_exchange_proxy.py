"""Through a proxy: with the whole URL, or by a tunnel; nothing goes around it, and it is not the target."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from certified import pem, server
from loopback import Loopback, answering, ok, serving

from harness.errors import InputError
from harness.exchange import Answer, Network, NoAnswer, Redactor, Request
from harness.model import Tls
from harness.positions import parse
from harness.targets import build

SECURE = Tls(ca=pem())


@asynccontextmanager
async def proxying(answer: bytes | None = None) -> AsyncIterator[Loopback]:
    """A proxy that notes the heads it is sent; with `answer` it says that, in place of leading anywhere."""
    heads: list[bytes] = []

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
        writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        heads.append(head)
        if answer is not None:
            writer.write(answer)
            await writer.drain()
            return
        method, target, _ = head.split(b" ", 2)
        whole = target.removeprefix(b"http://")
        authority, _, path = whole.partition(b"/")
        host, _, port = authority.decode().rpartition(":")
        theirs, ours = await asyncio.open_connection("127.0.0.1" if host != "nowhere" else host, int(port))
        if method == b"CONNECT":
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        else:
            ours.write(head.replace(target, b"/" + path, 1))
        pumps = (pump(reader, ours), pump(theirs, writer))
        try:
            await asyncio.gather(*pumps)
        finally:
            ours.close()

    async with serving(serve) as state:
        state.requests = heads
        yield state


def asked(
    url: str,
    *,
    tls: ssl.SSLContext | None = None,
    answer: bytes | None = None,
    times: int = 1,
    **settings: Any,
) -> tuple[list[Answer], list[bytes], list[bytes]]:
    """The answers, the heads that the proxy was sent, and those that the target was."""

    async def scene() -> tuple[list[Answer], list[bytes], list[bytes]]:
        async with answering(ok(b"here"), tls=tls) as target, proxying(answer) as proxy:
            resolve = {name: f"127.0.0.1:{target.port}" for name in settings.pop("resolve", ())}
            network = Network(
                redactor=Redactor(),
                timeout=3,
                proxy=f"http://127.0.0.1:{proxy.port}",
                resolve=resolve,
                **settings,
            )
            lane = network.lane()
            try:
                request = Request("GET", url.replace("PORT", str(target.port)))
                return (
                    [await lane.send(request, purpose="case") for _ in range(times)],
                    proxy.requests,
                    target.requests,
                )
            finally:
                await network.aclose()

    return asyncio.run(scene())


# A plain request goes to the proxy with its whole URL; the target sees it as it would else.
def test_plain() -> None:
    (answer,), through, arrived = asked("http://127.0.0.1:PORT/a//b?c")
    assert answer.text() == "here"
    assert through[0].startswith(b"GET http://127.0.0.1:") and b"/a//b?c HTTP/1.1\r\n" in through[0]
    assert arrived[0].startswith(b"GET /a//b?c HTTP/1.1\r\nHost: 127.0.0.1:")
    assert "--proxy http://127.0.0.1:" in answer.evidence.request["curl"]


# An encrypted one goes through a tunnel, and is verified as without; a second one uses the same.
def test_encrypted() -> None:
    tls = server("localhost")
    answers, through, arrived = asked("https://localhost:PORT/x", tls=tls, times=2, trust=SECURE)
    assert [each.text() for each in answers] == ["here", "here"]
    assert len(through) == 1 and through[0].startswith(b"CONNECT localhost:")
    assert len(arrived) == 2 and answers[0].secured is not None
    with pytest.raises(NoAnswer) as caught:
        asked("https://localhost:PORT/x", tls=server("other.test"), trust=SECURE)
    assert caught.value.kind == "misnamed"


# A name that leads elsewhere is the place's own for the target, though the proxy is led to the address.
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_resolved(scheme: str) -> None:
    tls = server("acme.test") if scheme == "https" else None
    (answer,), through, arrived = asked(
        f"{scheme}://acme.test/x", tls=tls, trust=SECURE, resolve=["acme.test"]
    )
    assert answer.text() == "here"
    assert through[0].startswith(b"CONNECT 127.0.0.1:")
    assert b"Host: acme.test\r\n" in arrived[0]


# What the proxy itself says is never taken for the target's answer.
@pytest.mark.parametrize(
    ("url", "answer", "said"),
    [
        ("https://localhost:PORT/", b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n",
         "does not lead to localhost:PORT: 403 Forbidden"),
        ("http://localhost:PORT/", b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n",
         "does not lead to localhost:PORT: 407 Proxy Authentication Required"),
        ("https://localhost:PORT/", b"220 mail.example ESMTP\r\n\r\n", "does not answer as one"),
        ("https://localhost:PORT/", b"", "does not answer as one"),
    ],
)  # fmt: skip
def test_what_the_proxy_says(url: str, answer: bytes, said: str) -> None:
    with pytest.raises(NoAnswer) as caught:
        asked(url, answer=answer)
    message = re.sub(r":\d+", ":PORT", caught.value.message)
    assert (caught.value.kind, message) == ("proxy", f"the proxy 127.0.0.1:PORT {said}")


# Nothing goes around a proxy that is not there.
def test_no_proxy_there() -> None:
    async def scene() -> NoAnswer:
        async with answering(ok()) as target:
            network = Network(redactor=Redactor(), proxy="http://127.0.0.1:9")
            try:
                with pytest.raises(NoAnswer) as caught:
                    await network.lane().send(Request("GET", target.url), purpose="case")
            finally:
                await network.aclose()
            assert target.requests == []
            return caught.value

    error = asyncio.run(scene())
    assert (error.kind, error.message) == (
        "proxy",
        "no connection to the proxy 127.0.0.1:9: Connection refused",
    )


# The environment's proxies are not ours: what a target says is what happens, on every machine.
def test_the_environment_has_no_say(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    async def scene() -> str:
        async with answering(ok(b"direct")) as target:
            network = Network(redactor=Redactor())
            try:
                return (await network.lane().send(Request("GET", target.url), purpose="case")).text()
            finally:
                await network.aclose()

    assert asyncio.run(scene()) == "direct"


# A target names it without a password, which would be a secret in a file to be shared.
def test_in_a_target() -> None:
    head = "profile: api\nplaces:\n  own: {url: 'https://acme.example'}\n"
    assert build(parse(head, "t.yaml")).proxy is None
    assert build(parse(head + "proxy: none\n", "t.yaml")).proxy is None
    assert (
        build(parse(head + "proxy: http://proxy.example:3128/\n", "t.yaml")).proxy
        == "http://proxy.example:3128"
    )
    for wrong in ("http://u:p@proxy.example", "https://proxy.example", "proxy.example:3128"):
        with pytest.raises(InputError) as caught:
            build(parse(head + f"proxy: {wrong}\n", "t.yaml"))
        assert str(caught.value).startswith(
            "t.yaml:4: 'proxy' must be none, or the http URL of a proxy without user"
        )
