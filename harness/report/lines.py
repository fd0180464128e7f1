"""One line of a run file, as a value and as JSON, both ways without loss; times to the microsecond."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast, get_args

from harness.model import VERDICTS, Acceptance, CaseOutcome, Exchange, Finding, Level, Problem, Timing
from harness.report.values import (
    Unreadable,
    day,
    every,
    flag,
    get,
    get_or,
    integer,
    level,
    mapping,
    maybe,
    number,
    one_of,
    place,
    seconds,
    text,
    texts_by_name,
    verdict,
)
from harness.report.verdict import End, RunVerdict

PURPOSES = ("case", "control", "setup")


@dataclass(frozen=True, slots=True)
class Cited:
    """What a requirement says, so that a report needs nothing but the run file."""

    says: str
    sources: tuple[str, ...]
    level: Level
    """The requirement's own level; a profile may have lowered it in a finding."""
    why: str | None = None
    """Why it matters, where the requirement's file says so."""
    fix: str | None = None
    """What most likely mends it, likewise."""


@dataclass(frozen=True, slots=True)
class RunStart:
    """What was run, against what and with which settings: the first line of a run file."""

    authconform: str
    """Version of this program."""
    suite_digest: str
    profile: str
    profile_digest: str
    target: str
    """Path of the target file, or "bundled server"."""
    environment: str
    places: Mapping[str, str]
    """Place -> URL."""
    selection: tuple[str, ...]
    """Selectors of the command line; empty where everything was asked."""
    start: str
    """RFC 3339, UTC."""
    seed: int | None
    faults: tuple[str, ...]
    """Faults the bundled server was started with."""
    concurrency: int
    rate: float | None
    """At most so many requests a second."""
    strict: bool
    versions: Mapping[str, str]
    """Of the interpreter, the libraries that send and decide, and the platform."""
    requirements: Mapping[str, Cited]
    """Every requirement cited in the run, by id."""
    suites: Mapping[str, str] = field(default_factory=dict)
    """Every suite that was read, by id: the SHA-256 of its file."""
    deselected: int = 0
    """Cases of these suites that the selection left out, whatever made it."""
    absent: Mapping[str, str] = field(default_factory=dict)
    """What the target declares not to have, each with the reason."""
    baseline: str | None = None
    """Path of the baseline."""
    insecure: bool = False
    """Whether every certificate was believed: anybody could have answered."""


# --- value -> JSON -------------------------------------------------------------------------------


def start_json(start: RunStart) -> dict[str, Any]:
    """Return the first line."""
    return {
        "kind": "run",
        "authconform": start.authconform,
        "suite_digest": start.suite_digest,
        "profile": start.profile,
        "profile_digest": start.profile_digest,
        "target": start.target,
        "environment": start.environment,
        "places": dict(start.places),
        "selection": list(start.selection),
        "start": start.start,
        "seed": start.seed,
        "faults": list(start.faults),
        "concurrency": start.concurrency,
        "rate": start.rate,
        "strict": start.strict,
        "versions": dict(start.versions),
        "requirements": {id: _cited_json(cited) for id, cited in start.requirements.items()},
        "suites": dict(start.suites),
        "deselected": start.deselected,
        "absent": dict(start.absent),
        "baseline": start.baseline,
        "insecure": start.insecure,
    }


def outcome_json(outcome: CaseOutcome) -> dict[str, Any]:
    """Return the line of one case."""
    return {
        "kind": "outcome",
        "case": outcome.case,
        "scenario": outcome.scenario,
        "title": outcome.title,
        "requirements": [
            {"id": finding.id, "level": finding.level, "verdict": finding.verdict}
            for finding in outcome.requirements
        ],
        "verdict": outcome.verdict,
        "reason": outcome.reason,
        "problems": [_problem_json(problem) for problem in outcome.problems],
        "measurements": dict(outcome.measurements),
        "exchanges": [_exchange_json(exchange) for exchange in outcome.exchanges],
        "notes": list(outcome.notes),
        "where": str(outcome.where),
        "elapsed_ms": _ms(outcome.elapsed),
        "accepted": [_acceptance_json(each) for each in outcome.accepted],
    }


def end_json(end: End) -> dict[str, Any]:
    """Return the last line."""
    return {
        "kind": "end",
        "verdict": end.verdict,
        "counts": dict(end.counts),
        "not_run": list(end.not_run),
        "reason": end.reason,
        "exit_code": end.exit_code,
        "elapsed_ms": _ms(end.elapsed),
        "accepted": end.accepted,
        "outdated": list(end.outdated),
    }


def _cited_json(cited: Cited) -> dict[str, Any]:
    line: dict[str, Any] = {"says": cited.says, "sources": list(cited.sources), "level": cited.level}
    further = {"why": cited.why, "fix": cited.fix}
    return line | {key: value for key, value in further.items() if value is not None}


def _problem_json(problem: Problem) -> dict[str, Any]:
    line = {
        "requirement": problem.requirement,
        "level": problem.level,
        "check": problem.check,
        "expected": problem.expected,
        "actual": problem.actual,
        "where": str(problem.where),
    }
    return line if problem.note is None else line | {"note": problem.note}


def _acceptance_json(acceptance: Acceptance) -> dict[str, Any]:
    """An acceptance in an outcome, whose case it is about."""
    return {
        "requirement": acceptance.requirement,
        "reason": acceptance.reason,
        "owner": acceptance.owner,
        "ticket": acceptance.ticket,
        "expires": acceptance.expires.isoformat(),
        "where": str(acceptance.where),
    }


