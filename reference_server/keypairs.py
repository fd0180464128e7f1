"""Key pairs that are thrown away: made once, for as long as the process lives."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

RSA_BITS = 2048
"""RFC 7518 section 3.3 asks for no fewer."""


@cache
def private_pem(algorithm: str, number: int) -> str:
    """The private half as PKCS #8 in PEM; the same for the same number, whatever server asks for it.

    An RSA pair takes longer to make than a server to start, and no seed can be given for it.
    """
    from cryptography.hazmat.primitives import serialization

    key = _made(algorithm)
    text = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return text.decode("ascii")


def _made(algorithm: str) -> PrivateKeyTypes:
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    match algorithm:
        case "RS256" | "PS256":
            return rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)
        case "ES256":
            return ec.generate_private_key(ec.SECP256R1())
        case "EdDSA":
            return ed25519.Ed25519PrivateKey.generate()
    raise ValueError(f"no key pairs for {algorithm}")


@cache
def loaded(pem: str) -> PrivateKeyTypes:
    """The private key of such a text, read once."""
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    return load_pem_private_key(pem.encode(), None)
