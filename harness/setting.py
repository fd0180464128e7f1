"""What all cases of a run share, and how long it is patient with a target."""

from __future__ import annotations

import asyncio
import threading
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from harness.exchange import Answer, Redactor
from harness.listening import Listener
from harness.model import Profile, Requirement, Target

LONGEST_PAUSE = 5.0
"""Seconds of a Retry-After that are waited for."""
PAUSE = 0.2

THOROUGH_WATCH = 30.0

TRANSIENT = frozenset({429, 502, 503, 504})
"""Statuses that say nothing about the credential; the request is repeated once."""


class Inconclusive(Exception):
    """Nothing was learned; the message says why."""


class Unanswered(Inconclusive):
    """The other side would not talk: to who asks whether something is served, that is the answer."""


class Company:
    """Those that measure side by side, and those among them that have to be alone for a while."""

    def __init__(self) -> None:
        self._others = 0
        self._turn = asyncio.Lock()
        self._nobody = asyncio.Event()
        self.join(0)

    def join(self, count: int) -> None:
        """So many more are under way."""
        self._others += count
        if self._others > 0:
            self._nobody.clear()
        else:
            self._nobody.set()

    def leave(self) -> None:
        """One of them has ended."""
        self.join(-1)

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """Have the target to oneself, as soon as all others have ended or wait for the same."""
        self.leave()
        try:
            async with self._turn:
                await self._nobody.wait()
                yield
        finally:
            self.join(1)


@dataclass(frozen=True, slots=True)
class Setting:
    """What all cases of a run share."""

    profile: Profile
    target: Target
    secrets: dict[str, str]
    """The secret of each credential in hand; those that the run obtains itself are added when they come."""
    requirements: Mapping[str, Requirement]
    redactor: Redactor
    seed: int
    accepted: set[str] = field(default_factory=set)
    """The credentials that were accepted in this run: one that never was may simply be wrong."""
    locked: dict[str, str] = field(default_factory=dict)
    """The credentials that wrong secrets have locked, each with how that was noticed: used no more."""
    expiries: dict[str, float] = field(default_factory=dict)
    """When credentials that were obtained for the run come to their end, in seconds since the epoch."""
    given: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    """What else the answers gave that issued those, by their names."""
    obtaining: defaultdict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))
    """By credential, held by whoever obtains it for the run: the others need it too."""
    batch_seconds: float = 1.0
    """A batch that takes longer gets a control in between."""
    trials: int = 3
    """How often a change that can be repeated is made and watched."""
    thorough: bool = False
    """Watch for `THOROUGH_WATCH` seconds at least."""
    precise: bool = True
    """Whether it matters when exactly a change takes effect, and not only that it does in time."""
    time_scale: float = 1.0
    """How long a documented second lasts: less than one against a server that was told the same."""
    quiet: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held by whoever makes a change that is measured; the others wait, or would be measured too."""
    company: Company = field(default_factory=Company)
    """All batches that measure: their probes would slow down what compares times."""
    stopping: threading.Event = field(default_factory=threading.Event)
    """Set when the run is to end: nothing new is begun."""
    terminal: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held by whoever asks the person at the terminal."""
    listener: Listener | None = None
    """Where the target can call us."""

    def home(self, credential: str) -> str:
        """The place where `credential` is accepted."""
        reference = self.target.credentials.get(credential)
        return (reference and reference.at) or self.profile.credentials[credential].at


def pause_after(answer: Answer | None) -> float:
    """Seconds to wait before asking again: what the target asks for, within reason."""
    return min(asked_pause(answer), LONGEST_PAUSE) if answer else PAUSE


def asked_pause(answer: Answer) -> float:
    """Seconds that the target asks to be spared for, by Retry-After in either form (RFC 9110 10.2.3)."""
    given = answer.header("Retry-After")
    if not given:
        return PAUSE
    if given[0].isascii() and given[0].isdecimal():
        return float(given[0][:9])
    sent = answer.header("Date")
    try:
        until = parsedate_to_datetime(given[0])
        now = parsedate_to_datetime(sent[0]) if sent else datetime.now(UTC)
        return max(PAUSE, (until - now).total_seconds())
    except (ValueError, OverflowError, TypeError):  # no date, or one of the two without its zone
        return PAUSE
