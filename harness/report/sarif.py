"""The run as SARIF 2.1.0, for code scanning: requirements are its rules, what breaks them its results."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from harness.model import Acceptance, CaseOutcome, Level, Problem, Where
from harness.report.advising import advice
from harness.report.entries import Broken, broken
from harness.report.findings import clauses, headline
from harness.report.record import Run
from harness.report.told import printable

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVEL: Mapping[Level, str] = {"MUST": "error", "SHOULD": "warning", "MAY": "note"}


def render(run: Run) -> str:
    """Return the run as a SARIF log."""
    rules = _rules(run)
    places = {rule["id"]: number for number, rule in enumerate(rules)}
    log = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "authconform",
                        "semanticVersion": run.start.authconform,
                        "rules": rules,
                    }
                },
                "automationDetails": {"id": f"authconform/{run.start.profile}/{run.start.environment}/"},
                "invocations": [_invocation(run)],
                "results": [*_results(run, places), *_open(run)],
                "columnKind": "unicodeCodePoints",
            }
        ],
    }
    return json.dumps(log, indent=2, ensure_ascii=True) + "\n"


def _rules(run: Run) -> list[dict[str, Any]]:
    """The requirements that a case breaks, in the order of their ids."""
    found: dict[str, list[Problem]] = {}
    for outcome in run.outcomes:
        for problem in outcome.problems:
            found.setdefault(problem.requirement, []).append(problem)
    return [_rule(run, id, found[id]) for id in sorted(found)]


def _rule(run: Run, id: str, problems: Sequence[Problem]) -> dict[str, Any]:
    cited, said = run.start.requirements.get(id), advice(id, problems, run.start.requirements.get(id))
    level: Level = cited.level if cited else problems[0].level
    rule: dict[str, Any] = {
        "id": id,
        "shortDescription": {"text": printable(cited.says if cited else id)},
        "fullDescription": {"text": said.why},
        "help": {"text": f"{said.why} {said.fix}"},
        "defaultConfiguration": {"level": LEVEL[level]},
        "properties": {"tags": ["authentication", level]},
    }
    address = next((url for _, url in clauses(cited.sources) if url), None) if cited else None
    return rule | ({"helpUri": address} if address else {})


def _invocation(run: Run) -> dict[str, Any]:
    made: dict[str, Any] = {
        "startTimeUtc": run.start.start.replace("+00:00", "Z"),
        "executionSuccessful": run.end is not None and run.end.verdict != "inconclusive",
    }
    if run.end:
        made["exitCode"] = run.end.exit_code
    if not made["executionSuccessful"]:
        message = {"text": printable(headline(run))}
        made["toolExecutionNotifications"] = [{"level": "error", "message": message}]
    return made


def _results(run: Run, places: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    for outcome in run.outcomes:
        accepted = {each.requirement: each for each in outcome.accepted}
        for it in broken(outcome, run.start.requirements):
            yield _result(outcome, it, places[it.requirement], accepted.get(it.requirement))


def _result(outcome: CaseOutcome, it: Broken, place: int, accepted: Acceptance | None) -> dict[str, Any]:
    told = "; ".join(f"expected {each.expected}, got {each.actual}" for each in it.problems)
    made: dict[str, Any] = {
        "ruleId": it.requirement,
        "ruleIndex": place,
        "kind": "fail",
        "level": LEVEL[it.level],
        "message": {"text": printable(f"{outcome.title}: {told}")},
        "locations": [_location(each.where, outcome.case) for each in it.problems[:1]],
        "relatedLocations": [_location(each.where, outcome.case) for each in it.problems[1:]],
        "partialFingerprints": {"authconformCase/v1": _fingerprint(outcome.case, it.requirement)},
    }
    if accepted:
        because = f"{accepted.reason} ({accepted.owner}, until {accepted.expires})"
        made["suppressions"] = [
            {"kind": "external", "status": "accepted", "justification": printable(because)}
        ]
    return made


def _open(run: Run) -> Iterator[dict[str, Any]]:
    """The cases from which nothing was learned: open, not passed."""
    for outcome in run.outcomes:
        if outcome.verdict == "inconclusive":
            yield {
                "kind": "open",
                "level": "none",
                "message": {"text": printable(f"{outcome.title}: {outcome.reason or 'nothing was learned'}")},
                "locations": [_location(outcome.where, outcome.case)],
                "partialFingerprints": {"authconformCase/v1": _fingerprint(outcome.case, "")},
            }


def _location(where: Where, case: str) -> dict[str, Any]:
    path = PurePosixPath(where.path)
    artifact: dict[str, Any] = {"uri": quote(str(path))}
    if path.is_absolute():
        artifact["uri"] = f"file://{artifact['uri']}"
    else:
        artifact["uriBaseId"] = "%SRCROOT%"
    return {
        "physicalLocation": {"artifactLocation": artifact, "region": {"startLine": where.line}},
        "logicalLocations": [{"fullyQualifiedName": printable(case), "kind": "member"}],
    }


def _fingerprint(case: str, requirement: str) -> str:
    return hashlib.sha256(f"{case}\n{requirement}".encode("utf-8", "surrogatepass")).hexdigest()
