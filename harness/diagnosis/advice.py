"""One thing that is probably wrong: where it was written, what it is, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass

from harness.model import Where


@dataclass(frozen=True, slots=True)
class Advice:
    """`says` is a clause without a full stop, `next_step` a whole sentence."""

    where: Where
    says: str
    next_step: str
