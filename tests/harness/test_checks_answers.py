"""What is accepted, what is refused, and what is said of each part of an answer that is not so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from scene import answer, expects, facts, operation, schema

from harness.checks import CHECKS, Held, Mismatch, Unchecked
from harness.checks.answers import named_status
from harness.exchange import Answer

ITEMS = '{"type": "object", "required": ["items"]}'
CANARIES = {"own": "canary-of-own", "other": "canary-of-other"}


def found(check: str, given: Answer, args: dict[str, Any] | None = None, **circumstances: Any) -> list[Any]:
    """What a check yields, in short: (expected, actual) of a mismatch, the reason where it could not look."""
    yielded = CHECKS[check](given, args or {}, facts(**circumstances))
    return [(each.expected, each.actual) if isinstance(each, Mismatch) else each.because for each in yielded]


def listing(folder: Path) -> Any:
    """An operation whose accepted answer has a schema."""
    file = schema(folder, ITEMS)
    return operation(
        accepted=(expects("status", **{"is": 200}), expects("schema", **{"is": "x", "file": str(file)}))
    )


# Accepted is a status of the operation, and where the target names it, the place's own data.
def test_accepted() -> None:
    either = operation(accepted=(expects("status", **{"is": [200, 204]}),))
    assert found("accepted", answer(204), operation=either) == []
    assert found("accepted", answer(201), operation=either) == [
        ("accepted with 200 OK or 204 No Content", "201 Created")
    ]
    assert found("accepted", answer(200, "x canary-of-own"), canaries=CANARIES) == []
    assert found("accepted", answer(200, "x canary-of-other"), canaries=CANARIES) == [
        ("the data of own in the body", "an answer without its canary")
    ]
    # the place whose data it is counts, not the one that was asked
    assert found("accepted", answer(200, "canary-of-other"), canaries=CANARIES, home="other") == []
    # HEAD has no body, and other operations show other data
    assert found("accepted", answer(200), canaries=CANARIES, method="HEAD") == []
    assert found("accepted", answer(200), canaries=CANARIES, operation=operation("status")) == []


# RFC 8259 leaves it to the server which characters it escapes: data is found however it is written.
def test_data_that_is_written_with_escapes() -> None:
    escaped = answer(200, r'{"name": "c\u0061nary\u002Dof-own"}')
    assert found("accepted", escaped, canaries=CANARIES) == []
    foreign = answer(403, '{"name": "canary&#45;of-other"}')
    shown = [("nothing of what is protected", "the canary of other in the body")]
    assert found("refused", foreign, canaries=CANARIES) == shown
    assert found("nothing-shown", foreign, canaries=CANARIES) == shown
    assert found("no-foreign-data", foreign, {"of": "other"}, canaries=CANARIES) == [
        ("nothing of other", "the canary of other in the body")
    ]
    assert (
        found("mentions", answer(401, r'{"error": "token h\u0061s expired"}'), {"any": ["has expired"]}) == []
    )


# What is escaped in pieces, as the bytes of UTF-8 or the halves of UTF-16, is one character all the same.
@pytest.mark.parametrize(
    "written", ["f%C3%BCr 🔑", r"f\u00fcr \ud83d\udd11", "f&#252;r %F0%9F%94%91", "für &#128273;"]
)
def test_characters_that_are_escaped_in_pieces(written: str) -> None:
    shown = [("nothing of what is protected", "the canary of own in the body")]
    assert found("nothing-shown", answer(403, written), canaries={"own": "für 🔑"}) == shown
    assert found("no-echo", answer(403, written), sent=("für 🔑: eins",)) == []
    echoed = answer(403, f"{written}: eins")
    assert found("no-echo", echoed, sent=("für 🔑: eins",)) == [
        ("nothing of the credential that was sent", "an answer that repeats it")
    ]


# A refusal is none of these, whatever else it looks like.
@pytest.mark.parametrize(
    ("status", "actual"),
    [
        (200, "200 OK: accepted"),
        (204, "204 No Content: accepted"),
        (302, "302 Found, which refuses nothing"),
        (500, "500 Internal Server Error, a failure of the server"),
        (599, "599, a failure of the server"),
    ],
)
def test_what_is_no_refusal(status: int, actual: str) -> None:
    assert found("refused", answer(status)) == [("a refusal", actual)]


# Every 4xx is a refusal of some kind; a redirect or a 500 only where the profile says so, a 200 never.
def test_what_is_a_refusal() -> None:
    for status in (400, 401, 403, 404, 418, 421):
        assert found("refused", answer(status)) == []
    assert found("refused", answer(302), refusal_statuses=frozenset({302})) == []
    assert found("refused", answer(500), refusal_statuses=frozenset({500})) == []
    assert found("refused", answer(200), refusal_statuses=frozenset({200})) == [
        ("a refusal", "200 OK: accepted")
    ]


# A refusal that serves what it refuses, of any place, or does what it refuses, is none: each is told.
def test_a_refusal_that_gives_the_thing_away(tmp_path: Path) -> None:
    body = '{"items": ["canary-of-own"]}'
    given = {"canaries": CANARIES, "operation": listing(tmp_path), "effect": True, "method": "GET"}
    assert found("refused", answer(401, body), **given) == [
        ("nothing of what is protected", "the canary of own in the body"),
        ("a body that is no accepted one", "a body as an accepted answer has it"),
        ("nothing done", "GET took effect although it was refused"),
    ]
    for harmless in ("", "{}", '{"error": "no"}', "not JSON", "[" * 100_000):
        assert found("refused", answer(401, harmless), **{**given, "effect": False}) == []


# A schema that takes whatever comes does not make a refusal of what is refused as it should be.
def test_a_schema_that_tells_nothing(tmp_path: Path) -> None:
    for text in ("{}", '{"type": "object"}', "true"):
        anything = str(schema(tmp_path, text, f"{len(text)}.json"))
        accepting = operation(accepted=(expects("schema", **{"is": "any", "file": anything}),))
        assert found("refused", answer(401, '{"error": "no"}'), operation=accepting) == []


def test_status() -> None:
    assert found("status", answer(401), {"is": 401}) == []
    assert found("status", answer(403), {"is": [401, 400]}) == [
        ("400 Bad Request or 401 Unauthorized", "403 Forbidden")
    ]
    assert named_status(799) == "799"


# The body is JSON and as the schema says; HEAD has none.
def test_schema(tmp_path: Path) -> None:
    schema(tmp_path, ITEMS, "list.json")
    given = {"is": "list.json", "file": str(tmp_path / "list.json")}
    assert found("schema", answer(200, '{"items": []}'), given) == []
    assert found("schema", answer(200, "{}"), given) == [
        ("a body as list.json describes it", "$: 'items' is a required property")
    ]
    for text in ("", "<html>", '{"a": NaN}', "[" * 100_000, '{"a": 1', "\x00", "9" * 5000):
        assert found("schema", answer(200, text), given) == [
            ("JSON as list.json describes it", "a body that is not JSON")
        ], text[:20]
    assert found("schema", answer(200), given, method="HEAD") == ["an answer to HEAD has no body"]


# A value, its presence, its absence or a pattern, by names of any case; one of several lines will do.
def test_headers() -> None:
    given = answer(200, "", ("cache-control", "no-store"), ("Vary", "Accept"), ("vary", "Origin"))
    wanted = {
        "Cache-Control": "no-store",
        "Vary": {"matches": "^Origin$"},
        "Pragma": {"absent": True},
        "VARY": {"present": True},
    }
    assert found("headers", given, {"is": wanted}) == []
    unlike = {
        "Cache-Control": "private",
        "Vary": {"matches": "^X"},
        "Retry-After": {"present": True},
        "vary": {"absent": True},
        "Age": 0,
    }
    assert found("headers", given, {"is": unlike}) == [
        ("Cache-Control: private", "Cache-Control: no-store"),
        ("Vary matching ^X", "Vary: Accept, Origin"),
        ("a Retry-After field", "no Retry-After"),
        ("no vary field", "vary: Accept, Origin"),
        ("Age: 0", "no Age"),
    ]


# Members by JSON Pointer; true is not 1, and what is not there is not null.
def test_json_members() -> None:
    given = answer(200, '{"error": {"code": 1, "ok": true, "none": null}}')
    right = {"/error/code": 1, "/error/ok": True, "/error/none": None}
    assert found("json", given, {"is": right}) == []
    assert found("json", given, {"is": {"/error/code": True, "/error/ok": 1, "/error/x": None}}) == [
        ("/error/code is true", "1"),
        ("/error/ok is 1", "true"),
        ("/error/x is null", "there is no /error/x"),
    ]
    assert found("json", answer(200, "no"), {"is": right}) == [("a JSON body", "a body that is not JSON")]
    ((_, shown),) = found("json", answer(200, '{"a": "' + "x" * 9999 + '"}'), {"is": {"/a": 1}})
    assert len(shown) == 2000


# Words are found whatever their case and what joins them.
def test_mentions() -> None:
    args = {"any": ["instance not found", "no such"]}
    assert found("mentions", answer(404, '{"error": "INSTANCE_NOT-FOUND"}'), args) == []
    assert found("mentions", answer(404, "gone"), args) == [
        ("“instance not found” or “no such” in the body", "a body that does not say so")
    ]
    assert found("mentions", answer(404), args, method="HEAD") == ["an answer to HEAD has no body"]


# Another place's data, in an answer of any status.
def test_no_foreign_data() -> None:
    of_other = {"of": "other"}
    assert found("no-foreign-data", answer(200, "canary-of-own"), of_other, canaries=CANARIES) == []
    assert found("no-foreign-data", answer(404, "x canary-of-other"), of_other, canaries=CANARIES) == [
        ("nothing of other", "the canary of other in the body")
    ]
    assert found("no-foreign-data", answer(200), of_other) == ["the target gives no canary of other"]


# Nothing served: a redirect and a 500 will do, a success and the protected body will not.
def test_nothing_served(tmp_path: Path) -> None:
    given = {"operation": listing(tmp_path), "canaries": CANARIES}
    for status in (301, 404, 500):
        assert found("nothing-served", answer(status), **given) == []
    assert found("nothing-served", answer(206, '{"items": "canary-of-other"}'), **given) == [
        ("nothing served", "206 Partial Content"),
        ("nothing of what is protected", "the canary of other in the body"),
        ("a body that is no accepted one", "a body as an accepted answer has it"),
    ]


IS: dict[str, Any] = {
    "status": 401,
    "schema": "answer.json",
    "headers": {"X": {"matches": "^a$"}},
    "json": {"/a/0": 1},
    "token-type": "Bearer",
}
HOSTILE_BODIES = (
    b"", b"\xff\xfe", b"[" * 100_000, b"[" * 950 + b"]" * 950, b'{"a":' * 950 + b"1" + b"}" * 950,
    b'{"a": "\\ud800", "access_token": "W10.W10.x", "error": [], "expires_in": 1}', b"1e999", b"null",
    b"\x00",
    b'{"access_token": "e30.eyJleHAiOjFlOTk5fQ.x", "expires_in": 1e99, "a": "9999-99-99T99:99:99Z"}',
)  # fmt: skip
HOSTILE_FIELDS = (
    "",
    "Bearer",
    "\xff",
    '"',
    "a=b",
    'Bearer realm="\\',
    "http://[",
    "9" * 5000,
    ";,=;,",
    "\x00",
)
FIELDS = (
    "WWW-Authenticate", "Location", "Retry-After", "RateLimit", "Strict-Transport-Security", "Cache-Control",
    "Expires", "Date", "Vary", "Access-Control-Allow-Origin", "Access-Control-Allow-Headers", "Content-Type",
    "X-Content-Type-Options", "Content-Security-Policy", "Referrer-Policy",
)  # fmt: skip


# Every check takes whatever a target may send, and raises nothing.
@pytest.mark.parametrize("status", [200, 302, 401, 405, 429])
def test_checks_never_raise(tmp_path: Path, status: int) -> None:
    file = str(schema(tmp_path, ITEMS))
    known = Held("own", "held-secret.a.b", "held-", ("held-",), {"id": 7, "name": "n"})
    given = facts(
        canaries=CANARIES,
        held={"own": known},
        obtained=(known,) * 10,
        sent=("sent-secret",),
        origin="https://app.example",
        asked=("authorization",),
        first=answer(200, "{}"),
        values={"redirect": "https://[client", "state": "s"},
    )
    for name, check in CHECKS.items():
        args = {"is": IS.get(name, ["x"]), "file": file, "any": ["x"], "of": "own", "what": "name"}
        args |= {
            "says": "so",
            "at": "" if name.startswith(("token", "jwt", "access")) else "/a",
            "within": "1s",
        }
        for body in HOSTILE_BODIES:
            for field in HOSTILE_FIELDS if len(body) < 500 else HOSTILE_FIELDS[:1]:
                hostile = answer(status, body, *((each, field) for each in FIELDS))
                for each in check(hostile, args, given):
                    assert isinstance(each, Mismatch | Unchecked)
