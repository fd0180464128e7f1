"""Whether the target's clock and ours agree, by its Date field (RFC 9110 section 6.6.1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime

from harness.exchange import Answer

TOLERATED = 5.0
"""Seconds that clocks may surely differ by before anything is said."""
_RESOLUTION = 1.0
"""Seconds that a Date stands for: it is cut off, not rounded."""


@dataclass(frozen=True, slots=True)
class Skew:
    """How far the target's clock is ahead of ours, in seconds, behind where negative; certain to `error`."""

    ahead: float
    error: float

    def __str__(self) -> str:
        way = "ahead of" if self.ahead > 0 else "behind"
        return f"its clock is {roughly(abs(self.ahead))} {way} this machine's (± {self.error:.1f} s)"


def skew(answer: Answer, received: float) -> Skew | None:
    """How far the clocks are apart, where that is surely more than `TOLERATED`; a cache's Date is an old one.

    `received` is when the head of `answer` had arrived, in seconds since the epoch on this machine. The
    Date was written at some time between the request and then.
    """
    given = answer.header("Date")
    try:
        said = _utc(given[0]) if given and not answer.header("Age") else None
    except (ValueError, TypeError, OverflowError):
        said = None
    if said is None:
        return None
    asked = received - (answer.timing.headers - answer.timing.sent)
    earliest, latest = said - received, said + _RESOLUTION - asked
    found = Skew((earliest + latest) / 2, (latest - earliest) / 2)
    return found if abs(found.ahead) - found.error > TOLERATED else None


def _utc(text: str) -> float:
    """A date in seconds since the epoch; one without a zone is meant in UTC, as all of HTTP's are."""
    then = parsedate_to_datetime(text)
    return (then if then.tzinfo else then.replace(tzinfo=UTC)).timestamp()


def roughly(seconds: float) -> str:
    """A time in its largest unit: "3 days", "12 min"."""
    for size, unit in ((86400, "days"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
