"""A token as an answer grants it: its members, its media type, and what a JWT among them shows."""

from __future__ import annotations

import base64
import json
from email.utils import formatdate
from typing import Any

import pytest
from scene import answer, facts

from harness.checks import CHECKS, Mismatch
from harness.exchange import Answer
from harness.expectations import missing_settings, wrong_settings

NOTHING: list[str] = []
NOW = 1_800_000_000
DATE = ("Date", formatdate(NOW, usegmt=True))
GRANTED = {"access_token": "tok_1.a-b_c~+/==", "token_type": "Bearer", "expires_in": 3600}


def told(check: str, body: Any, status: int = 200, **args: Any) -> list[str]:
    text = body if isinstance(body, str) else json.dumps(body)
    return seen(check, answer(status, text, DATE), args)


def seen(check: str, given: Answer, args: dict[str, Any] | None = None, **circumstances: Any) -> list[str]:
    found = CHECKS[check](given, args or {}, facts(**circumstances))
    return [
        f"{each.expected}: {each.actual}" if isinstance(each, Mismatch) else f"({each.because})"
        for each in found
    ]


def jwt(claims: Any, header: Any = None) -> str:
    parts = [json.dumps(header or {"alg": "HS256"}).encode(), json.dumps(claims).encode(), b"\0" * 32]
    return ".".join(base64.urlsafe_b64encode(each).rstrip(b"=").decode() for each in parts)


def of(claims: Any, **members: Any) -> dict[str, Any]:
    return {**GRANTED, "access_token": jwt(claims), **members}


# RFC 6749 section 5.1: the type, whatever its case, wherever the profile says the members lie.
def test_the_type() -> None:
    assert told("token-type", GRANTED) == NOTHING
    assert told("token-type", {"token_type": "bearer"}) == NOTHING
    assert told("token-type", {"data": GRANTED}, at="/data") == NOTHING
    assert told("token-type", {"token_type": "DPoP"}, **{"is": ["Bearer", "DPoP"]}) == NOTHING
    assert told("token-type", {"token_type": "mac"}) == ['token_type Bearer: "mac"']
    assert told("token-type", {"token_type": "Bearer"}, **{"is": "DPoP"}) == ['token_type DPoP: "Bearer"']
    assert told("token-type", {"token_type": None}) == ["token_type Bearer: null"]
    assert told("token-type", {}) == ["token_type Bearer: no token_type"]


# What grants nothing is looked at by other checks, and by these not at all.
@pytest.mark.parametrize("check", ["token-type", "expires-in"])
def test_where_nothing_is_granted(check: str) -> None:
    assert told(check, GRANTED, 401) == ["(no token was granted: 401 Unauthorized)"]
    assert told(check, "<html>") == ["(a body that is not JSON)"]
    assert told(check, [GRANTED]) == ["(no object at the top)"]
    assert told(check, {"data": 5}, at="/data") == ["(no object at /data)"]
    assert told(check, GRANTED, at="/data") == ["(there is no /data)"]


# A JSON number above zero: no text, no truth value.
def test_the_life() -> None:
    for value in (1, 3600, 3599.5):
        assert told("expires-in", {"expires_in": value}) == NOTHING
    assert told("expires-in", {}) == ["(there is no expires_in)"]
    for value, shown in (("3600", '"3600"'), (0, "0"), (-1, "-1"), (True, "true"), (None, "null")):
        assert told("expires-in", {"expires_in": value}) == [
            f"expires_in as a JSON number above zero: {shown}"
        ]


def test_the_longest_life() -> None:
    assert told("expires-in", {"expires_in": 3600}, at_most="1h") == NOTHING
    assert told("expires-in", {"expires_in": 86401}, at_most="24h") == ["a life of 24h at most: 86401 s"]
    assert told("expires-in", {"expires_in": "x"}, at_most="24h") == [
        'expires_in as a JSON number above zero: "x"'
    ]


# RFC 6750 section 2.1 for a bearer token, RFC 6749 appendix A.12 for any other; the token itself is not told.
def test_the_characters() -> None:
    bearer = {"token_type": "bearer"}
    assert told("token-shape", GRANTED) == NOTHING
    assert told("token-shape", {"access_token": "with space|{}"}) == NOTHING
    for text in ("with space", "a|b", "a=b", "tök", "a\n", "="):
        assert told("token-shape", {"access_token": text, **bearer}) == [
            "letters, digits and -._~+/ with = at the end: a bearer token of other characters"
        ]
    for text in ("tök", "a\nb", "a\n"):
        assert told("token-shape", {"access_token": text}) == [
            "visible ASCII characters: a token of other characters"
        ]


def test_no_token_at_all() -> None:
    for value, shown in (
        (5, "another JSON type"),
        (None, "none"),
        ("", "none"),
        (["x"], "another JSON type"),
    ):
        assert told("token-shape", {"access_token": value}) == [f"access_token as a string: {shown}"]
    assert told("token-shape", {}) == ["access_token as a string: none"]
    assert told("token-shape", "<html>") == ["a JSON object that holds access_token: a body that is not JSON"]
    assert told("token-shape", GRANTED, at="/data") == [
        "a JSON object that holds access_token: there is no /data"
    ]
    assert told("token-shape", {}, 401) == ["(no token was granted: 401 Unauthorized)"]


