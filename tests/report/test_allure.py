"""The run as Allure results: the files that Allure reads, in their shapes."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest
import sample

from harness.report.allure import files
from harness.report.record import Run, conclude

TIME = int
RESULT: dict[str, type] = {
    **dict.fromkeys(("uuid", "historyId", "testCaseId", "fullName", "name", "status", "stage"), str),
    **{"statusDetails": dict, "start": TIME, "stop": TIME},
    **{"labels": list, "links": list, "steps": list, "attachments": list},
}
"""Key -> what Allure takes there."""
STATUSES = {"passed", "failed", "broken", "skipped", "unknown"}


def read(run: Run) -> dict[str, dict[str, Any]]:
    """The results by their names, after each has been seen to have the right shape."""
    folder = dict(files(run))
    results = {}
    for name, text in folder.items():
        if not name.endswith("-result.json"):
            continue
        result = json.loads(text)
        assert re.fullmatch(r"[0-9a-f-]{36}-result\.json", name) and name.startswith(result["uuid"])
        for key, value in result.items():
            assert isinstance(value, RESULT[key]), key
        assert result["status"] in STATUSES
        assert result["start"] <= result["stop"]
        for label in result["labels"]:
            assert label.keys() == {"name", "value"}
        for step in result.get("steps", ()):
            assert step.keys() == {"name", "status", "stage", "start", "stop"}
        for attachment in result.get("attachments", ()):
            assert attachment["type"] == "text/plain" and attachment["source"] in folder
        assert all(each["url"].startswith("https://www.rfc-editor.org/") for each in result.get("links", ()))
        results[result["fullName"]] = result
    return results


@pytest.fixture(scope="module")
def results():
    return read(sample.everything())


# Allure's own words for each verdict.
def test_every_case_has_a_status(results):
    found = [result["status"] for result in results.values()]

    assert {status: found.count(status) for status in STATUSES} == {
        **{"passed": 10, "failed": 2, "broken": 2, "skipped": 2, "unknown": 0},
    }


# A failed case says what is against it, where it belongs, and what the clause is.
def test_a_failed_case_is_told(results):
    result = results["bearer/presentation/scheme-case@own"]

    assert "expected 200, got 401" in result["statusDetails"]["message"]
    labels = {(each["name"], each["value"]) for each in result["labels"]}
    assert {
        *(("suite", "bearer/presentation"), ("severity", "critical"), ("story", "rfc9110/11.1-scheme-case")),
    } <= labels
    assert result["links"][0]["name"] == "RFC 9110 section 11.1"
    assert [each["name"] for each in result["steps"]] == [
        "control: GET /v1/tenants/acme/schemas → 200",
        "the case: GET /v1/tenants/acme/schemas → 401",
    ]
    assert result["stop"] - result["start"] == 41


# The exchange is there in full.
def test_exchanges_are_attached(results):
    folder = dict(files(sample.everything()))
    [attachment] = results["bearer/presentation/scheme-case@own"]["attachments"]

    assert "Authorization: Bearer [unknown token]" in folder[attachment["source"]]


# No two cases share an identity: Allure would show one of them as a retry of the other, and hide it.
def test_variants_are_no_retries():
    broken = sample.broken()[1]
    variants = [replace(broken, case=f"{broken.scenario}[{name}]") for name in ("lower", "upper", "mixed")]
    found = read(sample.run(variants)).values()

    assert len({each["historyId"] for each in found}) == len({each["testCaseId"] for each in found}) == 3


# The same case has the same history in a later run, and a file of its own.
def test_history_goes_on(results):
    later = read(replace(sample.everything(), start=replace(sample.START, start="2027-01-01T00:00:00Z")))
    name = "bearer/presentation/scheme-case@own"

    assert later[name]["historyId"] == results[name]["historyId"]
    assert later[name]["uuid"] != results[name]["uuid"]
    assert dict(files(sample.everything())) == dict(files(sample.everything()))


# A run that was cut off, or came to nothing, is a broken result of its own.
def test_a_run_without_an_end_is_broken():
    assert read(sample.run(sample.passed(), ended=False))["authconform"]["status"] == "broken"

    run = replace(sample.run([]), end=conclude([], reason="the target is not there"))
    [result] = read(run).values()
    assert result["statusDetails"]["message"] == "inconclusive: the target is not there"


# What is accepted is skipped; what --strict counts has failed.
def test_accepted_and_strict():
    [result] = read(sample.run([sample.accepted()])).values()
    assert result["status"] == "skipped"
    assert result["statusDetails"]["message"].startswith("accepted until 2027-03-31")

    assert [each["status"] for each in read(sample.run(sample.broken()[2:], strict=True)).values()] == [
        "failed"
    ]


# What nothing requires has passed, and says what is not so.
def test_what_is_noted_is_told():
    [result] = read(sample.run([sample.noted()])).values()

    assert result["status"] == "passed"
    assert "got Access-Control-Allow-Origin: *" in result["statusDetails"]["message"]


# The environment is a properties file, categories tell the statuses apart.
def test_environment_and_categories():
    run = sample.run([], environment="a\\b\nc=d", places={"own place": "https://a.example"})
    folder = dict(files(run))

    assert "environment=a\\\\b\\nc=d\n" in folder["environment.properties"]
    assert "place.own_place=https://a.example\n" in folder["environment.properties"]
    categories = json.loads(folder["categories.json"])
    assert [each["matchedStatuses"] for each in categories] == [["failed"], ["broken"], ["skipped"]]
