"""How much of each specification the run looked at, and what came of it: a chart and the tables below it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from harness.model import Verdict
from harness.report.findings import WORST_FIRST, Tested
from harness.report.record import Run

_NAMES = {"asvs": "OWASP ASVS", "fetch": "Fetch"}
"""Documents that are not called as their folder is."""

Shown = Verdict | Literal["noted"]
"""What is shown of a requirement: what is only noted was decided, and is not met."""
_IN_ORDER: tuple[Shown, ...] = (*WORST_FIRST, "noted")


@dataclass(frozen=True, slots=True)
class Part:
    """Requirements with the same verdict: a stretch of a bar. `start` and `count` are in requirements."""

    verdict: Shown
    start: int
    count: int


@dataclass(frozen=True, slots=True)
class Specification:
    """One document and what the run showed about its requirements."""

    name: str
    """As it is shown: "RFC 6750"."""
    tested: Sequence[Tested]
    parts: Sequence[Part]
    unasked: Sequence[str]
    """Its requirements that no case of this run cites: left out, or not for this API, or not testable."""

    @property
    def known(self) -> int:
        """How many of its requirements the run knows."""
        return len(self.tested) + len(self.unasked)


def by_specification(run: Run, tested: Sequence[Tested]) -> list[Specification]:
    """The documents of which at least one requirement was looked at, by their names."""
    found: dict[str, list[Tested]] = {}
    for it in tested:
        found.setdefault(_document(it.id), []).append(it)
    cited = {it.id for it in tested}
    unasked: dict[str, list[str]] = {}
    for id in sorted(run.start.requirements.keys() - cited):
        unasked.setdefault(_document(id), []).append(id)
    return [
        Specification(_shown(name), each, _parts(each), unasked.get(name, [])) for name, each in found.items()
    ]


def _document(id: str) -> str:
    return id.partition("/")[0]


def _shown(name: str) -> str:
    return _NAMES.get(name) or re.sub(r"^rfc(\d+)$", r"RFC \1", name)


def _parts(tested: Sequence[Tested]) -> list[Part]:
    seen: Counter[Shown] = Counter("noted" if it.noted else it.verdict for it in tested)
    parts: list[Part] = []
    for verdict in _IN_ORDER:
        if seen[verdict]:
            parts.append(Part(verdict, sum(part.count for part in parts), seen[verdict]))
    return parts
