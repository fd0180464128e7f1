"""What has changed between two runs is named, and nothing else is."""

from dataclasses import replace

import sample

from harness.model import CaseOutcome, Finding
from harness.report.difference import Difference, difference
from harness.report.difference_summary import headline, summary

PASSED = sample.passed()[:3]


def changed(outcome: CaseOutcome, verdict: str, **more: object) -> CaseOutcome:
    """`outcome`, with this verdict for all that it looks at."""
    findings = tuple(replace(each, verdict=verdict) for each in outcome.requirements)
    return replace(outcome, verdict=verdict, requirements=findings, **more)


def cases(changes) -> list[str]:
    return [each.case for each in changes]


def told(found: Difference) -> dict[str, int]:
    """How many changes of each kind there are, where there are any."""
    kinds = (name for name in found.__dataclass_fields__ if isinstance(getattr(found, name), tuple))
    return {name: len(getattr(found, name)) for name in kinds if getattr(found, name)}


# Two runs of the same: nothing is said to have changed.
def test_nothing_changed():
    found = difference(sample.everything(), sample.everything())

    assert told(found) == {}
    assert summary(found) == "no case has changed\n"


# A case that fails now is named with what it fails, a mended one, one that warns, one that told nothing.
def test_every_kind_of_change():
    old = sample.run([*PASSED, *sample.broken()])
    down = changed(PASSED[2], "inconclusive", reason="the target answered 503 twice")
    new = sample.run(
        [changed(PASSED[0], "fail"), changed(PASSED[1], "warn"), down,
         changed(sample.broken()[0], "pass", problems=()), *sample.broken()[1:]]
    )  # fmt: skip
    found = difference(old, new)

    assert cases(found.newly_failing) == ["bearer/presentation/missing-header@own"]
    assert cases(found.newly_warned) == ["bearer/presentation/empty-token@own"]
    assert cases(found.newly_inconclusive) == ["bearer/presentation/unknown-token@own"]
    assert cases(found.fixed) == ["scoping/instances/foreign-token@own"]
    assert summary(found).startswith(
        """\
1 newly failing, 1 newly warned, 1 fixed, 1 newly inconclusive

Newly failing
  bearer/presentation/missing-header@own (was pass)
      originchain/invalid-401
      rfc6750/3-challenge
      rfc9110/15.5.2-challenge

Newly warned
  bearer/presentation/empty-token@own (was pass)
      originchain/invalid-401
      rfc6750/3-challenge
      rfc9110/15.5.2-challenge

Fixed
  scoping/instances/foreign-token@own (was fail)

Newly inconclusive
  bearer/presentation/unknown-token@own (was pass)
      the target answered 503 twice

Requirements
  MUST originchain/invalid-401: pass → fail
"""
    )


# A case that fails a further requirement fails newly, for that one alone.
def test_a_failing_case_that_fails_more():
    before = sample.broken()[0]
    after = replace(
        before, requirements=(before.requirements[0], Finding("originchain/invalid-401", "MUST", "fail"))
    )
    found = difference(sample.run([before]), sample.run([after]))

    assert [(each.case, each.requirements) for each in found.newly_failing] == [
        ("scoping/instances/foreign-token@own", ("originchain/invalid-401",))
    ]


# Beside what fails newly is told what the same answer is warned of: nothing that fell is lost.
def test_a_case_that_fails_and_is_warned_of():
    before = PASSED[0]
    fails, warns, *others = before.requirements
    fallen = (replace(fails, verdict="fail"), replace(warns, level="SHOULD", verdict="warn"), *others)
    found = difference(
        sample.run([before]), sample.run([replace(before, verdict="fail", requirements=fallen)])
    )

    assert [each.requirements for each in found.newly_failing] == [(fails.id, warns.id)]
    assert found.newly_warned == ()


# A case that went on failing, or warning, and warns of one thing more is newly warned of that alone.
def test_a_further_warning_of_a_case_that_was_not_right():
    more = Finding("rfc6750/5.3-no-store", "SHOULD", "warn")
    for before in (sample.broken()[0], sample.broken()[2]):
        after = replace(before, requirements=(*before.requirements, more))
        found = difference(sample.run([before]), sample.run([after]))

        assert [each.requirements for each in found.newly_warned] == [("rfc6750/5.3-no-store",)]
        assert found.newly_failing == found.fixed == ()


# What nothing requires is told where it is newly not so, and is nothing against the new run.
def test_what_is_newly_noted():
    noted = sample.noted()
    found = difference(sample.run([replace(noted, problems=())]), sample.run([noted]))

    assert told(found) == {"newly_noted": 1}
    assert summary(found) == (
        "1 newly noted\n\nNewly noted (MAY: it is held against nobody)\n"
        "  credential/fields/browser-origin@own\n      practice/browser-origin\n"
    )
    assert told(difference(sample.run([noted]), sample.run([noted]))) == {}


