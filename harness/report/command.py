"""The command that sends a request again, short enough to be read."""

from __future__ import annotations

import re
from dataclasses import dataclass

SHORT = 2_000
"""Characters of a command among lines of text."""
_PIECE = re.compile(r"""\$'(?:[^'\\]|\\.)*'|'[^']*'|"(?:[^"\\]|\\.)*"|\\.|[^'"$\\]+|.""", re.DOTALL)
"""What bash reads in one way: quoted in one of three ways, or not at all."""
_REPEATED = re.compile(r"([A-Za-z0-9._~+/=-]{1,4}?)\1{99,}")
"""A few characters, of which none means anything to bash, over and over."""
_LITERAL = 8
"""Characters that stay as they are: an escape in front (`\\U0001f511`) may have taken them for its digits."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command as it is shown. Where characters are `left_out` it would send something else."""

    text: str
    left_out: int

    @property
    def note(self) -> str:
        """What is to be said of it; nothing where it does the same."""
        what = f"{self.left_out:,} characters are left out here: run.jsonl has the whole command"
        return what if self.left_out else ""


def command(curl: str, longest: int = SHORT) -> Command:
    """A line for bash, in which what repeats itself is generated, and of which `longest` characters are left.

    Shortened in the first way it does the same.
    """
    text = _PIECE.sub(_generating, curl)
    if len(text) <= longest:
        return Command(text, 0)
    return Command(f"{text[: longest - 1]}…", len(text) - longest + 1)


def _generating(piece: re.Match[str]) -> str:
    text = piece[0]
    quote = "$'" if text.startswith("$'") else text[0] if text[0] in "'\"" else ""
    before, after = {"$'": ("'\"", "\"$'"), "'": ("'\"", "\"'"), '"': ("", ""), "": ('"', '"')}[quote]

    def generate(found: re.Match[str]) -> str:
        unit = found[1]
        literal = -(-_LITERAL // len(unit))
        times = len(found[0]) // len(unit) - literal
        return f"{unit * literal}{before}$(printf -- '{unit}%.0s' {{1..{times}}}){after}"

    return _REPEATED.sub(generate, text)
