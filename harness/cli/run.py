"""`authconform run`: build pytest's arguments, run it, and write the report."""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from datetime import UTC, datetime
from pathlib import Path

import click
import pytest

from harness import plugin, shipped, suites
from harness.cli import options
from harness.errors import mistake, quoted
from harness.report import html
from harness.report.lines import end_json
from harness.report.record import Run

INI = Path(__file__).with_name("run.ini")
"""pytest's configuration for the command: the user's own is for the user's own tests."""

_EXIT_CODES = {
    int(pytest.ExitCode.INTERNAL_ERROR): 3,
    int(pytest.ExitCode.USAGE_ERROR): 2,
    int(pytest.ExitCode.NO_TESTS_COLLECTED): 3,
}
"""pytest's codes that are not ours already, in ours."""


@click.command("run")
@click.argument("selectors", metavar="[SELECTOR]…", nargs=-1)
@options.about
@click.option(
    "--out",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="The run folder; default reports/<start>-<profile>.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the run's end line as JSON, and nothing else.")
@click.option("--dry-run", is_flag=True, help="Print what would be asked, and ask nothing.")
@click.option(
    "--concurrency",
    metavar="N",
    type=click.IntRange(1, 256),
    default=8,
    show_default=True,
    help="Batches under way at a time.",
)
@click.option(
    "--rate", metavar="N", type=click.FloatRange(0, min_open=True), help="At most N requests per second."
)
@click.option("--seed", metavar="N", type=int, help="Make invented values repeatable.")
@click.option("--strict", is_flag=True, help="A SHOULD not met fails the run too.")
@click.option("-k", "keyword", metavar="EXPRESSION", help="Only cases whose name matches, as in pytest.")
@click.option(
    "-m", "marker", metavar="EXPRESSION", help="Only cases so marked (must, should, …), as in pytest."
)
@click.option("-x", "--exitfirst", is_flag=True, help="Stop at the first case that fails.")
def command(
    selectors: tuple[str, ...],
    target: Path | None,
    profile: str | None,
    base_url: str | None,
    faults: tuple[str, ...],
    out: Path | None,
    as_json: bool,
    dry_run: bool,
    concurrency: int,
    rate: float | None,
    seed: int | None,
    strict: bool,
    keyword: str | None,
    marker: str | None,
    exitfirst: bool,
) -> int:
    """Run what applies to an API and write run.jsonl, index.html, junit.xml and allure-results.

    A SELECTOR is the beginning of a suite (bearer/presentation), a scenario's id, the beginning of a cited
    requirement (rfc6750/3.1), or the path of your own suites.
    """
    options.checked(target, profile, base_url, faults)
    folder = out or default_folder(profile or (target.stem if target else "run"))
    paths, names = split(selectors)
    arguments = ["-c", str(INI), "--rootdir", str(Path.cwd()), *map(str, paths)]
    given = {
        "target": target, "profile": profile, "base-url": base_url, "out": folder,
        "concurrency": concurrency, "rate": rate, "seed": seed,
    }  # fmt: skip
    arguments += [f"--authconform-{name}={value}" for name, value in given.items() if value is not None]
    arguments += [f"--authconform-fault={fault}" for fault in faults]
    arguments += [f"--authconform-select={name}" for name in names]
    arguments += ["--authconform-strict"] if strict else []
    arguments += ["-k", keyword] if keyword else []
    arguments += ["-m", marker] if marker else []
    arguments += ["-x"] if exitfirst else []
    if dry_run:
        arguments += ["--collect-only"]
    else:
        arguments += [f"--junitxml={folder / 'junit.xml'}", f"--alluredir={folder / 'allure-results'}"]
    watcher = _Watcher()
    with _talk_to_stderr(as_json):
        code = _pytest(arguments, watcher)
        run = watcher.run
        if run is None:
            return code
        report = write_report(run, folder)
        click.echo(f"\nreport: {report}")
    if as_json and run.end:
        click.echo(json.dumps(end_json(run.end)))
    return code


class _Watcher:
    """Hands the run over when pytest ends."""

    run: Run | None = None

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self, config: pytest.Config) -> None:
        self.run = config.stash.get(plugin.RUN, None)


def _pytest(arguments: Sequence[str], watcher: _Watcher) -> int:
    """pytest's exit code as one of ours."""
    os.environ.setdefault("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    gc.freeze()  # what is loaded stays: pytest's own collections at exit need not look at it
    gc.enable()
    code = pytest.main(["-p", "harness.plugin", "-p", "allure_pytest.plugin", *arguments], [watcher])
    return _EXIT_CODES.get(int(code), int(code))


@contextmanager
def _talk_to_stderr(quiet: bool) -> Iterator[None]:
    """With `quiet`, everything said goes to standard error and leaves standard output to the JSON."""
    if not quiet:
        yield
        return
    with redirect_stdout(sys.stderr):
        yield


def split(selectors: Sequence[str]) -> tuple[list[Path], list[str]]:
    """The files and folders that pytest is to collect, and the names that choose among their cases.

    InputError for a path of the user's own that holds no suite.
    """
    folder = shipped.folder("suites")
    paths: list[Path] = []
    names: list[str] = []
    for selector in selectors:
        own = Path(selector)
        if (folder / selector.removeprefix("suites/")).is_dir() or not own.exists():
            names.append(selector)
        elif own.is_file() or suites.find(own):
            paths.append(own)
        else:
            raise mistake(
                f"there is no suite in {quoted(selector)}", None, f"A suite's name ends in {suites.SUFFIX}."
            )
    if names:
        paths += _files_of(names, folder) or [folder]
    return paths or [folder], names


def _files_of(names: Sequence[str], folder: Path) -> list[Path]:
    """The suite files that `names` can only mean, where all of them say so: the others need not be read."""
    found: set[Path] = set()
    for name in names:
        stem = name.removeprefix("suites/").removesuffix(suites.SUFFIX).partition("[")[0].rstrip("/")
        of_name = [
            path
            for path in suites.find(folder)
            if (suite := path.relative_to(folder).as_posix().removesuffix(suites.SUFFIX))
            and (suite == stem or suite.startswith(f"{stem}/") or stem.startswith(f"{suite}/"))
        ]
        if not of_name:
            return []
        found.update(of_name)
    return sorted(found)


def default_folder(name: str) -> Path:
    """`reports/<start>-<profile>`, one that is not there yet."""
    start = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    folder = Path("reports") / f"{start}-{name}"
    number = 1
    while folder.exists():
        number += 1
        folder = Path("reports") / f"{start}-{name}-{number}"
    return folder


def write_report(run: Run, folder: Path) -> Path:
    """Write the run's page into `folder`, let `latest` beside it point there, and return what to open."""
    page = folder / "index.html"
    page.write_text(html.render(run), encoding="utf-8")
    latest = folder.parent / "latest"
    if folder.parent.name != "reports":
        return page
    draft = folder.parent / f".latest-{os.getpid()}"
    draft.unlink(missing_ok=True)
    draft.symlink_to(folder.name)
    os.replace(draft, latest)
    return latest / "index.html"
