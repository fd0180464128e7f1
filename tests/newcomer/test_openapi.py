"""What is read of an OpenAPI document: schemes, operations, schemas; and what a hostile one comes to."""

from __future__ import annotations

import json
from typing import Any

import pytest

from harness.checks.bodies import FORMATS
from harness.errors import InputError
from harness.openapi import cut, parse, survey
from harness.openapi.schemas import DIALECT

OK = {"200": {"content": {"application/json": {"schema": {"type": "array"}}}}}


def described(**parts: Any) -> Any:
    return survey({"openapi": "3.1.0", "info": {"title": "An API"}, **parts}, "api.yaml")


def refused(content: bytes) -> str:
    with pytest.raises(InputError) as error:
        survey(parse(content, "api.yaml"), "api.yaml")
    return str(error.value)


# --- reading ---------------------------------------------------------------------------------------


# YAML as others write it: numbers as keys, anchors, dates, words that YAML 1.1 takes for booleans.
def test_yaml_of_others() -> None:
    text = b"""
200: &shared {since: 2024-01-31, country: NO, size: 1.5, many: 12, none: null, on: true}
again: *shared
quoted: "200"
"""
    shared = {"since": "2024-01-31", "country": "NO", "size": 1.5, "many": 12, "none": None, "on": True}
    assert parse(text, "x") == {"200": shared, "again": shared, "quoted": "200"}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "api.yaml: the file is empty. Check the path."),
        (b"\xff\xfe", "api.yaml:1: the file is not UTF-8. Save it as UTF-8."),
        (b'{"openapi": }', "api.yaml:1: this is not JSON: Expecting value. Mend it, or save it as YAML."),
        (b'{"a": ' + b"9" * 5000 + b"}", "api.yaml: a number in it is longer than any API has. This is no"),
        (b"openapi: [3.1.0\n", "api.yaml:2: this is neither YAML nor JSON: did not find expected ',' or ']'"),
        (b"a: &a [*a]", "api.yaml:1: the alias '*a' stands for nothing. Write the value out."),
        (b"[" * 5000, "api.yaml: nested more than 100 levels deep. This is no OpenAPI document."),
        (b"a: " + b"[" * 400, "api.yaml:1: nested more than 100 levels deep. This is no OpenAPI document."),
        (b"x" * ((16 << 20) + 1), "api.yaml: the document is larger than 16 MiB. Leave out what "),
        (b"a text", "api.yaml: this is no OpenAPI document. It begins with openapi: 3.1.0, or so; give that"),
        (b"swagger: '2.0'", "api.yaml: this is Swagger 2.0. Convert it to OpenAPI 3.0 first; many tools do."),
        (b"openapi: 4.0.0", "api.yaml: the version '4.0.0' of OpenAPI is unknown. Give one of 3.0 or 3.1."),
    ],
)  # fmt: skip
def test_no_document(content: bytes, sentence: str) -> None:
    assert refused(content).startswith(sentence)


# A few lines of aliases can stand for billions of values; they are shared, and each is looked at once.
def test_aliases_that_multiply() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    assert refused("\n".join(lines).encode()).startswith("api.yaml: this is no OpenAPI document")
    bomb = "\n".join([*lines, "openapi: 3.1.0", "paths: {/a: {get: {responses: {200: {content: {"
                      "application/json: {schema: {allOf: *a29}}}}}}}}"])  # fmt: skip
    (endpoint,) = survey(parse(bomb.encode(), "x"), "x").endpoints
    _, notes = cut({"openapi": "3.1.0"}, endpoint.answer, "#/x", FORMATS)
    assert notes == [] or "has more than 20000 parts" in notes[0]


# --- security schemes ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "kind", "slot", "field", "scheme"),
    [
        ({"type": "http", "scheme": "bearer"}, "bearer", "", "", ""),
        ({"type": "http", "scheme": "Bearer", "bearerFormat": "JWT"}, "jwt", "", "", ""),
        ({"type": "http", "scheme": "basic"}, "basic", "", "", ""),
        ({"type": "http", "scheme": "Token"}, "api-key", "header", "Authorization", "Token"),
        ({"type": "apiKey", "in": "header", "name": "X-Key"}, "api-key", "header", "X-Key", ""),
        ({"type": "apiKey", "in": "query", "name": "key"}, "api-key", "query", "key", ""),
        ({"type": "apiKey", "in": "cookie", "name": "sid"}, "api-key", "cookie", "sid", ""),
        ({"type": "apiKey", "in": "header", "name": "authorization"},
         "api-key", "header", "Authorization", ""),
        ({"type": "apiKey", "in": "header", "name": "Authorization", "description": "Bearer TOKEN"},
         "bearer", "", "", ""),
        ({"type": "openIdConnect", "openIdConnectUrl": "https://x.example"}, "bearer", "", "", ""),
        ({"type": "oauth2", "flows": {"authorizationCode": {}}}, "bearer", "", "", ""),
    ],
)  # fmt: skip
def test_schemes(written: dict[str, Any], kind: str, slot: str, field: str, scheme: str) -> None:
    (found,) = described(components={"securitySchemes": {"a": written}}).schemes.values()
    assert (found.kind, found.slot, found.field, found.scheme) == (kind, slot, field, scheme)


