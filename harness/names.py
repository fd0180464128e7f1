"""The names of a profile that suites use: what each stands for, and where it was written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Literal

from harness.model import CredentialKind, Profile, Scenario, Spoil, Step, Suite, Where

NOTHING = "nothing"
EVERY = "every"
PROTECTED = "protected"
OWN = "own"
ISSUE = "issue"
"""The lifecycle verb by which a credential is obtained, where it names no other under `OBTAINED_BY`."""
CREDENTIAL = "credential"
"""In a suite the profile's main credential, whatever it is called."""
OTHER_CREDENTIAL = f"other-{CREDENTIAL}"
"""In a suite what the profile calls the same of another instance or account."""

OBTAINED_BY = "obtained-by"
USING = "using"
MANAGES = "manages"
ONCE = "once"
REDEEMED_BY = "redeemed-by"
"""Settings that a credential of any mechanism can have: the verb that issues it, the credential which that
verb presents in place of its own, that it is for lifecycle verbs alone, that it is good for one use, and the
operation at which it is redeemed."""

BESIDE = "beside"
"""The spoil that sends a second credential in the same request, or another one than the operation's own."""

GRANT = "grant."
"""How the names begin, in an operation's templates, of what came with the grant that is redeemed by it."""

Sort = Literal["credential", "operation", "place", "lifecycle verb", "address", "origin", ""]
"""What a name stands for; "" where it can be any of these, a mechanism or a capability."""
Named = tuple[Sort, str]

_SUBJECTS: Mapping[str, Sort] = {
    "present": "credential",
    "obtain": "",
    "redeem": "credential",
    "do": "lifecycle verb",
    "preflight": "operation",
}
"""What the verbs are about."""


def roles(profile: Profile) -> Mapping[str, str]:
    """What the general names of suites for credentials mean in `profile`, as far as it has them."""
    credentials = profile.credentials
    main = next((name for name, kind in credentials.items() if not kind.options.get(MANAGES)), None)
    meant = {CREDENTIAL: main, OTHER_CREDENTIAL: f"other-{main}"}
    return {
        role: name for role, name in meant.items() if name and name in credentials and role not in credentials
    }


def named_after(scenario: Scenario, meant: Mapping[str, str]) -> Scenario:
    """`scenario` with the names of a profile in place of those `meant` by them."""
    if not meant:
        return scenario
    return replace(
        scenario,
        needs=tuple(meant.get(need, need) for need in scenario.needs),
        steps=tuple(_step_named_after(step, meant) for step in scenario.steps),
    )


def _step_named_after(step: Step, meant: Mapping[str, str]) -> Step:
    spoil, options = step.spoil, dict(step.options)
    if spoil and spoil.part == CREDENTIAL and spoil.change in meant:
        spoil = replace(spoil, change=meant[spoil.change])
    elif spoil and spoil.part == BESIDE and not spoil.removed:
        change = spoil.change
        named = meant.get(change, change) if isinstance(change, str) else _renamed(change, meant)
        spoil = replace(spoil, change=named)
    if options.get("of") in meant:
        options["of"] = meant[options["of"]]
    subject = meant.get(step.subject, step.subject) if isinstance(step.subject, str) else step.subject
    branches = {name: _step_named_after(each, meant) for name, each in step.branches.items()}
    return replace(step, subject=subject, options=options, spoil=spoil, branches=branches)


def _renamed(change: Mapping[str, Any], meant: Mapping[str, str]) -> Mapping[str, Any]:
    return {meant.get(name, name): spoiled for name, spoiled in change.items()}


def vocabulary(profile: Profile) -> frozenset[Named]:
    """Every name that a suite can use of `profile`; whatever its sort, it can stand under needs."""
    mechanisms = {kind.mechanism for kind in profile.credentials.values()}
    sorts: Mapping[Sort, Iterable[str]] = {
        "credential": {*profile.credentials, *mechanisms, *roles(profile)},
        "operation": profile.operations,
        "place": profile.places,
        "lifecycle verb": profile.lifecycle,
        "address": profile.addresses,
        "origin": profile.origins,
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
    if step.verb == "present" and step.on != EVERY:
        yield "operation", step.on or PROTECTED
    elif step.on and step.on != EVERY:
        yield "operation", step.on
    if step.at:
        yield "place", step.at
    if "of" in step.options:
        yield "", step.options["of"]
    if "from" in step.options:
        yield "address", step.options["from"]
    if "origin" in step.options:
        yield "origin", step.options["origin"]
    yield from (("credential", name) for name in beside(step.spoil))
    if step.spoil and step.spoil.part in ("address", "variables"):
        yield "place", step.spoil.change
    if step.spoil and step.spoil.part == "credential" and step.spoil.change not in (None, NOTHING):
        yield "credential", step.spoil.change
    for each in step.expects:
        if each.check == "no-foreign-data":
            yield "place", each.args["of"]


def beside(spoil: Spoil | None) -> list[str]:
    """The credential that `spoil` sends along in the same request."""
    if spoil is None or spoil.part != BESIDE or spoil.removed:
        return []
    return [spoil.change] if isinstance(spoil.change, str) else list(spoil.change)


def verb_for(step: Step, profile: Profile) -> str | None:
    """The name of the lifecycle verb that `step` does, if it does one."""
    if step.verb == "do":
        return str(step.subject)
    kind = profile.credentials.get(str(step.subject)) if step.verb == "obtain" else None
    return issuing_verb(kind) if kind else None


def issuing_verb(kind: CredentialKind) -> str:
    """The name of the lifecycle verb by which a credential of this kind is obtained."""
    return str(kind.options.get(OBTAINED_BY, ISSUE))
