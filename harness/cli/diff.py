"""`authconform diff`: what has changed from one run to another."""

from __future__ import annotations

import json
from pathlib import Path

import click

from harness.cli.run_folder import run_file
from harness.errors import TargetError
from harness.report.difference import difference
from harness.report.difference_summary import summary
from harness.report.record import read


@click.command("diff")
@click.argument("old", metavar="OLD", type=click.Path(path_type=Path))
@click.argument("new", metavar="NEW", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the difference as JSON, and nothing else.")
def command(old: Path, new: Path, as_json: bool) -> int:
    """Tell what has changed between two runs.

    Each is a run folder or its run.jsonl.

    Exit codes: 0 nothing fails that did not before, 1 something does, 2 one of the two is no run, 3 nothing
    does, but the new run was cut off.
    """
    found = difference(read(run_file(old)), read(run_file(new)))
    click.echo(json.dumps(found.json()) if as_json else summary(found), nl=as_json)
    if found.newly_failing:
        return 1
    return TargetError.exit_code if found.new_cut_off else 0
