"""Faults: somebody is led to an address that the client has not registered."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import unquote, urlsplit

from reference_server.faults.sk_oauth.entry import EXACT_URI, fault
from reference_server.forms import Pairs
from reference_server.sk_oauth import authorization
from reference_server.sk_oauth.behaviour import Behaviour, Facts, Parameters, Problem
from reference_server.sk_oauth.records import Client

Alike = Callable[[str, str], bool]
"""Of the registered URI and the one that was sent: whether it is taken for it."""

_REGISTERED = "https://client.example/callback"


def _matching(name: str, title: str, alike: Alike, *, why: str, subtle: bool = True) -> None:
    """Enter a fault by which URIs are taken for the registered one. A code goes there, and so does the user
    agent."""

    def apply(behaviour: Behaviour) -> Behaviour:
        def may_redirect(facts: Facts, client: Client, uri: str) -> bool:
            return behaviour.may_redirect(facts, client, uri) or any(
                alike(registered, uri) for registered in client.redirects
            )

        return replace(behaviour, may_redirect=may_redirect)

    apply.__doc__ = why
    fault(name, title, subtle=subtle, breaks=EXACT_URI)(apply)


_matching(
    "redirect-anywhere",
    "Any redirect URI will do",
    lambda registered, uri: uri != "",
    subtle=False,
    why="""The registration is for display. All near misses are led to; a client that nobody knows has no
    registration.""",
)
_matching(
    "redirect-by-beginning",
    "What begins with the registered URI is taken for it",
    lambda registered, uri: uri.startswith(registered),
    subtle=False,
    why="""A comparison that is too short. Paths, letters, queries and fragments behind it, and ways up.""",
)
_matching(
    "redirect-by-host",
    "Of a redirect URI only the host counts",
    lambda registered, uri: urlsplit(uri).hostname == urlsplit(registered).hostname,
    subtle=False,
    why="""Whatever the path, the port, the scheme, or the user before the host.""",
)
_matching(
    "redirect-with-query",
    "A query behind the registered URI is not looked at",
    lambda registered, uri: uri.partition("?")[0] == registered,
    why="""One of the near misses.""",
)
_matching(
    "redirect-with-slash",
    "A slash behind the registered URI is not looked at",
    lambda registered, uri: uri.rstrip("/") == registered,
    why="""One of the near misses.""",
)
_matching(
    "redirect-in-other-case",
    "Letter case in a redirect URI means nothing",
    lambda registered, uri: uri.lower() == registered.lower(),
    why="""One of the near misses.""",
)
_matching(
    "redirect-to-any-port",
    "The port of a redirect URI means nothing",
    lambda registered, uri: re.sub(r":\d+(?=/)", "", uri) == registered,
    why="""As it is right for loopback addresses alone: RFC 8252 section 7.3. One of the near misses.""",
)
_matching(
    "redirect-by-any-scheme",
    "A redirect URI may be one of plain HTTP",
    lambda registered, uri: uri.replace("http://", "https://", 1) == registered,
    why="""One of the near misses.""",
)
_matching(
    "redirect-to-sub-domain",
    "Sub-domains of the registered host are taken for it",
    lambda registered, uri: (
        urlsplit(uri).path == urlsplit(registered).path
        and (urlsplit(uri).hostname or "").endswith("." + (urlsplit(registered).hostname or ""))
    ),
    why="""As patterns with a star have it. One of the near misses.""",
)
_matching(
    "redirect-by-end-of-host",
    "What ends in the registered host is taken for it",
    lambda registered, uri: (urlsplit(uri).hostname or "").endswith(
        "-" + (urlsplit(registered).hostname or "")
    ),
    why="""A star without a dot before the name. One of the near misses.""",
)
_matching(
    "redirect-by-beginning-of-host",
    "What begins with the registered host is taken for it",
    lambda registered, uri: uri.startswith(registered.removesuffix("/callback") + "."),
    why="""A comparison that ends before the slash. One of the near misses.""",
)
_matching(
    "redirect-with-user",
    "What stands before an @ in a redirect URI is not looked at",
    lambda registered, uri: re.sub(r"//[^/@]*@", "//", uri) == registered,
    why="""A parser takes the user off. One of the near misses: there the host is the right one.""",
)
_matching(
    "redirect-by-browser-path",
    "Ways up in the path of a redirect URI are not looked at",
    lambda registered, uri: unquote(uri).startswith(registered + "/../"),
    why="""The path is compared before it is resolved. Two of the near misses.""",
)
_matching(
    "redirect-trimmed",
    "Space behind a redirect URI is not looked at",
    lambda registered, uri: uri.strip() == registered,
    why="""One of the near misses.""",
)


@fault(
    "wrong-redirect-is-told-there",
    "That a redirect URI is not registered is told to that very URI",
    breaks=EXACT_URI,
)
def wrong_redirect_is_told_there(behaviour: Behaviour) -> Behaviour:
    """All errors are told by a redirect. There is no code, but anybody can lead users anywhere. A request
    without a URI, or of an unknown client, has a page as before."""

    def may_redirect(facts: Facts, client: Client, uri: str) -> bool:
        return behaviour.may_redirect(facts, client, uri) or uri != ""

    def judge_request(facts: Facts, client: Client, given: Pairs, found: Parameters) -> Problem | None:
        wrong = not behaviour.may_redirect(facts, client, found.get("redirect_uri", ""))
        if wrong:
            return Problem("invalid_request", "redirect_uri is not registered")
        return behaviour.judge_request(facts, client, given, found)

    return replace(behaviour, may_redirect=may_redirect, judge_request=judge_request)


@fault(
    "unknown-client-is-redirected",
    "A client that nobody knows is led to",
    breaks=("rfc6749/3.1.2.4-no-redirect",),
)
def unknown_client_is_redirected(behaviour: Behaviour) -> Behaviour:
    """It is told unauthorized_client at the URI that it names. There is no code."""

    def find_client(facts: Facts, id: str) -> Client | None:
        known = behaviour.find_client(facts, id)
        at_page = facts.request.path == authorization.PATH
        return known or (Client(id, id, b"", (_REGISTERED,), 0.0, 0.0, ()) if at_page else None)

    def judge_request(facts: Facts, client: Client, given: Pairs, found: Parameters) -> Problem | None:
        if not client.digest:
            return Problem("unauthorized_client", "The client is not known")
        return behaviour.judge_request(facts, client, given, found)

    return replace(behaviour, find_client=find_client, judge_request=judge_request)
