"""A production target is not touched unless it allows it by name: in a plan, and on every other path."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from many_ways import SECRET, Api, Asked, serving
from scene import WRITTEN, operation, play, profile, setting, step, target
from test_lifecycle import verb

from harness.asking import Ask, Asker
from harness.exchange import Network
from harness.lifecycle import Errand, perform
from harness.model import Effect, Outcome, Spoil
from harness.plan import Presentation
from harness.production import (
    NOTHING_TOUCHED,
    forbidden,
    is_production,
    of_operations,
    of_step,
    of_verbs,
)
from harness.setting import Inconclusive

ALL = {"creates", "revokes", "locks", "bursts", "strains", "destroys"}
COMMAND = Path(sys.executable).parent / "authconform"


# Production goes by many names; what only sounds like it is none.
def test_its_names() -> None:
    def said(environment: str) -> bool:
        return is_production(target("http://127.0.0.1:1", environment=environment))

    assert all(
        map(said, ("production", "Production", "PROD", "prod-eu", "production 2", " live ", "live/eu"))
    )
    assert not any(map(said, ("staging", "pre-prod", "nonprod", "products", "delivery", "unnamed", "")))


# An operation touches what goes before, after and beside it touches too.
def test_what_goes_with_an_operation() -> None:
    made = profile(
        operation(),
        operation("make", "POST", touches=frozenset({"creates"}), undo="drop"),
        operation("drop", "DELETE", touches=frozenset({"destroys"})),
        operation("read", after="make"),
        operation("look", effect=Effect("count", "x", True)),
        operation("count", touches=frozenset({"strains"})),
    )
    assert of_operations(["protected"], made) == NOTHING_TOUCHED
    assert of_operations(["read"], made).what == {"creates", "destroys"}
    assert of_operations(["look"], made).what == {"strains"}


# Who says nothing of what it touches, and is no safe request, may do anything; the line to add is told.
def test_what_is_not_said() -> None:
    quiet = operation("search", "POST", says_touches=False)
    made = profile(operation(says_touches=False), quiet)
    assert of_operations(["protected"], made) == NOTHING_TOUCHED
    touched = of_operations(["search"], made)
    assert touched.at_worst == ALL
    production = target("http://127.0.0.1:1", environment="production", allow=frozenset({"bursts", "locks"}))
    assert forbidden(touched, production) == (
        "the target is production and does not allow what this touches "
        "(creates, destroys, revokes, strains); add `allow: [creates, destroys, revokes, strains]` to "
        "target.yaml; 'search' does not say what it touches: add `touches: []` to it where it "
        "changes nothing (profile.yaml:3)"
    )
    assert of_verbs([verb(says_touches=False)]).at_worst == ALL
    assert of_verbs([verb(), verb(touches=frozenset({"revokes"}))]).what == {"revokes"}


# The way in which a step is done touches too: many requests, a watch, a measurement, a method that changes.
@pytest.mark.parametrize(
    ("changes", "touches"),
    [
        ({}, set()),
        ({"times": 24}, set()),
        ({"times": 25}, {"bursts"}),
        ({"times": 10, "together": True}, {"bursts"}),
        ({"options": {"until": {"refused": "rate-limited", "at_most": 5}}}, {"bursts"}),
        ({"outcome": Outcome("settles", "revoked", {}, WRITTEN)}, {"bursts"}),
        ({"verb": "alike", "subject": ["status"]}, set()),
        ({"verb": "alike", "subject": ["status", "time"]}, {"strains"}),
        ({"spoil": Spoil("method", "HEAD", False, WRITTEN)}, set()),
        ({"spoil": Spoil("method", "DELETE", False, WRITTEN)}, {"destroys"}),
        ({"spoil": Spoil("method", "PATCH", False, WRITTEN)}, {"creates", "destroys"}),
    ],
)  # fmt: skip
def test_how_a_step_is_done(changes: Mapping[str, Any], touches: set[str]) -> None:
    assert of_step(step(**changes)).what == touches


# --- behind the plan ------------------------------------------------------------------------------


def production(port: int, **changes: Any) -> Any:
    """A setting whose profile says that its operation and its verb create."""
    made = profile(
        operation("create", "POST", "/things", touches=frozenset({"creates"})),
        operation(path="/things"),
        lifecycle={"issue": verb(what="POST /tokens", credential="token", touches=frozenset({"creates"}))},
    )  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    return setting(url, profile=made, target=target(url, environment="production", **changes))


async def attempts(given: Any) -> list[str]:
    """What is said to an operation, a method, and a verb, which nobody has planned."""
    network, found = Network(redactor=given.redactor), []
    try:
        lane = network.lane()
        asker = Asker(given, lane, [])
        create = Ask(Presentation("token", "own", "create"), "setup")
        delete = Ask(
            Presentation("token", "own", "protected"), "case", Spoil("method", "DELETE", False, WRITTEN)
        )
        for doing in (
            asker.send(create),
            asker.send(delete),
            perform(given, lane, [], Errand("issue", {}, "case-1")),
        ):
            try:
                await doing
                found.append("done")
            except Inconclusive as error:
                found.append(str(error))
    finally:
        await network.aclose()
    return found


# Whatever a plan overlooks is not sent: neither by an operation nor by a verb, not even to prepare something.
def test_no_way_around() -> None:
    asked: list[Asked] = []

    def reads(request: Asked) -> str:
        asked.append(request)
        return SECRET

    with serving(Api(reads)) as api:
        refused = play(attempts(production(api.port)))
        assert [each.partition("; ")[0] for each in refused] == [
            f"the target is production and does not allow what this touches ({what})"
            for what in ("creates", "destroys", "creates")
        ]
        assert not asked
        allowed = production(api.port, allow=frozenset({"creates", "destroys"}))
        assert play(attempts(allowed))[:2] == ["done", "done"]
        assert [each.method for each in asked] == ["POST", "DELETE"]


# --- every way to run -----------------------------------------------------------------------------

PROFILE = """
profile: things
title: Things
extends: standard
credentials:
  key: {kind: api-key, field: X-Things-Key}
  fresh: {kind: api-key, field: X-Things-Key, obtained-by: log-in}
