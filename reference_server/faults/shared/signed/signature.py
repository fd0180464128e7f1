"""Faults: the signature is not verified, not by the right key, or not over all that it covers."""

from __future__ import annotations

import base64
import hmac
import json
from dataclasses import replace

from reference_server.faults.shared.decisions import Facts
from reference_server.faults.shared.macs import HASHES, mac_holds
from reference_server.faults.shared.sets import FaultSet, because
from reference_server.faults.shared.signed.adapter import Holder, Signed, V
from reference_server.faults.shared.signed.ways import also_holding, also_keyed
from reference_server.reading import Jws

SIGNATURE: FaultSet[Signed] = FaultSet()
fault = SIGNATURE.fault

CACHED = "asvs/9.1.1-cache-covers-signature"
ORACLE = "asvs/9.1.1-no-claim-oracle"


@fault(
    "signature-unchecked",
    "The signature of a JWT is not verified",
    breaks=lambda api: (
        *api.unsigned,
        *api.signature,
        *api.payload,
        *api.header_covered,
        *api.foreign,
        *api.empty_key,
        *api.common,
        *api.bound,
    ),
    also=lambda api: because(
        "whatever is said of a token whose signature is not looked at is said of a genuine one",
        CACHED,
        ORACLE,
        "practice/expired-needs-signature",
    ),
)
def signature_unchecked(api: Signed, behaviour: V) -> V:
    """It is decoded, not verified: whoever is known is believed, with any key, another account's and a
    static token among them. Algorithm, kid and claims are judged as before, so that none, an unknown kid and
    an expired token stay refused."""
    return replace(behaviour, holds=lambda facts, jws, account: True)


@fault(
    "signature-optional",
    "A JWT with an empty signature is accepted",
    subtle=True,
    breaks=lambda api: api.unsigned,
)
def signature_optional(api: Signed, behaviour: V) -> V:
    """The signature is verified if there is one. The algorithm none, in whose tokens it is empty, stays
    refused by its name."""
    return also_holding(behaviour, lambda facts, jws, account: jws.signature == "")


@fault(
    "third-part-optional",
    "A JWT without a third part is accepted",
    subtle=True,
    breaks=lambda api: api.unsigned,
)
def third_part_optional(api: Signed, behaviour: V) -> V:
    """As above, where the second dot is missing too. One part alone is no token yet."""

    def split(facts: Facts, token: str) -> tuple[str, str, str] | None:
        return behaviour.split(facts, token if token.count(".") != 1 else token + "._")

    return also_holding(replace(behaviour, split=split), lambda facts, jws, account: jws.signature == "_")


@fault(
    "signature-compared-in-part",
    "Only half of a signature is compared",
    subtle=True,
    breaks=lambda api: api.signature,
    also=lambda api: because("a changed signature is tried after the right one, too", CACHED),
)
def signature_compared_in_part(api: Signed, behaviour: V) -> V:
    """The first sixteen bytes. A signature with a bit changed in its middle is accepted; those over other
    claims, or by other keys, differ from the beginning."""

    def holds(facts: Facts, jws: Jws, account: Holder) -> bool:
        right = hmac.new(account.secret.encode(), jws.signed.encode(), HASHES["HS256"]).digest()
        return base64.urlsafe_b64decode(jws.signature + "==")[:16] == right[:16]

    return also_holding(behaviour, holds)


@fault(
    "subject-believed",
    "A JWT with an undocumented subject is not verified",
    subtle=True,
    breaks=lambda api: api.payload,
    also=lambda api: because("changed claims of a token that has expired are believed, too", ORACLE),
)
def subject_believed(api: Signed, behaviour: V) -> V:
    """Such a one is taken for a token that a gateway has verified. The claims that are changed under the old
    signature get one; no other token has it."""

    def holds(facts: Facts, jws: Jws, account: Holder) -> bool:
        claims = behaviour.read_claims(facts, behaviour.decode(facts, jws.payload) or b"")
        return claims is not None and api.subject(claims)

    return also_holding(behaviour, holds)


@fault(
    "header-normalised",
    "The signature is verified over a header written anew",
    subtle=True,
    breaks=lambda api: api.header_covered,
)
def header_normalised(api: Signed, behaviour: V) -> V:
    """Members that the server knows are written out again, sorted, and that is what the signature is compared
    with. A member that was added later is not covered; other values of known members are."""

    def holds(facts: Facts, jws: Jws, account: Holder) -> bool:
        members = {name: value for name, value in jws.header.items() if name in api.members}
        text = json.dumps(members, separators=(",", ":"), sort_keys=True)
        head = base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()
        return api.verifies(replace(jws, head=head), account, api.algorithm)

    return also_holding(behaviour, holds)


@fault("embedded-key-trusted", "A key that a JWT brings along is trusted", breaks=lambda api: api.foreign)
def embedded_key_trusted(api: Signed, behaviour: V) -> V:
    """One of the foreign keys stands in the header itself; the unrelated one does not."""

    def holds(facts: Facts, jws: Jws, account: Holder) -> bool:
        embedded = jws.header.get("jwk")
        if not isinstance(embedded, dict):
            return False
        key = behaviour.decode(facts, str(embedded.get("k")))
        return bool(key) and mac_holds(jws.signed, jws.signature, key or b"")

    return also_holding(behaviour, holds)


@fault("empty-key-accepted", "A JWT signed by an empty key is accepted", breaks=lambda api: api.empty_key)
def empty_key_accepted(api: Signed, behaviour: V) -> V:
    """An account without a secret of its own has the empty one. HMAC fills keys up with NULs, so that a key
    of NULs is an empty one. The file that is empty is named by a kid that nobody has."""
    return also_keyed(behaviour, "")


@fault("framework-secret", "Default secrets of frameworks are accepted", breaks=lambda api: api.common)
def framework_secret(api: Signed, behaviour: V) -> V:
    """Left behind from the first day. Three of the common secrets."""
    return also_keyed(behaviour, "secret", "changeme", "your-256-bit-secret")


@fault(
    "sample-secret",
    "The placeholder of the documentation's sample is a secret",
    subtle=True,
    breaks=lambda api: api.common,
)
def sample_secret(api: Signed, behaviour: V) -> V:
    """Accepted so that the sample runs as it is printed. One of the common secrets."""
    return also_keyed(behaviour, api.sample)
