"""Faults: what two credentials in one request come to depends on chance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeVar

from reference_server.faults.shared.decisions import Asked, Facts
from reference_server.faults.shared.sets import FaultSet, because
from reference_server.faults.shared.ways import reason_of

Named = tuple[str, ...]
Reconcile = Callable[[Any, tuple[Any, ...]], Any]
"""Of the facts and what each credential said, a caller or a refusal: who it is."""


class Reconciling(Asked, Protocol):
    """An API that takes several credentials at once."""

    @property
    def reconcile(self) -> Reconcile: ...


R = TypeVar("R", bound=Reconciling)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflicting:
    """What differs between APIs that take several credentials at once."""

    refusal: Callable[[Any], Any]
    """The refusal for a reason."""
    steady: Named
    """What falls when the answer varies."""
    not_mixed: Named = ()
    """What may fall when a credential that is wrong is passed over."""


CONFLICTS: FaultSet[Conflicting] = FaultSet()
fault = CONFLICTS.fault

_LATE = "conflicting-credentials"


def reconciling(behaviour: R, reconcile: Reconcile) -> R:
    """Decide otherwise between several credentials."""

    def decide(facts: Facts, found: tuple[Any, ...]) -> Any:
        return reconcile(facts, found) if len(found) > 1 else behaviour.reconcile(facts, found)

    return replace(behaviour, reconcile=decide)


@fault(
    "conflict-turns",
    "Two credentials are looked at in turn",
    level="SHOULD",
    breaks=lambda api: api.steady,
    also=lambda api: because("the forged one is passed over at some turns, or never", *api.not_mixed),
)
def conflict_turns(api: Conflicting, behaviour: R) -> R:
    """Two guards, each of which takes every other request and knows one method alone. A valid credential is
    served when it is its turn, and refused when it is the invalid one's."""
    turns: Counter[str] = Counter()

    def reconcile(facts: Facts, found: tuple[Any, ...]) -> Any:
        turns["all"] += 1
        return found[turns["all"] % 2]

    return reconciling(behaviour, reconcile)


def _each_seventh(behaviour: R, when: Callable[[Any], bool], instead: Callable[[tuple[Any, ...]], Any]) -> R:
    """Of the decisions of which that is so give each seventh as `instead`, of what each credential said."""
    turns: Counter[str] = Counter()

    def reconcile(facts: Facts, found: tuple[Any, ...]) -> Any:
        right = behaviour.reconcile(facts, found)
        if not when(right):
            return right
        turns["all"] += 1
        return instead(found) if turns["all"] % 7 == 0 else right

    return reconciling(behaviour, reconcile)


@fault(
    "conflict-refused-now-and-then",
    "Each seventh request with two valid credentials is refused",
    level="SHOULD",
    subtle=True,
    breaks=lambda api: api.steady,
)
def conflict_refused_at_times(api: Conflicting, behaviour: R) -> R:
    """A race between two lookups, of which one is refused when it comes second."""
    late = api.refusal(_LATE)
    return _each_seventh(behaviour, lambda right: True, lambda found: late)


@fault(
    "conflict-of-accounts-served-now-and-then",
    "Each seventh request with the credentials of two accounts is served",
    level="SHOULD",
    subtle=True,
    breaks=lambda api: api.steady,
)
def conflict_of_accounts_served(api: Conflicting, behaviour: R) -> R:
    """As above, the other way round: the second lookup is given up when it takes too long."""
    return _each_seventh(behaviour, lambda right: reason_of(right) == _LATE, lambda found: found[0])
