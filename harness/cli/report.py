"""`authconform report`: reports from a run file alone, at any later time."""

from __future__ import annotations

from pathlib import Path

import click

from harness.cli.run_folder import run_file
from harness.errors import mistake
from harness.report import html
from harness.report.record import read
from harness.report.summary import summary


@click.command("report")
@click.argument("run", metavar="RUN", type=click.Path(path_type=Path))
@click.option(
    "--html", "html_file", metavar="FILE", type=click.Path(path_type=Path), help="Write the HTML report."
)
@click.option(
    "--summary",
    "wants_summary",
    is_flag=True,
    help="Print the summary; so it is where nothing else is asked.",
)
def command(run: Path, html_file: Path | None, wants_summary: bool) -> int:
    """Make reports of RUN, a run folder or its run.jsonl."""
    found = read(run_file(run))
    if html_file:
        try:
            html_file.write_text(html.render(found), encoding="utf-8")
        except OSError as error:
            raise mistake(
                f"{html_file} cannot be written: {error.strerror}", None, "Check the folder."
            ) from None
        click.echo(f"report: {html_file}")
    if wants_summary or not html_file:
        click.echo(summary(found))
    return 0
