"""Passwords as they are kept: hashed with a salt."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from hashlib import pbkdf2_hmac
from random import Random
from typing import Protocol

from reference_server.secret import random_text

ROUNDS = 128
"""Some 50 µs. The guesses that more rounds would slow down need the database, which dies with the server."""

SALT_LENGTH = 16


def hashed(password: str, salt: bytes) -> bytes:
    """All of the password counts, however long it is."""
    return pbkdf2_hmac("sha256", password.encode(), salt, ROUNDS)


class Known(Protocol):
    """Somebody with a password."""

    @property
    def salt(self) -> bytes: ...
    @property
    def hash(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class User:
    """A name and a password of an account; of the password there is a salted hash."""

    name: str
    account: str
    salt: bytes
    hash: bytes


def is_of(known: Known | None, password: str) -> bool:
    """Whether the password is theirs. As much work where there is nobody."""
    salt, right = (known.salt, known.hash) if known else (bytes(SALT_LENGTH), bytes(32))
    return hmac.compare_digest(hashed(password, salt), right) and known is not None


def invented(random: Random) -> str:
    """Longer than the 72 bytes that bcrypt looks at, with a colon and a character that is no ASCII."""
    return f"{random_text(random, 40)}:ü{random_text(random, 40)}"


def salted(random: Random, password: str) -> tuple[bytes, bytes]:
    """A new salt, and the hash with it."""
    salt = random.randbytes(SALT_LENGTH)
    return salt, hashed(password, salt)
