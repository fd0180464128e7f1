"""The row of this API's state: an account with its static token and its signing secret."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Account:
    """One customer. Of the static token there is a SHA-256 digest; an HMAC needs its secret as it is."""

    id: str
    digest: bytes
    kid: str
    """A UUID in lower case."""
    secret: str
