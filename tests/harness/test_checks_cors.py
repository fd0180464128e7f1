"""What an answer grants to web origins: each check by answers that pass, fail and say nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from scene import answer, facts, operation

from harness.checks import CHECKS, Mismatch
from harness.exchange import Answer

APP = "https://app.example"
ALLOW = "Access-Control-Allow-Origin"
METHODS = "Access-Control-Allow-Methods"
FIELDS = "Access-Control-Allow-Headers"
CREDENTIALS = "Access-Control-Allow-Credentials"
NOTHING: list[str] = []


def told(check: str, *fields: tuple[str, str], origin: str | None = APP, **given: Any) -> list[str]:
    return seen(check, answer(200, "{}", *fields), origin=origin, **given)


def seen(check: str, given: Answer, args: dict[str, Any] | None = None, **circumstances: Any) -> list[str]:
    found = CHECKS[check](given, args or {}, facts(**circumstances))
    return [
        f"{each.expected}: {each.actual}" if isinstance(each, Mismatch) else f"({each.because})"
        for each in found
    ]


# Off is off, whatever the field.
def test_no_cors_headers() -> None:
    assert told("no-cors-headers", ("Vary", "Origin")) == NOTHING
    assert told("no-cors-headers", ("access-control-max-age", "5")) == [
        "no Access-Control field: access-control-max-age: 5"
    ]


# The origin that asks, byte for byte (Fetch, CORS check), or all of them.
def test_an_origin_is_allowed() -> None:
    assert told("cors-allows", (ALLOW, APP)) == NOTHING
    assert told("cors-allows", (ALLOW, "*")) == NOTHING
    assert told("cors-allows", (ALLOW.lower(), f" {APP} ")) == NOTHING
    assert told("cors-allows", origin=None) == ["(the request named no origin)"]
    for fields, actual in (
        ((), f"no {ALLOW}"),
        (((ALLOW, f"{APP}/"),), f"{ALLOW}: {APP}/"),
        (((ALLOW, "https://APP.example"),), f"{ALLOW}: https://APP.example"),
        (((ALLOW, "null"),), f"{ALLOW}: null"),
        (((ALLOW, APP), (ALLOW, APP)), f"{ALLOW}: {APP}, {APP}"),
        (((ALLOW, f"{APP}, https://b.example"),), f"{ALLOW}: {APP}, https://b.example"),
    ):
        assert told("cors-allows", *fields) == [f"{ALLOW}: {APP}: {actual}"]


# A browser refuses `*` for a request that took its cookies along.
def test_a_wildcard_and_cookies() -> None:
    plain = answer(200, "{}", (ALLOW, "*"))
    sent = {"headers": [["Host", "api.example"], ["cookie", "[hidden: 9 characters]"]]}
    with_cookies = replace(plain, evidence=replace(plain.evidence, request=sent))
    assert seen("cors-allows", with_cookies, origin=APP) == [
        f"{ALLOW}: {APP}: *, which allows no request with cookies"
    ]


# Nothing, or what is always the same, is no permission; the origin repeated and `*` are.
def test_an_origin_is_refused() -> None:
    evil = "https://evil.example"
    assert told("cors-refuses", origin=evil) == NOTHING
    assert told("cors-refuses", (ALLOW, APP), ("Vary", "Origin"), origin=evil) == NOTHING
    assert told("cors-refuses", (ALLOW, "null"), origin=evil) == NOTHING
    assert told("cors-refuses", (ALLOW, APP), origin="https://APP.example") == NOTHING
    assert told("cors-refuses", origin=None) == ["(the request named no origin)"]
    for origin, value in ((evil, evil), (evil, "*"), ("null", "null"), (evil, f"{APP}, {evil}")):
        assert told("cors-refuses", (ALLOW, value), origin=origin) == [
            f"no permission for {origin}: {ALLOW}: {value}"
        ]


def test_no_wildcard() -> None:
    assert told("no-wildcard-origin") == NOTHING
    assert told("no-wildcard-origin", (ALLOW, APP)) == NOTHING
    assert told("no-wildcard-origin", (ALLOW, "*")) == [f"no permission for every origin: {ALLOW}: *"]


# An answer that permits nothing shows that the permission depends on who asks.
def test_vary_names_the_origin() -> None:
    for vary in ("Origin", "accept, ORIGIN", "*"):
        assert told("vary-origin", ("Vary", vary)) == NOTHING
    assert told("vary-origin", ("Vary", "Accept"), ("Vary", "Origin"), (ALLOW, APP)) == NOTHING
    assert told("vary-origin") == ["Vary: Origin: no Vary"]
    assert told("vary-origin", ("Vary", "Accept"), origin=None) == ["Vary: Origin: Vary: Accept"]
    assert told("vary-origin", ("Vary", "X-Origin")) == ["Vary: Origin: Vary: X-Origin"]


# What may be constant, and what no cache keeps, needs none.
def test_where_vary_is_not_needed() -> None:
    constant = ["(the permission may be the same for every origin)"]
    assert told("vary-origin", (ALLOW, "*")) == constant
    assert told("vary-origin", (ALLOW, APP)) == constant
    assert told("vary-origin", (ALLOW, APP), origin="https://evil.example") == constant
    assert told("vary-origin", ("Cache-Control", "No-Store")) == [
        "(no cache keeps an answer that says no-store)"
    ]
    assert told("vary-origin", method="OPTIONS") == ["(no cache keeps an answer to OPTIONS)"]


# The grammar of Fetch.
def test_a_single_origin() -> None:
    for value in ("*", "null", APP, "http://localhost:8080", "https://[::1]:8443", "chrome-extension://abc"):
        assert told("single-origin", (ALLOW, value)) == NOTHING
    assert told("single-origin") == [f"(there is no {ALLOW})"]
    assert told("single-origin", (ALLOW, APP), (ALLOW, "*")) == [f"one {ALLOW}: 2 of them: {APP} and *"]
    for value in (f"{APP}/", f"{APP}, {APP}", f"{APP} https://b.example", "app.example", "NULL", "", "**"):
        assert told("single-origin", (ALLOW, value)) == [
            f"one origin such as https://app.example, null or *: {ALLOW}: {value}"
        ]


def test_credentials_are_allowed_in_one_word() -> None:
    assert told("credentials-literal", (CREDENTIALS, "true")) == NOTHING
    assert told("credentials-literal") == [f"(there is no {CREDENTIALS})"]
    for value in ("True", "false", "1", "true, true"):
        assert told("credentials-literal", (CREDENTIALS, value)) == [
            f"{CREDENTIALS}: true: {CREDENTIALS}: {value}"
        ]


def test_no_credentials_for_all() -> None:
    assert told("no-credentials-for-all") == ["(there is no Access-Control field)"]
    assert told("no-credentials-for-all", (ALLOW, APP), (CREDENTIALS, "true")) == NOTHING
    assert told("no-credentials-for-all", (ALLOW, "*")) == NOTHING
    assert told("no-credentials-for-all", (ALLOW, "*"), (CREDENTIALS, "true")) == [
        f"no {CREDENTIALS} beside *: {CREDENTIALS}: true"
    ]


def test_a_preflight_succeeds() -> None:
    for status in (200, 204):
        assert seen("preflight-ok", answer(status)) == NOTHING
    assert seen("preflight-ok", answer(401)) == ["a preflight answered with any 2xx: 401 Unauthorized"]
    assert seen("preflight-ok", answer(302)) == ["a preflight answered with any 2xx: 302 Found"]


def permits(verb: str, asked: tuple[str, ...], *fields: tuple[str, str], **args: Any) -> list[str]:
    given = answer(204, "", *fields)
    return seen("preflight-allows", given, args, operation=operation(method=verb), asked=asked)


# Every field that was asked for is named, in any case; Authorization in so many words.
@pytest.mark.parametrize(
    ("asked", "value", "expected"),
    [
        (("authorization",), "Content-Type, Authorization", NOTHING),
        (("x-api-key",), "*", NOTHING),
        (("accept",), "", NOTHING),
        ((), "", NOTHING),
        (("authorization", "x-api-key"), "*, authorization", NOTHING),
        (
            ("authorization", "x-api-key"),
            "*",
            [f"{FIELDS}: authorization: {FIELDS}: *, which does not stand for Authorization"],
        ),
        (("x-api-key",), "authorization", [f"{FIELDS}: x-api-key: {FIELDS}: authorization"]),
        (("content-type",), "x-api-key", [f"{FIELDS}: content-type: {FIELDS}: x-api-key"]),
        (
            ("authorization",),
            "authorization x-api-key",
            [f"a list of names in {FIELDS}: {FIELDS}: authorization x-api-key"],
        ),
    ],
)
def test_a_preflight_permits_fields(asked: tuple[str, ...], value: str, expected: list[str]) -> None:
    assert permits("GET", asked, (FIELDS, value)) == expected


def test_a_preflight_without_the_list() -> None:
    assert permits("GET", ("authorization",)) == [f"{FIELDS}: authorization: no {FIELDS}"]
    assert permits("GET", ("authorization",), (FIELDS, "x-a"), (FIELDS, "authorization")) == NOTHING


# The method too, in its case; GET, HEAD and POST need no permission.
def test_a_preflight_permits_the_method() -> None:
    for method in ("GET", "HEAD", "POST"):
        assert permits(method, ()) == NOTHING
    assert permits("DELETE", (), (METHODS, "GET, DELETE")) == NOTHING
    assert permits("DELETE", (), (METHODS, "*")) == NOTHING
    assert permits("DELETE", (), (METHODS, "GET")) == [f"{METHODS}: DELETE: {METHODS}: GET"]
    assert permits("PATCH", (), (METHODS, "patch")) == [f"{METHODS}: PATCH: {METHODS}: patch"]
    assert permits("DELETE", (), method=False) == NOTHING
