"""Faults: a token is believed that was not granted so, or is over, or does not stand where it should."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from reference_server import reading
from reference_server.faults.origoid.entry import (
    COMMON,
    EMPTY_KEY,
    ENDED,
    EXPIRED,
    FOREIGN,
    HEADER,
    NONE,
    PARTS,
    PAYLOAD,
    SIGNATURE,
    UNIFORM,
    UNSIGNED,
    because,
    fault,
)
from reference_server.faults.origoid.wrong import also_holding, bearing, by_id_alone
from reference_server.faults.shared.macs import HASHES, mac_holds
from reference_server.origoid.behaviour import Behaviour, Facts, Found, Refusal
from reference_server.origoid.records import Key
from reference_server.reading import Jws

_CONFLICT = ("practice/conflict-not-mixed",)
_REMEMBERED = "asvs/9.1.1-cache-covers-signature"
"""A token with another signature, after the right one was verified."""
_ORACLE = "asvs/9.1.1-no-claim-oracle"
"""Forged tokens of several claims, which are to be answered alike."""

# --- the signature -------------------------------------------------------------------------------


@fault(
    "token-signature-unchecked",
    "The signature of a token is not verified",
    breaks=(
        *UNSIGNED,
        *SIGNATURE,
        *PAYLOAD,
        *HEADER,
        *FOREIGN,
        *EMPTY_KEY,
        *COMMON,
        *UNIFORM,
        _REMEMBERED,
        _ORACLE,
    ),
    also=because("a forged token of the other account makes a conflict of its own", *_CONFLICT),
)
def signature_unchecked(behaviour: Behaviour) -> Behaviour:
    """It is decoded and not verified, and the id alone says whose it is: with an empty signature, one that
    was changed, other claims, another header, and by any key. Without a third part it is no token, and its
    algorithm is looked at."""
    return by_id_alone(replace(behaviour, holds=lambda facts, jws: True))


@fault(
    "token-signature-optional",
    "A token with an empty signature is accepted",
    subtle=True,
    breaks=UNSIGNED,
)
def signature_optional(behaviour: Behaviour) -> Behaviour:
    """It is verified if there is one. The algorithm none keeps its old signature in what is tried."""
    return also_holding(behaviour, lambda facts, jws: jws.signature == "")


@fault(
    "token-third-part-optional",
    "A token without a third part is accepted",
    subtle=True,
    breaks=(*UNSIGNED, *UNIFORM),
)
def third_part_optional(behaviour: Behaviour) -> Behaviour:
    """As above, where the second dot is missing too. It is one of the causes that are compared."""

    def read_token(facts: Facts, token: str) -> Jws | None:
        return behaviour.read_token(facts, token + "._w" if token.count(".") == 1 else token)

    return also_holding(replace(behaviour, read_token=read_token), lambda facts, jws: jws.signature == "_w")


@fault(
    "token-signature-compared-in-part",
    "Only half of a signature is compared",
    subtle=True,
    breaks=(*SIGNATURE, *UNIFORM, _REMEMBERED),
)
def signature_compared_in_part(behaviour: Behaviour) -> Behaviour:
    """The first sixteen bytes. A signature with a bit changed in its middle is accepted, by the exchange as
    well; those over other claims, or by other keys, differ from the beginning."""

    def holds(facts: Facts, jws: Jws) -> bool:
        right = hmac.new(facts.server.secret.encode(), jws.signed.encode(), HASHES["HS256"]).digest()
        return (reading.decoded(jws.signature) or b"")[:16] == right[:16]

    return also_holding(behaviour, holds)


@fault(
    "token-changed-claims-believed",
    "A token with a subject that nobody is is not verified",
    subtle=True,
    breaks=(*PAYLOAD, *UNIFORM, _ORACLE),
)
def changed_claims_believed(behaviour: Behaviour) -> Behaviour:
    """A subject of another kind is taken for a user of the directory, whose tokens a gateway has verified.
    The claims that are changed under the old signature get one."""

    def holds(facts: Facts, jws: Jws) -> bool:
        claims = behaviour.read_claims(facts, jws) or {}
        return not str(claims.get("sub")).startswith("acc_")

    return by_id_alone(also_holding(behaviour, holds))


@fault(
    "token-header-normalised",
    "The signature is verified over a header written anew",
    subtle=True,
    breaks=HEADER,
)
def header_normalised(behaviour: Behaviour) -> Behaviour:
    """Of the members that the server knows, in its own order. One that was added is not covered; other values
    of known members are."""

    def holds(facts: Facts, jws: Jws) -> bool:
        members = {name: jws.header.get(name) for name in ("alg", "typ")}
        text = json.dumps(members, separators=(",", ":"))
        head = base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()
        return mac_holds(f"{head}.{jws.payload}", jws.signature, facts.server.secret.encode())

    return also_holding(behaviour, holds)


@fault("token-embedded-key-trusted", "A key that a token brings along is trusted", breaks=FOREIGN)
def embedded_key_trusted(behaviour: Behaviour) -> Behaviour:
    """RFC 7515 section 4.1.3 has a member for it. The unrelated key does not stand in the header."""

    def holds(facts: Facts, jws: Jws) -> bool:
        embedded = jws.header.get("jwk")
        key = reading.decoded(str(embedded.get("k"))) if isinstance(embedded, dict) else None
        return bool(key) and mac_holds(jws.signed, jws.signature, key or b"")

    return also_holding(behaviour, holds)


def _also_by(behaviour: Behaviour, *keys: str) -> Behaviour:
    """Believe what one of these keys signed."""
    return also_holding(
        behaviour,
        lambda facts, jws: any(mac_holds(jws.signed, jws.signature, key.encode()) for key in keys),
    )


@fault("token-empty-key-accepted", "A token signed by an empty key is accepted", breaks=EMPTY_KEY)
def empty_key_accepted(behaviour: Behaviour) -> Behaviour:
    """A setting that was left out. HMAC fills keys up with NULs, so that a key of NULs is an empty one."""
    return _also_by(behaviour, "")


@fault("token-framework-secret", "Default secrets of frameworks sign tokens", breaks=COMMON)
def framework_secret(behaviour: Behaviour) -> Behaviour:
    """Left behind from the first day. Three of the common secrets."""
    return _also_by(behaviour, "secret", "changeme", "your-256-bit-secret")


def _unverified(behaviour: Behaviour, excused: Callable[[Jws], bool]) -> Behaviour:
    """Believe a token without looking at its signature where its header excuses it."""

    def judge_header(facts: Facts, jws: Jws) -> Refusal | None:
        return None if excused(jws) else behaviour.judge_header(facts, jws)

    return also_holding(replace(behaviour, judge_header=judge_header), lambda facts, jws: excused(jws))


@fault("token-none-accepted", "The algorithm none is accepted", breaks=(*NONE, *UNIFORM))
def none_accepted(behaviour: Behaviour) -> Behaviour:
    """Beside the signature that the token had; it is one of the causes that are compared."""
    return _unverified(behaviour, lambda jws: str(jws.header.get("alg")).lower() == "none")


@fault(
    "token-more-parts-ignored",
    "What follows the third part of a token is ignored",
    subtle=True,
    breaks=PARTS,
)
def more_parts_ignored(behaviour: Behaviour) -> Behaviour:
    """A fourth part, and an empty one."""
    return replace(
        behaviour,
        read_token=lambda facts, token: behaviour.read_token(facts, ".".join(token.split(".")[:3])),
    )


_WATCHED = ("rfc7519/4.1.4-expired-refused",)
"""What else is looked at while the end of a token is waited for."""

# --- its end -------------------------------------------------------------------------------------


@fault("token-never-expires", "A token is accepted after its life", breaks=(*EXPIRED, *_WATCHED, *UNIFORM))
def never_expires(behaviour: Behaviour) -> Behaviour:
    """exp is written and never read. It is neither refused nor answered like a forged one."""
    return replace(behaviour, judge_expiry=lambda facts, claims: None)


@fault(
    "token-expiry-a-minute-late",
    "A token lives a minute longer than it says",
    subtle=True,
    breaks=(*EXPIRED, *_WATCHED, *UNIFORM),
)
def expiry_late(behaviour: Behaviour) -> Behaviour:
    """A leeway that is meant for other clocks than its own. Five seconds are allowed."""

    def judge_expiry(facts: Facts, claims: Mapping[str, Any]) -> Refusal | None:
        return behaviour.judge_expiry(replace(facts, now=facts.now - 60 * facts.server.time_scale), claims)

    return replace(behaviour, judge_expiry=judge_expiry)


@fault(
    "token-use-prolongs-life",
    "A token in use does not expire",
    subtle=True,
    breaks=(*EXPIRED, *_WATCHED, *UNIFORM),
)
def use_prolongs_life(behaviour: Behaviour) -> Behaviour:
    """What was verified is kept for ten seconds from its last use, without regard to its end. Whoever watches
    whether it has ended keeps it alive."""
    until: dict[str, float] = {}

    def judge_expiry(facts: Facts, claims: Mapping[str, Any]) -> Refusal | None:
        id = str(claims.get("jti"))
        refusal = behaviour.judge_expiry(facts, claims)
        if refusal and facts.now >= until.get(id, 0.0):
            return refusal
        until[id] = facts.now + 10 * facts.server.time_scale
        return None

    return replace(behaviour, judge_expiry=judge_expiry)


@fault(
    "token-expired-may-renew",
    "An expired token is exchanged for a fresh one",
    subtle=True,
    breaks=EXPIRED,
)
def expired_may_renew(behaviour: Behaviour) -> Behaviour:
    """As if it were made for that. A token that is alive is told that it may not."""

    def judge_expiry(facts: Facts, claims: Mapping[str, Any]) -> Refusal | None:
        refusal = behaviour.judge_expiry(facts, claims)
        return None if facts.request.path == "/auth/token" else refusal

    def may_exchange(facts: Facts, caller: Any) -> Refusal | None:
        refusal = behaviour.may_exchange(facts, caller)
        return None if refusal and _over(facts) else refusal

    def _over(facts: Facts) -> bool:
        token = behaviour.parse(facts, behaviour.collect(facts)[0]) or ""
        jws = behaviour.read_token(facts, token)
        claims = behaviour.read_claims(facts, jws) if jws else None
        return claims is not None and behaviour.judge_expiry(facts, claims) is not None

    return replace(behaviour, judge_expiry=judge_expiry, may_exchange=may_exchange)


def _outliving(behaviour: Behaviour, when: Callable[[Key], bool]) -> Behaviour:
    """Accept a token though its key has ended, where `when` says so."""

    def find_bearer(facts: Facts, claims: Mapping[str, Any]) -> Found:
        found = behaviour.find_bearer(facts, claims)
        if found != Refusal("ended-token"):
            return found
        grant = facts.server.store.grant(str(claims["jti"]))
        key = facts.server.store.key(grant.key) if grant and grant.key else None
        return bearing(facts, key.account, key) if key and when(key) else found

    return replace(behaviour, find_bearer=find_bearer)


@fault(
    "token-outlives-its-key",
    "A token is accepted after the key that it was had for has ended",
    level="SHOULD",
    breaks=ENDED,
)
def outlives_its_key(behaviour: Behaviour) -> Behaviour:
    """It is verified by itself and nothing is looked up: after a revocation, and after the key was
    disabled."""
    return _outliving(behaviour, lambda key: True)


@fault(
    "token-outlives-revocation",
    "A token is accepted after its key was revoked",
    level="SHOULD",
    subtle=True,
    breaks=ENDED,
)
def outlives_revocation(behaviour: Behaviour) -> Behaviour:
    """As above, for one of the two: only what is disabled is looked up."""
    return _outliving(behaviour, lambda key: key.revoked_at is not None)


@fault(
    "token-outlives-disabled-key",
    "A token is accepted after its key was disabled",
    level="SHOULD",
    subtle=True,
    breaks=ENDED,
)
def outlives_disabled_key(behaviour: Behaviour) -> Behaviour:
    """As above, for the other."""
    return _outliving(behaviour, lambda key: key.disabled_at is not None)
