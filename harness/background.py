"""An event loop on a thread of its own, so that pytest can wait for what is under way."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")

PATIENCE = 2.0
"""Seconds for what was cancelled to end."""


class Background:
    """Runs coroutines on its thread until it is closed; `patience` is seconds."""

    def __init__(self, name: str, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=name, daemon=True)
        self._thread.start()

    def submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Start `work` and go on."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Start `work` and wait for its result."""
        return self.submit(work).result()

    def close(self) -> None:
        """Cancel what is under way, and end the thread; what does not end in time is left behind."""
        with suppress(TimeoutError):  # of a loop that is held up itself
            self.submit(_cancel_the_rest(self._patience)).result(2 * self._patience)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(self._patience)
        if not self._thread.is_alive():
            self._loop.close()


async def _cancel_the_rest(patience: float) -> None:
    rest = asyncio.all_tasks() - {asyncio.current_task()}
    for task in rest:
        task.cancel()
    if rest:
        await asyncio.wait(rest, timeout=patience)
