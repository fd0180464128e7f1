"""Documents of others: unusual ways to write are read all the same, and what is hostile harms nobody."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
import scene

from harness import inventory
from harness.errors import InputError
from harness.inventory import Listed, filling
from harness.model import CredentialKind, Operation

ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}


def document(paths: Any, **more: Any) -> dict[str, Any]:
    """One whose operations need a key."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "Notes", "version": "1"},
        "servers": [{"url": "https://api.notes.example/v1"}],
        "security": [{"key": []}],
        "components": {"securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-API-Key"}}},
        "paths": paths,
        **more,
    }


def listed(written: Any, *operations: Operation) -> tuple[dict[str, Listed], list[str]]:
    """The operations that a document protects, by their names, and what was left aside."""
    key = CredentialKind("key", "api-key", "own", (), {"field": "x-api-key"}, scene.PROFILE)
    profile = scene.profile(*(operations or [scene.operation()]), credentials={"key": key})
    content = written if isinstance(written, str) else json.dumps(written)
    read = inventory.inventory(content.encode(), "api.yaml")
    found, notes = inventory.listed(read, profile, scene.target("http://127.0.0.1:9"))
    return {each.operation.name: each for each in found}, notes


# A path may be written elsewhere, and may hold what a pointer writes in its own way.
def test_paths_by_reference() -> None:
    item = {"parameters": [ID], "get": {}, "delete": {}}
    paths = {"/notes/{id}": {"$ref": "#/components/pathItems/note"}, "/a%2Fb~1c": {"get": {}}}
    written = document(paths)
    written["components"]["pathItems"] = {"note": item}
    found, notes = listed(written)
    assert set(found) == {"GET /notes/{id}", "DELETE /notes/{id}", "GET /a%2Fb~1c"} and notes == []
    assert found["GET /a%2Fb~1c"].operation.path == "/v1/a%2Fb~1c"


# YAML takes over members by <<: what such a member says of who may ask counts.
def test_merge_keys() -> None:
    written = """
openapi: 3.0.3
servers: [{url: /}]
security: [{key: []}]
x-open: &open {security: []}
x-more: &more {security: [{key: []}], operationId: taken-over}
components: {securitySchemes: {key: {type: apiKey, in: header, name: X-API-Key}}}
paths:
  /status: {get: {<<: *open, responses: {}}}
  /notes: {get: {<<: [*more, *open], operationId: own}}
  /tags: {get: {"<<": *open}}
"""
    found, _ = listed(written)
    assert {name: each.label for name, each in found.items()} == {
        "GET /notes": "own",
        "GET /tags": "GET-tags",
    }


# Many documents protect all there is and forget the one path that is open; the profile knows better.
def test_what_the_profile_has_public() -> None:
    paths = {"/health": {"get": {}}, "/notes": {"get": {}}}
    public = scene.operation("status", path="/v1/health", public=True)
    found, notes = listed(document(paths), public, scene.operation(path="/v1/notes"))
    assert set(found) == {"GET /notes"}
    assert notes == ["#/paths/~1health/get: by the profile 'status' is public, and is not asked"]


# One path that the profile has twice, once for everybody: with its guard it is asked.
def test_public_and_protected_alike() -> None:
    public = scene.operation("open", path="/v1/notes", public=True)
    found, notes = listed(document({"/notes": {"get": {}}}), public, scene.operation(path="/v1/notes"))
    assert found["GET /notes"].part.is_known and notes == []


# What is no text, no address and no scheme is left aside with a word, and the rest is asked.
@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"servers": [{"url": "//["}, {"url": "/v1"}]}, "#/servers: '//[' is no http or https URL"),
        ({"servers": [{"url": "/\ud800"}, {"url": "/v1"}]}, "is no http or https URL"),
        ({"servers": {"url": "/v1"}}, None),
        ({"paths": {"/notes": {"get": {}}, "/more": 7}}, "#/paths/~1more: a mapping was expected"),
        ({"paths": {"/notes": {"get": {}}, "more": {"get": {}}}}, "#/paths/more/get: 'more' is no path"),
        ({"paths": {"/notes": {"get": {}}, "/more": {"get": {"parameters": [{"name": "\ud800"}]}}}},
         "cannot be the name of a parameter"),
        ({"paths": {"/notes": {"get": {}}, "/more": {"get": {"parameters": [{"$ref": "#/paths"}, 1]}}}},
         "#/paths/~1more/get: a mapping was expected"),
    ],
)  # fmt: skip
def test_what_is_left_aside(change: dict[str, Any], told: str | None) -> None:
    found, notes = listed({**document({"/notes": {"get": {}}}), **change})
    assert "GET /notes" in found
    assert [each for each in notes if told and told in each] or not told, notes


