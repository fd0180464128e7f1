"""What a target neither gives nor declares absent, and how many scenarios each of it would unlock."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from harness import inventory, templates
from harness.model import CredentialRef, Place, Profile, Suite, Target
from harness.plan import Case

_GIVEN = ("unique", "url", "host")
"""Names that every place has."""


@dataclass(frozen=True, slots=True)
class _Need:
    """A place with the credentials that belong to it, a credential alone, or variables of a place."""

    place: str | None
    credentials: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    """Those that a place of the target lacks; without any the place itself is lacking."""


def of(suites: Sequence[Suite], profile: Profile, target: Target) -> Iterator[str]:
    """A line for each gap, that which unlocks most first: what to add, and the number of scenarios."""
    needs = list(_needs(profile, target))
    now = _asked(_cases(suites, profile, target))
    with_all = _given(target, needs)
    after = _cases(suites, profile, with_all)
    counted = []
    for need in needs:
        alone = len(_asked(_cases(suites, profile, _given(target, [need]))) - now)
        others = [each for each in needs if each is not need]
        together = len(_asked(after) - _asked(_cases(suites, profile, _given(target, others))))
        if alone or together:
            counted.append((alone, together, need))
    for alone, together, need in sorted(counted, key=lambda each: (-each[1], -each[0])):
        with_others = " together with others" if alone < together else ""
        yield f"{_line(need, profile, target)} (unlocks {scenarios(together)}{with_others})"
    yield from _others(after, _asked(after))


def asked(suites: Sequence[Suite], profile: Profile, target: Target) -> tuple[int, int]:
    """How many scenarios can be asked, at least in part, and how many apply to the profile and target."""
    cases = _cases(suites, profile, target)
    applicable = {
        case.scenario.id
        for case in cases
        if not (case.left_out and case.left_out.verdict == "not-applicable")
    }
    return len(_asked(cases)), len(applicable)


def _needs(profile: Profile, target: Target) -> Iterator[_Need]:
    missing = [
        name for name in profile.credentials if name not in target.credentials and name not in target.absent
    ]
    for place in profile.places:
        if place not in target.places and place not in target.absent:
            at = tuple(name for name in missing if profile.credentials[name].at == place)
            yield _Need(place, at)
            missing = [name for name in missing if name not in at]
    for name in missing:
        if profile.credentials[name].at not in target.absent:
            yield _Need(None, (name,))
    for name, given in target.places.items():
        if lacking := tuple(each for each in variables(profile) if each not in given.variables):
            yield _Need(name, variables=lacking)


def variables(profile: Profile) -> list[str]:
    """The variables of a place that the profile's requests use."""
    texts = [
        text
        for operation in profile.operations.values()
        for text in (operation.path, json.dumps(operation.body), *(value for _, value in operation.headers))
    ]
    named = dict.fromkeys(name for text in texts for name in templates.names(text))
    return [name for name in named if "." not in name and name not in _GIVEN]


def _given(target: Target, needs: Sequence[_Need]) -> Target:
    """`target` with what is missing, as far as a plan looks at it."""
    url = next((each.url for each in target.places.values()), "")
    variables = {name: "" for need in needs for name in need.variables}
    variables |= {name: "" for each in target.places.values() for name in each.variables}
    places, credentials = dict(target.places), dict(target.credentials)
    for need in needs:
        if need.place and need.variables:
            known = places[need.place]
            added = dict.fromkeys(need.variables, "")
            places[need.place] = replace(known, variables={**known.variables, **added})
        elif need.place:
            places[need.place] = Place(need.place, url, variables, target.where)
        for name in need.credentials:
            credentials[name] = CredentialRef(name, "env", "", "", None, False, target.where)
    return replace(target, places=places, credentials=credentials)


def _line(need: _Need, profile: Profile, target: Target) -> str:
    """What to write where, for one need."""
    if need.place and need.variables:
        keys = ", ".join(f"`{name}: …`" for name in need.variables)
        return f"place {need.place}: add {keys} to it ({target.places[need.place].where})"
    added = []
    if need.place:
        keys = "".join(f", {name}: …" for name in variables(profile))
        added.append(f"`places: {need.place}: {{url: …{keys}}}`")
    for name in need.credentials:
        added.append(f"`credentials: {name}: {{env: {name.upper().replace('-', '_')}}}`")
    what = f"place {need.place}" if need.place else f"credential {need.credentials[0]}"
    declared = need.place or need.credentials[0]
    return f"{what}: add {' and '.join(added)}, or `absent: {declared}: <reason>`"


def _others(cases: Sequence[Case], askable: Collection[str]) -> Iterator[str]:
    """What stays open whatever places and credentials there are, each reason with its scenarios."""
    by_reason: dict[str, set[str]] = defaultdict(set)
    for case in cases:
        if case.left_out and case.left_out.verdict == "inconclusive" and case.scenario.id not in askable:
            by_reason[case.left_out.reason].add(case.scenario.id)
    for reason, found in sorted(by_reason.items(), key=lambda each: -len(each[1])):
        yield f"{reason} ({scenarios(len(found))})"


def _cases(suites: Sequence[Suite], profile: Profile, target: Target) -> Sequence[Case]:
    return [case for suite in suites for case in inventory.cases(suite, profile, target, None)]


def _asked(cases: Sequence[Case]) -> set[str]:
    return {case.scenario.id for case in cases if case.left_out is None}


def scenarios(count: int, what: str = "scenario") -> str:
    """Return "1 scenario", "2 scenarios"."""
    return f"{count} {what}{'' if count == 1 else 's'}"
