"""A lane sends what was asked, says what came, and keeps the time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest
from loopback import Loopback, answering, ok, read_request, serving

from harness import __version__
from harness.exchange import Answer, Network, NoAnswer, Redactor, Request

TOKEN = "sk_test_0123456789abcdef"


def redactor() -> Redactor:
    known = Redactor()
    known.learn("token", TOKEN, env="API_TOKEN")
    return known


def network(**settings: object) -> Network:
    return Network(**{"redactor": redactor(), "timeout": 5.0, **settings})  # type: ignore[arg-type]


async def ask(url: str, *, case: str | None = None, **parts: object) -> Answer:
    """One request over a network of its own."""
    own = network()
    try:
        return await own.lane().send(Request("GET", url, **parts), purpose="case", case=case)  # type: ignore[arg-type]
    finally:
        await own.aclose()


def against(answer: bytes | Callable[[bytes], bytes], act: Callable[[Loopback], Awaitable[None]]) -> Loopback:
    """Run `act` against a server that gives this answer, and return what the server has seen."""

    async def scene() -> Loopback:
        async with answering(answer) as server:
            await act(server)
        return server

    return asyncio.run(scene())


# The request goes out as written, with nothing but Host and what HTTP needs around it.
def test_the_bytes_of_a_request() -> None:
    async def act(server: Loopback) -> None:
        headers = (("authorization", "Bearer  two spaces "), ("X-Tab", "a\tb"), ("x-tab", ""), ("X-Ü", "é"))
        await ask(f"{server.url}/a/../b%2f//c?q=ä b#part", headers=headers, case="bearer/presentation/x#1")

    server = against(ok(), act)

    assert server.requests[0].decode("latin-1").split("\r\n") == [
        "GET /a/../b%2f//c?q=%C3%A4%20b HTTP/1.1",
        f"Host: 127.0.0.1:{server.port}",
        "authorization: Bearer  two spaces ",
        "X-Tab: a\tb",
        "x-tab: ",
        "X-Ü: é",
        f"User-Agent: authconform/{__version__}",
        "Accept: */*",
        "Accept-Encoding: identity",
        "X-Authconform-Case: bearer/presentation/x#1",
        "",
        "",
    ]


# A caller's Host, in any number, and other headers of the caller win over our own; text goes as UTF-8.
def test_the_callers_headers_win() -> None:
    async def act(server: Loopback) -> None:
        headers = (("Host", "other.test"), ("Host", "second.test"), ("accept", "text/x"), ("X-Name", "имя"))
        answer = await ask(server.url, headers=headers)
        assert answer.evidence.request["curl"] is None, "curl sends the first of two Hosts alone"

    head = against(ok(), act).requests[0].decode()

    assert head.startswith("GET / HTTP/1.1\r\nHost: other.test\r\nHost: second.test\r\naccept: text/x\r\n")
    assert "Accept: */*" not in head and "127.0.0.1" not in head and "X-Name: имя\r\n" in head


# What comes is told as it came: the case of names, their order, duplicates, bytes of the body.
def test_an_answer() -> None:
    async def act(server: Loopback) -> None:
        answer = await ask(server.url)
        assert (answer.status, answer.reason, answer.truncated) == (200, "OK", False)
        assert answer.headers == (
            ("Content-Length", "8"),
            ("WWW-Authenticate", "A"),
            ("www-authenticate", "B"),
        )
        assert answer.header("Www-Authenticate") == ["A", "B"]
        assert answer.json() == {"a": 2} if answer.body == b'{"a": 2}' else answer.text() == "{\ufffd"
        assert answer.evidence.error is None

    against(ok(b'{"a": 2}', "WWW-Authenticate: A", "www-authenticate: B"), act)


# JSON is RFC 8259's: no NaN, nothing nested without end; duplicate members are tolerated.
@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"[NaN]", "NaN is not JSON"),
        (b"[" * 100_000, "nested too deeply"),
        (b"\xff", "utf-8"),
        (b"", "Expecting"),
    ],
)
def test_no_json(body: bytes, says: str) -> None:
    async def act(server: Loopback) -> None:
        answer = await ask(server.url)
        with pytest.raises(ValueError, match=says):
            answer.json()

    against(ok(body), act)


# Requests one after the other share a connection, ones sent together do not; each lane has its own.
def test_connections() -> None:
    async def scene() -> None:
        own = network()
        async with answering(ok()) as server:
            request = Request("GET", server.url)
            lane = own.lane()
            for _ in range(3):
                await lane.send(request, purpose="case")
            assert server.connections == 1
            await asyncio.gather(*(lane.send(request, purpose="case") for _ in range(3)))
            assert server.connections == 3
            # a burst leaves one idle connection behind
            await asyncio.gather(*(lane.send(request, purpose="case") for _ in range(2)))
            assert server.connections == 4
            await own.lane().send(request, purpose="control")
            assert server.connections == 5 and lane.requests_sent == 8
            await own.aclose()

    asyncio.run(scene())


# However many are sent together, no more are under way at a time than a server may have room for.
def test_at_once() -> None:
    async def scene() -> None:
        own = Network(redactor=Redactor(), at_once=2)
        async with answering(ok()) as server:
            lane, request = own.lane(), Request("GET", server.url)
            answers = await asyncio.gather(*(lane.send(request, purpose="case") for _ in range(5)))
            await own.aclose()
        times = [(each.timing.sent, each.timing.done) for each in answers]
        assert max(sum(sent <= at < done for sent, done in times) for at, _ in times) <= 2

    asyncio.run(scene())


# Redirects are answers, and cookies are not kept.
def test_redirects_and_cookies() -> None:
    async def act(server: Loopback) -> None:
        own = network()
        lane = own.lane()
        for _ in range(2):
            answer = await lane.send(Request("GET", server.url + "/a"), purpose="case")
            assert answer.status == 302
        await own.aclose()

    moved = b"HTTP/1.1 302 Found\r\nLocation: /b\r\nSet-Cookie: sid=1\r\nContent-Length: 0\r\n\r\n"
    server = against(moved, act)

    assert len(server.requests) == 2 and b"ookie" not in b"".join(server.requests)


# A name is connected to at another address; Host still names the place, and so does the evidence.
@pytest.mark.parametrize("name", ["acme.example.test", "ACME.example.test"])
def test_resolve(name: str) -> None:
    async def scene() -> None:
        async with answering(ok()) as server:
            own = network(resolve={"acme.example.test": f"127.0.0.1:{server.port}"})
            answer = await own.lane().send(Request("GET", f"http://{name}/x"), purpose="case")
            await own.aclose()
        assert server.requests[0].startswith(b"GET /x HTTP/1.1\r\nHost: acme.example.test\r\n")
        assert answer.evidence.request["url"] == f"http://{name}/x"

    asyncio.run(scene())


# One request may be connected to where no name leads: an invented name at the address of a real one.
def test_connect() -> None:
    async def scene() -> None:
        async with answering(ok()) as server:
            own = network(resolve={"nobody.example.test": "127.0.0.1:1"})
            request = Request("GET", "http://nobody.example.test/", connect=f"127.0.0.1:{server.port}")
            assert (await own.lane().send(request, purpose="case")).status == 200
            await own.aclose()
        assert b"\r\nHost: nobody.example.test\r\n" in server.requests[0]

    asyncio.run(scene())


# An IPv6 literal is an address like any other.
def test_ipv6() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await read_request(reader)
        writer.write(ok(head.split(b"\r\n")[1]))
        await writer.drain()

    async def scene() -> None:
        async with serving(serve, host="::1") as server:
            answer = await ask(f"http://[::1]:{server.port}/")
        assert answer.text() == f"Host: [::1]:{server.port}"

    try:
        asyncio.run(scene())
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")


# A request leaves from the address it is told to.
def test_local_address() -> None:
    async def act(server: Loopback) -> None:
        await ask(server.url, local_address="127.0.0.2")
        await ask(server.url)

    assert against(ok(), act).peers == ["127.0.0.2", "127.0.0.1"]


# The rate holds for all lanes together, in the order of asking, and waiting is not part of the timing.
def test_rate() -> None:
    async def scene() -> None:
        async with answering(ok()) as server:
            own = network(rate=50.0)
            lanes = [own.lane() for _ in range(6)]
            request = Request("GET", server.url)
            begun = own.now()
            answers = await asyncio.gather(*(lane.send(request, purpose="case") for lane in lanes))
            await own.aclose()
        sent = [answer.timing.sent for answer in answers]
        assert sent == sorted(sent) and sent[-1] - begun >= 0.1
        assert all(answer.timing.done - answer.timing.sent < 0.08 for answer in answers)

    asyncio.run(scene())


# Sent, head and last byte are three instants on the clock of the run.
def test_timing() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        await asyncio.sleep(0.05)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n")
        await asyncio.sleep(0.1)
        writer.write(b"ok")
        await writer.drain()

    async def scene() -> None:
        async with serving(serve) as server:
            timing = (await ask(server.url)).timing
        assert 0 <= timing.sent < 0.5
        assert 0.045 <= timing.headers - timing.sent < 0.5
        assert 0.09 <= timing.done - timing.headers < 0.5

    asyncio.run(scene())


# A POST says how long its body is, even where there is none.
@pytest.mark.parametrize(("body", "length"), [(None, b"0"), (b"", b"0"), (b"a=b", b"3")])
def test_content_length(body: bytes | None, length: bytes) -> None:
    async def scene() -> bytes:
        own = network()
        async with answering(ok()) as server:
            await own.lane().send(Request("POST", server.url, body=body), purpose="setup")
            await own.aclose()
        return server.requests[0]

    assert b"\r\nContent-Length: " + length + b"\r\n" in asyncio.run(scene())


# HEAD has no body whatever its length says, and the connection stays good.
def test_head() -> None:
    async def act(server: Loopback) -> None:
        own = network()
        lane = own.lane()
        for _ in range(2):
            answer = await lane.send(Request("HEAD", server.url), purpose="case")
            assert (answer.body, answer.header("content-length")) == (b"", ["99"])
        await own.aclose()
        assert server.connections == 1

    against(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n", act)


# An echoing server cannot bring a secret into the evidence, which still reads well.
def test_evidence() -> None:
    async def act(server: Loopback) -> None:
        request = Request(
            "POST", f"{server.url}/t?key={TOKEN}", (("Authorization", f"Bearer {TOKEN}"),), b"a=b"
        )
        own = network()
        answer = await own.lane().send(request, purpose="control", case="c1")
        await own.aclose()
        evidence = answer.evidence
        assert TOKEN in answer.text() and TOKEN not in repr(evidence)
        assert evidence.purpose == "control" and evidence.timing == answer.timing
        assert evidence.request["url"] == f"{server.url}/t?key=[token]"
        assert ["Authorization", "Bearer [token]"] in evidence.request["headers"]
        assert ["X-Authconform-Case", "c1"] in evidence.request["headers"]
        assert evidence.request["body"] == "a=b"
        assert evidence.request["curl"] == (
            f'curl --path-as-is "{server.url}/t?key=$API_TOKEN" -H "Authorization: Bearer $API_TOKEN"'
            " -H Content-Type: --data-raw a=b"
        )
        response = evidence.response
        assert response is not None
        assert (response["status"], response["reason"], response["http_version"]) == (200, "OK", "HTTP/1.1")
        assert ["X-Echo", "Bearer [token]"] in response["headers"]
        assert "Authorization: Bearer [token]" in response["body"] and response["truncated"] is False

    against(lambda request: ok(request, f"X-Echo: Bearer {TOKEN}"), act)


# Long bodies are cut, but only after secrets are gone: one at the cut is not left in half.
def test_long_evidence() -> None:
    body = b"x" * (16 * 1024 - 10) + TOKEN.encode() + b"y" * 200_000

    async def act(server: Loopback) -> None:
        response = (await ask(server.url)).evidence.response
        assert response is not None
        assert response["truncated"] and len(response["body"]) == 16 * 1024
        assert response["body"].endswith("xxx[token]yyy")

    against(ok(body), act)


# What is compressed, although we ask for none of it, or no text is not kept: it could hide a secret.
@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        (ok(b"\x1f\x8b123", "Content-Encoding: gzip"), "[5 bytes in gzip]"),
        (ok(b"a\0b"), "[3 bytes that are not text]"),
        (ok(b"caf\xe9 \x1b[2J"), "caf\\xe9 \\x1b[2J"),
    ],
)
def test_bodies_that_are_not_text(answer: bytes, kept: str) -> None:
    async def act(server: Loopback) -> None:
        response = (await ask(server.url)).evidence.response
        assert response is not None and response["body"] == kept

    against(answer, act)


# A request that would become another one on the wire is not sent.
@pytest.mark.parametrize(
    ("request_", "says"),
    [
        (Request("GET", "http://h/", (("X", "a\r\nY: b"),)), "the header 'X' holds a line break"),
        (Request("GET", "http://h/", (("X", "a\nb"),)), "the header 'X' holds a line break"),
        (Request("GE T", "http://h/"), "the method 'GE T' would break the request line"),
        (Request("GET", "/relative"), "the URL is not an absolute http or https URL"),
        (Request("GET", "http://[::1/"), "the URL is impossible"),
        (Request("GET", "http://h:99999/"), "the URL is impossible"),
    ],
)
def test_impossible_requests(request_: Request, says: str) -> None:
    async def scene() -> None:
        own = network()
        with pytest.raises(NoAnswer, match=f"the request cannot be sent: {says}") as caught:
            await own.lane().send(request_, purpose="case")
        assert caught.value.kind == "request"
        assert caught.value.evidence.error == str(caught.value) and caught.value.evidence.response is None

    asyncio.run(scene())


# Redaction and all, an exchange costs about a millisecond; the bound leaves room for a busy machine.
def test_cost() -> None:
    async def act(server: Loopback) -> None:
        own = network()
        lane = own.lane()
        request = Request("GET", server.url, (("Authorization", f"Bearer {TOKEN}"),))
        start = time.perf_counter()
        for _ in range(100):
            await lane.send(request, purpose="case")
        assert (time.perf_counter() - start) / 100 < 0.01
        await own.aclose()

    against(ok(), act)
