"""A target whose TLS does not fit is told what, where in the file, and what to do next."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import replace

import pytest
from certified import blocking, pem, server
from loopback import answering
from scene import http, setting, target

from harness import preflight
from harness.errors import TargetError
from harness.exchange import Network
from harness.model import Tls

BEGINS = "target.yaml:5: the place 'own' at {} cannot be reached: "


async def said(url: str, port: int, trust: Tls) -> str | None:
    """What is said of a target with its own place at `url`; PORT stands for the port."""
    url = url.replace("PORT", str(port))
    given = setting(url, target=replace(target(url), tls=trust, resolve={"acme.test": "127.0.0.1"}))
    network = Network(
        redactor=given.redactor, timeout=2, resolve=given.target.resolve, trust=given.target.tls
    )
    lane = network.lane()
    try:
        await preflight.reach(given, lane, "own")
    except TargetError as error:
        assert error.exit_code == 3
        return str(error).replace(str(port), "PORT")
    finally:
        await network.aclose()
    return None


def against(tls: ssl.SSLContext | None, url: str, trust: Tls, answer: bytes = http(200)) -> str | None:
    async def scene() -> str | None:
        async with answering(answer, tls=tls) as running:
            return await said(url, running.port, trust)

    return asyncio.run(scene())


@pytest.mark.parametrize(
    ("url", "ca", "days", "sentence"),
    [
        ("https://acme.test:PORT", "Another", 30,
         "the certificate of 127.0.0.1:PORT for acme.test is not trusted: "
         "unable to get local issuer certificate. "
         "Give the certificate of its authority: tls: {ca: FILE} in the target."),
        ("https://127.0.0.1:PORT", "Our own", 30,
         "the certificate of 127.0.0.1:PORT has other names, and not 127.0.0.1. "
         "Write a name that it has in the url, and under resolve where that name is to lead."),
        ("https://acme.test:PORT", "Our own", -3,
         "the certificate of 127.0.0.1:PORT for acme.test is expired. "
         "Have it renewed, and look at this machine's clock."),
        ("http://acme.test:PORT", "Our own", 30, "its port speaks TLS alone. Write https:// in its url."),
        ("http://127.0.0.1:PORT", "Another", -3, "its port speaks TLS alone. Write https:// in its url."),
    ],
)  # fmt: skip
def test_tls_that_does_not_fit(url: str, ca: str, days: int, sentence: str) -> None:
    expected = BEGINS.format(url) + sentence
    assert against(server("acme.test", days=days), url, Tls(ca=pem(ca))) == expected


# https where plain HTTP is spoken.
def test_tls_to_a_plain_port() -> None:
    with blocking(None, http(400)) as port:
        assert asyncio.run(said("https://acme.test:PORT", port, Tls())) == (
            BEGINS.format("https://acme.test:PORT")
            + "127.0.0.1:PORT does not speak TLS. Write http:// in its url, or the port for TLS."
        )


# Many answer plain HTTP at the port for TLS with a 400, and so does a server that only does not like "/".
def test_a_400() -> None:
    with blocking(server("acme.test"), http(400)) as port:
        expected = "its port speaks TLS alone. Write https:// in its url."
        assert asyncio.run(said("http://acme.test:PORT", port, Tls(ca=pem()))) == (
            BEGINS.format("http://acme.test:PORT") + expected
        )
    with blocking(None, http(400)) as port:
        assert asyncio.run(said("http://acme.test:PORT", port, Tls(ca=pem()))) is None


# A server that hangs up, or says why, may want a client certificate.
def test_a_server_that_wants_a_client_certificate() -> None:
    url, trust = "https://acme.test:PORT", Tls(ca=pem())
    with blocking(server("acme.test", client=True)) as port:
        assert asyncio.run(said(url, port, trust)) == (
            BEGINS.format(url) + "127.0.0.1:PORT asks for a client certificate. "
            "Give the right one: tls: {client-certificate: FILE, client-key: FILE} in the target."
        )
    assert against(server("acme.test", client=True), url, trust) == (
        BEGINS.format(url) + "127.0.0.1:PORT closed the connection before the answer was complete. "
        "Check that the server runs, and whether it wants a tls: {client-certificate: FILE}."
    )


# All is well: the place's name leads elsewhere, and its certificate is asked for by name.
def test_a_name_that_leads_elsewhere() -> None:
    assert against(server("acme.test"), "https://acme.test:PORT", Tls(ca=pem())) is None
