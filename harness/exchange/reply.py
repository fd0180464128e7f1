"""What has arrived of a response so far."""

from __future__ import annotations

from dataclasses import dataclass, field

from harness.exchange.tls import Secured


@dataclass(slots=True)
class Reply:
    """It grows while a response is read, so that a deadline finds what there is.

    Instants are seconds on the network's clock.
    """

    sent: float
    headers_at: float | None = None
    done: float | None = None
    status: int | None = None
    reason: str = ""
    http_version: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytearray = field(default_factory=bytearray)
    truncated: bool = False
    secured: Secured | None = None
