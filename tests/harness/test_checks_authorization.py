"""Where an authorization endpoint leads the user agent: to the client with a code, or nowhere at all."""

from __future__ import annotations

from typing import Any

import pytest
from scene import answer, facts

from harness.checks import CHECKS, Mismatch
from harness.expectations import missing_settings, wrong_settings

NOTHING: list[str] = []
CLIENT = "https://client.example/callback"
SENT = {"redirect": CLIENT, "state": "a b"}


def told(
    check: str, location: str | None, status: int = 302, values: dict[str, Any] | None = None, **args: Any
) -> list[str]:
    fields = [("Location", location)] if location is not None else []
    return seen(check, status, "", fields, values, **args)


def seen(
    check: str, status: int, body: str, fields: Any, values: dict[str, Any] | None = None, **args: Any
) -> list[str]:
    given = SENT if values is None else values
    found = CHECKS[check](answer(status, body, *fields), args, facts(values=given))
    return [
        f"{each.expected}: {each.actual}" if isinstance(each, Mismatch) else f"({each.because})"
        for each in found
    ]


# RFC 6749 section 4.1.2: to the redirect URI, whatever parameters come with it; scheme and host in any case.
def test_to_the_client() -> None:
    assert told("redirects-to-client", f"{CLIENT}?code=c&state=a+b") == NOTHING
    assert told("redirects-to-client", "HTTPS://Client.example/callback?code=c", 303) == NOTHING
    assert told("redirects-to-client", "https://client.example/other?code=c") == [
        f"a redirect to {CLIENT}: one to https://client.example/other"
    ]
    assert told("redirects-to-client", None, 400) == [f"a redirect to {CLIENT}: 400 Bad Request, no redirect"]
    assert told("redirects-to-client", CLIENT, 200) == [f"a redirect to {CLIENT}: 200 OK, no redirect"]
    assert told("redirects-to-client", CLIENT, values={}) == ["(the request named no redirect URI)"]


# Section 3.1.2: a query of the redirect URI's own stays.
def test_the_query_is_kept() -> None:
    own = {"redirect": f"{CLIENT}?app=1&b=%20"}
    assert told("redirects-to-client", f"{CLIENT}?app=1&b=+&code=c", values=own) == NOTHING
    assert told("redirects-to-client", f"{CLIENT}?code=c", values=own) == [
        f"app=1 of the redirect URI kept: a redirect to {CLIENT}"
    ]


# What is no address is no redirect, and nothing fails on it.
@pytest.mark.parametrize(
    "check", ["redirects-to-client", "no-redirect-to-client", "no-code", "state-returned"]
)
def test_a_redirect_to_nowhere(check: str) -> None:
    found = told(check, "https://[client.example/?code=c")
    assert found in (NOTHING, ["(there is no redirect)"], [f"a redirect to {CLIENT}: 302 Found, no redirect"])


# Section 4.1.2.1: a wrong redirect URI is led to neither with a code nor with an error. A page of the
# server's own, wherever it is, tells the user.
def test_not_to_the_client() -> None:
    assert told("no-redirect-to-client", None, 400) == NOTHING
    assert told("no-redirect-to-client", "https://accounts.client.example/error/12") == NOTHING
    assert told("no-redirect-to-client", "https://evil.example/?error=invalid_request&state=a") == [
        "a page that tells the user: a redirect to https://evil.example/ with error, state"
    ]
    assert told("no-redirect-to-client", "https://evil.example/#code=c") == [
        "a page that tells the user: a redirect to https://evil.example/ with code"
    ]
    assert told("no-redirect-to-client", CLIENT) == [f"a page that tells the user: a redirect to {CLIENT}"]


# Neither a code nor a token, in the query or behind it.
def test_no_code() -> None:
    assert told("no-code", None, 200) == NOTHING
    assert told("no-code", f"{CLIENT}?error=access_denied&error_description=no+code") == NOTHING
    assert told("no-code", f"{CLIENT}?code=c") == [f"no code and no token: a redirect to {CLIENT} with code"]
    assert told("no-code", f"{CLIENT}#access_token=t&token_type=Bearer") == [
        f"no code and no token: a redirect to {CLIENT} with access_token"
    ]


def test_the_code_in_the_query() -> None:
    assert told("code-in-query", f"{CLIENT}?code=c&state=s") == NOTHING
    assert told("code-in-query", f"{CLIENT}#code=c") == ["the code in the query: a code in the fragment"]
    assert told("code-in-query", f"{CLIENT}?code=c&code=d") == ["one code in the query: 2 codes"]
    assert told("code-in-query", f"{CLIENT}?code=") == ["one code in the query: none"]
    assert told("code-in-query", f"{CLIENT}?state=s") == ["one code in the query: none"]
    assert told("code-in-query", f"{CLIENT}?code=c&error=e") == ["a code and no error: error=e beside it"]
    assert told("code-in-query", None, 200) == ["(there is no redirect)"]


