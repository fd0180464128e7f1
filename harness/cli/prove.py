"""`authconform prove`: the kill matrix, which shows that every scenario can fail."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from harness import profiles, proving, shipped
from harness.cli import run_folder
from harness.errors import InputError, Mistake, did_you_mean, quoted
from harness.inputs import TARGET_FILE
from harness.model import Proof
from harness.report.complaints import complaints_about, named, seen_in
from harness.report.measured import counted


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
    "--whole", is_flag=True, help="Ask faulty servers also the cases in which they answer like the right one."
)
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
    whole: bool,
    out: Path | None,
    as_json: bool,
) -> int:
    """Show that every scenario can fail, and none without reason.

    Every case is run against right servers, which must pass, and against each fault, which must not.

    Exit 0 if each fault broke what it must and nothing unforeseen, nothing fell where the server was right in
    whatever way, and every scenario was seen to fail. With --fault only these and the documented server run.

    A faulty server that would answer every request of a case like the right one is not asked that case again;
    with --whole, and with --fault, it is.
    """
    aims = [proving.Aim(name, provider, folder) for name in _profiles(profile)]
    subjects = [proving.subject(aim) for aim in aims]
    _check_faults(subjects, faults)
    if out:
        run_folder.make(out)
    proof = proving.prove(subjects, faults, whole=whole)
    complaints = list(complaints_about(proof))
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


def told(proof: Proof, complaints: Sequence[str]) -> str:
    """The matrix for a terminal: a line for each fault, one for each scenario, then what is wrong."""
    lines = ["Right servers, and what fell although they are right"]
    for right in proof.right:
        lines.append(f"  {'WRONG' if right.fallen else 'quiet'}  {named(right)}")
        if right.fallen:
            lines.append(f"           {', '.join(right.fallen)}")
    lines += ["", "Faults, and what fell with each"]
    for fault in proof.faults:
        mark = "exact" if fault.exact else "WRONG"
        subtle = ", subtle" if fault.subtle else ""
        lines.append(f"  {mark}  {fault.id} ({fault.profile}{subtle})")
        lines.append(f"           {', '.join(fault.fallen) or 'nothing'}")
    lines += ["", "Scenarios, and by how many faults each was seen to fail"]
    for scenario in seen_in(proof):
        seen = len(scenario.faults) or (f"none: {scenario.no_fault}" if scenario.no_fault else "BARE")
        lines.append(f"  {seen!s:>5}  {scenario.id}")
    subtle_count = sum(fault.subtle for fault in proof.faults)
    lines += ["", *complaints, "" if complaints else "every fault fell as foreseen"]
    lines.append(
        f"{counted(len(proof.right), 'right server')}, {counted(len(proof.faults), 'fault')} "
        f"({subtle_count} subtle), {counted(len(proof.scenarios), 'scenario')}, "
        f"{counted(len(complaints), 'complaint')}, {proof.elapsed:.1f} s"
    )
    return "\n".join(lines)


def _profiles(only: str | None) -> list[str]:
    folder = shipped.folder("specs")
    if only is not None:
        profiles.path_of(only, folder)  # an unknown name is an error
        return [only]
    return [name for name in profiles.names(folder) if (folder / name / TARGET_FILE).is_file()]


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

    page = folder / "index.html"
    page.write_text(matrix.render(proof), encoding="utf-8")
    click.echo(f"matrix: {page}", err=quiet)
