"""The curl line repeats the request in a shell, and nothing in it breaks out."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import replace

import pytest

from harness.exchange import Redactor, Request
from harness.exchange.curl import Reach, curl
from harness.exchange.network import SYSTEM
from harness.exchange.outgoing import locate
from harness.model import Tls

TOKEN = "sk_test_0123456789abcdef"
HOSTILE = "'\"; touch /nowhere; $(id) `id` \\ ! $HOME \u202e"


def line(request: Request, *, resolve: dict[str, str] | None = None, trust: Tls = SYSTEM) -> str:
    known = Redactor()
    known.learn("token", TOKEN, env="API_TOKEN")
    known.learn("spare", "made-in-this-run-1")
    address, _, _ = locate(request, resolve or {})
    return curl(request, Reach(address, trust), known)


def arguments(command: str) -> list[str]:
    """What bash gives to curl."""
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("bash is not installed")
    script = 'curl() { printf "%s\\0" "$@"; }\n' + command
    environment = {**os.environ, "API_TOKEN": TOKEN, "LC_ALL": "C.UTF-8"}
    done = subprocess.run([bash, "-c", script], env=environment, capture_output=True, check=True)
    assert done.stderr == b""
    return done.stdout.decode().split("\0")[:-1]


# A secret that has a variable is written as that, in double quotes.
def test_variable() -> None:
    request = Request("GET", "https://api.test/a?b=1&c=2", (("Authorization", f"Bearer {TOKEN}"),))
    assert line(request) == (
        """curl --path-as-is 'https://api.test/a?b=1&c=2' -H "Authorization: Bearer $API_TOKEN\""""
    )
    assert arguments(line(request))[-1] == f"Authorization: Bearer {TOKEN}"


# What follows a variable does not become part of its name.
@pytest.mark.parametrize(
    "value", [f"{TOKEN}x", f"{TOKEN}[0]", f"a{TOKEN}{TOKEN}b", f"{TOKEN}!", f"'{TOKEN}'$"]
)
def test_around_a_variable(value: str) -> None:
    assert arguments(line(Request("GET", "http://h/", (("X", value),))))[-1] == f"X: {value}"


# Other secrets, spoiled ones and those in other encodings, are placeholders.
def test_placeholders() -> None:
    headers = (
        ("X", "made-in-this-run-1"),
        ("Y", TOKEN[:-1]),
        ("Z", TOKEN.upper()),
        ("Authorization", "Bearer ?junk"),
    )
    assert arguments(line(Request("GET", "http://h/", headers)))[3::2] == [
        "X: [spare]",
        "Y: [part of token]",
        "Z: [token in another case]",
        "Authorization: Bearer [hidden: 5 characters]",
    ]


# Nothing hostile in URL, header or body is anything but text to the shell.
def test_no_way_out() -> None:
    headers = (("X-A", HOSTILE), ("X-B", HOSTILE + TOKEN + HOSTILE), ("X-C", "a\x1bb"), ("X-D", ""))
    request = Request("PATCH", f"http://h/{HOSTILE}[1-3]{{a,b}}", headers, f"@{HOSTILE}\n{TOKEN}\n".encode())
    command = line(request)

    assert arguments(command) == [
        *("--path-as-is", "--globoff", "-X", "PATCH", f"http://h/{HOSTILE}[1-3]{{a,b}}"),
        *(
            "-H",
            f"X-A: {HOSTILE}",
            "-H",
            f"X-B: {HOSTILE}{TOKEN}{HOSTILE}",
            "-H",
            "X-C: a\x1bb",
            "-H",
            "X-D;",
        ),
        *("-H", "Content-Type:", "--data-raw", f"@{HOSTILE}\n{TOKEN}\n"),
    ]
    assert "\n" not in command and "\x1b" not in command and "\u202e" not in command and TOKEN not in command


# The options say how the target was reached.
@pytest.mark.parametrize(
    ("resolve", "options"),
    [
        ({}, ""),
        ({"api.test": "10.0.0.1"}, "--resolve api.test:443:10.0.0.1 "),
        ({"api.test": "::1"}, "--resolve 'api.test:443:[::1]' "),
        ({"api.test": "[::1]:8443"}, "--connect-to 'api.test:443:[::1]:8443' "),
        ({"api.test": "edge.test"}, "--connect-to api.test:443:edge.test:443 "),
    ],
)
def test_resolve(resolve: dict[str, str], options: str) -> None:
    command = line(Request("HEAD", "https://api.test/"), resolve=resolve)
    assert command == f"curl --path-as-is -I {options}https://api.test/"


# What the request line or the Host of a request is told to be, or not to be, the command says too.
def test_another_target_and_no_host() -> None:
    request = Request("GET", "http://h/a", target="http://other/a b")
    assert line(request) == "curl --path-as-is --request-target 'http://other/a b' http://h/a"
    assert line(Request("GET", "http://h/a", hostless=True)) == "curl --path-as-is http://h/a -H Host:"
    named = Request("GET", "http://h/a", (("Host", "other"),), hostless=True)
    assert line(named) == "curl --path-as-is http://h/a -H 'Host: other'"


def test_trust_and_interface() -> None:
    request = Request("POST", "https://h/", (("content-type", "x/y"),), b"\0", "127.0.0.2")
    end = "https://h/ -H 'content-type: x/y' --data-binary @body"
    start = "curl --path-as-is --interface 127.0.0.2"
    for trust, options in (
        (Tls(verify=False), "--insecure"),
        (Tls(ca="our ca.pem"), "--cacert 'our ca.pem'"),
        (Tls(ca="-----BEGIN CERTIFICATE-----"), "--cacert ca.pem"),
        (Tls(client_certificate="me.pem", client_key="me.key"), "--cert me.pem --key me.key"),
    ):
        assert line(request, trust=trust) == f"{start} {options} {end}"
        plain = replace(request, url="http://h/")
        assert line(plain, trust=trust) == f"{start} {end.replace('https:', 'http:')}"