def _exchange_json(exchange: Exchange) -> dict[str, Any]:
    return {
        "purpose": exchange.purpose,
        "request": dict(exchange.request),
        "response": None if exchange.response is None else dict(exchange.response),
        "error": exchange.error,
        "sent_ms": _ms(exchange.timing.sent),
        "headers_ms": _ms(exchange.timing.headers),
        "done_ms": _ms(exchange.timing.done),
    }


def _ms(seconds: float) -> float | None:
    """Milliseconds to the microsecond; None for an instant that never came (NaN, infinity)."""
    return round(seconds * 1000, 3) if math.isfinite(seconds) else None


# --- JSON -> value -------------------------------------------------------------------------------


def start(line: Mapping[str, Any]) -> RunStart:
    """Read the first line. Raises Unreadable."""
    return RunStart(
        authconform=get(line, "authconform", text),
        suite_digest=get(line, "suite_digest", text),
        profile=get(line, "profile", text),
        profile_digest=get(line, "profile_digest", text),
        target=get(line, "target", text),
        environment=get(line, "environment", text),
        places=get(line, "places", texts_by_name),
        selection=get(line, "selection", every(text)),
        start=get(line, "start", text),
        seed=get(line, "seed", maybe(integer)),
        faults=get(line, "faults", every(text)),
        concurrency=get(line, "concurrency", integer),
        rate=get(line, "rate", maybe(number)),
        strict=get(line, "strict", flag),
        versions=get(line, "versions", texts_by_name),
        requirements={id: _cited(mapping(it)) for id, it in get(line, "requirements", mapping).items()},
        suites=get_or(line, "suites", texts_by_name, {}),
        deselected=get_or(line, "deselected", integer, 0),
        absent=get_or(line, "absent", texts_by_name, {}),
        baseline=get_or(line, "baseline", maybe(text), None),
        insecure=get_or(line, "insecure", flag, False),
    )


def outcome(line: Mapping[str, Any]) -> CaseOutcome:
    """Read the line of one case. Raises Unreadable."""
    case = get(line, "case", text)
    return CaseOutcome(
        case=case,
        scenario=get(line, "scenario", text),
        title=get(line, "title", text),
        requirements=get(line, "requirements", every(_finding)),
        verdict=get(line, "verdict", verdict),
        reason=get(line, "reason", maybe(text)),
        problems=get(line, "problems", every(_problem)),
        measurements=get(line, "measurements", mapping),
        exchanges=get(line, "exchanges", every(_exchange)),
        elapsed=get(line, "elapsed_ms", seconds),
        where=get(line, "where", place),
        notes=get(line, "notes", every(text)),
        accepted=get_or(line, "accepted", every(lambda value: _acceptance(value, case)), ()),
    )


def end(line: Mapping[str, Any]) -> End:
    """Read the last line. Raises Unreadable."""
    counts = get(line, "counts", mapping)
    return End(
        verdict=cast(RunVerdict, get(line, "verdict", one_of(get_args(RunVerdict)))),
        counts={each: get(counts, each, integer) for each in VERDICTS},
        not_run=get(line, "not_run", every(text)),
        reason=get(line, "reason", maybe(text)),
        exit_code=get(line, "exit_code", integer),
        elapsed=get(line, "elapsed_ms", seconds),
        accepted=get_or(line, "accepted", integer, 0),
        outdated=get_or(line, "outdated", every(text), ()),
    )


def _cited(value: Mapping[str, Any]) -> Cited:
    return Cited(
        says=get(value, "says", text),
        sources=get(value, "sources", every(text)),
        level=get(value, "level", level),
        why=get_or(value, "why", maybe(text), None),
        fix=get_or(value, "fix", maybe(text), None),
    )


def _finding(value: Any) -> Finding:
    it = mapping(value)
    return Finding(get(it, "id", text), get(it, "level", level), get(it, "verdict", verdict))


def _problem(value: Any) -> Problem:
    it = mapping(value)
    return Problem(
        requirement=get(it, "requirement", text),
        level=get(it, "level", level),
        check=get(it, "check", text),
        expected=get(it, "expected", text),
        actual=get(it, "actual", text),
        where=get(it, "where", place),
        note=maybe(text)(it.get("note")),
    )


def _acceptance(value: Any, case: str) -> Acceptance:
    it = mapping(value)
    return Acceptance(
        requirement=get(it, "requirement", text),
        case=case,
        reason=get(it, "reason", text),
        owner=get(it, "owner", text),
        ticket=get(it, "ticket", maybe(text)),
        expires=get(it, "expires", day),
        where=get(it, "where", place),
    )


def _exchange(value: Any) -> Exchange:
    it = mapping(value)
    return Exchange(
        purpose=cast(Any, get(it, "purpose", one_of(PURPOSES))),
        request=get(it, "request", _request),
        response=get(it, "response", maybe(_response)),
        error=get(it, "error", maybe(text)),
        timing=Timing(*(get(it, key, seconds) for key in ("sent_ms", "headers_ms", "done_ms"))),
    )


def _request(value: Any) -> Mapping[str, Any]:
    it = mapping(value)
    for key in ("method", "url"):
        get(it, key, text)
    for key in ("curl", "again_after"):
        maybe(text)(it.get(key))
    return _message(it)


def _response(value: Any) -> Mapping[str, Any]:
    it = mapping(value)
    get(it, "status", integer)
    return _message(it)


def _message(it: Mapping[str, Any]) -> Mapping[str, Any]:
    """What requests and responses share: header fields as pairs, a body as text."""
    for pair in get(it, "headers", every(every(text))):
        if len(pair) != 2:
            raise Unreadable("headers: a field must be a name and a value")
    maybe(text)(it.get("body"))
    return it
