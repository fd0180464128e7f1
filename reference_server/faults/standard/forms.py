"""Faults: a token of another type or in another form is read, or one costs the server dear."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from reference_server import keypairs
from reference_server.faults.shared.brought_down import BROUGHT_DOWN, Borne
from reference_server.faults.shared.signed.spellings import SPELLINGS, Spelled
from reference_server.faults.standard import entry
from reference_server.faults.standard.entry import CATALOGUE, fault
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

_SPELLINGS = {
    "as-json-read": "json-serialization-read",
    "claims-in-utf-16": "claims-in-any-encoding",
    "no-utf-8-passed-over": "claims-mended",
    "iterations-unbounded": "password-iterations-unbounded",
    "nesting-crash": "nesting-overflows",
    "dots-cost-dearly": "dots-cost-dearly",
}
SPELLINGS.enter(CATALOGUE, Spelled(malformed=(entry.STATUS,)), ids=_SPELLINGS, only=_SPELLINGS)


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

BROUGHT_DOWN.enter(
    CATALOGUE, Borne(token="token"), only=("long-crash",), ids={"long-crash": "long-token-crash"}
)
