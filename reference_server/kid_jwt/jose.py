"""The signature of a token, by joserfc: not the library that the harness makes its tokens with."""

from __future__ import annotations

from functools import lru_cache

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from reference_server.kid_jwt.verification import ALGORITHM


class _Registry(jws.JWSRegistry):
    max_header_length = 8192
    """As much as h11 lets through; joserfc's own limit leaves little room beside a kid."""


# unknown members of a header are to be ignored: RFC 7515 section 4
_REGISTRY = _Registry(algorithms=[ALGORITHM], strict_check_header=False)


def holds(token: str, secret: str) -> bool:
    """Whether the token is signed by this secret."""
    try:
        jws.deserialize_compact(token, _key(secret), registry=_REGISTRY)
    except (JoseError, ValueError):
        return False
    return True


@lru_cache(maxsize=16)
def _key(secret: str) -> OctKey:
    return OctKey.import_key(secret)
