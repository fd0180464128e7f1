"""Run every profile that has a bundled server, each by a command of its own, and make one index of them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click

from harness import profiles, shipped
from harness.cli.run_folder import make, point_to
from harness.errors import InputError
from harness.inputs import TARGET_FILE
from harness.report.record import Run, read
from harness.report.several import Entry, line, render
from harness.running import RUN_FILE

AT_ONCE = 3
"""Profiles that are run side by side: each waits half of its time."""

_WORST = (1, 2, 3)
"""Exit codes that decide, the strongest first."""


def bundled() -> list[str]:
    """The profiles whose bundled server can be started."""
    folder = shipped.folder("specs")
    return [name for name in profiles.names(folder) if (folder / name / TARGET_FILE).is_file()]


def run_all(names: Sequence[str], folder: Path, given: Sequence[str], selectors: Sequence[str]) -> int:
    """Run each profile into a folder below `folder`, tell each in a line, and write the index.

    `given` are options that every run gets, beside `selectors`. The exit code is the strongest of theirs.
    """
    further = [*given, "--", *selectors]
    make(folder)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        running = [pool.submit(_run, name, folder / name, further) for name in _longest_first(names)]
    codes = [each.result() for each in running]
    entries = [Entry(name, f"{name}/index.html", _read(folder / name)) for name in names]
    for entry in entries:
        click.echo(line(entry))
    page = folder / "index.html"
    page.write_text(render(entries), encoding="utf-8")
    click.echo(f"\nreport: {point_to(folder)}")
    return next((code for code in _WORST if code in codes), 0)


def _longest_first(names: Sequence[str]) -> list[str]:
    """Whose profile says most is asked most: begun last, it would be waited for alone."""
    folder = shipped.folder("specs")
    return sorted(names, key=lambda name: -(folder / name / profiles.FILE).stat().st_size)


def _run(name: str, folder: Path, further: Sequence[str]) -> int:
    """Run one profile, telling its progress on the way and, where there is no verdict, all that it said."""
    command = [sys.executable, "-m", "harness.cli", "run", "--profile", name, "--out", str(folder), *further]
    said: list[str] = []
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8"
    ) as running:
        assert running.stdout is not None
        for heard in running.stdout:
            said.append(heard)
            if heard.rstrip().endswith("%]"):
                click.echo(f"{name:<14} {heard.rstrip()}")
    if running.returncode in (2, 3):
        click.echo("".join(said), err=True)
    return running.returncode


def _read(folder: Path) -> Run | None:
    try:
        return read(folder / RUN_FILE)
    except InputError:
        return None
