"""The suite language can say the hard things: they load, mean what they say, and are planned.

`hard.suite.yaml` holds what the language had to be able to say from the first day.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from harness import suites
from harness.checks import CHECKS
from harness.inputs import Choice, Inputs
from harness.model import Scenario, Spoil, Suite
from harness.plan import Case, Presentation
from harness.planner import plan

FOLDER = Path(__file__).parent
FILE = FOLDER / "hard.suite.yaml"


@pytest.fixture(scope="module")
def inputs() -> Inputs:
    return Inputs(Choice(target=FOLDER / "target.yaml"))


@pytest.fixture(scope="module")
def suite(inputs: Inputs) -> Suite:
    suite = suites.load(FILE, suites.Vocabulary(inputs.requirements, CHECKS))
    assert not inputs.unknown_names(suite)
    return suite


@pytest.fixture(scope="module")
def scenarios(suite: Suite) -> dict[str, Scenario]:
    return {scenario.id.removeprefix("hard/"): scenario for scenario in suite.scenarios}


@pytest.fixture(scope="module")
def cases(suite: Suite, inputs: Inputs) -> dict[str, Case]:
    planned = plan([suite], inputs.profile, inputs.target).cases
    return {case.id.removeprefix("hard/"): case for case in planned}


# Nine things, each a scenario that reads as a sentence, each planned once, and none left out.
def test_all_are_planned(scenarios: dict[str, Scenario], cases: dict[str, Case]) -> None:
    assert len(scenarios) == 9
    assert list(cases) == list(scenarios)
    assert [case.left_out for case in cases.values() if case.left_out] == []


# A part of the credential is taken away by its path.
def test_part_taken_away(scenarios: dict[str, Scenario]) -> None:
    (step,) = scenarios["part-taken-away"].steps
    assert step.spoil == Spoil("header.kid", None, True, step.spoil.where if step.spoil else step.where)
    assert step.outcome and step.outcome.reason == "missing-kid"


# Several at once: how many may win, and what becomes of the rest.
def test_plurality(scenarios: dict[str, Scenario]) -> None:
    (step,) = scenarios["one-winner"].steps
    assert (step.times, step.together) == (20, True)
    assert step.outcome and step.outcome.options == {"at_most": 1}
    assert step.options["otherwise"] == {"refused": "invalid-grant"}


# A parameter of a grant is changed like a part of a credential.
def test_parameter_changed(scenarios: dict[str, Scenario]) -> None:
    (step,) = scenarios["parameter-changed"].steps
    assert step.spoil and (step.spoil.part, step.spoil.change) == (
        "param",
        {"code_verifier": {"like": "it"}},
    )


# Presenting it at the wrong place is the spoil; the control is the same token where it belongs.
def test_foreign_token(cases: dict[str, Case]) -> None:
    case = cases["foreign-token"]
    assert case.left_out is None
    assert case.steps[0].sent == Presentation("other-token", "own", "protected")
    assert case.control == Presentation("other-token", "other", "protected")


# What a step obtained has a name that later steps use; the profile need not have it.
def test_named_results(scenarios: dict[str, Scenario]) -> None:
    obtain, revoke, present = scenarios["revocation-settles"].steps
    assert obtain.options["as"] == revoke.options["of"] == present.subject == "fresh"
    assert present.outcome and (present.outcome.kind, present.outcome.reason) == (
        "settles",
        "revoked-credential",
    )
    assert present.outcome.options["within"] == "${limits.revocation}"
    assert present.outcome.options["watch"] == "2s"


# Where no control is possible the scenario says why.
def test_without_control(scenarios: dict[str, Scenario]) -> None:
    scenario = scenarios["deletion-settles"]
    assert not scenario.control and scenario.because
    assert [step.verb for step in scenario.steps] == ["do", "present"]
    assert scenario.touches == {"destroys"}


# A preflight has an origin and asks for fields; what must come of it is left to checks.
def test_preflight(scenarios: dict[str, Scenario]) -> None:
    (step,) = scenarios["preflight"].steps
    assert (step.subject, step.options["origin"], step.options["asks"]) == (
        "protected",
        "unlisted",
        ["authorization"],
    )
    assert step.outcome is None and [each.check for each in step.expects] == ["no-cors-headers"]


# A repetition ends with a refusal, after so many at most.
def test_until(scenarios: dict[str, Scenario]) -> None:
    (step,) = scenarios["rate-limit"].steps
    assert step.options["until"] == {"refused": "rate-limited", "at_most": "${limits.burst}"}


# Parts of answers are compared among steps that each have a name and at most a spoil.
def test_alike(scenarios: dict[str, Scenario]) -> None:
    (step,) = scenarios["alike"].steps
    assert step.subject == ("status", "headers", "body")
    assert step.outcome and step.outcome.kind == "alike"
    assert list(step.branches) == ["missing", "unknown", "address", "endpoint"]
    assert step.branches["address"].options == {"from": "other-address"}
    assert step.branches["endpoint"].on == "unavailable"
