"""The run as one HTML file: offline, verdict first, everything that came from the target shown as text."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from harness.model import LEVELS, CaseOutcome, Exchange, Level, Problem, Verdict
from harness.report import page
from harness.report.curve import Curve, curve
from harness.report.density import Density, density
from harness.report.findings import (
    WORST_FIRST,
    Tested,
    address,
    by_reason,
    by_requirement,
    counts,
    not_met,
    request_and_status,
)
from harness.report.measured import KEY, Settling, counted, instant, measured
from harness.report.record import Run
from harness.report.timed import KEY as TIMING
from harness.report.timed import Timed, fine, timings

LONGEST_BODY = {"case": 8_000, "control": 1_500, "setup": 1_500}
"""Characters of a body that are shown, by purpose; the run file has the others."""
OPEN_EXCHANGES = 3
"""Exchanges of a finding that are shown unfolded."""
MOST_EXCHANGES = 40
"""Exchanges of a finding that are shown at all."""

SHORTLY = 5
"""Trials whose intervals stand in the line of their case; more are in its table alone."""

SECTIONS: tuple[tuple[Verdict, str, str], ...] = (
    ("fail", "Not met", "What the API must do and did not."),
    ("warn", "Warnings", "What the API should do and did not."),
    ("inconclusive", "Inconclusive", "Nothing was learned here, neither for the API nor against it."),
)
TONES = {"conforms": "pass", "does-not-conform": "fail", "inconclusive": "inconclusive"}
_RFC = re.compile(r"RFC (\d+)(?:,? section ([\d.]*\d))?", re.IGNORECASE)


def render(run: Run) -> str:
    """Return the report of a run as a complete HTML document."""
    tested = by_requirement(run)
    return page.document(
        "report.html.j2",
        styles=("report.css", "measured.css", "timed.css"),
        filters={
            "asked": _asked,
            "body": _body,
            "clauses": _clauses,
            "compact": _compact,
            "counted": counted,
            "day": _day,
            "fine": fine,
            "grouped": _grouped,
            "instant": instant,
            "milliseconds": _milliseconds,
            "sentence": _sentence,
        },
        tests={"known": math.isfinite},
        run=run,
        tone=TONES[run.end.verdict] if run.end else "cut-off",
        place=address(run),
        broken=not_met(tested),
        reach=_reach(tested),
        bars=_bars(counts(run)),
        findings=[(*section, _as_written(run, section[0])) for section in SECTIONS],
        passed=_as_written(run, "pass"),
        measures=(measures := _measures(run)),
        measured_in={each.outcome.case: each for each in measures},
        settling=KEY,
        timings=(compared := _timings(run)),
        timed_in={each.outcome.case: each for each in compared},
        timing_key=TIMING,
        shortly=SHORTLY,
        absent=by_reason(run, "not-applicable"),
        coverage=_by_specification(tested),
        anchors=_anchors(run.outcomes),
        unfolded=OPEN_EXCHANGES,
        most=MOST_EXCHANGES,
    )


# --- what is shown, in which order ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Bar:
    """A verdict's share of the bar below the headline, in cases."""

    verdict: Verdict
    start: int
    count: int


def _bars(seen: Mapping[Verdict, int]) -> list[Bar]:
    bars: list[Bar] = []
    for verdict in WORST_FIRST:
        if seen[verdict]:
            bars.append(Bar(verdict, sum(bar.count for bar in bars), seen[verdict]))
    return bars


@dataclass(frozen=True, slots=True)
class Measure:
    """A case that measured a change, what it came to, and its curve."""

    outcome: CaseOutcome
    settling: Settling
    curve: Curve
    anchor: str
    opened: bool


def _measures(run: Run) -> list[Measure]:
    """The cases that measured a change; open are those not met or else, to be seen, the closest watched."""
    found = measured(run)
    broken = [outcome.case for outcome, _ in found if outcome.verdict != "pass"]
    closest = max(found, key=lambda it: sum(each.probes for each in it[1].trials), default=None)
    opened = broken or ([closest[0].case] if closest else [])
    return [
        Measure(outcome, settling, curve(settling), f"measured-{number}", outcome.case in opened)
        for number, (outcome, settling) in enumerate(found, 1)
    ]


@dataclass(frozen=True, slots=True)
class Timing:
    """A case that compared times, what it came to, and how they are distributed."""

    outcome: CaseOutcome
    timed: Timed
    density: Density
    anchor: str
    opened: bool


