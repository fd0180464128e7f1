"""From an answer to what it proves: problems, and a finding for each requirement that was looked at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from harness.checks import CHECKS, Facts, Mismatch, Unchecked
from harness.errors import quoted
from harness.exchange import Answer
from harness.model import Expectation, Finding, Level, Outcome, Problem, Requirement, Step, Verdict

WORST: Sequence[Verdict] = ("pass", "warn", "inconclusive", "fail")
"""Verdicts from best to worst."""

_VERDICT_OF: Mapping[Level, Verdict] = {"MUST": "fail", "SHOULD": "warn", "MAY": "pass"}

_OF_THE_ACT = ("accepted", "refused", "status", "no-call-back")
"""The checks that still speak when the act itself came out wrong; the others describe the right answer."""

_OF_ACCEPTANCE = ("status", "schema", "json")
"""The checks that tell an accepted answer from another one; what else is said of it can be wrong in one."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one answer, or several, proved."""

    findings: tuple[Finding, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """The worst of the findings."""
        return max((each.verdict for each in self.findings), key=WORST.index, default="pass")


def judge(
    answer: Answer,
    expectations: Sequence[Expectation],
    facts: Facts,
    requirements: Mapping[str, Requirement],
) -> Judgement:
    """Look for everything that `expectations` name; each must name its requirement."""
    act = [each for each in expectations if each.check in ("accepted", "refused")]
    wrong = first_mismatch(answer, act[:1], facts) is not None
    found: list[tuple[Expectation, list[Mismatch]]] = []
    for each in expectations:
        if wrong and each.check not in _OF_THE_ACT:
            continue
        mismatches = _mismatches(answer, each, facts)
        if mismatches is not None:
            found.append((each, mismatches))
    return judged(found, requirements)


def judged(
    found: Iterable[tuple[Expectation, Sequence[Mismatch]]], requirements: Mapping[str, Requirement]
) -> Judgement:
    """What it proves that these expectations met with these mismatches."""
    findings: list[Finding] = []
    problems: list[Problem] = []
    for each, mismatches in found:
        if each.requirement is None:
            continue
        level = _level(each, requirements)
        findings.append(Finding(each.requirement, level, _VERDICT_OF[level] if mismatches else "pass"))
        problems += (_problem(each, level, mismatch) for mismatch in mismatches)
    return combined([Judgement(tuple(findings), tuple(problems))])


def first_mismatch(answer: Answer, expectations: Iterable[Expectation], facts: Facts) -> Mismatch | None:
    """The first thing that is not as `expectations` have it, whatever it would prove."""
    for each in expectations:
        for mismatch in _mismatches(answer, each, facts) or ():
            return mismatch
    return None


def of_acceptance(
    accepted: Iterable[Expectation], requirements: Mapping[str, Requirement]
) -> Sequence[Expectation]:
    """Of what a profile says of an `accepted` answer, that without which it is none: no SHOULD, no detail."""
    return [each for each in accepted if _tells_acceptance(each) and _level(each, requirements) == "MUST"]


def _tells_acceptance(expectation: Expectation) -> bool:
    return expectation.check in _OF_ACCEPTANCE and expectation.level in (None, "MUST")


def _level(expectation: Expectation, requirements: Mapping[str, Requirement]) -> Level:
    """How strongly it is meant; one that names no requirement stands for the act itself."""
    if expectation.requirement is None:
        return expectation.level or "MUST"
    return expectation.level or requirements[expectation.requirement].level


def combined(judgements: Iterable[Judgement]) -> Judgement:
    """All of them as one: each requirement once, with the worst that was found."""
    worst: dict[str, Finding] = {}
    problems: dict[Problem, None] = {}
    for judgement in judgements:
        problems.update(dict.fromkeys(judgement.problems))
        for each in judgement.findings:
            known = worst.get(each.id)
            if known is None or WORST.index(each.verdict) > WORST.index(known.verdict):
                worst[each.id] = each
    return Judgement(tuple(worst.values()), tuple(problems))


def expected(
    step: Step,
    requires: Iterable[str],
    accepted: Sequence[Expectation],
    refusals: Mapping[str, Sequence[Expectation]],
) -> tuple[Expectation, ...]:
    """All that an answer to `step` must be: the act, what the profile says of it, and the step's own checks.

    `accepted` is what the profile says of an accepted answer. It says that of the documented presentation:
    where another one is to be accepted too, that is the scenario's own claim, which no detail of the answer
    breaks, and it proves or breaks nothing else. A step that is only assumed proves nothing: none of its
    expectations has a requirement, and no detail of its answer is looked at.
    """
    cited, outcome = tuple(requires if step.proves is None else step.proves), step.outcome
    found: list[Expectation] = []
    act = _act(outcome)
    if act and outcome:
        found += (Expectation(act, {}, each, None, None, outcome.where) for each in cited or (None,))
    if act == "accepted" and step.proves == ():
        found += filter(_tells_acceptance, accepted)
    elif act == "accepted" and step.spoil is None:
        found += accepted
    elif act == "accepted":
        meant = (each for each in accepted if _tells_acceptance(each) and each.check != "status")
        found += (replace(each, requirement=None) for each in meant)
    elif act == "refused" and outcome and step.proves != ():
        found += refusals[outcome.reason or "default"]
    found += step.expects
    if step.proves == ():
        return tuple(replace(each, requirement=None) for each in found)
    return tuple(_attributed(found, cited))


def _act(outcome: Outcome | None) -> str | None:
    """What the target is to do: accept or refuse; None where either will do."""
    if outcome is None or outcome.kind not in ("accepted", "refused", "settles"):
        return None
    return "refused" if outcome.reason else "accepted"


def _attributed(expectations: Iterable[Expectation], cited: Sequence[str]) -> Iterator[Expectation]:
    """Each with a requirement: where it names none, the scenario's own."""
    for each in expectations:
        if each.requirement is not None:
            yield each
        else:
            for requirement in cited:
                yield Expectation(each.check, each.args, requirement, each.level, each.because, each.where)


def _mismatches(answer: Answer, expectation: Expectation, facts: Facts) -> list[Mismatch] | None:
    """What is not so; None where the check could not look.

    TypeError where a check, which may be somebody else's, yields another thing: it is not to be passed over.
    """
    try:
        found = list(CHECKS[expectation.check](answer, expectation.args, facts))
        if strange := [each for each in found if not isinstance(each, Mismatch | Unchecked)]:
            raise TypeError(f"{type(strange[0]).__name__} is neither a Mismatch nor an Unchecked")
    except Exception as error:
        error.add_note(f"in the check {quoted(expectation.check)}")
        raise
    mismatches = [each for each in found if isinstance(each, Mismatch)]
    return None if found and not mismatches else mismatches


def _problem(expectation: Expectation, level: Level, mismatch: Mismatch) -> Problem:
    assert expectation.requirement is not None
    return Problem(
        requirement=expectation.requirement,
        level=level,
        check=expectation.check,
        expected=mismatch.expected,
        actual=mismatch.actual,
        where=expectation.where,
        note=expectation.because,
    )
