"""`authconform init --openapi`: what it writes of a document, and what it refuses."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import notes
import pytest
from deployment import Told, loaded

WRITTEN = ["profile.yaml", "target.yaml"]


def document(**parts: Any) -> dict[str, Any]:
    """A small one, whose parts are these."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "Things"},
        "servers": [{"url": "https://things.example.com"}],
        "security": [{"t": []}],
        "components": {"securitySchemes": {"t": {"type": "http", "scheme": "bearer"}}},
        "paths": {"/things": {"get": {"responses": {"200": {"description": "all"}}}}},
        **parts,
    }


def init(told: Told, value: Any, *options: str) -> tuple[int, str]:
    Path("api.json").write_text(json.dumps(value))
    return told.of("init", "--openapi", "api.json", *options)


def without_comments(file: str) -> list[str]:
    return [line for line in Path(file).read_text().splitlines() if not line.lstrip().startswith("#")]


# --- from a document -------------------------------------------------------------------------------


# The whole of both files for the small API that the other tests use.
def test_what_is_written(told: Told) -> None:
    Path("notes.yaml").write_text(notes.DOCUMENT.replace("PORT", "8123"))
    code, said = told.of("init", "--openapi", "notes.yaml")
    assert (code, said.splitlines()) == (
        0,
        [
            "wrote profile.yaml, 6 questions",
            "wrote target.yaml, 3 questions",
            "wrote schemas/refusal.json",
            "wrote schemas/protected.json",
            "wrote schemas/read-account.json",
            "left aside: 2 more operations are not in the profile: run --openapi asks them all the same; "
            "add those that authenticate otherwise",
            "Answer what begins with QUESTION, then: authconform doctor --target target.yaml",
        ],
    )
    assert without_comments("profile.yaml") == [
        "profile: notes",
        "title: Notes API",
        "extends: standard",
        "credentials:",
        "  token: {kind: bearer}",
        "  key: {kind: api-key, field: X-API-Key}",
        "operations:",
        "  protected:",
        "    request: GET /notes",
        "    accepted: {status: 200, schema: protected.json}",
        "  read-account:",
        "    request: GET /account",
        "    takes: [token]",
        "    accepted: {status: 200, schema: read-account.json}",
        "  health:",
        "    request: GET /health",
        "    public: true",
        "    accepted: {status: 200}",
    ]
    assert without_comments("target.yaml") == [
        "profile: profile.yaml",
        "environment: staging",
        "places:",
        '  own: {url: "http://127.0.0.1:8123/v1"}',
        "credentials:",
        "  token: {env: NOTES_TOKEN}",
        "  key: {env: NOTES_KEY}",
    ]
    assert loaded(told).profile.operations["health"].public


# Every way to authenticate has the name that suites have for it; those that the operation takes come first.
def test_names_of_credentials(told: Told) -> None:
    schemes = {
        "session": {"type": "apiKey", "in": "cookie", "name": "sid"},
        "PartnerKey": {"type": "apiKey", "in": "query", "name": "key"},
        "user": {"type": "http", "scheme": "basic"},
        "login": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
        "again": {"type": "http", "scheme": "basic"},
    }
    security = [{name: []} for name in ("login", "user", "PartnerKey")]
    code, said = init(told, document(security=security, components={"securitySchemes": schemes}))
    assert code == 0, said
    inputs = loaded(told)
    assert {name: (kind.mechanism, kind.options) for name, kind in inputs.profile.credentials.items()} == {
        "key": ("api-key", {"query": "key"}),
        "basic": ("basic", {}),
        "jwt": ("jwt", {"made-by": "api"}),
        "session": ("api-key", {"cookie": "sid"}),
    }
    assert inputs.profile.operations["protected"].takes == {"key", "basic", "jwt"}
    assert "  basic: {env: THINGS_BASIC}   # user:password" in Path("target.yaml").read_text()


# Of two schemes that are presented alike either opens what takes the other: many frameworks declare both.
def test_schemes_that_are_alike(told: Told) -> None:
    schemes = {
        "HTTPBearer": {"type": "http", "scheme": "bearer"},
        "OAuth2": {"type": "oauth2", "flows": {"password": {"tokenUrl": "token"}}},
    }
    ok = {"200": {"description": "fine"}}
    paths = {"/me": {"get": {"operationId": "refusal", "security": [{"OAuth2": []}], "responses": ok}}}
    code, said = init(told, document(components={"securitySchemes": schemes}, paths=paths))
    assert code == 0, said
    profile = loaded(told).profile
    assert list(profile.credentials) == ["token"]
    assert profile.operations["protected"].path == "/me"


