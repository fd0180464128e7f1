"""What is signed: an in-toto statement of a test result, about the files of a bundle."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from harness.model import Verdict
from harness.report.record import Run

STATEMENT = "https://in-toto.io/Statement/v1"
ALTERED = "not what was signed"
PREDICATE = "https://in-toto.io/attestation/test-result/v0.1"


def written(run: Run, files: Mapping[str, bytes]) -> bytes:
    """The statement about `run` and the `files` that hold it and its reports, by name."""
    value = {
        "_type": STATEMENT,
        "subject": [{"name": name, "digest": {"sha256": sha256(data)}} for name, data in files.items()],
        "predicateType": PREDICATE,
        "predicate": predicate(run),
    }
    return json.dumps(value, indent=1).encode()


def predicate(run: Run) -> dict[str, Any]:
    """What the statement says of the run: its result, what it was configured by, and the cases."""
    tests = {verdict: _tests(run, verdict) for verdict in ("pass", "warn", "fail")}
    return {
        "result": "FAILED" if tests["fail"] else "WARNED" if tests["warn"] else "PASSED",
        "configuration": list(_configuration(run)),
        "passedTests": tests["pass"],
        "warnedTests": tests["warn"],
        "failedTests": tests["fail"],
    }


def mismatches(payload: bytes, run: Run, files: Mapping[str, bytes]) -> Iterable[str]:
    """What the signed statement says otherwise than the files: their names, or what is wrong with itself.

    Keys that this version does not write are passed over, as in-toto has it.
    """
    try:
        value = json.loads(payload)
        digests = {each["name"]: each["digest"]["sha256"] for each in value["subject"]}
        kinds = value["_type"], value["predicateType"]
        told = value["predicate"]
        known = {key: told[key] for key in predicate(run)}
    except (ValueError, KeyError, TypeError, RecursionError):
        return ["the statement is none of a test result"]
    if kinds != (STATEMENT, PREDICATE):
        return ["the statement is none of a test result"]
    found = [
        f"{name} is {ALTERED}" for name in digests if name in files and digests[name] != sha256(files[name])
    ]
    found += [f"{name} is missing" for name in digests if name not in files]
    found += [f"{name} is not part of what was signed" for name in files if name not in digests]
    if not found and known != predicate(run):
        found.append("the statement says something else than the run")
    return found


def sha256(data: bytes) -> str:
    """The digest in hex."""
    return hashlib.sha256(data).hexdigest()


def _tests(run: Run, verdict: Verdict) -> list[str]:
    return sorted(outcome.case for outcome in run.outcomes if outcome.verdict == verdict)


def _configuration(run: Run) -> Iterator[dict[str, Any]]:
    """Resource descriptors of what decided how the API was tested."""
    start = run.start
    yield {"name": "authconform", "uri": f"pkg:generic/authconform@{start.authconform}"}
    yield _described(f"profile {start.profile}", start.profile_digest)
    yield _described("suites", start.suite_digest)
    for id, digest in sorted(start.suites.items()):
        yield _described(f"suite {id}", digest)


def _described(name: str, digest: str) -> dict[str, Any]:
    return {"name": name, "digest": {"sha256": digest.removeprefix("sha256:")}}
