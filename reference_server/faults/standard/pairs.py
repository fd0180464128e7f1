"""Faults: a token is verified by a key that is none for it, by another algorithm, or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from reference_server import keypairs
from reference_server.faults.shared.macs import mac_holds
from reference_server.faults.shared.signed.spellings import brought_key
from reference_server.faults.shared.signed.ways import also_holding
from reference_server.faults.shared.ways import holding_back
from reference_server.faults.standard import entry
from reference_server.faults.standard.entry import fault
from reference_server.reading import Jws, decoded
from reference_server.standard.behaviour import Behaviour, Caller, Facts, Found, Refusal
from reference_server.standard.records import Signer


def _named(jws: Jws) -> str:
    """The algorithm of the header, empty where it is no text."""
    name = jws.header.get("alg")
    return name if isinstance(name, str) else ""


def _by_header(
    behaviour: Behaviour, known: Callable[[str], bool], holds: Callable[[Facts, Jws, Signer], bool]
) -> Behaviour:
    """Let the header choose among the algorithms that `known` knows, and verify by `holds` then."""

    def judge_algorithm(facts: Facts, jws: Jws, signer: Signer) -> Refusal | None:
        return None if known(_named(jws)) else behaviour.judge_algorithm(facts, jws, signer)

    def chosen(facts: Facts, jws: Jws, signer: Signer) -> bool:
        return known(_named(jws)) and holds(facts, jws, signer)

    return also_holding(replace(behaviour, judge_algorithm=judge_algorithm), chosen)


# --- the public key as a secret ---------------------------------------------------------------------


def _forms(signer: Signer) -> Iterator[bytes]:
    """A public key in the forms in which a server may hold it."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    public = keypairs.loaded(signer.private).public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    yield public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    yield pem
    yield pem.rstrip(b"\n")
    yield pem.replace(b"\n", b"\r\n")
    yield b"".join(pem.splitlines()[1:-1])


def _confused(behaviour: Behaviour, forms: slice) -> Behaviour:
    def holds(facts: Facts, jws: Jws, signer: Signer) -> bool:
        keys = list(_forms(signer))[forms]
        return any(mac_holds(jws.signed, jws.signature, key) for key in keys)

    return _by_header(behaviour, lambda name: name == "HS256", holds)


@fault("public-key-is-a-secret", "The public key verifies an HMAC", breaks=entry.CONFUSED)
def public_key_is_a_secret(behaviour: Behaviour) -> Behaviour:
    """One function verifies with one key by whatever algorithm the header names; the key is a PEM text. With
    it, in four of its forms, anybody signs."""
    return _confused(behaviour, slice(1, None))


@fault(
    "public-key-is-a-secret-as-der",
    "The public key in DER verifies an HMAC",
    subtle=True,
    breaks=entry.CONFUSED,
)
def public_key_is_a_secret_as_der(behaviour: Behaviour) -> Behaviour:
    """As above, where keys are kept in binary."""
    return _confused(behaviour, slice(0, 1))


# --- the algorithm ----------------------------------------------------------------------------------


@fault(
    "any-algorithm-of-the-key", "Any algorithm for which a key could be used is accepted", breaks=entry.PINNED
)
def any_algorithm_of_the_key(behaviour: Behaviour) -> Behaviour:
    """The header chooses among those for RSA. RFC 8725 section 3.1 has each key used with one."""

    def holds(facts: Facts, jws: Jws, signer: Signer) -> bool:
        from reference_server import jose

        return signer.algorithm == "RS256" and jose.holds(
            jws.text, jose.pair(signer.private, "RS256"), _named(jws)
        )

    return _by_header(behaviour, lambda name: name in ("RS384", "RS512", "PS256"), holds)


@fault(
    "eddsa-unknown",
    "Tokens by EdDSA are refused",
    subtle=True,
    breaks=("rfc7519/7.2-valid-accepted",),
    also=entry.because(
        "what is asked with such tokens has no control", *entry.FOREIGN_KEY, *entry.KID_BOUND, *entry.SHOWN
    ),
)
def eddsa_unknown(behaviour: Behaviour) -> Behaviour:
    """The library is too old for it, and the key is published all the same."""

    def judge_algorithm(facts: Facts, jws: Jws, signer: Signer) -> Refusal | None:
        if signer.algorithm == "EdDSA":
            return Refusal("wrong-algorithm")
        return behaviour.judge_algorithm(facts, jws, signer)

    return replace(behaviour, judge_algorithm=judge_algorithm)


@fault("eddsa-unverified", "A signature by EdDSA is not verified", subtle=True, breaks=entry.FOREIGN_KEY)
def eddsa_unverified(behaviour: Behaviour) -> Behaviour:
    """A branch that was to be written later. Of the tokens by other keys the one by this algorithm; one that
    names the pair of another algorithm is refused for that."""
    return also_holding(behaviour, lambda facts, jws, signer: signer.algorithm == "EdDSA")


# --- the key ----------------------------------------------------------------------------------------


@fault(
    "kid-is-a-hint", "The pair that a kid names is tried first, and then all others", breaks=entry.KID_BOUND
)
def kid_is_a_hint(behaviour: Behaviour) -> Behaviour:
    """Whoever has one of the keys can use it under each of the names, that of another tenant too. A name of
    no key is refused as before."""

    def fitting(facts: Facts, jws: Jws) -> Iterator[Signer]:
        return (each for each in facts.server.store.signers() if each.algorithm == _named(jws))

    def judge_algorithm(facts: Facts, jws: Jws, signer: Signer) -> Refusal | None:
        refusal = behaviour.judge_algorithm(facts, jws, signer)
        return refusal if refusal and not any(fitting(facts, jws)) else None

    def holds(facts: Facts, jws: Jws, signer: Signer) -> bool:
        return any(behaviour.holds(facts, jws, each) for each in fitting(facts, jws))

    return replace(behaviour, judge_algorithm=judge_algorithm, holds=holds)


