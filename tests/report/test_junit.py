"""The run as JUnit XML: valid by a schema of our own, and saying what the run says."""

import time
from dataclasses import replace
from pathlib import Path

import pytest
import sample
from lxml import etree

from harness.report.junit import render
from harness.report.record import Run, conclude

SCHEMA = etree.XMLSchema(etree.parse(Path(__file__).parent / "schemas" / "junit.xsd"))


def read(run: Run) -> etree._Element:
    """The document, after the schema has agreed to it."""
    root = etree.fromstring(render(run).encode())
    SCHEMA.assertValid(root)
    return root


def case(root: etree._Element, name: str) -> etree._Element:
    found = root.xpath("//testcase[@name=$name]", name=name)
    assert len(found) == 1
    return found[0]


@pytest.fixture(scope="module")
def root():
    return read(sample.everything())


# CI counts as the run does: a warning has passed, what is inconclusive is an error.
def test_the_counts_are_those_of_the_run(root):
    assert {key: root.get(key) for key in ("tests", "failures", "errors", "skipped")} == {
        **{"tests": "16", "failures": "2", "errors": "2", "skipped": "2"},
    }
    suites = root.findall("testsuite")
    assert [each.get("name") for each in suites][:2] == ["scoping/instances", "bearer/presentation"]
    assert sum(int(each.get("tests")) for each in suites) == 16


# A failure says what was expected and what came, where that was written, and shows the exchange.
def test_a_failure_is_told(root):
    found = case(root, "foreign-token@own")

    assert (found.get("classname"), found.get("file"), found.get("line")) == (
        *("scoping.instances", "suites/scoping/instances.suite.yaml", "14"),
    )
    assert found.find("failure").get("message") == "MUST originchain/wrong-instance-403"
    assert "specs/originchain/profile.yaml:48: expected 403, got 200" in found.findtext("failure")
    assert "Authorization: Bearer [other-token]" in found.findtext("system-out")
    properties = {each.get("name"): each.get("value") for each in found.iter("property")}
    assert properties["requirements"] == "originchain/wrong-instance-403 originchain/invalid-401"
    assert properties["verdict"] == "fail"


# What nothing requires has passed, with what is not so beside it.
def test_what_is_noted_has_passed():
    found = case(read(sample.run([sample.noted()])), "browser-origin@own")

    assert [each.tag for each in found] == ["properties", "system-out"]
    assert "got Access-Control-Allow-Origin: *" in found.findtext("system-out")


# Each verdict that is no failure has its reason.
def test_other_verdicts_are_told(root):
    assert case(root, "expired@own").find("error").get("message") == "the target answered 503 twice"
    assert "dashboard only" in case(root, "shown-once@own").findtext("skipped")
    warned = case(root, "error-code@own")
    assert [each.tag for each in warned] == ["properties", "system-out"]


# With --strict a warning is a failure.
def test_a_strict_run():
    root = read(sample.run(sample.broken(), strict=True))

    assert root.get("failures") == "3"


# What a baseline accepts is skipped, with who answers for it until when.
def test_what_is_accepted_is_skipped():
    root = read(sample.run([sample.accepted()]))

    assert root.get("failures") == "0"
    told = case(root, "scheme-case@own").find("skipped")
    assert told.get("type") == "accepted"
    assert told.text.startswith("accepted until 2027-03-31: rfc9110/11.1-scheme-case: The gateway")


# A run that was cut off, never began, or was stopped is never green.
def test_a_run_without_an_end_is_an_error():
    cut_off = read(sample.run(sample.passed(), ended=False))
    assert case(cut_off, "run").find("error").get("message").startswith("cut off: the run has no end")

    stopped = replace(sample.run([]), end=conclude([], ["a/b[x/y]"], reason="the target is not there"))
    root = read(stopped)
    assert root.get("errors") == "2"
    assert case(root, "run").findtext("error") == "inconclusive: the target is not there"
    assert case(root, "a/b[x/y]").findtext("error") == "it was planned and never asked"


# A baseline that is out of date is an error of its own.
def test_an_outdated_baseline_is_an_error():
    outcomes = sample.passed()
    run = replace(sample.run(outcomes), end=conclude(outcomes, outdated=["b.yaml:3: x no longer fails"]))

    assert case(read(run), "baseline").findtext("error") == "b.yaml:3: x no longer fails"


# Whatever a target answers, the document is XML; characters that XML does not have stand escaped.
def test_a_hostile_target():
    hostile = "]]></failure><x a='\"'>\x00\x1b[31m\ud800\ufffe&#0;"
    broken = sample.broken()[0]
    problem = replace(broken.problems[0], actual=hostile)
    exchanges = (sample.exchange(body=hostile, token=hostile),)
    outcome = replace(broken, case=hostile, title=hostile, problems=(problem,), exchanges=exchanges)
    root = read(sample.run([outcome, replace(outcome, case="b", verdict="inconclusive", reason=hostile)]))

    assert not root.findall(".//x")
    assert "\\x00\\x1b[31m\\ud800\\ufffe" in root.xpath("string(//failure)")


# Five thousand cases are written at once.
def test_five_thousand_cases():
    made = [replace(sample.broken()[0], case=f"a/b/{number}") for number in range(5000)]
    started = time.process_time()

    assert read(sample.run(made)).get("failures") == "5000"
    assert time.process_time() - started < 5
