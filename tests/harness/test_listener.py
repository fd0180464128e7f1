"""Out of band: keys of ours at an address of ours, and whether the target comes for them."""

from __future__ import annotations

import asyncio
import base64
import json
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, Request, build_opener

import jwt
import pytest
from cryptography.x509 import load_pem_x509_certificate
from loopback import Loopback, read_request, serving
from scene import WRITTEN, credential, http

from harness import shipped, targets
from harness.background import Background
from harness.checks.out_of_band import SILENCE
from harness.credentials import MECHANISMS, CannotSpoil
from harness.credentials.presented import Values
from harness.credentials.signing import own_key
from harness.errors import InputError, TargetError
from harness.inputs import Choice, Inputs
from harness.listening import Listener, Offer
from harness.model import CaseOutcome, Listening, Spoil
from harness.positions import parse
from harness.running import Running, Settings

SUITE = shipped.folder("suites") / "jwt" / "references.suite.yaml"
CHALLENGE = 'WWW-Authenticate: Bearer realm="api", error="invalid_token"'
SECRET = "s3cret-9f8e7d6c5b4a39281706-0123456789"
PROFILE = """\
profile: api
title: An API
extends: standard
credentials:
  jwt: {kind: jwt, made-by: harness, alg: HS256}
operations:
  protected: {request: GET /data, accepted: {status: {is: 200, requirement: practice/own-instance-accepted}}}
"""


@contextmanager
def listening(described: Listening | None = None) -> Iterator[Listener]:
    listener = Listener(described or Listening())
    try:
        yield listener
    finally:
        listener.close()


def fetch(url: str, method: str = "GET") -> tuple[str, bytes]:
    """Type and body of what is there."""
    request = Request(url, method=method, headers={"User-Agent": "curious/1"})
    with build_opener(ProxyHandler({})).open(request, timeout=5) as answer:
        return answer.headers["Content-Type"], answer.read()


def raw(url: str, sent: bytes) -> bytes:
    """What comes for these bytes."""
    split = urlsplit(url)
    with socket.create_connection((split.hostname, split.port or 0), timeout=5) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(4096), b""))


# --- the listener ---------------------------------------------------------------------------------


# Whoever comes for a document gets it, and is noted with his name; HEAD has no body.
def test_who_comes_is_noted() -> None:
    with listening() as listener:
        offer, other = listener.offer(), listener.offer()
        url = offer.hold("application/jwk-set+json", b'{"keys": []}')
        assert fetch(url) == ("application/jwk-set+json", b'{"keys": []}')
        assert fetch(f"{url}/more?x=1", "HEAD") == ("application/jwk-set+json", b"")
        assert [str(call) for call in offer.calls] == [
            "GET from 127.0.0.1 (curious/1)",
            "HEAD from 127.0.0.1 (curious/1)",
        ]
        assert offer.calls[1].target.endswith("/more?x=1")
        assert other.calls == [] and other.url != offer.url


# Who knocks at another door, or speaks no HTTP, is nobody's call, and hinders no other.
def test_strangers_are_not_noted() -> None:
    with listening() as listener:
        offer = listener.offer()
        url = offer.hold("text/plain", b"here")
        with pytest.raises(HTTPError, match="404"):
            fetch(url.rpartition("/")[0] + "/favicon.ico")
        for stranger in (b"\x16\x03\x01\x02\x00\x01", b"GET /" + b"a" * 20_000 + b"\r\n\r\n", b""):
            raw(url, stranger)
        assert raw(url, b"?\r\n\r\n").startswith(b"HTTP/1.1 404")
        assert offer.calls == []
        assert fetch(url)[1] == b"here" and len(offer.calls) == 1


# Nothing listens before the first offer, nor after the end; a port that is taken is told.
def test_it_listens_only_while_needed() -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with listening(Listening(None, "127.0.0.1", port)) as listener:
            assert listener._server is None
            taken.listen()
            with pytest.raises(TargetError, match=f"^nobody can listen at 127.0.0.1:{port} for calls of the"):
                listener.offer()
    with listening() as listener:
        url = listener.offer().url
    with pytest.raises(OSError):
        raw(url, b"")


# --- the token ------------------------------------------------------------------------------------


def referring(change: Any, offer: Offer | None, alg: str = "HS256") -> str:
    """A token whose header says where its key is."""
    kind = replace(credential(), mechanism="jwt", options={"made-by": "harness", "alg": alg})
    secret = SECRET if alg == "HS256" else own_key.__wrapped__(alg).decode()
    values = Values(Random(1), {}, {"kid": "key-1"}, offer=offer.hold if offer else None)
    spoil = Spoil("refer", change, False, WRITTEN)
    ((_, value),) = MECHANISMS["jwt"].present(kind, secret, spoil, values).fields
    return value.removeprefix("Bearer ")


