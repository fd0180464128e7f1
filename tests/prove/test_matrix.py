"""The self-test: right servers pass, each fault breaks what it must and no more, no scenario is blind."""

from __future__ import annotations

import pytest
from bundled import BUNDLED, RIGHT_ALONE

from harness import coverage, proving
from harness.model import Proof
from harness.report.complaints import complaints_about, complaints_about_fault
from reference_server.provider import provider

FAULTS = [(name, str(fault["id"])) for name in BUNDLED for fault in provider.faults(name)]
VARIATIONS = {name: provider.variations(name) for name in (*BUNDLED, *RIGHT_ALONE)}


def right(*names: str) -> list[tuple[str, tuple[str, ...]]]:
    """Each way in which the servers of these profiles are right."""
    return [
        (name, variations)
        for name in names
        for variations in (
            (),
            *((str(each["id"]),) for each in VARIATIONS[name]),
            *proving.together(VARIATIONS[name]),
        )
    ]


def called(part: str | tuple[str, ...]) -> str:
    """A part of a test's name."""
    return part if isinstance(part, str) else "+".join(part) if len(part) < 3 else "together"


# What a fault breaks was reasoned from the specification; here it is seen.
@pytest.mark.parametrize(("profile", "fault"), FAULTS)
def test_each_fault_falls_as_foreseen(proof: Proof, profile: str, fault: str) -> None:
    (found,) = [each for each in proof.faults if (each.profile, each.id) == (profile, fault)]
    assert list(complaints_about_fault(found)) == []
    assert found.exact


# A harness that says something against a right server would be worse than none.
@pytest.mark.parametrize(("profile", "variations"), right(*BUNDLED), ids=called)
def test_right_servers_pass(proof: Proof, profile: str, variations: tuple[str, ...]) -> None:
    (found,) = [each for each in proof.right if (each.profile, each.variations) == (profile, variations)]
    assert found.fallen == ()


@pytest.mark.parametrize(("profile", "variations"), right(*RIGHT_ALONE), ids=called)
def test_the_other_right_servers_pass(right_alone: Proof, profile: str, variations: tuple[str, ...]) -> None:
    (found,) = [
        each for each in right_alone.right if (each.profile, each.variations) == (profile, variations)
    ]
    assert found.fallen == ()


# A scenario that no fault makes fail may be asking nothing.
def test_no_scenario_is_bare(proof: Proof) -> None:
    assert [scenario.id for scenario in proof.scenarios if scenario.bare] == []


# Where a credential cannot be changed as a scenario wants, there is nothing that could fail.
def test_what_asks_nothing_is_not_listed(proof: Proof) -> None:
    asked = {scenario.id: scenario.profiles for scenario in proof.scenarios}
    assert "jwt/keys/public-key-as-secret" not in asked
    assert asked["jwt/keys/certificate"] == ("kid-jwt",)
    assert asked["robustness/sessions/cookie-alone"] == ("kid-jwt", "originchain")


# The same for what the scenarios look at beside their own claim: a status, a challenge, a label.
@pytest.mark.parametrize("profile", BUNDLED)
def test_each_requirement_is_broken_by_a_fault(
    proof: Proof, subjects: dict[str, proving.Subject], profile: str
) -> None:
    judged = {each.id for each in proof.scenarios if each.no_fault is None and profile in each.profiles}
    asked = {
        requirement
        for case in subjects[profile].cases
        if case.scenario.id in judged
        for requirement, _ in coverage.looked_at(case, subjects[profile].inputs.profile)
    }
    broken = {
        requirement for fault in proof.faults if fault.profile == profile for requirement in fault.breaks
    }
    assert asked - broken == set()


# All of it together is what the command says and exits with.
def test_nothing_to_complain_about(proof: Proof) -> None:
    assert list(complaints_about(proof)) == []


# There is enough of everything for each API.
@pytest.mark.parametrize("profile", BUNDLED)
def test_there_are_many(proof: Proof, profile: str) -> None:
    faults = [fault for fault in proof.faults if fault.profile == profile]
    assert len(faults) >= 55 and sum(fault.subtle for fault in faults) >= 20
    assert len(VARIATIONS[profile]) >= 10


# Groups of variations are compatible, and leave none out.
def test_together() -> None:
    listed = [
        {"id": "a", "not_with": ["b"]},
        {"id": "b", "not_with": []},
        {"id": "c"},
        {"id": "d", "not_with": ["c"]},
    ]
    assert proving.together(listed) == [("a", "c"), ("b", "c"), ("a", "d")]
    assert proving.together(listed[:1]) == []
