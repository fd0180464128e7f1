"""A loop on a thread of its own, and what blocks on others: nothing keeps a process from its end."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time

import pytest

from harness.background import Background, aside


# What is done aside gives its result, or its error, to whoever waits.
def test_aside() -> None:
    async def scene() -> str:
        with pytest.raises(ValueError, match="no"):
            await aside(lambda: int("no"))
        return await aside(lambda: threading.current_thread().name)

    assert asyncio.run(scene()) == "authconform-aside"


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


# A person who never answers does not keep the process: the thread that waits for them is left behind.
def test_exit_does_not_wait_for_what_is_aside() -> None:
    program = (
        "import asyncio, time\nfrom harness.background import aside\n"
        "async def scene():\n"
        "    await asyncio.wait_for(aside(lambda: time.sleep(600)), 0.1)\n"
        "try:\n    asyncio.run(scene())\nexcept TimeoutError:\n    print('left')\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=10)
    assert (ran.returncode, ran.stdout) == (0, "left\n")