# A new case that fails counts as newly failing; what the baseline accepts is told apart.
def test_a_new_case_that_fails():
    found = difference(sample.run(PASSED), sample.run([*PASSED, sample.broken()[0], sample.accepted()]))

    assert cases(found.newly_failing) == ["scoping/instances/foreign-token@own"]
    assert cases(found.newly_accepted) == ["bearer/presentation/scheme-case@own"]
    assert found.added == ("scoping/instances/foreign-token@own", "bearer/presentation/scheme-case@own")
    assert headline(found) == "1 newly failing, 1 newly failing but accepted, 2 added"


# A case that is gone is removed; one that was tested and no longer applies is not silently lost.
def test_cases_that_are_gone():
    absent = changed(PASSED[1], "not-applicable", reason="token: there is none here")
    found = difference(sample.run(PASSED), sample.run([PASSED[0], absent]))

    assert found.removed == ("bearer/presentation/unknown-token@own",)
    assert cases(found.newly_not_applicable) == ["bearer/presentation/empty-token@own"]


# Where the new run was cut off, what it did not come to is not run, never removed or fixed.
def test_a_run_that_was_cut_off():
    old = sample.run([*PASSED, sample.broken()[0]])
    found = difference(old, sample.run(PASSED[:1], ended=False))

    assert found.new_cut_off and not found.old_cut_off
    assert len(found.not_run) == 3 and found.removed == () and found.fixed == ()
    assert "The new run was cut off: nothing can be concluded from what it did not come to." in summary(found)


# Times differ a little from run to run; what is told has changed by half of it and 50 ms.
def test_a_measurement_that_changed():
    def took(*seconds: float):
        return sample.run([sample.settled(*(sample.trial(each) for each in seconds))])

    little = difference(took(0.010, 0.011, 0.012), took(0.020, 0.021, 0.022))
    much = difference(took(0.1, 0.1, 0.3), took(0.1, 0.1, 2.2))

    assert [each.notable for each in (*little.measurements, *much.measurements)] == [False, True]
    assert "Measured" not in summary(little)
    assert (
        "Measured\n  lifecycle/revocation/latency@own: 303 ms at most, 103 ms in the middle → "
        "2.2 s at most, 103 ms in the middle\n"
    ) in summary(much)
    assert much.json()["measurements"][0]["new"] == {
        "worst_s": 2.203, "median_s": 0.103, "within_s": 5.0, "trials": 3,
    }  # fmt: skip


# A change that never took effect is told, although it has no number.
def test_a_change_that_never_took_effect():
    old = sample.run([sample.settled(sample.trial(0.1))])
    new = sample.run([sample.settled(sample.trial(99.0), verdict="fail")])

    assert "lifecycle/revocation/latency@own: 103 ms at most, 103 ms in the middle → never took effect" in (
        summary(difference(old, new))
    )


# Two runs of different things are said to be that: version, suites, target, what was asked.
def test_runs_of_different_things():
    old = sample.run(PASSED, suites={"a": "0" * 64, "b": "1" * 64}, absent={"issue": "by hand"})
    new = sample.run(
        PASSED, suites={"a": "2" * 64, "c": "3" * 64}, authconform="0.2.0", selection=("bearer",), strict=True
    )
    text = summary(difference(old, new))

    assert text.endswith(
        """\
Not run alike
  authconform: 0.1.0 → 0.2.0
  selection: all → bearer
  strict: false → true
  suite a: 000000000000… → 222222222222…
  suite b: 111111111111… → none
  suite c: none → 333333333333…
  declared absent issue: by hand → none
"""
    )


# A run file of an earlier version names no suites: that they are unknown is no change.
def test_suites_that_are_not_known():
    assert difference(sample.run(PASSED), sample.run(PASSED, suites={"a": "0" * 64})).settings == ()


# Where much was not asked again, what came of the rest still comes first.
def test_many_requirements():
    many = [sample.case(f"a/{number}", "T", {f"rfc/{number:02}": "pass"}, 1) for number in range(30)]
    new = sample.run([changed(many[29], "fail")])
    lines = summary(difference(sample.run(many), new)).partition("Requirements\n")[2].splitlines()

    assert lines[:2] == ["  MUST rfc/29: pass → fail", "  MUST rfc/00: pass → not asked"]
    assert (len(lines), lines[20]) == (21, "  and 10 more requirements")


# Names come from files and targets: nothing in them is obeyed by a terminal.
def test_nothing_is_obeyed_by_a_terminal():
    hostile = replace(changed(PASSED[0], "fail"), case="bearer/\x1b[2Jx")

    assert "\\x1b[2Jx" in summary(difference(sample.run([]), sample.run([hostile])))