def _timings(run: Run) -> list[Timing]:
    """The cases that compared times; open are those with a difference or else, to be seen, the first."""
    found = timings(run)
    broken = [outcome.case for outcome, _ in found if outcome.verdict != "pass"]
    opened = broken or [outcome.case for outcome, _ in found[:1]]
    return [
        Timing(outcome, timed, density(timed), f"timed-{number}", outcome.case in opened)
        for number, (outcome, timed) in enumerate(found, 1)
    ]


def _reach(tested: Iterable[Tested]) -> list[tuple[int, Level]]:
    """Return how many requirements of each level were decided, whichever way."""
    decided = [it.level for it in tested if it.verdict in ("fail", "warn", "pass")]
    return [(decided.count(level), level) for level in LEVELS if level in decided]


def _as_written(run: Run, verdict: Verdict) -> list[CaseOutcome]:
    """Return the cases with this verdict in the order of the suites, not of their ends."""
    found = [outcome for outcome in run.outcomes if outcome.verdict == verdict]
    return sorted(found, key=lambda it: (it.where.path, it.where.line, it.case))


def _by_specification(tested: Sequence[Tested]) -> dict[str, list[Tested]]:
    found: dict[str, list[Tested]] = {}
    for it in tested:
        name = it.id.split("/", 1)[0]
        found.setdefault(re.sub(r"^rfc(\d+)$", r"RFC \1", name), []).append(it)
    return found


def _anchors(outcomes: Iterable[CaseOutcome]) -> dict[str, str]:
    """Return for each case a fragment that needs no encoding and no other case has."""
    anchors: dict[str, str] = {}
    taken: set[str] = set()
    for outcome in outcomes:
        anchor = base = "case-" + re.sub(r"[^A-Za-z0-9._/-]+", "-", outcome.case)
        number = 1
        while anchor in taken:
            number += 1
            anchor = f"{base}-{number}"
        taken.add(anchor)
        anchors[outcome.case] = anchor
    return anchors


def _grouped(problems: Iterable[Problem]) -> dict[tuple[str, Level], list[Problem]]:
    """Return a case's problems by the requirement they break."""
    found: dict[tuple[str, Level], list[Problem]] = {}
    for problem in problems:
        found.setdefault((problem.requirement, problem.level), []).append(problem)
    return found


# --- how single things are worded ----------------------------------------------------------------


def _asked(outcome: CaseOutcome) -> str:
    """Return the last exchange of the case in one line."""
    sent = [exchange for exchange in outcome.exchanges if exchange.purpose == "case"]
    others = f" (the last of {len(sent)})" if len(sent) > 1 else ""
    return f"{request_and_status(sent[-1])}{others}" if sent else ""


def _body(exchange: Exchange, message: Mapping[str, Any]) -> str:
    """Return the body as it is shown, and how much of it is not."""
    body: str = message.get("body") or ""
    limit = LONGEST_BODY[exchange.purpose]
    if len(body) > limit:
        return f"{body[:limit]}\n… {len(body) - limit:,} more characters are in the run file"
    return f"{body}\n… cut off here when it was recorded" if message.get("truncated") else body


def _clauses(sources: Iterable[str]) -> list[tuple[str, str | None]]:
    """Return each source with its address, where it is an RFC."""
    found: list[tuple[str, str | None]] = []
    for source in sources:
        rfc = _RFC.match(source)
        section = f"#section-{rfc[2]}" if rfc and rfc[2] else ""
        found.append((source, f"https://www.rfc-editor.org/rfc/rfc{rfc[1]}{section}" if rfc else None))
    return found


def _compact(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _day(instant: str) -> str:
    """Return "21 November 2026, 18:37 UTC"; what is no RFC 3339 instant is left as it is."""
    try:
        then = datetime.fromisoformat(instant).astimezone(UTC)
    except (ValueError, OverflowError):
        return instant
    return f"{then.day} {then:%B %Y, %H:%M} UTC"


def _milliseconds(seconds: float) -> str:
    """Return "0.8 ms", "12 ms", "3.4 s"; nothing for an instant that never came."""
    if not math.isfinite(seconds):
        return "not known"
    if seconds >= 1:
        return f"{seconds:,.1f} s"
    return f"{seconds * 1000:.1f} ms" if seconds < 0.01 else f"{seconds * 1000:.0f} ms"


def _sentence(clause: str) -> str:
    """Return "The target answered 503 twice." for "the target answered 503 twice"."""
    return clause[:1].upper() + clause[1:] + ("" if clause.endswith((".", "!", "?", "…")) else ".")
