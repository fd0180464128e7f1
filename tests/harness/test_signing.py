"""JWTs that are signed with private keys: accepted as they are, and each way to make them wrong."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from random import Random
from typing import Any

import jwt
import pytest
from scene import WRITTEN, credential

from harness.credentials import MECHANISMS, CannotSpoil
from harness.credentials.presented import Values
from harness.credentials.signing import loaded, own_key, public_form, signature
from harness.credentials.written import FORMS
from harness.model import Spoil

ALGORITHMS = ("RS256", "PS256", "ES256", "ES384", "EdDSA")
KEYS = {alg: own_key.__wrapped__(alg).decode() for alg in ALGORITHMS}
CLAIMS = {
    "iss": "https://issuer.example",
    "aud": "https://api.example",
    "sub": {"setting": "sub"},
    "scope": "read",
}
SETTINGS = {"kid": "key-1", "sub": "alice"}


def token(alg: str, part: str | None = None, change: Any = None, **settings: str) -> str:
    spoil = Spoil(part, change, False, WRITTEN) if part else None
    options = {"made-by": "harness", "alg": alg, "typ": "at+jwt", "claims": CLAIMS}
    kind = replace(credential(), mechanism="jwt", options=options)
    values = Values(
        Random(1), {}, {**SETTINGS, **settings}, {"other": ("secret", {"kid": "key-2", "sub": "bob"})}
    )
    ((_, value),) = MECHANISMS["jwt"].present(kind, KEYS[alg], spoil, values).fields
    return value.removeprefix("Bearer ")


def read(written: str, alg: str) -> dict[str, Any]:
    public: Any = loaded(KEYS[alg].encode()).public_key()
    found: dict[str, Any] = jwt.decode(written, public, [alg], audience="https://api.example")
    return found


def header(written: str) -> dict[str, Any]:
    head = written.split(".")[0]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    return found


# A token is signed by the algorithm of its key, and says who it is about as the target has it.
@pytest.mark.parametrize("alg", ALGORITHMS)
def test_signed(alg: str) -> None:
    made = token(alg)
    assert header(made) == {"alg": alg, "typ": "at+jwt", "kid": "key-1"}
    assert read(made, alg)["sub"] == "alice"


# Changed claims and members are signed anew, with the right key.
@pytest.mark.parametrize("alg", ALGORITHMS)
def test_signed_anew(alg: str) -> None:
    assert read(token(alg, "claims", {"sub": {"of": "other"}}), alg)["sub"] == "bob"
    assert read(token(alg, "claims", {"aud": ["x", {"right": "it"}]}), alg)["aud"] == [
        "x",
        "https://api.example",
    ]
    assert header(token(alg, "header", {"kid": {"of": "other"}}))["kid"] == "key-2"


# What is signed by another key, or brings one along, does not verify.
@pytest.mark.parametrize("alg", ALGORITHMS)
@pytest.mark.parametrize(
    ("part", "change"),
    [
        ("key", {"like": "it"}),
        ("embed", {"as": "jwk"}),
        ("embed", {"as": "x5c"}),
        ("forge", {"claims": {"exp": 1}, "key": {"like": "it"}}),
        ("signature", {"bytes": "00" * 64}),
        ("signature", {"like": "it"}),
    ],
)
def test_another_key(alg: str, part: str, change: Any) -> None:
    with pytest.raises(jwt.InvalidSignatureError):
        read(token(alg, part, change), alg)


# The key of another credential may be of another type than the token: it signs as it can.
@pytest.mark.parametrize("theirs", ["RS256", "ES256", "ES384", "EdDSA"])
@pytest.mark.parametrize("ours", ["RS256", "ES256", "EdDSA"])
def test_a_key_of_another_type(ours: str, theirs: str) -> None:
    message = b"header.payload"
    public: Any = loaded(KEYS[theirs].encode()).public_key()
    made = signature(KEYS[theirs], ours, ours, message)
    assert jwt.get_algorithm_by_name(theirs).verify(message, public, made)


# A server that takes its public key for a secret would accept what that key signs.
@pytest.mark.parametrize(
    "form", ["pem", "pem-crlf", "pem-stripped", "pem-indented", "der", "pkcs1", "jwk", "base64"]
)
def test_confused(form: str) -> None:
    made = token("RS256", "confuse", form)
    assert header(made)["alg"] == "HS256"
    signed, last = made.rsplit(".", 1)
    secret = public_form(KEYS["RS256"].encode(), form)
    algorithm = jwt.get_algorithm_by_name("HS256")
    assert algorithm.verify(signed.encode(), secret, base64.urlsafe_b64decode(last + "=="))


# What cannot be done to a credential says why.
@pytest.mark.parametrize(
    ("alg", "part", "change", "why"),
    [
        ("ES256", "confuse", "pkcs1", "only keys for RSA have a form of PKCS #1"),
        ("RS256", "key", "secret", "such a key is a shared secret, where this credential has a private key"),
        ("RS256", "written", "der-signature", "a signature by RS256 is none of ECDSA"),
        ("ES256", "written", "encrypted-to-public-key", "nothing is encrypted to a key that is none for RSA"),
        (
            "ES384",
            "written",
            "respelled-signature",
            "the last character of this signature has no bits",
        ),
        (
            "RS256",
            "claims",
            {"sub": {"setting": "tenant"}},
            "the target does not say the tenant",
        ),
    ],
)
def test_cannot(alg: str, part: str, change: Any, why: str) -> None:
    with pytest.raises(CannotSpoil, match=why.replace("(", r"\(").replace("#", r"\#")):
        token(alg, part, change)


# No other form of a token is one that a library for JWTs reads, but for charsets that Python guesses.
@pytest.mark.parametrize("form", sorted({*FORMS} - {"utf-16-le", "utf-16-be", "invalid-utf-8"}))
def test_other_forms(form: str) -> None:
    alg = "ES256" if form in ("der-signature", "longer-signature") else "RS256"
    with pytest.raises(jwt.InvalidTokenError):
        read(token(alg, "written", form), alg)


# Half of a surrogate pair, and two bytes for each character, are no UTF-8.
@pytest.mark.parametrize(
    ("form", "begin", "end"),
    [
        ("utf-16-le", b'{\0"\0', b"}\0"),
        ("utf-16-be", b'\0{\0"', b"\0}"),
        ("invalid-utf-8", b'{"', b'\xed\xa0\x80"}'),
    ],
)
def test_other_charsets(form: str, begin: bytes, end: bytes) -> None:
    payload = token("RS256", "written", form).split(".")[1]
    raw = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
    assert raw.startswith(begin) and raw.endswith(end)


# A key that is none is told as such, before anything is sent.
def test_no_key() -> None:
    with pytest.raises(CannotSpoil, match="the signing key cannot be read"):
        loaded(b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----")
