"""The names of a profile that suites use: what each stands for, and where it was written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Literal

from harness.model import CredentialKind, Expectation, Profile, Scenario, Spoil, Step, Suite, Where

NOTHING = "nothing"
EVERY = "every"
EVERY_PUBLIC = "every-public"
DOCUMENTED = "documented"
"""Of operations: all that the profile protects, all that it has open, and all that the API's OpenAPI document
protects."""
_SEVERAL = (EVERY, EVERY_PUBLIC, DOCUMENTED)
PROTECTED = "protected"
OWN = "own"
ISSUE = "issue"
"""The lifecycle verb by which a credential is obtained, where it names no other under `OBTAINED_BY`."""
DEFAULT_ADDRESS = "default"
"""The address that requests come from where nothing else is said."""
CREDENTIAL = "credential"
"""In a suite the profile's main credential, whatever it is called."""

OBTAINED_BY = "obtained-by"
USING = "using"
MANAGES = "manages"
ONCE = "once"
REDEEMED_BY = "redeemed-by"
"""Settings that a credential of any mechanism can have: the verb that issues it, the credential which that
verb presents in place of its own, that it is for lifecycle verbs alone, that it is good for one use, and the
operation at which it is redeemed."""

OF_ANY_CREDENTIAL = frozenset({OBTAINED_BY, USING, MANAGES, ONCE, REDEEMED_BY, "locks", "samples"})
"""The same by their names, and two for suites: whether wrong secrets may lock, and published values."""

BY = "by"
"""The key of a step that names who varies its request, where that is not the harness."""

PARAM = "param"
"""The spoil that changes what a request says beside its credentials."""

BESIDE = "beside"
"""The spoil that sends a second credential in the same request, or another one than the operation's own."""

REFER = "refer"
"""The spoil whose header says where its key is to be fetched: where we listen."""
LISTENER = "listener"
"""What a target says of the address that it can reach us at."""

GRANT = "grant."
"""How the names begin, in an operation's templates, of what came with the grant that is redeemed by it."""

KEPT = "kept."
"""How the names begin of what a step has kept of its answer."""

PROTECTED_PATH = "protected.path"
"""In what a spoil adds, the path of the protected operation, whichever operation is asked."""

_FIRST_OF = {"token": "bearer", "key": "api-key"}
"""In a suite, where the profile calls none so, the first credential of that mechanism."""

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
    own = {name: kind for name, kind in credentials.items() if not kind.options.get(MANAGES)}
    meant = {CREDENTIAL: next(iter(own), None)}
    for role, mechanism in _FIRST_OF.items():
        meant[role] = next((name for name, kind in own.items() if kind.mechanism == mechanism), None)
    meant |= {f"other-{role}": f"other-{name}" for role, name in meant.items()}
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
    options = dict(step.options)
    if options.get("of") in meant:
        options["of"] = meant[options["of"]]
    if "asks" in options:
        options["asks"] = [meant.get(each, each) for each in options["asks"]]
    return replace(
        step,
        subject=_subject_named_after(step, meant),
        options=options,
        spoil=_spoil_named_after(step.spoil, meant) if step.spoil else None,
        expects=tuple(_check_named_after(each, meant) for each in step.expects),
        branches={name: _step_named_after(each, meant) for name, each in step.branches.items()},
    )


def _subject_named_after(step: Step, meant: Mapping[str, str]) -> Any:
    if isinstance(step.subject, str):
        return meant.get(step.subject, step.subject)
    if step.verb == "send" and CREDENTIAL in step.subject:
        name = step.subject[CREDENTIAL]
        return {**step.subject, CREDENTIAL: meant.get(name, name)}
    return step.subject


def _spoil_named_after(spoil: Spoil, meant: Mapping[str, str]) -> Spoil:
    change = spoil.change
    if spoil.part in (CREDENTIAL, BESIDE) and isinstance(change, str):
        change = meant.get(change, change)
    elif spoil.part == BESIDE and not spoil.removed:
        change = {meant.get(name, name): _drawn_after(own, meant) for name, own in change.items()}
    elif spoil.part != PARAM:
        change = _drawn_after(change, meant)
    return replace(spoil, change=change)


def _drawn_after(change: Any, meant: Mapping[str, str]) -> Any:
    """A change with the names of a profile where it draws upon another credential."""
    if not isinstance(change, Mapping):
        return change
    if (name := _drawn_upon(change)) in meant:
        return {"of": meant[str(name)]}
    return {key: _drawn_after(each, meant) for key, each in change.items()}


def _check_named_after(expectation: Expectation, meant: Mapping[str, str]) -> Expectation:
    args = expectation.args
    if not isinstance(args, Mapping) or args.get("of") not in meant:
        return expectation
    return replace(expectation, args={**args, "of": meant[args["of"]]})


def vocabulary(profile: Profile) -> frozenset[Named]:
    """Every name that a suite can use of `profile`; whatever its sort, it can stand under needs."""
    # what is for lifecycle verbs alone is presented by its name, and never for its kind
    mechanisms = {kind.mechanism for kind in profile.credentials.values() if not kind.options.get(MANAGES)}
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
    if step.verb == "send" and step.subject.get(CREDENTIAL):
        yield "credential", step.subject[CREDENTIAL]
    if step.verb in _SUBJECTS and step.subject != NOTHING:
        yield _SUBJECTS[step.verb], str(step.subject)
    if step.verb == "present" and step.on not in _SEVERAL:
        yield "operation", step.on or PROTECTED
    elif step.on and step.on not in _SEVERAL:
        yield "operation", step.on
    if step.at:
        yield "place", step.at
    if "of" in step.options:
        yield "", step.options["of"]
    if "from" in step.options:
        yield "address", step.options["from"]
    if "origin" in step.options:
        yield "origin", step.options["origin"]
    yield from (("credential", name) for name in companions(step.spoil))
    if step.spoil and step.spoil.part in ("address", "variables"):
        yield "place", step.spoil.change
    if step.spoil and step.spoil.part == "credential" and step.spoil.change not in (None, NOTHING):
        yield "credential", step.spoil.change
    for each in step.expects:
        if each.check == "no-foreign-data":
            yield "place", each.args["of"]


def companions(spoil: Spoil | None) -> list[str]:
    """The further credentials that `spoil` needs: what is sent along, and what its values are taken from."""
    if spoil is None or spoil.removed or spoil.part == PARAM:
        return []
    if spoil.part == BESIDE and isinstance(spoil.change, str):
        return [spoil.change]
    sent = list(spoil.change) if spoil.part == BESIDE else []
    return list(dict.fromkeys([*sent, *_all_drawn_upon(spoil.change)]))


def _all_drawn_upon(change: Any) -> Iterator[str]:
    if isinstance(change, Mapping):
        if name := _drawn_upon(change):
            yield name
        for each in change.values():
            yield from _all_drawn_upon(each)


def _drawn_upon(change: Mapping[str, Any]) -> str | None:
    """The credential that a computed value `{of: NAME}` is taken from."""
    name = change.get("of")
    return name if isinstance(name, str) and len(change) == 1 else None


def verb_for(step: Step, profile: Profile) -> str | None:
    """The name of the lifecycle verb that `step` does, if it does one."""
    if step.verb == "do":
        return str(step.subject)
    kind = profile.credentials.get(str(step.subject)) if step.verb == "obtain" else None
    return issuing_verb(kind) if kind else None


def issuing_verb(kind: CredentialKind) -> str:
    """The name of the lifecycle verb by which a credential of this kind is obtained."""
    return str(kind.options.get(OBTAINED_BY, ISSUE))
