"""Which cases a selector of the command line means."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.errors import InputError, Mistake, did_you_mean, quoted
from harness.plan import Case


def matching(cases: Sequence[Case], selectors: Sequence[str]) -> list[Case]:
    """The cases that any of `selectors` means; InputError, with the nearest name, for one that means none.

    A selector is the beginning of a suite's id, a scenario's or case's full id, or the beginning of the id
    of a requirement that a scenario cites. Beginnings end at a `/`, a `.` or a `-`.
    """
    mistakes = []
    for selector in selectors:
        if not any(_means(selector, case) for case in cases):
            hint = did_you_mean(selector, sorted(_names(cases)))
            mistakes.append(Mistake(None, f"nothing is called {quoted(selector)}", hint))
    if mistakes:
        raise InputError(mistakes)
    return [case for case in cases if any(_means(selector, case) for selector in selectors)]


def _means(selector: str, case: Case) -> bool:
    selector = selector.removeprefix("suites/").removesuffix(".suite.yaml").rstrip("/")
    if selector in (case.id, case.scenario.id):
        return True
    return any(_begins(each, selector) for each in (case.scenario.suite, *case.scenario.requires))


def _begins(name: str, beginning: str) -> bool:
    return name == beginning or (name.startswith(beginning) and name[len(beginning)] in "/.-")


def _names(cases: Iterable[Case]) -> set[str]:
    names: set[str] = set()
    for case in cases:
        names |= {
            case.scenario.suite,
            case.scenario.suite.split("/")[0],
            case.scenario.id,
            *case.scenario.requires,
        }
    return names
