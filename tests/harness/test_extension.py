"""Checks, mechanisms and verbs that are entry points, others' and ours: used by name, named where broken."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from loopback import answering
from many_ways import Api, Asked, serving
from scene import authorized, case, expects, http, outcome, play, step

from harness import checks, credentials, htpasswd, loading
from harness.checks import CHECKS
from harness.credentials import MECHANISMS, Mechanism
from harness.errors import InputError
from harness.expectations import missing_settings, wrong_settings

EXTENSION = Path(__file__).parent.parent / "extension"
COMMAND = Path(sys.executable).parent / "authconform"
KEY = "a-key-of-the-owner"

ROOT = Path(__file__).parent.parent.parent

PROFILE = """
profile: things
title: Things
extends: standard
credentials:
  pair: {kind: key-pair, obtained-by: mint}
operations:
  protected:
    request: GET /things
    accepted:
      status: 200
      request-id: {at_least: 8, requirement: practice/key-accepted}
refusals:
  default: {challenge: null}
lifecycle:
  mint: {call: local-token, defaults: {life: 60}}
"""
SUITE = """
suite: mine/pairs
title: Pairs
needs: [key-pair]
scenarios:
  - {id: accepted, requires: practice/key-accepted, present: key-pair, accepted: true, checks: [request-id]}
  - id: wrong
    requires: practice/key-unknown-refused
    present: pair
    each: {id: {but: {id: {like: it}}}, secret: {but: {value: {like: it}}}}
    refused: unknown-key
