"""Members of an answer: none beside the documented ones, new ones each time, and points in time."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from scene import answer, facts

from harness.checks import CHECKS, Mismatch
from harness.exchange import Answer

NOTHING: list[str] = []


def told(check: str, body: Any, first: Answer | None = None, method: str = "GET", **args: Any) -> list[str]:
    text = body if isinstance(body, str) else json.dumps(body)
    found = CHECKS[check](answer(401, text), args, facts(first=first, method=method))
    return [
        f"{each.expected}: {each.actual}" if isinstance(each, Mismatch) else f"({each.because})"
        for each in found
    ]


# One member more than are documented is named; one that is missing is the schema's affair.
def test_only_members() -> None:
    names = {"is": ["status", "type"]}
    assert told("only-members", {"status": 1, "type": 2}, **names) == NOTHING
    assert told("only-members", {"status": 1}, **names) == NOTHING
    assert told("only-members", {"status": 1, "hint": 2, "cause": 3}, **names) == [
        "no members but status, type: cause, hint too"
    ]
    assert told("only-members", "no JSON", **names) == ["(there is no JSON object)"]
    assert told("only-members", [], **names) == ["(there is no JSON object)"]


# What must be new in each answer is compared with that of the first, which has none before it.
def test_fresh() -> None:
    before = answer(401, '{"id": "one"}')
    assert told("fresh", {"id": "two"}, before, at="/id") == NOTHING
    assert told("fresh", {"id": "one"}, before, at="/id") == ["/id new in each answer: the same in two: one"]
    assert told("fresh", {"id": "one"}, at="/id") == ["(there is no answer before it)"]
    assert told("fresh", {}, before, at="/id") == ["(there is no /id in each of them)"]
    assert told("fresh", "no JSON", before, at="/id") == ["(there is no /id in each of them)"]


def moment(shift: timedelta = timedelta(), hours: float = -6) -> str:
    return (datetime.now(UTC) + shift).astimezone(timezone(timedelta(hours=hours))).isoformat("T", "seconds")


# Any zone will do, if it is told; a clock may be some minutes off.
@pytest.mark.parametrize(
    "value",
    [moment(), moment(hours=0), moment().replace("-06:00", ".25-06:00"), moment(timedelta(minutes=4))],
)
def test_a_date_time(value: str) -> None:
    assert told("date-time", {"at": value}, at="/at") == NOTHING


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("2026-03-19 10:00:00", "a date-time of RFC 3339 at /at: 2026-03-19 10:00:00"),
        ("2026-03-19T10:00:00", "a date-time of RFC 3339 at /at: 2026-03-19T10:00:00"),
        ("2026-02-30T10:00:00Z", "a date-time of RFC 3339 at /at: 2026-02-30T10:00:00Z"),
        (1773936000, "a date-time of RFC 3339 at /at: 1773936000"),
        ("2001-03-19T10:00:00-06:00", "a time within 300 s of now at /at: 2001-03-19T10:00:00-06:00"),
    ],
)
def test_no_date_time(value: Any, found: str) -> None:
    assert told("date-time", {"at": value}, at="/at") == [found]


# The same time in another zone than UTC is a date-time, and not one of those that must be in UTC.
def test_in_utc() -> None:
    here = moment()
    assert told("utc-time", {"at": moment(hours=0)}, at="/at") == NOTHING
    assert told("utc-time", {"at": here}, at="/at") == [f"a date-time of RFC 3339 in UTC at /at: {here}"]


# Where there is nothing to look at, nothing is said.
def test_no_member() -> None:
    assert told("date-time", {}, at="/at") == ["(there is no /at)"]
    assert told("date-time", "", method="HEAD", at="/at") == ["(an answer to HEAD has no body)"]
