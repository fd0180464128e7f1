"""`authconform report`: reports from a run file alone, at any later time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from harness.cli.run_folder import run_file
from harness.errors import mistake
from harness.report import allure, github, html, junit, sarif
from harness.report.record import Run, read
from harness.report.summary import summary

FILES: dict[str, tuple[str, Callable[[Run], str]]] = {
    "html": ("the HTML report", html.render),
    "junit": ("JUnit XML", junit.render),
    "sarif": ("SARIF 2.1.0, for code scanning", sarif.render),
    "github_summary": ("the summary of a GitHub job; appended, as GitHub has it", github.job_summary),
    "github_output": ("the outputs of a GitHub step; appended, too", github.step_outputs),
}
"""Option -> what is written to its file, in words and as a function of the run."""

APPENDED = frozenset({"github_summary", "github_output"})


def _file_options(command: Callable[..., int]) -> Callable[..., int]:
    for name, (what, _) in reversed(FILES.items()):
        option = f"--{name.replace('_', '-')}"
        kind = click.Path(path_type=Path)
        command = click.option(option, name, metavar="FILE", type=kind, help=f"Write {what}.")(command)
    return command


@click.command("report")
@click.argument("run", metavar="RUN", type=click.Path(path_type=Path))
@_file_options
@click.option(
    "--allure",
    "folder",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write Allure results into a folder.",
)
@click.option(
    "--github-annotations", is_flag=True, help="Print GitHub workflow commands, which annotate files."
)
@click.option(
    "--summary",
    "wants_summary",
    is_flag=True,
    help="Print the summary; so it is where nothing else is asked.",
)
def command(
    run: Path,
    folder: Path | None,
    github_annotations: bool,
    wants_summary: bool,
    **files: Path | None,
) -> int:
    """Make reports of RUN, a run folder or its run.jsonl."""
    found = read(run_file(run))
    asked = {name: file for name, file in files.items() if file}
    for name, file in asked.items():
        _write(file, FILES[name][1](found), append=name in APPENDED)
        click.echo(f"{name.replace('_', ' ')}: {file}" if name != "html" else f"report: {file}")
    if folder:
        for name, text in allure.files(found):
            _write(folder / name, text)
        click.echo(f"allure: {folder}")
    if github_annotations:
        for line in github.workflow_commands(found):
            click.echo(line)
    if wants_summary or not (asked or folder or github_annotations):
        click.echo(summary(found))
    return 0


def _write(file: Path, text: str, append: bool = False) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a" if append else "w", encoding="utf-8", newline="\n") as opened:
            opened.write(text)
    except OSError as error:
        reason = f"{file.parent} is a file" if file.parent.is_file() else error.strerror
        raise mistake(f"{file} cannot be written: {reason}", None, "Check the folder.") from None
