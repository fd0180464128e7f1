"""General names in suites: a profile's main credential and another's, wherever a credential is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness import profiles, suites, targets
from harness.checks import CHECKS
from harness.credentials import MECHANISMS
from harness.model import Profile, Scenario
from harness.names import named_after, roles, used_by, used_in, vocabulary
from harness.plan import Case, Presentation
from harness.planner import plan
from harness.positions import parse

PROFILE = """\
profile: acme
title: Acme
places: {own: The API., other: Another.}
credentials:
  dashboard-key: {kind: api-key, manages: true}
  key: {kind: api-key, field: X-Key}
  other-key: {like: key, at: other}
  jwt: {kind: jwt}
operations:
  protected: {request: GET /things, accepted: {status: 200}}
lifecycle:
  issue: {request: POST /keys, gives: {secret: /key}}
  revoke: {request: POST /revoke}
"""
TARGET = """\
profile: acme
places: {own: {url: "https://own.example"}, other: {url: "https://other.example"}}
credentials: {key: {env: A}, other-key: {env: B}, jwt: {env: C}, dashboard-key: {env: D}}
"""


def load(folder: Path, text: str = PROFILE) -> Profile:
    path = folder / "profile.yaml"
    path.write_text(text)
    return profiles.load(path, folder, profiles.Vocabulary(("r/1",), CHECKS, MECHANISMS))


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    return load(tmp_path)


def scenario(step: str) -> Scenario:
    written = f"suite: s\ntitle: t\nscenarios:\n- id: a\n  requires: r/1\n  {step}\n"
    suite = suites.build(parse(written, "s.suite.yaml"), suites.Vocabulary(("r/1",), CHECKS))
    return suite.scenarios[0]


def case(profile: Profile, step: str) -> Case:
    written = f"suite: s\ntitle: t\nscenarios:\n- id: a\n  requires: r/1\n  {step}\n"
    suite = suites.build(parse(written, "s.suite.yaml"), suites.Vocabulary(("r/1",), CHECKS))
    (found,) = plan([suite], profile, targets.build(parse(TARGET, "t.yaml"))).cases
    return found


# The first credential that is presented to the API itself is the main one; the other's is called after it.
def test_who_plays_them(profile: Profile) -> None:
    assert roles(profile) == {"credential": "key", "other-credential": "other-key"}
    assert {("credential", "credential"), ("credential", "other-credential")} <= vocabulary(profile)


# Who calls a credential so means that one; and a role that nobody plays is none.
def test_a_profile_with_that_very_name(tmp_path: Path) -> None:
    text = PROFILE.replace("  key: {", "  credential: {").replace("like: key", "like: credential")
    assert roles(load(tmp_path, text)) == {"key": "credential"}
    alone = PROFILE.replace("  other-key: {like: key, at: other}\n", "")
    assert roles(load(tmp_path, alone)) == {"credential": "key"}


# What suites call key or token is the first of its mechanism, where a profile calls it otherwise.
def test_an_api_key_by_another_name(tmp_path: Path) -> None:
    text = PROFILE.replace("  key: {", "  session: {").replace(
        "other-key: {like: key", "other-session: {like: session"
    )
    meant = roles(load(tmp_path, text))
    assert (meant["key"], meant["other-key"]) == ("session", "other-session")
    assert "token" not in meant


# A scenario about a role that nobody plays does not apply, and says which.
def test_a_role_without_a_player(tmp_path: Path) -> None:
    alone = load(tmp_path, PROFILE.replace("  other-key: {like: key, at: other}\n", ""))
    left_out = case(alone, "present: other-credential\n  at: own\n  refused: wrong-instance").left_out
    assert left_out is not None
    assert (left_out.verdict, left_out.reason) == (
        "not-applicable", "the profile acme has no credential 'other-credential'"
    )  # fmt: skip


# They are presented, and are the control, under the names of the profile.
def test_presented(profile: Profile) -> None:
    found = case(profile, "present: other-credential\n  at: own\n  refused: wrong-instance")
    assert found.steps[0].sent == Presentation("other-key", "own", "protected")
    assert found.control == Presentation("other-key", "other", "protected")
    assert found.id == "s/a"


# Wherever a credential can be named the role can be: in spoils, in needs, in preflights, in checks.
@pytest.mark.parametrize(
    ("step", "renamed"),
    [
        ("present: jwt\n  but: {beside: credential}\n  observed: x", "present: jwt\n  but: {beside: key}"),
        ("present: jwt\n  but: {beside: {credential: {value: {like: it}}}}\n  observed: x",
         "present: jwt\n  but: {beside: {key: {value: {like: it}}}}"),
        ("present: jwt\n  but: {beside: {jwt: {token: {of: credential}}}}\n  observed: x",
         "present: jwt\n  but: {beside: {jwt: {token: {of: key}}}}"),
        ("present: jwt\n  but: {token: {of: other-credential}}\n  observed: x",
         "present: jwt\n  but: {token: {of: other-key}}"),
        ("present: jwt\n  but: {forge: {claims: {sub: {of: credential}}}}\n  observed: x",
         "present: jwt\n  but: {forge: {claims: {sub: {of: key}}}}"),
        ("do: revoke\n  of: credential\n  but: {credential: other-credential}\n  observed: x",
         "do: revoke\n  of: key\n  but: {credential: other-key}"),
        ("preflight: protected\n  asks: [credential, content-type]\n  observed: x",
         "preflight: protected\n  asks: [key, content-type]"),
        ("obtain: credential\n  checks: [{no-secret: {of: credential}}]\n  observed: x",
         "obtain: key\n  checks: [{no-secret: {of: key}}]"),
        ("present: jwt\n  needs: [other-credential]\n  observed: x",
         "present: jwt\n  needs: [other-key]"),
        ("obtain: credential\n  observed: x", "obtain: key"),
    ],
)  # fmt: skip
def test_named_after_the_profile(profile: Profile, step: str, renamed: str) -> None:
    def told(found: Scenario) -> object:
        (one,) = found.steps
        spoil = one.spoil and (one.spoil.part, one.spoil.change)
        return found.needs, one.verb, one.subject, one.options, spoil, [each.args for each in one.expects]

    assert told(named_after(scenario(step), roles(profile))) == told(scenario(f"{renamed}\n  observed: x"))


# So are the causes that are compared.
def test_compared(profile: Profile) -> None:
    compared = "alike: [status]\n  among: {a: {present: credential}, b: {present: nothing}}"
    found = named_after(scenario(compared), roles(profile))
    assert [each.subject for each in found.steps[0].branches.values()] == ["key", "nothing"]


# What is no name of a credential stays what it is: a parameter of a request that happens to be called so.
def test_parameters_are_left_alone(profile: Profile) -> None:
    step = "present: key\n  but: {param: {grant: {of: credential}}}\n  observed: x"
    (found,) = named_after(scenario(step), roles(profile)).steps
    assert found.spoil and found.spoil.change == {"grant": {"of": "credential"}}


# What a spoil draws upon is used by the scenario: without it the scenario does not apply, and says so.
def test_what_a_spoil_draws_upon(profile: Profile) -> None:
    one = scenario("present: jwt\n  but: {forge: {header: {kid: {of: paper-key}}}}\n  observed: x")
    assert ("credential", "paper-key") in used_by(one)
    left_out = case(profile, "present: jwt\n  but: {token: {of: paper-key}}\n  observed: x").left_out
    assert left_out and left_out.reason == "the profile acme has no credential 'paper-key'"


# A misspelt name is told with its line.
def test_where_a_name_is_used(profile: Profile) -> None:
    written = (
        "suite: s\ntitle: t\nscenarios:\n- id: a\n  requires: r/1\n  present: key\n  but: {beside: kez}\n"
    )
    written += "  observed: x\n"
    suite = suites.build(parse(written, "s.suite.yaml"), suites.Vocabulary(("r/1",), CHECKS))
    assert str(used_in(suite)[("credential", "kez")]) == "s.suite.yaml:6"
