"""What a fault is: a named way to be wrong, and what must fall when a server is wrong in that way."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

Level = Literal["MUST", "SHOULD", "MAY"]
B = TypeVar("B")


@dataclass(frozen=True, slots=True)
class Fault(Generic[B]):
    """One way to be wrong.

    `level` is the strongest level among the requirements it `breaks`. A `subtle` fault shows only under a
    condition: one method, one instance, every tenth use. `breaks` must fall. `also` are requirements that
    may fall or remain undecided because of it, each with the reason.
    """

    id: str
    title: str
    profile: str
    level: Level
    subtle: bool
    breaks: tuple[str, ...]
    also: Mapping[str, str]
    apply: Callable[[B], B]

    def listed(self) -> dict[str, Any]:
        """As `authconform list faults --json` prints it."""
        return {
            "id": self.id,
            "title": self.title,
            "profile": self.profile,
            "level": self.level,
            "subtle": self.subtle,
            "breaks": list(self.breaks),
            "also": list(self.also),
        }


class Catalogue(Generic[B]):
    """The faults of one profile, in the order in which they were written."""

    def __init__(self, profile: str) -> None:
        self.profile = profile
        self.faults: dict[str, Fault[B]] = {}

    def fault(
        self,
        id: str,
        title: str,
        *,
        breaks: tuple[str, ...],
        level: Level = "MUST",
        subtle: bool = False,
        also: Mapping[str, str] | None = None,
    ) -> Callable[[Callable[[B], B]], Callable[[B], B]]:
        """Enter the decorated function, which makes a right behaviour wrong. Ids are used once."""

        def enter(apply: Callable[[B], B]) -> Callable[[B], B]:
            if id in self.faults:
                raise ValueError(f"two faults are called {id!r}")
            once = tuple(dict.fromkeys(breaks))
            beside = {name: reason for name, reason in (also or {}).items() if name not in once}
            self.faults[id] = Fault(id, title, self.profile, level, subtle, once, beside, apply)
            return apply

        return enter


def entered(catalogue: Catalogue[B], package: str, path: Iterable[str]) -> Mapping[str, Fault[B]]:
    """The faults of a catalogue, when all modules of the package have been imported, in alphabetical order:
    each enters its own."""
    for name in sorted(module.name for module in pkgutil.iter_modules(path)):
        importlib.import_module(f"{package}.{name}")
    return catalogue.faults
