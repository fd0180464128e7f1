"""A credential as it goes on the wire, and what a mechanism is."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from harness.model import CredentialKind, Spoil

Pairs = tuple[tuple[str, str], ...]
Offering = Callable[[str, bytes], str]
"""Offers a document of this media type to the target; the URL that it is found at."""


class CannotSpoil(Exception):
    """This credential cannot be spoiled in this way; the message says why. The case does not apply."""


@dataclass(frozen=True, slots=True)
class Presented:
    """What a request carries of a credential.

    `secrets` are the strings derived from it that are secrets too, `invented` those that the harness made
    up and may show.
    """

    fields: Pairs = ()
    query: Pairs = ()
    form: Pairs = ()
    json: Mapping[str, str] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()
    invented: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mechanism:
    """One way to authenticate.

    `present(kind, secret, spoil, values)` puts the secret where the profile says, with the one change that
    `spoil` asks for. `parts` are the spoils that it knows, `settings` the keys that a credential of it can
    have in a profile. `wrong(settings)` yields what is wrong with them: the key, what, and the next step.
    """

    name: str
    parts: frozenset[str]
    present: Callable[[CredentialKind, str, Spoil | None, Values], Presented]
    settings: frozenset[str] = frozenset()
    wrong: Callable[[Mapping[str, Any]], Iterator[tuple[str, str, str | None]]] = lambda settings: iter(())


@dataclass(frozen=True, slots=True)
class Values:
    """What a spoil may draw upon.

    `names` are for `${…}` in a literal. `settings` are those of the credential's reference in the target,
    such as kid, and what the answer gave that issued it; `others` are all credentials in hand, each with its
    secret and settings.
    """

    random: Random
    names: Mapping[str, str]
    settings: Mapping[str, str] = field(default_factory=dict)
    others: Mapping[str, tuple[str, Mapping[str, str]]] = field(default_factory=dict)
    now: float = field(default_factory=time.time)
    """Seconds since the epoch, by the target's clock."""
    offer: Offering | None = None

    def of(self, name: str) -> Values:
        """The same for another credential."""
        return replace(self, settings=self.settings_of(name))

    def secret_of(self, name: str) -> str:
        """Another credential's secret. CannotSpoil where there is none."""
        return self._other(name)[0]

    def settings_of(self, name: str) -> Mapping[str, str]:
        """The settings of another credential's reference. CannotSpoil where there is none."""
        return self._other(name)[1]

    def _other(self, name: str) -> tuple[str, Mapping[str, str]]:
        if name not in self.others:
            raise CannotSpoil(f"the target gives no credential '{name}'")
        return self.others[name]
