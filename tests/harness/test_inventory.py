"""`run --openapi`: every operation that an API's own document protects is asked, and what comes of it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import scene

from harness import inventory, shipped, suites
from harness.checks import CHECKS
from harness.errors import InputError
from harness.inventory import Listed, filling
from harness.inventory.operations import _prefix
from harness.model import CredentialKind, Tls
from harness.positions import parse

COMMAND = [sys.executable, "-c", "from harness.cli import main; main()"]
SECRET = "nk_Zk81bTq0Xw5cR7vLsE2d"
STANDARD = str(shipped.folder("specs") / "standard" / "openapi.yaml")

PROFILE = """\
profile: notes
title: Notes
extends: standard
credentials:
  key: {kind: api-key, field: X-API-Key, prefix: nk_}
operations:
  protected: {request: GET /v1/notes, accepted: {status: 200}}
"""
TARGET = """\
profile: ./profile.yaml
environment: ENVIRONMENT
places:
  own: {url: "http://127.0.0.1:PORT"}
credentials:
  key: {env: NOTES_KEY}
"""
KEY = {"key": {"type": "apiKey", "in": "header", "name": "X-API-Key"}}
ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
OK = {"200": {"description": "served"}}


def document(**paths: Mapping[str, Any]) -> str:
    """An OpenAPI document whose operations need a key; `notes_id` is the path /notes/{id}."""
    named = {"/" + name.replace("_id", "/{id}").replace("__", "/"): item for name, item in paths.items()}
    return json.dumps(
        {
            "openapi": "3.1.0",
            "info": {"title": "Notes", "version": "1"},
            "servers": [{"url": "https://api.notes.example/v1"}],
            "security": [{"key": []}],
            "components": {"securitySchemes": KEY},
            "paths": named,
        }
    )


@dataclass
class Api:
    """Notes, which need a key; what was asked of them, and in what they are wrong."""

    folder: Path
    port: int = 0
    open: set[str] = field(default_factory=set)
    any_key: set[str] = field(default_factory=set)
    hidden: set[str] = field(default_factory=set)
    asked: list[tuple[str, str, str | None]] = field(default_factory=list)
    """Method, path, key."""

    def answer(self, method: str, path: str, key: str | None) -> int:
        name = path.partition("?")[0]
        self.asked.append((method, path, key))
        if name == "/v1/missing" or not name.startswith("/v1/"):
            return 404
        if name == "/v1/fixed" and method != "GET":
            return 405
        if name not in self.open and key != SECRET and not (key and name in self.any_key):
            return 404 if name in self.hidden else 401
        return 200

    def run(self, written: str, *more: str, environment: str = "staging") -> tuple[int, str]:
        """The exit code and the words of a run with this document."""
        (self.folder / "profile.yaml").write_text(PROFILE)
        target = TARGET.replace("PORT", str(self.port)).replace("ENVIRONMENT", environment)
        (self.folder / "target.yaml").write_text(target)
        (self.folder / "api.json").write_text(written)
        selected = more or ("inventory",)
        ran = subprocess.run(
            [*COMMAND, "run", *selected, "--target", "target.yaml", "--openapi", "api.json", "--out", "out"],
            cwd=self.folder, capture_output=True, text=True, timeout=120, env={"NOTES_KEY": SECRET},
        )  # fmt: skip
        return ran.returncode, ran.stdout + ran.stderr

    def outcomes(self) -> dict[str, dict[str, Any]]:
        """Those of the last run by their ids."""
        lines = map(json.loads, (self.folder / "out" / "run.jsonl").read_text().splitlines())
        return {
            each["case"].removeprefix("inventory/operations/"): each
            for each in lines
            if each["kind"] == "outcome"
        }


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    """The API on loopback, and an empty folder to describe it in."""
    made = Api(tmp_path)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status = made.answer(self.command, self.path, self.headers.get("X-API-Key"))
            body = b"" if self.command == "HEAD" else b'{"notes": []}' if status == 200 else b"{}"
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            if status == 401:
                self.send_header("WWW-Authenticate", 'Key realm="notes"')
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = answer

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    made.port = server.server_port
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield made
    server.shutdown()
    server.server_close()
    thread.join()


# --- what is found ---------------------------------------------------------------------------------


# The bundled server keeps what the document beside its profile promises, of what no profile has too.
def test_right_server_conforms(tmp_path: Path) -> None:
    ran = subprocess.run(
        [*COMMAND, "run", "inventory", "--profile", "standard", "--out", "out"],
        cwd=tmp_path, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "\nconforms\n" in ran.stdout
    lines = [json.loads(each) for each in (tmp_path / "out" / "run.jsonl").read_text().splitlines()]
    verdicts = {each["case"]: each["verdict"] for each in lines if each["kind"] == "outcome"}
    for case in (
        "without-credential[whoami]", "head-without-credential[whoami]", "unknown-credential[jwt,whoami]",
        "foreign-credential[token,whoami]", "without-credential[remove]", "varied[export]",
    ):  # fmt: skip
        assert verdicts[f"inventory/operations/{case}"] == "pass", case
    assert not [case for case in verdicts if "jwks" in case or "public" in case]
    assert not (tmp_path / ".hypothesis").exists()


# One that forgets HEAD is found on an operation of which only the document speaks.
def test_wrong_server_is_found(tmp_path: Path) -> None:
    ran = subprocess.run(
        [*COMMAND, "run", "inventory/operations/head-without-credential", "--profile", "standard",
         "--openapi", STANDARD, "--fault", "head-unguarded", "--out", "out"],
        cwd=tmp_path, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert ran.returncode == 1
    assert "MUST rfc9110/9.3.2-head-like-get: HEAD needs the same credential as GET." in ran.stdout
    assert "inventory/operations/head-without-credential[whoami]" in ran.stdout


# An operation that forgets its check is found, by us and by Schemathesis, and no file holds the key.
def test_forgotten_check(api: Api) -> None:
    api.open = {"/v1/export"}
    (api.folder / "schemathesis.toml").write_text("this is no TOML")
    code, said = api.run(document(notes={"get": {"responses": OK}}, export={"get": {"responses": OK}}))
    assert code == 1, said
    assert "MUST practice/key-missing-refused: A request without a credential is refused." in said
    assert "GET /v1/export → 200" in said
    assert "SHOULD practice/varied-refused" in said
    assert "API accepts requests without authentication" in said
    found = {case: each["verdict"] for case, each in api.outcomes().items()}
    assert found["without-credential[GET-export]"] == "fail"
    assert found["varied[GET-export]"] == "warn"
    assert found["without-credential[GET-notes]"] == found["varied[GET-notes]"] == "pass"
    evidence = api.outcomes()["varied[GET-export]"]["exchanges"]
    assert [each["response"]["status"] for each in evidence if each["purpose"] == "case"] == [200, 200]
    for file in (api.folder / "out").rglob("*"):
        assert file.is_dir() or SECRET not in file.read_text(errors="replace"), file


# One that takes any key is found, where a missing one is refused.
def test_wrong_credential_ignored(api: Api) -> None:
    api.any_key = {"/v1/search"}
    query = [{"name": "q", "in": "query", "required": True, "schema": {"type": "string"}}]
    code, said = api.run(
        document(search={"get": {"parameters": query, "responses": OK}}),
        "inventory/operations/without-credential",
        "inventory/operations/unknown-credential",
    )
    assert code == 1, said
    assert "GET /v1/search?q=authconform → 200" in said
    found = {case: each["verdict"] for case, each in api.outcomes().items()}
    assert found["without-credential[GET-search]"] == "pass"
    assert found["unknown-credential[key,GET-search]"] == "fail"


# What is answered alike to everybody shows nothing; what the right key opens was reached.
def test_nothing_is_learned_of_what_is_not_there(api: Api) -> None:
    api.hidden = {"/v1/secret"}
    code, said = api.run(
        document(
            missing={"get": {"responses": OK}},
            fixed={"put": {"responses": OK}},
            secret={"get": {"responses": OK}},
        ),
        "inventory/operations/without-credential",
    )
    assert code == 3, said
    found = {case.partition("[")[2].rstrip("]"): each for case, each in api.outcomes().items()}
    assert found["GET-missing"]["reason"] == (
        "GET /missing was answered with 404 Not Found, and with the right key with 404 Not Found: nothing "
        "shows that it was reached. The path could not be filled in: give an example of each of its "
        "parameters in the document."
    )
    assert found["PUT-fixed"]["reason"] == (
        "PUT /fixed was answered with 405 Method Not Allowed, which may be about the request and not about "
        "who asks; as it changes something it is not asked with a right credential. The API does not have "
        "this operation, whatever the document says."
    )
    assert found["GET-secret"]["verdict"] == "warn"  # a refusal, with another status than 401


# --- what is asked, and what is not ----------------------------------------------------------------


# What changes something is never asked with the right key, and what is public not at all.
def test_changes_are_asked_without_a_right_credential(api: Api) -> None:
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/none"}}}}
    code, said = api.run(
        document(
            notes={"get": {"responses": OK}, "post": {"requestBody": body, "responses": OK}},
            notes_id={"parameters": [ID], "delete": {"responses": OK}, "patch": {"responses": OK}},
            status={"get": {"security": [], "responses": OK}},
        )
    )
    assert code == 0, said
    changing = [each for each in api.asked if each[0] in ("POST", "DELETE", "PATCH")]
    assert {method for method, _, _ in changing} == {"POST", "DELETE", "PATCH"}
    assert SECRET not in {key for _, _, key in changing}
    assert not [path for _, path, _ in api.asked if path.startswith("/v1/status")]
    assert ("OPTIONS", "/v1/notes/authconform", None) in api.asked


# In production nothing that changes anything is asked, nor a burst, but what only reads is.
def test_production(api: Api) -> None:
    written = document(notes={"get": {"responses": OK}, "post": {"responses": OK}})
    code, said = api.run(written, environment="production")
    assert code == 3, said
    assert {method for method, _, _ in api.asked} <= {"GET", "HEAD", "OPTIONS"}
    found = api.outcomes()
    assert found["without-credential[GET-notes]"]["verdict"] == "pass"
    assert "add `allow: [creates]` to target.yaml" in found["without-credential[POST-notes]"]["reason"]
    assert "allow: [bursts]" in found["varied[GET-notes]"]["reason"]


# Without a document the suite says what it would need, and Schemathesis is not even imported.
def test_without_a_document(tmp_path: Path) -> None:
    program = (
        "import atexit, sys\n"
        "told = lambda: print('loaded', *({'schemathesis', 'hypothesis'} & sys.modules.keys()))\n"
        "atexit.register(told)\n"
        "from harness.cli import main\nmain()\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program, "run", "inventory", "--profile", "originchain", "--out", "out"],
        cwd=tmp_path, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert ran.returncode == 3
    assert "no OpenAPI document is given, which would list the operations: run with" in ran.stdout
    assert ran.stdout.endswith("loaded\n")


# --- documents that are wrong, and worse ------------------------------------------------------------


# A document that cannot be used ends the command before anything is asked.
@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("not: a document", "api.json: this is no OpenAPI document."),
        ("{", "api.json:1: this is not JSON: "),
        ("", "api.json: the file is empty."),
        ('{"swagger": "2.0"}', "api.json: this is Swagger 2.0. Convert it to OpenAPI 3.0 first"),
        ('{"openapi": "3.1.0", "paths": {}}', "api.json: the document lists no operation."),
        (document().replace('"paths": {}', '"paths": {"/a": {"$ref": "#/paths/~1a"}}'),
         "#/paths/~1a: the reference goes round in a circle"),
        (document(a={"get": {"security": []}}),
         "by the document every operation is public, so none is asked. "
         "Take `security: []` from those that need a credential."),
        ('{"openapi": "3.0.0", "paths": {"/a": {"get": {}}}}',
         "by the document every operation is public, so none is asked. "
         "Write `security:` into it, for all operations or for each."),
    ],
)  # fmt: skip
def test_unusable_documents(api: Api, written: str, told: str) -> None:
    code, said = api.run(written)
    assert code == 2 and told in said, said
    assert not api.asked


# One that is not there is told as such, and the option goes with a single profile only.
def test_no_document(tmp_path: Path) -> None:
    for more, told in (
        (("--profile", "standard", "--openapi", "nowhere.yaml"), "nowhere.yaml: there is no such file."),
        (("--all-profiles", "--openapi", "x.yaml"), "--all-profiles does not go with --openapi"),
    ):
        ran = subprocess.run(
            [*COMMAND, "run", *more], cwd=tmp_path, capture_output=True, text=True, timeout=60
        )
        assert (ran.returncode, told in ran.stderr) == (2, True), ran.stderr


# Names of templates, line ends, other hosts and schemas made of themselves stay what they are: text.
def test_hostile_documents(api: Api) -> None:
    other = f"http://127.0.0.1:{api.port}/elsewhere.json"
    node = {
        "type": "object",
        "required": ["next"],
        "properties": {"next": {"$ref": "#/components/schemas/node"}},
    }
    parameters = [
        {**ID, "example": "${kept.token}/../x"},
        {"name": "X-Note", "in": "header", "required": True, "example": "a\r\nX-Evil: 1"},
        {"name": "x-api-key", "in": "header", "required": True, "example": "given away"},
    ]
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/node"}}}}
    written = json.loads(
        document(
            notes_id={"get": {"parameters": parameters, "responses": OK}},
            tree={"post": {"requestBody": body, "responses": OK}},
            far={"get": {"parameters": [{"$ref": other}], "responses": OK}},
            moved={"get": {"servers": [{"url": "https://evil.example"}], "responses": OK}},
            wide={
                "get": {
                    "parameters": [{"name": "w", "in": "query", "schema": {"$ref": other}}],
                    "responses": OK,
                }
            },
        )
    )
    written["components"]["schemas"] = {"node": node}
    code, said = api.run(json.dumps(written))
    assert code == 0, said
    assert "left aside: #/paths/~1far/get" in said and "leads out of the document" in said
    assert "left aside: #/paths/~1moved/get: it has servers of its own, and is not asked" in said
    assert "/elsewhere.json" not in {path for _, path, _ in api.asked}
    assert ("GET", "/v1/notes/%24%7Bkept.token%7D%2F..%2Fx", None) in api.asked
    assert "given away" not in {key for _, _, key in api.asked}


# --- what it is to the profile -----------------------------------------------------------------------


def listed(written: str, **changes: Any) -> tuple[dict[str, Listed], list[str]]:
    """The operations that a document protects, by their names, for the target at this machine."""
    found, notes = inventory.listed(
        inventory.inventory(written.encode(), "api.json"),
        scene.profile(
            scene.operation(path="/v1/notes/${tenant}", method="GET"),
            credentials={
                "key": CredentialKind("key", "api-key", "own", (), {"field": "x-api-key"}, scene.PROFILE),
                "token": scene.credential(),
            },
        ),
        scene.target("http://127.0.0.1:9", **changes),
    )
    return {each.operation.name: each for each in found}, notes


# An operation that the profile has too is asked as the profile says, by the credentials of the document.
def test_known_operations() -> None:
    found, _ = listed(document(notes_id={"get": {"parameters": [ID]}}, more={"get": {}}))
    known = found["GET /notes/{id}"]
    assert known.operation.path == "/v1/notes/${tenant}" and known.part.is_known
    assert known.operation.takes == {"key"}
    assert found["GET /more"].operation.path == "/v1/more" and not found["GET /more"].part.is_known


# A path's variable that the place has is the place's own, in whatever it is asked.
def test_variables_of_the_place() -> None:
    written = document(x_id={"get": {"parameters": [{**ID, "name": "tenant"}]}, "head": {"security": []}})
    found, _ = listed(written.replace("{id}", "{tenant}"))
    (made,) = found.values()
    assert made.operation.path == "/v1/x/${tenant}"
    assert made.part.known == {("path", "tenant"): "acme"}
    assert made.methods == {"GET", "HEAD"}  # it has a HEAD of its own, which is open to anybody


# Where the target has a client certificate, nobody can tell who opened what no other scheme opens.
def test_client_certificates() -> None:
    written = document(notes={"get": {"security": [{"tls": []}]}, "post": {}})
    found, notes = listed(written, tls=Tls(client_certificate="client.pem"))
    assert set(found) == {"POST /notes"}
    assert notes == ["#/paths/~1notes/get: the target's client certificate may be what opens it"]
    assert set(listed(written)[0]) == {"GET /notes", "POST /notes"}


# A GET whose path says that it ends something is never asked with a right credential.
def test_delicate_paths() -> None:
    found, _ = listed(document(me={"get": {}}, me__logout={"get": {}}, me__old={"delete": {}}))
    assert {name: each.part.is_safe for name, each in found.items()} == {
        "GET /me": True, "GET /me/logout": False, "DELETE /me/old": False,
    }  # fmt: skip


# A suite of one's own can speak of the document's operations, in a step that stands alone.
def test_in_a_suite_of_ones_own() -> None:
    written = (
        "suite: s\ntitle: t\nscenarios:\n- id: a\n  requires: r/1\n  steps:\n"
        "  - {present: key, on: documented, observed: x}\n  - {present: key, accepted: true}\n"
    )
    with pytest.raises(InputError) as caught:
        suites.build(parse(written, "s.suite.yaml"), suites.Vocabulary(("r/1",), CHECKS))
    told = "'on: documented' goes with one step that presents. Write a scenario of one step for it."
    assert str(caught.value) == f"s.suite.yaml:7: {told}"


# --- filling in --------------------------------------------------------------------------------------


# The smallest value that a schema allows, or one that it gives.
@pytest.mark.parametrize(
    ("schema", "made"),
    [
        ({"type": "string"}, "authconform"),
        ({"type": "string", "maxLength": 4}, "auth"),
        ({"type": "string", "format": "date"}, "2001-01-01"),
        ({"type": "integer", "minimum": 5}, 5),
        ({"type": ["null", "boolean"]}, False),
        ({"enum": ["b", "a"]}, "b"),
        ({"const": 7}, 7),
        ({"type": "array", "items": {"type": "integer"}, "minItems": 2}, [1, 1]),
        ({"required": ["a"], "properties": {"a": {"type": "number"}, "b": {}}}, {"a": 1}),
        ({"allOf": [{"required": ["a"], "properties": {"a": {}}}, {"$ref": "#/more"}]},
         {"a": "authconform", "b": 2}),
        ({"oneOf": [{"type": "string"}, {"type": "integer"}]}, "authconform"),
        ({"$ref": "http://elsewhere.example/x"}, "authconform"),
        (True, "authconform"),
    ],
)  # fmt: skip
def test_values(schema: Any, made: Any) -> None:
    root = {"more": {"required": ["b"], "properties": {"b": {"default": 2}}}}
    assert filling.instance(root, schema) == made


# A parameter has its example, in whichever way it is written; a number that is made up is a rare one.
@pytest.mark.parametrize(
    ("parameter", "text"),
    [
        ({"example": 12}, ("12", False)),
        ({"examples": {"one": {"value": "x1"}}}, ("x1", False)),
        ({"schema": {"examples": ["s"]}}, ("s", False)),
        ({"schema": {"type": "integer"}}, ("999999999", True)),
        ({"schema": {"type": "boolean"}}, ("false", True)),
        ({"schema": {"type": "object"}}, ("authconform", True)),
        ({"example": "a\nb"}, ("authconform", True)),
    ],
)
def test_parameters(parameter: Mapping[str, Any], text: tuple[str, bool]) -> None:
    assert filling.text_for({}, parameter) == text


# What the document's server has before each path is not there twice.
@pytest.mark.parametrize(
    ("servers", "url", "before"),
    [
        (("https://api.example/v1",), "http://127.0.0.1:8000", "/v1"),
        (("https://api.example/v1",), "http://127.0.0.1:8000/v1", ""),
        (("https://api.example/api/v1",), "http://127.0.0.1:8000/api", "/v1"),
        (("/v2",), "http://127.0.0.1:8000", "/v2"),
        (("https://a.example/a", "https://b.example/b"), "https://b.example", "/b"),
        ((), "https://b.example", ""),
    ],
)
def test_prefixes(servers: tuple[str, ...], url: str, before: str) -> None:
    assert _prefix(servers, url) == before
