"""A right server beside which others hear every request, and which of them would have answered otherwise."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from random import Random

from reference_server.api import Opened
from reference_server.messages import Answer, Handler, Mend, Request


class Moment:
    """The same time and the same chance for everybody who is asked in it, however late."""

    def __init__(self) -> None:
        self.number = 0
        self.time = time.time()

    def clock(self) -> float:
        """Seconds since the epoch, when it began."""
        return self.time

    def chance(self, seed: int | None) -> Random:
        """A source of its own for one of them, which begins anew with each moment.

        Who needs one value more than the others is ahead of them until the moment is over.
        """
        return _Anew(self, seed or 0)

    def next(self) -> None:
        """Let another one begin."""
        self.number += 1
        self.time = time.time()


class _Anew(Random):
    def __init__(self, moment: Moment, seed: int) -> None:
        super().__init__(seed)
        self._moment = moment
        self._first = seed
        self._begun: int | None = None

    def random(self) -> float:
        self._begin()
        return super().random()

    def getrandbits(self, k: int, /) -> int:
        self._begin()
        return super().getrandbits(k)

    def _begin(self) -> None:
        if self._begun != self._moment.number:
            self._begun = self._moment.number
            self.seed(self._first << 32 | self._begun)


class Comparison:
    """Each of `others`, by any name, is asked what `right` is asked, and only `right` is heard.

    They must have been opened with the same seed, and the clock and chance of `moment`: their secrets are
    then the same. Whoever listens elsewhere can't be compared, and always counts as different.
    """

    def __init__(self, right: Opened, others: Mapping[str, Opened], moment: Moment) -> None:
        self._moment = moment
        self._right = right
        self._others = others
        listens = (right.plain is None, right.tls)
        self._incomparable = {id for id, it in others.items() if (it.plain is None, it.tls) != listens}
        self._differing: set[str] = set()

    def opened(self) -> Opened:
        """The right server, as one that lets the others hear."""
        plain = self._right.plain
        return replace(
            self._right,
            handler=self._compared(self._right.handler, {id: it.handler for id, it in self._others.items()}),
            plain=plain
            and self._compared(plain, {id: it.plain for id, it in self._others.items() if it.plain}),
            mend=self._mended if self._right.mend or any(it.mend for it in self._others.values()) else None,
            close=self._close,
        )

    def differing(self) -> frozenset[str]:
        """Who would have answered otherwise since this was last asked."""
        found = frozenset(self._differing | self._incomparable)
        self._differing.clear()
        return found

    def _compared(self, handler: Handler, others: Mapping[str, Handler]) -> Handler:
        def answer(request: Request) -> Answer:
            self._moment.next()
            right = handler(request)
            # each hears everything, whether or not it has differed: what it keeps depends on all it has heard
            self._differing.update(id for id, other in others.items() if _asked(other, request) != right)
            return right

        return answer

    def _mended(self, data: bytes) -> bytes:
        right = _as_parsed(self._right.mend, data)
        self._differing.update(id for id, it in self._others.items() if _as_parsed(it.mend, data) != right)
        return right

    def _close(self) -> None:
        for each in (self._right, *self._others.values()):
            each.close()


def _asked(handler: Handler, request: Request) -> Answer | None:
    """What it answers; None where it fails, as some faults make it do."""
    try:
        return handler(request)
    except Exception:
        return None


def _as_parsed(mend: Mend | None, data: bytes) -> bytes:
    return mend(data) if mend else data
