"""One answer proves several things: each requirement gets the worst that was found of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from scene import ACCEPTED, PROFILE, REQUIREMENTS, answer, expects, facts, profile, step

from harness.judge import Judgement, combined, expected, first_mismatch, judge, of_acceptance
from harness.model import Expectation, Finding, Outcome, Problem, Spoil

CHALLENGE = expects("challenge", "api/advice")
MENTIONS = expects("mentions", "api/described", any=["unauthorized"])


def judged(given: Any, *described: Expectation) -> Judgement:
    expectations = expected(step(), ("api/act",), (), {"unknown-token": described})
    return judge(given, expectations, facts(), REQUIREMENTS)


def verdicts(judgement: Judgement) -> dict[str, str]:
    return {each.id: each.verdict for each in judgement.findings}


# The act and what the profile says of it, each under its own requirement.
def test_everything_is_as_it_should_be() -> None:
    right = answer(401, "Unauthorized", ("WWW-Authenticate", "Bearer"))
    found = judged(right, expects("status", **{"is": 401}), CHALLENGE, MENTIONS)
    assert found == Judgement(
        (
            Finding("api/act", "MUST", "pass"),
            Finding("api/described", "MUST", "pass"),
            Finding("api/advice", "SHOULD", "pass"),
        )
    )
    assert found.verdict == "pass"


# When the act came out wrong, the status still speaks; what describes a refusal has nothing to describe.
def test_a_wrong_act_silences_what_describes_the_right_one() -> None:
    status = expects("status", "api/described", **{"is": 401})
    found = judged(answer(200, "data"), status, CHALLENGE, MENTIONS)
    assert verdicts(found) == {"api/act": "fail", "api/described": "fail"}
    assert [(each.check, each.actual) for each in found.problems] == [
        ("refused", "200 OK: accepted"),
        ("status", "200 OK"),
    ]


# A refusal of the wrong form is a refusal: the act passes, each wrong part fails by its own level.
def test_a_right_act_with_wrong_parts() -> None:
    found = judged(answer(403, "no"), expects("status", **{"is": 401}), MENTIONS, CHALLENGE)
    assert verdicts(found) == {"api/act": "pass", "api/described": "fail"}
    assert [each.check for each in found.problems] == ["status", "mentions"]
    # the challenge was not looked for: a 403 needs none
    warned = judged(answer(401), CHALLENGE)
    assert (warned.verdict, verdicts(warned)) == ("warn", {"api/act": "pass", "api/advice": "warn"})


# A profile may lower a level, and says why; the problem shows both.
def test_a_level_lowered_by_the_profile() -> None:
    lowered = replace(MENTIONS, level="SHOULD", because="the document is silent")
    found = judged(answer(401, "no"), lowered)
    assert found.findings[1] == Finding("api/described", "SHOULD", "warn")
    assert found.problems == (
        Problem(
            requirement="api/described",
            level="SHOULD",
            check="mentions",
            expected="“unauthorized” in the body",
            actual="a body that does not say so",
            where=PROFILE,
            note="the document is silent",
        ),
    )


# A MAY is told and passes.
def test_a_choice_passes() -> None:
    found = judged(answer(401, "no"), replace(MENTIONS, requirement="api/choice"))
    assert verdicts(found) == {"api/act": "pass", "api/choice": "pass"}
    assert [each.level for each in found.problems] == ["MAY"] and found.verdict == "pass"


# A requirement that several things prove has the worst of what they showed, whatever their order.
def test_the_worst_of_each_requirement() -> None:
    right, wrong = expects("status", **{"is": 401}), MENTIONS
    for described in ((right, wrong), (wrong, right)):
        assert verdicts(judged(answer(401, "no"), *described))["api/described"] == "fail"
    warned = Judgement((Finding("a", "SHOULD", "warn"), Finding("b", "MUST", "pass")))
    failed = Judgement((Finding("a", "MUST", "fail"), Finding("c", "MUST", "inconclusive")))
    assert verdicts(combined([warned, failed])) == {"a": "fail", "b": "pass", "c": "inconclusive"}
    assert verdicts(combined([failed, warned])) == {"a": "fail", "c": "inconclusive", "b": "pass"}
    assert combined([]).verdict == "pass"


# The same problem of two steps is told once.
def test_problems_are_told_once() -> None:
    one = judged(answer(200))
    assert combined([one, one]).problems == one.problems


# What names no requirement proves the scenario's own; several of them are each judged.
def test_expectations_without_a_requirement_are_the_scenarios() -> None:
    one = step(expects=(expects("status", None, **{"is": 401}),))
    found = expected(one, ("api/act", "api/advice"), (), profile().refusals)
    assert [(each.check, each.requirement) for each in found] == [
        ("refused", "api/act"),
        ("refused", "api/advice"),
        ("status", "api/described"),
        ("status", "api/act"),
        ("status", "api/advice"),
    ]


# Accepted brings what the operation says of its answer, an observation only what the suite asks for.
def test_what_each_outcome_expects() -> None:
    accepted = (
        expects("status", **{"is": 200}),
        expects("json", **{"is": {"/ok": True}}),
        expects("mentions", "api/advice", any=["x"]),
    )

    def of(outcome: Outcome, spoil: Spoil | None, **changes: Any) -> list[tuple[str, str | None]]:
        found = expected(step(outcome, spoil, **changes), ("api/act",), accepted, {})
        return [(each.check, each.requirement) for each in found]

    assert of(ACCEPTED, None) == [
        ("accepted", "api/act"),
        ("status", "api/described"),
        ("json", "api/described"),
        ("mentions", "api/advice"),
    ]
    # another presentation that is accepted too breaks no more than the scenario's own claim, by no detail
    assert of(ACCEPTED, Spoil("scheme", "bearer", False, PROFILE)) == [
        ("accepted", "api/act"),
        ("json", "api/act"),
    ]
    assert of(Outcome("observed", None, {"what": "x"}, PROFILE), None) == []
    # a step may prove something of its own, or be assumed and prove nothing
    assert of(ACCEPTED, None, proves=("api/choice",))[0] == ("accepted", "api/choice")
    assert {requirement for _, requirement in of(ACCEPTED, None, proves=())} == {None}


# What is assumed, and what controls another case, need not be right in every detail: only an acceptance.
def test_what_acceptance_means() -> None:
    status, body = expects("status", **{"is": 200}), expects("json", **{"is": {"/ok": True}})
    lowered = replace(expects("schema", file="x", **{"is": "x"}), level="SHOULD", because="an old document")
    should = expects("json", "api/advice", **{"is": {"/time": "now"}})
    accepted = (status, MENTIONS, body, lowered, should)
    assert of_acceptance(accepted, REQUIREMENTS) == [status, body]
    assumed = expected(step(ACCEPTED, None, proves=()), ("api/act",), accepted, {})
    assert [each.check for each in assumed] == ["accepted", "status", "json", "json"]


def test_the_first_mismatch() -> None:
    assert first_mismatch(answer(401), [CHALLENGE, MENTIONS], facts()) is not None
    assert first_mismatch(answer(403), [CHALLENGE], facts()) is None
