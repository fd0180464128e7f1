"""A profile alone describes an API, however it wants its credential: it conforms, and a hole is found."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from many_ways import PASSWORD, SECRET, USER, Api, Asked, serving

COMMAND = Path(sys.executable).parent / "authconform"
SCHEMA = {
    "type": "object",
    "required": ["owner", "things"],
    "properties": {"owner": {"type": "string"}, "things": {"type": "array"}},
}


@dataclass(frozen=True)
class Way:
    """What a profile says of a credential and of refusals, and the API that wants it so."""

    credential: str
    refusals: str
    api: Api
    request: str = "GET /things"
    lifecycle: str = ""


def token_in_a_template(asked: Asked) -> str | None:
    """As Rails has it: Token token="…"."""
    value = asked.only("Authorization") or ""
    scheme, _, rest = value.partition(" ")
    rest = rest.strip(" ")
    whole = rest.startswith('token="') and rest.endswith('"') and '"' not in rest[7:-1]
    return rest[7:-1] if scheme.lower() == "token" and whole else None


def in_the_query(asked: Asked) -> str | None:
    values = asked.query.get("api_key", [])
    return values[0] if len(values) == 1 else None


def in_the_body(asked: Asked) -> str | None:
    members = asked.members()
    found = members.get("key") if isinstance(members, dict) else None
    return (
        found if isinstance(found, str) and asked.headers.get("Content-Type") == "application/json" else None
    )


def in_a_field(asked: Asked) -> str | None:
    return asked.only("X-Things-Key")


WAYS = {
    "template": Way(
        "{kind: api-key, template: 'Token token=\"${value}\"'}",
        "{status: {is: [401, 404]}, challenge: null}",
        Api(token_in_a_template, (404, {})),
    ),
    "query": Way(
        "{kind: api-key, query: api_key}",
        "{status: {is: 403}, challenge: null}",
        Api(in_the_query, (403, {})),
    ),
    "json": Way(
        "{kind: api-key, json: key}",
        "{challenge: {requirement: rfc9110/11.6.1-challenge}}",
        Api(in_the_body),
        request="POST /things\n    json: {all: true}",
    ),
    "field": Way("{kind: api-key, field: X-Things-Key}",
        "{challenge: {requirement: rfc9110/11.6.1-challenge}}",
        Api(in_a_field),
   ),
    "session": Way(
        "{kind: api-key, cookie: sid, obtained-by: log-in, headers: {X-CSRF-Token: '${given.csrf}'}}",
        "{status: {is: 302}, challenge: null, headers: {is: {Location: {matches: '^/login'}}, "
        "requirement: practice/key-missing-refused}}",
        Api(lambda asked: None, (302, {"Location": "/login?next=/things"})),
        lifecycle="lifecycle:\n  log-in:\n    request: POST /login\n"
        "    json: {username: '${secrets.person.user}', password: '${secrets.person.password}'}\n"
        "    accepted: 200\n    gives: {secret: 'cookie:sid', csrf: /tokens/csrf}\n",
    ),
}  # fmt: skip


def in_a_session(api: Api) -> Any:
    """The cookie of a session, where the token that came with it goes along."""

    def reads(asked: Asked) -> str | None:
        session = asked.cookies.get("sid", "")
        csrf = api.sessions.get(session)
        return session if csrf and asked.headers.get("X-CSRF-Token") == csrf else None

    return reads


def described(way: Way, folder: Path, port: int) -> Path:
    """Profile and target as a person writes them."""
    (folder / "schemas").mkdir()
    (folder / "schemas" / "things.json").write_text(json.dumps(SCHEMA))
    person = "  person: {kind: basic, manages: true, locks: false}\n" if way.lifecycle else ""
    (folder / "profile.yaml").write_text(
        "profile: things\ntitle: Things\nextends: standard\n"
        f"credentials:\n  key: {way.credential}\n{person}"
        f"operations:\n  protected:\n    request: {way.request}\n"
        "    accepted: {status: 200, schema: things.json}\n"
        "  health: {request: GET /health, accepted: {status: 200}, public: true}\n"
        f"refusals:\n  default: {way.refusals}\n{way.lifecycle}"
    )
    given = "person: {env: PERSON}" if way.lifecycle else "key: {env: KEY}"
    (folder / "target.yaml").write_text(
        f"profile: ./profile.yaml\nenvironment: staging\nplaces:\n  own: {{url: 'http://127.0.0.1:{port}'}}\n"
        f"credentials:\n  {given}\ncanary: {{own: '\"owner\"'}}\n"
    )
    return folder / "target.yaml"


def run(target: Path, *arguments: str) -> tuple[int, list[Any], str]:
    """Its exit code, the outcomes, and all that it printed and wrote."""
    out = target.parent / "out"
    ran = subprocess.run(
        [COMMAND, "run", *arguments, "--target", target, "--out", out],
        capture_output=True, text=True, timeout=120, cwd=target.parent,
        env={**os.environ, "KEY": SECRET, "PERSON": f"{USER}:{PASSWORD}"},
    )  # fmt: skip
    lines = (out / "run.jsonl").read_text() if (out / "run.jsonl").exists() else ""
    found = [each for each in map(json.loads, lines.splitlines()) if each["kind"] == "outcome"]
    return ran.returncode, found, ran.stdout + ran.stderr + lines


def verdicts(found: list[Any]) -> Mapping[str, int]:
    return Counter(each["verdict"] for each in found)


# All that applies is asked of each, and a right API has nothing to answer for.
@pytest.mark.parametrize("name", list(WAYS))
def test_a_right_api(name: str, tmp_path: Path) -> None:
    way = WAYS[name]
    api = replace(way.api, reads=in_a_session(way.api)) if name == "session" else way.api
    with serving(api):
        target = described(way, tmp_path, api.port)
        # all suites for the hardest one; for the others those to which the way makes a difference
        code, found, printed = run(target, *(() if name == "session" else ("key", "credential")))
    wrong = [(each["case"], each["reason"], each["problems"]) for each in found
             if each["verdict"] in ("fail", "warn", "inconclusive")]  # fmt: skip
    assert (code, wrong) == (0, []), textwrap.shorten(printed, 3000)
    assert verdicts(found)["pass"] >= 15
    private = [SECRET, PASSWORD, *api.sessions, *api.sessions.values()]
    assert not any(secret in printed for secret in private)


# One that lets anybody in is found out, wherever it looks for credentials.
def test_a_wrong_api(tmp_path: Path) -> None:
    way = WAYS["query"]
    api = replace(way.api, reads=lambda asked: SECRET if "api_key" in asked.query else None)
    with serving(api):
        code, found, printed = run(described(way, tmp_path, api.port), "key/presentation")
    assert code == 1, printed
    assert "key/presentation/unknown" in {each["scenario"] for each in found if each["verdict"] == "fail"}
