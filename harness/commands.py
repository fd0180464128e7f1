"""Run a command that somebody wrote in a file: no shell, bounded in time and output, ended with its kin."""

from __future__ import annotations

import asyncio
import os
import shlex
import signal
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from harness.errors import escaped, quoted

PATIENCE = 60.0
"""Seconds that a command may take: a password manager may have to be unlocked first."""
LONGEST = 1 << 20
"""Bytes of its output that are taken."""
_FAREWELL = 2.0
"""Seconds that a command which was ended has to be gone."""
_LONGEST_COMPLAINT = 200


class CommandFailed(Exception):
    """It could not be started, did not end in time, or ended otherwise than with exit code 0."""


@dataclass(frozen=True, slots=True)
class _Ended:
    code: int
    output: bytes
    complaint: bytes


async def output_of(words: Sequence[str], folder: Path, *, patience: float = PATIENCE) -> str:
    """What `words`, run in `folder` with nothing on standard input, print. CommandFailed says why not.

    The environment is this process's own: that is where such commands look for their session.
    """
    name = quoted(words[0])
    try:
        process = await asyncio.create_subprocess_exec(
            *words,
            cwd=folder,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,  # so that what it has started ends with it
        )
    except FileNotFoundError:
        raise CommandFailed(f"there is no command {name}") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CommandFailed(f"the command {name} cannot be started: {reason}") from None
    try:
        async with asyncio.timeout(patience):
            ended = await _ended(process)
    except TimeoutError:
        raise CommandFailed(f"the command {name} did not end within {patience:g} s") from None
    finally:
        await _end(process)
    if ended.code:
        raise CommandFailed(f"the command {name} ended with exit code {ended.code}{_said(ended.complaint)}")
    if len(ended.output) > LONGEST:
        raise CommandFailed(f"the command {name} printed more than {LONGEST} bytes")
    try:
        return ended.output.decode("utf-8")
    except UnicodeDecodeError:
        raise CommandFailed(f"what the command {name} printed is not UTF-8") from None


def shown(words: Sequence[str]) -> str:
    """The command as it is typed into a shell."""
    return escaped(shlex.join(words))


async def _ended(process: asyncio.subprocess.Process) -> _Ended:
    assert process.stdout is not None and process.stderr is not None
    output, complaint = await asyncio.gather(_read(process.stdout), _read(process.stderr))
    return _Ended(await process.wait(), output, complaint)


async def _read(stream: asyncio.StreamReader) -> bytes:
    """All that comes, of which no more than a little over the limit is kept."""
    kept = bytearray()
    while piece := await stream.read(1 << 16):
        if len(kept) <= LONGEST:
            kept += piece
    return bytes(kept)


async def _end(process: asyncio.subprocess.Process) -> None:
    """End the command and what it has started, where any of it is still there."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    with suppress(TimeoutError):
        async with asyncio.timeout(_FAREWELL):
            await process.wait()


def _said(complaint: bytes) -> str:
    """The last line that it wrote to standard error, which is where a reason stands."""
    lines = complaint.decode("utf-8", "replace").strip().splitlines()
    return f": {escaped(lines[-1].strip())[:_LONGEST_COMPLAINT]}" if lines else ""
