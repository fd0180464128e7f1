"""The run as SARIF: by a schema of our own of the part that is written, and saying what the run says."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import sample
from jsonschema import Draft7Validator

from harness.model import Where
from harness.report.record import Run, conclude
from harness.report.sarif import render

SCHEMA = Draft7Validator(
    json.loads((Path(__file__).parent / "schemas" / "sarif.schema.json").read_text(encoding="utf-8"))
)


def read(run: Run) -> dict:
    """The one run of the log, after the schema has agreed to it."""
    log = json.loads(render(run))
    SCHEMA.validate(log)
    return log["runs"][0]


@pytest.fixture(scope="module")
def log():
    return read(sample.everything())


# Each requirement that is not met is a rule, with its clause, why it matters and how it is mended.
def test_requirements_are_rules(log):
    rules = {each["id"]: each for each in log["tool"]["driver"]["rules"]}

    assert list(rules) == [
        *("originchain/wrong-instance-403", "rfc6750/3.1-invalid-token", "rfc9110/11.1-scheme-case"),
    ]
    rule = rules["rfc9110/11.1-scheme-case"]
    assert rule["shortDescription"]["text"].startswith("The name of an authentication scheme is compared")
    assert rule["helpUri"] == "https://www.rfc-editor.org/rfc/rfc9110#section-11.1"
    assert rule["defaultConfiguration"] == {"level": "error"}
    assert rules["rfc6750/3.1-invalid-token"]["defaultConfiguration"] == {"level": "warning"}


# A result points to the line that asks, and names the case; its rule is where it says.
def test_a_result_points_to_the_line(log):
    result = next(each for each in log["results"] if each.get("ruleId") == "originchain/wrong-instance-403")

    assert log["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    assert result["message"]["text"].startswith(
        "A token of another instance is refused: expected 403, got 200; expected an answer"
    )
    place = result["locations"][0]
    assert place["physicalLocation"] == {
        "artifactLocation": {"uri": "specs/originchain/profile.yaml", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 48},
    }
    assert place["logicalLocations"][0]["fullyQualifiedName"] == "scoping/instances/foreign-token@own"
    assert len(result["relatedLocations"]) == 1


# A finding is the same from run to run, and no other is.
def test_fingerprints_are_stable(log):
    found = [each["partialFingerprints"]["authconformCase/v1"] for each in log["results"]]
    later = read(replace(sample.everything(), start=replace(sample.START, start="2027-01-01T00:00:00Z")))

    assert len(set(found)) == len(found) == 5
    assert [each["partialFingerprints"]["authconformCase/v1"] for each in later["results"]] == found


# What was not learned is open, and no failure.
def test_inconclusive_cases_are_open(log):
    told = [each["message"]["text"] for each in log["results"] if each["kind"] == "open"]

    assert told[0] == "An expired token is refused: the target answered 503 twice"


# What a baseline accepts is suppressed, with the reason.
def test_what_is_accepted_is_suppressed():
    [result] = read(sample.run([sample.accepted()]))["results"]

    [suppression] = result["suppressions"]
    assert suppression["justification"].startswith("The gateway matches the name as it is written")
    assert "(Ada, until 2027-03-31)" in suppression["justification"]


# A run that came to no verdict did not execute successfully, and says why.
def test_a_run_cut_off():
    [invocation] = read(sample.run(sample.passed(), ended=False))["invocations"]
    assert invocation["executionSuccessful"] is False
    assert "exitCode" not in invocation
    assert invocation["toolExecutionNotifications"][0]["message"]["text"].startswith("cut off:")

    [invocation] = read(sample.run(sample.passed()))["invocations"]
    assert invocation == {
        **{"startTimeUtc": "2026-11-21T18:37:04Z", "executionSuccessful": True, "exitCode": 0},
    }


# A path of this machine is a file address; one with spaces is encoded.
def test_paths_are_addresses():
    broken = sample.broken()[1]
    run = sample.run(
        [
            replace(broken, problems=(replace(broken.problems[0], where=Where(path, 3)),), case=path)
            for path in ("/home/ada/my suites/a.suite.yaml", "my suites/a#b.suite.yaml")
        ]
    )
    found = [
        each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for each in read(run)["results"]
    ]

    assert found == ["file:///home/ada/my%20suites/a.suite.yaml", "my%20suites/a%23b.suite.yaml"]


# A target's characters stay text.
def test_a_hostile_target():
    broken = sample.broken()[0]
    problem = replace(broken.problems[0], actual="\x1b[31m\ud800")
    run = replace(sample.run([replace(broken, problems=(problem,))]), end=conclude([]))

    [result] = read(run)["results"]
    assert result["message"]["text"].endswith("got \\x1b[31m\\ud800")
