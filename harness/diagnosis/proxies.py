"""Proxies: one that answers in the target's place, and one that the environment has and we do not use."""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

from harness.errors import escaped
from harness.exchange import Answer

_SENT_BY_PROXIES = ("Proxy-Authenticate", "X-Squid-Error")
_FAILURES = (403, 502, 503, 504)
_MADE_BY_PROXY = re.compile(r";\s*error\s*=")
"""In Proxy-Status: the proxy made the answer itself (RFC 9209 section 2.1.1)."""
DIRECT = "authconform connects directly"


def answering(answer: Answer, other: Answer | None) -> str | None:
    """What shows that a proxy on the way answered, and not the target; None where nothing does.

    `other` is the answer to the same without a credential. A Via on that too, with another status, is the
    gateway of the API itself, by which every answer comes.
    """
    if answer.status == 407:
        return "407 Proxy Authentication Required"
    shown = next((name for name in _SENT_BY_PROXIES if answer.header(name)), None)
    if shown is None and any(map(_MADE_BY_PROXY.search, answer.header("Proxy-Status"))):
        shown = "Proxy-Status"
    passed_on = other is not None and other.status != answer.status and other.header("Via")
    if shown is None and answer.status in _FAILURES and answer.header("Via") and not passed_on:
        shown = "Via"
    return f"{shown}: {escaped(answer.header(shown)[0])}" if shown else None


def way(proxy: str | None, environment: Mapping[str, str]) -> str | None:
    """By which way requests go, where somebody might expect another: through a proxy, or past one."""
    if proxy is not None:
        return f"proxy {proxy}: every request goes through it"
    names = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")
    name = next((each for each in names if environment.get(each)), None)
    return f"proxy none: {name} is not heeded, and every request goes directly" if name else None


def in_the_way(url: str, environment: Mapping[str, str]) -> str | None:
    """A sentence about the proxy that the environment names for `url`, None where it names none for it."""
    split = urlsplit(url)
    host = (split.hostname or "").lower()
    if _is_here(host):
        return None
    names = (f"{split.scheme}_proxy", f"{split.scheme}_proxy".upper(), "all_proxy", "ALL_PROXY")
    name = next((each for each in names if environment.get(each)), None)
    if name is None or _is_excepted(host, environment.get("no_proxy") or environment.get("NO_PROXY") or ""):
        return None
    return f"{name} is set here, and {DIRECT}: where {host} is reached through it alone, add `proxy: URL`"


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _is_excepted(host: str, written: str) -> bool:
    """Whether no_proxy names `host`, or a domain that it is in."""
    excepted = [each.strip().lower().removeprefix("*").removeprefix(".") for each in written.split(",")]
    return written.strip() == "*" or any(
        each and (host == each or host.endswith(f".{each}")) for each in excepted
    )
