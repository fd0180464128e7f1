"""The error of a token endpoint: the code of RFC 6749, where the API has no envelope of its own."""

from __future__ import annotations

import json
from typing import Any

from scene import answer, facts

from harness.checks import CHECKS, Mismatch

NOTHING: list[str] = []


def told(check: str, body: Any, **args: Any) -> list[str]:
    text = body if isinstance(body, str) else json.dumps(body)
    return [
        f"{each.expected}: {each.actual}" if isinstance(each, Mismatch) else f"({each.because})"
        for each in CHECKS[check](answer(400, text), args, facts())
    ]


def test_the_code() -> None:
    assert told("token-error", {"error": "invalid_grant"}, **{"is": "invalid_grant"}) == NOTHING
    several = {"is": ["invalid_client", "invalid_request"]}
    assert told("token-error", {"error": "invalid_request"}, **several) == NOTHING
    assert told("token-error", {"error": "invalid_grant"}, **several) == [
        'error invalid_client or invalid_request: "invalid_grant"'
    ]


# Section 5.2 says nothing of an API's own envelope, nor does the check.
def test_another_envelope() -> None:
    for body in ({"error": {"code": "invalid_api_key"}}, {"message": "no"}, [], "<html>"):
        assert told("token-error", body, **{"is": "invalid_grant"}) == ["(the error is none of RFC 6749)"]


# A code is one of the documented ones; whether there is one is the schema's to say.
def test_one_of() -> None:
    documented = {"at": "/error/code", "is": ["invalid_api_key", "expired_token"]}
    assert told("one-of", {"error": {"code": "expired_token"}}, **documented) == NOTHING
    assert told("one-of", {"error": {"code": "no_such_key"}}, **documented) == [
        '/error/code as one of invalid_api_key, expired_token: "no_such_key"'
    ]
    assert told("one-of", {"error": {"code": ["expired_token"]}}, **documented) == [
        '/error/code as one of invalid_api_key, expired_token: ["expired_token"]'
    ]
    assert told("one-of", {"error": "no"}, **documented) == ["(there is no /error/code)"]
    assert told("one-of", "no", **documented) == ["(there is no /error/code)"]
