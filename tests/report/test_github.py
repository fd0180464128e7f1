"""The run for GitHub: a job summary in Markdown, and annotations that point to lines."""

import re
from dataclasses import replace
from html import unescape

import sample

from harness.report.github import job_summary, step_outputs, workflow_commands
from harness.report.record import conclude


def shown(markdown: str) -> str:
    """The summary as it is read: entities resolved, tags gone."""
    return unescape(re.sub(r"</?code>", "", markdown))


# The verdict is the heading, what is not met a table of requirement, expected and got.
def test_the_summary_begins_with_the_verdict():
    text = shown(job_summary(sample.everything()))

    assert text.startswith("## ❌ originchain does not conform: 2 MUST and 1 SHOULD not met\n")
    assert "16 cases at https://acme.originchain.example (staging) in 1.8 s: 2 fail, 1 warn" in text
    assert (
        "| MUST | A token of another instance is answered with 403.<br>originchain/wrong-instance-403 "
        "| 403 | 200 | 1 |"
    ) in text
    assert "- 1 case: the target answered 503 twice" in text
    assert text.index("| MUST") < text.index("| SHOULD")


# What nothing requires comes after what does, and does not change the verdict.
def test_what_is_noted_comes_last():
    text = shown(job_summary(sample.run([sample.noted(), sample.broken()[2]])))

    assert text.startswith("## ✅ originchain conforms; 1 SHOULD not met")
    assert text.index("| SHOULD |") < text.index("| MAY, noted | An API whose credentials do not belong")


# What was measured, and what the run did not speak about, stands below.
def test_measured_and_scope():
    run = sample.run([sample.settled(sample.trial(0.012))], selection=("lifecycle",), deselected=3)
    text = shown(job_summary(run))

    assert "- lifecycle/revocation/latency@own: took 15 ms at most, 5 s allowed, no flaps" in text
    assert "seed 42; only lifecycle; 3 cases left out." in text


# What is accepted says so, and a baseline that is out of date is told.
def test_the_baseline_is_told():
    outcomes = [sample.accepted()]
    run = replace(sample.run(outcomes), end=conclude(outcomes, outdated=["b.yaml:3: x no longer fails"]))
    text = shown(job_summary(run))

    assert "| MUST, accepted |" in text
    assert "The baseline is out of date: b.yaml:3: x no longer fails" in text


# A run that was cut off is marked so.
def test_a_run_cut_off():
    assert "## ⚠️ originchain cut off" in shown(job_summary(sample.run(sample.passed(), ended=False)))


# No Markdown, HTML, mention or table cell comes of what a target answers.
def test_a_hostile_target():
    hostile = "</td><img src=x>`a`|b|@octocat #1 [x](javascript:1) **b** \x1b[31m\n## Heading"
    broken = sample.broken()[0]
    problem = replace(broken.problems[0], actual=hostile)
    run = sample.run(
        [
            replace(broken, problems=(problem,)),
            replace(sample.unknown()[0], reason=hostile),
        ],
        profile=hostile,
    )
    text = job_summary(run)

    allowed = re.sub(r"</?code>|<br>", "", text)
    assert not re.search(r"[<>`@\[\]]", allowed)
    assert [line for line in text.splitlines() if line.startswith("## ")] == [text.splitlines()[0]]
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert {line.count("|") for line in rows} == {6}


# An annotation is an error for a MUST and a warning for a SHOULD, at the line that asks.
def test_annotations_point_to_lines():
    found = list(workflow_commands(sample.everything()))

    assert found[0] == (
        "::error title=authconform%3A MUST originchain/wrong-instance-403,"
        "file=specs/originchain/profile.yaml,line=48::"
        "A token of another instance is answered with 403.%0Aexpected 403, got 200%0A"
        "in scoping/instances/foreign-token@own"
    )
    assert [each.split(" ")[0] for each in found] == ["::error", "::error", "::warning"]


# With --strict a warning is an error; what is accepted is no annotation.
def test_strict_and_accepted():
    strict = workflow_commands(sample.run(sample.broken()[2:], strict=True))
    assert [each.split(" ")[0] for each in strict] == ["::error"]
    assert list(workflow_commands(sample.run([sample.accepted()]))) == []


# What nothing requires is a notice, at the line that asks.
def test_what_is_noted_is_a_notice():
    [notice] = workflow_commands(sample.run([sample.noted()]))

    assert notice.startswith(
        "::notice title=authconform%3A MAY practice/browser-origin,file=suites/credential/fields.suite.yaml,"
        "line=9::An API whose credentials"
    )


# GitHub shows ten of a kind: the tenth counts the others.
def test_many_annotations_are_counted():
    broken = sample.broken()[0]
    names = [f"a/{number}" for number in range(30)]
    findings = tuple(replace(broken.requirements[0], id=name) for name in names)
    problems = tuple(replace(broken.problems[0], requirement=name) for name in names)
    found = list(workflow_commands(sample.run([replace(broken, requirements=findings, problems=problems)])))

    assert len(found) == 10
    assert found[-1] == "::error title=authconform%3A not met::and 21 more requirements: see the report"


# The steps after it decide by the verdict and the numbers of cases.
def test_outputs():
    told = step_outputs(sample.everything())

    assert told == "verdict=does-not-conform\nfailed=2\nwarned=1\ninconclusive=2\npassed=9\n"
    assert step_outputs(sample.run([], ended=False)).startswith("verdict=cut-off\n")


# An open run is an error too, and a target cannot smuggle a command in.
def test_a_hostile_annotation():
    reason = "x\n::stop-commands::y\r::error::z %"
    run = replace(sample.run([]), end=conclude([], reason=reason))

    assert list(workflow_commands(run)) == [
        "::error title=authconform%3A originchain::inconclusive: x%0A::stop-commands::y\\r::error::z %25"
    ]
