"""Which cases a selector of the command line means."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.coverage import looked_at
from harness.errors import InputError, Mistake, did_you_mean, quoted
from harness.model import Profile
from harness.plan import Case

_NAMED = 6


def matching(cases: Sequence[Case], selectors: Sequence[str], profile: Profile) -> list[Case]:
    """The cases that any of `selectors` means; InputError, with the nearest name, for one that means none.

    A selector is the beginning of a suite's id, a scenario's or case's full id, or the beginning of the id
    of a requirement that a case looks at: one that its scenario cites, or that `profile` names for the
    answer. Beginnings end at a `/`, a `.` or a `-`.
    """
    named = [(case, _requirements(case, profile)) for case in cases]
    chosen: set[str] = set()
    mistakes = []
    for selector in selectors:
        meant = {case.id for case, requirements in named if _means(selector, case, requirements)}
        if not meant:
            known = {name for case, requirements in named for name in (*_names(case), *requirements)}
            hint = did_you_mean(selector, sorted(known)) or _beside(selector, sorted(known))
            mistakes.append(Mistake(None, f"nothing is called {quoted(selector)}", hint))
        chosen |= meant
    if mistakes:
        raise InputError(mistakes)
    return [case for case in cases if case.id in chosen]


def _beside(selector: str, known: Sequence[str]) -> str:
    """The hint for a selector that is like no name: what begins as it does, or how names begin at all."""
    beginning = f"{selector.partition('/')[0]}/"
    alike = [name for name in known if name.startswith(beginning)]
    if not alike:
        return f"Names begin with {', '.join(dict.fromkeys(name.partition('/')[0] for name in known))}."
    more = f" and {len(alike) - _NAMED} more" if len(alike) > _NAMED else ""
    return f"What begins with {beginning}: {', '.join(alike[:_NAMED])}{more}."


def _requirements(case: Case, profile: Profile) -> frozenset[str]:
    return frozenset(requirement for requirement, _ in looked_at(case, profile))


def _means(selector: str, case: Case, requirements: Iterable[str]) -> bool:
    selector = selector.removeprefix("suites/").removesuffix(".suite.yaml").rstrip("/")
    if selector in (case.id, case.scenario.id):
        return True
    return any(_begins(each, selector) for each in (case.scenario.suite, *requirements))


def _begins(name: str, beginning: str) -> bool:
    return name == beginning or (name.startswith(beginning) and name[len(beginning)] in "/.-")


def _names(case: Case) -> tuple[str, ...]:
    suite = case.scenario.suite
    return suite.split("/")[0], suite, case.scenario.id
