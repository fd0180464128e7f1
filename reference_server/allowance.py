"""How often something may be done before it has to rest."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Generic

from reference_server import deciding
from reference_server.deciding import B, S, T


@dataclass(slots=True)
class Bucket:
    """How often something was done without a rest, and when last."""

    used: int = 0
    last: float = 0.0

    def take(self, allowance: int, rest: float, now: float) -> int:
        """Do it once more, and 0; or where the allowance is used up, the whole seconds that are left of the
        rest. What is refused for want of it does not count."""
        rested = now - self.last
        if rested >= rest:
            self.used = 0
        if self.used >= allowance:
            return math.ceil(rest - rested)
        self.used += 1
        self.last = now
        return 0


@dataclass(slots=True)
class Server(deciding.Server[B, S, T], Generic[B, S, T]):
    """One that counts."""

    buckets: dict[str, Bucket] = field(default_factory=dict)
    """By the id of the caller, or the name of whoever's password is guessed."""
