"""The refusal of what is too much: when it may be tried again, and what caches are told of it."""

from __future__ import annotations

import pytest
from scene import answer, facts

from harness.checks import CHECKS, Mismatch

NOTHING: list[str] = []


def told(check: str, *fields: tuple[str, str]) -> list[str]:
    found = CHECKS[check](answer(429, "", *fields), {}, facts())
    return [
        f"{each.expected}: {each.actual}" if isinstance(each, Mismatch) else f"({each.because})"
        for each in found
    ]


# RFC 9110 section 10.2.3: seconds, or a date in any of its three forms.
@pytest.mark.parametrize(
    "value",
    [
        "0",
        "1",
        "120",
        "Fri, 31 Dec 1999 23:59:59 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
    ],
)
def test_a_time_to_come_again(value: str) -> None:
    assert told("retry-after", ("Retry-After", value)) == NOTHING


@pytest.mark.parametrize(
    "value",
    [
        "",
        "-1",
        "1.5",
        "1s",
        "soon",
        "\u0661",
        "2026-11-21T10:00:00Z",
        "Fri, 31 Dec 1999 23:59:59 +0000",
        "Fri, 99 Dec 1999 23:59:59 GMT",
    ],
)
def test_no_time_at_all(value: str) -> None:
    wanted = "Retry-After as seconds or an HTTP-date"
    assert told("retry-after", ("Retry-After", value)) == [f"{wanted}: Retry-After: {value}"]


def test_two_times() -> None:
    found = told("retry-after", ("Retry-After", "1"), ("Retry-After", "2"))
    assert found == ["Retry-After as seconds or an HTTP-date: Retry-After: 1 and 2"]
    assert told("retry-after") == ["(there is no Retry-After)"]


# RFC 6585 section 4: no cache keeps a 429; what is wrong is to tell one to.
@pytest.mark.parametrize(
    "value", ["no-store", "private", "max-age=0", "no-cache, public, no-store", "s-maxage=0"]
)
def test_not_kept(value: str) -> None:
    assert told("not-kept", ("Cache-Control", value)) == NOTHING


def test_silence_keeps_nothing() -> None:
    assert told("not-kept") == NOTHING
    assert told("not-kept", ("Expires", "0")) == NOTHING


def test_kept() -> None:
    wanted = "no permission for caches to keep the refusal"
    for value in ("public", "max-age=60", "public, max-age=0", "s-maxage=1"):
        assert told("not-kept", ("Cache-Control", value)) == [f"{wanted}: Cache-Control: {value}"]
    late = ("Expires", "Fri, 31 Dec 2100 23:59:59 GMT")
    assert told("not-kept", late) == [f"{wanted}: Expires: {late[1]}"]
