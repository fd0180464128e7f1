"""A credential as it goes on the wire, and what a mechanism is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random

from harness.model import CredentialKind, Spoil

Pairs = tuple[tuple[str, str], ...]


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
    `spoil` asks for. `parts` are the spoils that it knows.
    """

    name: str
    parts: frozenset[str]
    present: Callable[[CredentialKind, str, Spoil | None, Values], Presented]


@dataclass(frozen=True, slots=True)
class Values:
    """What a spoil may draw upon: a source of randomness, and names for `${…}` in a literal."""

    random: Random
    names: Mapping[str, str]
