"""The run for GitHub: the summary of a job in Markdown, annotations, and the outputs of a step."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from harness.errors import escaped
from harness.model import Problem
from harness.report.entries import sent_again
from harness.report.findings import WORST_FIRST, Tested, address, by_reason, by_requirement, counts, headline
from harness.report.measured import counted, instant, measured
from harness.report.record import Run
from harness.report.timed import timings
from harness.report.verdict import cases

MARKS = {"conforms": "✅", "does-not-conform": "❌", "inconclusive": "❔"}
MOST_ROWS = 50
"""Requirements and reasons that are told under a heading; GitHub takes a megabyte for a whole summary."""
MOST_ANNOTATIONS = 10
"""Annotations of each kind that GitHub shows for a step."""
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#.!|~$@:&])")


# --- the summary of a job ------------------------------------------------------------------------


def job_summary(run: Run) -> str:
    """Return the run in GitHub's Markdown; what came from files or the target is shown as text."""
    sections = [_head(run), _broken(run), _open(run), _measured(run), _scope(run)]
    return "\n\n".join("\n".join(lines) for lines in map(list, sections) if lines) + "\n"


def _head(run: Run) -> Iterator[str]:
    mark = MARKS[run.end.verdict] if run.end else "⚠️"
    place = address(run)
    yield f"## {mark} {plain(run.start.profile)} {plain(headline(run))}"
    yield ""
    at = f" at {code(place)}" if place else ""
    seen = ", ".join(f"{count:,} {verdict}" for verdict, count in counts(run).items() if count)
    took = f" in {run.end.elapsed:.1f} s" if run.end else ""
    yield f"{cases(len(run.outcomes))}{at} ({plain(run.start.environment)}){took}: {seen or 'none'}."
    for sentence in run.end.outdated if run.end else ():
        yield f"\nThe baseline is out of date: {plain(sentence)}"


def _broken(run: Run) -> Iterator[str]:
    against = [it for it in by_requirement(run) if it.verdict in ("fail", "warn") or it.noted]
    against.sort(key=lambda it: WORST_FIRST.index(it.verdict))
    if against:
        yield "| | requirement | expected | got | cases |"
        yield "| --- | --- | --- | --- | --- |"
    for it in against[:MOST_ROWS]:
        yield _row(it)
    if len(against) > MOST_ROWS:
        yield f"\nand {counted(len(against) - MOST_ROWS, 'more requirement')}"


def _row(it: Tested) -> str:
    problem = it.problems[0][1] if it.problems else None
    expected, actual = (code(problem.expected), code(problem.actual)) if problem else ("", "")
    mark = ", accepted" if it.accepted else ", noted" if it.noted else ""
    what = f"{plain(it.says)}<br>{code(it.id)}" if it.says else code(it.id)
    return f"| {it.level}{mark} | {what} | {expected} | {actual} | {len(it.shown_by)} |"


def _open(run: Run) -> Iterator[str]:
    found = by_reason(run, "inconclusive")
    if found:
        yield "### Inconclusive"
        yield ""
    for reason, outcomes in list(found.items())[:MOST_ROWS]:
        yield f"- {cases(len(outcomes))}: {plain(reason)}"


def _measured(run: Run) -> Iterator[str]:
    found, compared = measured(run), timings(run)
    if found or compared:
        yield "### Measured"
        yield ""
    for outcome, settling in found[:MOST_ROWS]:
        allowed = f"{instant(settling.within)} allowed, {counted(settling.flaps, 'flap')}"
        yield f"- {code(outcome.case)}: {plain(settling.took)}, {plain(allowed)}"
    for outcome, timed in compared[:MOST_ROWS]:
        yield f"- {code(outcome.case)}: {plain(timed.found)}"


def _scope(run: Run) -> Iterator[str]:
    start = run.start
    parts = [f"suites {code(start.suite_digest[:16])}", f"seed {start.seed}"]
    parts.append(
        f"only {plain(', '.join(start.selection))}" if start.selection else "everything that applies"
    )
    if start.deselected:
        parts.append(f"{cases(start.deselected)} left out")
    if run.end and run.end.not_run:
        parts.append(f"{cases(len(run.end.not_run))} not run")
    if again := sum(len(sent_again(outcome)) for outcome in run.outcomes):
        parts.append(f"{counted(again, 'request')} sent once more after trouble on the way")
    yield f"authconform {plain(start.authconform)}: {'; '.join(parts)}."


def plain(text: str) -> str:
    """Text in which Markdown, HTML and mentions mean nothing."""
    return _MARKDOWN.sub(lambda found: f"&#{ord(found[1])};", escaped(text))


def code(text: str) -> str:
    """A code span of text; in HTML, as backticks and bars would need each other's escapes."""
    return f"<code>{plain(text)}</code>"


# --- outputs -------------------------------------------------------------------------------------


def step_outputs(run: Run) -> str:
    """Return what the steps after this one can decide by: a name and a value on each line."""
    seen = counts(run)
    values = {
        "verdict": run.end.verdict if run.end else "cut-off",
        "failed": seen["fail"],
        "warned": seen["warn"],
        "inconclusive": seen["inconclusive"],
        "passed": seen["pass"],
    }
    return "".join(f"{name}={value}\n" for name, value in values.items())


# --- annotations ---------------------------------------------------------------------------------


def workflow_commands(run: Run) -> Iterator[str]:
    """Return a workflow command for each requirement not met or noted, and for what keeps the run open."""
    tested = [it for it in by_requirement(run) if not it.accepted]
    yield from _commands("error", [it for it in tested if it.verdict == "fail"])
    kind = "error" if run.start.strict else "warning"
    yield from _commands(kind, [it for it in tested if it.verdict == "warn"])
    yield from _commands("notice", [it for it in tested if it.noted])
    for sentence in run.end.outdated if run.end else ():
        yield _command("error", "the baseline is out of date", sentence)
    if run.end is None or run.end.verdict == "inconclusive":
        yield _command("error", run.start.profile, headline(run))


def _commands(kind: str, tested: Sequence[Tested]) -> Iterable[str]:
    for it in tested[: MOST_ANNOTATIONS - 1]:
        problem = it.problems[0][1] if it.problems else None
        yield _command(kind, f"{it.level} {it.id}", _told(it, problem), problem)
    if len(tested) >= MOST_ANNOTATIONS:
        rest = counted(len(tested) - MOST_ANNOTATIONS + 1, "more requirement")
        yield _command(kind, "noted" if kind == "notice" else "not met", f"and {rest}: see the report")


def _told(it: Tested, problem: Problem | None) -> str:
    got = f"expected {problem.expected}, got {problem.actual}" if problem else ""
    shown = ", ".join(outcome.case for outcome in it.shown_by[:3])
    return "\n".join(part for part in (it.says, got, f"in {shown}") if part)


def _command(kind: str, title: str, message: str, problem: Problem | None = None) -> str:
    values = {"title": f"authconform: {title}"}
    if problem:
        values |= {"file": problem.where.path, "line": str(problem.where.line)}
    told = ",".join(f"{name}={_data(value, ':,')}" for name, value in values.items())
    return f"::{kind} {told}::{_data(message)}"


def _data(text: str, also: str = "") -> str:
    """What a workflow command takes as one value: percent-encoded where it would mean something."""
    lines = "\n".join(map(escaped, text.split("\n")))
    return "".join(f"%{ord(each):02X}" if each in f"%\r\n{also}" else each for each in lines)
