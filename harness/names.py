"""The names of a profile that suites use: what each stands for, and where it was written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from harness.model import Profile, Scenario, Step, Suite, Where

NOTHING = "nothing"
EVERY = "every"
PROTECTED = "protected"
OWN = "own"
ISSUE = "issue"
"""The lifecycle verb by which a credential is obtained."""

Sort = Literal["credential", "operation", "place", "lifecycle verb", ""]
"""What a name stands for; "" where it can be any of these, a mechanism or a capability."""
Named = tuple[Sort, str]

_SUBJECTS: Mapping[str, Sort] = {
    "present": "credential",
    "obtain": "",
    "redeem": "",
    "do": "lifecycle verb",
    "preflight": "operation",
}
"""What the verbs are about."""


def vocabulary(profile: Profile) -> frozenset[Named]:
    """Every name that a suite can use of `profile`; whatever its sort, it can stand under needs."""
    mechanisms = {kind.mechanism for kind in profile.credentials.values()}
    sorts: Mapping[Sort, Iterable[str]] = {
        "credential": {*profile.credentials, *mechanisms},
        "operation": profile.operations,
        "place": profile.places,
        "lifecycle verb": profile.lifecycle,
    }
    found: set[Named] = {(sort, name) for sort, names in sorts.items() for name in names}
    derived = {"prefix"} if any(kind.prefix for kind in profile.credentials.values()) else set()
    anything = {name for _, name in found} | derived | profile.capabilities
    return frozenset(found | {("", name) for name in anything})


def used_in(suite: Suite) -> Mapping[Named, Where]:
    """Every name that `suite` uses, with the first place where it does."""
    found: dict[Named, Where] = {}
    for scenario in suite.scenarios:
        for need in scenario.needs:
            found.setdefault(("", need), scenario.where)
        for step, named in _named(scenario):
            found.setdefault(named, step.where)
    return found


def used_by(scenario: Scenario) -> list[Named]:
    """Every name that `scenario` uses, what it needs first."""
    needs: list[Named] = [("", need) for need in scenario.needs]
    return list(dict.fromkeys([*needs, *(named for _, named in _named(scenario))]))


def _named(scenario: Scenario) -> Iterator[tuple[Step, Named]]:
    """The names in the steps of a scenario, without those that it gives itself."""
    own = {step.options["as"] for step in scenario.steps if "as" in step.options}
    for step in scenario.steps:
        for each in (step, *step.branches.values()):
            for sort, name in _of_step(each):
                if name not in own:
                    yield each, (sort, name)


def _of_step(step: Step) -> Iterator[Named]:
    if step.verb in _SUBJECTS and step.subject != NOTHING:
        yield _SUBJECTS[step.verb], str(step.subject)
    if step.verb == "obtain":
        yield "lifecycle verb", ISSUE
    if step.verb == "present" and step.on != EVERY:
        yield "operation", step.on or PROTECTED
    elif step.on and step.on != EVERY:
        yield "operation", step.on
    if step.at:
        yield "place", step.at
    if "of" in step.options:
        yield "", step.options["of"]
    if step.spoil and step.spoil.part in ("address", "variables"):
        yield "place", step.spoil.change
    if step.spoil and step.spoil.part == "credential" and step.spoil.change not in (None, NOTHING):
        yield "credential", step.spoil.change
    for each in step.expects:
        if each.check == "no-foreign-data":
            yield "place", each.args["of"]