# Whatever stands where something else should, the document is listed or refused with a word.
def test_no_value_is_a_crash() -> None:
    query = {"name": "q", "in": "query", "required": True, "schema": {"type": "integer"}}
    body = {"content": {"application/json": {"schema": {"type": "object", "required": ["a"]}}}}
    whole = document(
        {"/notes/{id}": {"parameters": [ID], "post": {"parameters": [query], "requestBody": body}}}
    )
    strange = (
        None,
        0,
        10**400,
        "",
        "\ud800",
        "//[",
        [],
        [None],
        {"$ref": "#/"},
        {"$ref": 1},
        {"type": ["null"]},
    )
    for place in places(whole):
        for value in strange:
            written = json.loads(json.dumps(whole))
            put(written, place, value)
            try:
                listed(json.dumps(written))
            except InputError as error:
                assert str(error).startswith("api.yaml"), (place, value)


def places(value: Any, place: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where in a document something stands."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = [each for key, held in inner for each in places(held, (*place, key))]
    return [place, *found] if place else found


def put(written: Any, place: tuple[Any, ...], value: Any) -> None:
    for key in place[:-1]:
        written = written[key]
    written[place[-1]] = value


# --- what would never end ----------------------------------------------------------------------------


# A schema that asks for itself many times over is made as far as it is worth while.
def test_schemas_of_themselves() -> None:
    names = [f"n{number}" for number in range(40)]
    node = {"type": "object", "required": names, "properties": {each: {"$ref": "#/node"} for each in names}}
    began = time.monotonic()
    made = filling.instance({"node": node}, {"$ref": "#/node"})
    assert set(made) <= set(names) and 500 < len(json.dumps(made)) < 100_000
    wide = {"allOf": [{"$ref": "#/wide"}] * 50}
    filling.instance({"wide": wide}, wide)
    assert time.monotonic() - began < 2


# Aliases of aliases are no example that anybody could send.
def test_aliases_of_aliases() -> None:
    lines = ["x-0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"x-{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    lines += [
        "x-m0: &m0 {a: 1}",
        *(f"x-m{n}: &m{n} {{<<: [*m{n - 1}, *m{n - 1}], b{n}: 1}}" for n in range(1, 90)),
    ]
    schema = "{schema: {enum: [*a11], default: *a11}, example: *a11, examples: {one: {value: *a11}}}"
    paths = f"/notes: {{post: {{requestBody: {{content: {{application/json: {schema}}}}}}}}}"
    began = time.monotonic()
    found, _ = listed(as_yaml(lines, paths))
    assert found["POST /notes"].operation.body == "authconform"
    assert time.monotonic() - began < 5


# A document that takes over too much is refused, and not read in part: nothing of it would be asked.
def test_too_much_that_is_taken_over() -> None:
    thousand = ", ".join(f"k{number}: 1" for number in range(1000))
    for times, told in ((3000, "too many values"), (3, None)):
        paths = f"/notes: {{<<: [{', '.join(['*m'] * times)}], get: {{}}}}"
        began = time.monotonic()
        try:
            found, _ = listed(as_yaml([f"x-m: &m {{{thousand}}}"], paths))
        except InputError as error:
            assert told and told in str(error)
        else:
            assert told is None and set(found) == {"GET /notes"}
        assert time.monotonic() - began < 5


def as_yaml(lines: list[str], paths: str) -> str:
    """A document with these lines before it."""
    rest = [f"{key}: {json.dumps(value)}" for key, value in document({}).items() if key != "paths"]
    return "\n".join([*lines, *rest, "paths:", f"  {paths}"])