# What is offered verifies the token: a server that trusts it accepts.
@pytest.mark.parametrize(("alg", "by_us"), [("HS256", "RS256"), ("ES256", "ES256"), ("EdDSA", "EdDSA")])
def test_the_keys_are_those_of_the_token(alg: str, by_us: str) -> None:
    offer = Offer("http://127.0.0.1:1/name")
    made = referring({"by": "jku"}, offer, alg)
    assert jwt.get_unverified_header(made) == {
        "alg": by_us, "typ": "JWT", "kid": "key-1", "jku": "http://127.0.0.1:1/name"
    }  # fmt: skip
    (key,) = jwt.PyJWKSet.from_json(offer.document.decode()).keys
    assert key.key_id == "key-1" and jwt.decode(made, key, [by_us])["exp"]
    made = referring({"by": "x5u"}, offer, alg)
    public: Any = load_pem_x509_certificate(offer.document).public_key()
    assert offer.media_type == "application/pem-certificate-chain"
    assert jwt.get_unverified_header(made)["x5u"] == offer.url and jwt.decode(made, public, [by_us])["exp"]


# Another kid stands in the header and on the key alike, or in neither.
def test_another_kid() -> None:
    offer = Offer("http://127.0.0.1:1/name")
    made = referring({"by": "jku", "header": {"kid": "of nobody"}}, offer)
    assert jwt.get_unverified_header(made)["kid"] == "of nobody"
    assert json.loads(offer.document)["keys"][0]["kid"] == "of nobody"
    made = referring({"by": "jku", "header": {"kid": {"absent": "it"}}}, offer)
    assert "kid" not in jwt.get_unverified_header(made)
    assert "kid" not in json.loads(offer.document)["keys"][0]


# Where nobody listens there is nothing to refer to.
def test_nobody_listens() -> None:
    with pytest.raises(CannotSpoil, match="^nobody listens for calls of the target here$"):
        referring({"by": "jku"}, None)


# --- the target -----------------------------------------------------------------------------------


def target(listener: str) -> Listening | None:
    text = f'profile: api\nplaces: {{own: {{url: "http://api.example"}}}}\nlistener: {listener}\n'
    return targets.build(parse(text, "t.yaml")).listener


# A target says what tokens name, and where calls arrive; else they arrive at that port, on loopback.
@pytest.mark.parametrize(
    ("written", "listener"),
    [
        ("{url: 'http://192.0.2.7:8099/'}", Listening("http://192.0.2.7:8099", "127.0.0.1", 8099)),
        (
            "{url: 'https://hook.example/a', listen: '0.0.0.0:80'}",
            Listening("https://hook.example/a", "0.0.0.0", 80),
        ),
        ("{url: 'http://hook.example', listen: '[::1]:81'}", Listening("http://hook.example", "::1", 81)),
    ],
)
def test_where_it_listens(written: str, listener: Listening) -> None:
    assert target(written) == listener


# An address that does not say where to listen is told, with what to add.
@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("{url: 'http://hook.example'}", "http://hook.example"),
        ("{url: 'https://hook.example:8443'}", "https://hook.example:8443"),
        ("{url: 'http://hook.example:99999'}", "http://hook.example:99999"),
        ("{url: 'http://hook.example', listen: '127.0.0.1:99999'}", "http://hook.example"),
    ],
)
def test_nowhere_to_listen(written: str, url: str) -> None:
    with pytest.raises(InputError) as raised:
        target(written)
    message, hint = str(raised.value).split(". ", 1)
    assert message == f"t.yaml:3: '{url}' does not say where to listen"
    assert hint.startswith("Add listen: ADDRESS:PORT.")


# --- a run ----------------------------------------------------------------------------------------


@contextmanager
def live(*, accepts: bool, calls: bool, late: float = 0.0, then: int = 401) -> Iterator[Loopback]:
    """A server that accepts tokens without jku, and those with one or not; and asks there, or does not.

    With `then` it answers in this way whom it has asked.
    """

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while request := await read_request(reader):
            token = request.partition(b"Bearer ")[2].partition(b"\r\n")[0]
            head = json.loads(base64.urlsafe_b64decode(token.split(b".")[0] + b"==")) if token else {}
            url = f"{head['jku']}?key={SECRET}" if calls and "jku" in head else None
            if url and not late:
                await asyncio.to_thread(fetch, url)
            right = bool(token) and (accepts or not {"jku", "x5u"} & head.keys())
            writer.write(http(200) if right else http(then if url else 401, b"{}", CHALLENGE))
            await writer.drain()
            if url and late:
                await asyncio.sleep(late)
                await asyncio.to_thread(fetch, url)

    background = Background("test-server")
    context = serving(serve)
    state = background.run(context.__aenter__())  # type: ignore[arg-type]
    try:
        yield state
    finally:
        background.run(context.__aexit__(None, None, None))  # type: ignore[arg-type]
        background.close()


