"""A target's TLS: its own authority, a client certificate, and what is said where they do not fit."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from certified import blocking, client, pem, server
from loopback import Loopback, answering, ok, serving

from harness.errors import InputError
from harness.exchange import Answer, Network, NoAnswer, Redactor, Request
from harness.exchange.tls import context
from harness.model import Tls, Where

HERE = Where("target.yaml", 9)


async def ask(url: str, trust: Tls, *, to: Loopback, local: str | None = None) -> Answer:
    """One request over a network of its own, in which every name leads to `to`."""
    names = ("acme.example.test", "globex.example.test", "api.example.test")
    resolve = {name: f"127.0.0.1:{to.port}" for name in names}
    own = Network(redactor=Redactor(), timeout=2, resolve=resolve, trust=trust)
    try:
        return await own.lane().send(Request("GET", url, local_address=local), purpose="case")
    finally:
        await own.aclose()


def answer(tls: ssl.SSLContext, url: str, trust: Tls) -> Answer:
    """What a server that speaks TLS so answers."""

    async def scene() -> Answer:
        async with answering(ok(b"secure"), tls=tls) as running:
            return await ask(url, trust, to=running)

    return asyncio.run(scene())


def refusal(tls: ssl.SSLContext | None, url: str, trust: Tls) -> tuple[str, str]:
    """(kind, message) of why a server that speaks TLS so, or not at all, gives no answer."""

    async def scene() -> tuple[str, str]:
        async with answering(ok(), tls=tls) as running:
            with pytest.raises(NoAnswer) as caught:
                await ask(url, trust, to=running)
            return caught.value.kind, caught.value.message.replace(str(running.port), "PORT")

    return asyncio.run(scene())


# TLS asks for and verifies the place's name, and Host names it, whatever address is connected to.
def test_the_name_of_the_place() -> None:
    asked: list[str] = []
    tls = server("*.example.test")
    tls.sni_callback = lambda _socket, name, _context: asked.append(name)
    heads: list[bytes] = []

    async def scene() -> None:
        async with answering(lambda head: heads.append(head) or ok(), tls=tls) as running:
            got = await ask("https://acme.example.test/", Tls(ca=pem()), to=running)
            assert got.evidence.response and got.evidence.response["tls"] == "TLSv1.3"

    asyncio.run(scene())
    assert asked == ["acme.example.test"]
    assert heads[0].startswith(b"GET / HTTP/1.1\r\nHost: acme.example.test\r\n")


# The authority can be text, or a file; what the connection showed goes along with the answer.
def test_own_authority(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    file.write_text("Our authority, until 2030\n" + pem())
    tls = server("acme.example.test", "127.0.0.1", days=30)
    for ca in (pem(), str(file)):
        shown = answer(tls, "https://acme.example.test/", Tls(ca=ca)).secured
        assert shown and (shown.version, shown.issuer) == ("TLSv1.3", "Our own")
        assert shown.names == ("acme.example.test", "127.0.0.1")
        assert shown.until == pytest.approx(time.time() + 30 * 86_400, abs=60)


# An answer without TLS shows nothing, and its evidence has no version of it.
def test_nothing_is_shown_without_tls() -> None:
    async def scene() -> None:
        async with answering(ok()) as running:
            got = await ask(running.url, Tls(ca=pem()), to=running)
            assert got.secured is None and got.evidence.response and "tls" not in got.evidence.response

    asyncio.run(scene())


# Whom nobody trusted vouches for, under another name, or too late: each is told as what it is.
@pytest.mark.parametrize(
    ("url", "days", "ca", "kind", "says"),
    [
        ("https://acme.example.test/", 30, "Another", "untrusted",
         "the certificate of 127.0.0.1:PORT for acme.example.test is not trusted: "
         "unable to get local issuer certificate"),
        ("https://api.example.test/", 30, "Our own", "misnamed",
         "the certificate of 127.0.0.1:PORT has other names, and not api.example.test"),
        ("https://acme.example.test/", -1, "Our own", "expired",
         "the certificate of 127.0.0.1:PORT for acme.example.test is expired"),
        ("https://acme.example.test/", 95, "Our own", "expired",
         "the certificate of 127.0.0.1:PORT for acme.example.test is not valid yet"),
    ],
)  # fmt: skip
def test_certificates_that_do_not_fit(url: str, days: float, ca: str, kind: str, says: str) -> None:
    tls = server("acme.example.test", days=days)
    assert refusal(tls, url, Tls(ca=pem(ca))) == (kind, says)
    assert answer(tls, url, Tls(verify=False)).text() == "secure"


# The authorities of the system are not ours.
def test_the_authorities_of_the_system() -> None:
    assert refusal(server("acme.example.test"), "https://acme.example.test/", Tls())[0] == "untrusted"


# Unverified, a certificate proves nothing and nothing is told of it.
def test_unverified() -> None:
    shown = answer(server("x.test"), "https://acme.example.test/", Tls(verify=False)).secured
    assert shown and (shown.version, shown.until, shown.names) == ("TLSv1.3", None, ())


# What does not speak TLS says something else, or hangs up.
def test_no_tls() -> None:
    async def scene(respond: bytes) -> tuple[str, str]:
        async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read(9000)
            writer.write(respond)
            await writer.drain()

        async with serving(plain) as running:
            with pytest.raises(NoAnswer) as caught:
                await ask("https://acme.example.test/", Tls(ca=pem()), to=running)
            return caught.value.kind, caught.value.message.replace(str(running.port), "PORT")

    assert asyncio.run(scene(b"HTTP/1.1 400 Bad Request\r\n\r\n")) == (
        "plain",
        "127.0.0.1:PORT does not speak TLS",
    )
    assert asyncio.run(scene(b"")) == ("tls", "no TLS with 127.0.0.1:PORT: it closed the connection")


# A server that wants to know who asks: with the certificate it answers, and says so without, or with another.
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_client_certificate(tmp_path: Path, version: ssl.TLSVersion) -> None:
    tls = server("acme.example.test", client=True)
    tls.minimum_version = tls.maximum_version = version
    certificate, key = map(str, client(tmp_path))
    both = tmp_path / "both.pem"
    both.write_bytes(Path(certificate).read_bytes() + Path(key).read_bytes())
    (tmp_path / "foreign").mkdir()
    foreign, its_key = map(str, client(tmp_path / "foreign", "Of others"))

    def status(port: int, **identity: str) -> int:
        trust = Tls(ca=pem(), **identity)
        url = "https://acme.example.test/"
        return asyncio.run(ask(url, trust, to=Loopback(port))).status

    def said(port: int, **identity: str) -> tuple[str, str]:
        with pytest.raises(NoAnswer) as caught:
            status(port, **identity)
        return caught.value.kind, caught.value.message.replace(str(port), "PORT")

    with blocking(tls) as port:
        assert status(port, client_certificate=certificate, client_key=key) == 204
        assert status(port, client_certificate=str(both)) == 204
        assert said(port, client_certificate=foreign, client_key=its_key) == (
            "identity",
            "127.0.0.1:PORT does not accept the client certificate: unknown ca",
        )
        if version is ssl.TLSVersion.TLSv1_3:
            assert said(port) == ("identity", "127.0.0.1:PORT asks for a client certificate")
        else:
            assert said(port) == ("tls", "no TLS with 127.0.0.1:PORT: handshake failure")


# Files that are of no use are mistakes in the target, told with their line before anything is sent.
def test_files_of_no_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    certificate, key = map(str, client(Path()))
    Path("other").mkdir()
    _, foreign = map(str, client(Path("other")))
    text, locked, none = "text", "locked.key", "none"
    Path(text).write_text("no certificate")
    Path(locked).write_text(Path(key).read_text().replace("PRIVATE", "ENCRYPTED PRIVATE"))

    def said(tls: Tls) -> str:
        with pytest.raises(InputError) as caught:
            context(tls)
        return str(caught.value)

    begins = "target.yaml:9: the"
    assert said(Tls(ca=none, where=HERE)) == (
        f"{begins} file 'none' of tls.ca cannot be read: No such file or directory. Check the path."
    )
    assert said(Tls(ca=text, where=HERE)) == (
        f"{begins} file 'text' of tls.ca has no certificates. Give PEM, which begins "
        "-----BEGIN CERTIFICATE-----."
    )
    assert said(Tls(ca="-----BEGIN NOTHING-----", where=HERE)).startswith(f"{begins} text of tls.ca has no ")
    assert said(Tls(client_certificate=none, where=HERE)).startswith(
        f"{begins} file 'none' of tls.client-certificate cannot be read: "
    )
    assert said(Tls(client_certificate=certificate, where=HERE)) == (
        f"{begins} file 'client.pem' has no private key for tls. Give client-key: FILE."
    )
    assert said(Tls(client_certificate=certificate, client_key=foreign, where=HERE)) == (
        f"{begins} key in 'other/client.key' is not that of the certificate in 'client.pem'. "
        "Give both of one pair."
    )
    assert said(Tls(client_certificate=certificate, client_key=locked, where=HERE)) == (
        f"{begins} key in 'locked.key' is encrypted, and nobody is asked for its passphrase. "
        "Write it out without one: openssl pkey -in KEY -out FILE."
    )
    assert said(Tls(client_certificate=text, client_key=key, where=HERE)) == (
        "target.yaml:9: 'text' and 'client.key' are of no use as client certificate and key. "
        "Both have to be PEM."
    )


# An address that this machine does not have is told as that, over TLS or not, and one that it has is used.
@pytest.mark.parametrize("local", ["192.0.2.7", "2001:db8::7", "nobody"])
def test_a_foreign_source_address(local: str) -> None:
    async def scene(act: Callable[[Loopback], Awaitable[None]]) -> None:
        async with answering(ok()) as running:
            await act(running)

    async def act(running: Loopback) -> None:
        for url in (running.url, "https://acme.example.test/"):
            with pytest.raises(NoAnswer) as caught:
                await ask(url, Tls(ca=pem()), to=running, local=local)
            says = f"this machine has no address {local} to send from"
            assert (caught.value.kind, caught.value.message) == ("source", says)
        await ask(running.url, Tls(), to=running, local="127.0.0.2")
        assert running.peers == ["127.0.0.2"]

    asyncio.run(scene(act))
