"""HMACs of tokens, by nothing but the standard library: what a fault believes that joserfc would not."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

HASHES = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}


def mac_holds(signed: str, signature: str, key: bytes, algorithm: str = "HS256") -> bool:
    """Whether the signature is an HMAC by that key, by nothing but the standard library."""
    try:
        given = base64.urlsafe_b64decode(signature + "==")
    except binascii.Error:
        return False
    return hmac.compare_digest(given, hmac.new(key, signed.encode(), HASHES[algorithm]).digest())