@pytest.mark.parametrize(
    ("written", "note"),
    [
        ({"type": "http", "scheme": "digest"}, "Digest (RFC 7616) is not tested by authconform"),
        ({"type": "http", "scheme": "a b"}, "'a b' is no authentication scheme"),
        ({"type": "mutualTLS"}, "for mutual TLS give the target tls: {client-certificate: FILE}"),
        ({"type": "apiKey", "in": "body", "name": "x"}, "in is 'body', not header, query or cookie"),
        ({"type": "apiKey", "in": "header", "name": "x\r\ny"}, "'x\\r\\ny' cannot be the name of a header"),
        ({"type": "oauth2"}, "an oauth2 scheme without flows"),
        ({"type": "magic"}, "the type 'magic' is none of OpenAPI's"),
        ("none", "a mapping was expected"),
        ({"$ref": "#/components/securitySchemes/a"}, "the reference goes round in a circle"),
        ({"$ref": "other.yaml#/a"}, "the reference 'other.yaml#/a' leads out of the document, and nothing is "
         "fetched: bundle the document into one file first"),
        ({"$ref": "#/components/nowhere"}, "the reference '#/components/nowhere' leads to nothing"),
    ],
)  # fmt: skip
def test_schemes_left_aside(written: Any, note: str) -> None:
    found = described(components={"securitySchemes": {"a": written}})
    assert not found.schemes
    assert found.notes == (f"#/components/securitySchemes/a: {note}",)


# --- operations ------------------------------------------------------------------------------------

SCHEMES = {"securitySchemes": {"t": {"type": "http", "scheme": "bearer"}, "k": {"type": "mutualTLS"}}}


def endpoint(operation: dict[str, Any], path: str = "/a", **parts: Any) -> Any:
    found = described(components=SCHEMES, paths={path: {"get": {"responses": OK, **operation}}}, **parts)
    assert found.notes[1:] == ()  # but for the scheme that cannot be tested
    return found.endpoints[0]


# An operation's own security stands in place of the document's; an empty one, or an empty way in, is public.
def test_security() -> None:
    assert endpoint({}).is_public
    assert endpoint({}, security=[{"t": []}]).schemes == {"t"}
    assert endpoint({"security": []}, security=[{"t": []}]).is_public
    assert endpoint({"security": [{"t": []}, {}]}).is_public
    # what needs a scheme that cannot be tested is not public for that
    assert not endpoint({"security": [{"k": []}]}).is_public
    assert endpoint({"security": [{"k": []}, {"t": []}]}).schemes == {"t"}
    assert endpoint({"security": [{"t": [], "k": []}]}).schemes == frozenset()


# Names in the path and required ones of the query are to be filled in, with the examples that there are.
def test_parameters() -> None:
    found = endpoint(
        {
            "parameters": [
                {"name": "tenant-id", "in": "path", "required": True, "example": "acme"},
                {"name": "q", "in": "query", "required": True, "schema": {"enum": ["a", "b"]}},
                {"name": "page", "in": "query"},
                {"name": "filter[a b]", "in": "query", "required": True, "example": "x"},
                {"name": "X-Version", "in": "header", "required": True},
                {"name": "Authorization", "in": "header", "required": True},
            ]
        },
        "/t/{tenant-id}/{2nd}",
    )
    assert found.path == "/t/${tenant-id}/${x-2nd}?q=${q}&filter[a%20b]=${filter-a-b}"
    assert found.variables == {"tenant-id": "acme", "x-2nd": "", "q": "a", "filter-a-b": "x"}
    assert found.headers == ("X-Version",)


# Servers: variables by their defaults, relative to where the document came from, no others.
def test_servers() -> None:
    servers = [
        {"url": "https://{region}.example.com/v1/", "variables": {"region": {"default": "eu"}}},
        {"url": "/v2"},
        {"url": "ftp://x.example"},
        {"url": "http://["},
    ]
    root = {"openapi": "3.0.1", "servers": servers}
    assert survey(root, "x").servers == ("https://eu.example.com/v1", "/v2")
    found = survey(root, "x", "https://docs.example.com/api/openapi.json")
    assert found.servers == ("https://eu.example.com/v1", "https://docs.example.com/v2")
    assert found.notes == (
        "#/servers: 'ftp://x.example' is no http or https URL",
        "#/servers: 'http://[' is no http or https URL",
    )
    assert survey({"openapi": "3.0.1"}, "x", "https://docs.example.com/a/b").servers == (
        "https://docs.example.com",
    )


# --- schemas ---------------------------------------------------------------------------------------


def cutting(schema: Any, version: str = "3.1.0", **schemas: Any) -> tuple[Any, list[str]]:
    return cut({"openapi": version, "components": {"schemas": schemas}}, schema, "#/x", FORMATS)


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


