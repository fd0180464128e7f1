"""A set of faults that is written once, and entered into the catalogue of each API that can have them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from reference_server.faults.catalogue import Catalogue, Level

Api = TypeVar("Api")
X = TypeVar("X")
Named = tuple[str, ...]
Reasoned = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Written(Generic[Api]):
    """A fault as it is written, before it is any API's."""

    title: str
    breaks: Callable[[Api], Named]
    level: Level
    subtle: bool
    also: Callable[[Api], Reasoned]
    apply: Callable[[Api, Any], Any]


class FaultSet(Generic[Api]):
    """Faults that are made for a behaviour by an adapter: a record of what differs from API to API."""

    def __init__(self) -> None:
        self.written: dict[str, Written[Api]] = {}

    def fault(
        self,
        name: str,
        title: str,
        *,
        breaks: Named | Callable[[Api], Named],
        level: Level = "MUST",
        subtle: bool = False,
        also: Callable[[Api], Reasoned] = lambda api: {},
    ) -> Callable[[Callable[[Api, Any], Any]], Callable[[Api, Any], Any]]:
        """Write down the decorated function, which makes a right behaviour wrong with the adapter's help.

        `{it}` in the title is the adapter. What falls are requirements, or told by a function of the adapter.
        """
        falls = breaks if callable(breaks) else lambda api: breaks

        def write(apply: Callable[[Api, Any], Any]) -> Callable[[Api, Any], Any]:
            if name in self.written:
                raise ValueError(f"two faults are called {name!r}")
            self.written[name] = Written(title, falls, level, subtle, also, apply)
            return apply

        return write

    def enter(
        self,
        catalogue: Catalogue[Any],
        api: Api,
        *,
        prefix: str = "",
        ids: Mapping[str, str] | None = None,
        only: Collection[str] | None = None,
        without: Collection[str] = (),
        levels: Mapping[str, Level] | None = None,
        also: Mapping[str, Reasoned] | None = None,
    ) -> None:
        """Enter these faults for one API: all of them, `only` some, or all `without` some.

        By the name of a fault: in `ids` the id it gets, in place of `prefix` and its name; in `levels` its
        level, where this API's requirements have another; in `also` what else may fall here, with the
        reasons. Raises ValueError where one of these names a fault that is not entered.
        """
        ids, levels, also = ids or {}, levels or {}, also or {}
        chosen = [name for name in only or self.written if name not in without]
        for name in (*chosen, *ids, *levels, *also, *without):
            if name not in self.written or (name not in chosen and name not in without):
                raise ValueError(f"there is no fault {name!r} to enter")
        for name in chosen:
            written = self.written[name]
            catalogue.fault(
                ids.get(name, f"{prefix}{name}"),
                written.title.format(it=api),
                breaks=written.breaks(api),
                level=levels.get(name, written.level),
                subtle=written.subtle,
                also={**written.also(api), **also.get(name, {})},
            )(_made_for(api, written))


class Family(Generic[Api, X]):
    """Faults of a set that are made in one way, each from an argument of its own."""

    def __init__(self, faults: FaultSet[Api], way: Callable[[Api, Any, X], Any]) -> None:
        self.faults = faults
        self.way = way

    def __call__(
        self,
        name: str,
        title: str,
        argument: X,
        *,
        breaks: Named | Callable[[Api], Named],
        why: str,
        level: Level = "MUST",
        subtle: bool = False,
        also: Callable[[Api], Reasoned] = lambda api: {},
    ) -> None:
        """Write down the fault that the way makes of `argument`; `why` is what its docstring would say."""

        def apply(api: Api, behaviour: Any) -> Any:
            return self.way(api, behaviour, argument)

        apply.__doc__ = why
        self.faults.fault(name, title, breaks=breaks, level=level, subtle=subtle, also=also)(apply)


def _made_for(api: Api, written: Written[Api]) -> Callable[[Any], Any]:
    def apply(behaviour: Any) -> Any:
        return written.apply(api, behaviour)

    apply.__doc__ = written.apply.__doc__
    return apply


def because(reason: str, *requirements: str, but: Collection[str] = ()) -> Reasoned:
    """Consequences that share a reason; without those in `but`."""
    return {name: reason for name in requirements if name not in but}
