"""A right server beside which others hear every request, and which of them would have answered otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from reference_server.api import Opened
from reference_server.messages import Answer, Handler, Request


class Comparison:
    """Each of `wrong`, by the id of its fault, is asked what `right` is asked, and only `right` is heard.

    They must have been opened with the same seed: their secrets are then the same. Whoever changes what
    arrives before it is parsed, or listens elsewhere, can't be compared and always counts as different.
    """

    def __init__(self, right: Opened, wrong: Mapping[str, Opened]) -> None:
        self._right = right
        self._wrong = wrong
        self._incomparable = {
            id
            for id, each in wrong.items()
            if each.mend is not right.mend
            or (each.plain is None, each.tls) != (right.plain is None, right.tls)
        }
        self._differing: set[str] = set()

    def opened(self) -> Opened:
        """The right server, as one that lets the others hear."""
        plain = self._right.plain
        return replace(
            self._right,
            handler=self._compared(self._right.handler, {id: it.handler for id, it in self._wrong.items()}),
            plain=plain
            and self._compared(plain, {id: it.plain for id, it in self._wrong.items() if it.plain}),
            close=self._close,
        )

    def differing(self) -> frozenset[str]:
        """The faults with which an answer would have been another since this was last asked."""
        found = frozenset(self._differing | self._incomparable)
        self._differing.clear()
        return found

    def _compared(self, handler: Handler, others: Mapping[str, Handler]) -> Handler:
        def answer(request: Request) -> Answer:
            right = handler(request)
            # each hears everything, whether or not it has differed: what it keeps depends on all it has heard
            self._differing.update(id for id, other in others.items() if _asked(other, request) != right)
            return right

        return answer

    def _close(self) -> None:
        for each in (self._right, *self._wrong.values()):
            each.close()


def _asked(handler: Handler, request: Request) -> Answer | None:
    """What it answers; None where it fails, as some faults make it do."""
    try:
        return handler(request)
    except Exception:
        return None
