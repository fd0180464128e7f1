"""Signatures of tokens, by joserfc: not the library that the harness makes its tokens with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OctKey

Key = OctKey | ECKey


class _Registry(jws.JWSRegistry):
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


@lru_cache(maxsize=16)
def _registry(algorithm: str) -> _Registry:
    # unknown members of a header are to be ignored: RFC 7515 section 4
    return _Registry(algorithms=[algorithm], strict_check_header=False)