def _brought(behaviour: Behaviour, read: Callable[[Jws], Any]) -> Behaviour:
    """Believe what is signed by the key, in PEM, that `read` finds in a header."""

    def holds(facts: Facts, jws: Jws, signer: Signer) -> bool:
        from reference_server import jose

        pem = read(jws)
        return bool(pem) and jose.holds(jws.text, jose.pair(pem, signer.algorithm), signer.algorithm)

    return also_holding(behaviour, holds)


@fault("brought-key-trusted", "A public key that a token brings along is trusted", breaks=entry.FOREIGN_KEY)
def brought_key_trusted(behaviour: Behaviour) -> Behaviour:
    """As jwk in its header. Of the tokens by other keys only those have it."""

    def read(jws: Jws) -> str | None:
        from joserfc.jwk import JWKRegistry

        brought = jws.header.get("jwk")
        if not isinstance(brought, dict) or brought.get("kty") not in ("RSA", "EC"):
            return None
        key: Any = JWKRegistry.import_key(brought)
        return str(key.as_pem(private=False).decode())

    return _brought(behaviour, read)


@fault(
    "brought-certificate-trusted",
    "A certificate that a token brings along is trusted",
    breaks=("asvs/9.1.3-certificate", entry.STATUS),
)
def brought_certificate_trusted(behaviour: Behaviour) -> Behaviour:
    """Its signature is verified, with the key that is in it; who has issued it nobody asks."""

    return _brought(behaviour, brought_key)


@fault("kid-in-shell", "A kid is put into a command line", breaks=("asvs/1.2.5-kid-command",))
def kid_in_shell(behaviour: Behaviour) -> Behaviour:
    """The command that reads the key runs what it finds in its name: each of the four waits as long as it
    says, and is refused then."""
    return holding_back(
        behaviour, 4.0, lambda facts: any(map(_sleeps, facts.request.values("authorization")))
    )


def _sleeps(value: str) -> bool:
    head = decoded(value.partition(" ")[2].partition(".")[0])
    return head is not None and b"sleep " in head


# --- the signature ----------------------------------------------------------------------------------


def _numbers(jws: Jws) -> tuple[int, int] | None:
    """The two of a signature of ECDSA on P-256; None where it has another length."""
    raw = decoded(jws.signature) or b""
    halves = (raw[:32], raw[32:])
    return (int.from_bytes(halves[0], "big"), int.from_bytes(halves[1], "big")) if len(raw) == 64 else None


@fault("ecdsa-of-zeros", "A signature of ECDSA with a zero in it holds", breaks=entry.SIGNATURE_RANGE)
def ecdsa_of_zeros(behaviour: Behaviour) -> Behaviour:
    """That both numbers are greater than zero and less than the order was left to the caller, as in Java for
    some time. Both, or one of them."""

    def holds(facts: Facts, jws: Jws, signer: Signer) -> bool:
        numbers = _numbers(jws)
        return signer.algorithm == "ES256" and numbers is not None and 0 in numbers

    return also_holding(behaviour, holds)


def _ecdsa(signer: Signer, jws: Jws, der: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.hashes import SHA256

    key = keypairs.loaded(signer.private)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        return False
    try:
        key.public_key().verify(der, jws.signed.encode(), ec.ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


@fault("ecdsa-as-der", "A signature of ECDSA in ASN.1 holds", breaks=entry.SIGNATURE_LENGTH)
def ecdsa_as_der(behaviour: Behaviour) -> Behaviour:
    """As libraries make it that know nothing of JWTs; RFC 7518 section 3.4 has two numbers of 32 octets."""
    return also_holding(
        behaviour, lambda facts, jws, signer: _ecdsa(signer, jws, decoded(jws.signature) or b"")
    )


@fault(
    "ecdsa-of-any-length",
    "A signature of ECDSA is cut in halves, however long they are",
    subtle=True,
    breaks=entry.SIGNATURE_LENGTH,
)
def ecdsa_of_any_length(behaviour: Behaviour) -> Behaviour:
    """With a zero before each of the numbers they are the same."""

    def holds(facts: Facts, jws: Jws, signer: Signer) -> bool:
        from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

        raw = decoded(jws.signature) or b""
        half = len(raw) // 2
        numbers = (int.from_bytes(raw[:half], "big"), int.from_bytes(raw[half:], "big"))
        return half == 33 and _ecdsa(signer, jws, encode_dss_signature(*numbers))

    return also_holding(behaviour, holds)


@fault(
    "verified-caller-remembered",
    "Of a caller in heavy use the signature is verified no more",
    subtle=True,
    breaks=("asvs/9.1.1-cache-covers-signature", entry.STATUS),
)
def verified_caller_remembered(behaviour: Behaviour) -> Behaviour:
    """Twenty accepted tokens in a row on a connection vouch for those that follow, up to the third that does
    not hold; the next one that does begins a new row, so that a control behind ends it. Nothing else is asked
    so often without a refusal between."""
    rows: dict[int, tuple[int, int]] = {}
    last: dict[int, Caller] = {}

    def verify(facts: Facts, token: str) -> Found:
        found = behaviour.verify(facts, token)
        connection = facts.request.connection
        accepted, believed = rows.get(connection, (0, 0))
        if isinstance(found, Caller):
            rows[connection], last[connection] = (1 if believed else accepted + 1, 0), found
            return found
        if found.reason != "bad-signature" or accepted < 20 or believed > 2:
            rows[connection] = (0, 0)
            return found
        rows[connection] = (accepted, believed + 1)
        return last[connection]

    return replace(behaviour, verify=verify)
