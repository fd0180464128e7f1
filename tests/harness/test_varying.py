"""What Schemathesis makes of one operation: what it asks, what it finds, and what it must not hold."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import pytest
import scene

from harness.credentials import CannotSpoil, Presented
from harness.exchange import Answer, Request
from harness.model import DocumentPart
from harness.varying import _told
from harness.varying.application import Application
from harness.varying.document import alone
from harness.varying.generating import _home, vary
from harness.varying.right import Right

SECRET = "nk_Zk81bTq0Xw5cR7vLsE2d"
ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}


def described(components: Mapping[str, Any], *parameters: Mapping[str, Any], **value: Any) -> DocumentPart:
    """GET /v1/notes/{id} of a document, for which its scheme `it` is needed."""
    root = {"openapi": "3.1.0", "components": components, "security": [{"it": []}]}
    return DocumentPart(
        root=root, path="/v1/notes/{id}", method="GET", value=value, parameters=(ID, *parameters),
        known={}, is_known=False, is_safe=True,
    )  # fmt: skip


def found_by(
    scheme: Mapping[str, Any], presented: Presented, opens: Any, *parameters: Mapping[str, Any],
    refusal: int = 401, examples: int = 4, asked: list[str] | None = None,
) -> tuple[list[str], int, int]:  # fmt: skip
    """What Schemathesis finds where `opens` tells which requests are served; how many were, of how many.

    `asked` takes what it asked for.
    """
    part = described({"securitySchemes": {"it": scheme}}, *parameters)
    right = Right.of(presented)
    statuses: list[int] = []

    def send(request: Request) -> Answer:
        if asked is not None:
            asked.append(request.url)
        statuses.append(200 if opens(request) else refusal)
        return scene.answer(statuses[-1], "{}", ("Content-Type", "application/json"))

    found = vary(
        alone(part, right.scheme()),
        application=Application(send, "http://127.0.0.1:9"),
        credential=right.arguments(),
        is_over=lambda: len(statuses) > 10 * examples,
        was_served=lambda: statuses[-1] == 200,
        examples=examples,
        number=1,
    )
    return found, statuses.count(200), len(statuses)


AUTH = "Authorization"


def in_field(name: str, value: str) -> Presented:
    return Presented(fields=((name, value),))


# However the document calls the scheme, the credential is left out, and put wrong, where it really stands.
@pytest.mark.parametrize(
    ("scheme", "presented", "where"),
    [
        ({"type": "apiKey", "in": "header", "name": "x-api-key"}, in_field("X-API-Key", SECRET), "x-api-key"),
        ({"type": "http", "scheme": "bearer"}, in_field(AUTH, f"Bearer {SECRET}"), AUTH),
        ({"type": "oauth2", "flows": {}}, in_field(AUTH, f"Bearer {SECRET}"), AUTH),
        ({"type": "http", "scheme": "Token"}, in_field(AUTH, f"Token {SECRET}"), AUTH),
        ({"type": "apiKey", "in": "cookie", "name": "sid"}, in_field("Cookie", f"sid={SECRET}"), "cookie"),
        ({"type": "apiKey", "in": "query", "name": "key"}, Presented(query=(("key", SECRET),)), ""),
    ],
)  # fmt: skip
def test_schemathesis_and_schemes(scheme: Mapping[str, Any], presented: Presented, where: str) -> None:
    def holds_it(request: Request) -> bool:
        return SECRET in (request.url if not where else "".join(request.header(where)))

    found, served, asked = found_by(scheme, presented, holds_it)
    assert found == [] and 0 < served < asked
    found, *_ = found_by(scheme, presented, lambda request: True)
    assert found == [
        "API accepts requests without authentication: "
        "Expected 401 or 403, got `200 OK` for `GET /v1/notes/{id}`"
    ]


# Where nothing valid is sent, tokens of whichever origin are made up, and none may be served.
@pytest.mark.parametrize("kind", ["oauth2", "openIdConnect"])
def test_schemathesis_without_a_credential(kind: str) -> None:
    assert found_by({"type": kind}, Presented(), lambda request: False)[0] == []
    (told,) = found_by({"type": kind}, Presented(), lambda request: True)[0]
    assert told.startswith("API accepts ")


# What is no success is no finding: an API may hide what it has, or have had enough.
@pytest.mark.parametrize("refusal", [400, 404, 429, 503])
def test_other_refusals_are_refusals(refusal: int) -> None:
    def holds_it(request: Request) -> bool:
        return SECRET in "".join(request.header("X-API-Key"))

    scheme, key = {"type": "apiKey", "in": "header", "name": "X-API-Key"}, in_field("X-API-Key", SECRET)
    found, served, asked = found_by(scheme, key, holds_it, refusal=refusal)
    assert found == [] and 0 < served < asked


# What it asks is the same each time, and made up: nothing of it was read in the files of this machine.
def test_nothing_is_read_in_source_files() -> None:
    text = {"name": "q", "in": "query", "required": True, "schema": {"type": "string"}}
    key = in_field("X-API-Key", SECRET)
    runs: list[list[str]] = [[], []]
    for asked in runs:
        scheme = {"type": "apiKey", "in": "header", "name": "X-API-Key"}
        found_by(scheme, key, lambda request: False, text, examples=300, asked=asked)
    assert runs[0] == runs[1] and len(set(runs[0])) > 100
    assert not list(Path(_home().name).rglob("constants"))  # where Hypothesis would keep what it has read
    texts = {
        unquote_plus(each) for url in runs[0] for each in (url.rpartition("=")[2], url[28:].split("?")[0])
    }
    assert not [each for each in texts if each.isalpha() and each.isascii() and len(each) > 5]


# --- the document of one operation -------------------------------------------------------------------


# Of all components only those go along that the operation needs, however it comes to them.
def test_only_what_is_referred_to() -> None:
    components = {
        "schemas": {
            "a/b": {"type": "object", "properties": {"next": {"$ref": "#/components/schemas/c/items"}}},
            "c": {"items": {"type": "string", "$id": "http://127.0.0.1:9/c.json"}},
            "alone": {"type": "object"},
        },
        "examples": {"far": {"externalValue": "http://127.0.0.1:9/far.json"}},
        "callbacks": {"x": {}},
    }
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/a~1b"}, "examples": {
        "far": {"$ref": "#/components/examples/far"}, "gone": {"$ref": "http://127.0.0.1:9/gone.json"},
    }}}  # fmt: skip
    made = alone(described(components, requestBody={"content": content}), None)
    assert set(made["components"]["schemas"]) == {"a/b", "c"}
    assert set(made["components"]) == {"schemas", "examples", "securitySchemes"}
    assert "127.0.0.1" not in str(made)


# A document that would fill the machine's memory is left alone: aliases of aliases, or schemas without end.
def test_documents_without_end() -> None:
    bomb: Any = ["x"] * 10
    for _ in range(20):
        bomb = [bomb] * 10
    began = time.monotonic()
    for schema in ({"enum": bomb}, {"properties": {"a": {"default": {"b": bomb}}}}):
        content = {"application/json": {"schema": schema}}
        with pytest.raises(CannotSpoil, match="in the document the operation has more than 50000 parts"):
            alone(described({}, requestBody={"content": content}), None)
    assert time.monotonic() - began < 5


# A security scheme that is none takes nobody's time.
def test_schemes_that_are_none() -> None:
    made = alone(described({"securitySchemes": {"it": {"type": ["oauth2"]}, "no": 1}}), None)
    assert made["components"]["securitySchemes"] == {"it": {"type": ["oauth2"]}}


# An error of Schemathesis is told in its words, any other by its name: it could speak of this machine.
def test_what_errors_tell() -> None:
    lost = {"name": "q", "in": "query", "required": True, "schema": {"$ref": "#/components/schemas/none"}}
    with pytest.raises(Exception) as caught:
        found_by({"type": "http", "scheme": "bearer"}, Presented(), lambda request: True, lost)
    assert _told(caught.value) == "InvalidSchema: Unresolvable reference in the schema"
    assert _told(ImportError("cannot import (/home/somebody/authconform.py)")) == "ImportError"