"""


def installed(folder: Path, name: str, groups: Mapping[str, Mapping[str, str]]) -> Path:
    """`folder` with what an installer writes there of a distribution that has these entry points."""
    made = folder / f"{name.replace('-', '_')}-1.0.dist-info"
    made.mkdir(parents=True)
    (made / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    lines: list[str] = []
    for group, points in groups.items():
        lines += [f"[{group}]", *(f"{point} = {value}" for point, value in points.items())]
    (made / "entry_points.txt").write_text("\n".join(lines) + "\n")
    return folder


def example(folder: Path) -> Path:
    project = tomllib.loads((EXTENSION / "pyproject.toml").read_text())["project"]
    return installed(folder, project["name"], project["entry-points"])


class Things(Api):
    """Wants a pair that its owner has made, and gives every answer an id."""

    long_enough = True
    answered = 0

    def answer(self, asked: Asked) -> Any:
        self.answered += 1
        id, secret = asked.only("X-Client-Id") or "", asked.only("X-Client-Secret") or ""
        good = hmac.new(KEY.encode(), id.encode(), hashlib.sha256).hexdigest()
        fields = {"X-Request-Id": "0123456789" if self.long_enough else "0"}
        if hmac.compare_digest(good, secret):
            return 200, fields, {"things": []}
        return 401, fields, {"error": "not you"}


def run(api: Api, folder: Path, *words: str, site: Path | None = None) -> tuple[int, str]:
    """The exit code and the talk of a command in `folder`; the example is installed, and what `site` has."""
    (folder / "mine").mkdir()
    (folder / "mine" / "pairs.suite.yaml").write_text(SUITE)
    (folder / "profile.yaml").write_text(PROFILE)
    (folder / "target.yaml").write_text(
        f"profile: ./profile.yaml\nplaces: {{own: {{url: 'http://127.0.0.1:{api.port}'}}}}\n"
    )
    path = os.pathsep.join(map(str, [example(folder / "site"), EXTENSION, *([site] if site else [])]))
    ran = subprocess.run(
        [COMMAND, *words], cwd=folder, capture_output=True, text=True, timeout=60,
        env={**os.environ, "PYTHONPATH": path, "TOKEN_KEY": KEY},
    )  # fmt: skip
    return ran.returncode, ran.stdout + ran.stderr


# A profile and a suite use all three as if they were our own.
def test_all_three(tmp_path: Path) -> None:
    with serving(Things(lambda asked: None)) as api:
        words = ("run", "mine", "--target", "target.yaml", "--out", "out")
        code, printed = run(api, tmp_path, *words)
    assert code == 0, printed
    lines = [json.loads(line) for line in (tmp_path / "out" / "run.jsonl").read_text().splitlines()]
    assert [each["verdict"] for each in lines if each["kind"] == "outcome"] == ["pass"] * 3


# The check can fail, and what it says is in the report.
def test_the_check_fails(tmp_path: Path) -> None:
    api = Things(lambda asked: None)
    api.long_enough = False
    with serving(api):
        code, printed = run(api, tmp_path, "run", "mine", "--target", "target.yaml")
    assert code == 1
    assert "request-id: expected an id of 8 characters or more, got 1 characters" in printed


# It is listed; a misspelt name or setting of it is told as one of ours would be.
def test_it_is_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(example(tmp_path))
    monkeypatch.syspath_prepend(EXTENSION)
    assert "request-id" in CHECKS and "request-id" in list(CHECKS)
    assert isinstance(MECHANISMS["key-pair"], Mechanism)
    assert "key-pairs" not in MECHANISMS
    assert list(wrong_settings("request-id", {"at_least": 3})) == []
    assert list(wrong_settings("request-id", {"at_least": "x"})) == [
        ("'at_least' of 'request-id' must be a number", None)
    ]
    assert list(wrong_settings("request-id", {"at_most": 3})) == [
        ("unknown setting 'at_most' of 'request-id'", "Did you mean 'at_least'?")
    ]


# A broken one is told with the distribution that brought it.
@pytest.mark.parametrize(
    ("groups", "look", "said"),
    [
        ({"authconform.checks": {"lost": "nowhere_at_all:check"}}, lambda: CHECKS["lost"],
         "'lost' of authconform.checks cannot be loaded from broken 1.0: ModuleNotFoundError: "
         "No module named 'nowhere_at_all'. Mend or uninstall it."),
        ({"authconform.checks": {"doc": "json:__doc__"}}, lambda: CHECKS["doc"],
         "'doc' of authconform.checks, from broken 1.0, is no function. Mend or uninstall it."),
        ({"authconform.mechanisms": {"dumps": "json:dumps"}}, lambda: MECHANISMS["dumps"],
         "'dumps' of authconform.mechanisms, from broken 1.0, is no Mechanism. Mend or uninstall it."),
    ],
)  # fmt: skip
def test_broken(groups: Any, look: Any, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(installed(tmp_path, "broken", groups))
    with pytest.raises(InputError) as raised:
        look()
    assert str(raised.value) == said


# A broken one ends the run before the first request, with exit 2; so does one that takes a name of ours.
@pytest.mark.parametrize(
    ("groups", "said"),
    [
        ({"authconform.checks": {"accepted": "json:dumps"}},
         "authconform: 'accepted' of authconform.checks is given by authconform itself and by late 1.0. "
         "Uninstall late 1.0.\n"),
        ({"authconform.mechanisms": {"key-pair": "json:dumps"}},
         "authconform: 'key-pair' of authconform.mechanisms is given by authconform-example 1.0 and by "
         "late 1.0. Uninstall one of them.\n"),
        ({"authconform.verbs": {"local-token": "json:dumps"}},
         "authconform: profile.yaml:16: 'local-token' of authconform.verbs is given by "
         "authconform-example 1.0 and by late 1.0. Uninstall one of them.\n"),
    ],
)  # fmt: skip
def test_before_the_first_request(groups: Any, said: str, tmp_path: Path) -> None:
    api = Things(lambda asked: None)
    with serving(api):
        site = installed(tmp_path / "late", "late", groups)
        code, printed = run(api, tmp_path, "run", "mine", "--target", "target.yaml", site=site)
    assert said in printed
    assert (code, api.answered) == (2, 0)


# A check that yields something else found something: it is not passed over, and the reason names the check.
@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("yield 'no owner'", "TypeError: str is neither a Mismatch nor an Unchecked"),
        ("return None", "TypeError: 'NoneType' object is not iterable"),
        ("yield {}['owner']", "KeyError: 'owner'"),
    ],
)
def test_a_check_that_is_wrong(body: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = f"odd-{len(body)}"  # what was loaded once is kept
    module = name.replace("-", "_")
    (tmp_path / f"{module}.py").write_text(f"def check(answer, args, facts):\n    {body}\n")
    monkeypatch.syspath_prepend(installed(tmp_path, "odd", {"authconform.checks": {name: f"{module}:check"}}))
    found = play(_asked_with(name))
    assert found.verdict == "inconclusive"
    assert found.reason.startswith(f"authconform itself failed: {said} (")
    assert found.reason.endswith(f", in the check '{name}')")


async def _asked_with(check: str) -> Any:
    async with answering(lambda request: http(200 if authorized(request) else 401)) as server:
        return await outcome(server, case("odd", step(expects=(expects(check),))))


# Two that give the same name are both named, and ours where one of them takes a name of our own.
def test_the_same_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("first", "second"):
        points = {"authconform.checks": {"twice": "json:dumps", "status": "json:dumps"}}
        monkeypatch.syspath_prepend(installed(tmp_path / name, name, points))
    with pytest.raises(InputError) as raised:
        loading.extension(loading.CHECKS_GROUP, "twice")
    assert str(raised.value) == (
        "'twice' of authconform.checks is given by first 1.0 and by second 1.0. Uninstall one of them."
    )
    with pytest.raises(InputError) as raised:
        CHECKS["status"]
    assert str(raised.value) == (
        "'status' of authconform.checks is given by authconform itself and by first 1.0 and by second 1.0. "
        "Uninstall first 1.0 and second 1.0."
    )


# What only an API with OAuth needs is ours by the same way: installed, loaded by name, told what it must be.
def test_our_own() -> None:
    points = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]
    for group in (loading.CHECKS_GROUP, loading.MECHANISMS_GROUP, loading.VERBS_GROUP):
        assert set(points[group]) <= set(loading.extensions(group)), "make installs what pyproject.toml says"
    assert MECHANISMS["client"].name == "client" and not hasattr(credentials.mechanisms, "client")
    assert CHECKS["no-code"].__module__ == "harness.checks.authorization" not in vars(checks)
    assert list(missing_settings("redirect-error", {})) == [
        "'redirect-error' needs 'is': an error code or a list of them"
    ]
    assert loading.extension(loading.VERBS_GROUP, "htpasswd-add") is htpasswd.add


# A user is added to the file and taken out again; what stands there besides remains as it is.
def test_htpasswd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USERS", str(tmp_path / "users"))
    (tmp_path / "users").write_text("# people\nada:$apr1$x$y\n")
    (tmp_path / "users").chmod(0o666)
    made = htpasswd.add("$USERS")
    user, _, password = made["secret"].partition(":")
    digest = base64.b64encode(hashlib.sha1(password.encode()).digest()).decode()
    assert user == made["id"] and len(password) == 32
    assert (tmp_path / "users").read_text() == f"# people\nada:$apr1$x$y\n{user}:{{SHA}}{digest}\n"
    assert (tmp_path / "users").stat().st_mode & 0o777 == 0o666
    with pytest.raises(ValueError, match="the user 'ada' is in the file already"):
        htpasswd.add("$USERS", "ada")
    for name in ("ada:root", "ada\n", "# people"):
        with pytest.raises(ValueError, match="it has a colon or a control character, or begins with #"):
            htpasswd.add("$USERS", name)
    htpasswd.remove("$USERS", user)
    with pytest.raises(LookupError, match=f"the user '{user}' is not in the file"):
        htpasswd.remove("$USERS", user)
    assert [each.name for each in tmp_path.iterdir()] == ["users"]
    assert (tmp_path / "users").read_text() == "# people\nada:$apr1$x$y\n"
