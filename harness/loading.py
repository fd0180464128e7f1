"""Load Python that a file names: as module:attribute, or as an entry point of any distribution, ours too."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

from harness.errors import InputError, did_you_mean, mistake, quoted
from harness.model import Where

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

CHECKS_GROUP = "authconform.checks"
"""Generator functions `check(answer, args, facts)`; harness/checks/__init__.py says what they are, and
`expectations.told` how one says what it may be told."""
MECHANISMS_GROUP = "authconform.mechanisms"
"""Instances of `harness.credentials.Mechanism`."""
VERBS_GROUP = "authconform.verbs"
"""Functions that do a lifecycle verb, as `call:` names them; harness/programs.py says how they are called."""

OURS = "authconform"
"""The name of our own distribution, which has entry points in these groups too."""

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
        raise _clash(group, name, sorted(map(owner, found)), where)
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


def _clash(group: str, name: str, owners: Sequence[str], where: Where | None = None) -> InputError:
    """The error that several distributions give one name: which of them a file means cannot be told."""
    others = [each for each in owners if not each.startswith(f"{OURS} ")]
    hint = "Uninstall one of them." if len(others) == len(owners) else f"Uninstall {' and '.join(others)}."
    return mistake(f"{quoted(name)} of {group} is given by {' and by '.join(owners)}", where, hint)


@lru_cache(maxsize=16)
def _in_group(group: str, path: tuple[str, ...]) -> Mapping[str, Sequence[EntryPoint]]:
    """The entry points of `group` by name; `path`, where distributions are looked for, is part of the key."""
    from importlib.metadata import entry_points  # here alone: importing it takes longer than looking

    found: dict[str, dict[str, EntryPoint]] = {}
    for each in entry_points(group=group):
        found.setdefault(each.name, {})[owner(each)] = each
    return {name: tuple(points.values()) for name, points in found.items()}


class Extensible(Mapping[str, T]):
    """A table of our own, and what distributions give under further names, which must be a `kind`.

    A look-up is an InputError where what is given under that name is broken, and where a distribution gives
    any name of the table once more.
    """

    def __init__(self, own: Mapping[str, T], group: str, kind: type | None = None) -> None:
        self.own = own
        self.group = group
        self.kind = kind
        self._loaded: dict[str, T] = {}

    def __getitem__(self, name: str) -> T:
        points = _in_group(self.group, tuple(sys.path))
        if taken := points.keys() & self.own.keys():  # whichever is asked for: checks are met late in a run
            clashing = min(taken)
            raise _clash(self.group, clashing, [f"{OURS} itself", *sorted(map(owner, points[clashing]))])
        if name in self.own:
            return self.own[name]
        if name not in self._loaded:
            self._loaded[name] = self._checked(name, extension(self.group, name))
        return self._loaded[name]

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
