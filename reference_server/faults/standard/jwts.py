"""Faults of JWTs that this API shares with others, and what has no part in their sets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from reference_server import jwts, keypairs
from reference_server.faults.shared.macs import mac_holds
from reference_server.faults.shared.signed.adapter import Signed
from reference_server.faults.shared.signed.algorithm import ALGORITHM
from reference_server.faults.shared.signed.claims import CLAIMS
from reference_server.faults.shared.signed.expiry import EXPIRY
from reference_server.faults.shared.signed.form import FORM
from reference_server.faults.shared.signed.naming import NAMING, KeyNamed
from reference_server.faults.shared.signed.signature import SIGNATURE
from reference_server.faults.shared.signed.ways import also_holding
from reference_server.faults.shared.ways import also_parsing, in_group, reason_of
from reference_server.faults.standard import entry
from reference_server.faults.standard.entry import CATALOGUE, STATUS, because, fault
from reference_server.reading import Jws, decoded
from reference_server.standard.behaviour import Behaviour, Caller, Facts, Found, Refusal
from reference_server.standard.records import Signer
from reference_server.standard.verification import AUDIENCE, ISSUER

PREFIX = "standard-jwt-"
ALGORITHM_OF_MOST = "RS256"


def _first(facts: Facts) -> Signer:
    """The oldest pair, with which most tokens are signed."""
    return next(iter(facts.server.store.signers()))


def _claims(facts: Facts) -> Mapping[str, Any]:
    """Of its subject."""
    now = int(facts.now)
    named = {"iss": ISSUER, "aud": AUDIENCE, "sub": _first(facts).subject, "jti": "made-up"}
    return {**named, "iat": now, "exp": now + 60, "scope": "read write"}


def rsa_holds(jws: Jws, signer: Signer, algorithm: str) -> bool:
    """Whether the pair has signed it: by RS256 whatever its header says, by others as it should."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric import padding, rsa
    from cryptography.hazmat.primitives.hashes import SHA256

    from reference_server import jose

    key = keypairs.loaded(signer.private)
    if algorithm != ALGORITHM_OF_MOST:
        return False
    if signer.algorithm != algorithm or not isinstance(key, rsa.RSAPrivateKey):
        return jose.holds(jws.text, jose.pair(signer.private, signer.algorithm), signer.algorithm)
    try:
        key.public_key().verify(
            decoded(jws.signature) or b"", jws.signed.encode(), padding.PKCS1v15(), SHA256()
        )
    except InvalidSignature:
        return False
    return True


