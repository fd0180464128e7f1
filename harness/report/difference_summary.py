"""What has changed between two runs, on a terminal: what fails now first, without colour."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from harness.errors import escaped
from harness.report.difference import CaseChange, Difference, MeasurementChange, Took
from harness.report.measured import counted, instant
from harness.report.verdict import cases

NAMED = 20
"""Cases or requirements named under a heading; the others are counted."""
LONGEST = 64
"""Characters of a setting, such as a digest, that are shown."""


def summary(found: Difference) -> str:
    """The difference as text, without control characters."""
    sections = [
        _head(found),
        _cases("Newly failing", found.newly_failing),
        _cases("Newly failing, accepted by the baseline", found.newly_accepted),
        _cases("Newly warned", found.newly_warned),
        _noted(found.newly_noted),
        _cases("Fixed", found.fixed),
        _cases("Newly inconclusive", found.newly_inconclusive),
        _cases("No longer applicable", found.newly_not_applicable),
        _cases("Not run", found.not_run),
        _names("Added", found.added),
        _names("Removed", found.removed),
        _requirements(found),
        _measurements(found.measurements),
        _settings(found),
    ]
    return "\n\n".join("\n".join(map(escaped, lines)) for lines in map(list, sections) if lines) + "\n"


def headline(found: Difference) -> str:
    """What has changed, in one line."""
    counts = (
        ("newly failing", len(found.newly_failing)),
        ("newly failing but accepted", len(found.newly_accepted)),
        ("newly warned", len(found.newly_warned)),
        ("newly noted", len(found.newly_noted)),
        ("fixed", len(found.fixed)),
        ("newly inconclusive", len(found.newly_inconclusive)),
        ("no longer applicable", len(found.newly_not_applicable)),
        ("not run", len(found.not_run)),
        ("added", len(found.added)),
        ("removed", len(found.removed)),
    )
    return ", ".join(f"{count:,} {what}" for what, count in counts if count) or "no case has changed"


def _head(found: Difference) -> Iterator[str]:
    yield headline(found)
    if found.old_cut_off:
        yield "The old run was cut off: what it did not come to counts as added."
    if found.new_cut_off:
        yield "The new run was cut off: nothing can be concluded from what it did not come to."


def _cases(title: str, changes: Sequence[CaseChange]) -> Iterator[str]:
    if changes:
        yield title
    for each in changes[:NAMED]:
        was = f" (was {each.old.replace('-', ' ')})" if each.old else ""
        yield f"  {each.case}{was}"
        if each.new in ("fail", "warn"):
            yield from (f"      {id}" for id in each.requirements)
        elif each.reason:
            yield f"      {each.reason}"
    yield from _others(len(changes))


def _noted(changes: Sequence[CaseChange]) -> Iterator[str]:
    if changes:
        yield "Newly noted (MAY: it is held against nobody)"
    for each in changes[:NAMED]:
        yield f"  {each.case}"
        yield from (f"      {id}" for id in each.requirements)
    yield from _others(len(changes))


def _names(title: str, names: Sequence[str]) -> Iterator[str]:
    if names:
        yield title
    yield from (f"  {name}" for name in names[:NAMED])
    yield from _others(len(names))


def _others(count: int) -> Iterable[str]:
    return [f"  and {cases(count - NAMED)} more"] if count > NAMED else []


def _requirements(found: Difference) -> Iterator[str]:
    if found.requirements:
        yield "Requirements"
    told = sorted(found.requirements, key=lambda it: it.old is None or it.new is None)
    for each in told[:NAMED]:
        old, new = ((it or "not asked").replace("-", " ") for it in (each.old, each.new))
        yield f"  {each.level} {each.id}: {old} → {new}"
    if len(told) > NAMED:
        yield f"  and {counted(len(told) - NAMED, 'more requirement')}"


def _measurements(changes: Sequence[MeasurementChange]) -> Iterator[str]:
    notable = [each for each in changes if each.notable]
    if notable:
        yield "Measured"
    for each in notable:
        yield f"  {each.case}: {_took(each.old)} → {_took(each.new)}"
    if notable and len(notable) < len(changes):
        yield f"  as before: {counted(len(changes) - len(notable), 'other')}"


def _took(took: Took) -> str:
    if took.worst_s is None:
        return "never took effect"
    middle = f", {instant(took.median_s)} in the middle" if took.median_s is not None else ""
    return f"{instant(took.worst_s)} at most{middle}"


def _settings(found: Difference) -> Iterator[str]:
    if found.settings:
        yield "Not run alike"
    for each in found.settings:
        yield f"  {each.name}: {_short(each.old)} → {_short(each.new)}"


def _short(value: str) -> str:
    if len(value) >= 64 and value.isalnum():  # a digest
        return f"{value[:12]}…"
    return value if len(value) <= LONGEST else f"{value[: LONGEST - 1]}…"
