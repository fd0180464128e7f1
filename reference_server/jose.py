"""Signatures of tokens, by joserfc: not the library that the harness makes its tokens with."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Literal

from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, OctKey, OKPKey, RSAKey

Key = OctKey | ECKey | RSAKey | OKPKey
KINDS: Mapping[str, Literal["RSA", "EC", "OKP"]] = {
    "RS256": "RSA",
    "PS256": "RSA",
    "ES256": "EC",
    "EdDSA": "OKP",
}
"""The type of the key pairs of an algorithm: RFC 7518 section 6.1 and RFC 8037 section 2."""

_EDDSA = copy.copy(jws.JWSRegistry.algorithms["EdDSA"])
_EDDSA.security_warning = None
"""RFC 9864 has a narrower name for it; tokens still come with this one."""


class _Registry(jws.JWSRegistry):
    algorithms: dict[str, Any] = {**jws.JWSRegistry.algorithms, "EdDSA": _EDDSA}
    max_header_length = 8192
    """As much as h11 lets through; joserfc's own limit leaves little room beside a kid."""


def sign(header: Mapping[str, Any], claims: Mapping[str, Any], key: Key) -> str:
    """A JWT in its compact form, signed by the algorithm that its header names."""
    payload = json.dumps(claims, separators=(",", ":")).encode()
    return jws.serialize_compact(dict(header), payload, key, registry=_registry(header["alg"]))


def holds(token: str, key: Key, algorithm: str) -> bool:
    """Whether the token is signed with this key, by this algorithm and no other."""
    try:
        jws.deserialize_compact(token, key, registry=_registry(algorithm))
    except (JoseError, ValueError):
        return False
    return True


@lru_cache(maxsize=16)
def shared(secret: str) -> OctKey:
    """The key of an HMAC."""
    return OctKey.import_key(secret)


@lru_cache(maxsize=16)
def private(number: int) -> ECKey:
    """The key pair on P-256 of a private number."""
    return ECKey.import_key(ec.derive_private_key(number, ec.SECP256R1()))


@lru_cache(maxsize=32)
def pair(pem: str, algorithm: str) -> Key:
    """The key, private or public, that a PEM text is for that algorithm."""
    found: Key = JWKRegistry.import_key(pem, KINDS[algorithm])
    return found


@lru_cache(maxsize=32)
def published(pem: str, algorithm: str, kid: str) -> Mapping[str, Any]:
    """The public half of a pair as a member of a JWK Set: RFC 7517 section 5."""
    public = pair(pem, algorithm).as_dict(private=False)
    return {**public, "kid": kid, "alg": algorithm, "use": "sig"}


@lru_cache(maxsize=16)
def _registry(algorithm: str) -> _Registry:
    # unknown members of a header are to be ignored: RFC 7515 section 4
    return _Registry(algorithms=[algorithm], strict_check_header=False)
