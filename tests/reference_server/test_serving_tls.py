"""The reference server over TLS: an authority that is thrown away, and a name for each place."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import time
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest

from reference_server import provider, serving, tls
from reference_server.api import Opened
from reference_server.messages import Answer, Request, json_answer


async def get(
    url: str, trust: str | None = None, *, name: str | None = None, local: str | None = None
) -> Any:
    """The JSON that 127.0.0.1 answers to a GET for this URL."""
    parts = urlsplit(url)
    context = ssl.create_default_context(cadata=trust) if parts.scheme == "https" else None
    reader, writer = await asyncio.open_connection(
        "127.0.0.1",
        parts.port,
        ssl=context,
        server_hostname=(name or parts.hostname) if context else None,
        local_addr=(local, 0) if local else None,
    )
    writer.write(f"GET /x HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n".encode())
    _, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    await writer.wait_closed()
    return json.loads(body)


def shown(request: Request) -> Answer:
    return json_answer(200, {"peer": request.peer, "scheme": request.scheme, "host": request.host})


# Asked for, TLS is at every place, and each has its name in the certificate.
def test_every_place() -> None:
    async def scene() -> None:
        running = await provider.provider.start("originchain", tls=True)
        try:
            for place in running.target["places"].values():
                assert place["url"].startswith("https://")
                assert await get(place["url"], running.target["tls"]["ca"])
            own = running.target["places"]["own"]["url"]
            with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
                await get(own, running.target["tls"]["ca"], name="other.test")
            with pytest.raises(ssl.SSLCertVerificationError, match="unable to get local issuer"):
                await get(own)
        finally:
            await running.stop()

    asyncio.run(scene())


# Without being asked, nothing has it.
def test_no_tls() -> None:
    async def scene() -> None:
        running = await provider.provider.start("originchain")
        assert "tls" not in running.target
        assert all(place["url"].startswith("http://") for place in running.target["places"].values())
        await running.stop()

    asyncio.run(scene())


# A decision sees where a request comes from, and whether over TLS.
def test_what_a_request_tells() -> None:
    async def scene() -> None:
        plain = await serving.listen(shown)
        secure = await serving.listen(shown, tls=tls.context(["api.test"]))
        try:
            assert await get(f"http://api.test:{plain.port}") == {
                "peer": "127.0.0.1",
                "scheme": "http",
                "host": "api.test",
            }
            assert await get(f"https://api.test:{secure.port}", tls.authority(), local="127.0.0.2") == {
                "peer": "127.0.0.2",
                "scheme": "https",
                "host": "api.test",
            }
        finally:
            await plain.stop()
            await secure.stop()

    asyncio.run(scene())


# An API that is to be had over TLS alone has it without being asked, and a plain port that is another server.
def test_a_plain_port_beside(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = provider.api("kid-jwt")

    def opened(behaviour: Any, settings: Any) -> Opened:
        made = chosen.open(behaviour, settings)

        def target(port: int) -> dict[str, Any]:
            places = {"own": {"url": f"http://a.test:{port}"}, "plain": {"url": f"http://a.test:{port}"}}
            return {**made.target(port), "places": places}

        return replace(
            made,
            target=target,
            handler=shown,
            tls=True,
            plain=lambda request: json_answer(403, {"only": request.scheme}),
        )

    monkeypatch.setattr(provider, "api", lambda _: replace(chosen, open=opened))

    async def scene() -> None:
        running = await provider.provider.start("kid-jwt")
        own, plain = (running.target["places"][name]["url"] for name in ("own", "plain"))
        assert (urlsplit(own).scheme, urlsplit(plain).scheme) == ("https", "http")
        assert (await get(own, running.target["tls"]["ca"]))["scheme"] == "https"
        assert await get(plain) == {"only": "http"}
        await running.stop()
        for url in (own, plain):
            with pytest.raises(ConnectionRefusedError):
                await get(url, running.target["tls"]["ca"])

    asyncio.run(scene())


# What cannot be started to its end gives its first port back, and forgets its state.
def test_a_start_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = provider.api("kid-jwt")
    ports: list[int] = []
    closed: list[bool] = []

    def opened(behaviour: Any, settings: Any) -> Opened:
        def target(port: int) -> dict[str, Any]:
            ports.append(port)
            raise OSError("no second port")

        return replace(chosen.open(behaviour, settings), target=target, close=lambda: closed.append(True))

    monkeypatch.setattr(provider, "api", lambda _: replace(chosen, open=opened))

    async def scene() -> None:
        with pytest.raises(OSError, match="no second port"):
            await provider.provider.start("kid-jwt")
        with pytest.raises(ConnectionRefusedError):
            await get(f"http://a.test:{ports[0]}")

    asyncio.run(scene())
    assert closed == [True]


# A certificate is made once for the same names: a server over TLS starts as quickly as another.
def test_certificates_are_kept() -> None:
    assert tls.context(["b.test", "a.test"]) is tls.context(["a.test", "b.test"])
    assert tls.context(["a.test"]) is not tls.context(["b.test"])

    async def scene() -> None:
        began = time.monotonic()
        for _ in range(10):
            running = await provider.provider.start("originchain", tls=True)
            await running.stop()
        assert time.monotonic() - began < 1

    tls.authority()
    asyncio.run(scene())


# Whoever does not speak TLS, or says nothing, does not keep it from serving others, or from stopping.
def test_clients_without_tls() -> None:
    async def scene() -> None:
        running = await provider.provider.start("originchain", tls=True)
        own = running.target["places"]["own"]["url"]
        with socket.create_connection(("127.0.0.1", urlsplit(own).port)) as silent:
            reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(own).port)
            writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert await reader.read() == b""
            writer.close()
            await writer.wait_closed()
            assert await get(own, running.target["tls"]["ca"])
            began = time.monotonic()
            await running.stop()
            assert time.monotonic() - began < 1
            assert silent.fileno() > 0

    asyncio.run(scene())
