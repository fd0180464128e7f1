"""Ask the person at the terminal, if there is one."""

from __future__ import annotations

import asyncio
import os
import select
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

TERMINAL = Path("/dev/tty")
"""The terminal that the process was started from, whatever its streams lead to."""

LONGEST_WAIT = 900.0
"""Seconds after which nobody is thought to be there."""
WAIT_IN_CI = 5.0
"""The same where CI is set: a build server may lend a terminal that nobody sits at."""
_NAP = 0.05
_LONGEST = 1 << 20
"""Bytes of an answer that are read."""


async def ask(sentence: str, *, hidden: bool) -> str | None:
    """The line that a person enters to `sentence`, not shown where `hidden`; None where nobody is there."""
    try:
        terminal = os.open(TERMINAL, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        with _line_by_line(terminal, hidden=hidden):
            await _write(terminal, f"\r\n{_printable(sentence)}\r\n> ")
            said = await _line(terminal)
            await _write(terminal, "\r\n")
    except OSError:  # it was hung up, or is not ours to talk to
        return None
    finally:
        os.close(terminal)
    return said


@contextmanager
def _line_by_line(terminal: int, *, hidden: bool) -> Iterator[None]:
    """Every byte as it comes, for a line of the terminal's own is cut at 4,096; echoed by nobody but us."""
    before = termios.tcgetattr(terminal)
    now = termios.tcgetattr(terminal)
    now[3] &= ~termios.ICANON
    if hidden:
        now[3] &= ~termios.ECHO
    now[6][termios.VMIN], now[6][termios.VTIME] = 1, 0
    termios.tcsetattr(terminal, termios.TCSADRAIN, now)
    try:
        yield
    finally:
        with suppress(termios.error):
            termios.tcsetattr(terminal, termios.TCSADRAIN, before)


async def _line(terminal: int) -> str | None:
    """What was entered up to the end of the line; None where nobody ends one in time."""
    automatic = os.environ.get("CI", "").lower() not in ("", "0", "false")
    until = time.monotonic() + (WAIT_IN_CI if automatic else LONGEST_WAIT)
    entered = bytearray()
    while time.monotonic() < until:
        # asked again and again rather than in a thread, which would keep an interrupted run from ending
        if not select.select([terminal], [], [], 0)[0]:
            await asyncio.sleep(_NAP)
            continue
        for byte in os.read(terminal, 4096):
            if byte in b"\r\n":
                return entered.decode("utf-8", "replace").strip()
            if byte in b"\x04":  # end of input
                return None
            if byte in b"\x7f\x08":
                while entered and entered[-1] & 0xC0 == 0x80:  # the rest of a character
                    del entered[-1]
                del entered[-1:]
            elif len(entered) < _LONGEST:
                entered.append(byte)
    return None


async def _write(terminal: int, text: str) -> None:
    left = text.encode()
    while left:
        try:
            left = left[os.write(terminal, left) :]
        except BlockingIOError:
            await asyncio.sleep(_NAP)


def _printable(text: str) -> str:
    """`text` without control characters: a server may have given parts of it."""
    return "".join(each if each.isprintable() else "?" for each in text)
