"""At most so many requests a second, evenly spaced, first come first served."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Pacer:
    """Hands out turns `1 / rate` seconds apart; without a rate every turn is at once."""

    def __init__(self, rate: float | None, clock: Callable[[], float]) -> None:
        if rate is not None and not rate > 0:
            raise ValueError(f"the rate is requests per second, more than 0, not {rate}")
        self._spacing = 1 / rate if rate else 0.0
        self._clock = clock
        self._next = 0.0

    async def turn(self) -> None:
        """Wait for the turn, which is reserved the moment this is called."""
        if not self._spacing:
            return
        now = self._clock()
        mine = max(now, self._next)
        self._next = mine + self._spacing
        if mine > now:
            await asyncio.sleep(mine - now)
