"""Other ways to write a JWT: in forms that no resource server has to read, with what its signature covers."""

from __future__ import annotations

import base64
import json
import os
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from harness.credentials.presented import CannotSpoil
from harness.credentials.signing import certificate, is_private, loaded, public_jwk, signature

_PBES2_COUNT = 2**31 - 1
"""Iterations that keep a processor busy for minutes."""


@dataclass(frozen=True, slots=True)
class Material:
    """What a token is made of. `key` is None where the API issued it, and signs it alone."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]
    key: str | bytes | None
    alg: str
    compact: str
    """The token as it must be accepted."""

    def sign(self, message: bytes) -> bytes:
        """The right signature over another message. CannotSpoil where the key is not known."""
        if self.key is None:
            raise CannotSpoil("this change would need the signing key")
        return signature(self.key, self.alg, self.alg, message)


def written(form: str, made_of: Material) -> str:
    """The token in the form of that name. CannotSpoil where this one has no such form."""
    return _FORMS[form](made_of)


def _flattened(made_of: Material) -> str:
    head, payload, signed = made_of.compact.split(".")
    return _json({"payload": payload, "protected": head, "signature": signed})


def _general(made_of: Material) -> str:
    head, payload, signed = made_of.compact.split(".")
    return _json({"payload": payload, "signatures": [{"protected": head, "signature": signed}]})


def _dotted(made_of: Material) -> str:
    """JSON whose text falls into three parts at its dots."""
    head, payload, signed = made_of.compact.split(".")
    return _json({"protected": head, "x": ".", "payload": payload, "y": ".", "signature": signed})


def _unencoded(made_of: Material) -> str:
    """Signed over the payload as it is, with b64 in a header that does not call it critical (RFC 7797, 6)."""
    payload = _json(made_of.claims)
    head = _encoded(_json({**made_of.header, "b64": False}).encode())
    signed = made_of.sign(f"{head}.{payload}".encode())
    return f"{head}.{_encoded(payload.encode())}.{_encoded(signed)}"


def _in_charset(charset: str) -> Callable[[Material], str]:
    def made(made_of: Material) -> str:
        return _over(made_of, _json(made_of.claims).encode(charset))

    return made


def _invalid_utf_8(made_of: Material) -> str:
    """With a claim that holds half of a surrogate pair, which UTF-8 cannot write."""
    return _over(made_of, _json(made_of.claims).encode()[:-1] + b',"x-text":"\xed\xa0\x80"}')


def _der(made_of: Material) -> str:
    """With a signature of ECDSA as ASN.1 writes it, in place of two numbers of fixed length."""
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    head, payload, raw = _ecdsa(made_of)
    half = len(raw) // 2
    numbers = (int.from_bytes(raw[:half], "big"), int.from_bytes(raw[half:], "big"))
    return f"{head}.{payload}.{_encoded(encode_dss_signature(*numbers))}"


def _longer(made_of: Material) -> str:
    """With a zero before both numbers of a signature of ECDSA."""
    head, payload, raw = _ecdsa(made_of)
    half = len(raw) // 2
    longer = b"\0" + raw[:half] + b"\0" + raw[half:]
    return f"{head}.{payload}.{_encoded(longer)}"


def _respelled(made_of: Material) -> str:
    """With another last character that says the same (RFC 4648 section 3.5)."""
    head, payload, signed = made_of.compact.split(".")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    unused = {2: 4, 3: 2}.get(len(signed) % 4)
    if unused is None:
        raise CannotSpoil("the last character of this signature has no bits to spare")
    return f"{head}.{payload}.{signed[:-1]}{alphabet[alphabet.index(signed[-1]) ^ (2**unused - 1)]}"


def _jwe_direct(made_of: Material) -> str:
    """Encrypted with a key of zeros, and signed by nobody (RFC 7516 section 3.1)."""
    return _encrypted(made_of, {"alg": "dir", "enc": "A256GCM"}, bytes(32), b"")


def _jwe_to_public_key(made_of: Material) -> str:
    """Encrypted to the public key, which anybody has, and signed by nobody."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding, rsa

    if made_of.key is None or not is_private(made_of.key):
        raise CannotSpoil("the credential is not signed with a private key")
    raw = made_of.key.encode() if isinstance(made_of.key, str) else made_of.key
    public = loaded(raw).public_key()
    if not isinstance(public, rsa.RSAPublicKey):
        raise CannotSpoil("nothing is encrypted to a key that is none for RSA")
    key = os.urandom(32)
    oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
    header = {"alg": "RSA-OAEP-256", "enc": "A256GCM"}
    return _encrypted(made_of, header, key, public.encrypt(key, oaep))


