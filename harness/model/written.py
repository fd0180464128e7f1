"""What people write in suites/: scenarios and their steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from harness.model.described import Expectation
from harness.model.places import Where

Verb = Literal["present", "obtain", "redeem", "do", "preflight", "alike", "send"]


@dataclass(frozen=True, slots=True)
class Spoil:
    """The one change that turns an accepted presentation into another one.

    `part` is what is changed (value, field, scheme, slot, request, claims, header, signature, …), `change`
    the new value as written: a literal or a computed one such as `{like: it}`. With `removed` the part is
    taken away and `change` is None.
    """

    part: str
    change: Any
    removed: bool
    where: Where


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a step must lead to.

    `kind` is accepted, refused, settles, alike or observed. `reason` is the refusal's name (for settles
    too), `options` what else was written (at_most, within, watch, the compared parts, …).
    """

    kind: Literal["accepted", "refused", "settles", "alike", "observed"]
    reason: str | None
    options: Mapping[str, Any]
    where: Where


@dataclass(frozen=True, slots=True)
class Step:
    """One thing done and what must come of it."""

    verb: Verb
    subject: Any
    """A credential, operation or lifecycle verb by name; for send the request as written."""
    on: str | None
    at: str | None
    options: Mapping[str, Any]
    """from, as, of, origin, asks, until, otherwise, with, keep: as written."""
    times: int
    together: bool
    spoil: Spoil | None
    outcome: Outcome | None
    expects: tuple[Expectation, ...]
    """`checks:` and explicit status, headers, schema, json."""
    branches: Mapping[str, Step]
    """For alike: the steps that are compared, by name."""
    where: Where
    proves: tuple[str, ...] | None = None
    """The requirements that this step is about; None for the scenario's own, empty where it is assumed."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is asked, in terms of a profile. `id` is `<suite>/<slug>`."""

    id: str
    suite: str
    title: str
    requires: tuple[str, ...]
    needs: tuple[str, ...]
    touches: frozenset[str]
    steps: tuple[Step, ...]
    variant: str | None
    """The name under `each:`; a scenario with `each` is loaded as several of the same id."""
    control: bool
    """False where the scenario says `control: none`; then `because` says why."""
    because: str | None
    no_fault: str | None
    """Why no fault can show that this scenario fails."""
    where: Where


@dataclass(frozen=True, slots=True)
class Suite:
    """One suite file."""

    id: str
    title: str
    path: str
    scenarios: tuple[Scenario, ...]
    where: Where
