"""Run the console blocks of a page, in one shell and one folder, and compare what they print.

A line that begins with `$ ` is a command, what follows is its output. `…` stands for anything within a line
or, alone on a line, for any lines. A block under `<!-- file: NAME -->` is written to that file first. A
command that ends in `&` goes on until the page is done; its output is as many lines as the page shows.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from tables import ROOT

PORT = "8123"
"""The port that pages show; a free one takes its place."""
LIMIT = 300.0
"""Seconds that the commands of a page may take together."""

_FENCE = re.compile(r"(?:<!-- file: (\S+) -->\n+)?^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_DONE = "--done--"
_VOLATILE = (
    (re.compile(rf"{re.escape(str(ROOT))}/"), ""),
    (re.compile(r"(?<=:)\d{4,5}\b(?=[\s/,.:)]|$)", re.MULTILINE), "PORT"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00"), "TIME"),
    (re.compile(r"\d{8}T\d{6}Z"), "TIME"),
    (re.compile(r"\btook (less than 1 ms|[\d.,]+ m?s at most)"), "took SECONDS"),
    (re.compile(r"\b\d+\.\d+ ?s\b"), "SECONDS"),
    (re.compile(r"[ \t]+$", re.MULTILINE), ""),
)

_UNLUCKY = "no character of the secret has a folded form"
"""One secret in some twenty has neither k nor s, and one case less applies."""


@dataclass(frozen=True, slots=True)
class Ran:
    """A command, what its page says it prints, and what it printed; both end in a line end."""

    command: str
    expected: str
    actual: str


class Shell:
    """One bash in `folder`, with the commands of this environment first; it ends with all that it started."""

    def __init__(self, folder: Path) -> None:
        self.port = _free_port()
        here = Path(sys.executable).parent
        kept = {key: os.environ[key] for key in ("LANG", "LC_ALL", "TMPDIR") if key in os.environ}
        path = f"{here}{os.pathsep}{os.environ['PATH']}"
        self.process = subprocess.Popen(
            ["bash", "--norc"],
            cwd=folder,
            env={**kept, "PATH": path, "HOME": str(folder), "COLUMNS": "80", "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            start_new_session=True,
        )
        self.folder = folder
        self.limit = threading.Timer(LIMIT, self.end)

    def __enter__(self) -> Shell:
        self.limit.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.limit.cancel()
        self.end()
        self.process.communicate()

    def end(self) -> None:
        """End the shell and what it started: all of them are in its own process group."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)

    def write(self, name: str, text: str) -> None:
        """Write a file of the page."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.here(text), encoding="utf-8")

    def run(self, command: str, lines: int) -> str:
        """What `command` prints; of one that goes on in the background, the first `lines` lines."""
        assert self.process.stdin is not None and self.process.stdout is not None
        mark = "" if command.endswith("&") else f"__=$?; echo; echo {_DONE}; (exit $__)\n"
        self.process.stdin.write(f"{self.here(command)}\n{mark}")
        self.process.stdin.flush()
        found: list[str] = []
        for line in self.process.stdout if mark or lines else ():
            if line == f"{_DONE}\n":
                found.pop()  # the empty line before the mark
                break
            found.append(line)
            if not mark and len(found) == lines:
                break
        return "".join(found).replace(str(self.port), PORT).lstrip("\n")

    def here(self, text: str) -> str:
        """`text` with the port that is free here."""
        return text.replace(PORT, str(self.port))


def run(page: str, shell: Shell) -> Iterator[Ran]:
    """Write the files of a page and run its commands, in the order in which they stand."""
    for found in _FENCE.finditer(page):
        name, language, text = found.groups()
        if name:
            shell.write(name, text)
        elif language == "console":
            for command, expected in commands(text):
                yield Ran(command, expected, _usual(command, expected, shell))


def _usual(command: str, expected: str, shell: Shell) -> str:
    """What it prints; once more where a secret that was drawn has not what a scenario looks for in it."""
    actual = shell.run(command, expected.count("\n"))
    if _UNLUCKY in actual and _UNLUCKY not in expected:
        actual = shell.run(command, expected.count("\n"))
    return actual


def commands(block: str) -> Iterator[tuple[str, str]]:
    """Each command of a console block with the output under it."""
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        yield command, output


def matches(expected: str, actual: str) -> bool:
    """Whether `actual` is what a page says, whatever the ports, times and paths."""
    lines = _settled(expected).splitlines(keepends=True)
    pattern = "".join(
        r"(?:.*\n)*?" if line == "…\n" else re.escape(line).replace("…", ".*") for line in lines
    )
    return re.fullmatch(pattern, _settled(actual)) is not None


def presentable(actual: str, folder: str) -> str:
    """An output as a page shows it: without the paths of this machine."""
    return _trailing(actual.replace(f"{ROOT}/", "").replace(f"{folder}/", ""))


def _settled(text: str) -> str:
    for pattern, word in _VOLATILE:
        text = pattern.sub(word, text)
    return text


def _trailing(text: str) -> str:
    return re.sub(r"[ \t]+$", "", text, flags=re.MULTILINE)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
