"""A loop on a thread of its own: nothing on it keeps a process from its end."""

from __future__ import annotations

import asyncio
import threading
import time

from harness.background import Background


# A loop is closed although what was cancelled does not end.
def test_close_does_not_wait_for_ever() -> None:
    async def stubborn() -> None:
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                await asyncio.sleep(0)

    background = Background("test")
    background.submit(stubborn())
    time.sleep(0.05)
    began = time.monotonic()
    background.close()
    assert time.monotonic() - began < 5


# Nor does it wait for what holds up the loop itself, as an author's function may; what was handed over in the
# meantime is ended with the rest, not dropped.
def test_close_does_not_wait_for_a_loop_that_is_held_up() -> None:
    release = threading.Event()

    async def blocking() -> None:
        release.wait(10)

    background = Background("test", patience=0.1)
    background.submit(blocking())
    late = background.submit(asyncio.sleep(60))
    began = time.monotonic()
    background.close()
    assert time.monotonic() - began < 2
    release.set()
    background._thread.join(5)
    assert not background._thread.is_alive()
    assert late.cancelled()
