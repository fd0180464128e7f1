"""The self-test: right servers pass, each fault breaks what it must and no more, no scenario is blind."""

from __future__ import annotations

import pytest

from harness import coverage, proving
from harness.model import Proof
from harness.report.complaints import complaints_about, complaints_about_fault
from reference_server.provider import provider

FAULTS = [str(fault["id"]) for fault in provider.faults("originchain")]
VARIATIONS = provider.variations("originchain")
RIGHT = [(), *((str(each["id"]),) for each in VARIATIONS), *proving.together(VARIATIONS)]


# What a fault breaks was reasoned from the specification; here it is seen.
@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_falls_as_foreseen(proof: Proof, fault: str) -> None:
    (found,) = [each for each in proof.faults if each.id == fault]
    assert list(complaints_about_fault(found)) == []
    assert found.exact


# A harness that says something against a right server would be worse than none.
@pytest.mark.parametrize("variations", RIGHT, ids=lambda ids: "+".join(ids) if len(ids) < 3 else "together")
def test_right_servers_pass(proof: Proof, variations: tuple[str, ...]) -> None:
    (found,) = [each for each in proof.right if each.variations == variations]
    assert found.fallen == ()


# A scenario that no fault makes fail may be asking nothing.
def test_no_scenario_is_bare(proof: Proof) -> None:
    assert [scenario.id for scenario in proof.scenarios if scenario.bare] == []


# The same for what the scenarios look at beside their own claim: a status, a challenge, a label.
def test_each_requirement_is_broken_by_a_fault(proof: Proof, subject: proving.Subject) -> None:
    excused = {scenario.id for scenario in proof.scenarios if scenario.no_fault}
    asked = {
        requirement
        for case in subject.cases
        if case.scenario.id not in excused
        for requirement, _ in coverage.looked_at(case, subject.inputs.profile)
    }
    broken = {requirement for fault in proof.faults for requirement in fault.breaks}
    assert sorted(asked - broken) == []


# All of it together is what the command says and exits with.
def test_nothing_to_complain_about(proof: Proof) -> None:
    assert list(complaints_about(proof)) == []
    assert len(proof.faults) >= 40 and sum(fault.subtle for fault in proof.faults) >= 15
    assert len(VARIATIONS) >= 12


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
