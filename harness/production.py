"""What a case does to a deployment, and what a production target does not allow of it.

Whatever says nothing of what it touches, and is no safe request (RFC 9110 section 9.2.1), may do anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import get_args

from harness.model import LifecycleVerb, Operation, Profile, Step, Target, Touch, Where

ANYTHING: frozenset[str] = frozenset(get_args(Touch))
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
MANY = 25
"""So many requests after one another are a burst."""
MANY_TOGETHER = 10
"""And so many at once."""

_PRODUCTION = re.compile(r"(prod|production|live)(?![a-z])", re.IGNORECASE)
_BY_METHOD = {"POST": frozenset({"creates"}), "DELETE": frozenset({"destroys"})}
_ANY_CHANGE = frozenset({"creates", "destroys"})


@dataclass(frozen=True, slots=True)
class Touched:
    """What is known to be touched, and the parts that do not say what they touch, each with its place."""

    what: frozenset[str] = frozenset()
    unsaid: tuple[tuple[str, Where], ...] = ()

    @property
    def at_worst(self) -> frozenset[str]:
        """All that may be touched."""
        return ANYTHING if self.unsaid else self.what

    def __or__(self, other: Touched) -> Touched:
        return Touched(self.what | other.what, tuple(dict.fromkeys((*self.unsaid, *other.unsaid))))


NOTHING_TOUCHED = Touched()


def is_production(target: Target) -> bool:
    """Whether real users depend on it, by the name of its environment: production, prod-eu, Live, …"""
    return _PRODUCTION.match(target.environment.strip()) is not None


def forbidden(touched: Touched, target: Target) -> str | None:
    """Why a production target does not allow this, with the line that would; None where it does."""
    if not is_production(target) or not (touched.at_worst - target.allow):
        return None
    missing = ", ".join(sorted(touched.at_worst - target.allow))
    said = "".join(
        f"; '{name}' does not say what it touches: add `touches: []` to it where it changes nothing ({where})"
        for name, where in touched.unsaid[:1]
    )
    return (
        f"the target is production and does not allow what this touches ({missing}); "
        f"add `allow: [{missing}]` to {target.where.path}{said}"
    )


def is_harmless(operation: str, profile: Profile, target: Target) -> bool:
    """Whether an operation can be used to try a credential: it changes nothing, as far as anybody says."""
    touched = of_operations([operation], profile)
    return not touched.what and not (touched.unsaid and is_production(target))


def of_operations(names: Iterable[str], profile: Profile) -> Touched:
    """What operations touch, with all that is done before, after and beside them."""
    touched = NOTHING_TOUCHED
    for each in dict.fromkeys(other for name in names for other in _with_others(name, profile)):
        touched |= _of_operation(profile.operations[each])
    return touched


def of_verbs(verbs: Iterable[LifecycleVerb]) -> Touched:
    """What lifecycle verbs touch."""
    touched = NOTHING_TOUCHED
    for verb in verbs:
        unsaid = () if verb.says_touches else ((verb.name, verb.where),)
        touched |= Touched(verb.touches, unsaid)
    return touched


def of_step(step: Step) -> Touched:
    """What a step touches by the way that it is done, whatever it is done to."""
    found: set[str] = set()
    if step.times >= (MANY_TOGETHER if step.together else MANY) or "until" in step.options:
        found.add("bursts")
    if step.outcome is not None and step.outcome.kind == "settles":
        found.add("bursts")
    if step.verb == "alike" and "time" in step.subject:
        found.add("strains")
    if step.spoil and step.spoil.part == "method":
        found |= of_method(str(step.spoil.change))
    return Touched(frozenset(found))


def of_method(method: str) -> frozenset[str]:
    """What a request may touch of which nothing but its method is known."""
    if method.upper() in SAFE_METHODS:
        return frozenset()
    return _BY_METHOD.get(method.upper(), _ANY_CHANGE)


def _of_operation(operation: Operation) -> Touched:
    if operation.says_touches or operation.method in SAFE_METHODS:
        return Touched(operation.touches)
    return Touched(operation.touches, ((operation.name, operation.where),))


def _with_others(name: str, profile: Profile) -> Iterator[str]:
    """An operation and those that go with it; of what comes before it, what takes that back too."""
    waiting, seen = [name], set[str]()
    while waiting:
        each = profile.operations[waiting.pop()]
        if each.name not in seen:
            seen.add(each.name)
            others = (each.after, each.undo, each.effect.on if each.effect else None)
            waiting += (other for other in others if other)
            yield each.name