operations:
  protected: {request: GET /things, accepted: {status: 200}}
  make: {request: POST /things, accepted: {status: 200}, touches: [creates], undo: drop}
  drop: {request: DELETE /things, accepted: {status: 200}, touches: [destroys]}
  read: {request: GET /things, accepted: {status: 200}, after: make}
lifecycle:
  log-in:
    request: POST /login
    json: {username: ada, password: correct-horse-battery}
    gives: {secret: /tokens/csrf}
    touches: [creates]
  revoke: {request: DELETE /things, credential: key, touches: [revokes]}
"""

SUITE = """
suite: mine/things
title: What may be done
scenarios:
  - {id: look, requires: practice/key-accepted, present: key, accepted: true}
  - {id: make, requires: practice/key-accepted, present: key, on: make, accepted: true}
  - {id: read, requires: practice/key-accepted, present: key, on: read, accepted: true}
  - {id: fresh, requires: practice/key-accepted, present: fresh, accepted: true}
  - {id: often, requires: practice/key-accepted, present: key, times: 30, accepted: true}
  - id: revoke
    requires: practice/key-accepted
    steps: [{do: revoke}, {present: key, accepted: true}]
  - {id: delete, requires: practice/key-unknown-refused, present: key, but: {method: DELETE}, observed: it}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "profile.yaml").write_text(PROFILE)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "things.suite.yaml").write_text(SUITE)
    monkeypatch.setenv("KEY", SECRET)
    return tmp_path


def changing(api: Api, folder: Path, *words: str, allow: str = "[]") -> list[str]:
    """The requests that change something, as they came while this command ran."""
    seen: list[str] = []
    reads = api.reads

    def watched(asked: Asked) -> str | None:
        if asked.method != "GET":
            seen.append(f"{asked.method} {asked.path}")
        return reads(asked)

    (folder / "target.yaml").write_text(
        "profile: ./profile.yaml\nenvironment: prod-eu\n"
        f"places: {{own: {{url: 'http://127.0.0.1:{api.port}'}}}}\ncredentials: {{key: {{env: KEY}}}}\n"
        f"allow: {allow}\n"
    )
    watching = replace(api, reads=watched, sessions={})
    with serving(watching):
        text = (folder / "target.yaml").read_text().replace(f":{api.port}'", f":{watching.port}'")
        (folder / "target.yaml").write_text(text)
        ran = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=60)
    assert "Traceback" not in ran.stdout + ran.stderr
    return seen + ["POST /login" for _ in watching.sessions]


PYTEST = (sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--authconform-target=target.yaml")


# The command, plain pytest, what failed last, and doctor: none sends anything that changes something.
@pytest.mark.parametrize(
    "words",
    [
        (str(COMMAND), "run", "--target", "target.yaml", "mine"),
        (str(COMMAND), "run", "--target", "target.yaml", "mine/things/make", "mine/things/fresh"),
        (str(COMMAND), "doctor", "--target", "target.yaml"),
        (*PYTEST, "mine"),
        (*PYTEST, "mine/things.suite.yaml", "-k", "make or fresh or revoke or delete or read or often"),
    ],
)  # fmt: skip
def test_every_way_to_run(words: tuple[str, ...], folder: Path) -> None:
    api = Api(lambda asked: asked.only("X-Things-Key"))
    assert changing(api, folder, *words) == []


# What failed last is run again under the same rule, though it was allowed when it failed.
def test_what_failed_last(folder: Path) -> None:
    refusing = Api(lambda asked: asked.only("X-Things-Key") if asked.method == "GET" else None)
    words = (sys.executable, "-m", "pytest", "--authconform-target=target.yaml", "mine")
    assert "POST /things" in changing(refusing, folder, *words, allow="[creates, destroys]")
    assert changing(refusing, folder, *words, "--lf") == []


# With leave given by name everything is done.
def test_with_leave(folder: Path) -> None:
    api = Api(lambda asked: asked.only("X-Things-Key"))
    words = (str(COMMAND), "run", "--target", "target.yaml", "mine")
    seen = changing(api, folder, *words, allow="[creates, destroys, revokes, bursts]")
    assert {"POST /things", "DELETE /things", "POST /login"} <= set(seen)
