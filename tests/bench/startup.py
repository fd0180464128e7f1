"""How long the command takes to start, as a ratio to `python -m pytest --version` in the same minute.

`make bench-startup` prints it. Absolute times are those of the machine and of what else it does; the ratio
is ours. The commands take turns, so that a slow moment meets all of them alike.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

ROUNDS = 10

PYTEST = "python -m pytest --version"
VERSION = "authconform --version"
RUN = "authconform run --profile originchain bearer/presentation/scheme-case"

MOST: Mapping[str, float] = {VERSION: 1.0, RUN: 5.0}
"""The ratio that a command may reach before `--check` ends with 1."""


def arguments(command: str) -> list[str]:
    """The words of a command, run by this Python, whatever PATH says."""
    program, *rest = command.split()
    if program == "python":
        return [sys.executable, *rest]
    return [str(Path(sys.executable).with_name(program)), *rest]


def seconds(command: str, folder: Path) -> float:
    """From start to exit of one process; CalledProcessError where it fails."""
    began = time.perf_counter()
    subprocess.run(
        arguments(command), cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")},
    )  # fmt: skip
    return time.perf_counter() - began


def measured(commands: Sequence[str], rounds: int = ROUNDS) -> Mapping[str, float]:
    """The median of each command's time; the first round only warms the disk's cache."""
    times: dict[str, list[float]] = {command: [] for command in commands}
    with tempfile.TemporaryDirectory() as folder:
        for number in range(rounds + 1):
            for command in commands:
                took = seconds(command, Path(folder))
                if number:
                    times[command].append(took)
    return {command: median(found) for command, found in times.items()}


def main() -> int:
    found = measured((PYTEST, VERSION, RUN))
    too_slow = False
    for command, took in found.items():
        ratio = took / found[PYTEST]
        told = f"{ratio:5.2f}  {took * 1000:6.0f} ms  {command}"
        if ratio > MOST.get(command, ratio):
            too_slow = True
            told += f"  (more than {MOST[command]})"
        print(told)
    return int(too_slow and "--check" in sys.argv)


if __name__ == "__main__":
    sys.exit(main())
