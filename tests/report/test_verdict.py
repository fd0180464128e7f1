"""What a run comes to."""

from dataclasses import replace

import pytest
import sample

from harness.report.record import conclude

PASS, FAIL, WARN = sample.passed()[0], sample.broken()[0], sample.broken()[2]
UNKNOWN, ABSENT = sample.unknown()[0], sample.unknown()[2]


# Whatever else happened, one MUST not met decides the run.
@pytest.mark.parametrize("others", [[PASS], [UNKNOWN], [WARN, ABSENT]])
def test_a_failure_decides(others):
    end = conclude([*others, FAIL], ["never/asked"], reason="the run was interrupted")

    assert (end.verdict, end.exit_code) == ("does-not-conform", 1)
    assert end.not_run == ("never/asked",)


# A SHOULD not met is told and changes nothing, unless the run is strict.
def test_a_warning_counts_only_where_it_is_asked_to():
    assert conclude([PASS, WARN]).exit_code == 0

    end = conclude([PASS, WARN], strict=True)
    assert (end.verdict, end.exit_code) == ("does-not-conform", 1)
    assert end.reason == "warnings count as failures (--strict)"


# What is not known never reads as conformance, and the reason says what is not known.
@pytest.mark.parametrize(
    ("outcomes", "not_run", "reason"),
    [
        ([PASS, UNKNOWN], [], "1 case gave no answer"),
        ([PASS], ["one", "two"], "the run was stopped before 2 cases had been asked"),
        ([ABSENT], [], "nothing was tested"),
        ([], [], "nothing was tested"),
    ],
)
def test_what_is_not_known_is_inconclusive(outcomes, not_run, reason):
    end = conclude(outcomes, not_run)

    assert (end.verdict, end.exit_code, end.reason) == ("inconclusive", 3, reason)


# A target that could not be reached makes even passed cases inconclusive, with that reason.
def test_a_run_that_was_not_carried_through_is_inconclusive():
    end = conclude([PASS], reason="the target could not be reached: connection refused")

    assert (end.verdict, end.exit_code) == ("inconclusive", 3)
    assert end.reason == "the target could not be reached: connection refused"


# Who cannot live with an open question lets it fail the run; the verdict stays what it is.
@pytest.mark.parametrize(("outcomes", "code"), [([PASS, UNKNOWN], 1), ([PASS], 0)])
def test_what_is_not_known_can_fail_the_run(outcomes, code):
    end = conclude(outcomes, unknown_fails=True)

    assert end.exit_code == code
    assert end.verdict == ("inconclusive" if code else "conforms")


# Passed cases beside declared absences conform, and every verdict is counted, those at nought too.
def test_a_conforming_run_counts_every_verdict():
    end = conclude([PASS, replace(PASS, case="another"), ABSENT], elapsed=1.5)

    assert (end.verdict, end.exit_code, end.reason, end.elapsed) == ("conforms", 0, None, 1.5)
    assert end.counts == {"pass": 2, "fail": 0, "warn": 0, "inconclusive": 0, "not-applicable": 1}