def ran(folder: Path, url: str, more: str) -> dict[str, CaseOutcome]:
    """The outcomes of the suite, by variant, against a server with `more` in its target file."""
    (folder / "profile.yaml").write_text(PROFILE)
    (folder / "target.yaml").write_text(
        f"profile: ./profile.yaml\nplaces: {{own: {{url: '{url}'}}}}\n"
        f"credentials: {{jwt: {{env: API_SECRET}}}}\n{more}"
    )
    inputs = Inputs(Choice(target=folder / "target.yaml"))
    running = Running(inputs, Settings())
    cases = inputs.cases(SUITE)
    try:
        running.start(cases)
        found = [running.wait(case) for case in cases]
    finally:
        running.finish()
    return {outcome.case.partition("[")[2].rstrip("]"): outcome for outcome in found}


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_SECRET", SECRET)


def listener_at(port: int) -> str:
    return f"listener: {{url: 'http://127.0.0.1:{port}'}}\n"


# Who refuses the token and asks nobody passes; that it proves nothing stands beside it.
def test_nobody_is_asked(tmp_path: Path) -> None:
    with live(accepts=False, calls=False) as server:
        found = ran(tmp_path, server.url, listener_at(free_port()))
    assert {name: each.verdict for name, each in found.items()} == {
        "jku": "pass", "x5u": "pass", "jku-unknown-kid": "not-applicable"
    }  # fmt: skip
    assert SILENCE in found["jku"].notes and found["jku"].measurements == {}
    assert SILENCE not in found["jku-unknown-kid"].notes


# Who asks is seen though the answer is right, at once or a little later; what is secret in it is not kept.
@pytest.mark.parametrize("late", [0.0, 0.05])
def test_somebody_is_asked(tmp_path: Path, late: float) -> None:
    with live(accepts=False, calls=True, late=late) as server:
        outcome = ran(tmp_path, server.url, listener_at(free_port()))["jku"]
    (problem,) = outcome.problems
    assert (problem.requirement, problem.check) == ("rfc8725/3.10-key-address", "no-call-back")
    assert problem.expected == "no call to the address that the credential names"
    assert problem.actual == "GET from 127.0.0.1 (curious/1)"
    (call,) = outcome.measurements["calls"]
    assert call["call"].startswith("GET /") and call["from"] == "127.0.0.1"
    assert "?key=" in call["call"] and SECRET not in call["call"]
    assert {each.id: each.verdict for each in outcome.requirements}["rfc8725/3.10-keys-at-address"] == "pass"


# Who asks, and then has no answer that says anything, was seen to ask.
def test_somebody_is_asked_and_nothing_answered(tmp_path: Path) -> None:
    with live(accepts=False, calls=True, then=502) as server:
        outcome = ran(tmp_path, server.url, listener_at(free_port()))["jku"]
    assert outcome.verdict == "inconclusive" and str(outcome.reason).startswith("twice 502 Bad Gateway")
    assert [(each.requirement, each.check) for each in outcome.problems] == [
        ("rfc8725/3.10-key-address", "no-call-back")
    ]


# Who accepts is told so, and that he has asked besides.
def test_keys_that_are_fetched_are_trusted(tmp_path: Path) -> None:
    with live(accepts=True, calls=True) as server:
        outcome = ran(tmp_path, server.url, listener_at(free_port()))["jku"]
    assert outcome.verdict == "fail"
    assert {each.requirement for each in outcome.problems} >= {
        "rfc8725/3.10-keys-at-address",
        "rfc8725/3.10-key-address",
    }


# A target that names no address is not asked, and is told how it could be; one can also say why not.
@pytest.mark.parametrize(
    ("more", "reason"),
    [
        (
            "",
            "the target gives no address at which it can call us; where it can reach this machine add",
        ),
        ("absent: {listener: it may call nobody}\n", "it may call nobody"),
    ],
)
def test_no_listener(tmp_path: Path, more: str, reason: str) -> None:
    with live(accepts=False, calls=False) as server:
        outcome = ran(tmp_path, server.url, more)["jku"]
    assert outcome.verdict == "not-applicable" and str(outcome.reason).startswith(f"listener: {reason}")
    assert outcome.notes == ()
