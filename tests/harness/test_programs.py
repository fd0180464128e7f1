"""Lifecycle verbs by a command or a Python function: what they are told, and what is taken from them."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from scene import play, profile, setting, target
from test_lifecycle import MINTED, verb

from harness import programs
from harness.errors import InputError
from harness.exchange import Network
from harness.lifecycle import Done, Errand, perform
from harness.model import LifecycleVerb
from harness.positions import parse
from harness.setting import Inconclusive
from harness.targets import build

GIVES = {"secret": "/token", "id": "/id"}


def program(kind: Any, what: Any, **changes: Any) -> LifecycleVerb:
    plain = {"at": None, "credential": None, "body": None, "body_type": None, "accepted": frozenset({200})}
    return verb(kind=kind, what=what, **{**plain, **changes})


def done(made: LifecycleVerb, folder: Path, values: Mapping[str, Any] | None = None, **more: Any) -> Done:
    """The verb is done, in `folder`, by a run that has nothing else to do."""
    here = target("http://127.0.0.1:1", folder=folder, import_from=str(folder))
    given = setting("http://127.0.0.1:1", profile=profile(lifecycle={made.name: made}), target=here)

    async def scene() -> Done:
        network = Network(redactor=given.redactor)
        try:
            return await perform(given, network.lane(), [], Errand(made.name, values or {}, "case-1", **more))
        finally:
            await network.aclose()

    found = play(scene())
    assert isinstance(found, Done)
    if "secret" in found.given:
        assert given.redactor.text(f"x {found.given['secret']} x") == "x [issue] x"
    return found


def module(folder: Path, name: str, code: str) -> None:
    (folder / f"{name}.py").write_text(textwrap.dedent(code))


# A command gets the values in its words, loses the word whose value is null, and prints JSON.
def test_command(tmp_path: Path) -> None:
    code = f"import json, sys; print(json.dumps({{'token': '{MINTED}', 'id': sys.argv[1:]}}))"
    words = (sys.executable, "-c", code, "--name=${name}", "--life=${life}", "${tenant} $HOME")
    made = program("command", words, gives=GIVES)
    found = done(made, tmp_path, {"name": "a `b`"})
    assert found.given == {"secret": MINTED, "id": ["--name=a `b`", "acme $HOME"]}
    assert (found.accepted, found.manual, found.answer) == (True, True, None)
    assert done(made, tmp_path, {"life": 2}).given["id"][1] == "--life=2"


# What it prints may be the secret alone; without anything to give it may print what it likes.
def test_command_that_prints_no_json(tmp_path: Path) -> None:
    assert done(program("command", ("echo", MINTED), gives={"secret": ""}), tmp_path).given == {
        "secret": MINTED
    }
    found = done(program("command", ("echo", "revoked"), name="revoke", gives={}), tmp_path)
    assert (found.given, found.said) == ({}, "revoked\n")


# The clock of what it changes runs from its beginning: it was done no earlier, and nobody knows when.
def test_when_it_was_done(tmp_path: Path) -> None:
    found = done(program("command", ("sleep", "0.3"), gives={}), tmp_path)
    assert found.manual and found.returned < 0.2


# A command that fails, or does not print what it should, has done nothing that could be gone on with.
@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("sh", "-c", "echo no such token >&2; exit 4"),
         "'issue' was not done: the command 'sh' ended with exit code 4: no such token (target.yaml:12)"),
        (("echo", '{"tokn": 1}'),
         "what the command prints for 'issue' does not hold /token, /id (target.yaml:12)"),
        (("echo", '{"token": 7, "id": 1}'),
         "what the answer to 'issue' gives as the secret is no text of 4 characters or more "
         "(target.yaml:12)"),
    ],
)  # fmt: skip
def test_command_that_fails(words: tuple[str, ...], reason: str, tmp_path: Path) -> None:
    with pytest.raises(Inconclusive) as raised:
        done(program("command", words, gives=GIVES), tmp_path)
    assert str(raised.value) == reason


# A function gets those of the values that it has parameters for, and returns what it gives.
def test_call(tmp_path: Path) -> None:
    module(tmp_path, "dash_1", f"""
        def issue(name, of_id, tenant="none", life=None):
            return {{"secret": "{MINTED}", "id": [name, of_id, tenant, life]}}

        async def renew(**values):
            return {{"id": values["of_id"], "life": len(values)}}

        def revoke():
            pass
    """)  # fmt: skip
    values = {"name": "etl", "of.id": "t/1", "life": 2}
    made = program("call", "dash_1:issue", gives={})
    found = done(made, tmp_path, values, wanted=frozenset({"life"}))
    assert found.given == {"secret": MINTED, "id": ["etl", "t/1", "acme", 2]}
    assert (found.manual, found.answer) == (True, None)
    assert done(program("call", "dash_1:renew", gives={}), tmp_path, values).given["id"] == "t/1"
    assert done(program("call", "dash_1:renew", gives={"id": "/id"}), tmp_path, values).given == {"id": "t/1"}
    assert done(program("call", "dash_1:revoke", gives={}), tmp_path).given == {}
    with pytest.raises(Inconclusive, match="'issue' has no place for '\\${life}'"):
        done(program("call", "dash_1:revoke", gives={}), tmp_path, values, wanted=frozenset({"life"}))


# What an author's function does wrongly is told as its own.
@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("fails", "'issue': dash_2:fails failed: ValueError: no such token"),
        ("leaves", "'issue': dash_2:leaves failed: RuntimeError: SystemExit(3)"),
        ("wants", "nothing gives 'colour', which dash_2:wants wants (target.yaml:12)"),
        ("counts", "'issue': dash_2:counts returns no mapping but a int (target.yaml:12)"),
        ("sleeps", "'issue': dash_2:sleeps did not return within 0.2 s"),
        ("naps", "'issue': dash_2:naps did not return within 0.2 s"),
    ],
)
def test_call_that_fails(name: str, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "PATIENCE", 0.2)
    module(tmp_path, "dash_2", """
        import asyncio, sys, time
        def fails(): raise ValueError("no such token")
        def leaves(): sys.exit(3)
        def wants(colour): pass
        def counts(): return 7
        def sleeps(): time.sleep(1.5)
        async def naps(): await asyncio.sleep(60)
    """)  # fmt: skip
    with pytest.raises(Inconclusive) as raised:
        done(program("call", f"dash_2:{name}", gives={}), tmp_path)
    assert str(raised.value) == reason


# What is not to be had is told before the first request, at its line.
@pytest.mark.parametrize(
    ("kind", "what", "sentence"),
    [
        ("command", ["./mint.sh"], "there is no command './mint.sh', by which 'issue' is done"),
        ("call", "nowhere_at_all:issue",
         "the function 'nowhere_at_all:issue' cannot be imported: ModuleNotFoundError: "
         "No module named 'nowhere_at_all'"),
        ("call", "json:dumpz", "json has no 'dumpz'. Did you mean 'dump'?"),
        ("call", "json:__doc__", "'json:__doc__' is no function"),
        ("call", "dashboard", "no distribution has an entry point 'dashboard' in authconform.verbs. "
         "Write module:function."),
    ],
)  # fmt: skip
def test_what_is_not_to_be_had(kind: str, what: Any, sentence: str, tmp_path: Path) -> None:
    made = program(kind, what)
    with pytest.raises(InputError) as raised:
        programs.check([made], target("http://127.0.0.1:1", folder=tmp_path))
    assert str(raised.value).startswith(f"target.yaml:12: {sentence}")


# What belongs to a request does nothing for others: it is refused, and so is a secret in a command's words.
@pytest.mark.parametrize(
    ("verb", "sentence"),
    [
        ("{command: [mint], form: {a: b}}",
         "5: 'form' belongs to a request, and this is a command. Remove it."),
        ("{visits: [{open: /a}], credential: token}",
         "5: 'credential' belongs to a request, and this is a list of visits. Remove it."),
        ("{visits: [{open: /a}, {submit: {a: b}, at: own}]}",
         "5: 'at' says nothing beside 'submit', in visit 2. Remove it."),
        ("{visits: [{open: /a, form: {a: b}}]}",
         "5: 'form' says nothing beside 'open', in visit 1. Remove it."),
        ("{call: 'a:b', gives: {secret: 'header:X'}}",
         "5: 'header:X' is looked for in an answer, and this is a call. Give JSON Pointers such as /token."),
        ("{command: [mint, '${secrets.token}']}",
         "5: a secret among a command's words can be read by every user of the machine. "
         "Let the command take it from the environment."),
        ("{call: 'mint it'}",
         "5: 'call' must be module:function, or the name of an entry point, not 'mint it'"),
    ],
)  # fmt: skip
def test_mistakes(verb: str, sentence: str) -> None:
    head = "profile: api\nplaces:\n  own: {url: 'https://acme.example'}\nlifecycle:\n"
    with pytest.raises(InputError) as raised:
        build(parse(f"{head}  issue: {verb}\n", "t.yaml"))
    assert str(raised.value) == f"t.yaml:{sentence}"


DASHBOARD = '''
"""The dashboard of an instance, by its API."""
import json, sys
from http.client import HTTPConnection

HOST, INSTANCE, SECRET = {host!r}, {instance!r}, {secret!r}

def ask(method, path="", body=None):
    connection = HTTPConnection("127.0.0.1", int(HOST.rpartition(":")[2]), timeout=5)
    headers = {{"Host": HOST, "Authorization": "Bearer " + SECRET}}
    sent = json.dumps(body) if body else None
    connection.request(method, "/instances/" + INSTANCE + "/tokens" + path, sent, headers)
    text = connection.getresponse().read()
    connection.close()
    return json.loads(text) if text else None

def revoke(of_id):
    ask("DELETE", "/" + of_id)

if __name__ == "__main__":
    print(json.dumps(ask("POST", body={{"name": sys.argv[1]}})))
'''  # fmt: skip


# A whole run: tokens are made by a command and revoked by a function of the target's folder.
def test_run(served: Any, staging: Any) -> None:
    place, folder = served.target["places"]["dashboard"], staging.file.parent
    module(folder, "dash_3", DASHBOARD.format(
        host=place["url"].removeprefix("http://"), instance=place["instance"],
        secret=served.target["credentials"]["dashboard-token"]["value"],
    ))  # fmt: skip
    issue = {"command": [sys.executable, "dash_3.py", "${name}"], "gives": {"secret": "/token", "id": "/id"}}
    issue["defaults"] = {"name": "${unique}"}
    verbs = {"issue": issue, "revoke": {"call": "dash_3:revoke"}}
    with staging.file.open("a") as file:
        file.write(f"import-from: .\nlifecycle: {json.dumps(verbs)}\n")
    out = folder / "out"
    selected = "lifecycle/revocation/latency"
    command = Path(sys.executable).parent / "authconform"
    ran = subprocess.run(
        [command, "run", selected, "--target", staging.file, "--out", out],
        capture_output=True, text=True, timeout=60, cwd=folder.parent,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    lines = [json.loads(line) for line in (out / "run.jsonl").read_text().splitlines()]
    (found,) = [each for each in lines if each["kind"] == "outcome"]
    measured = found["measurements"]["settling"]
    assert measured["upper_bound"] and len(measured["trials"]) == 3 and measured["worst_s"] < 5
