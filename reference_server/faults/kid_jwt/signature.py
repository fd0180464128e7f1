"""Faults: the signature is not verified, not by the right key, or not over all that it covers."""

from __future__ import annotations

import base64
import hmac
import json
from dataclasses import replace

from reference_server.faults.kid_jwt.entry import (
    BOUND_KID,
    COMMON,
    EMPTY_KEY,
    FOREIGN,
    HEADER,
    MIXED_UP,
    PAYLOAD,
    SIGNATURE,
    UNSIGNED,
    fault,
)
from reference_server.faults.kid_jwt.wrong import HASHES, also_holding, also_keyed, mac_holds
from reference_server.kid_jwt.behaviour import Behaviour, Facts, Jws
from reference_server.kid_jwt.records import Account


@fault(
    "jwt-signature-unchecked",
    "The signature of a JWT is not verified",
    breaks=(
        *UNSIGNED,
        *SIGNATURE,
        *PAYLOAD,
        *HEADER,
        *FOREIGN,
        *EMPTY_KEY,
        *COMMON,
        *BOUND_KID,
        *MIXED_UP,
    ),
)
def signature_unchecked(behaviour: Behaviour) -> Behaviour:
    """It is decoded, not verified: whoever knows a kid is its account, with any key, another account's and a
    static token among them. Algorithm, kid and claims are judged as before, so that none, an unknown kid and
    an expired token stay refused."""
    return replace(behaviour, holds=lambda facts, jws, account: True)


@fault("jwt-signature-optional", "A JWT with an empty signature is accepted", subtle=True, breaks=UNSIGNED)
def signature_optional(behaviour: Behaviour) -> Behaviour:
    """The signature is verified if there is one. The algorithm none, in whose tokens it is empty, stays
    refused by its name."""
    return also_holding(behaviour, lambda facts, jws, account: jws.signature == "")


@fault("jwt-third-part-optional", "A JWT without a third part is accepted", subtle=True, breaks=UNSIGNED)
def third_part_optional(behaviour: Behaviour) -> Behaviour:
    """As above, where the second dot is missing too. One part alone is no token yet."""

    def split(facts: Facts, token: str) -> tuple[str, str, str] | None:
        return behaviour.split(facts, token if token.count(".") != 1 else token + "._")

    return also_holding(replace(behaviour, split=split), lambda facts, jws, account: jws.signature == "_")


@fault(
    "jwt-signature-compared-in-part", "Only half of a signature is compared", subtle=True, breaks=SIGNATURE
)
def signature_compared_in_part(behaviour: Behaviour) -> Behaviour:
    """The first sixteen bytes. A signature with a bit changed in its middle is accepted; those over other
    claims, or by other keys, differ from the beginning."""

    def holds(facts: Facts, jws: Jws, account: Account) -> bool:
        right = hmac.new(account.secret.encode(), jws.signed.encode(), HASHES["HS256"]).digest()
        return base64.urlsafe_b64decode(jws.signature + "==")[:16] == right[:16]

    return also_holding(behaviour, holds)


@fault("jwt-subject-believed", "A JWT with a subject is not verified", subtle=True, breaks=PAYLOAD)
def subject_believed(behaviour: Behaviour) -> Behaviour:
    """What names a user is taken for a token of the manager app, which a gateway has verified. The claims
    that are changed under the old signature get a subject; no other token has one."""

    def holds(facts: Facts, jws: Jws, account: Account) -> bool:
        claims = behaviour.read_claims(facts, behaviour.decode(facts, jws.payload) or b"")
        return claims is not None and "sub" in claims

    return also_holding(behaviour, holds)


@fault(
    "jwt-header-normalised",
    "The signature is verified over a header written anew",
    subtle=True,
    breaks=HEADER,
)
def header_normalised(behaviour: Behaviour) -> Behaviour:
    """Members that the server knows are written out again, sorted, and that is what the signature is compared
    with. A member that was added later is not covered; other values of known members are."""

    def holds(facts: Facts, jws: Jws, account: Account) -> bool:
        members = {name: value for name, value in jws.header.items() if name in ("alg", "kid", "typ")}
        text = json.dumps(members, separators=(",", ":"), sort_keys=True)
        head = base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()
        return mac_holds(f"{head}.{jws.payload}", jws.signature, account.secret.encode())

    return also_holding(behaviour, holds)


@fault("jwt-embedded-key-trusted", "A key that a JWT brings along is trusted", breaks=FOREIGN)
def embedded_key_trusted(behaviour: Behaviour) -> Behaviour:
    """One of the foreign keys stands in the header itself; the unrelated one does not."""

    def holds(facts: Facts, jws: Jws, account: Account) -> bool:
        embedded = jws.header.get("jwk")
        if not isinstance(embedded, dict):
            return False
        key = behaviour.decode(facts, str(embedded.get("k")))
        return bool(key) and mac_holds(jws.signed, jws.signature, key or b"")

    return also_holding(behaviour, holds)


@fault("jwt-empty-key-accepted", "A JWT signed by an empty key is accepted", breaks=EMPTY_KEY)
def empty_key_accepted(behaviour: Behaviour) -> Behaviour:
    """An account without a secret of its own has the empty one. HMAC fills keys up with NULs, so that a key
    of NULs is an empty one. The file that is empty is named by a kid that nobody has."""
    return also_keyed(behaviour, "")


@fault("jwt-framework-secret", "Default secrets of frameworks are accepted", breaks=COMMON)
def framework_secret(behaviour: Behaviour) -> Behaviour:
    """Left behind from the first day. Three of the common secrets."""
    return also_keyed(behaviour, "secret", "changeme", "your-256-bit-secret")


@fault(
    "jwt-sample-secret",
    "The placeholder of the documentation's sample is a secret",
    subtle=True,
    breaks=COMMON,
)
def sample_secret(behaviour: Behaviour) -> Behaviour:
    """Accepted so that the sample runs as it is printed. One of the common secrets."""
    return also_keyed(behaviour, "[JWT_SECRET_KEY]")