def _jwe_pbes2(made_of: Material) -> str:
    """Encrypted under a password that takes two thousand million steps to become a key."""
    salt = _encoded(os.urandom(16))
    header = {"alg": "PBES2-HS256+A128KW", "enc": "A128GCM", "p2s": salt, "p2c": _PBES2_COUNT}
    return _encrypted(made_of, header, bytes(16), os.urandom(24))


_FORMS: Mapping[str, Callable[[Material], str]] = {
    "flattened-json": _flattened,
    "general-json": _general,
    "json-with-dots": _dotted,
    "unencoded-payload": _unencoded,
    "utf-16-le": _in_charset("utf-16-le"),
    "utf-16-be": _in_charset("utf-16-be"),
    "invalid-utf-8": _invalid_utf_8,
    "der-signature": _der,
    "longer-signature": _longer,
    "respelled-signature": _respelled,
    "encrypted-directly": _jwe_direct,
    "encrypted-to-public-key": _jwe_to_public_key,
    "encrypted-by-password": _jwe_pbes2,
}

FORMS = tuple(_FORMS)
"""The names of the forms."""


def embedded(how: str, key: bytes) -> Mapping[str, Any]:
    """The header member by which a token brings the public half of `key` along (RFC 7515 section 4.1)."""
    if how == "x5c":
        return {"x5c": [base64.b64encode(certificate(key)).decode()]}
    return {"jwk": dict(public_jwk(key))}


def referred(by: str, key: bytes, members: Mapping[str, Any]) -> tuple[str, bytes]:
    """What `jku` or `x5u` leads to for the public half of `key` (RFC 7515 section 4.1): media type, document.

    `members` are further ones of the key in a JWK Set, those of None left out.
    """
    if by == "x5u":
        return "application/pem-certificate-chain", ssl.DER_cert_to_PEM_cert(certificate(key)).encode()
    known = {name: value for name, value in members.items() if value is not None}
    return "application/jwk-set+json", _json({"keys": [{**public_jwk(key), **known}]}).encode()


def _over(made_of: Material, payload: bytes) -> str:
    head = _encoded(_json(made_of.header).encode())
    message = f"{head}.{_encoded(payload)}"
    return f"{message}.{_encoded(made_of.sign(message.encode()))}"


def _ecdsa(made_of: Material) -> tuple[str, str, bytes]:
    if not made_of.alg.startswith("ES"):
        raise CannotSpoil(f"a signature by {made_of.alg} is none of ECDSA")
    head, payload, signed = made_of.compact.split(".")
    return head, payload, base64.urlsafe_b64decode(signed + "=" * (-len(signed) % 4))


def _encrypted(made_of: Material, header: Mapping[str, Any], key: bytes, wrapped: bytes) -> str:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    kept = {name: made_of.header[name] for name in ("kid", "typ") if name in made_of.header}
    head = _encoded(_json({**kept, **header}).encode())
    nonce = os.urandom(12)
    sealed = AESGCM(key).encrypt(nonce, _json(made_of.claims).encode(), head.encode())
    parts = (wrapped, nonce, sealed[:-16], sealed[-16:])
    return ".".join((head, *map(_encoded, parts)))


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, separators=(",", ":"))


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
