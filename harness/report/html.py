"""The run as one HTML file: offline, verdict first, everything that came from the target shown as text."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from harness.model import LEVELS, CaseOutcome, Exchange, Level, Verdict
from harness.report import page
from harness.report.command import Command, command
from harness.report.coverage import by_specification
from harness.report.curve import Curve, curve
from harness.report.density import Density, density
from harness.report.entries import (
    anchors,
    broken,
    levels,
    mechanism,
    mechanisms,
    requirement_anchors,
    sent_again,
)
from harness.report.findings import (
    WORST_FIRST,
    Tested,
    address,
    by_reason,
    by_requirement,
    clauses,
    counts,
    is_noted,
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

CHUNK = 100
"""Passed cases that a browser draws together, when they are scrolled to."""
SHORTLY = 5
"""Trials whose intervals stand in the line of their case; more are in its table alone."""

NAMED = 5
"""Requirements or reasons that are named in the head of the page; the others are counted."""

SECTIONS: tuple[tuple[Verdict, str, str], ...] = (
    ("fail", "Not met", "What the API must do and did not."),
    ("warn", "Warnings", "What the API should do and did not."),
    ("inconclusive", "Inconclusive", "Nothing was learned here, neither for the API nor against it."),
)
TONES = {"conforms": "pass", "does-not-conform": "fail", "inconclusive": "inconclusive"}


def render(run: Run) -> str:
    """Return the report of a run as a complete HTML document."""
    tested = by_requirement(run)
    measures, compared = _measures(run), _timings(run)
    return page.document(
        "report.html.j2",
        styles=("report.css", "coverage.css", "measured.css", "timed.css"),
        filters=FILTERS,
        tests={"known": math.isfinite},
        run=run,
        tone=TONES[run.end.verdict] if run.end else "cut-off",
        place=address(run),
        broken=not_met(tested),
        blocking=_blocking(run, tested),
        open_reasons=list(by_reason(run, "inconclusive").items()),
        named=NAMED,
        reach=_reach(tested),
        bars=_bars(counts(run)),
        findings=[(*section, _as_written(run, section[0])) for section in SECTIONS],
        noted=[outcome for outcome in _as_written(run, "pass") if is_noted(outcome)],
        passed=[outcome for outcome in _as_written(run, "pass") if not is_noted(outcome)],
        measures=measures,
        measured_in={each.outcome.case: each for each in measures},
        settling=KEY,
        timings=compared,
        timed_in={each.outcome.case: each for each in compared},
        timing_key=TIMING,
        shortly=SHORTLY,
        absent=by_reason(run, "not-applicable"),
        coverage=by_specification(run, tested),
        levels=[level for level in LEVELS if any(it.level == level for it in tested)],
        mechanisms=mechanisms(run.outcomes),
        anchors=anchors(run.outcomes),
        requirement_anchors=requirement_anchors(it.id for it in tested),
        repeated=sum(len(sent_again(outcome)) for outcome in run.outcomes),
        chunk=CHUNK,
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


def _blocking(run: Run, tested: Iterable[Tested]) -> list[tuple[Tested, str]]:
    """The requirements for which the run does not conform, each with the first case that shows it."""
    against = ("fail", "warn") if run.start.strict else ("fail",)
    found = [it for it in tested if it.verdict in against and not it.accepted]
    found.sort(key=lambda it: (LEVELS.index(it.level), -len(it.cases[it.verdict])))
    return [(it, _first_not_accepted(it)) for it in found]


def _first_not_accepted(tested: Tested) -> str:
    outcomes = tested.cases[tested.verdict]
    free = (it for it in outcomes if tested.id not in {each.requirement for each in it.accepted})
    return next(free, outcomes[0]).case


def _reach(tested: Iterable[Tested]) -> list[tuple[int, Level]]:
    """Return how many requirements of each level were decided, whichever way."""
    decided = [it.level for it in tested if it.verdict in ("fail", "warn", "pass")]
    return [(decided.count(level), level) for level in LEVELS if level in decided]


def _as_written(run: Run, verdict: Verdict) -> list[CaseOutcome]:
    """Return the cases with this verdict in the order of the suites, not of their ends."""
    found = [outcome for outcome in run.outcomes if outcome.verdict == verdict]
    return sorted(found, key=lambda it: (it.where.path, it.where.line, it.case))


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


def _command(curl: str) -> Command:
    return command(curl, page.LONGEST_SHOWN)


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


FILTERS: Mapping[str, Callable[..., Any]] = {
    "asked": _asked,
    "body": _body,
    "broken": broken,
    "clauses": clauses,
    "command": _command,
    "compact": _compact,
    "counted": counted,
    "day": _day,
    "fine": fine,
    "instant": instant,
    "levels": levels,
    "mechanism": mechanism,
    "mechanisms": mechanisms,
    "milliseconds": _milliseconds,
    "sent_again": sent_again,
    "sentence": _sentence,
}
"""What templates can say of a value."""