# An operation may be called as the schema of refusals is: each keeps its own.
def test_an_operation_called_refusal(told: Told) -> None:
    def answer(status: str, member: str) -> dict[str, Any]:
        schema = {"type": "object", "required": [member]}
        return {status: {"content": {"application/json": {"schema": schema}}}}

    paths = {
        "/a": {"get": {"responses": {**answer("200", "a"), **answer("401", "error")}}},
        "/refusals": {"get": {"operationId": "refusal", "responses": answer("200", "refusals")}},
    }
    assert init(told, document(paths=paths))[0] == 0
    required = {each.stem: json.loads(each.read_text())["required"] for each in Path("schemas").iterdir()}
    assert required == {"protected": ["a"], "refusal": ["error"], "refusal-2": ["refusals"]}


# A client gets its token itself: at its own place, where that is another host.
@pytest.mark.parametrize(
    ("token_url", "request_", "places"),
    [
        ("/oauth/token", "POST /oauth/token", {"own": "https://things.example.com"}),
        ("https://login.example.com/t?x=1", "POST /t",
         {"own": "https://things.example.com", "auth": "https://login.example.com"}),
    ],
)  # fmt: skip
def test_client_credentials(told: Told, token_url: str, request_: str, places: dict[str, str]) -> None:
    flows = {"clientCredentials": {"tokenUrl": token_url, "scopes": {}}}
    code, said = init(
        told, document(components={"securitySchemes": {"t": {"type": "oauth2", "flows": flows}}})
    )
    assert code == 0, said
    inputs = loaded(told)
    assert {name: place.url for name, place in inputs.target.places.items()} == places
    assert inputs.profile.lifecycle["token-request"].what == request_
    assert {name: each.source for name, each in inputs.target.credentials.items()} == {
        "client": "env",
        "token": "obtained",
    }


# The operation that most scenarios use changes nothing, needs nothing, and takes most credentials.
def test_which_operation(told: Told) -> None:
    ok = {"200": {"content": {"application/json": {"schema": {"type": "array"}}}}}
    paths = {
        "/a": {"get": {"responses": ok, "security": []}},
        "/logout": {"get": {"responses": ok}},
        "/b/{id}": {"get": {"responses": ok}},
        "/c": {"get": {"responses": ok, "parameters": [{"name": "X-V", "in": "header", "required": True}]}},
        "/d": {"post": {"responses": ok}},
        "/e": {"get": {"responses": {"204": {"description": "nothing"}}}},
        "/things/mine": {"get": {"responses": ok}},
        "/g": {"get": {"responses": {"302": {"description": "elsewhere"}}}},
    }
    assert init(told, document(paths=paths))[0] == 0
    operations = loaded(told).profile.operations
    assert {each.name: each.path for each in operations.values()} == {
        "protected": "/things/mine",
        "e": "/e",
        "logout": "/logout",
        "a": "/a",
    }


# Where each path has a name in it the place has a value for it, to be put right.
def test_variables(told: Told) -> None:
    ok = {"200": {"description": "fine"}}
    paths = {"/t/{tenant}/x": {"get": {"responses": ok, "parameters": [{"name": "tenant", "in": "path"}]}}}
    assert init(told, document(paths=paths))[0] == 0
    assert loaded(told).target.places["own"].variables == {"tenant": "1"}
    asked = "  # QUESTION: what is the right value of tenant for the credentials below?"
    assert asked in Path("target.yaml").read_text().splitlines()


# An API that refuses with 403 says so for every reason for which the standards would have another status.
def test_refused_with_403(told: Told) -> None:
    paths = {"/x": {"get": {"responses": {"200": {"description": "all"}, "403": {"description": "no"}}}}}
    assert init(told, document(paths=paths))[0] == 0
    refusals = loaded(told).profile.refusals
    found = {
        name: next(each.args["is"] for each in refusals[name] if each.check == "status")
        for name in (
            "missing-credential",
            "unknown-token",
            "malformed-credential",
            "altered-token",
            "wrong-slot",
        )
    }
    assert found == {
        "missing-credential": 403,
        "unknown-token": 403,
        "malformed-credential": [400, 403],
        "altered-token": [400, 403],
        "wrong-slot": [400, 403],
    }


# Whatever a document calls things, the files are good ones, and nothing of it is a key or a value of its own.
@pytest.mark.parametrize(
    "name",
    [
        "",
        "x: y",
        "#",
        "'\"",
        "- a\n- b",
        "\x1b[31m",
        "ü",
        "ﷺ" * 50,
        "null",
        "1",
        "${x}",
        "a\nprofile: evil",
        "{",
        "*",
    ],
)
def test_hostile_names(told: Told, name: str) -> None:
    schemes = {
        "t": {"type": "http", "scheme": "bearer"},
        name: {"type": "apiKey", "in": "query", "name": "k"},
    }
    operation = {"operationId": name, "responses": {"200": {"description": name}}}
    paths = {
        "/things": {"get": operation},
        f"/{name}": {"get": operation},
        f"/x/{{{name}}}": {"get": operation},
    }
    written = document(
        info={"title": name},
        components={"securitySchemes": schemes},
        paths=paths,
        security=[{"t": []}, {name: []}],
    )
    code, said = init(told, written)
    assert code == 0 and "\x1b" not in said, said
    inputs = loaded(told)
    assert set(inputs.profile.credentials) == {"token", "key"}


