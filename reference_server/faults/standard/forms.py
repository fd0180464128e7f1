"""Faults: a token of another type or in another form is read, or one costs the server dear."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from reference_server import keypairs
from reference_server.faults.shared.crashes import crash_if, crashing
from reference_server.faults.shared.ways import also_parsing
from reference_server.faults.standard import entry
from reference_server.faults.standard.entry import fault
from reference_server.faults.standard.wrong import holding_back
from reference_server.reading import Jws, decoded, json_object
from reference_server.standard.behaviour import Behaviour, Caller, Claims, Facts, Found, Refusal
from reference_server.standard.records import ALL, Scopes, Signer

# --- the type ---------------------------------------------------------------------------------------


@fault(
    "type-unchecked",
    "The type of a token is not looked at",
    breaks=(*entry.TYPE, "asvs/9.2.2-other-kind"),
    also=entry.because("what has no scope is refused all the same, with 403", "asvs/9.2.2-id-token"),
)
def type_unchecked(behaviour: Behaviour) -> Behaviour:
    """Whatever the issuer has signed for whatever purpose. Without a scope it may do nothing, but it has been
    let in: a refresh token and an assertion have one."""
    return replace(behaviour, judge_type=lambda facts, jws: None)


@fault(
    "id-token-opens",
    "A JWT without a scope has all of them, and need be no access token",
    breaks=(*entry.TYPE, "asvs/9.2.2-id-token", "asvs/9.2.2-other-kind", *entry.NO_SCOPE),
    also=entry.because("a scope of null is none", "asvs/10.3.2-scope-type"),
)
def id_token_opens(behaviour: Behaviour) -> Behaviour:
    """Made for a browser application that had nothing but its ID token."""

    def name_scopes(facts: Facts, claims: Claims) -> Scopes:
        return behaviour.name_scopes(facts, claims) if claims.get("scope") is not None else ALL

    return replace(behaviour, judge_type=lambda facts, jws: None, name_scopes=name_scopes)


@fault("type-optional", "A token need not say that it is an access token", subtle=True, breaks=entry.TYPE)
def type_optional(behaviour: Behaviour) -> Behaviour:
    """RFC 7519 section 5.1 allows to leave it out; RFC 9068 section 4 does not. The absent and empty type."""

    def judge_type(facts: Facts, jws: Jws) -> Refusal | None:
        return behaviour.judge_type(facts, jws) if jws.header.get("typ") else None

    return replace(behaviour, judge_type=judge_type)


@fault(
    "type-in-short-only",
    "Only the short name of the type is known",
    subtle=True,
    breaks=("rfc9068/4-type-spelling",),
    level="SHOULD",
)
def type_in_short_only(behaviour: Behaviour) -> Behaviour:
    """Compared as a text, letter case included: both other spellings are refused."""

    def judge_type(facts: Facts, jws: Jws) -> Refusal | None:
        return None if jws.header.get("typ") == "at+jwt" else Refusal("wrong-type")

    return replace(behaviour, judge_type=judge_type)


@fault(
    "granted-without-client", "A token that is granted does not say to whom", breaks=("rfc9068/2.2-claims",)
)
def granted_without_client(behaviour: Behaviour) -> Behaviour:
    """As tokens were before RFC 9068: the subject was thought to be enough."""

    def claim(facts: Facts, caller: Caller, signer: Signer) -> Claims:
        claims = behaviour.claim(facts, caller, signer)
        return {name: value for name, value in claims.items() if name != "client_id"}

    return replace(behaviour, claim=claim)


# --- the form ---------------------------------------------------------------------------------------


@fault("json-serialization-read", "A token as JSON is read", breaks=("rfc7519/1-compact",))
def json_serialization_read(behaviour: Behaviour) -> Behaviour:
    """The library knows both forms, and the server lets it choose. The flattened one, with dots in it or
    without."""

    def read(value: str) -> str | None:
        parts = json_object(value.partition(" ")[2].encode("latin-1"))
        members = [parts.get(name) for name in ("protected", "payload", "signature")] if parts else []
        return ".".join(map(str, members)) if members and all(members) else None

    return also_parsing(behaviour, read)


@fault(
    "unencoded-payload-read",
    "An unencoded payload is read where the header says so",
    breaks=("rfc7797/6-critical", entry.STATUS),
)
def unencoded_payload_read(behaviour: Behaviour) -> Behaviour:
    """That b64 must be critical is not looked at: what others take for a wrong signature holds here."""

    def judge_extensions(facts: Facts, jws: Jws) -> Refusal | None:
        plain = jws.header.get("b64") is False and "crit" not in jws.header
        return None if plain else behaviour.judge_extensions(facts, jws)

    def holds(facts: Facts, jws: Jws, signer: Signer) -> bool:
        if jws.header.get("b64") is not False:
            return behaviour.holds(facts, jws, signer)
        payload = decoded(jws.payload) or b""
        return _rsa_holds(signer, f"{jws.head}.".encode() + payload, decoded(jws.signature) or b"")

    return replace(behaviour, judge_extensions=judge_extensions, holds=holds)


def _rsa_holds(signer: Signer, message: bytes, signature: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric import padding, rsa
    from cryptography.hazmat.primitives.hashes import SHA256

    key = keypairs.loaded(signer.private)
    if not isinstance(key, rsa.RSAPrivateKey):
        return False
    try:
        key.public_key().verify(signature, message, padding.PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return True


def _reading_claims(behaviour: Behaviour, read: Callable[[bytes], Any]) -> Behaviour:
    def read_claims(facts: Facts, raw: bytes) -> Claims | None:
        try:
            found = read(raw)
        except ValueError:
            return None
        return found if isinstance(found, dict) else None

    return replace(
        behaviour,
        read_claims=lambda facts, raw: behaviour.read_claims(facts, raw) or read_claims(facts, raw),
    )


@fault("claims-in-any-encoding", "Claims in UTF-16 are read", breaks=entry.ENCODING)
def claims_in_any_encoding(behaviour: Behaviour) -> Behaviour:
    """Python's parser guesses the encoding of bytes. RFC 7519 section 7.1 has them in UTF-8."""
    return _reading_claims(behaviour, _guessed)