# What a schema refers to comes along, each once, also where it refers to itself.
def test_references() -> None:
    tree = {"type": "object", "required": ["id"], "properties": {"id": {}, "kids": {"items": ref("Tree")}}}
    made, notes = cutting({"type": "array", "items": ref("Tree")}, Tree=tree)
    assert notes == []
    assert made["items"] == {"$ref": "#/$defs/Tree"}
    assert made["$defs"]["Tree"]["properties"]["kids"] == {"items": {"$ref": "#/$defs/Tree"}}


# What leads out of the document, or is made of nothing but itself, lets anything pass, and is told.
def test_references_that_lead_nowhere() -> None:
    shape = {"type": "object", "required": ["a"], "properties": {"a": {"$ref": "https://x.example/s#/A"}}}
    made, (note,) = cutting(shape)
    assert made["properties"]["a"] == {}
    assert note == (
        "#/x: the reference 'https://x.example/s#/A' leads out of the document, and nothing is fetched: "
        "bundle the document into one file first; anything is accepted there"
    )
    made, notes = cutting(
        {"type": "array", "items": ref("A")},
        A={"allOf": [ref("B")]},
        B={"anyOf": [ref("A"), {"type": "null"}]},
    )
    assert made["$defs"] == {"A": True, "B": True}
    assert notes[0] == "#/x: the schema 'A' is made of itself; anything is accepted there"


# However long a chain of references is, and whether or not it ends.
def test_long_chains() -> None:
    chain = {f"S{n}": {"allOf": [ref(f"S{n + 1}")]} for n in range(5_000)}
    made, notes = cutting({"type": "array", "items": ref("S0")}, S5000={"type": "object"}, **chain)
    assert notes == [] and len(made["$defs"]) == 5_001
    _, notes = cutting({"type": "array", "items": ref("S0")}, S5000=ref("S2500"), **chain)
    assert len(notes) == 2_501


# What OpenAPI 3.0 writes in its own way, formats that are not checked, and what only requests have.
def test_as_json_schema_has_it() -> None:
    made, _ = cutting(
        {
            "type": "object",
            "required": ["id", "secret"],
            "discriminator": {"propertyName": "id"},
            "properties": {
                "id": {"type": "integer", "format": "int64", "minimum": 0, "exclusiveMinimum": True},
                "name": {"type": "string", "nullable": True, "pattern": "(", "example": "x"},
                "when": {"type": "string", "format": "date-time"},
                "secret": {"type": "string", "writeOnly": True},
                "of": {**ref("Other"), "description": "beside a reference nothing counts"},
            },
        },
        "3.0.3",
        Other={"type": "string"},
    )
    assert made["required"] == ["id"]
    assert made["properties"] == {
        "id": {"type": "integer", "exclusiveMinimum": 0},
        "name": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "when": {"type": "string", "format": "date-time"},
        "secret": {"type": "string"},
        "of": {"$ref": "#/$defs/Other"},
    }


# Values that a keyword cannot have, which many documents hold, are left out and told: the rest still counts.
def test_values_that_mean_nothing() -> None:
    written = {
        "type": "object",
        "required": ["id", "id"],
        "properties": {
            "id": {"type": "string", "required": True, "minLength": "1"},
            "n": {"type": "any", "exclusiveMinimum": True, "enum": "x", "pattern": "a{99999999999}"},
            "m": {"type": ["string", "null"], "minimum": 1.5, "uniqueItems": False},
        },
    }
    made, notes = cutting(written)
    assert made == {
        "$schema": DIALECT,
        "type": "object",
        "required": ["id"],
        "properties": {"id": {"type": "string"}, "n": {}, "m": written["properties"]["m"]},
    }
    assert notes == [
        f"#/x: {told} means nothing in a schema, and is left out"
        for told in (
            *("required: 'True'", "minLength: '1'", "type: 'any'", "enum: 'x'"),
            "exclusiveMinimum: 'True'",
        )
    ]


# A schema that an error fits as well would make each refusal an acceptance: one of its members must be there.
def test_schemas_that_tell() -> None:
    made, _ = cutting({"type": "object", "properties": {"a": {}, "b": {}}})
    assert made["anyOf"] == [{"required": ["a"]}, {"required": ["b"]}]
    made, _ = cutting(ref("A"), A={"allOf": [{"properties": {"a": {}}}], "anyOf": [{}, {}]})
    assert made["anyOf"] == [{"required": ["a"]}] and made["$ref"] == "#/$defs/A"
    made, _ = cutting({"properties": {"a": {}}, "anyOf": [{"type": "object"}]})
    assert made["anyOf"] == [{"type": "object"}] and made["allOf"] == [{"anyOf": [{"required": ["a"]}]}]
    for telling in ({"type": "array"}, {"required": ["a"]}, {"allOf": [ref("A")]}):
        made, _ = cutting(telling, A={"type": ["string", "null"]})
        assert "anyOf" not in made
    for empty in ({}, True, {"type": "object"}, {"type": "object", "additionalProperties": True}, "no"):
        assert cutting(empty) == (None, [])


# A schema of more parts than anybody reads is left aside.
def test_huge_schema() -> None:
    wide = {"type": "object", "properties": {f"p{n}": {"type": "string"} for n in range(25_000)}}
    assert cutting(json.loads(json.dumps(wide))) == (None, ["#/x: the schema has more than 20000 parts"])
