"""The run on a terminal: the verdict, then what is behind it, without colour."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence

from harness.errors import escaped
from harness.model import Acceptance, CaseOutcome, Exchange, Problem, Verdict, Where
from harness.report.command import command
from harness.report.findings import (
    WORST_FIRST,
    Tested,
    address,
    by_reason,
    by_requirement,
    counts,
    headline,
    request_and_status,
)
from harness.report.folding import folded
from harness.report.measured import counted, instant, measured
from harness.report.record import Run
from harness.report.timed import timings
from harness.report.verdict import cases

UNVERIFIED = (
    "NO CERTIFICATE WAS VERIFIED (--insecure): anybody on the way could have answered in the target's place."
)

NAMED = 3
"""Cases named for one requirement or reason; the others are counted."""
_MEASURED = re.compile(r"\d[\d.,]*(?= m?s\b)")
"""A time: problems that differ only in one are told once."""


def summary(run: Run, width: int = 100, *, verbose: bool = False) -> str:
    """Return the run as text of at most `width` columns, without control characters.

    Paths, URLs and ids are kept whole, so that they can be copied, and may be longer. With `verbose` all that
    does not apply is named; else it is counted.
    """
    tested = by_requirement(run)
    sections = [
        _head(run, width),
        _requirements("Not met", [it for it in tested if it.verdict == "fail" and not it.accepted], width),
        _requirements("Warnings", [it for it in tested if it.verdict == "warn" and not it.accepted], width),
        _requirements("Noted: nothing requires it", [it for it in tested if it.noted], width),
        _accepted(run, width),
        _outdated(run),
        _inconclusive(run, width),
        _not_applicable(run, width, verbose),
        _not_run(run),
        _measured(run),
    ]
    return "\n\n".join("\n".join(lines) for lines in map(list, sections) if lines) + "\n"


def _head(run: Run, width: int) -> Iterator[str]:
    yield from _wrapped(headline(run), width)
    start = run.start
    place = address(run)
    what = f"{start.profile} at {place}" if place else start.profile
    yield escaped(f"{what} ({start.environment}), {start.start}")
    if start.insecure:
        yield from _wrapped(UNVERIFIED, width)
    seen = counts(run)
    parts = [f"{seen[it]:,} {it.replace('-', ' ')}" for it in WORST_FIRST if seen[it]]
    took = f" in {run.end.elapsed:.1f} s" if run.end else ""
    yield from _wrapped(f"{cases(len(run.outcomes))}{took}{': ' if parts else ''}{', '.join(parts)}", width)


def _requirements(title: str, tested: Sequence[Tested], width: int) -> Iterator[str]:
    if tested:
        yield title
    shown: set[int] = set()
    for number, it in enumerate(tested):
        if number:
            yield ""
        yield from _wrapped(f"{it.level} {it.id}" + (f": {it.says}" if it.says else ""), width, 2, 4)
        differences: dict[tuple[str, ...], Problem] = {}
        for _, problem in it.problems:
            differences.setdefault(_likeness(problem), problem)
        for problem in list(differences.values())[:NAMED]:
            yield from _difference(problem, width)
        if len(differences) > NAMED:
            yield f"    and {counted(len(differences) - NAMED, 'other difference')}"
        outcomes = it.shown_by
        yield from _named(outcomes[:1])
        if it.verdict == "fail" and id(outcomes[0]) not in shown:  # one answer often breaks several
            shown.add(id(outcomes[0]))
            yield from _asked(outcomes[0], it.id)
        yield from _named(outcomes[1:NAMED])
        yield from _others(len(outcomes))


def _accepted(run: Run, width: int) -> Iterator[str]:
    """What the baseline accepts, by its entries."""
    found: dict[Where, list[Acceptance]] = {}
    for outcome in run.outcomes:
        for each in outcome.accepted:
            found.setdefault(each.where, []).append(each)
    if found:
        yield "Accepted"
    for where, accepted in found.items():
        entry = accepted[0]
        names = ", ".join(dict.fromkeys(str(each.requirement) for each in accepted))
        by = f"{entry.owner}, {entry.ticket}" if entry.ticket else entry.owner
        yield from _wrapped(f"{names} until {entry.expires}: {entry.reason} ({by})", width, 2, 4)
        yield escaped(f"    {where}")
        who = list(dict.fromkeys(str(each.case) for each in accepted))
        yield from (escaped(f"    {case}") for case in who[:NAMED])
        yield from _others(len(who))


def _outdated(run: Run) -> Iterator[str]:
    if run.end and run.end.outdated:
        yield "Out of date in the baseline"
        yield from (escaped(f"  {sentence}") for sentence in run.end.outdated)


def _likeness(problem: Problem) -> tuple[str, ...]:
    return (problem.check, *(_MEASURED.sub("…", each) for each in (problem.expected, problem.actual)))


def _asked(outcome: CaseOutcome, requirement: str) -> Iterator[str]:
    """What was sent and what came, in a line, and the command that sends it again.

    Of several answers with the status that a problem tells of it is the last: what comes first leads there.
    """
    answers = [each for each in outcome.exchanges if each.purpose == "case"]
    if not answers:
        return
    said = next((each.actual for each in outcome.problems if each.requirement == requirement), "")
    exchange = next((each for each in reversed(answers) if _says(each, said)), answers[-1])
    yield escaped(f"      {request_and_status(exchange)}")
    if curl := exchange.request.get("curl"):
        made = command(curl)
        yield escaped(f"      {made.text}")
        if made.note:
            yield f"      ({made.note})"


def _says(exchange: Exchange, actual: str) -> bool:
    """Whether `exchange` is the one of a problem that begins with its status."""
    return exchange.response is not None and actual.startswith(str(exchange.response["status"]))


def _difference(problem: Problem, width: int) -> Iterator[str]:
    """Tell one problem in a line, or in two where that is too long."""
    place = f"{problem.where}: {problem.check}:"
    line = escaped(f"    {place} expected {problem.expected}, got {problem.actual}")
    if len(line) <= width:
        yield line
    else:
        yield escaped(f"    {place}")
        yield from _wrapped(f"expected {problem.expected}", width, 6, 8)
        yield from _wrapped(f"     got {problem.actual}", width, 6, 8)


def _inconclusive(run: Run, width: int) -> Iterator[str]:
    told = _told(run, "inconclusive")
    if told:
        yield "Inconclusive"
    for reason, outcomes in told:
        yield from _wrapped(f"{cases(len(outcomes))}: {reason}", width, 2, 4)
        yield from _named(outcomes)


def _not_applicable(run: Run, width: int, verbose: bool) -> Iterator[str]:
    """What each reason rules out: suites as a whole, and single cases of others."""
    told = _told(run, "not-applicable")
    if told:
        yield "Not applicable"
    applies = {_suite(each) for each in run.outcomes if each.verdict != "not-applicable"}
    for reason, outcomes in told:
        whole = [each for each in outcomes if _suite(each) not in applies]
        single = [each for each in outcomes if _suite(each) in applies]
        suites = list(dict.fromkeys(map(_suite, whole)))
        parts = [f"{counted(len(suites), 'suite')}, {cases(len(whole))}"] if whole else []
        parts += [f"and {len(single):,} of other suites" if whole else cases(len(single))] if single else []
        yield from _wrapped(f"{', '.join(parts)}: {reason}", width, 2, 4)
        if verbose:
            yield from (escaped(f"    {suite}") for suite in suites)
            yield from (escaped(f"    {outcome.case}") for outcome in single)


def _told(run: Run, verdict: Verdict) -> Sequence[tuple[str, Sequence[CaseOutcome]]]:
    """The cases with this verdict by what is said of them, reasons that are alike told as one.

    In an order that does not depend on which case ended first.
    """
    found = by_reason(run, verdict)
    together = [(told, [it for each in alike for it in found[each]]) for told, alike in folded(found).items()]
    return sorted(together, key=lambda it: (-len(it[1]), it[0]))


def _suite(outcome: CaseOutcome) -> str:
    return outcome.scenario.rpartition("/")[0]


def _measured(run: Run) -> Iterator[str]:
    """One line for each case that measured how long a change takes, or whether causes take equally long."""
    found, compared = measured(run), timings(run)
    if found or compared:
        yield "Measured"
    for outcome, settling in found:
        flaps = counted(settling.flaps, "flap")
        trials = counted(len(settling.trials), "trial")
        late = "; too late" if settling.exceeded else ""
        took = f"{settling.took}, {instant(settling.within)} allowed; {trials}, {flaps}{late}"
        yield escaped(f"  {outcome.case}: {took}")
    for outcome, timed in compared:
        yield escaped(f"  {outcome.case}: {timed.found}; {counted(len(timed.causes), 'cause')}")


def _not_run(run: Run) -> Iterator[str]:
    if run.end and run.end.not_run:
        yield f"Not run: {cases(len(run.end.not_run))}"
        yield from (escaped(f"    {case}") for case in run.end.not_run[:NAMED])
        yield from _others(len(run.end.not_run))


def _named(outcomes: Sequence[CaseOutcome]) -> Iterator[str]:
    yield from (escaped(f"    {outcome.case}") for outcome in outcomes[:NAMED])
    yield from _others(len(outcomes))


def _others(count: int) -> Iterable[str]:
    return [f"    and {cases(count - NAMED)} more"] if count > NAMED else []


def _wrapped(text: str, width: int, first: int = 0, rest: int = 2) -> list[str]:
    """Break a sentence at spaces, the first line indented by `first` columns, the others by `rest`."""
    return textwrap.wrap(
        escaped(text),
        width,
        initial_indent=" " * first,
        subsequent_indent=" " * rest,
        break_long_words=False,
        break_on_hyphens=False,
    )
