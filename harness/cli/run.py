"""`authconform run`: build pytest's arguments, run it, and write the report."""

from __future__ import annotations

import gc
import io
import json
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Any

import click
import pytest
from _pytest.outcomes import Exit  # pytest.exit.Exception, as a class for mypy too

from harness import fetching, plugin
from harness.cli import options
from harness.cli.dry_run import planned
from harness.cli.run_folder import default_folder, discard, held, make, write_reports
from harness.cli.selectors import split
from harness.cli.several import bundled, run_all
from harness.errors import AuthconformError, TargetError
from harness.inputs import Choice, Inputs
from harness.items import CaseItem
from harness.plan import Case
from harness.report.lines import end_json
from harness.report.record import Run
from harness.report.summary import summary
from harness.running import RUN_FILE, Running, Settings

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
@options.inventory
@options.run_folder
@options.settings
@options.as_in_pytest
@click.option(
    "--insecure", is_flag=True, help="Agree to a target with tls: {verify: false}: anybody could answer."
)
@click.option("--all-profiles", is_flag=True, help="Test every bundled server, and write one index of them.")
def command(
    selectors: tuple[str, ...],
    target: Path | None,
    profile: str | None,
    base_url: str | None,
    faults: tuple[str, ...],
    document: str | None,
    out: Path | None,
    as_json: bool,
    dry_run: bool,
    keyword: str | None,
    marker: str | None,
    exitfirst: bool,
    verbose: bool,
    all_profiles: bool,
    insecure: bool,
    **settings: Any,
) -> int:
    """Ask an API all that applies to it, and write a report.

    A SELECTOR is the beginning of a suite (bearer/presentation), a scenario's id, the beginning of a cited
    requirement (rfc6750/3.1), or the path of your own suites. Several add up; with the path of your own
    suites the id of one of their scenarios chooses it alone.

    The run folder gets run.jsonl, index.html, junit.xml and allure-results.

    Exit codes: 0 it conforms, 1 it does not, 2 the command or a file is wrong, 3 inconclusive.
    """
    options.checked(target, profile, base_url, faults)
    chosen = options.chosen_as_in_pytest(keyword, marker, exitfirst, verbose)
    if all_profiles:
        options.alone(
            "--all-profiles",
            target=target, profile=profile, base_url=base_url, fault=faults, json=as_json, dry_run=dry_run,
            insecure=insecure, openapi=document,
        )  # fmt: skip
        return run_all(
            bundled(), out or default_folder("all"), options.arguments(settings) + chosen, selectors
        )
    asked = split(selectors)
    folder = out or default_folder(profile or (target.stem if target else "run"))
    writing = Settings(
        **options.gated(settings),
        out=None if dry_run else folder,
        selection=asked.names,
        whole=asked.own if asked.names else (),
    )
    listed = fetching.listed_by(document) if document else None
    inputs = Inputs(Choice(target, profile, base_url, faults, insecure, listed))
    session = _Session(Running(inputs, writing))
    for line in plugin.told_before(inputs, document):
        loud = line is plugin.UNVERIFIED
        click.secho(line, fg="red" if loud else None, bold=loud or None, err=True)
    arguments = ["-c", str(INI), "--rootdir", str(Path.cwd()), *map(str, asked.files), *chosen]
    if dry_run:
        return _dry_run(arguments, session, as_json, writing)
    return _run(arguments, session, folder, as_json)


def _run(arguments: Sequence[str], session: _Session, folder: Path, as_json: bool) -> int:
    """Let pytest run, and write the reports of what came of it to `folder`."""
    made = make(folder)
    with held(folder), redirect_stdout(sys.stderr if as_json else sys.stdout):
        try:
            code = _pytest(arguments, session)
            if session.run:
                click.echo(f"\nreport: {write_reports(session.run, folder)}")
        except BrokenPipeError:
            raise
        except OSError as error:
            code = _without_reports(error, session.run, folder)
        if session.run is None:
            discard(made)
            return code
    if as_json and session.run.end:
        click.echo(json.dumps(end_json(session.run.end)))
    return code


def _without_reports(error: OSError, run: Run | None, folder: Path) -> int:
    """Tell what became of a run whose reports could not all be written, and return its exit code."""
    reason = f"{error.filename or folder} cannot be written: {error.strerror or error}"
    if run is None or run.end is None:
        raise TargetError(reason, "Nothing can be said of the target.") from None
    click.echo(f"\n{summary(run)}")
    click.echo(f"authconform: {reason}. The run itself is in {folder / RUN_FILE}.", err=True)
    return run.end.exit_code


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


def _dry_run(arguments: Sequence[str], session: _Session, as_json: bool, settings: Settings) -> int:
    """Let pytest collect and choose, and tell what it would have run."""
    with redirect_stdout(io.StringIO()) as said:
        code = _pytest([*arguments, "--collect-only"], session)
    if session.error:
        raise session.error
    if code == 0:
        click.echo(planned(session.cases, session.running.inputs.profile, settings.times, as_json), nl=False)
    else:
        click.echo(said.getvalue().strip(), err=True)
    return code


def _pytest(arguments: Sequence[str], session: _Session) -> int:
    """pytest's exit code as one of ours."""
    gc.freeze()  # what is loaded stays: pytest's own collections at exit need not look at it
    gc.enable()
    with _interruptible():
        try:
            code = pytest.main(["--disable-plugin-autoload", *arguments], [plugin, session])
        except pytest.exit.Exception:  # before there was a session to end
            raise click.Abort from None
    return _EXIT_CODES.get(int(code), int(code))


class _Interrupted(Exit, KeyboardInterrupt):
    """Ends pytest as pytest.exit does, also while it collects, which only KeyboardInterrupt ends."""


@contextmanager
def _interruptible() -> Iterator[None]:
    """Let Ctrl-C and a termination end the session in order, and a second one end the process."""
    numbers = (signal.SIGINT, signal.SIGTERM)

    def stop(number: int, _: object) -> None:
        for each in numbers:
            signal.signal(each, signal.SIG_DFL)
        raise _Interrupted("interrupted; what is under way has a second to end")

    before = {number: signal.signal(number, stop) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
