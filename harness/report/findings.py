"""A run seen by requirement and by reason: what every report says first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from harness.model import LEVELS, CaseOutcome, Exchange, Finding, Level, Problem, Verdict
from harness.report.accepting import AGAINST
from harness.report.record import Run
from harness.report.verdict import cases

WORST_FIRST: tuple[Verdict, ...] = ("fail", "warn", "inconclusive", "pass", "not-applicable")
"""What is known to be wrong comes before what is not known, and that before what is right."""

_LONGEST_PATH = 300
"""Characters of a path that are told in a line."""
_RFC = re.compile(r"RFC (\d+)(?:,? section ([\d.]*\d))?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Tested:
    """One requirement and everything that the run showed about it."""

    id: str
    level: Level
    """The strictest one at which it got its verdict."""
    verdict: Verdict
    says: str | None
    """None where the run file does not tell."""
    sources: tuple[str, ...]
    cases: Mapping[Verdict, tuple[CaseOutcome, ...]]
    """The cases that cite it, by what they showed about it."""

    @property
    def outcomes(self) -> tuple[CaseOutcome, ...]:
        """All of these cases."""
        return tuple(outcome for outcomes in self.cases.values() for outcome in outcomes)

    @property
    def accepted(self) -> bool:
        """Whether something is against it, and the baseline accepts it in each of these cases."""
        against = [outcome for verdict in AGAINST for outcome in self.cases.get(verdict, ())]
        return bool(against) and all(
            any(each.requirement == self.id for each in outcome.accepted) for outcome in against
        )

    @property
    def noted(self) -> bool:
        """Whether it is not required (MAY), and not so: nothing is held against the API."""
        return self.verdict == "pass" and bool(self.problems)

    @property
    def shown_by(self) -> tuple[CaseOutcome, ...]:
        """The cases that gave it its verdict; where it is noted, those that show why."""
        if self.noted:
            return tuple({outcome.case: outcome for outcome, _ in self.problems}.values())
        return self.cases[self.verdict]

    @property
    def problems(self) -> tuple[tuple[CaseOutcome, Problem], ...]:
        """Each expectation of this requirement that was not met, with its case."""
        return tuple(
            (outcome, problem)
            for outcomes in self.cases.values()
            for outcome in outcomes
            for problem in outcome.problems
            if problem.requirement == self.id
        )


def by_requirement(run: Run) -> tuple[Tested, ...]:
    """Return every requirement that a case cites, by id."""
    seen: dict[str, list[tuple[Finding, CaseOutcome]]] = {}
    for outcome in run.outcomes:
        for finding in outcome.requirements:
            seen.setdefault(finding.id, []).append((finding, outcome))
    return tuple(_tested(id, seen[id], run) for id in sorted(seen, key=_in_order))


def is_noted(outcome: CaseOutcome) -> bool:
    """Whether a case shows what is not as it may be, and has nothing against the API."""
    return outcome.verdict == "pass" and bool(outcome.problems)


def _tested(id: str, seen: list[tuple[Finding, CaseOutcome]], run: Run) -> Tested:
    verdict = min((finding.verdict for finding, _ in seen), key=WORST_FIRST.index)
    level = min((finding.level for finding, _ in seen if finding.verdict == verdict), key=LEVELS.index)
    cited = run.start.requirements.get(id)
    return Tested(
        id=id,
        level=level,
        verdict=verdict,
        says=cited.says if cited else None,
        sources=cited.sources if cited else (),
        cases={
            each: tuple(outcome for finding, outcome in seen if finding.verdict == each)
            for each in WORST_FIRST
            if any(finding.verdict == each for finding, _ in seen)
        },
    )


def _in_order(id: str) -> tuple[str, list[int], str]:
    """Sort by specification, then section (3 before 3.2 before 3.10), then the rest."""
    specification, _, rest = id.partition("/")
    section, _, _ = rest.partition("-")
    numbers = section.split(".")
    return specification, [int(number) for number in numbers if number.isdecimal()], rest


def by_reason(run: Run, verdict: Verdict) -> Mapping[str, tuple[CaseOutcome, ...]]:
    """Return the cases with this verdict by the reason they give, the most frequent reason first."""
    found: dict[str, list[CaseOutcome]] = {}
    for outcome in run.outcomes:
        if outcome.verdict == verdict:
            found.setdefault(outcome.reason or "no reason was given", []).append(outcome)
    return {reason: tuple(found[reason]) for reason in sorted(found, key=lambda it: -len(found[it]))}


def headline(run: Run) -> str:
    """Return what the run came to, in one line: "does not conform: 3 MUST not met"."""
    broken = not_met(by_requirement(run))
    if run.end is None:
        so_far = f"; until then {broken}" if broken else ""
        return f"cut off: the run has no end, {cases(len(run.outcomes))} had an outcome{so_far}"
    match run.end.verdict:
        case "conforms":
            stale = f"{entries(len(run.end.outdated))} out of date" if run.end.outdated else None
            return "; ".join(part for part in ("conforms", broken, stale) if part)
        case "does-not-conform":
            why = "; ".join(part for part in (broken, run.end.reason) if part)
            return f"does not conform: {why}" if why else "does not conform"
        case "inconclusive":
            return f"inconclusive: {run.end.reason}" if run.end.reason else "inconclusive"


def not_met(tested: tuple[Tested, ...]) -> str | None:
    """Return "3 MUST and 1 SHOULD not met, 1 MUST accepted by the baseline", None where all were met."""
    against = [it for it in tested if it.verdict in AGAINST]
    parts = [
        f"{' and '.join(found)} {what}"
        for accepted, what in ((False, "not met"), (True, "accepted by the baseline"))
        if (found := _by_level([it for it in against if it.accepted == accepted]))
    ]
    return ", ".join(parts) or None


def _by_level(tested: list[Tested]) -> list[str]:
    """Return ["3 MUST", "1 SHOULD"]."""
    counts = {level: sum(it.level == level for it in tested) for level in LEVELS}
    return [f"{count:,} {level}" for level, count in counts.items() if count]


def entries(count: int) -> str:
    """Return "1 entry of the baseline is", "2 entries of the baseline are"."""
    return f"{count:,} {'entry of the baseline is' if count == 1 else 'entries of the baseline are'}"


def counts(run: Run) -> Mapping[Verdict, int]:
    """Return the cases by verdict, as far as the run came."""
    return {verdict: sum(it.verdict == verdict for it in run.outcomes) for verdict in WORST_FIRST}


def clauses(sources: Iterable[str]) -> list[tuple[str, str | None]]:
    """Return each source of a requirement with its address, where it is an RFC."""
    found: list[tuple[str, str | None]] = []
    for source in sources:
        rfc = _RFC.match(source)
        section = f"#section-{rfc[2]}" if rfc and rfc[2] else ""
        found.append((source, f"https://www.rfc-editor.org/rfc/rfc{rfc[1]}{section}" if rfc else None))
    return found


def address(run: Run) -> str | None:
    """Return the URL that the run was mainly about: of the place `own`, or else the first."""
    places = run.start.places
    return places.get("own", next(iter(places.values()), None))


def request_and_status(exchange: Exchange) -> str:
    """Return what was asked and what came in one line: "GET /v1/tenants → 401"."""
    request, response = exchange.request, exchange.response
    path = re.sub(r"^https?://[^/?#]*", "", request["url"]) or "/"
    if len(path) > _LONGEST_PATH:
        path = f"{path[:_LONGEST_PATH]}… ({len(path):,} characters)"
    return f"{request['method']} {path} → {'no answer' if response is None else response['status']}"
