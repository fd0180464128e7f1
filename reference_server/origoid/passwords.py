"""Passwords: hashed with salt, and as much work for a user that there is not."""

from __future__ import annotations

import hmac
from hashlib import pbkdf2_hmac

from reference_server.origoid.behaviour import Facts, Server
from reference_server.origoid.records import User

ROUNDS = 128
"""Some 50 µs. The guesses that more rounds would slow down need the database, which dies with the server."""

SALT_LENGTH = 16
_NOBODY = User("", "", bytes(SALT_LENGTH), bytes(32))


def hashed(password: str, salt: bytes) -> bytes:
    """All of the password counts, however long it is."""
    return pbkdf2_hmac("sha256", password.encode(), salt, ROUNDS)


def enrol(server: Server, user: User, password: str) -> None:
    """Only the hash of the password is kept, which the user has already."""
    server.store.add_user(user)


def find_user(facts: Facts, name: str) -> User | None:
    return facts.server.store.user(name)


def check_password(facts: Facts, user: User | None, password: str) -> bool:
    known = user or _NOBODY
    right = hmac.compare_digest(hashed(password, known.salt), known.hash)
    return right and user is not None
