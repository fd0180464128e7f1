"""Requests that a suite writes out itself, and what one step keeps for the next: a whole run of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from many_ways import PASSWORD, SECRET, USER, Api, Asked, serving
from test_many_ways import run

PROFILE = """
profile: things
title: Things
extends: standard
credentials:
  key: {kind: api-key, field: X-Things-Key}
operations:
  protected: {request: GET /things, accepted: {status: 200}}
"""
HEAD = "suite: mine/own\ntitle: Our own\nscenarios:\n"
PASSES = """
  - id: step-by-step
    title: What one step gives, the next one uses
    requires: practice/key-accepted
    steps:
      - send:
          request: POST /login
          headers: {X-Client: "${tenant}"}
          json: {username: ada, password: "${password}"}
        status: 200
        headers: {Content-Type: {matches: json}, X-Nothing: {absent: true}}
        json: {/tokens/kind: csrf}
        schema: session.json
        keep: {csrf: /tokens/csrf, sid: "cookie:sid", kind: /tokens/kind}
      - send:
          request: "GET /things?kind=${kept.kind}"
          headers: {X-CSRF: "${kept.csrf}", Cookie: "sid=${kept.sid}"}
        accepted: true
        json: {/owner: ada, /seen: "${kept.csrf}"}
      - {send: {request: GET /things, credential: credential}, status: [200, 206]}
      - {send: {request: GET /nowhere}, status: 404, checks: [no-server-failure]}
  - id: bodies
    requires: practice/key-accepted
    each:
      form: {send: {request: POST /things, form: {a: "1"}, credential: key}, json: {/body: a=1}}
      text: {send: {request: POST /things, body: "a ${tenant}", credential: key}, json: {/body: a acme}}
      json: {send: {request: PUT /things, json: {a: [1]}, credential: key}, json: {/body: '{"a": [1]}'}}
  - id: refused
    title: A wrong key is refused, a right one before and after accepted
    requires: practice/key-unknown-refused
    send: {request: GET /things?x=1, credential: key}
    but: {value: {like: it}}
    refused: unknown-key
  - id: busy
    title: A status that is asked for is an answer, whatever it says
    requires: practice/key-accepted
    send: {request: GET /busy}
    status: 503
"""
SCHEMA = {"type": "object", "required": ["tokens"]}


class Things(Api):
    """The small API, which says what it was sent."""

    def answer(self, asked: Asked) -> Any:
        if asked.path == "/busy":
            return 503, {}, {}
        status, fields, value = super().answer(asked)
        if asked.path == "/login" and status == 200:
            value["tokens"]["kind"] = "csrf"
        if asked.path == "/things" and status == 200:
            value |= {"body": asked.body, "seen": asked.only("X-CSRF"), "kind": asked.query.get("kind")}
        return status, fields, value


def reads(api: Api) -> Any:
    return lambda asked: asked.only("X-Things-Key") or asked.cookies.get("sid")


def target(folder: Path, scenarios: str, port: int) -> Path:
    (folder / "mine").mkdir()
    (folder / "mine" / "own.suite.yaml").write_text(HEAD + scenarios)
    (folder / "mine" / "session.json").write_text(json.dumps(SCHEMA))
    (folder / "profile.yaml").write_text(PROFILE)
    (folder / "target.yaml").write_text(
        "profile: ./profile.yaml\nplaces:\n"
        f"  own: {{url: 'http://127.0.0.1:{port}', tenant: acme, password: {PASSWORD}}}\n"
        "credentials: {key: {env: KEY}}\n"
    )
    return folder / "target.yaml"


# Explicit status, header fields, schema and members; several steps; each; a credential with its spoil.
def test_what_passes(tmp_path: Path) -> None:
    api = Things(lambda asked: None)
    api.reads = reads(api)
    with serving(api):
        code, found, printed = run(target(tmp_path, PASSES, api.port), "mine")
    assert (code, {each["verdict"] for each in found}) == (0, {"pass"}), printed[:3000]
    assert len(found) == 6
    # what was kept may be a secret: the session and its token are shown nowhere
    assert not any(each in printed for each in (SECRET, *api.sessions, *api.sessions.values()))
    refused = next(each for each in found if each["scenario"] == "mine/own/refused")
    assert [each["purpose"] for each in refused["exchanges"]] == ["control", "case", "control"]
    assert USER in printed


# What is not so is told at its line, and what cannot be kept leaves the rest unknown.
def test_what_fails(tmp_path: Path) -> None:
    api = Things(lambda asked: asked.only("X-Things-Key"))
    scenarios = """
  - {id: status, requires: practice/key-accepted, send: {request: GET /health}, status: 204}
  - {id: member, requires: practice/key-accepted, send: {request: GET /health}, json: {/up: false}}
  - id: kept
    requires: practice/key-accepted
    steps:
      - {send: {request: GET /health}, status: 200, keep: {id: /id}}
      - {send: {request: "GET /things/${kept.id}"}, status: 200}
"""
    with serving(api):
        code, found, printed = run(target(tmp_path, scenarios, api.port), "mine")
    assert code == 1, printed
    told = {each["scenario"].rpartition("/")[2]: each for each in found}
    (problem,) = told["status"]["problems"]
    assert (problem["expected"], problem["actual"]) == ("204 No Content", "200 OK")
    assert problem["where"].endswith("own.suite.yaml:5")
    assert told["member"]["verdict"] == "fail"
    assert told["kept"]["verdict"] == "inconclusive"
    assert told["kept"]["reason"].startswith("the answer does not hold /id, to be kept as 'id' (")


# A name that no step before has kept is a mistake of the suite, and so is a misspelt credential.
@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("{send: {request: 'GET /${kept.idd}'}, status: 200}",
         "own.suite.yaml:8: no step before this one keeps 'idd'. Did you mean 'kept.id'?"),
        ("{send: {request: GET /x, credential: kye}, status: 200}",
         "own.suite.yaml:8: no profile has the credential 'kye'. Did you mean 'key'?"),
        ("{send: {request: GET /x, credentials: key}, status: 200}",
         "own.suite.yaml:8: unknown key 'credentials' in send. Did you mean 'credential'?"),
        ("{send: {request: GET /x}}", "own.suite.yaml:8: a step without an outcome. "
         "Add one of status, headers, schema, json, accepted, refused."),
    ],
)  # fmt: skip
def test_mistakes(step: str, said: str, tmp_path: Path) -> None:
    scenario = (
        "  - id: x\n    requires: practice/key-accepted\n    steps:\n"
        "      - {send: {request: GET /things}, status: 200, keep: {id: /id}}\n"
    )
    code, _, printed = run(target(tmp_path, f"{scenario}      - {step}\n", 9), "mine")
    assert code == 2 and said in printed, printed