# What cannot be used is told with its place; where nothing is left, what to do instead.
@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        ({"components": {}}, "authconform: the document names no security scheme that can be tested. "
         "Run authconform init without --openapi, and answer its questions."),
        ({"components": {"securitySchemes": {"t": {"$ref": "#/components/securitySchemes/t"}}}},
         "  #/components/securitySchemes/t: the reference goes round in a circle"),
        ({"paths": {"/a": {"$ref": "#/paths/~1a"}}}, "  #/paths/~1a: the reference goes round in a circle"),
        ({"paths": {}}, "the document has no GET that needs a credential, asks for no body and answers with"),
        ({"paths": {"/a": {"$ref": "https://x.example/paths"}}},
         "  #/paths/~1a: the reference 'https://x.example/paths' leads out of the document, and nothing is"),
        ({"paths": "none"}, "the document has no GET that needs a credential"),
    ],
)  # fmt: skip
def test_nothing_to_use(told: Told, parts: dict[str, Any], sentence: str) -> None:
    code, said = init(told, document(**parts))
    assert code == 2 and sentence in said, said
    assert not Path("profile.yaml").exists()


# --- files -----------------------------------------------------------------------------------------


# Nothing is written over that is there, unless that is said; all or nothing is written.
def test_never_overwrites(told: Told) -> None:
    Path("target.yaml").write_text("mine")
    code, said = init(told, document())
    assert (code, said) == (
        2,
        "authconform: target.yaml is there already. "
        "Give --out for another folder, or --force to write over.\n",
    )
    assert not Path("profile.yaml").exists() and Path("target.yaml").read_text() == "mine"
    assert init(told, document(), "--out", "made/here")[0] == 0
    assert sorted(each.name for each in Path("made/here").iterdir()) == WRITTEN
    assert told.of("init", "--profile", "kid-jwt")[1].startswith("authconform: target.yaml is there already.")
    assert init(told, document(), "--force")[0] == 0
    assert Path("target.yaml").read_text().startswith("# One deployment of Things.")
    code, said = init(told, document(), "--out", "api.json")
    assert code == 2 and said.startswith("authconform: api.json/profile.yaml cannot be written: ")


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("nothing.yaml", "nothing.yaml: there is no such file. Check the path."),
        (".", ".: this is a folder, not a file. Name a file in it."),
        ("http://", "'http://' is not an http or https URL of a document. Write https://HOST/PATH;"),
        ("https://me:pw@x.example/", "is not an http or https URL of a document. Write https://HOST/PATH;"),
        ("http://x.example:99999/", "'http://x.example:99999/' is not an http or https URL of a document."),
        ("http://nobody.invalid/openapi.json", "cannot be read: the name nobody.invalid does not resolve."),
    ],
)  # fmt: skip
def test_no_such_document(told: Told, source: str, sentence: str) -> None:
    code, said = told.of("init", "--openapi", source)
    assert code == 2 and sentence in said, said


class Documents(BaseHTTPRequestHandler):
    """Serves a document, and other things beside it."""

    def do_GET(self) -> None:
        if self.path == "/openapi.json":
            return self.answer(200, json.dumps(document(servers=[{"url": "/v1"}])).encode())
        if self.path == "/old":
            return self.answer(301, b"", ("Location", "/openapi.json"))
        if self.path == "/large":
            return self.answer(200, b" " * ((16 << 20) + 1))
        if self.path == "/page":
            return self.answer(200, b"<!doctype html><html><body>Try it: </body></html>")
        return self.answer(404, b"")

    def answer(self, status: int, body: bytes, *fields: tuple[str, str]) -> None:
        self.send_response(status)
        for name, value in (*fields, ("Content-Length", str(len(body)))):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        pass


# A document at a URL: its servers are relative to that. No redirect is followed, and not everything is read.
def test_document_at_a_url(told: Told) -> None:
    with notes.serving(Documents) as port:
        base = f"http://127.0.0.1:{port}"
        assert told.of("init", "--openapi", f"{base}/openapi.json")[0] == 0
        assert loaded(told).target.places["own"].url == f"{base}/v1"
        told_of = {path: told.of("init", "--force", "--openapi", f"{base}/{path}") for path in
                   ("old", "large", "page", "none")}  # fmt: skip
    assert {code for code, _ in told_of.values()} == {2}
    shown = {
        path: said.replace(base, "BASE").removeprefix("authconform: ") for path, (_, said) in told_of.items()
    }
    assert shown == {
        "old": "'BASE/old' is answered with 301, elsewhere. Give '/openapi.json' if you trust it.\n",
        "large": "'BASE/large' is larger than 16 MiB. Save it to a file, and give that.\n",
        "page": "BASE/page: this is no OpenAPI document. It begins with openapi: 3.1.0, or so; "
        "give that file, or run authconform init without --openapi.\n",
        "none": "'BASE/none' is answered with 404. Check it. Save it to a file, and give that.\n",
    }
