"""What a variation is: another way to be right, and why nothing forbids it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

B = TypeVar("B")


@dataclass(frozen=True, slots=True)
class Variation(Generic[B]):
    """One liberty. `not_with` are the ids of variations that cannot be taken at the same time."""

    id: str
    title: str
    profile: str
    not_with: tuple[str, ...]
    apply: Callable[[B], B]
    """Its docstring says why no requirement at any level forbids it."""

    def listed(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "title": self.title,
            "profile": self.profile,
            "not_with": list(self.not_with),
        }


class Variations(Generic[B]):
    """The variations of one profile, in the order in which they were written."""

    def __init__(self, profile: str) -> None:
        self.profile = profile
        self.variations: dict[str, Variation[B]] = {}

    def variation(
        self, id: str, title: str, *, not_with: tuple[str, ...] = ()
    ) -> Callable[[Callable[[B], B]], Callable[[B], B]]:
        """Enter the decorated function, which makes one right behaviour of another. Ids are used once."""

        def enter(apply: Callable[[B], B]) -> Callable[[B], B]:
            if id in self.variations:
                raise ValueError(f"two variations are called {id!r}")
            self.variations[id] = Variation(id, title, self.profile, not_with, apply)
            return apply

        return enter
