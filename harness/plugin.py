"""The pytest plugin: options, collection, and a run that goes on ahead of the items."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any

import pytest

from harness import fetching, identities, suites
from harness.errors import (
    AuthconformError,
    InputError,
    TargetError,
    did_you_mean,
    escaped,
    mistake,
    quoted,
)
from harness.inputs import Choice, Inputs
from harness.items import CaseItem, SuiteFile
from harness.report.record import Run
from harness.report.summary import summary
from harness.running import Running, Settings
from harness.selection import matching

RUNNING = pytest.StashKey[Running]()
"""The run that items wait for; the command puts its own here before `pytest_configure`."""
RUN = pytest.StashKey[Run]()
"""What it came to."""
ERROR = pytest.StashKey[AuthconformError]()
"""Why no case could be asked."""

OTHERS_FAILED = pytest.StashKey[bool]()
"""Whether a test that is no case failed."""
MISTAKEN = pytest.StashKey[bool]()
"""Whether a file could not be collected, and the others were run all the same."""

_UNCONFIGURED = pytest.StashKey[list[Path]]()
_BEFORE = pytest.StashKey[Sequence[str]]()

UNVERIFIED = (
    "authconform: --insecure: NO CERTIFICATE IS VERIFIED. "
    "Anybody on the way can answer in the target's place, and read the credentials."
)
_MOST_NOTES = 10
"""Of what was left aside of an OpenAPI document so much is told."""


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("authconform", "conformance of an API's authentication")
    add = group.addoption
    add("--authconform-target", metavar="FILE", help="the target to test")
    add("--authconform-profile", metavar="NAME", help="test the bundled server of this profile")
    add("--authconform-base-url", metavar="URL", help="test this address in the bundled server's place")
    add("--authconform-fault", metavar="ID", action="append", default=[], help="start it with this fault")
    add("--authconform-openapi", metavar="FILE-OR-URL",
        help="the API's OpenAPI document: each operation that it protects is asked too")  # fmt: skip
    add("--authconform-insecure", action="store_true", help="agree to a target that verifies no certificate")
    add("--authconform-out", metavar="DIR", help="write run.jsonl and index.html to this folder")
    add("--authconform-select", metavar="SELECTOR", action="append", default=[],
        help="only suites, scenarios or requirements that begin so")  # fmt: skip
    add("--authconform-concurrency", metavar="N", type=int, default=8, help="batches at a time (8)")
    add("--authconform-rate", metavar="N", type=float, help="at most N requests per second")
    add("--authconform-seed", metavar="N", type=int, help="make invented values repeatable")
    add("--authconform-trials", metavar="N", type=int, default=3, help="times that a change is measured (3)")
    add("--authconform-thorough", action="store_true", help="20 trials, watched for half a minute each")
    add("--authconform-baseline", metavar="FILE", help="accept the findings that this file names")
    add("--authconform-strict", action="store_true", help="a SHOULD not met fails the run too")
    add("--authconform-fail-on", metavar="WHAT", action="append", default=[],
        choices=("must", "should", "inconclusive"), help="what exits with 1")  # fmt: skip


def pytest_configure(config: pytest.Config) -> None:
    for marker in (
        "must: cases that can break a MUST",
        "should: cases that can break a SHOULD",
        "may: cases that record something",
    ):
        config.addinivalue_line("markers", marker)
    # a session that turns warnings into errors is not to turn a SHOULD into a MUST
    config.addinivalue_line("filterwarnings", "default::harness.items.ConformanceWarning")
    identities.register(config)
    option = config.option
    if RUNNING in config.stash or not (option.authconform_target or option.authconform_profile):
        return
    if getattr(option, "numprocesses", None) or hasattr(config, "workerinput"):
        pytest.exit(
            "authconform overlaps requests itself, and under pytest-xdist each worker would send them all: "
            "leave -n out and use --authconform-concurrency",
            returncode=2,
        )
    try:
        _check(option)
        inputs = Inputs(_choice(option))
        config.stash[RUNNING] = Running(inputs, _settings(option))
        config.stash[_BEFORE] = told_before(inputs, option.authconform_openapi)
    except AuthconformError as error:
        pytest.exit(str(error), returncode=error.exit_code)


def told_before(inputs: Inputs, document: str | None) -> Sequence[str]:
    """What is said before the first case: what is not asked of a document, and that nobody is verified."""
    notes = inputs.left_aside[:_MOST_NOTES]
    told = [f"authconform: {document}: left aside: {escaped(note)}" for note in notes]
    return [*told, UNVERIFIED] if inputs.choice.insecure else told


@pytest.hookimpl(trylast=True)  # after the header
def pytest_sessionstart(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    for line in session.config.stash.get(_BEFORE, ()):
        if reporter is not None:
            reporter.write_line(line, red=line is UNVERIFIED, bold=line is UNVERIFIED)


def pytest_unconfigure(config: pytest.Config) -> None:
    identities.unregister(config)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    if not file_path.name.endswith(suites.SUFFIX):
        return None
    running = parent.config.stash.get(RUNNING, None)
    if running is None:
        parent.config.stash.setdefault(_UNCONFIGURED, []).append(file_path)
        return None
    collector: SuiteFile = SuiteFile.from_parent(parent, path=file_path)
    collector.running = running
    return collector


@pytest.hookimpl(tryfirst=True)  # before -k and -m: what they leave out is there all the same
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    running = config.stash.get(RUNNING, None)
    if running is None or not running.settings.selection:
        return
    ours = [item for item in items if isinstance(item, CaseItem)]
    chosen: set[str] = set()
    try:
        cases = [item.case for item in ours]
        chosen = {case.id for case in matching(cases, running.settings.selection, running.inputs.profile)}
        for path in running.settings.whole:
            below = {item.case.id for item in ours if item.path.is_relative_to(path.resolve())}
            chosen |= below if not below & chosen else set()
    except AuthconformError as error:
        config.stash[ERROR] = error
    dropped = [item for item in items if isinstance(item, CaseItem) and item.case.id not in chosen]
    kept = [item for item in items if not isinstance(item, CaseItem) or item.case.id in chosen]
    config.hook.pytest_deselected(items=dropped)
    items[:] = kept


def pytest_deselected(items: Sequence[pytest.Item]) -> None:
    for item in items:
        if isinstance(item, CaseItem):
            item.running.deselected += 1


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    running = session.config.stash.get(RUNNING, None)
    if running is None or session.config.option.collectonly:
        return None
    if session.testsfailed:
        if not session.config.option.continue_on_collection_errors:
            return None
        session.config.stash[MISTAKEN] = True
    cases = [item.case for item in session.items if isinstance(item, CaseItem)]
    if not cases:
        return None
    try:
        running.start(cases)
    except AuthconformError as error:
        session.config.stash[ERROR] = error
        return True  # no case is asked
    return None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if isinstance(item, CaseItem):
        if item.outcome is not None and call.when == "call":
            report.duration = item.outcome.elapsed  # the item itself only waited
    elif report.failed:
        item.config.stash[OTHERS_FAILED] = True
    return report


@pytest.hookimpl(tryfirst=True)
def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, str] | None:
    """A case that does not apply is no dot among those that were asked: the summary counts it."""
    if report.skipped and report.when == "setup" and dict(report.user_properties).get("case"):
        return "skipped", "", "NOT APPLICABLE"
    return None


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    running = session.config.stash.get(RUNNING, None)
    if running is None:
        return
    stopped = "the run was interrupted" if exitstatus == pytest.ExitCode.INTERRUPTED else None
    run = running.finish(stopped)
    error = session.config.stash.get(ERROR, None)
    if run is None or run.end is None:
        if error is None and exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED:
            error = session.config.stash[ERROR] = _nothing(session.config)
        if error is not None:
            session.exitstatus = error.exit_code
        elif exitstatus == pytest.ExitCode.INTERRUPTED and not session.testsfailed:
            session.exitstatus = TargetError.exit_code
        return
    session.config.stash[RUN] = run
    if exitstatus in (0, 1, 2, 5):
        others_failed = session.config.stash.get(OTHERS_FAILED, False)
        session.exitstatus = run.end.exit_code or int(others_failed)
        if session.exitstatus != 1 and session.config.stash.get(MISTAKEN, False):
            session.exitstatus = InputError.exit_code


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    for path in config.stash.get(_UNCONFIGURED, [])[:1]:
        terminalreporter.write_line(
            f"authconform: {path.name} was left out; give --authconform-target FILE or "
            "--authconform-profile NAME",
            yellow=True,
        )
    if config.option.tbstyle == "no":  # then pytest itself does not say what is wrong with a file
        for report in terminalreporter.stats.get("error", ()):
            if isinstance(report, pytest.CollectReport):
                terminalreporter.ensure_newline()
                terminalreporter.write_line(f"authconform: {report.longreprtext}", red=True)
    error, run = config.stash.get(ERROR, None), config.stash.get(RUN, None)
    if run is None or run.end is None:
        if error is not None:
            terminalreporter.ensure_newline()
            terminalreporter.write_line(f"authconform: {error}", red=True)
        return
    told = summary(run, verbose=config.get_verbosity() > 0)
    verdict, _, rest = told.partition("\n")
    colour = {0: "green", 1: "red"}.get(run.end.exit_code, "yellow")
    terminalreporter.ensure_newline()
    terminalreporter.write_line(verdict, bold=True, **{colour: True})
    terminalreporter.write_line(rest)


def _check(option: Any) -> None:
    """InputError for options that contradict each other, or have a value that cannot be."""
    target, profile = option.authconform_target, option.authconform_profile
    base_url, rate = option.authconform_base_url, option.authconform_rate
    mistakes = {
        "target and --authconform-profile are two ways to say what is tested: give one": target and profile,
        "base-url goes with --authconform-profile; a target has its own addresses": target and base_url,
        "fault needs the bundled server: give --authconform-profile alone": (
            option.authconform_fault and (target or base_url)
        ),
        "concurrency must be from 1 to 256": not 1 <= option.authconform_concurrency <= 256,
        "rate must be from 0.001 to 100000": rate is not None and not 0.001 <= rate <= 100_000,
        "trials must be from 1 to 100": not 1 <= option.authconform_trials <= 100,
    }
    for what, is_so in mistakes.items():
        if is_so:
            raise mistake(f"--authconform-{what}")


def _choice(option: Any) -> Choice:
    target, document = option.authconform_target, option.authconform_openapi
    return Choice(
        target=Path(target) if target else None,
        profile=option.authconform_profile,
        base_url=option.authconform_base_url,
        faults=tuple(option.authconform_fault),
        insecure=option.authconform_insecure,
        inventory=fetching.listed_by(document) if document else None,
    )


def _settings(option: Any) -> Settings:
    return Settings(
        concurrency=option.authconform_concurrency,
        rate=option.authconform_rate,
        seed=option.authconform_seed,
        strict=option.authconform_strict or "should" in option.authconform_fail_on,
        unknown_fails="inconclusive" in option.authconform_fail_on,
        out=Path(option.authconform_out) if option.authconform_out else None,
        selection=tuple(option.authconform_select),
        trials=option.authconform_trials,
        thorough=option.authconform_thorough,
        baseline=Path(option.authconform_baseline) if option.authconform_baseline else None,
    )


def _nothing(config: pytest.Config) -> TargetError:
    """Why no case was left to ask."""
    option = config.option
    chosen = [
        f"{name} {quoted(value)}"
        for name, value in (("-k", option.keyword), ("-m", option.markexpr))
        if value
    ]
    if not chosen:
        return TargetError("nothing was tested: there is no case", "Give a *.suite.yaml file, or its folder.")
    hints = []
    if option.keyword:
        hints.append("-k looks for parts of names such as missing-header; see authconform list scenarios.")
    if option.markexpr:
        lines = [line for line in config.getini("markers") if "cases" in line]
        known = list(dict.fromkeys(line.partition(":")[0] for line in lines))
        hints.append(did_you_mean(option.markexpr, known) or f"Marks are {', '.join(known)}.")
    return TargetError(f"nothing was tested: no case is meant by {' and '.join(chosen)}", " ".join(hints))
