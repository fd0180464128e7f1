"""The ways in which a run can end before it has a verdict, told as its steps.

1. The command line is read, then the suites, the profile and the target that it names, and all of it is
   planned. What a person wrote there can be wrong: `InputError`, exit 2. It carries every mistake that
   was found, each with its place and, where one can be told, the next step.
2. The target is reached and the configured credentials are tried. It can be untestable: `TargetError`,
   exit 3. Nothing is said about its conformance.
3. The cases are run. From here on nothing that the target does is an error: a broken expectation is a
   `Problem`, and what could not be learned is an inconclusive outcome.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from harness.model import Where

_LONGEST_VALUE = 60
_LONGEST_LIST = 12
_SHORTEST_BEGINNING = 4


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that a person wrote wrongly.

    `message` is a clause without a full stop, `hint` a whole sentence that names the next step. `where`
    is None for a mistake on the command line.
    """

    where: Where | None
    message: str
    hint: str | None = None

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"{place}{_with_hint(self.message, self.hint)}"


class AuthconformError(Exception):
    """A run that ends without a verdict."""

    exit_code: ClassVar[int]


class InputError(AuthconformError):
    """The command line, a suite, a profile or a target is wrong; `str()` has one line for each mistake."""

    exit_code = 2

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(str(each) for each in self.mistakes))


class TargetError(AuthconformError):
    """The target cannot be tested: unreachable, its credential refused, or nothing applies to it."""

    exit_code = 3

    def __init__(self, message: str, hint: str | None = None) -> None:
        self.message = message
        self.hint = hint
        super().__init__(_with_hint(message, hint))


def mistake(message: str, where: Where | None = None, hint: str | None = None) -> InputError:
    """The error of a single mistake, ready to be raised."""
    return InputError([Mistake(where, message, hint)])


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that `name` was probably meant to be, whatever its case.

    It may be the beginning of that, or what stands behind its last slash.
    """
    folded, by_folded = name.casefold(), {each.casefold(): each for each in known}
    if found := difflib.get_close_matches(folded, by_folded, n=1, cutoff=0.65):
        return by_folded[found[0]]
    ends = [whole for each, whole in by_folded.items() if each.endswith(f"/{folded}")]
    if len(ends) == 1:
        return ends[0]
    if len(folded) < _SHORTEST_BEGINNING or "/" in folded:
        return None
    by_beginning = {each[: len(folded) + 1]: whole for each, whole in by_folded.items()}
    found = difflib.get_close_matches(folded, by_beginning, n=1, cutoff=0.8)
    return by_beginning[found[0]] if found else None


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """The hint for an unknown name: the nearest one, or all of them where they are few."""
    names = list(dict.fromkeys(known))
    if near := nearest(name, names):
        return f"Did you mean {quoted(near)}?"
    if 0 < len(names) <= _LONGEST_LIST:
        return f"Known: {', '.join(names)}."
    return None


def quoted(text: str) -> str:
    """A name or value as messages show it: in quotes, shortened, what a terminal would obey escaped."""
    shown = text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"
    return f"'{escaped(shown)}'"


def escaped(text: str) -> str:
    """`text` with its line ends, control and invisible characters as escapes such as `\\n` and `\\x1b`."""
    if text.isprintable():
        return text
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode("ascii") for each in text
    )


def _with_hint(message: str, hint: str | None) -> str:
    return f"{message}. {hint}" if hint else message
