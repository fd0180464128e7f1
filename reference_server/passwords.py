"""Passwords as they are kept: hashed with a salt."""

from __future__ import annotations

from hashlib import pbkdf2_hmac

ROUNDS = 128
"""Some 50 µs. The guesses that more rounds would slow down need the database, which dies with the server."""

SALT_LENGTH = 16


def hashed(password: str, salt: bytes) -> bytes:
    """All of the password counts, however long it is."""
    return pbkdf2_hmac("sha256", password.encode(), salt, ROUNDS)
