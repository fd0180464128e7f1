"""Secrets that are handed out: made of random characters, kept as a digest."""

from __future__ import annotations

import string
from base64 import b64encode
from hashlib import sha256
from random import Random, SystemRandom

ALPHABET = string.digits + string.ascii_letters


def source(seed: int | None) -> Random:
    """Where random characters come from: the system, or with a seed the same each time."""
    return SystemRandom() if seed is None else Random(seed)


def random_text(random: Random, length: int) -> str:
    """Letters and digits, each worth 5.95 bits: those of random Base64, without its other two characters."""
    whole = length + -length % 3  # of whole groups all characters are random
    text = ""
    while len(text) < length:
        text += b64encode(random.randbytes(whole)).translate(None, b"+/=").decode("ascii")
    return text[:length]


def digest(secret: str) -> bytes:
    """What is stored of a secret. With more than 230 bits of entropy one round of SHA-256 is enough."""
    return sha256(secret.encode("latin-1", "replace")).digest()
