"""The run as Allure results: a file for each case, its exchanges as steps and in full as an attachment."""

from __future__ import annotations

import json
import math
import uuid
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from harness.model import CaseOutcome, Exchange, Verdict
from harness.report.entries import mechanism
from harness.report.findings import clauses, headline, is_noted, request_and_status
from harness.report.record import Run
from harness.report.told import accepted, described, printable
from harness.report.transcript import transcript
from harness.report.verdict import is_accepted

STATUS: Mapping[Verdict, str] = {
    "pass": "passed",
    "warn": "passed",
    "fail": "failed",
    "inconclusive": "broken",
    "not-applicable": "skipped",
}
SEVERITY = {"MUST": "critical", "SHOULD": "normal", "MAY": "minor"}
CATEGORIES = (
    ("A MUST is not met", "failed"),
    ("Nothing was learned", "broken"),
    ("Not applicable, or accepted", "skipped"),
)
MOST_STEPS = 40
"""Exchanges of a case that are told as steps; the run file has the others."""
PURPOSES = {"case": "the case", "control": "control", "setup": "preparation"}

_NAMES = uuid.UUID("6b1f6f0e-8f0b-4d1e-9c64-6f9c9f0f2f5e")
"""Makes the same names of the same run."""


def files(run: Run) -> Iterator[tuple[str, str]]:
    """The files of a results folder: name and text."""
    for outcome in run.outcomes:
        yield from _case(run, outcome)
    if run.end is None or (run.end.verdict == "inconclusive" and run.end.reason):
        yield _the_run(run)
    categories = [{"name": name, "matchedStatuses": [status]} for name, status in CATEGORIES]
    yield "categories.json", _json(categories)
    yield "environment.properties", _environment(run)


def _case(run: Run, outcome: CaseOutcome) -> Iterator[tuple[str, str]]:
    name = _named(run, outcome.case)
    text = "\n\n".join(f"{title}\n{said}" for title, said in transcript(outcome))
    attachment = f"{name}-attachment.txt"
    status, details = _status(run, outcome)
    start = _start(run, outcome)
    result: dict[str, Any] = {
        "uuid": name,
        "historyId": _stable(outcome.case),
        "testCaseId": _stable(outcome.case),
        "fullName": printable(outcome.case),
        "name": printable(outcome.title),
        "status": status,
        "statusDetails": details,
        "stage": "finished",
        "start": start,
        "stop": start + _milliseconds(outcome.elapsed),
        "labels": _labels(outcome),
        "links": _links(run, outcome),
        "steps": [_step(run, exchange) for exchange in outcome.exchanges[:MOST_STEPS]],
    }
    if text:
        source = {"name": "sent and came", "source": attachment, "type": "text/plain"}
        result["attachments"] = [source]
        yield attachment, printable(text) + "\n"
    yield f"{name}-result.json", _json(result)


def _status(run: Run, outcome: CaseOutcome) -> tuple[str, dict[str, str]]:
    """The status of a case, and what is said of it."""
    told = printable(described(outcome))
    if is_accepted(outcome, run.start.strict):
        return "skipped", {"message": printable(accepted(outcome)), "trace": told}
    if outcome.verdict == "warn" and run.start.strict:
        return "failed", {"message": told}
    if outcome.verdict in ("fail", "warn") or is_noted(outcome):
        return STATUS[outcome.verdict], {"message": told}
    return STATUS[outcome.verdict], {"message": printable(outcome.reason)} if outcome.reason else {}


def _labels(outcome: CaseOutcome) -> list[dict[str, str]]:
    suite = outcome.scenario.rpartition("/")[0]
    levels = {finding.level for finding in outcome.requirements}
    severity = next((SEVERITY[level] for level in SEVERITY if level in levels), "trivial")
    found = [("parentSuite", mechanism(outcome)), ("suite", suite), ("severity", severity)]
    found += [("framework", "authconform"), ("tag", outcome.verdict)]
    found += [("story", finding.id) for finding in outcome.requirements]
    return [{"name": name, "value": printable(value)} for name, value in found]


def _links(run: Run, outcome: CaseOutcome) -> list[dict[str, str]]:
    cited = (run.start.requirements.get(finding.id) for finding in outcome.requirements)
    found = dict(clause for each in cited if each for clause in clauses(each.sources))
    return [{"name": name, "url": url, "type": "link"} for name, url in found.items() if url]


def _step(run: Run, exchange: Exchange) -> dict[str, Any]:
    start = _instant(run, exchange.timing.sent)
    took = exchange.timing.done - exchange.timing.sent
    again = exchange.request.get("again_after")
    name = f"{PURPOSES[exchange.purpose]}: {request_and_status(exchange)}"
    return {
        "name": printable(f"{name} (sent once more after: {again})" if again else name),
        "status": "passed" if exchange.response else "broken",
        "stage": "finished",
        "start": start,
        "stop": start + _milliseconds(took),
    }


def _the_run(run: Run) -> tuple[str, str]:
    """A result for the run itself, where no case tells why it came to nothing."""
    name, start = _named(run, ""), _instant(run, 0.0)
    result = {
        "uuid": name,
        "historyId": _stable("the run"),
        "name": "The run",
        "fullName": "authconform",
        "status": "broken",
        "statusDetails": {"message": printable(headline(run))},
        "stage": "finished",
        "start": start,
        "stop": start + _milliseconds(run.end.elapsed if run.end else 0.0),
        "labels": [{"name": "framework", "value": "authconform"}],
    }
    return f"{name}-result.json", _json(result)


def _environment(run: Run) -> str:
    start = run.start
    values = {
        "authconform": start.authconform,
        "profile": start.profile,
        "target": start.target,
        "environment": start.environment,
        "seed": "none" if start.seed is None else str(start.seed),
        **{f"place.{name}": url for name, url in start.places.items()},
    }
    return "".join(f"{_key(name)}={_value(value)}\n" for name, value in values.items())


def _key(text: str) -> str:
    return "".join(each if each.isalnum() and each.isascii() or each in "._-" else "_" for each in text)


def _value(text: str) -> str:
    """A value of a properties file, in which a backslash and a line end mean something."""
    return printable(text).replace("\\", "\\\\").replace("\n", "\\n")


def _start(run: Run, outcome: CaseOutcome) -> int:
    sent = [each.timing.sent for each in outcome.exchanges if math.isfinite(each.timing.sent)]
    return _instant(run, min(sent, default=0.0))


def _instant(run: Run, seconds: float) -> int:
    """Milliseconds since 1970 of an instant of the run."""
    try:
        began = datetime.fromisoformat(run.start.start).timestamp()
    except (ValueError, OverflowError):
        began = 0.0
    return round(began * 1000) + _milliseconds(seconds)


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000) if math.isfinite(seconds) else 0


def _named(run: Run, case: str) -> str:
    return str(uuid.uuid5(_NAMES, f"{run.start.start}\n{case}".encode("utf-8", "replace").decode()))


def _stable(text: str) -> str:
    """The same in every run, so that Allure can show a case's history."""
    return uuid.uuid5(_NAMES, text.encode("utf-8", "replace").decode()).hex


def _json(value: Any) -> str:
    return json.dumps(value, indent=1, ensure_ascii=True) + "\n"
