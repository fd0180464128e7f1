"""Work is spread over processes, and comes back in order."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import pytest

from harness import sharing

R = TypeVar("R")


def processes(items: Sequence[int]) -> list[tuple[int, int]]:
    """Which process had which item."""
    return [(item, os.getpid()) for item in items]


def shared(work: Callable[[Sequence[int]], list[R]], items: Sequence[int]) -> list[R]:
    with sharing.Crew() as crew:
        return crew.begin(work, items)()


def failing(items: Sequence[int]) -> list[int]:
    if 7 in items:
        raise ValueError("7 is not to be had")
    return list(items)


# Much work goes to other processes, and the results come as if it had not.
def test_order() -> None:
    found = shared(processes, range(12))
    assert [item for item, _ in found] == list(range(12))
    if (os.cpu_count() or 1) > 1:
        assert os.getpid() not in {process for _, process in found}


# Little work stays where it is.
def test_little() -> None:
    assert {process for _, process in shared(processes, range(3))} == {os.getpid()}
    assert shared(processes, []) == []


# What goes wrong in another process goes wrong here.
def test_failure() -> None:
    with pytest.raises(ValueError, match="7 is not to be had"):
        shared(failing, range(12))


ABANDONED = """
import os, sys, time
from harness import sharing

def wait(items):
    print(os.getpid(), flush=True)
    time.sleep(60)
    return list(items)

if __name__ == "__main__":
    with sharing.Crew() as crew:
        crew.begin(wait, range(4))()
"""


STOPPED = """
import time
from harness import sharing

def wait(items):
    time.sleep(0 if 0 in items else 60)
    if 0 in items:
        raise ValueError("enough")
    return list(items)

if __name__ == "__main__":
    with sharing.Crew() as crew:
        crew.begin(wait, range(4))()
"""


# Who was started for a command that is killed does not go on without it.
@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="nothing is shared on one processor")
def test_killed(tmp_path: Path) -> None:
    script = tmp_path / "abandoned.py"
    script.write_text(ABANDONED)
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True) as command:
        assert command.stdout is not None
        for _ in range(2):
            assert int(command.stdout.readline())
        command.kill()
        killed = time.monotonic()
        assert command.stdout.read() == ""  # which ends when nobody is left who could write to it
    assert time.monotonic() - killed < 30  # half of what they would have slept


# Nor does who is stopped wait for what others have begun.
@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="nothing is shared on one processor")
def test_stopped(tmp_path: Path) -> None:
    script = tmp_path / "stopped.py"
    script.write_text(STOPPED)
    began = time.monotonic()
    result = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=50)
    assert "enough" in result.stderr
    assert time.monotonic() - began < 30
