"""What is asked of a target, what is left out and why, and between which controls."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from harness import profiles, suites, targets
from harness.checks import CHECKS
from harness.credentials import MECHANISMS
from harness.errors import InputError
from harness.model import Profile, Target
from harness.plan import Batch, Case, LeftOut, Presentation, batches
from harness.planner import plan
from harness.positions import parse

PROFILE = """\
profile: acme
title: Acme
places: {own: The API., other: Another., desk: Where tokens are made.}
credentials:
  token: {kind: bearer, prefix: x_}
  second-token: {like: token}
  other-token: {like: token, at: other}
operations:
  protected: {request: "GET /${tenant}/things", accepted: {status: 200}}
  create:
    request: POST /${tenant}/things
    json: {name: "${unique}", shard: ["${shard}"]}
    accepted: {status: 201}
    touches: [creates]
  remove: {request: "DELETE /things", accepted: {status: 204}, touches: [destroys]}
  tokens: {request: "GET /tokens", accepted: {status: 200}, at: desk}
  health: {request: "GET /health", accepted: {status: 200}, public: true}
lifecycle:
  revoke: {request: "POST /revoke"}
capabilities: [scopes]
"""
TARGET = """\
profile: acme
places:
  own: {url: "https://own.example", tenant: acme, shard: 1}
  other: {url: "https://other.example", tenant: globex}
  desk: {url: "https://desk.example"}
