"""What caches may keep: no-store, and answers that must not be given to somebody else."""

from __future__ import annotations

from dataclasses import replace
from email.utils import formatdate
from typing import Any

import pytest
from scene import answer, facts, operation

from harness.checks import CHECKS, Mismatch
from harness.checks.caching import directives

NOTHING: list[str] = []
NOW = 1_800_000_000.0
DATE = ("Date", formatdate(NOW, usegmt=True))
LATER = ("Expires", formatdate(NOW + 60, usegmt=True))
OVER = ("Expires", formatdate(NOW - 60, usegmt=True))


def said(*values: str) -> tuple[tuple[str, str], ...]:
    return tuple(("Cache-Control", value) for value in values)


def told(
    check: str, *fields: tuple[str, str], by: tuple[str, ...] = ("Authorization",), **changes: Any
) -> list[str]:
    """What is told of an answer to a request with these fields beside the usual ones."""
    given = answer(200, "{}", *fields)
    usual = ("Host", "User-Agent", "Accept", "Accept-Encoding", "X-Authconform-Case")
    sent = {"headers": [[name, "…"] for name in (*usual, *by)]}
    given = replace(given, evidence=replace(given.evidence, request=sent))
    found = CHECKS[check](given, {}, facts(**{"sent": ("secret",), **changes}))
    return [
        f"{each.expected}: {each.actual}" if isinstance(each, Mismatch) else f"({each.because})"
        for each in found
    ]


# Names in any case, arguments in quotes or without, on several lines; the first of a name counts.
def test_directives() -> None:
    given = answer(200, "", *said('Private="a, no-store", MAX-AGE=5', "max-age=9,,no-cache "))
    assert directives(given) == {"private": "a, no-store", "max-age": "5", "no-cache": None}
    assert directives(answer(200)) == {}


def test_no_store() -> None:
    assert told("no-store", *said("No-Store")) == NOTHING
    assert told("no-store", *said("private, max-age=0", "no-store")) == NOTHING
    assert told("no-store") == ["Cache-Control: no-store: no Cache-Control"]
    assert told("no-store", ("Pragma", "no-cache")) == ["Cache-Control: no-store: no Cache-Control"]
    assert told("no-store", *said("no-cache")) == ["Cache-Control: no-store: Cache-Control: no-cache"]
    assert told("no-store", *said('private="no-store"')) == [
        'Cache-Control: no-store: Cache-Control: private="no-store"'
    ]


# Where the credential is in Authorization, an answer that says nothing is not shared (RFC 9111 section 3.5).
@pytest.mark.parametrize(
    "fields",
    [
        (),
        said("no-store"),
        said("max-age=60"),
        said("private, max-age=60"),
        said("public, no-cache"),
        said("public, max-age=0, must-revalidate"),
        said("max-age=60, s-maxage=0"),
        said("must-revalidate"),
        (*said("public, max-age=60"), ("Vary", "Accept, Authorization")),
        (*said("public, max-age=60"), ("Vary", "*")),
        (LATER, DATE),
    ],
)
def test_what_is_not_shared(fields: tuple[tuple[str, str], ...]) -> None:
    assert told("not-cacheable", *fields) == NOTHING


@pytest.mark.parametrize(
    "value",
    ["public", "public, max-age=60", "s-maxage=60", "max-age=60, must-revalidate", 'private="x", public'],
)
def test_what_is_shared(value: str) -> None:
    assert told("not-cacheable", *said(value)) == [
        f"an answer that no shared cache gives to others: Cache-Control: {value}"
    ]


# A credential in another field does not protect the answer by itself.
def test_a_credential_in_another_field() -> None:
    key = ("X-Api-Key",)
    wanted = "Cache-Control: no-store or private, or a Vary that names x-api-key"
    for right in (said("no-store"), said("private"), said("max-age=0"), (OVER, DATE), (("Expires", "0"),)):
        assert told("not-cacheable", *right, by=key) == NOTHING
    assert told("not-cacheable", *said("max-age=60"), ("Vary", "X-API-Key"), by=key) == NOTHING
    for wrong in ("max-age=60", "public", "must-revalidate, max-age=60"):
        assert told("not-cacheable", *said(wrong), by=key) == [f"{wanted}: Cache-Control: {wrong}"]
    assert told("not-cacheable", *said("max-age=60"), ("Vary", "Accept"), by=key) == [
        f"{wanted}: Cache-Control: max-age=60"
    ]
    assert told("not-cacheable", LATER, DATE, by=key) == [f"{wanted}: Expires: {LATER[1]}"]
    # a cache may keep it by its own judgement; whether one stands there nobody can tell from here
    assert told("not-cacheable", by=key) == ["(the answer says nothing of its age)"]


# The operation's own fields say nothing of who asks.
def test_fields_of_the_operation() -> None:
    of_operation = operation(headers=(("Accept-Language", "en"),))
    public = said("public")
    given = {"by": ("Accept-Language", "X-Api-Key"), "operation": of_operation}
    assert told("not-cacheable", *public, ("Vary", "Accept-Language"), **given) == [
        "Cache-Control: no-store or private, or a Vary that names x-api-key: Cache-Control: public"
    ]


# What no cache keeps, and what anybody gets, is not looked at.
def test_where_nothing_can_be_said() -> None:
    public = said("public, max-age=60")
    assert told("not-cacheable", *public, method="POST") == ["(no cache keeps an answer to POST)"]
    assert told("not-cacheable", *public, sent=()) == ["(the request had no credential in a field)"]
    assert told("not-cacheable", *public, by=()) == ["(the request had no credential in a field)"]


# A life that cannot be read is none (RFC 9111 section 4.2.1).
def test_a_life_that_cannot_be_read() -> None:
    key = ("X-Api-Key",)
    for value in ("max-age=soon", "max-age", 'max-age=""', "max-age=-5", "max-age=٣"):
        assert told("not-cacheable", *said(value), by=key) == NOTHING
    assert told("not-cacheable", *said('max-age="60"'), by=key) != NOTHING
