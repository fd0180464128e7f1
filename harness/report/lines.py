"""One line of a run file, as a value and as JSON, both ways without loss; times to the microsecond."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, cast, get_args

from harness.model import (
    LEVELS,
    VERDICTS,
    CaseOutcome,
    Exchange,
    Finding,
    Level,
    Problem,
    Timing,
    Verdict,
    Where,
)
from harness.report.verdict import End, RunVerdict

T = TypeVar("T")

PURPOSES = ("case", "control", "setup")


@dataclass(frozen=True, slots=True)
class Cited:
    """What a requirement says, so that a report needs nothing but the run file."""

    says: str
    sources: tuple[str, ...]
    level: Level
    """The requirement's own level; a profile may have lowered it in a finding."""


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


class Unreadable(ValueError):
    """A line is not as this module writes it; the message goes on from "this line cannot be read: "."""


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
        "requirements": {
            id: {"says": cited.says, "sources": list(cited.sources), "level": cited.level}
            for id, cited in start.requirements.items()
        },
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
    }


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
        authconform=_get(line, "authconform", _text),
        suite_digest=_get(line, "suite_digest", _text),
        profile=_get(line, "profile", _text),
        profile_digest=_get(line, "profile_digest", _text),
        target=_get(line, "target", _text),
        environment=_get(line, "environment", _text),
        places=_get(line, "places", _texts_by_name),
        selection=_get(line, "selection", _each(_text)),
        start=_get(line, "start", _text),
        seed=_get(line, "seed", _maybe(_integer)),
        faults=_get(line, "faults", _each(_text)),
        concurrency=_get(line, "concurrency", _integer),
        rate=_get(line, "rate", _maybe(_number)),
        strict=_get(line, "strict", _flag),
        versions=_get(line, "versions", _texts_by_name),
        requirements={id: _cited(_mapping(it)) for id, it in _get(line, "requirements", _mapping).items()},
    )


def outcome(line: Mapping[str, Any]) -> CaseOutcome:
    """Read the line of one case. Raises Unreadable."""
    return CaseOutcome(
        case=_get(line, "case", _text),
        scenario=_get(line, "scenario", _text),
        title=_get(line, "title", _text),
        requirements=_get(line, "requirements", _each(_finding)),
        verdict=_get(line, "verdict", _verdict),
        reason=_get(line, "reason", _maybe(_text)),
        problems=_get(line, "problems", _each(_problem)),
        measurements=_get(line, "measurements", _mapping),
        exchanges=_get(line, "exchanges", _each(_exchange)),
        elapsed=_get(line, "elapsed_ms", _seconds),
        where=_get(line, "where", _where),
        notes=_get(line, "notes", _each(_text)),
    )


def end(line: Mapping[str, Any]) -> End:
    """Read the last line. Raises Unreadable."""
    counts = _get(line, "counts", _mapping)
    return End(
        verdict=cast(RunVerdict, _get(line, "verdict", _one_of(get_args(RunVerdict)))),
        counts={verdict: _get(counts, verdict, _integer) for verdict in VERDICTS},
        not_run=_get(line, "not_run", _each(_text)),
        reason=_get(line, "reason", _maybe(_text)),
        exit_code=_get(line, "exit_code", _integer),
        elapsed=_get(line, "elapsed_ms", _seconds),
    )


def _cited(value: Mapping[str, Any]) -> Cited:
    return Cited(
        says=_get(value, "says", _text),
        sources=_get(value, "sources", _each(_text)),
        level=_get(value, "level", _level),
    )


def _finding(value: Any) -> Finding:
    it = _mapping(value)
    return Finding(_get(it, "id", _text), _get(it, "level", _level), _get(it, "verdict", _verdict))


def _problem(value: Any) -> Problem:
    it = _mapping(value)
    return Problem(
        requirement=_get(it, "requirement", _text),
        level=_get(it, "level", _level),
        check=_get(it, "check", _text),
        expected=_get(it, "expected", _text),
        actual=_get(it, "actual", _text),
        where=_get(it, "where", _where),
        note=_maybe(_text)(it.get("note")),
    )


def _exchange(value: Any) -> Exchange:
    it = _mapping(value)
    return Exchange(
        purpose=cast(Any, _get(it, "purpose", _one_of(PURPOSES))),
        request=_get(it, "request", _request),
        response=_get(it, "response", _maybe(_response)),
        error=_get(it, "error", _maybe(_text)),
        timing=Timing(*(_get(it, key, _seconds) for key in ("sent_ms", "headers_ms", "done_ms"))),
    )


def _request(value: Any) -> Mapping[str, Any]:
    it = _mapping(value)
    for key in ("method", "url"):
        _get(it, key, _text)
    _maybe(_text)(it.get("curl"))
    return _message(it)


def _response(value: Any) -> Mapping[str, Any]:
    it = _mapping(value)
    _get(it, "status", _integer)
    return _message(it)


def _message(it: Mapping[str, Any]) -> Mapping[str, Any]:
    """What requests and responses share: header fields as pairs, a body as text."""
    for pair in _get(it, "headers", _each(_each(_text))):
        if len(pair) != 2:
            raise Unreadable("headers: a field must be a name and a value")
    _maybe(_text)(it.get("body"))
    return it


# --- one value of a line: what it must be, or Unreadable -----------------------------------------


def _get(value: Mapping[str, Any], key: str, read: Callable[[Any], T]) -> T:
    if key not in value:
        raise Unreadable(f"{key!r} is missing")
    try:
        return read(value[key])
    except Unreadable as error:
        raise Unreadable(f"{key}: {error}") from None


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise Unreadable("must be a string")
    return value


def _integer(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise Unreadable("must be a whole number")
    return value


def _number(value: Any) -> float:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise Unreadable("must be a number")
    return value


def _seconds(value: Any) -> float:
    """Seconds from milliseconds; NaN where the instant never came."""
    return math.nan if value is None else round(_number(value) / 1000, 6)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise Unreadable("must be true or false")
    return value


def _mapping(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise Unreadable("must be an object")
    return value


def _texts_by_name(value: Any) -> Mapping[str, str]:
    return {name: _text(text) for name, text in _mapping(value).items()}


def _where(value: Any) -> Where:
    path, _, number = _text(value).rpartition(":")
    if not path or not number.isdecimal():
        raise Unreadable("must be path:line")
    return Where(path, int(number))


def _one_of(known: tuple[str, ...]) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if value not in known:
            raise Unreadable(f"must be one of {', '.join(known)}")
        return cast(str, value)

    return read


def _level(value: Any) -> Level:
    return cast(Level, _one_of(LEVELS)(value))


def _verdict(value: Any) -> Verdict:
    return cast(Verdict, _one_of(VERDICTS)(value))


def _maybe(read: Callable[[Any], T]) -> Callable[[Any], T | None]:
    return lambda value: None if value is None else read(value)


def _each(read: Callable[[Any], T]) -> Callable[[Any], tuple[T, ...]]:
    def read_all(value: Any) -> tuple[T, ...]:
        if not isinstance(value, (list, tuple)):
            raise Unreadable("must be a list")
        return tuple(read(it) for it in value)

    return read_all
