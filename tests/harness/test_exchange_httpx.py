"""httpx carries the requests, and neither adds to them nor acts on their answers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

import httpx
import pytest
from loopback import Loopback, answering, ok, serving

from harness.exchange import Lane, Network, NoAnswer, Redactor, Request

TOKEN = "sk_test_0123456789abcdef"


def redactor() -> Redactor:
    known = Redactor()
    known.learn("token", TOKEN)
    return known


def against(
    answer: bytes | Callable[[bytes], bytes], act: Callable[[Loopback, Lane], Awaitable[None]]
) -> list[bytes]:
    """Run `act` with a lane and a server that gives this answer, and return the requests that came."""

    async def scene() -> list[bytes]:
        own = Network(redactor=redactor(), timeout=3)
        async with answering(answer) as server:
            await act(server, own.lane())
            await own.aclose()
        return server.requests

    return asyncio.run(scene())


# A cookie is an answer like any other header: it comes back with no later request of the lane.
@pytest.mark.parametrize("cookie", ["sid=1", "sid=1; Path=/; Domain=127.0.0.1", "\xff; Expires=never"])
def test_cookies_are_not_kept(cookie: str) -> None:
    async def act(server: Loopback, lane: Lane) -> None:
        for _ in range(3):
            answer = await lane.send(Request("GET", server.url), purpose="case")
            assert answer.header("Set-Cookie") == [cookie]

    requests = against(ok(b"", f"Set-Cookie: {cookie}"), act)

    assert len(requests) == 3 and b"cookie" not in b"".join(requests).lower()


# A redirect is an answer, wherever it leads, and be it nowhere.
@pytest.mark.parametrize(
    "location", ["/elsewhere", "app.example:/back?code=1", "http://[", "http://h:x/", ""]
)
def test_redirects_are_not_followed(location: str) -> None:
    async def act(server: Loopback, lane: Lane) -> None:
        answer = await lane.send(Request("GET", server.url), purpose="case")
        assert (answer.status, answer.header("location")) == (302, [location])

    moved = f"HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n"

    assert len(against(moved.encode(), act)) == 1


# A proxy of the environment is not asked.
def test_proxies_of_the_environment_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scene() -> None:
        async with answering(ok(b"proxy")) as proxy, answering(ok(b"target")) as server:
            for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
                monkeypatch.setenv(name, proxy.url)
            own = Network(redactor=redactor())
            answer = await own.lane().send(Request("GET", server.url), purpose="case")
            await own.aclose()
            assert (answer.text(), proxy.connections) == ("target", 0)

    asyncio.run(scene())


# What httpx would alter goes out as it is: the case of a method, a login in a URL, a URL of any length.
def test_nothing_is_altered() -> None:
    query = "q=" + "x" * 60_000 + "{}" * 5_000
    heads: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(2):
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                head += await reader.read(1 << 16)
            heads.append(head.decode("latin-1"))
            writer.write(ok(b"", "Set-Cookie: c=d"))

    async def scene() -> None:
        own = Network(redactor=redactor(), timeout=3)
        lane = own.lane()
        async with serving(serve) as server:
            place = f"127.0.0.1:{server.port}"
            await lane.send(Request("get", f"http://user:pw@{place}/A/./?{query}"), purpose="case")
            headers = (("X-Ünusual", "1"), ("Cookie", "a=b"))
            await lane.send(Request("GET", server.url, headers), purpose="case")
            await own.aclose()

    asyncio.run(scene())

    assert heads[0].startswith(f"get /A/./?{query} HTTP/1.1\r\nHost: 127.0.0.1:")
    assert "authorization" not in heads[0].lower()
    assert "\r\nX-Ünusual: 1\r\nCookie: a=b\r\n" in heads[1]


# The bytes of a body are those that came: what is called compressed is not unpacked.
def test_content_codings_stay() -> None:
    async def act(server: Loopback, lane: Lane) -> None:
        answer = await lane.send(Request("GET", server.url), purpose="case")
        assert answer.body == b"not gzip at all"

    against(ok(b"not gzip at all", "Content-Encoding: gzip"), act)


# httpx writes a line to its log for every request: no secret stands in it, in an echoing reason even.
def test_the_log_of_httpx(caplog: pytest.LogCaptureFixture) -> None:
    async def act(server: Loopback, lane: Lane) -> None:
        url = f"{server.url}/{TOKEN}?key={TOKEN}"
        answer = await lane.send(Request("GET", url), purpose="case")
        assert answer.evidence.response is not None
        assert answer.evidence.response["reason"] == "Hello [token]"

    before = list(logging.getLogger("httpx").filters)
    caplog.set_level(logging.DEBUG)
    against(f"HTTP/1.1 200 Hello {TOKEN}\r\nContent-Length: 0\r\n\r\n".encode(), act)

    assert '"HTTP/1.1 200 Hello [token]"' in caplog.text and TOKEN not in caplog.text
    assert logging.getLogger("httpx").filters == before


# A closed lane holds no connection, and sends nothing any more.
def test_closing_a_lane() -> None:
    async def scene() -> None:
        gone = asyncio.Event()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(ok())
            assert await reader.read() == b""
            gone.set()

        own = Network(redactor=redactor())
        async with serving(serve) as server:
            lane = own.lane()
            await lane.send(Request("GET", server.url), purpose="case")
            await lane.aclose()
            await asyncio.wait_for(gone.wait(), 2)
            with pytest.raises(RuntimeError, match="the client has been closed"):
                await lane.send(Request("GET", server.url), purpose="case")
            await own.aclose()

    asyncio.run(scene())


# Any transport of httpx can carry a lane: here one without a network.
def test_another_transport() -> None:
    def handle(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            raise httpx.ReadTimeout("no time left")
        target: bytes = request.extensions["target"]
        moved = {"Location": "http://[", "X-Host": request.headers["host"]}
        return httpx.Response(302, headers=moved, content=target + request.content)

    async def scene() -> None:
        own = Network(redactor=redactor(), transport=lambda _: httpx.MockTransport(handle), body_limit=9)
        lane = own.lane()
        answer = await lane.send(Request("PUT", "http://acme.test/a/../b", body=b"12345"), purpose="case")
        assert (answer.status, answer.header("x-host")) == (302, ["acme.test"])
        assert (answer.body, answer.truncated) == (b"/a/../b12", True)
        with pytest.raises(NoAnswer, match=r"no complete answer from acme\.test:80") as caught:
            await lane.send(Request("POST", "http://acme.test/"), purpose="case")
        assert caught.value.kind == "timeout"
        await own.aclose()

    asyncio.run(scene())


# Over httpx's own transport, names are resolved, times taken and failures told all the same.
def test_the_transport_of_httpx() -> None:
    async def scene() -> None:
        async with answering(b"") as gone:
            pass
        async with answering(ok(b"fine", "X-A: 1", "X-A: 2")) as server:
            own = Network(
                redactor=redactor(),
                resolve={"acme.test": f"127.0.0.1:{server.port}", "gone.test": f"127.0.0.1:{gone.port}"},
                transport=lambda network: httpx.AsyncHTTPTransport(verify=network.tls()),
            )
            lane = own.lane()
            answer = await lane.send(Request("GET", "http://acme.test/a/../b"), purpose="case")
            with pytest.raises(NoAnswer, match=f"no connection to 127.0.0.1:{gone.port}: "):
                await lane.send(Request("GET", "http://gone.test/"), purpose="case")
            await own.aclose()
        assert server.requests[0].startswith(b"GET /a/../b HTTP/1.1\r\nHost: acme.test\r\n")
        assert (answer.text(), answer.header("x-a"), answer.truncated) == ("fine", ["1", "2"], False)
        assert 0 < answer.timing.sent < answer.timing.headers <= answer.timing.done
        assert lane.requests_sent == 1

    asyncio.run(scene())
