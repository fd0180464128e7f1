"""A right server beside which others hear every request, and which of them would have answered otherwise."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace

from reference_server.api import Opened
from reference_server.messages import Answer, Handler, Mend, Request


class Standing:
    """A clock that stands still from one setting to the next: who is asked later has the same time."""

    def __init__(self) -> None:
        self._now = time.time()

    def __call__(self) -> float:
        return self._now

    def set(self) -> None:
        """Make it the right time."""
        self._now = time.time()


class Comparison:
    """Each of `others`, by any name, is asked what `right` is asked, and only `right` is heard.

    They must have been opened with the same seed and `clock`: their secrets are then the same. Whoever
    listens elsewhere can't be compared, and always counts as different.
    """

    def __init__(self, right: Opened, others: Mapping[str, Opened], clock: Standing) -> None:
        self._clock = clock
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
            self._clock.set()
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
