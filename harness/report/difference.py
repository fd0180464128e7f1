"""What has changed between two runs: cases, requirements, measurements, and what was run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from statistics import median
from typing import Any

from harness.model import CaseOutcome, Finding, Verdict
from harness.report.accepting import AGAINST
from harness.report.findings import WORST_FIRST, Tested, by_requirement
from harness.report.measured import Settling, measured
from harness.report.record import Run
from harness.report.verdict import is_accepted

NOTABLE = 0.05
"""Seconds by which a measured time must differ to be told; by half of it, too."""
_DECIDED: tuple[Verdict, ...] = ("fail", "warn", "pass")


@dataclass(frozen=True, slots=True)
class CaseChange:
    """A case whose outcome is another one; `old` or `new` is None where it had none.

    `requirements` are those that are newly as `new` says; of a case that fails or warns they are all that it
    newly does not meet. `accepted` says whether the baseline accepts them.
    """

    case: str
    title: str
    old: Verdict | None
    new: Verdict | None
    requirements: tuple[str, ...]
    reason: str | None
    accepted: bool


@dataclass(frozen=True, slots=True)
class RequirementChange:
    """A requirement about which the run shows something else; None where nothing was asked about it."""

    id: str
    level: str
    says: str | None
    old: Verdict | None
    new: Verdict | None


@dataclass(frozen=True, slots=True)
class Took:
    """How long a change took in one run, over its trials; None where one of them never took effect."""

    worst_s: float | None
    median_s: float | None
    within_s: float
    trials: int


@dataclass(frozen=True, slots=True)
class MeasurementChange:
    """A time measured in both runs; `notable` where it differs by more than machines do by themselves."""

    case: str
    old: Took
    new: Took
    notable: bool


@dataclass(frozen=True, slots=True)
class Setting:
    """Something about a run that is not the same: its profile, a suite, a version, …"""

    name: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Difference:
    """Everything that has changed from one run to the other, cases in the order of the new run."""

    old_cut_off: bool
    new_cut_off: bool
    settings: tuple[Setting, ...]
    newly_failing: tuple[CaseChange, ...]
    newly_accepted: tuple[CaseChange, ...]
    """Failing, and accepted by the baseline of the new run."""
    newly_warned: tuple[CaseChange, ...]
    """Not those that fail newly too: their requirements have what they warn of."""
    newly_noted: tuple[CaseChange, ...]
    """With what is not required (MAY), and newly not so; `requirements` are these alone."""
    fixed: tuple[CaseChange, ...]
    newly_inconclusive: tuple[CaseChange, ...]
    newly_not_applicable: tuple[CaseChange, ...]
    not_run: tuple[CaseChange, ...]
    """Planned in the new run and never asked, or lost where it was cut off."""
    added: tuple[str, ...]
    removed: tuple[str, ...]
    requirements: tuple[RequirementChange, ...]
    measurements: tuple[MeasurementChange, ...]

    def json(self) -> dict[str, Any]:
        """The difference as JSON has it: its fields by their names."""
        return asdict(self)


def difference(old: Run, new: Run) -> Difference:
    """What has changed from `old` to `new`."""
    before = {outcome.case: outcome for outcome in old.outcomes}
    after = {outcome.case: outcome for outcome in new.outcomes}
    pairs = [(before.get(outcome.case), outcome) for outcome in new.outcomes]
    changes = [_case_change(was, now) for was, now in pairs]
    failing = [_case_change(was, now) for was, now in pairs if _newly("fail", was, now)]
    warned = [pair for pair in pairs if _newly("warn", *pair) and not _newly("fail", *pair)]
    planned = new.end.not_run if new.end else tuple(case for case in before if case not in after)
    return Difference(
        old_cut_off=old.end is None,
        new_cut_off=new.end is None,
        settings=tuple(_settings(old, new)),
        newly_failing=tuple(each for each in failing if not each.accepted),
        newly_accepted=tuple(each for each in failing if each.accepted),
        newly_warned=tuple(_case_change(was, now) for was, now in warned),
        newly_noted=tuple(_noted(was, now) for was, now in pairs if noted(now) - noted(was)),
        fixed=tuple(each for each in changes if each.old == "fail" and each.new in ("warn", "pass")),
        newly_inconclusive=tuple(
            each for each in changes if each.new == "inconclusive" and each.old != "inconclusive"
        ),
        newly_not_applicable=tuple(
            each for each in changes if each.new == "not-applicable" and each.old in _DECIDED
        ),
        not_run=tuple(_lost(before[case]) for case in planned if case in before),
        added=tuple(case for case in after if case not in before),
        removed=tuple(case for case in before if case not in {*after, *planned}),
        requirements=tuple(_requirements(by_requirement(old), by_requirement(new))),
        measurements=tuple(_measurements(old, new)),
    )


def noted(outcome: CaseOutcome | None) -> frozenset[str]:
    """The requirements that the API need not meet, and does not."""
    found = outcome.problems if outcome else ()
    return frozenset(each.requirement for each in found if each.level == "MAY")


def _newly(verdict: Verdict, old: CaseOutcome | None, new: CaseOutcome) -> bool:
    """Whether the case has this verdict and had no worse, or has it newly about a requirement."""
    came = new.verdict == verdict and (old is None or _is_worse(verdict, old.verdict))
    return came or any(each.verdict == verdict for each in _fallen(old, new))


def _is_worse(verdict: Verdict, than: Verdict | None) -> bool:
    return than is None or WORST_FIRST.index(verdict) < WORST_FIRST.index(than)


def _fallen(old: CaseOutcome | None, new: CaseOutcome) -> list[Finding]:
    """What is against the API in the new outcome, and was not, or less so, in the old one."""
    was = {finding.id: finding.verdict for finding in old.requirements} if old else {}
    against = [finding for finding in new.requirements if finding.verdict in AGAINST]
    return [finding for finding in against if _is_worse(finding.verdict, was.get(finding.id))]


def _case_change(old: CaseOutcome | None, new: CaseOutcome) -> CaseChange:
    was = {finding.id: finding.verdict for finding in old.requirements} if old else {}
    alike = [each for each in new.requirements if each.verdict == new.verdict != was.get(each.id)]
    return CaseChange(
        case=new.case,
        title=new.title,
        old=old.verdict if old else None,
        new=new.verdict,
        requirements=tuple(each.id for each in (_fallen(old, new) if new.verdict in AGAINST else alike)),
        reason=new.reason,
        accepted=is_accepted(new),
    )


def _noted(old: CaseOutcome | None, new: CaseOutcome) -> CaseChange:
    return replace(_case_change(old, new), requirements=tuple(sorted(noted(new) - noted(old))))


def _lost(old: CaseOutcome) -> CaseChange:
    return CaseChange(old.case, old.title, old.verdict, None, (), None, False)


def _requirements(old: Sequence[Tested], new: Sequence[Tested]) -> Iterator[RequirementChange]:
    before, after = ({each.id: each for each in tested} for tested in (old, new))
    for id in dict.fromkeys((*after, *before)):
        was, now = before.get(id), after.get(id)
        known = now or was
        assert known is not None
        if was is None or now is None or was.verdict != now.verdict:
            verdicts = (each.verdict if each else None for each in (was, now))
            yield RequirementChange(id, known.level, known.says, *verdicts)


def _measurements(old: Run, new: Run) -> Iterator[MeasurementChange]:
    before = {outcome.case: _took(settling) for outcome, settling in measured(old)}
    for outcome, settling in measured(new):
        if outcome.case in before:
            was, now = before[outcome.case], _took(settling)
            notable = _differ(was.worst_s, now.worst_s) or _differ(was.median_s, now.median_s)
            yield MeasurementChange(outcome.case, was, now, notable)


def _took(settling: Settling) -> Took:
    times = [trial.at_latest for trial in settling.trials]
    known = [each for each in times if each is not None]
    middle = median(known) if known and len(known) == len(times) else None
    return Took(settling.worst, middle, settling.within, len(times))


def _differ(old: float | None, new: float | None) -> bool:
    if old is None or new is None:
        return old is not new
    return abs(new - old) > max(NOTABLE, 0.5 * min(old, new))


def _settings(old: Run, new: Run) -> Iterator[Setting]:
    """What was run, against what and how, as far as it is not the same."""
    for name, was, now in (
        ("authconform", old.start.authconform, new.start.authconform),
        ("profile", old.start.profile, new.start.profile),
        ("profile digest", old.start.profile_digest, new.start.profile_digest),
        ("suites digest", old.start.suite_digest, new.start.suite_digest),
        ("target", old.start.target, new.start.target),
        ("environment", old.start.environment, new.start.environment),
        ("faults", _list(old.start.faults), _list(new.start.faults)),
        ("selection", _list(old.start.selection, "all"), _list(new.start.selection, "all")),
        ("strict", str(old.start.strict).lower(), str(new.start.strict).lower()),
    ):
        if was != now:
            yield Setting(name, was, now)
    if old.start.suites and new.start.suites:  # an earlier version did not write them
        yield from _by_name("suite", old.start.suites, new.start.suites)
    yield from _by_name("declared absent", old.start.absent, new.start.absent)


def _by_name(what: str, old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Setting]:
    for name in sorted({*old, *new}):
        if old.get(name) != new.get(name):
            yield Setting(f"{what} {name}", old.get(name, "none"), new.get(name, "none"))


def _list(values: Iterable[str], none: str = "none") -> str:
    return ", ".join(values) or none
