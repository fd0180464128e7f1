"""JWTs in forms that few servers read: as JSON, encrypted, in another charset, with a certificate, costly."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator

from kid_api import KidApi, compact, encoded, make_kid_api

from reference_server import jose
from reference_server.kid_jwt.behaviour import Behaviour
from reference_server.messages import Answer

COSTLY = f"{encoded(json.dumps({'alg': 'PBES2-HS256+A128KW', 'enc': 'A128GCM', 'p2c': 9}))}.a.b.c.d"
"""Encrypted under a password, with a number of steps of the client's choice (RFC 7518 section 4.8)."""
DOTS = "." * 1200


def answers(behaviour: Behaviour) -> list[Answer]:
    """What a server that decides so answers to all of it."""
    api = make_kid_api(behaviour)
    found = [api.present(token) for token in (*forms(api), *brought(api), COSTLY, DOTS)]
    api.server.store.close()
    return found


def as_json(token: str) -> str:
    """The flattened JSON serialization (RFC 7515 section 7.2.2)."""
    head, payload, last = token.split(".")
    return json.dumps({"payload": payload, "protected": head, "signature": last})


def forms(api: KidApi) -> Iterator[str]:
    good = api.token()
    claims = base64.urlsafe_b64decode(good.split(".")[1] + "==").decode()
    yield as_json(good)
    yield api.token(payload=claims.encode("utf-16-le"))
    yield api.token(payload=claims.encode()[:-1] + b',"x":"\xed\xa0\x80"}')
    yield api.token(payload='{"x": ' + "[" * 600 + "]" * 600 + "}")
    yield api.token({"exp": int(api.clock.now) - 3600}, key="unrelated")
    plain = encoded(compact({"alg": "HS256", "kid": api.seeded["own"].kid, "b64": False}))
    made = hmac.new(api.seeded["own"].secret.encode(), f"{plain}.{claims}".encode(), hashlib.sha256)
    yield f"{plain}.{encoded(claims)}.{encoded(made.digest())}"
    yield sealed(claims, api.seeded["own"].kid)


def sealed(claims: str, kid: str) -> str:
    """Encrypted with a key of zeros (RFC 7516 section 7.1)."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    head = encoded(compact({"alg": "dir", "enc": "A256GCM", "kid": kid}))
    made = AESGCM(bytes(32)).encrypt(bytes(12), claims.encode(), head.encode())
    return ".".join((head, "", encoded(bytes(12)), encoded(made[:-16]), encoded(made[-16:])))


def brought(api: KidApi) -> Iterator[str]:
    """By the key of a certificate that comes along."""
    from datetime import UTC, datetime

    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import Encoding

    key = ec.derive_private_key(7, ec.SECP256R1())
    name, moments = x509.Name([]), (datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, *moments)
    chain = [base64.b64encode(builder.sign(key, SHA256()).public_bytes(Encoding.DER)).decode()]
    header = {"alg": "ES256", "kid": api.seeded["own"].kid, "x5c": chain}
    yield jose.sign(header, {"exp": int(api.clock.now) + 3600}, jose.private(7))
