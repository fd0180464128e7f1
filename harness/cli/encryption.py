"""What `doctor` says of a place's TLS: its certificate and how long that lasts, or that there is none."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from ipaddress import ip_address
from urllib.parse import urlsplit

from harness.errors import escaped
from harness.exchange import Answer
from harness.exchange.tls import Secured
from harness.model import Place, Target

SOON = 14
"""Days: a certificate that lasts no longer than that is warned of."""
_DAY = 86_400
_NAMED = 3
"""Names that are told; the others are counted."""


def certificates(answers: Mapping[str, Answer]) -> Iterator[str]:
    """A line for each certificate that the places showed, by whose names the answers are."""
    shown: list[tuple[Secured, list[str]]] = []
    for name, answer in answers.items():
        if answer.secured is None:
            continue
        same = next((names for secured, names in shown if secured == answer.secured), None)
        if same is None:
            shown.append((answer.secured, [name]))
        else:
            same.append(name)
    return (_certificate(secured, names) for secured, names in shown)


def in_the_clear(place: Place, target: Target, credentials: Sequence[str]) -> str | None:
    """The line about a place without TLS that these credentials are sent to, None where nobody can listen."""
    if not credentials or place.url.startswith("https:") or _loopback(place, target):
        return None
    return (
        f"  warn place {place.name}: {place.where}: without TLS anybody on the way can read "
        f"{_some(credentials)}. Write https:// in its url."
    )


def _certificate(shown: Secured, places: Sequence[str]) -> str:
    what = f"certificate of {_some(places)} ({shown.version})"
    if shown.until is None:
        return f"  warn {what}: not verified, so that anybody on the way can answer"
    left = int((shown.until - time.time()) // _DAY)
    until = datetime.fromtimestamp(shown.until, UTC).date()
    names = f"for {_some(shown.names)}, issued by {shown.issuer}"
    days = f"{left} day{'' if left == 1 else 's'} left, until {until}"
    return escaped(f"  {'warn' if left < SOON else 'yes '} {what}: {days}; {names}")


def _some(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return f"{', '.join(names[:_NAMED])}{f' and {more} more' if more > 0 else ''}"


def _loopback(place: Place, target: Target) -> bool:
    """Whether what is sent to the place never leaves this machine."""
    host = urlsplit(place.url).hostname or ""
    there = next((value for name, value in target.resolve.items() if name.lower() == host), host)
    if there.count(":") == 1:
        there = there.partition(":")[0]
    there = there.removeprefix("[").partition("]")[0]
    try:
        return ip_address(there).is_loopback
    except ValueError:
        return there == "localhost" or there.endswith(".localhost")