def _guessed(raw: bytes) -> Any:
    return json.loads(raw) if raw[:1] == b"\0" or raw[1:2] == b"\0" else None


@fault("claims-mended", "What is no UTF-8 in claims is passed over", subtle=True, breaks=entry.ENCODING)
def claims_mended(behaviour: Behaviour) -> Behaviour:
    """Replaced by the decoder. One of the encodings is nearly right, the others are no JSON then."""
    return _reading_claims(
        behaviour, lambda raw: json.loads(raw.decode("utf-8", "replace")) if b"\xed\xa0" in raw else None
    )


@fault(
    "encrypted-is-enough",
    "A token that is encrypted need not be signed",
    breaks=("asvs/9.1.1-not-encrypted-alone", entry.STATUS),
)
def encrypted_is_enough(behaviour: Behaviour) -> Behaviour:
    """It was encrypted to the server's key, so that it is taken for the issuer's. Anybody has that key."""

    def verify(facts: Facts, token: str) -> Found:
        signer = facts.server.store.signer(str(_head(token).get("kid")))
        claims = _decrypted(signer, token) if signer and token.count(".") == 4 else None
        if signer is None or claims is None:
            return behaviour.verify(facts, token)
        refusal = behaviour.judge_claims(facts, claims, signer)
        scopes = behaviour.name_scopes(facts, claims)
        return refusal or Caller(signer.subject, signer.owner, "jwt", scopes)

    return replace(behaviour, verify=verify)


def _head(token: str) -> Mapping[str, Any]:
    return json_object(decoded(token.partition(".")[0]) or b"") or {}


def _decrypted(signer: Signer, token: str) -> Claims | None:
    from joserfc import jwe
    from joserfc.errors import JoseError

    from reference_server import jose

    try:
        opened = jwe.decrypt_compact(
            token, jose.pair(signer.private, signer.algorithm), ["RSA-OAEP-256", "A256GCM"]
        )
    except (JoseError, ValueError):
        return None
    return json_object(opened.plaintext or b"")


# --- what it costs ----------------------------------------------------------------------------------


def _sent(facts: Facts) -> str:
    return "".join(facts.request.values("authorization"))


@fault(
    "password-iterations-unbounded",
    "A key is derived from a password, however long it takes",
    breaks=("practice/password-iterations",),
    level="SHOULD",
)
def password_iterations_unbounded(behaviour: Behaviour) -> Behaviour:
    """The number of steps is in the token, and is believed. Here the server takes three seconds over them."""

    def slow(facts: Facts) -> bool:
        return str(_head(_sent(facts).partition(" ")[2]).get("alg")).startswith("PBES2")

    return holding_back(behaviour, 3.0, slow)


@fault(
    "nesting-overflows",
    "Thousands of arrays within each other bring the server down",
    breaks=("asvs/16.5.3-nesting",),
    level="SHOULD",
)
def nesting_overflows(behaviour: Behaviour) -> Behaviour:
    """The parser calls itself for each, and what comes of that is caught by nobody."""

    def read_claims(facts: Facts, raw: bytes) -> Claims | None:
        crash_if(raw.count(b"[") > 500)
        return behaviour.read_claims(facts, raw)

    return crashing(replace(behaviour, read_claims=read_claims))


@fault(
    "dots-cost-dearly",
    "Thousands of dots take seconds to be taken apart",
    breaks=("practice/many-dots",),
    level="SHOULD",
)
def dots_cost_dearly(behaviour: Behaviour) -> Behaviour:
    """An expression that tries all ways to divide a text. It is refused in the end."""
    return holding_back(behaviour, 3.0, lambda facts: _sent(facts).count(".") > 1000)


@fault(
    "long-token-crash", "A token that is too long brings the server down", breaks=("rfc9110/5.4-oversized",)
)
def long_token_crash(behaviour: Behaviour) -> Behaviour:
    """Its copy has a fixed place in memory. What is longer than a head may be is refused before."""

    def parse(facts: Facts, value: str) -> str | None:
        crash_if(len(value) > 8192)
        return behaviour.parse(facts, value)

    return crashing(replace(behaviour, parse=parse))