# Parameters are allowed, another type is not; of nothing nothing is said.
def test_the_media_type() -> None:
    def typed(*types: str, body: str = "{}") -> list[str]:
        return seen("json-media-type", answer(400, body, *(("Content-Type", each) for each in types)))

    for right in ("application/json", "Application/JSON;charset=UTF-8", "application/json ; charset=utf-8"):
        assert typed(right) == NOTHING
    assert typed(body="") == ["(there is no body)"]
    assert typed() == ["Content-Type: application/json: no Content-Type"]
    for wrong in ("text/html", "application/jsonp", "application/problem+json", ""):
        assert typed(wrong) == [f"Content-Type: application/json: Content-Type: {wrong}"]


# exp agrees with expires_in, by the token's own iat or by the time of the answer.
@pytest.mark.parametrize(
    "claims",
    [
        {"exp": NOW + 3600, "iat": NOW},
        {"exp": NOW + 3600},
        {"exp": NOW + 3650.5},
        {"exp": NOW + 3540, "iat": NOW - 60},  # dated back for clocks that are behind
        {"exp": NOW + 3600, "iat": NOW - 5000},  # the same token once more, with what is left of its life
        {"exp": NOW + 3900, "iat": NOW},  # told five minutes shorter, for safety
        {"exp": NOW + 3600, "iat": "now"},
    ],
)
def test_a_life_that_agrees(claims: dict[str, Any]) -> None:
    assert told("jwt-lifetime", of(claims)) == NOTHING


def test_a_life_that_does_not_agree() -> None:
    promised = "a token that lives 3600 s, as expires_in says: one that lives"
    assert told("jwt-lifetime", of({"exp": NOW + 86400, "iat": NOW})) == [f"{promised} 86400 s"]
    assert told("jwt-lifetime", of({"exp": NOW + 300})) == [f"{promised} 300 s"]
    assert told("jwt-lifetime", {"data": of({"exp": NOW})}, at="/data") == [f"{promised} 0 s"]


# Where there is nothing to compare, or no number that is a time, nothing is said.
def test_a_life_that_is_not_told() -> None:
    nothing = ["(no JWT with exp was granted, or it has no expires_in beside it)"]
    for body in (
        GRANTED,
        of({"iat": NOW}),
        of({"exp": "soon"}),
        of({"exp": 10**400}),
        of([]),
        of({"exp": NOW}, expires_in="3600"),
        of({"exp": NOW}, access_token="a.b.c"),
        of({"exp": NOW}, access_token=f"{jwt({'exp': NOW})}.x.y"),
        "<html>",
    ):
        assert told("jwt-lifetime", body) == nothing


def hidden(claims: Any, *sent: str) -> list[str]:
    return seen("jwt-no-secrets", answer(200, json.dumps(of(claims))), sent=sent)


# Who asked may stand in the claims; what he asked with may not, however deep.
def test_claims_without_secrets() -> None:
    password = "correct-horse"
    sent = (f"widgets-account:{password}", password, "d2lkZ2V0cw==")
    claims = {"sub": "widgets-account", "amr": ["pwd"], "pwd_exp": 5, "password": False, "secret": ""}
    assert hidden(claims, *sent) == NOTHING
    for claims, name in (
        ({"password": password}, "password"),
        ({"debug": {"seen": [f"got {password}"]}}, "seen"),
        ({"key": "widgets-account:correct-horse"}, "key"),
    ):
        assert hidden(claims, *sent) == [f"no secret in the claims: the credential that was sent, in {name}"]
    # too short to be told from an accident
    assert hidden({"sub": "ab"}, "ab") == NOTHING


def test_claims_with_other_secrets() -> None:
    assert hidden({"client_secret": "x"}) == ["no secret in the claims: a claim client_secret"]
    assert hidden({"user": {"passwordHash": "x"}}) == ["no secret in the claims: a claim passwordHash"]
    assert hidden({"h": "$2b$12$abc"}) == ["no secret in the claims: the hash of a password, in h"]
    assert hidden({"h": "$argon2id$v=19$"}) == ["no secret in the claims: the hash of a password, in h"]
    assert hidden({"price": "$5", "h": "$500$"}) == NOTHING
    assert told("jwt-no-secrets", GRANTED) == ["(no JWT was granted that can be read)"]


# What a check may be told is not asked for, and must be right where it is told.
def test_what_the_checks_may_be_told() -> None:
    assert list(missing_settings("token-type", {})) == []
    assert list(wrong_settings("token-type", {"at": "", "is": ["Bearer", "DPoP"]})) == []
    assert list(wrong_settings("expires-in", {"at": "/data", "at_most": "24h"})) == []
    assert list(wrong_settings("expires-in", {"at": "data", "at_most": "soon", "upto": 5})) == [
        ("'at' of 'expires-in' must be the JSON Pointer of the object that holds access_token, such as /data",
         None),
        ("'at_most' of 'expires-in' must be a duration such as 24h", None),
        ("unknown setting 'upto' of 'expires-in'", "Known: at, at_most, requirement, level, because."),
    ]  # fmt: skip
    assert list(wrong_settings("preflight-allows", {"method": "no"})) == [
        ("'method' of 'preflight-allows' must be true, or false where the fields alone matter", None)
    ]
