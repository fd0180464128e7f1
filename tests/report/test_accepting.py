"""What a baseline accepts decides nothing; an entry that no longer holds fails the run."""

from dataclasses import replace
from datetime import date

import pytest
import sample
from click.testing import CliRunner

from harness.cli.baseline import command
from harness.model import Finding
from harness.report.accepting import outdated, with_accepted
from harness.report.record import Cited, Writer, conclude
from harness.report.summary import summary

FAILED = sample.broken()[1]
WARNED = sample.broken()[2]
TODAY = date(2026, 11, 21)
BY_CASE = replace(sample.ACCEPTED, requirement=None)
EVERYWHERE = replace(sample.ACCEPTED, case=None)


def mended(outcome=FAILED):
    findings = tuple(replace(each, verdict="pass") for each in outcome.requirements)
    return replace(outcome, verdict="pass", requirements=findings, problems=())


def accepted(outcome, *entries, today=TODAY):
    return with_accepted(outcome, entries, today)


# An author's own requirement, which does not come with authconform, is accepted as any other.
def test_an_own_requirement_is_accepted(tmp_path):
    own = [replace(each, id="mine/one") for each in FAILED.requirements]
    cited = replace(sample.START, requirements={"mine/one": Cited("It is so.", (), "MUST")})
    run = replace(sample.run([replace(FAILED, requirements=tuple(own))]), start=cited)
    with Writer(tmp_path / "run.jsonl", run.start) as writer:
        writer.add(run.outcomes[0])
        writer.close(run.end)
    about = ["--reason", "so", "--owner", "Ada", "--expires", "2999-12-31"]
    file = tmp_path / "baseline.yaml"
    arguments = ["add", str(tmp_path), "mine/one", *about, "--file", str(file)]
    ran = CliRunner().invoke(command, arguments, catch_exceptions=False)

    assert ran.output == f"{file}:3: mine/one is accepted until 2999-12-31\n"
    assert '  - requirement: "mine/one"\n' in file.read_text(encoding="utf-8")


# By its requirement, its case or both: an accepted failure does not fail the run.
@pytest.mark.parametrize("entry", [sample.ACCEPTED, BY_CASE, EVERYWHERE])
def test_an_accepted_failure_does_not_fail_the_run(entry):
    outcome = accepted(FAILED, entry)
    end = conclude([outcome])

    assert outcome.verdict == "fail"  # it is what it is
    assert outcome.accepted == (sample.ACCEPTED,)
    assert (end.verdict, end.exit_code, end.accepted, end.counts["fail"]) == ("conforms", 0, 1, 1)


# What else comes to fail in the same case is not accepted with it.
def test_what_else_fails_is_not_accepted():
    worse = replace(
        FAILED, requirements=(*FAILED.requirements, Finding("rfc6750/2.1-header", "MUST", "fail"))
    )

    assert conclude([accepted(worse, sample.ACCEPTED)]).exit_code == 1
    assert conclude([accepted(worse, BY_CASE)]).exit_code == 0


# An entry accepts up to and on its last day.
def test_an_entry_holds_up_to_its_last_day():
    assert conclude([accepted(FAILED, sample.ACCEPTED, today=date(2027, 3, 31))]).exit_code == 0
    assert conclude([accepted(FAILED, sample.ACCEPTED, today=date(2027, 4, 1))]).exit_code == 1


# Where warnings count, they can be accepted too, each by its own requirement.
def test_an_accepted_warning():
    entry = replace(sample.ACCEPTED, requirement="rfc6750/3.1-invalid-token", case=None)

    assert conclude([WARNED], strict=True).exit_code == 1
    assert conclude([accepted(WARNED, entry)], strict=True).exit_code == 0


# With --strict an accepted failure does not hide a warning beside it.
def test_a_warning_beside_an_accepted_failure():
    both = replace(
        FAILED, requirements=(*FAILED.requirements, Finding("rfc6750/5.3-no-store", "SHOULD", "warn"))
    )
    outcome = accepted(both, sample.ACCEPTED)

    assert conclude([outcome]).exit_code == 0
    assert conclude([outcome], strict=True).exit_code == 1


# Nothing inconclusive is accepted: what is not known is not known.
def test_an_inconclusive_case_is_not_accepted():
    unknown = sample.unknown()[0]
    outcome = accepted(unknown, replace(BY_CASE, case=unknown.case))

    assert outcome.accepted == ()
    assert conclude([outcome]).exit_code == 3


# --- entries that are out of date ------------------------------------------------------------------


