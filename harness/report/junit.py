"""The run as JUnit XML: a test suite for each suite, a test case for each case, verdicts as pytest has them.

A warning is passed unless it counts (--strict) and stands in the output; what is inconclusive is an error, as
is a run that was cut off; what does not apply or is accepted by a baseline is skipped, with the reason.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from harness.errors import escaped
from harness.model import CaseOutcome
from harness.report.findings import headline, is_noted
from harness.report.record import Run
from harness.report.told import accepted, described, printable
from harness.report.transcript import transcript
from harness.report.verdict import is_accepted

SUITE = "the run"
"""The test suite that stands for the run itself, where that has something to say."""


def render(run: Run) -> str:
    """Return the run as a JUnit document."""
    root = Element("testsuites", name=escaped(f"authconform {run.start.profile}"))
    for name, outcomes in _by_suite(run.outcomes).items():
        suite = SubElement(root, "testsuite", name=escaped(name), timestamp=escaped(run.start.start))
        for outcome in outcomes:
            _case(suite, outcome, run.start.strict)
    _the_run(root, run)
    for suite in root:
        _count(suite, suite.findall("testcase"))
    _count(root, root.findall("testsuite/testcase"))
    indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{tostring(root, encoding="unicode")}\n'


def _by_suite(outcomes: Iterable[CaseOutcome]) -> Mapping[str, Sequence[CaseOutcome]]:
    found: dict[str, list[CaseOutcome]] = {}
    for outcome in outcomes:
        found.setdefault(_split(outcome.case)[0], []).append(outcome)
    return found


def _split(case: str) -> tuple[str, str]:
    """A case's suite and its name in that: the brackets of a variant may hold slashes."""
    front, bracket, rest = case.partition("[")
    suite, _, name = front.rpartition("/")
    return suite or "cases", f"{name}{bracket}{rest}"


def _case(suite: Element, outcome: CaseOutcome, strict: bool) -> None:
    front, name = _split(outcome.case)
    where = outcome.where
    case = SubElement(suite, "testcase", classname=escaped(front.replace("/", ".")), name=escaped(name))
    case.set("file", escaped(where.path))
    case.set("line", str(where.line))
    case.set("time", _seconds(outcome.elapsed))
    properties = SubElement(case, "properties")
    for key, value in (
        ("case", outcome.case),
        ("title", outcome.title),
        ("verdict", outcome.verdict),
        ("requirements", " ".join(finding.id for finding in outcome.requirements)),
    ):
        SubElement(properties, "property", name=key, value=escaped(value))
    counts = outcome.verdict == "fail" or (strict and outcome.verdict == "warn")
    if is_accepted(outcome, strict):
        _said(case, "skipped", "accepted", accepted(outcome))
    elif counts:
        _said(case, "failure", "not met", described(outcome))
    elif outcome.verdict == "inconclusive":
        _said(case, "error", "inconclusive", outcome.reason or "nothing was learned")
    elif outcome.verdict == "not-applicable":
        _said(case, "skipped", "not applicable", outcome.reason or "not applicable")
    if outcome.verdict in ("fail", "warn") or is_noted(outcome):
        sections = [described(outcome), *(f"{title}\n{text}" for title, text in transcript(outcome))]
        SubElement(case, "system-out").text = printable("\n\n".join(sections))


def _the_run(root: Element, run: Run) -> None:
    """What the cases alone do not tell: what was never asked, and a run that did not come to its end."""
    said: list[tuple[str, str, str]] = []
    if run.end is None:
        said.append(("run", "cut off", headline(run)))
    elif run.end.verdict == "inconclusive" and not any(it.verdict == "inconclusive" for it in run.outcomes):
        said.append(("run", "inconclusive", headline(run)))
    if run.end:
        said += (("baseline", "out of date", sentence) for sentence in run.end.outdated)
        said += ((case, "not run", "it was planned and never asked") for case in run.end.not_run)
    if said:
        suite = SubElement(root, "testsuite", name=SUITE, timestamp=escaped(run.start.start))
    for name, kind, text in said:
        case = SubElement(suite, "testcase", classname=SUITE, name=escaped(name), time="0.000")
        _said(case, "error", kind, text)


def _said(case: Element, outcome: str, kind: str, text: str) -> None:
    element = SubElement(case, outcome, type=kind, message=escaped(text.partition("\n")[0]))
    element.text = printable(text)


def _count(element: Element, cases: Sequence[Element]) -> None:
    element.set("tests", str(len(cases)))
    for key, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        element.set(key, str(sum(case.find(tag) is not None for case in cases)))
    element.set("time", _seconds(math.fsum(float(case.get("time", "0")) for case in cases)))


def _seconds(elapsed: float) -> str:
    return f"{elapsed if math.isfinite(elapsed) else 0:.3f}"
