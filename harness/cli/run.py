"""`authconform run`: build pytest's arguments, run it, and write the report."""

from __future__ import annotations

import gc
import io
import json
import os
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from pathlib import Path

import click
import pytest

from harness import plugin, shipped, suites
from harness.cli import options
from harness.cli.dry_run import planned
from harness.cli.run_folder import default_folder, discard, write_report
from harness.errors import AuthconformError, mistake, quoted
from harness.inputs import Choice, Inputs
from harness.items import CaseItem
from harness.plan import Case
from harness.report.lines import end_json
from harness.report.record import Run
from harness.running import Running, Settings

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
@click.option(
    "--trials",
    metavar="N",
    type=click.IntRange(1, 100),
    default=3,
    show_default=True,
    help="Times that a change, such as a revocation, is made and measured.",
)
@click.option("--thorough", is_flag=True, help="20 trials, each watched for half a minute more.")
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
    trials: int,
    thorough: bool,
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
    paths, names = split(selectors)
    folder = out or default_folder(profile or (target.stem if target else "run"))
    inputs = Inputs(Choice(target, profile, base_url, faults))
    settings = Settings(
        concurrency, rate, seed, strict, None if dry_run else folder, tuple(names), trials, thorough
    )
    arguments = ["-c", str(INI), "--rootdir", str(Path.cwd()), *map(str, paths)]
    arguments += ["-k", keyword] if keyword else []
    arguments += ["-m", marker] if marker else []
    arguments += ["-x"] if exitfirst else []
    session = _Session(Running(inputs, settings))
    if dry_run:
        return _dry_run(arguments, session, as_json)
    arguments += [f"--junitxml={folder / 'junit.xml'}", f"--alluredir={folder / 'allure-results'}"]
    with redirect_stdout(sys.stderr if as_json else sys.stdout):
        code = _pytest(arguments, session)
        if session.run is None:
            discard(folder)
            return code
        click.echo(f"\nreport: {write_report(session.run, folder)}")
    if as_json and session.run.end:
        click.echo(json.dumps(end_json(session.run.end)))
    return code


class _Session:
    """Gives pytest the run, and takes from it what was collected and what the run came to."""

    def __init__(self, running: Running) -> None:
        self.running = running
        self.run: Run | None = None
        self.cases: Sequence[Case] = ()
        self.error: AuthconformError | None = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        config.stash[plugin.RUNNING] = self.running

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.cases = [item.case for item in session.items if isinstance(item, CaseItem)]

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self, config: pytest.Config) -> None:
        self.run = config.stash.get(plugin.RUN, None)
        self.error = config.stash.get(plugin.ERROR, None)


def _dry_run(arguments: Sequence[str], session: _Session, as_json: bool) -> int:
    """Let pytest collect and choose, and tell what it would have run."""
    with redirect_stdout(io.StringIO()) as said:
        code = _pytest([*arguments, "--collect-only"], session)
    if session.error:
        raise session.error
    if code == 0:
        click.echo(planned(session.cases, as_json), nl=False)
    else:
        click.echo(said.getvalue(), err=True)
    return code


def _pytest(arguments: Sequence[str], session: _Session) -> int:
    """pytest's exit code as one of ours."""
    os.environ.setdefault("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    gc.freeze()  # what is loaded stays: pytest's own collections at exit need not look at it
    gc.enable()
    code = pytest.main(["-p", "allure_pytest.plugin", *arguments], [plugin, session])
    return _EXIT_CODES.get(int(code), int(code))


def split(selectors: Sequence[str]) -> tuple[list[Path], list[str]]:
    """The files and folders that pytest is to collect, and the names that choose among their cases.

    InputError for a path of the user's own that holds no suite.
    """
    folder = shipped.folder("suites")
    paths: list[Path] = []
    names: list[str] = []
    for selector in selectors:
        own = Path(selector)
        if _is_shipped_folder(selector) or not own.exists():
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


def _is_shipped_folder(selector: str) -> bool:
    """Whether `selector` names a folder of our suites, such as `bearer` or `suites/bearer/`."""
    inside = Path(selector.removeprefix("suites/"))
    if inside.is_absolute() or not inside.parts or ".." in inside.parts:
        return False
    return (shipped.folder("suites") / inside).is_dir()


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