credentials: {token: {env: A}, second-token: {env: B}, other-token: {env: C}}
"""


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    path = tmp_path / "profile.yaml"
    path.write_text(PROFILE)
    return profiles.load(path, tmp_path, profiles.Vocabulary(("r/1",), CHECKS, MECHANISMS))


def target(text: str = TARGET) -> Target:
    return targets.build(parse(text, "t.yaml"))


def cases(profile: Profile, step: str, text: str = TARGET, more: str = "") -> list[Case]:
    """The cases of one scenario `a` whose step is `step`; `more` are further lines of the suite."""
    written = f"suite: s\ntitle: t\n{more}scenarios:\n- id: a\n  requires: r/1\n  {step}\n"
    suite = suites.build(parse(written, "s.suite.yaml"), suites.Vocabulary(("r/1",), CHECKS))
    return list(plan([suite], profile, target(text)).cases)


def only(profile: Profile, step: str, text: str = TARGET) -> Case:
    (case,) = cases(profile, step, text)
    return case


def reason(profile: Profile, step: str, text: str = TARGET) -> str:
    """Why the only case is left out, after the verdict."""
    left_out = only(profile, step, text).left_out
    assert left_out is not None
    return f"{left_out.verdict}: {left_out.reason}"


# A credential is presented at its own place unless the step says otherwise.
def test_names_are_resolved(profile: Profile) -> None:
    (step,) = only(profile, "present: other-token\n  accepted: true").steps
    assert step.sent == Presentation("other-token", "other", "protected")
    (step,) = only(profile, "present: other-token\n  at: own\n  refused: wrong-instance").steps
    assert step.sent == Presentation("other-token", "own", "protected")
    (step,) = only(profile, "present: token\n  on: tokens\n  accepted: true").steps
    assert step.sent == Presentation("token", "desk", "tokens")


# The control of a refusal is the unspoiled credential at its own place, on the same operation.
@pytest.mark.parametrize(
    ("step", "control"),
    [
        ("present: token\n  but: {value: {like: it}}\n  refused: unknown-token",
         Presentation("token", "own", "protected")),
        ("present: other-token\n  at: own\n  refused: wrong-instance",
         Presentation("other-token", "other", "protected")),
        ("present: token\n  on: create\n  but: {address: other}\n  refused: wrong-instance",
         Presentation("token", "own", "create")),
        ("present: token\n  on: tokens\n  but: {scheme: Foo}\n  refused: wrong-scheme",
         Presentation("token", "desk", "tokens")),
        ("present: nothing\n  refused: missing-credential", Presentation("token", "own", "protected")),
        ("present: nothing\n  at: other\n  refused: missing-credential",
         Presentation("other-token", "other", "protected")),
    ],
)  # fmt: skip
def test_control(profile: Profile, step: str, control: Presentation) -> None:
    assert only(profile, step).control == control


# What is unspoiled is a control itself; and a scenario may say that it has none.
@pytest.mark.parametrize(
    "step",
    [
        "present: token\n  accepted: true",
        "present: token\n  on: tokens\n  accepted: true",
        "present: token\n  but: {scheme: Foo}\n  refused: wrong-scheme\n  control: none\n  because: x",
    ],
)
def test_no_control(profile: Profile, step: str) -> None:
    assert only(profile, step).control is None


# `on: every` is every operation that needs a credential and that the target has, each a case of its own.
def test_every_operation(profile: Profile) -> None:
    step = "present: nothing\n  on: every\n  refused: missing-credential"
    found = cases(profile, step, TARGET + "absent: {remove: read-only}\n")
    assert [each.id for each in found] == ["s/a[protected]", "s/a[create]", "s/a[tokens]"]
    assert [each.title for each in found] == ["a (protected)", "a (create)", "a (tokens)"]
    assert [each.control and each.control.operation for each in found] == ["protected", "create", "tokens"]


# `on: every-public` is every one that needs none, and takes nothing else such as a grant or its client.
def test_every_public_operation(profile: Profile) -> None:
    step = "present: nothing\n  on: every-public\n  accepted: true"
    (case,) = cases(profile, step)
    assert case.id == "s/a[health]"
    assert case.steps[0].sent == Presentation(None, "own", "health")
    health = profile.operations["health"]
    none = "not-applicable: the profile acme has no public operation"
    for other in ({"takes": ("token",)}, {"beside": "token"}, {"at": "desk"}, {"public": False}):
        changed = {**profile.operations, "health": replace(health, **other)}
        assert reason(replace(profile, operations=changed), step) == none
    token = replace(profile.credentials["token"], options={"redeemed-by": "health"})
    assert reason(replace(profile, credentials={**profile.credentials, "token": token}), step) == none


# A mechanism is every credential of it that belongs to the place; several variants stay apart.
def test_every_credential_of_a_mechanism(profile: Profile) -> None:
    step = "present: bearer\n  refused: wrong-scheme\n  each: {a: {but: {scheme: A}}, b: {but: {scheme: B}}}"
    assert [each.id for each in cases(profile, step)] == [
        "s/a[a,token]",
        "s/a[a,second-token]",
        "s/a[b,token]",
        "s/a[b,second-token]",
    ]
    (there,) = cases(profile, "present: bearer\n  at: other\n  accepted: true")
    assert there.id == "s/a[other-token]"
    assert len({each.id for each in cases(profile, step.replace("refused", "on: every\n  refused"))}) == 16


# One that the target does not give is inconclusive by itself; the others are asked.
def test_some_credentials_of_a_mechanism(profile: Profile) -> None:
    text = TARGET.replace("second-token: {env: B}, ", "")
    first, second = cases(profile, "present: bearer\n  accepted: true", text)
    assert first.left_out is None
    assert second.left_out == LeftOut(
        "inconclusive",
        "the target gives no second-token; add `credentials: second-token: {env: SECOND_TOKEN}` to t.yaml, "
        "or `absent: second-token: <reason>`",
    )


# Sending nothing is checked against a credential that the target does give.
def test_control_of_nothing_is_one_that_there_is(profile: Profile) -> None:
    text = TARGET.replace("token: {env: A}, second", "second")
    step = "present: nothing\n  refused: missing-credential"
    assert only(profile, step, text).control == Presentation("second-token", "own", "protected")
    text = TARGET.replace("credentials: {token: {env: A}, second-token: {env: B}, ", "credentials: {")
    assert reason(profile, step, text) == (
        "inconclusive: the target gives no token; add `credentials: token: {env: TOKEN}` to t.yaml, "
        "or `absent: token: <reason>`"
    )


# What the profile does not have, or the target declares absent, does not apply; what it leaves open is told.
@pytest.mark.parametrize(
    ("step", "more", "said"),
    [
        ("present: token\n  needs: [jwt]\n  accepted: true", "",
         "not-applicable: the profile acme has no 'jwt'"),
        ("present: key\n  accepted: true", "", "not-applicable: the profile acme has no credential 'key'"),
        ("present: token\n  on: nothing-such\n  accepted: true", "",
         "not-applicable: the profile acme has no operation 'nothing-such'"),
        ("present: token\n  on: own\n  accepted: true", "",
         "not-applicable: the profile acme has no operation 'own'"),
        ("present: protected\n  accepted: true", "",
         "not-applicable: the profile acme has no credential 'protected'"),
        ("present: token\n  at: create\n  accepted: true", "",
         "not-applicable: the profile acme has no place 'create'"),
        ("present: token\n  accepted: true\n  checks: [{no-foreign-data: {of: gone}}]", "",
         "not-applicable: the profile acme has no place 'gone'"),
        ("present: token\n  at: other\n  refused: wrong-instance", "absent: {other: one instance only}\n",
         "not-applicable: other: one instance only"),
        ("present: other-token\n  at: own\n  refused: wrong-instance", "absent: {other: one only}\n",
         "not-applicable: other: one only"),
        ("present: nothing\n  refused: missing-credential\n  needs: [scopes]", "absent: {scopes: no}\n",
         "not-applicable: scopes: no"),
    ],
)  # fmt: skip
def test_not_applicable(profile: Profile, step: str, more: str, said: str) -> None:
    assert reason(profile, step, TARGET + more) == said


# A place that a credential belongs to is needed too, though no step names it.
def test_undeclared_place(profile: Profile) -> None:
    text = TARGET.replace('  other: {url: "https://other.example", tenant: globex}\n', "")
    told = (
        "inconclusive: the target gives no other; add `places: other: {url: …}` to t.yaml, "
        "or `absent: other: <reason>`"
    )
    assert reason(profile, "present: other-token\n  accepted: true", text) == told
    assert reason(profile, "present: other-token\n  at: own\n  refused: wrong-instance", text) == told
    assert reason(profile, "present: token\n  but: {address: other}\n  refused: wrong-instance", text) == told


# A variable that an operation needs at a place, and the target does not give it there, is told too.
def test_variable_that_a_place_lacks(profile: Profile) -> None:
    told = "inconclusive: the place other has no 'shard', which create needs; add `shard: …` to it (t.yaml:4)"
    assert reason(profile, "present: other-token\n  on: create\n  accepted: true") == told
    assert (
        reason(profile, "present: token\n  on: create\n  but: {variables: other}\n  accepted: true") == told
    )
    on_itself = "present: token\n  on: create\n  at: other\n  refused: wrong-instance"
    assert reason(profile, on_itself) == told


# A misspelt name in a template of the suite itself is a mistake: no target could give it.
def test_misspelt_template(profile: Profile) -> None:
    with pytest.raises(InputError) as raised:
        cases(profile, 'present: token\n  but: {field: "${sheme} ${value}"}\n  refused: malformed-credential')
    assert str(raised.value) == ("s.suite.yaml:7: unknown name 'sheme' in '${…}'. Did you mean 'scheme'?")
    case = only(profile, 'present: token\n  but: {path: "${path}/${place.other.tenant}"}\n  observed: x')
    assert case.left_out is None


# A profile without anything to present, or to present it to, has cases that say so; none vanish.
def test_nothing_to_present(tmp_path: Path) -> None:
    path = tmp_path / "profile.yaml"
    operations = 'operations: {health: {request: "GET /", accepted: {status: 200}, public: true}}\n'
    path.write_text(f"profile: p\ntitle: P\nplaces: {{own: x}}\n{operations}")
    vocabulary = profiles.Vocabulary((), CHECKS, MECHANISMS)
    empty = profiles.load(path, tmp_path, vocabulary)
    step = "present: nothing\n  on: every\n  refused: missing-credential"
    assert reason(empty, step) == "not-applicable: the profile p has no credential"
    path.write_text(path.read_text() + "credentials: {token: {kind: bearer}}\n")
    public = profiles.load(path, tmp_path, vocabulary)
    assert reason(public, step) == "not-applicable: the profile p has no protected operation"


# What this version cannot execute says which key it is, and where.
@pytest.mark.parametrize(
    ("step", "key"),
    [
        ("do: revoke\n  but: {scheme: Foo}", "'scheme' (s.suite.yaml:6)"),
        ("send: {request: GET /}\n  on: create\n  status: 200", "'on' (s.suite.yaml:6)"),
        ("alike: [status]\n  among:\n    one: {present: token, as: mine}\n    two: {present: nothing}",
         "'as' (s.suite.yaml:8)"),
        ("alike: [status]\n  among:\n    one: {do: revoke}\n    two: {present: nothing}",
         "'do' (s.suite.yaml:8)"),
        ("steps:\n  - {present: token, as: mine, accepted: true}\n  - {present: mine, accepted: true}",
         "'as' (s.suite.yaml:7)"),
    ],
)  # fmt: skip
def test_what_cannot_be_executed(profile: Profile, step: str, key: str) -> None:
    assert reason(profile, step) == f"inconclusive: this version cannot execute {key}"


# Production is not touched unless the target allows it, be it by the scenario or by the operation.
def test_production(profile: Profile) -> None:
    production = TARGET + "environment: production\n"
    create = "present: token\n  on: create\n  accepted: true"
    told = (
        "inconclusive: the target is production and does not allow what this touches (creates); "
        "add `allow: [creates]` to t.yaml"
    )
    assert reason(profile, create, production) == told
    assert only(profile, create, production + "allow: [creates]\n").left_out is None
    assert only(profile, "present: token\n  accepted: true", production).left_out is None
    bursts = "present: token\n  touches: [bursts, locks]\n  accepted: true"
    assert "does not allow what this touches (bursts, locks)" in reason(profile, bursts, production)
    assert only(profile, bursts).left_out is None


# At most sixteen cases share two controls; what changes more than it takes back has a lane of its own.
def test_batches(profile: Profile) -> None:
    spoils = ", ".join(f"v{number}: {{but: {{scheme: S{number}}}}}" for number in range(20))
    found = cases(profile, f"present: token\n  refused: wrong-scheme\n  each: {{{spoils}}}")
    found += cases(profile, "present: token\n  on: every\n  accepted: true")
    found += cases(profile, "present: token\n  on: every\n  but: {scheme: Foo}\n  refused: wrong-scheme")
    found += cases(profile, "present: key\n  accepted: true")

    def told(batch: Batch) -> tuple[int, str | None, str]:
        return len(batch.cases), batch.control and batch.control.operation, batch.lane

    assert [told(each) for each in batches(found)] == [
        (1, None, "shared"),
        (1, None, "shared"),
        (1, None, "exclusive"),
        (1, None, "shared"),
        (16, "protected", "shared"),
        (5, "protected", "shared"),
        (1, "create", "shared"),
        (1, "remove", "exclusive"),
        (1, "tokens", "shared"),
    ]
