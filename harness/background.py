"""An event loop on a thread of its own, so that pytest can wait for what is under way."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")

PATIENCE = 2.0
"""Seconds for what was cancelled to end."""


class Background:
    """Runs coroutines on its thread until it is closed; `patience` is seconds."""

    def __init__(self, name: str, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._live, name=name, daemon=True)
        self._thread.start()

    def submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Start `work` and go on."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Start `work` and wait for its result."""
        return self.submit(work).result()

    def close(self) -> None:
        """Cancel what is under way, and end the thread; what does not end in time is left behind."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(2 * self._patience)  # longer only of a loop that is held up itself

    def _live(self) -> None:
        """The thread: the loop until it is stopped, then what is left of it."""
        try:
            self._loop.run_forever()
            if rest := _cancelled(self._loop):
                self._loop.run_until_complete(asyncio.wait(rest, timeout=self._patience))
        finally:
            self._loop.close()


def _cancelled(loop: asyncio.AbstractEventLoop) -> set[asyncio.Task[Any]]:
    """What was under way on `loop`, each told to end."""
    rest = asyncio.all_tasks(loop)
    for task in rest:
        task.cancel()
    return rest
