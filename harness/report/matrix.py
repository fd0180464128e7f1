"""The kill matrix as one HTML file: every fault with what fell, every scenario with the faults it noticed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from harness import __version__
from harness.model import FaultProof, Proof, ScenarioProof
from harness.report import page
from harness.report.complaints import complaints_about, complaints_about_fault, named, seen_in

MOST_FAULTS = 60
"""Faults that are named for one scenario."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Of how much the matrix is made."""

    faults: int
    exact: int
    subtle: int
    scenarios: int
    seen: int
    """Scenarios that at least one fault makes fail."""
    excused: int
    right: int


def render(proof: Proof) -> str:
    """Return the matrix as a complete HTML document."""
    return page.document(
        "matrix.html.j2",
        styles=("report.css", "matrix.css"),
        filters={"complaints": complaints_about_fault, "named": named, "state": _state},
        proof=proof,
        complaints=list(complaints_about(proof)),
        counts=_counts(proof),
        profiles=_by_profile(proof.faults),
        suites=_by_suite(seen_in(proof)),
        most=MOST_FAULTS,
        version=__version__,
    )


def _counts(proof: Proof) -> Counts:
    return Counts(
        faults=len(proof.faults),
        exact=sum(fault.exact for fault in proof.faults),
        subtle=sum(fault.subtle for fault in proof.faults),
        scenarios=len(proof.scenarios),
        seen=sum(bool(scenario.faults) for scenario in proof.scenarios),
        excused=sum(scenario.no_fault is not None for scenario in proof.scenarios),
        right=len(proof.right),
    )


def _by_profile(faults: Iterable[FaultProof]) -> dict[str, list[FaultProof]]:
    found: dict[str, list[FaultProof]] = {}
    for fault in faults:
        found.setdefault(fault.profile, []).append(fault)
    return found


def _by_suite(scenarios: Iterable[ScenarioProof]) -> dict[str, list[ScenarioProof]]:
    found: dict[str, list[ScenarioProof]] = {}
    for scenario in scenarios:
        found.setdefault(scenario.id.rpartition("/")[0], []).append(scenario)
    return found


def _state(scenario: ScenarioProof) -> str:
    """Return whether the scenario was seen to fail, is excused from it, or is bare."""
    if scenario.faults:
        return "seen"
    return "excused" if scenario.no_fault is not None else "bare"
