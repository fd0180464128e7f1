"""`authconform prove`: the kill matrix, which shows that every scenario can fail."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from harness import profiles, providers, proving, shipped, suites
from harness.errors import InputError, Mistake, did_you_mean, mistake, quoted
from harness.inputs import TARGET_FILE, Choice, Inputs
from harness.model import FaultProof, Proof

MOST_EXCUSED = 0.05
"""Share of the scenarios that may have a reason in place of a fault."""


@click.command("prove")
@click.option(
    "--profile", metavar="NAME", help="Only this profile; all that have a bundled server where absent."
)
@click.option(
    "--provider", metavar="MODULE:ATTR", help="Prove against this server in the bundled one's place."
)
@click.option(
    "--suites", "folder", metavar="DIR", type=click.Path(path_type=Path), help="Prove these suites."
)
@click.option("--fault", "faults", metavar="ID", multiple=True, help="Only this fault; may be repeated.")
@click.option(
    "--out",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Write the matrix as index.html to this folder.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the matrix as JSON, and nothing else.")
def command(
    profile: str | None,
    provider: str | None,
    folder: Path | None,
    faults: tuple[str, ...],
    out: Path | None,
    as_json: bool,
) -> int:
    """Run every case against the right server, which must pass, and against each fault, which must not.

    Exit 0 if each fault broke what it must and nothing unforeseen, and every scenario was seen to fail.
    """
    subjects = [_subject(name, provider, folder) for name in _profiles(profile)]
    _check_faults(subjects, faults)
    proof = asyncio.run(proving.prove(subjects, faults))
    complaints = list(complaints_about(proof, partial=bool(faults)))
    if out:
        _write_page(proof, out, quiet=as_json)
    if as_json:
        click.echo(json.dumps(as_value(proof)))
    else:
        click.echo(told(proof, complaints))
    return 1 if complaints else 0


def as_value(proof: Proof) -> dict[str, Any]:
    """The matrix as JSON."""
    return {
        "right": {"fallen": list(proof.right_fallen)},
        "faults": [
            {
                "id": each.id,
                "profile": each.profile,
                "subtle": each.subtle,
                "breaks": list(each.breaks),
                "also": list(each.also),
                "fallen": list(each.fallen),
                "blinded": list(each.blinded),
                "exact": each.exact,
            }
            for each in proof.faults
        ],
        "scenarios": [
            {"id": each.id, "faults": list(each.faults), "no_fault": each.no_fault}
            for each in proof.scenarios
        ],
    }


def complaints_about(proof: Proof, partial: bool) -> Iterator[str]:
    """What keeps the matrix from proving anything; a `partial` one says nothing of bare scenarios."""
    for id in proof.right_fallen:
        yield f"the right server: {id} fell or stayed open, a false alarm"
    for fault in proof.faults:
        yield from _complaints_about(fault)
    if partial:
        return
    for scenario in proof.scenarios:
        if scenario.bare:
            yield f"{scenario.id}: no fault makes it fail"
    if proof.excused_share > MOST_EXCUSED:
        yield f"{proof.excused_share:.0%} of the scenarios have a reason in place of a fault, more than 5 %"


def told(proof: Proof, complaints: Sequence[str]) -> str:
    """The matrix for a terminal: a line for each fault, one for each scenario, then what is wrong."""
    lines = ["Faults, and what fell with each"]
    for fault in proof.faults:
        mark = "exact" if fault.exact else "WRONG"
        subtle = ", subtle" if fault.subtle else ""
        lines.append(f"  {mark}  {fault.id} ({fault.profile}{subtle})")
        lines.append(f"           {', '.join(fault.fallen) or 'nothing'}")
    lines += ["", "Scenarios, and by how many faults each was seen to fail"]
    for scenario in proof.scenarios:
        seen = len(scenario.faults) or (f"none: {scenario.no_fault}" if scenario.no_fault else "BARE")
        lines.append(f"  {seen!s:>5}  {scenario.id}")
    subtle_count = sum(fault.subtle for fault in proof.faults)
    lines += ["", *complaints, "" if complaints else "every fault fell as foreseen"]
    lines.append(
        f"{len(proof.faults)} faults ({subtle_count} subtle), {len(proof.scenarios)} scenarios, "
        f"{len(complaints)} complaints, {proof.elapsed:.1f} s"
    )
    return "\n".join(lines)


def _complaints_about(fault: FaultProof) -> Iterator[str]:
    for id in sorted(set(fault.breaks) - set(fault.fallen)):
        blind = " (it stayed open)" if id in fault.blinded else ""
        yield f"{fault.id}: {id} did not fall{blind}"
    for id in sorted(set(fault.fallen) - set(fault.breaks) - set(fault.also)):
        yield f"{fault.id}: {id} fell, which nobody foresaw"
    for id in sorted(set(fault.blinded) - set(fault.also)):
        yield f"{fault.id}: {id} stayed open, which nobody foresaw"


def _profiles(only: str | None) -> list[str]:
    folder = shipped.folder("specs")
    if only is not None:
        profiles.path_of(only, folder)  # an unknown name is an error
        return [only]
    return [name for name in profiles.names(folder) if (folder / name / TARGET_FILE).is_file()]


def _subject(profile: str, provider: str | None, folder: Path | None) -> proving.Subject:
    inputs = Inputs(Choice(profile=profile))
    files = suites.find(folder or shipped.folder("suites"))
    if not files:
        raise mistake(
            f"there is no suite in {quoted(str(folder))}", None, f"A suite ends in {suites.SUFFIX}."
        )
    name = provider or inputs.target.provider
    if name is None:
        raise mistake(f"the profile {quoted(profile)} has no bundled server", None, "Give --provider.")
    return proving.Subject(inputs, providers.load(name), proving.cases(inputs, files))


def _check_faults(subjects: Sequence[proving.Subject], faults: Sequence[str]) -> None:
    known = [str(fault["id"]) for subject in subjects for fault in subject.faults()]
    mistakes = [
        Mistake(None, f"there is no fault {quoted(name)}", did_you_mean(name, known))
        for name in faults
        if name not in known
    ]
    if mistakes:
        raise InputError(mistakes)


def _write_page(proof: Proof, folder: Path, quiet: bool) -> None:
    from harness.report import matrix  # Jinja2 is slow to import, and only a page needs it

    folder.mkdir(parents=True, exist_ok=True)
    page = folder / "index.html"
    page.write_text(matrix.render(proof), encoding="utf-8")
    click.echo(f"matrix: {page}", err=quiet)
