"""Load Python that a file names: as module:attribute, or as an entry point of another distribution."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

from harness.errors import did_you_mean, mistake, quoted
from harness.model import Where

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

CHECKS_GROUP = "authconform.checks"
"""Generator functions `check(answer, args, facts)`; harness/checks/__init__.py says what they are. What one
may be told beside it has as its attribute `settings`: name -> (whether a value fits, what fits, in words)."""
MECHANISMS_GROUP = "authconform.mechanisms"
"""Instances of `harness.credentials.Mechanism`."""
VERBS_GROUP = "authconform.verbs"
"""Functions that do a lifecycle verb, as `call:` names them; harness/programs.py says how they are called."""

T = TypeVar("T")


def attribute(name: str, what: str, where: Where | None) -> Any:
    """What is called `module:attribute`. InputError at `where`, in which it is a `what`, if there is none."""
    module_name, _, attribute_name = name.partition(":")
    try:
        module = importlib.import_module(module_name)
    except Exception as error:  # whatever an author's module does when it is imported
        reason = f"{type(error).__name__}: {error}"
        raise mistake(f"the {what} {quoted(name)} cannot be imported: {reason}", where) from None
    try:
        return getattr(module, attribute_name)
    except AttributeError:
        hint = did_you_mean(attribute_name, vars(module))
        raise mistake(f"{module_name} has no {quoted(attribute_name)}", where, hint) from None


def extension(group: str, name: str, where: Where | None = None) -> Any:
    """What a distribution gives under `name`. KeyError where none does.

    InputError, with the distribution, where it cannot be loaded, or two give the same name.
    """
    found = _in_group(group, tuple(sys.path)).get(name, ())
    if not found:
        raise KeyError(name)
    if len(found) > 1:
        owners = " and ".join(sorted(owner(each) for each in found))
        raise mistake(f"{quoted(name)} of {group} is given by {owners}", where, "Uninstall one of them.")
    try:
        return found[0].load()
    except Exception as error:  # as above
        reason = f"{type(error).__name__}: {error}"
        message = f"{quoted(name)} of {group} cannot be loaded from {owner(found[0])}: {reason}"
        raise mistake(message, where, "Mend or uninstall it.") from None


def extensions(group: str) -> Sequence[str]:
    """The names that distributions give in `group`."""
    return tuple(_in_group(group, tuple(sys.path)))


def owner(point: EntryPoint) -> str:
    """The distribution of an entry point, as it is installed."""
    return f"{point.dist.name} {point.dist.version}" if point.dist else point.value


@lru_cache(maxsize=16)
def _in_group(group: str, path: tuple[str, ...]) -> Mapping[str, Sequence[EntryPoint]]:
    """The entry points of `group` by name; `path`, where distributions are looked for, is part of the key."""
    from importlib.metadata import entry_points  # here alone: importing it takes longer than looking

    found: dict[str, dict[str, EntryPoint]] = {}
    for each in entry_points(group=group):
        found.setdefault(each.name, {})[owner(each)] = each
    return {name: tuple(points.values()) for name, points in found.items()}


class Extensible(Mapping[str, T]):
    """A table of our own, and behind it what other distributions give under names that it has not.

    They are looked for when a name is asked for that is not our own: it takes a while to look. What they give
    must be a `kind`.
    """

    def __init__(self, own: Mapping[str, T], group: str, kind: type | None = None) -> None:
        self.own = own
        self.group = group
        self.kind = kind
        self._loaded: dict[str, T] = {}

    def __getitem__(self, name: str) -> T:
        if name in self.own:
            return self.own[name]
        if name not in self._loaded:
            self._loaded[name] = self._checked(name, extension(self.group, name))
        return self._loaded[name]

    def __contains__(self, name: object) -> bool:
        return name in self.own or name in extensions(self.group)

    def __iter__(self) -> Iterator[str]:
        yield from self.own
        yield from (name for name in extensions(self.group) if name not in self.own)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _checked(self, name: str, found: Any) -> T:
        fits = isinstance(found, self.kind) if self.kind else callable(found)
        if not fits:
            wanted = self.kind.__name__ if self.kind else "function"
            (point,) = _in_group(self.group, tuple(sys.path))[name]
            message = f"{quoted(name)} of {self.group}, from {owner(point)}, is no {wanted}"
            raise mistake(message, None, "Mend or uninstall it.")
        return found  # type: ignore[no-any-return]  # it was looked at
