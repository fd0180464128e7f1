"""Where an authorization endpoint leads the user agent, and what it says there (RFC 6749 section 4.1.2).

The redirect URI and the state that the request had are `redirect` and `state` of the facts' values.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, parse_qsl, urlsplit

from harness.checks.answers import named_status
from harness.checks.caching import members
from harness.checks.facts import Facts, Mismatch, Unchecked
from harness.exchange import Answer
from harness.expectations import is_text_or_texts, told

REDIRECT, STATE = "redirect", "state"
"""The names under which a verb has the client's redirect URI and the state that it sent."""

_GRANTS = ("code", "access_token", "id_token")
"""The parameters by which something is granted: to a client that asks for a code, or for a token itself."""
_OF_A_RESPONSE = (*_GRANTS, "error", "state")
_KEEPS_METHOD = (307, 308)
_PART_OF_ERROR = re.compile(r"[\x20-\x21\x23-\x5b\x5d-\x7e]*")
"""RFC 6749 section 4.1.2.1, of error and error_description."""
_LEAKING = ("unsafe-url", "no-referrer-when-downgrade")
_ANCESTORS = re.compile(r"(?:^|;)\s*frame-ancestors(?P<sources>[^;]*)", re.IGNORECASE)
_EVERYBODY = frozenset({"*", "http:", "https:"})


@dataclass(frozen=True, slots=True)
class _Redirect:
    """The address that an answer leads to; the parameters by place, `query` or `fragment`."""

    url: SplitResult
    parameters: Mapping[str, list[tuple[str, str]]]

    def all(self, *names: str) -> list[str]:
        """The values of these parameters, wherever they stand."""
        return [value for each in self.parameters.values() for name, value in each if name in names]

    @property
    def shown(self) -> str:
        """The address without its parameters, which may be secrets."""
        return self.url._replace(query="", fragment="").geturl()


def redirects_to_client(
    answer: Answer, args: Mapping[str, Any], facts: Facts
) -> Iterator[Mismatch | Unchecked]:
    """A redirect to the client's redirect URI, whose own query is kept (RFC 6749 section 3.1.2)."""
    registered = _registered(facts)
    found = _redirect(answer)
    if registered is None:
        yield Unchecked("the request named no redirect URI")
    elif found is None:
        yield Mismatch(f"a redirect to {registered.geturl()}", f"{named_status(answer.status)}, no redirect")
    elif _address(found.url) != _address(registered):
        yield Mismatch(f"a redirect to {registered.geturl()}", f"one to {found.shown}")
    elif lost := [pair for pair in parse_qsl(registered.query) if pair not in found.parameters["query"]]:
        yield Mismatch(f"{lost[0][0]}={lost[0][1]} of the redirect URI kept", f"a redirect to {found.shown}")


def no_redirect_to_client(
    answer: Answer, args: Mapping[str, Any], facts: Facts
) -> Iterator[Mismatch | Unchecked]:
    """The user agent is not led to the address that the request named, with a code or an error or neither.

    A redirect to a page of the server's own, which has none of the parameters of a response, is none of that.
    """
    found, registered = _redirect(answer), _registered(facts)
    if found is None:
        return
    named = [name for name in _OF_A_RESPONSE if found.all(name)]
    if named or (registered is not None and _address(found.url) == _address(registered)):
        what = f" with {', '.join(named)}" if named else ""
        yield Mismatch("a page that tells the user", f"a redirect to {found.shown}{what}")


def no_code(answer: Answer, args: Mapping[str, Any], facts: Facts) -> Iterator[Mismatch | Unchecked]:
    """No redirect with a code or a token, be it in the query or in the fragment."""
    found = _redirect(answer)
    if found and (named := [name for name in _GRANTS if found.all(name)]):
        yield Mismatch("no code and no token", f"a redirect to {found.shown} with {', '.join(named)}")


def code_in_query(answer: Answer, args: Mapping[str, Any], facts: Facts) -> Iterator[Mismatch | Unchecked]:
    """The redirect has one code, in the query, and nothing that an error has."""
    found = _redirect(answer)
    if found is None:
        yield Unchecked("there is no redirect")
        return
    places = {place: [v for name, v in pairs if name == "code"] for place, pairs in found.parameters.items()}
    if places["fragment"]:
        yield Mismatch("the code in the query", "a code in the fragment")
    elif len(places["query"]) > 1:
        yield Mismatch("one code in the query", f"{len(places['query'])} codes")
    elif places["query"] in ([], [""]):
        yield Mismatch("one code in the query", "none")
    elif errors := found.all("error"):
        yield Mismatch("a code and no error", f"error={errors[0]} beside it"[:80])


