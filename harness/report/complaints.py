"""What keeps a kill matrix from proving anything, in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from harness.model import FaultProof, Proof, RightProof, ScenarioProof

MOST_EXCUSED = 0.05
"""Share of the scenarios that may have a reason in place of a fault."""


def complaints_about(proof: Proof) -> Iterator[str]:
    """Everything that is wrong with the matrix; a partial one says nothing of scenarios without a fault."""
    for right in proof.right:
        for id in right.fallen:
            yield f"{named(right)}: {id} fell or stayed open, a false alarm"
    for fault in proof.faults:
        for complaint in complaints_about_fault(fault):
            yield f"{fault.id}: {complaint}"
    if proof.partial:
        return
    for scenario in proof.scenarios:
        if scenario.bare:
            yield f"{scenario.id}: no fault makes it fail"
    if proof.excused_share > MOST_EXCUSED:
        yield f"{proof.excused_share:.0%} of the scenarios have a reason in place of a fault, more than 5 %"


def complaints_about_fault(fault: FaultProof) -> Iterator[str]:
    """In what the server with this fault fell otherwise than was foreseen."""
    for id in sorted(set(fault.breaks) - set(fault.fallen)):
        blind = " (it stayed open)" if id in fault.blinded else ""
        yield f"{id} did not fall{blind}"
    for id in sorted(set(fault.fallen) - set(fault.breaks) - set(fault.also)):
        yield f"{id} fell, which nobody foresaw"
    for id in sorted(set(fault.blinded) - set(fault.also)):
        yield f"{id} stayed open, which nobody foresaw"


def seen_in(proof: Proof) -> list[ScenarioProof]:
    """The scenarios that there is something to say of: of a partial proof those that failed."""
    return [each for each in proof.scenarios if each.faults or not proof.partial]


def named(right: RightProof) -> str:
    """`the right server (originchain)`, or the variations that it was started with."""
    if not right.variations:
        return f"the right server ({right.profile})"
    which = right.variations[0] if len(right.variations) == 1 else f"{len(right.variations)} together"
    return f"the variation {which} ({right.profile})"
