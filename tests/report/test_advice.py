"""What the report says of a broken requirement beyond the clause: why it matters, and the likely fix."""

from pathlib import Path

import pytest
import sample

from harness import specs
from harness.checks import CHECKS
from harness.model import Problem, Where
from harness.report import advice as texts
from harness.report.advising import BY_CHECK, BY_REQUIREMENT, advice, of_requirement

SPECS = Path(__file__).parents[2] / "specs"
TESTABLE = [each.id for each in specs.load(SPECS).values() if each.not_tested is None]
OF_DOCUMENTS = {"kid-jwt", "originchain", "origoid", "sk-oauth"}
"""Specifications of single APIs: details of theirs are about what is documented, or told by the check."""


def problem(requirement: str, check: str) -> Problem:
    return Problem(requirement, "MUST", check, "this", "that", Where(sample.SUITE, 1))


# Every requirement of a standard has advice of its own.
@pytest.mark.parametrize("id", [each for each in TESTABLE if each.partition("/")[0] not in OF_DOCUMENTS])
def test_every_requirement_has_advice(id):
    broken = [problem(id, "accepted" if id.endswith("-accepted") else "refused")]

    assert advice(id, broken) is not texts.DOCUMENTED


# No pattern is left over from a requirement that is no more, nor hidden by one before it.
def test_every_pattern_is_of_use():
    used = {of_requirement(each) for each in TESTABLE}
    assert {said for _, said in BY_REQUIREMENT} <= used
    assert BY_CHECK.keys() - {"alike", "settles"} <= CHECKS.keys()


# An author's own requirement is told by the check that found it, and any other by what is documented.
def test_an_unknown_requirement_is_told_by_its_check():
    assert advice("mine/own", [problem("mine/own", "no-store")]) is texts.CACHES
    assert advice("mine/own", [problem("mine/own", "json")]) is texts.DOCUMENTED


# Where what should have been refused was served, the wrong status is the least of it.
def test_what_was_served_is_told_first():
    served = Problem("a/401-x", "MUST", "status", "401 Unauthorized", "200 OK", Where(sample.SUITE, 1))
    other = Problem("a/401-x", "MUST", "status", "401 Unauthorized", "403 Forbidden", Where(sample.SUITE, 1))

    assert advice("a/401-x", [served]) is texts.REFUSED
    assert advice("a/401-x", [other]) is texts.STATUS


# Every word of advice is two whole sentences' worth: why, and what to do.
def test_advice_is_in_sentences():
    said = [each for each in vars(texts).values() if isinstance(each, texts.Advice)]

    assert len(said) > 30
    for each in said:
        assert each.why.endswith(".") and each.fix.endswith(".") and each.why[0].isupper()
