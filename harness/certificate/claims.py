"""What the certificate of a run claims, and what keeps a run from getting one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from harness.model import LEVELS
from harness.report.findings import by_reason, by_requirement, counts
from harness.report.folding import folded
from harness.report.record import Run, conclude
from harness.report.verdict import cases

NAMED = 5
"""Things named in a sentence; the others are counted."""


def obstacles(run: Run) -> Iterator[str]:
    """Why this run gets no certificate, each in a sentence without its full stop; none where it does."""
    if run.end is None:
        yield "the run was cut off: it has no last line"
    yield from _left_out(run)
    yield from _not_conforming(run)
    if run.start.faults:
        yield f"the server was started with faults: {listed(run.start.faults)}"
    if run.start.insecure:
        yield "no certificate of the target was verified (--insecure): anybody could have answered"


def missing_suites(run: Run, shipped: Mapping[str, str]) -> Iterator[str]:
    """How the suites of the run are not those that come with this version, `shipped` by their ids."""
    read = run.start.suites
    if not read:
        yield "the run does not say which suites it asked: it was made by an earlier authconform"
    elif (missing := [id for id in shipped if id not in read]) and not run.start.selection:
        yield f"only a part was asked, without the suites {listed(missing)}"
    if changed := [id for id in shipped if read.get(id, shipped[id]) != shipped[id]]:
        yield f"these suites are not those of this authconform: {listed(changed)}: run again"


def _left_out(run: Run) -> Iterator[str]:
    if run.start.selection:
        yield f"only a part was asked: {listed(run.start.selection)}"
    if run.start.deselected:
        yield f"{_cases_were(run.start.deselected)} left out by the selection (such as -k, -m or --lf)"
    if run.end and run.end.not_run:
        yield f"{_cases_were(len(run.end.not_run))} planned and never asked: {listed(run.end.not_run)}"


def _cases_were(count: int) -> str:
    return f"{cases(count)} {'was' if count == 1 else 'were'}"


def _not_conforming(run: Run) -> Iterator[str]:
    for case, count in Counter(outcome.case for outcome in run.outcomes).items():
        if count > 1:
            yield f"the case {case} has {count} outcomes"
    for told, reasons in folded(by_reason(run, "inconclusive")).items():
        found = sum(len(by_reason(run, "inconclusive")[reason]) for reason in reasons)
        yield f"{cases(found)} gave no answer: {told}"
    broken = [outcome for outcome in run.outcomes if outcome.verdict == "fail"]
    accepted = [outcome.case for outcome in run.outcomes if outcome.accepted]
    if broken:
        ids = [each.id for each in by_requirement(run) if each.verdict == "fail"]
        yield f"the API does not conform: {listed(ids)} in {cases(len(broken))}"
    if accepted:
        yield f"a baseline accepts findings in {cases(len(accepted))}: a certificate has no exceptions"
    end = run.end
    if end and end.outdated:
        yield f"the baseline is out of date: {end.outdated[0]}"
    if end and not any(outcome.verdict in ("pass", "warn") for outcome in run.outcomes):
        yield "nothing was tested"
    if end and end.verdict != "conforms" and not broken and end.reason:
        yield f"the run is {end.verdict.replace('-', ' ')}: {end.reason}"
    if end and not _adds_up(run):
        yield "the last line of the run says something else than its cases"


def _adds_up(run: Run) -> bool:
    """Whether the last line is what the cases come to; a reason that ended the run can only make it worse."""
    assert run.end is not None
    again = conclude(run.outcomes, run.end.not_run, strict=run.start.strict, reason=run.end.reason)
    plain = conclude(run.outcomes, run.end.not_run, strict=run.start.strict)
    return run.end.counts == again.counts and run.end.verdict in (again.verdict, plain.verdict)


def claimed(run: Run) -> dict[str, str | Sequence[str]]:
    """What is claimed by certifying this run: headings in the order in which they are told, each with a
    line or several.
    """
    start = run.start
    seen = counts(run)
    found: dict[str, str | Sequence[str]] = {
        "profile": f"{start.profile}, sha256 {start.profile_digest.removeprefix('sha256:')}",
        "suites": f"{len(start.suites)}, sha256 {start.suite_digest.removeprefix('sha256:')}",
        "authconform": start.authconform,
        "tested": [f"{name}: {url}" for name, url in start.places.items()],
        "target": f"{start.target} ({start.environment})",
        "date": start.start,
        "met": _by_level(run),
        "not met": [
            f"{each.level} {each.id}" for each in by_requirement(run) if each.verdict in ("warn", "fail")
        ]
        or "none",
        "noted": [f"{each.level} {each.id}" for each in by_requirement(run) if each.noted] or "nothing",
        "cases": ", ".join(f"{seen[it]:,} {it.replace('-', ' ')}" for it in seen if seen[it]),
        "declared absent": [f"{name}: {reason}" for name, reason in start.absent.items()] or "nothing",
        "not in profile": _not_in_profile(run) or "nothing",
    }
    return found


def _by_level(run: Run) -> str:
    found = [each.level for each in by_requirement(run) if each.verdict == "pass" and not each.noted]
    return ", ".join(f"{found.count(level):,} {level}" for level in LEVELS if level in found) or "nothing"


def _not_in_profile(run: Run) -> list[str]:
    """What the suites ask and the profile has not: reasons that are not the target's own."""
    outcomes = by_reason(run, "not-applicable")
    own = [f"{name}: {reason}" for name, reason in run.start.absent.items()]
    told = folded([reason for reason in outcomes if reason not in own], named=None)
    return [
        f"{reason} ({cases(sum(len(outcomes[each]) for each in alike))})" for reason, alike in told.items()
    ]


def listed(names: Sequence[str]) -> str:
    """Names in a sentence: "a, b, c, d, e and 3 more"."""
    rest = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + rest