# What no longer fails is to be deleted, and fails the run without a word against the API.
@pytest.mark.parametrize("entry", [sample.ACCEPTED, BY_CASE])
def test_an_entry_that_no_longer_fails(entry):
    told = list(outdated([mended()], [entry], TODAY, whole=False))
    end = conclude([mended()], outdated=told)

    (sentence,) = told
    assert sentence.startswith("authconform-baseline.yaml:3: ")
    assert sentence.endswith("bearer/presentation/scheme-case@own no longer fails: delete this entry")
    assert (end.verdict, end.exit_code) == ("conforms", 1)


# What has expired and still fails fails the run twice: as what it is, and as an entry.
def test_an_entry_that_has_expired():
    told = list(outdated([FAILED], [sample.ACCEPTED], date(2027, 4, 1), whole=False))

    assert told == [
        "authconform-baseline.yaml:3: rfc9110/11.1-scheme-case in bearer/presentation/scheme-case@own still "
        "fails, and was accepted until 2027-03-31: mend it and delete this entry, or decide anew"
    ]


# An entry is judged only if its case ran and told something, expired or not.
@pytest.mark.parametrize(
    "outcomes",
    [
        [],
        [sample.passed()[0]],
        [replace(mended(), verdict="inconclusive", requirements=(Finding("rfc9110/11.1-scheme-case", "MUST",
                                                                         "inconclusive"),))],
        [replace(mended(), verdict="not-applicable", requirements=())],
    ],
)  # fmt: skip
@pytest.mark.parametrize("today", [TODAY, date(2028, 1, 1)])
def test_an_entry_whose_case_did_not_run(outcomes, today):
    assert list(outdated(outcomes, [sample.ACCEPTED, BY_CASE], today, whole=True)) == []


# An entry for a case that its scenario does not have accepts nothing, and would never be judged.
def test_an_entry_for_no_case():
    lower = replace(mended(), case=f"{FAILED.scenario}[lower]")
    entry = replace(sample.ACCEPTED, case=f"{FAILED.scenario}[laower]")

    assert list(outdated([lower], [entry], TODAY, whole=True)) == [
        "authconform-baseline.yaml:3: there is no case bearer/presentation/scheme-case[laower]: delete this "
        "entry, or correct its case"
    ]
    assert list(outdated([lower], [entry], TODAY, whole=False)) == []
    unknown = replace(lower, verdict="not-applicable")
    assert list(outdated([lower, unknown], [entry], TODAY, whole=True)) == []
    assert list(outdated(sample.passed()[:1], [entry], TODAY, whole=True)) == []


# What is accepted in every case can be failing in one that was left out: only a whole run tells.
def test_an_entry_for_every_case():
    assert list(outdated([mended()], [EVERYWHERE], TODAY, whole=False)) == []
    assert list(outdated([mended()], [EVERYWHERE], TODAY, whole=True)) == [
        "authconform-baseline.yaml:3: rfc9110/11.1-scheme-case no longer fails: delete this entry"
    ]
    assert list(outdated([mended(), FAILED], [EVERYWHERE], TODAY, whole=True)) == []


# --- as people read it -----------------------------------------------------------------------------


# The summary tells what is accepted, by whom, until when and where, in place of "Not met".
def test_accepted_findings_in_the_summary():
    run = sample.run([sample.passed()[0], sample.accepted()])

    assert summary(run) == (
        """\
conforms; 1 MUST accepted by the baseline
originchain at https://acme.originchain.example (staging), 2026-11-21T18:37:04Z
2 cases in 1.8 s: 1 fail, 1 pass

Accepted
  rfc9110/11.1-scheme-case until 2027-03-31: The gateway matches the name as it is written; the next
    one will not. (Ada, GW-12)
    authconform-baseline.yaml:3
    bearer/presentation/scheme-case@own
"""
    )


# A requirement that fails elsewhere too is not met, whatever is accepted of it.
def test_what_is_accepted_in_one_case_only():
    other = replace(FAILED, case="bearer/presentation/other@own")
    text = summary(sample.run([sample.accepted(), other]))

    assert text.startswith("does not conform: 1 MUST not met\n")
    assert "bearer/presentation/other@own" in text and "Accepted" in text


# An entry that is out of date is told with its line.
def test_outdated_entries_in_the_summary():
    told = list(outdated([mended()], [sample.ACCEPTED], TODAY, whole=False))
    text = summary(replace(sample.run([mended()]), end=conclude([mended()], outdated=told)))

    assert text.startswith("conforms; 1 entry of the baseline is out of date\n")
    assert (
        "Out of date in the baseline\n  authconform-baseline.yaml:3: rfc9110/11.1-scheme-case in "
        "bearer/presentation/scheme-case@own no longer fails: delete this entry\n"
    ) in text
