"""Several runs on one page: a line for each, and the way to its report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness import __version__
from harness.report import page
from harness.report.findings import counts, headline
from harness.report.record import Run
from harness.report.verdict import cases


@dataclass(frozen=True, slots=True)
class Entry:
    """One of the runs: its name, where its report is from the index, and the run; None where none began."""

    name: str
    link: str
    run: Run | None


def line(entry: Entry) -> str:
    """One run in a line for a terminal."""
    if entry.run is None or entry.run.end is None:
        return f"{entry.name:<14} no verdict"
    seen = counts(entry.run)
    told = ", ".join(f"{count} {verdict}" for verdict, count in seen.items() if count)
    total = cases(sum(seen.values()))
    return f"{entry.name:<14} {headline(entry.run)}: {total} in {entry.run.end.elapsed:.1f} s ({told})"


def render(entries: Sequence[Entry]) -> str:
    """Return the index as a complete HTML document."""
    rows = [
        (entry, headline(entry.run) if entry.run else "no verdict", counts(entry.run) if entry.run else {})
        for entry in entries
    ]
    good = all(entry.run and entry.run.end and entry.run.end.exit_code == 0 for entry in entries)
    return page.document("several.html.j2", styles=("report.css",), rows=rows, good=good, version=__version__)
