"""The run file `run.jsonl`: written line by line, read back whole or cut off."""

from __future__ import annotations

import errno
import json
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from harness.errors import mistake
from harness.model import CaseOutcome, Where
from harness.report import lines
from harness.report.lines import Cited, RunStart, outcome_json
from harness.report.values import Unreadable
from harness.report.verdict import End, cases, conclude

__all__ = ["Cited", "End", "Run", "RunStart", "Writer", "conclude", "outcome_json", "parsed", "read"]


@dataclass(frozen=True, slots=True)
class Run:
    """A run file as read. Without `end` the run was cut off."""

    start: RunStart
    outcomes: tuple[CaseOutcome, ...]
    end: End | None


class Writer:
    """Writes a run file so that a kill at any instant leaves every line whole but, at most, the last.

    Whatever stands at `path` is replaced, a symbolic link too, and only once the first line is written.
    Raises InputError where the file cannot be made.
    """

    def __init__(self, path: Path, start: RunStart) -> None:
        self.path = path
        self._size = 0
        self._file: int | None = None
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            draft.unlink(missing_ok=True)
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL
            self._file = os.open(draft, flags, 0o644)
            self._append(lines.start_json(start))
            os.replace(draft, path)
        except OSError as error:
            self.close()
            with suppress(OSError):
                draft.unlink()
            raise mistake(f"the run file {path} cannot be written: {error.strerror}") from error

    def add(self, outcome: CaseOutcome) -> None:
        """Append one outcome. Raises OSError when the disk is full; the file stays readable."""
        self._append(outcome_json(outcome))

    def close(self, end: End | None = None) -> None:
        """Write the last line, if one is given, and close; without it the run reads as cut off."""
        if end is not None:
            self._append(lines.end_json(end))
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _append(self, line: Mapping[str, Any]) -> None:
        if self._file is None:
            raise ValueError(f"{self.path} is already closed")
        data = json.dumps(line, allow_nan=False, separators=(",", ":")).encode("ascii") + b"\n"
        written = os.write(self._file, data)
        if written != len(data):  # a full disk: take the piece back, or the next line would be glued to it
            os.ftruncate(self._file, self._size)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.path))
        self._size += written


def read(path: Path) -> Run:
    """Read a run file, as `parsed` does. Raises InputError."""
    try:
        return parsed(path.read_bytes(), path)
    except OSError as error:
        raise mistake(f"{path} cannot be read: {error.strerror}") from error


def parsed(data: bytes, path: Path) -> Run:
    """The run in a file's bytes; a last line cut in the middle is dropped, unknown keys are passed over.

    Raises InputError, with the line, for anything else that is not as `Writer` writes it.
    """
    *whole, rest = data.split(b"\n")
    values: list[Mapping[str, Any]] = []
    for number, line in enumerate(whole, 1):
        try:
            values.append(_parse(line))
        except ValueError:
            if number == 1:
                _not_a_run(path, "its first line is no JSON object")
            raise mistake("this line is no JSON object", Where(str(path), number)) from None
    try:
        values.append(_parse(rest))  # whole but for its line end, or else cut off
    except ValueError:
        pass
    if not values:
        _not_a_run(path, "not even its first line is whole" if data else "it is empty")
    if values[0].get("kind") != "run":
        _not_a_run(path, "its first line is not of kind run")
    return _run(values, path)


def _parse(line: bytes) -> Mapping[str, Any]:
    """Read one line. Raises ValueError."""
    try:
        value = json.loads(line, parse_constant=_no_constant)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(value, dict):
        raise ValueError("no object")
    return value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _run(values: list[Mapping[str, Any]], path: Path) -> Run:
    start: RunStart | None = None
    outcomes: list[CaseOutcome] = []
    end: End | None = None
    for number, value in enumerate(values, 1):
        kind = value.get("kind")
        try:
            if end is not None:
                raise Unreadable("it follows the end of the run")
            elif start is None:
                start = lines.start(value)
            elif kind == "outcome":
                outcomes.append(lines.outcome(value))
            elif kind == "end":
                end = lines.end(value)
                _check_complete(outcomes, end)
            else:
                raise Unreadable("its kind is neither outcome nor end")
        except Unreadable as error:
            raise mistake(f"this line cannot be read: {error}", Where(str(path), number)) from error
    assert start is not None
    return Run(start, tuple(outcomes), end)


def _check_complete(outcomes: Sequence[CaseOutcome], end: End) -> None:
    """Unreadable where the outcomes are not those that the end counts."""
    counted = Counter(outcome.verdict for outcome in outcomes)
    for verdict, count in end.counts.items():
        if counted[verdict] != count:
            raise Unreadable(
                f"it counts {cases(count)} of {verdict}, and {counted[verdict]:,} stand here: lines were "
                "lost or changed; without this one the run reads as cut off"
            )


def _not_a_run(path: Path, why: str) -> NoReturn:
    raise mistake(f"{path} is not a run file: {why}", None, "Give the run.jsonl of a run's folder.")
