"""A throw-away certificate authority for loopback, and certificates of it, as long as the process lives."""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trustme import CA


def authority() -> str:
    """The certificate of the authority, PEM: whoever trusts it trusts every server of this process."""
    return _authority().cert_pem.bytes().decode("ascii")


def context(names: Iterable[str]) -> ssl.SSLContext:
    """What a server speaks TLS with that has one certificate for all these host names and addresses."""
    return _context(tuple(sorted(set(names))))


@cache
def _authority() -> CA:
    import trustme  # takes as long as starting a server, and most are never asked for TLS

    return trustme.CA(organization_name="authconform, thrown away", key_type=trustme.KeyType.ECDSA)


@cache
def _context(names: tuple[str, ...]) -> ssl.SSLContext:
    import trustme

    made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    _authority().issue_cert(*names, key_type=trustme.KeyType.ECDSA).configure_cert(made)
    return made