@told(must={"is": (is_text_or_texts, "an error code or a list of them")})
def redirect_error(answer: Answer, args: Mapping[str, Any], facts: Facts) -> Iterator[Mismatch | Unchecked]:
    """A redirect to the client whose query has the `error` under `is`, or one of those."""
    wanted = [args["is"]] if isinstance(args["is"], str) else args["is"]
    expected = f"a redirect to the client with error={' or '.join(wanted)}"
    found, registered = _redirect(answer), _registered(facts)
    if found is None:
        yield Mismatch(expected, f"{named_status(answer.status)}, no redirect")
        return
    errors = [value for name, value in found.parameters["query"] if name == "error"]
    if registered is not None and _address(found.url) != _address(registered):
        yield Mismatch(expected, f"a redirect to {found.shown}")
    elif len(errors) != 1 or errors[0] not in wanted:
        yield Mismatch(expected, f"error={', '.join(errors)}"[:80] if errors else "no error in the query")


def error_characters(answer: Answer, args: Mapping[str, Any], facts: Facts) -> Iterator[Mismatch | Unchecked]:
    """`error` and `error_description` of a redirect keep to their characters."""
    found = _redirect(answer)
    told = found.all("error", "error_description") if found else []
    if not told:
        yield Unchecked("no redirect tells an error")
    for value in told:
        if not _PART_OF_ERROR.fullmatch(value):
            yield Mismatch('visible ASCII characters and spaces, without " and \\', ascii(value)[:80])


def state_returned(answer: Answer, args: Mapping[str, Any], facts: Facts) -> Iterator[Mismatch | Unchecked]:
    """The redirect has the state that was sent, once and unchanged."""
    found, sent = _redirect(answer), facts.values.get(STATE)
    if found is None or not isinstance(sent, str):
        yield Unchecked("there is no redirect" if found is None else "the request had no state")
    elif (given := found.all("state")) != [sent]:
        shown = " and ".join(f"state={ascii(each)}" for each in given) or "no state"
        yield Mismatch(f"state={ascii(sent)}"[:200], shown[:200])


def not_forwarding(answer: Answer, args: Mapping[str, Any], facts: Facts) -> Iterator[Mismatch | Unchecked]:
    """The redirect is none that has the user agent send the form with the password once more, elsewhere."""
    if _redirect(answer) is None:
        yield Unchecked("there is no redirect")
    elif answer.status in _KEEPS_METHOD:
        yield Mismatch("302 Found or 303 See Other", named_status(answer.status))


def not_framable(answer: Answer, args: Mapping[str, Any], facts: Facts) -> Iterator[Mismatch | Unchecked]:
    """A page that other sites cannot frame: by frame-ancestors (CSP), or by X-Frame-Options."""
    if not 200 <= answer.status < 300 or not answer.body:
        yield Unchecked("there is no page")
        return
    policies = [
        each["sources"].lower().split()
        for line in answer.header("Content-Security-Policy")
        for policy in line.split(",")
        if (each := _ANCESTORS.search(policy))
    ]
    if any(not _EVERYBODY & set(sources) for sources in policies):
        return
    options = {each.lower() for each in members(answer, "X-Frame-Options")}
    # where both are sent, CSP counts (CSP Level 2 section 7.7.1)
    if policies or not options & {"deny", "sameorigin"}:
        given = f"frame-ancestors{''.join(f' {each}' for each in policies[0])}" if policies else "neither"
        yield Mismatch("frame-ancestors, or X-Frame-Options: DENY or SAMEORIGIN", given)


def no_referrer(answer: Answer, args: Mapping[str, Any], facts: Facts) -> Iterator[Mismatch | Unchecked]:
    """Referrer-Policy keeps the address of the page, with what stands in its query, from other sites."""
    policies = [each.lower() for each in members(answer, "Referrer-Policy")]
    # of several the last one that is known counts; of one page all that are written are
    if not policies:
        yield Mismatch("a Referrer-Policy such as no-referrer", "none")
    elif policies[-1] in _LEAKING:
        yield Mismatch("a Referrer-Policy such as no-referrer", f"Referrer-Policy: {policies[-1]}")


def _redirect(answer: Answer) -> _Redirect | None:
    location = answer.header("Location")
    if not 300 <= answer.status < 400 or not location:
        return None
    try:
        url = urlsplit(location[0].strip())
        places = {"query": url.query, "fragment": url.fragment}
        return _Redirect(
            url, {name: parse_qsl(text, keep_blank_values=True) for name, text in places.items()}
        )
    except ValueError:  # no address at all, or more parameters than anybody reads
        return None


def _registered(facts: Facts) -> SplitResult | None:
    named = facts.values.get(REDIRECT)
    try:
        return urlsplit(named) if isinstance(named, str) else None
    except ValueError:  # a suite may have asked with what is no address
        return None


def _address(url: SplitResult) -> tuple[str, str, str]:
    """What is compared of an address: all but its parameters, with the path as it is."""
    return url.scheme.lower(), url.netloc.lower(), url.path
