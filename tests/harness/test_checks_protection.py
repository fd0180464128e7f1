"""Fields that protect an answer and tell its limits, problems in their format, URLs without secrets."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from scene import answer, facts

from harness.checks import CHECKS, Held, Mismatch
from harness.checks.structured import items
from harness.exchange.tls import Secured
from harness.model import Timing

NOTHING: list[str] = []


def told(
    check: str,
    *fields: tuple[str, str],
    status: int = 200,
    body: str = "",
    args: dict[str, Any] | None = None,
    tls: bool = False,
    **changes: Any,
) -> list[str]:
    given = answer(status, body, *fields)
    if tls:
        given = replace(given, secured=object.__new__(Secured))
    found = CHECKS[check](given, args or {}, facts(**changes))
    return [
        f"{each.expected}: {each.actual}" if isinstance(each, Mismatch) else f"({each.because})"
        for each in found
    ]


# A year is what ASVS asks for; less, or nothing, is told, and over plain HTTP nothing is looked for.
def test_strict_transport() -> None:
    name = "Strict-Transport-Security"
    assert told("hsts", (name, "max-age=31536000; includeSubDomains"), tls=True) == NOTHING
    assert told("hsts", (name, 'Max-Age = "63072000"'), tls=True) == NOTHING
    assert told("hsts", (name, f"max-age={'9' * 5000}"), tls=True) == NOTHING
    short = f"{name} with a max-age of 31536000 or more: {name}: max-age=86400"
    assert told("hsts", (name, "max-age=86400"), tls=True) == [short]
    assert told("hsts", tls=True) == [f"{name} with a max-age of 31536000 or more: no {name}"]
    assert told("hsts") == ["(the answer did not come over TLS)"]


def test_media_types_are_not_guessed() -> None:
    assert told("nosniff", ("X-Content-Type-Options", "NoSniff")) == NOTHING
    assert told("nosniff") == ["X-Content-Type-Options: nosniff: no X-Content-Type-Options"]


# Allow may be empty, but it must be there (RFC 9110 section 10.2.1).
def test_allow() -> None:
    assert told("allow-listed", ("Allow", ""), status=405) == NOTHING
    assert told("allow-listed", status=405) == ["an Allow field: a 405 without one"]
    assert told("allow-listed", status=404) == ["(the answer is 404 Not Found, and no 405)"]


def test_redirects_to_tls() -> None:
    there = ("Location", "https://api.example/v1")
    assert told("no-redirect-to-tls", there, status=308) == [
        "no redirect to https: 308 Permanent Redirect to https://api.example/v1"
    ]
    assert told("no-redirect-to-tls", ("Location", "/log-in"), status=302) == NOTHING
    assert told("no-redirect-to-tls", ("Location", "http://["), status=302) == NOTHING
    assert told("no-redirect-to-tls", status=403) == NOTHING


def test_prompt() -> None:
    late = replace(answer(401), timing=Timing(sent=1.0, headers=4.5, done=4.5))
    (found,) = CHECKS["prompt"](late, {"within": "2s"}, facts())
    assert isinstance(found, Mismatch)
    assert (found.expected, found.actual) == ("an answer within 2s", "one after 3.5 s")
    assert told("prompt", args={"within": "2s"}) == NOTHING


# RFC 9457 section 3.1: types, URIs, and the status of the answer; every member may be missing.
@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("{}", NOTHING),
        ('{"type": "about:blank", "title": "No", "status": 401, "more": [1]}', NOTHING),
        ('{"status": 400}', ["status 401, as the answer has it: status: 400"]),
        ('{"status": "401"}', ['status 401, as the answer has it: status: "401"']),
        ('{"title": 1}', ["title as a string: title: 1"]),
        ('{"type": "no URI"}', ['type as a URI reference: type: "no URI"']),
        ("[]", ["a JSON object: application/problem+json that is none"]),
        ("", ["a JSON object: application/problem+json that is none"]),
    ],
)
def test_problems(body: str, expected: list[str]) -> None:
    assert (
        told("problem-details", ("Content-Type", "application/problem+json"), status=401, body=body)
        == expected
    )


def test_other_errors_are_no_problems() -> None:
    found = told("problem-details", ("Content-Type", "application/json"), body='{"status": 1}')
    assert found == ["(the body is no application/problem+json)"]


# What was sent, or issued, stands in no URL; that it stands elsewhere is for other checks to say.
def test_urls() -> None:
    secret = ("key-of-somebody",)
    wrong = ["no credential in a URL: a URL that holds it"]
    link = ("Link", "<https://api.example/?key=key-of-somebody>; rel=next")
    assert told("no-secret-in-urls", link, sent=secret) == wrong
    assert told("no-secret-in-urls", body=r'{"next": "\/v1\/key-of-somebody"}', sent=secret) == wrong
    assert told("no-secret-in-urls", body='{"key": "key-of-somebody", "at": "/v1"}', sent=secret) == NOTHING
    held = {"fresh": Held("fresh", "another-secret", "", (), {})}
    assert told("no-secret-in-urls", body="http://a.example/another-secret", held=held) == wrong
    assert told("no-secret-in-urls") == ["(no credential was sent that could be told from other text)"]


# The fields of the draft on rate limits are lists of structured items (RFC 9651).
@pytest.mark.parametrize(
    ("field", "expected"),
    [
        (("RateLimit", '"default";r=50;t=30'), NOTHING),
        (("RateLimit-Policy", '"burst";q=100;w=60,"daily";q=1000;w=86400;pk=:Yw==:'), NOTHING),
        (("RateLimit", '"default";t=30'), ["no r in 'default'"]),
        (("RateLimit-Policy", '"default";q=-1'), ["q=-1 in 'default'"]),
        (("RateLimit-Policy", '"default";q=1;w=0'), ["w=0 in 'default'"]),
        (("RateLimit-Policy", '"default";q=1;pk=me'), ["pk that is no byte sequence in 'default'"]),
    ],
)
def test_limits(field: tuple[str, str], expected: list[str]) -> None:
    words = f"{field[0]} with whole numbers that are not negative: "
    assert told("ratelimit-fields", field) == [words + each for each in expected]


def test_limits_in_another_grammar() -> None:
    (found,) = told("ratelimit-fields", ("RateLimit", "limit=10, remaining=5, reset=1"))
    assert found.startswith("RateLimit as a list of structured items: no list goes on with")
    assert told("ratelimit-fields") == ["(there is neither RateLimit nor RateLimit-Policy)"]
    older = (("RateLimit-Limit", "10"), ("RateLimit-Policy", "10;w=60"))
    assert told("ratelimit-fields", *older) == ["(RateLimit-Limit is of an older draft)"]


def test_retry_before_the_reset() -> None:
    left = ("RateLimit", '"default";r=0;t=30')
    early = ["Retry-After: 30 or more, as RateLimit says: Retry-After: 5"]
    assert told("retry-after-reset", left, ("Retry-After", "5")) == early
    assert told("retry-after-reset", left, ("Retry-After", "30")) == NOTHING
    assert told("retry-after-reset", left, ("Retry-After", "9" * 5000)) == NOTHING
    assert told("retry-after-reset", left) == ["(the answer does not have both)"]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("", []),
        ("a", [("a", {})]),
        ('"a \\"b\\"";c;d=?0', [('a "b"', {"c": True, "d": False})]),
        ("1.5, -2", [(1.5, {}), (-2, {})]),
    ],
)
def test_structured_items(line: str, found: list[object]) -> None:
    assert items([line]) == found


@pytest.mark.parametrize("line", ["a,", ",a", "a;", "a;B=1", "a b", '"a', "(a b)", "é"])
def test_no_structured_items(line: str) -> None:
    with pytest.raises(ValueError, match=r"at|goes on"):
        items([line])