def test_the_error() -> None:
    wanted = {"is": ["invalid_request", "unsupported_response_type"]}
    expected = "a redirect to the client with error=invalid_request or unsupported_response_type"
    assert told("redirect-error", f"{CLIENT}?error=invalid_request&state=s", **wanted) == NOTHING
    assert told("redirect-error", f"{CLIENT}?error=denied", **wanted) == [f"{expected}: error=denied"]
    assert told("redirect-error", f"{CLIENT}#error=invalid_request", **wanted) == [
        f"{expected}: no error in the query"
    ]
    assert told("redirect-error", None, 400, **wanted) == [f"{expected}: 400 Bad Request, no redirect"]
    assert told("redirect-error", "https://a.example/?error=invalid_request", **wanted) == [
        f"{expected}: a redirect to https://a.example/"
    ]
    assert told("redirect-error", f"{CLIENT}?error=access_denied", **{"is": "access_denied"}) == NOTHING


# Section 4.1.2.1: no quotation mark, no backslash, nothing beyond ASCII.
def test_the_characters_of_an_error() -> None:
    assert told("error-characters", f"{CLIENT}?error=a&error_description=It's+(not)+known.") == NOTHING
    found = told("error-characters", f"{CLIENT}?error=a&error_description=%22x%22")
    assert found == ['visible ASCII characters and spaces, without " and \\: \'"x"\'']
    assert len(told("error-characters", f"{CLIENT}?error=%C3%A9")) == 1
    assert told("error-characters", f"{CLIENT}?code=c") == ["(no redirect tells an error)"]


# Section 4.1.2: the state as it was sent, after the decoding of forms.
def test_the_state() -> None:
    assert told("state-returned", f"{CLIENT}?code=c&state=a+b") == NOTHING
    assert told("state-returned", f"{CLIENT}?code=c&state=a%20b") == NOTHING
    assert told("state-returned", f"{CLIENT}?code=c&state=ab") == ["state='a b': state='ab'"]
    assert told("state-returned", f"{CLIENT}?code=c") == ["state='a b': no state"]
    assert told("state-returned", f"{CLIENT}?state=a+b&state=a+b") == [
        "state='a b': state='a b' and state='a b'"
    ]
    umlaut = {"state": "Z\u00fcrich"}
    assert told("state-returned", f"{CLIENT}?state=Z%C3%BCrich", values=umlaut) == NOTHING
    assert told("state-returned", f"{CLIENT}?state=x", values={}) == ["(the request had no state)"]


# RFC 9700 section 4.12: 307 and 308 have the form with the password sent once more.
def test_the_form_is_not_sent_on() -> None:
    for status in (302, 303):
        assert told("not-forwarding", CLIENT, status) == NOTHING
    assert told("not-forwarding", CLIENT, 307) == ["302 Found or 303 See Other: 307 Temporary Redirect"]
    assert told("not-forwarding", None, 200) == ["(there is no redirect)"]


CSP = "Content-Security-Policy"


# Other sites are kept out by either field; where both are there CSP counts.
@pytest.mark.parametrize(
    "fields",
    [
        [(CSP, "default-src 'self'; frame-ancestors 'none'")],
        [(CSP, "frame-ancestors 'self' https://app.example")],
        [(CSP, "default-src 'self'"), (CSP, "Frame-Ancestors")],
        [("X-Frame-Options", "deny")],
        [("X-Frame-Options", "SAMEORIGIN"), (CSP, "default-src 'self'")],
    ],
)
def test_a_page_that_cannot_be_framed(fields: Any) -> None:
    assert seen("not-framable", 200, "<form>", fields) == NOTHING


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ([], "neither"),
        ([(CSP, "default-src 'none'")], "neither"),
        ([(CSP, "frame-ancestors *"), ("X-Frame-Options", "DENY")], "frame-ancestors *"),
        ([(CSP, "frame-ancestors https:")], "frame-ancestors https:"),
        ([("X-Frame-Options", "ALLOW-FROM https://a.example")], "neither"),
    ],
)
def test_a_page_that_can_be_framed(fields: Any, found: str) -> None:
    wanted = "frame-ancestors, or X-Frame-Options: DENY or SAMEORIGIN"
    assert seen("not-framable", 200, "<form>", fields) == [f"{wanted}: {found}"]


def test_no_page_to_be_framed() -> None:
    assert seen("not-framable", 302, "", [("Location", CLIENT)]) == ["(there is no page)"]


def test_the_referrer() -> None:
    name, wanted = "Referrer-Policy", "a Referrer-Policy such as no-referrer"
    for policy in ("no-referrer", "same-origin", "strict-origin", "no-referrer, strict-origin"):
        assert seen("no-referrer", 200, "<form>", [(name, policy)]) == NOTHING
    assert seen("no-referrer", 200, "<form>", []) == [f"{wanted}: none"]
    assert seen("no-referrer", 200, "<form>", [(name, "unsafe-url")]) == [f"{wanted}: {name}: unsafe-url"]


# The one setting that a check must be told.
def test_settings() -> None:
    assert list(missing_settings("redirect-error", {})) == [
        "'redirect-error' needs 'is': an error code or a list of them"
    ]
    assert list(wrong_settings("redirect-error", {"is": []})) == [
        ("'redirect-error' must be an error code or a list of them", None)
    ]