JWTS = Signed(
    refusal=Refusal,
    algorithm=ALGORITHM_OF_MOST,
    verifies=rsa_holds,
    header=lambda facts: {"alg": ALGORITHM_OF_MOST, "typ": "at+jwt", "kid": _first(facts).kid},
    claims=_claims,
    members=frozenset({"alg", "kid", "typ"}),
    registered=frozenset({"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "scope", "tenant", "client_id"}),
    subject=lambda claims: not str(claims.get("sub")).startswith("subject-"),
    malformed=(STATUS,),
    misnamed=(STATUS,),
    miswritten=(STATUS,),
    unsigned=("rfc7515/5.2-signature-missing", STATUS),
    signature=("rfc7515/5.2-signature-changed", STATUS),
    # the claims that are changed name a subject that is judged by itself
    payload=(),
    header_covered=("rfc7515/5.2-header-covered", STATUS),
    foreign=entry.FOREIGN_KEY,
    empty_key=(),
    common=(),
    bound=entry.KID_BOUND,
    expired=("rfc7519/4.1.4-expired-refused", STATUS),
    leeway=("rfc7519/4.1.4-leeway", STATUS),
    exp_type=("rfc7519/4.1.4-exp-type", STATUS),
    exp_string=("rfc7519/4.1.4-exp-string", STATUS),
    no_exp=("practice/expiry-required", STATUS),
    distant=("practice/far-expiry-accepted",),
    early=("rfc7519/4.1.5-early-refused", STATUS),
    nbf_type=("rfc7519/4.1.5-nbf-type", STATUS),
)

FORM.enter(
    CATALOGUE,
    JWTS,
    prefix=PREFIX,
    only=(
        "dot-behind-ignored",
        "header-of-any-type",
        "payload-null",
        "first-member-wins",
        "first-claim-wins",
        "unknown-member-refused",
    ),
)
SIGNATURE.enter(
    CATALOGUE,
    JWTS,
    prefix=PREFIX,
    only=("signature-unchecked", "signature-optional", "header-normalised"),
    also={
        "signature-unchecked": {
            **because("forged tokens are compared with others that are refused", *entry.UNIFORM),
            **because(
                "of other algorithms, with a certificate or an address of keys, nothing is verified either",
                *entry.SIGNATURE_RANGE,
                *entry.SIGNATURE_LENGTH,
                "asvs/9.1.3-certificate",
                "rfc8725/3.10-keys-at-address",
            ),
        }
    },
)
ALGORITHM.enter(
    CATALOGUE,
    JWTS,
    prefix=PREFIX,
    only=("none-with-signature", "algorithm-optional", "unknown-algorithm-falls-back", "crit-ignored"),
    also={
        "none-with-signature": because(
            "a token that says so under its old signature is compared with others", *entry.UNIFORM
        )
    },
)
EXPIRY.enter(
    CATALOGUE,
    JWTS,
    prefix=PREFIX,
    only=(
        "expiry-true-is-never",
        "expiry-text-is-converted",
        "expiry-zero-is-never",
        "expiry-with-fraction-refused",
        "expiry-out-of-range-crash",
        "expiry-of-a-decade-refused",
        "expiry-may-be-null",
        "long-leeway",
    ),
    levels={"expiry-of-a-decade-refused": "SHOULD"},
)
CLAIMS.enter(
    CATALOGUE,
    JWTS,
    prefix=PREFIX,
    only=(
        "beginning-ignored",
        "with-beginning-refused",
        "claim-of-null-refused",
        "infinity-accepted",
        "claims-in-query",
    ),
    ids={"claims-in-query": "claims-in-query"},
)
NAMING.enter(
    CATALOGUE,
    KeyNamed(
        first=_first,
        algorithm=ALGORITHM_OF_MOST,
        verifies=rsa_holds,
        missing=("practice/kid-required", STATUS),
        claimed=("practice/kid-in-header", STATUS),
        unknown=("rfc8725/3.8-kid-unknown", STATUS),
        hostile=("rfc8725/3.10-kid-untrusted", "asvs/1.2.5-kid-command", STATUS),
        long=("rfc7515/4.1.4-kid-type", STATUS),
        empty=("rfc7515/4.1.4-kid-type", STATUS),
    ),
    prefix=PREFIX,
)


@fault(
    "standard-jwt-line-end-dropped",
    "An encoded line end behind a token is dropped",
    subtle=True,
    breaks=("rfc7515/2-base64url", STATUS),
)
def line_end_dropped(behaviour: Behaviour) -> Behaviour:
    """As it is pasted from a file into an address. One of the foreign characters."""
    return also_parsing(behaviour, in_group("Bearer (.*)%0A"))


@fault(
    "standard-jwt-signature-compared-in-part",
    "Only half of a signature is compared",
    subtle=True,
    breaks=("rfc7515/5.2-signature-changed", STATUS),
    also=because(
        "a changed signature is tried after the right one, and compared with other causes",
        "asvs/9.1.1-cache-covers-signature",
        *entry.UNIFORM,
    ),
)
def signature_compared_in_part(behaviour: Behaviour) -> Behaviour:
    """The issuer is part of the server, and signs anew what comes to compare the two: RS256 gives the same
    each time. What is changed in the middle is behind the half; another key's differs from the beginning."""

    def holds(facts: Facts, jws: Jws, signer: Signer) -> bool:
        from cryptography.hazmat.primitives.asymmetric import padding, rsa
        from cryptography.hazmat.primitives.hashes import SHA256

        key = keypairs.loaded(signer.private)
        if not isinstance(key, rsa.RSAPrivateKey):
            return False
        right = key.sign(jws.signed.encode(), padding.PKCS1v15(), SHA256())
        return (decoded(jws.signature) or b"")[: len(right) // 2] == right[: len(right) // 2]

    return also_holding(behaviour, holds)


@fault(
    "unknown-subject-believed",
    "A token that does not hold is believed if nobody here has its subject",
    subtle=True,
    breaks=("rfc7515/5.2-payload-covered", STATUS),
    also=because(
        "changed claims of another subject are compared with what else is refused",
        *entry.UNIFORM,
        "asvs/9.1.1-no-claim-oracle",
    ),
)
def unknown_subject_believed(behaviour: Behaviour) -> Behaviour:
    """Taken for one of the former issuer's, whose tokens were to be looked up and are not. What holds is
    judged as before; of what does not, only changed claims name such a subject."""

    def verify(facts: Facts, token: str) -> Found:
        found = behaviour.verify(facts, token)
        jws = jwts.read(facts, token) if reason_of(found) == "bad-signature" else None
        claims = (jwts.claims(facts, jws) if jws else None) or {}
        if jws is None or str(claims.get("sub")).startswith("subject-"):
            return found
        signer = _first(facts)
        return Caller(str(claims.get("sub")), signer.owner, "jwt", behaviour.name_scopes(facts, claims))

    return replace(behaviour, verify=verify)


@fault(
    "public-key-is-a-secret-for-others",
    "The public key verifies an HMAC by SHA-384 or SHA-512",
    subtle=True,
    breaks=entry.PINNED,
)
def public_key_is_a_secret_for_others(behaviour: Behaviour) -> Behaviour:
    """HS256 was taken from the list when somebody heard of it, and its relatives were not. Such tokens are
    asked as the same key under another algorithm."""

    def pem(signer: Signer) -> bytes:
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        public = keypairs.loaded(signer.private).public_key()
        return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def judge_algorithm(facts: Facts, jws: Jws, signer: Signer) -> Refusal | None:
        named = jws.header.get("alg") in ("HS384", "HS512")
        return None if named else behaviour.judge_algorithm(facts, jws, signer)

    def holds(facts: Facts, jws: Jws, signer: Signer) -> bool:
        name = str(jws.header.get("alg"))
        return name in ("HS384", "HS512") and mac_holds(jws.signed, jws.signature, pem(signer), name)

    return also_holding(replace(behaviour, judge_algorithm=judge_algorithm), holds)
