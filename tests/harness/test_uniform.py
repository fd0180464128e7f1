"""Whether causes can be told apart by their answers, apart from what varies within one cause."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from scene import answer

from harness.checks import Mismatch
from harness.checks.uniform import differences
from harness.exchange import Answer

Field = tuple[str, str]


def told(part: str, *causes: Sequence[Answer], without: Sequence[str] = ()) -> list[str]:
    """What tells the causes, named missing, unknown and revoked, apart."""
    answers = dict(zip(("missing", "unknown", "revoked"), causes, strict=False))
    found = differences(answers, [part], without)
    return [
        f"{each.expected}; {each.actual}" if isinstance(each, Mismatch) else each.because for each in found
    ]


def bodies(*texts: str) -> list[Answer]:
    return [answer(401, text) for text in texts]


def fields(*found: Sequence[Field]) -> list[Answer]:
    return [answer(401, "", *each) for each in found]


# One status for all causes; the one that differs is named once.
def test_status() -> None:
    assert told("status", [answer(401)] * 3, [answer(401)] * 3) == []
    assert told("status", [answer(401)] * 3, [answer(401)] * 3, [answer(403)] * 3) == [
        "one status: missing is answered with 401 Unauthorized; revoked with 403 Forbidden"
    ]


# A status that only now and then differs tells as well.
def test_status_now_and_then() -> None:
    (said,) = told("status", [answer(401)] * 3, [answer(401), answer(404), answer(401)])
    assert said.endswith("unknown with 401 Unauthorized or 404 Not Found")


# A body that differs between causes, in a word, in the order of members or in a blank.
@pytest.mark.parametrize(
    ("here", "there"),
    [
        ('{"error": "no token"}', '{"error": "unknown token"}'),
        ('{"error": "x", "code": 1}', '{"code": 1, "error": "x"}'),
        ('{"error": "x"}', '{"error":"x"}'),
        ('{"error": "x"}', '{"error": "x"}\n'),
        ('{"error": "x"}', '{"error": "x", "hint": null}'),
        ("Unauthorized", "unauthorized"),
        ("", "{}"),
        ('{"a": 1}', '{"a": 1.0}'),
    ],
)
def test_body(here: str, there: str) -> None:
    assert told("body", bodies(here, here, here), bodies(here, here, here)) == []
    (said,) = told("body", bodies(here, here, here), bodies(there, there, there))
    assert said == f"the same body: missing has {here}; unknown has {there}"


# What varies within a cause is no difference: ids, times, numbers, in either cause.
@pytest.mark.parametrize(
    ("here", "there"),
    [
        ('{{"error": "x", "id": "{}"}}', '{{"error": "x", "id": "{}"}}'),
        ('{{"count": {}, "of": 1}}', '{{"count": {}, "of": 1}}'),
        ('{{"m": "no (request {})"}}', '{{"m": "no (request {})"}}'),
        (
            '{{"a": ["x", {{"at": "2026-11-21T19:00:{}Z"}}]}}',
            '{{"a": ["x", {{"at": "2026-11-21T19:00:{}Z"}}]}}',
        ),
        ("no <b>{}</b> here", "no <b>{}</b> here"),
    ],
)
def test_volatile_members_are_masked(here: str, there: str) -> None:
    mine = bodies(*(here.format(number) for number in (10, 2, 33)))
    others = bodies(*(there.format(number) for number in (45, 51, 6)))
    assert told("body", mine, others) == []
    assert told("body", mine, bodies(there.format(7), there.format(7), there.format(7))) == []


# Around what varies a difference is still seen.
@pytest.mark.parametrize(
    ("here", "there", "shown"),
    [
        ('{{"e": "none", "id": {}}}', '{{"e": "bad", "id": {}}}', '{"e": "none", "id": "…"}'),
        ('{{"m": "none ({})"}}', '{{"m": "bad ({})"}}', '{"m": "none …"}'),
        ('{{"id": {}, "e": 1}}', '{{"e": 1, "id": {}}}', '{"id": "…", "e": 1}'),
        ("none <i>{}</i>", "bad <i>{}</i>", "none <i>…</i>"),
    ],
)
def test_difference_beside_what_varies(here: str, there: str, shown: str) -> None:
    mine, others = (bodies(*(each.format(n) for n in (1, 25, 3))) for each in (here, there))
    (said,) = told("body", mine, others)
    assert said.startswith(f"the same body: missing has {shown};")


# A blank more, beside what varies, is a difference too.
def test_spaces_beside_what_varies() -> None:
    mine = bodies('{"id": 1}', '{"id": 2}', '{"id": 3}')
    (said,) = told("body", mine, bodies('{"id":1}', '{"id":2}', '{"id":3}'))
    assert said.startswith("the same spaces in the body:")


# A member that only now and then is there is volatile.
def test_member_that_comes_and_goes() -> None:
    mine = bodies('{"e": 1, "debug": 5}', '{"e": 1}', '{"e": 1}')
    assert told("body", mine, bodies('{"e": 1}', '{"e": 1}', '{"e": 1}')) == []


# Where the order of the members varies within a cause, it is no difference.
def test_order_that_varies() -> None:
    mine = bodies('{"e": 1, "f": 2}', '{"f": 2, "e": 1}', '{"e": 1, "f": 2}')
    assert told("body", mine, bodies(*['{"f": 2, "e": 1}'] * 3)) == []
    assert len(told("body", mine, bodies(*['{"f": 2, "e": 3}'] * 3))) == 1


# Texts that vary without any pattern cannot be compared, and that is said.
def test_nothing_to_compare() -> None:
    mine = bodies("a b", "a b c", "a")
    assert told("body", mine, bodies("x", "x", "x")) == [
        "the bodies of missing and unknown vary too much to be compared"
    ]


DATE = [("Date", "Sat, 21 Nov 2026 19:00:00 GMT"), ("Content-Length", "5"), ("Connection", "close")]
LATER = [("date", "Sat, 21 Nov 2026 19:00:01 GMT"), ("Content-Length", "7"), ("Age", "3")]


# Times, lengths and connections say nothing; names count without regard to case.
def test_fields_that_say_nothing() -> None:
    assert told("headers", fields(DATE, DATE, DATE), fields(LATER, LATER, LATER)) == []


# A field that one cause has and the other has not, or has with another value.
def test_fields() -> None:
    plain, marked = [("Server", "x")], [("Server", "x"), ("X-Token-Id", "7")]
    assert told("headers", fields(plain, plain, plain), fields(marked, marked, marked)) == [
        "the same fields: unknown is answered with x-token-id; missing is not"
    ]
    other = [("Server", "y")]
    assert told("headers", fields(plain, plain, plain), fields(other, other, other)) == [
        "the same server: missing has x; unknown has y"
    ]


# A value, or a field, that varies within one cause says nothing of it.
def test_volatile_fields() -> None:
    counted = [[("X-Remaining", str(number))] for number in range(3)]
    fixed = [("X-Remaining", "9")]
    assert told("headers", fields(*counted), fields(fixed, fixed, fixed)) == []
    assert told("headers", fields([], fixed, []), fields([], [], [])) == []


PLAIN = [("WWW-Authenticate", 'Bearer realm="api"')]
TOLD = [
    (
        "WWW-Authenticate",
        'Bearer realm="api", error="invalid_token", error_description="no \\"such\\", sorry"',
    )
]
FIRST = [("WWW-Authenticate", 'Bearer error=invalid_token, realm="api"')]
OTHER = [("WWW-Authenticate", 'Bearer realm="api", error="invalid_token", error_description="revoked"')]


# The error of a challenge depends on whether a token was sent at all (RFC 6750 section 3.1).
@pytest.mark.parametrize("found", [TOLD, FIRST])
def test_error_of_the_challenge(found: list[Field]) -> None:
    causes = fields(PLAIN, PLAIN, PLAIN), fields(found, found, found)
    assert told("headers", *causes, without=["missing"]) == []
    (said,) = told("headers", *causes)
    assert said.startswith('the same www-authenticate: missing has Bearer realm="api"; unknown has')


# Of two causes that both sent a token it tells one from the other.
def test_error_tells_two_tokens_apart() -> None:
    found = told(
        "headers", fields(PLAIN, PLAIN, PLAIN), fields(TOLD, TOLD, TOLD), fields(OTHER, OTHER, OTHER),
        without=["missing"],
    )  # fmt: skip
    (said,) = found
    assert "unknown has" in said and 'error_description="revoked"' in said


# Causes that differ are found though one between them varies.
def test_every_two_are_compared() -> None:
    one, two = [("Server", "a")], [("Server", "b")]
    found = told("headers", fields(one, one, one), fields(one, two, one), fields(two, two, two))
    assert found == ["the same server: missing has a; revoked has b"]
