"""Signatures of JWSs (RFC 7518 section 3): by the key that a credential has, or by one of our own like it.

What is signed may be anything, and the header may name any algorithm: where the key cannot do what it names,
the signature is the one that the credential has of right.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from harness.credentials.presented import CannotSpoil
from harness.errors import quoted

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    PrivateKey = RSAPrivateKey | EllipticCurvePrivateKey | Ed25519PrivateKey

HASHES = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}
"""The algorithms with a shared secret, each with its hash."""

_OF_RSA = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")
_CURVES = {"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512"}
_PRIVATE = re.compile(r"\s*-----BEGIN [A-Z ]*PRIVATE KEY-----")
_MODULUS = 2048
"""Bits of an RSA key of our own."""


def is_private(secret: str | bytes) -> bool:
    """Whether a signing key is one of a pair, as PEM, and no shared secret."""
    text = secret.decode("latin-1") if isinstance(secret, bytes) else secret
    return bool(_PRIVATE.match(text))


def signature(secret: str | bytes, alg: Any, right: str, message: bytes) -> bytes:
    """The signature over `message` by `alg`; by the `right` algorithm where this key cannot sign by that.

    Another credential's key may be able to do neither, and signs as it can.

    With a private key and one of the algorithms of a shared secret it is what a server expects that takes
    its public key, as PEM, for the secret (RFC 8725 section 2.1).
    """
    name = alg if isinstance(alg, str) else ""
    raw = secret.encode() if isinstance(secret, str) else secret
    if not is_private(raw):
        return hmac.new(raw, message, HASHES.get(name, hashlib.sha256)).digest()
    if name in HASHES:
        return hmac.new(public_form(raw, "pem"), message, HASHES[name]).digest()
    key = loaded(raw)
    known = algorithms(key)
    return _signed(key, next((each for each in (name, right) if each in known), known[0]), message)


@lru_cache(maxsize=32)
def loaded(secret: bytes) -> PrivateKey:
    """The private key of a PEM text. CannotSpoil where it holds none that can sign a JWS."""
    # here alone: it takes longer to import than everything else that a run without such keys needs
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key: Any = load_pem_private_key(secret.strip() + b"\n", None)
        algorithms(key)
    except (ValueError, TypeError) as error:
        raise CannotSpoil(f"the signing key cannot be read: {error}") from None
    found: PrivateKey = key
    return found


def algorithms(key: PrivateKey) -> tuple[str, ...]:
    """What a key of this type can sign by. ValueError where that is nothing."""
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    if isinstance(key, rsa.RSAPrivateKey):
        return _OF_RSA
    if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name in _CURVES:
        return (_CURVES[key.curve.name],)
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return ("EdDSA",)
    raise ValueError("no key for RSA, for Ed25519, or on one of the curves P-256, P-384 and P-521")


@lru_cache(maxsize=8)
def own_key(alg: str) -> bytes:
    """A private key of our own for `alg`, as PEM; one for RS256 where it is none of a pair. Made once.

    CannotSpoil where we cannot sign by it: a token that was issued may name any.
    """
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    key: Any
    curves: Mapping[str, Any] = {"ES256": ec.SECP256R1, "ES384": ec.SECP384R1, "ES512": ec.SECP521R1}
    if alg in curves:
        key = ec.generate_private_key(curves[alg]())
    elif alg == "EdDSA":
        key = ed25519.Ed25519PrivateKey.generate()
    elif alg in HASHES or alg in _OF_RSA:
        key = rsa.generate_private_key(65537, _MODULUS)
    else:
        raise CannotSpoil(f"authconform does not sign by {quoted(alg)}")
    made: bytes = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return made


def own_algorithm(right: str) -> str:
    """The algorithm of `own_key` for a credential whose own is `right`."""
    return "RS256" if right in HASHES else right


def public_jwk(secret: bytes) -> Mapping[str, str]:
    """The public key of a private one as a JWK (RFC 7517), without further members."""
    import json

    from jwt import algorithms as known

    public = loaded(secret).public_key()
    kinds: Mapping[str, Any] = {
        "RSA": known.RSAAlgorithm,
        "EC": known.ECAlgorithm,
        "OKP": known.OKPAlgorithm,
    }
    sort = {"R": "RSA", "P": "RSA", "E": "EC"}[algorithms(loaded(secret))[0][0]]
    sort = "OKP" if algorithms(loaded(secret)) == ("EdDSA",) else sort
    made: Mapping[str, Any] = json.loads(kinds[sort].to_jwk(public))
    return {name: str(value) for name, value in made.items() if name in ("kty", "n", "e", "crv", "x", "y")}


def public_form(secret: bytes, form: str) -> bytes:
    """The public key of a private one in one of the forms in which a server may hold it.

    CannotSpoil for a form that keys of this type do not have.
    """
    import json

    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    public = loaded(secret).public_key()
    pem: bytes = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    if form == "der":
        der: bytes = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return der
    if form == "jwk":
        return json.dumps(dict(public_jwk(secret)), separators=(",", ":")).encode()
    if form == "pkcs1":
        if algorithms(loaded(secret))[0] != "RS256":
            raise CannotSpoil("only keys for RSA have a form of PKCS #1")
        own: bytes = public.public_bytes(Encoding.PEM, PublicFormat.PKCS1)
        return own
    return {
        "pem": pem,
        "pem-crlf": pem.replace(b"\n", b"\r\n"),
        "pem-stripped": pem.rstrip(b"\n"),
        "pem-indented": b" " + pem,
        "base64": b"".join(pem.splitlines()[1:-1]),
    }[form]


def certificate(secret: bytes) -> bytes:
    """A certificate that the holder of a private key has signed for itself (RFC 5280), as DER."""
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import Encoding
    from cryptography.x509.oid import NameOID

    key = loaded(secret)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authconform")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
    hashed = None if algorithms(key) == ("EdDSA",) else SHA256()
    made: bytes = (
        builder.not_valid_after(now + timedelta(days=1)).sign(key, hashed).public_bytes(Encoding.DER)
    )
    return made


def _signed(key: Any, alg: str, message: bytes) -> bytes:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, padding
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

    if alg == "EdDSA":
        return bytes(key.sign(message))
    sizes: Mapping[str, Any] = {"256": hashes.SHA256, "384": hashes.SHA384, "512": hashes.SHA512}
    digest = sizes[alg[2:]]()
    if alg.startswith("ES"):
        size = (key.curve.key_size + 7) // 8
        halves = decode_dss_signature(key.sign(message, ec.ECDSA(digest)))
        return b"".join(each.to_bytes(size, "big") for each in halves)
    if alg.startswith("PS"):
        masked = padding.PSS(padding.MGF1(digest), digest.digest_size)
        return bytes(key.sign(message, masked, digest))
    return bytes(key.sign(message, padding.PKCS1v15(), digest))
