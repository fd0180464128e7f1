"""The reference server over real connections, as the harness starts it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from reference_server.provider import provider


def scene(act: Callable[[Any], Awaitable[None]], **settings: Any) -> None:
    """Start a server, let `act` use it, stop it."""

    async def play() -> None:
        running = await provider.start("originchain", **settings)
        try:
            await act(running)
        finally:
            await running.stop()

    asyncio.run(play())


class Wire:
    """One connection that sends bytes as given and reads whole answers."""

    def __init__(self, running: Any) -> None:
        self.port = int(running.target["places"]["own"]["url"].rpartition(":")[2])

    async def __aenter__(self) -> Wire:
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.writer.close()
        await self.writer.wait_closed()

    async def send(self, text: str) -> tuple[int, dict[str, str], bytes]:
        self.writer.write(text.replace("\n", "\r\n").encode())
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        fields = dict(line.lower().split(": ", 1) for line in head[1:] if line)
        size = 0 if text.startswith("HEAD") else int(fields.get("content-length", 0))
        return int(head[0].split()[1]), fields, await self.reader.readexactly(size)


def get(
    running: Any, *, method: str = "GET", target: str = "/v1/tenants/acme/schemas", more: str = ""
) -> str:
    token = running.target["credentials"]["token"]["value"]
    host = "acme.originchain.test"
    return f"{method} {target} HTTP/1.1\nHost: {host}\nAuthorization: Bearer {token}\n{more}\n"


# The target describes the server: its token opens its place and shows its canary.
def test_target() -> None:
    async def act(running: Any) -> None:
        target = running.target
        assert target["profile"] == "originchain"
        assert set(target["places"]) == {"own", "other", "trial", "doomed", "gone", "dashboard"}
        assert set(target["resolve"].values()) == {"127.0.0.1"}
        assert target["credentials"]["doomed-token"]["at"] == "doomed"
        json.dumps(target)
        async with Wire(running) as wire:
            status, fields, body = await wire.send(get(running))
            assert (status, target["canary"]["own"] in body.decode()) == (200, True)
            assert "server" not in fields

    scene(act)


# HEAD is GET without the body, refusals included, and 304 and 204 have no length.
def test_head() -> None:
    async def act(running: Any) -> None:
        async with Wire(running) as wire:
            status, full, _ = await wire.send(get(running))
            assert await wire.send(get(running, method="HEAD")) == (status, full, b"")
            bare = "HEAD /v1/tenants/acme/schemas HTTP/1.1\nHost: acme.originchain.test\n\n"
            assert (await wire.send(bare))[0] == 401
            cut = await wire.send(get(running, more=f"If-None-Match: {full['etag']}\n"))
            assert (cut[0], "content-length" in cut[1]) == (304, False)

    scene(act)


# The host of a target in absolute form wins over the Host field (RFC 9112 section 3.2.2).
def test_absolute_form() -> None:
    async def act(running: Any) -> None:
        async with Wire(running) as wire:
            path = "/v1/tenants/acme/schemas"
            assert (await wire.send(get(running, target=f"http://globex.originchain.test{path}")))[0] == 403
            assert (await wire.send(get(running, target=f"http://acme.originchain.test:1{path}")))[0] == 200
            assert (await wire.send(get(running, target="http://acme.originchain.test")))[0] == 404

    scene(act)


# A body above the limit is not read to its end, and is refused like any other bad body.
def test_large_body() -> None:
    async def act(running: Any) -> None:
        async with Wire(running) as wire:
            size = (1 << 20) + 1
            text = get(running, method="POST", more=f"Content-Length: {size}\n") + " " * size
            assert (await wire.send(text))[0] == 400

    scene(act)


# A decision can see which connection a request came on, and how many came before.
def test_connections_are_told_apart() -> None:
    async def act(running: Any) -> None:
        seen = []
        original = running.opened.server.behaviour.respond

        def respond(facts: Any) -> Any:
            seen.append((facts.request.connection, facts.request.served))
            return original(facts)

        running.opened.server.behaviour = replace(running.opened.server.behaviour, respond=respond)
        async with Wire(running) as first, Wire(running) as second:
            for wire in (first, first, second):
                await wire.send(get(running))
        assert seen == [(1, 0), (1, 1), (2, 0)]

    scene(act)


# Starting and stopping costs nearly nothing, even with a connection left open and a request unfinished.
def test_stop_is_prompt() -> None:
    async def play() -> None:
        began = time.monotonic()
        for _ in range(10):
            running = await provider.start("originchain")
            async with Wire(running) as idle, Wire(running) as cut:
                await idle.send(get(running))
                cut.writer.write(b"GET / HTTP/1.1\r\n")
                await running.stop()
        assert time.monotonic() - began < 1

    asyncio.run(play())


# A request that never arrives whole is not acted upon, and does not keep the server from stopping.
def test_unfinished_request() -> None:
    async def play() -> None:
        running = await provider.start("originchain")
        seen = []
        respond = running.opened.server.behaviour.respond
        running.opened.server.behaviour = replace(
            running.opened.server.behaviour, respond=lambda facts: seen.append(facts) or respond(facts)
        )
        began = time.monotonic()
        part = get(running, method="POST", more="Content-Length: 9\n").replace("\n", "\r\n").encode()
        async with Wire(running) as gone:
            gone.writer.write(part)
            await asyncio.sleep(0.05)
        async with Wire(running) as slow:
            slow.writer.write(part)
            await asyncio.sleep(0.05)
            await running.stop()
        assert time.monotonic() - began < 2
        assert seen == []

    asyncio.run(play())


# With a seed two starts have the same secrets; without one they never have.
def test_seed() -> None:
    async def secret(seed: int | None) -> str:
        running = await provider.start("originchain", seed=seed)
        await running.stop()
        return str(running.target["credentials"]["token"]["value"])

    async def play() -> None:
        assert await secret(7) == await secret(7)
        assert await secret(None) != await secret(None)

    asyncio.run(play())


# A name that is not known is answered with the nearest one that is.
def test_unknown_names() -> None:
    with pytest.raises(ValueError, match=r"unknown profile 'orginchain'\. Did you mean 'originchain'\?"):
        provider.faults("orginchain")

    async def play() -> None:
        with pytest.raises(ValueError, match=r"unknown profile 'x'"):
            await provider.start("x")

    asyncio.run(play())
