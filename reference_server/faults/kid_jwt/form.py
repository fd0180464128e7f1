"""Faults: what is no JSON object in three parts of Base64url is taken for a token, or ends in a crash."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from reference_server.faults.kid_jwt.entry import STATUS, fault
from reference_server.faults.kid_jwt.wrong import by_hand, crash_if, crashing, first_account
from reference_server.kid_jwt.behaviour import Behaviour, Facts, Jws, Refusal

_PARTS = ("rfc7515/7.1-three-parts", STATUS)


def _splitting(behaviour: Behaviour, change: Callable[[str], str]) -> Behaviour:
    """Change the text of a token before it is split."""
    return replace(behaviour, split=lambda facts, token: behaviour.split(facts, change(token)))


@fault("jwt-fourth-part-ignored", "What follows the third part of a JWT is ignored", breaks=_PARTS)
def fourth_part_ignored(behaviour: Behaviour) -> Behaviour:
    """A fourth part and a dot behind are accepted. With an empty second part the third is no signature, and
    with a dot before the header is empty."""
    return _splitting(behaviour, lambda token: ".".join(token.split(".")[:3]))


@fault("jwt-dot-behind-ignored", "Dots behind a JWT are ignored", subtle=True, breaks=_PARTS)
def dot_behind_ignored(behaviour: Behaviour) -> Behaviour:
    """One of the wrong numbers of parts. A token whose signature is empty has but two then."""
    return _splitting(behaviour, lambda token: token.rstrip("."))


@fault("jwt-dot-before-ignored", "Dots before a JWT are ignored", subtle=True, breaks=_PARTS)
def dot_before_ignored(behaviour: Behaviour) -> Behaviour:
    """As above, at the other end."""
    return _splitting(behaviour, lambda token: token.lstrip("."))


@fault(
    "jwt-header-of-any-type",
    "A header that is no object stands for the documented one",
    breaks=("rfc7515/5.2-header-object", STATUS),
)
def header_of_any_type(behaviour: Behaviour) -> Behaviour:
    """Members are asked for with a default each, also of a list or a text. Where the header is JSON of
    another type, HS256 and the oldest account's secret are believed in. What is no JSON stays refused."""

    def read_header(facts: Facts, raw: bytes) -> Mapping[str, Any] | None:
        value = _json(raw)
        if value is None or isinstance(value, dict):
            return behaviour.read_header(facts, raw)
        return {"alg": "HS256", "kid": first_account(facts).kid}

    return by_hand(replace(behaviour, read_header=read_header))


@fault(
    "jwt-header-crash",
    "A header that is no object brings the server down",
    level="SHOULD",
    breaks=(STATUS,),
)
def header_crash(behaviour: Behaviour) -> Behaviour:
    """Nothing is opened, so that the refusals stand; but a 500 says that the server failed."""

    def read_header(facts: Facts, raw: bytes) -> Mapping[str, Any] | None:
        header = behaviour.read_header(facts, raw)
        crash_if(header is None)
        return header

    return crashing(replace(behaviour, read_header=read_header))


@fault(
    "jwt-payload-of-any-type",
    "A signed payload that is no object is accepted",
    breaks=("rfc7519/7.2-claims-object", STATUS),
)
def payload_of_any_type(behaviour: Behaviour) -> Behaviour:
    """Claims are looked up in it and not found, and what is not found is not judged. What is no JSON stays
    refused, and an object has to have its expiry."""

    def read_claims(facts: Facts, raw: bytes) -> Mapping[str, Any] | None:
        value = _json(raw)
        if raw != b"null" and (value is None or isinstance(value, dict)):
            return behaviour.read_claims(facts, raw)
        return {"exp": facts.now + 60}

    return replace(behaviour, read_claims=read_claims)


@fault(
    "jwt-payload-null",
    "A signed payload of null is accepted",
    subtle=True,
    breaks=("rfc7519/7.2-claims-object", STATUS),
)
def payload_null(behaviour: Behaviour) -> Behaviour:
    """Claims are judged if there are any. One of the payloads that are no object."""

    def read_claims(facts: Facts, raw: bytes) -> Mapping[str, Any] | None:
        return {"exp": facts.now + 60} if raw == b"null" else behaviour.read_claims(facts, raw)

    return replace(behaviour, read_claims=read_claims)


@fault(
    "jwt-payload-crash",
    "A signed payload that is no object brings the server down",
    level="SHOULD",
    breaks=(STATUS,),
)
def payload_crash(behaviour: Behaviour) -> Behaviour:
    """As for the header: NaN and a claim named twice are no payload either, and all of it is refused."""

    def read_claims(facts: Facts, raw: bytes) -> Mapping[str, Any] | None:
        claims = behaviour.read_claims(facts, raw)
        crash_if(claims is None)
        return claims

    return crashing(replace(behaviour, read_claims=read_claims))


def _json(raw: bytes) -> Any:
    """The value, None for null and where there is none."""
    try:
        return json.loads(raw)
    except ValueError:
        return None


def _first_wins(raw: bytes) -> Mapping[str, Any] | None:
    """A JSON object in which the first of two members of a name counts."""
    try:
        value = json.loads(raw, object_pairs_hook=lambda pairs: dict(reversed(pairs)))
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


@fault(
    "jwt-first-member-wins",
    "Of two members of a header the first counts",
    breaks=("rfc7515/4-duplicate-member", STATUS),
)
def first_member_wins(behaviour: Behaviour) -> Behaviour:
    """The header names HS256 before none, and is signed so. Claims are read as before."""
    return by_hand(replace(behaviour, read_header=lambda facts, raw: _first_wins(raw)))


@fault(
    "jwt-first-claim-wins",
    "Of two claims the first counts",
    breaks=("rfc7519/4-duplicate-claim", STATUS),
)
def first_claim_wins(behaviour: Behaviour) -> Behaviour:
    """The payload's first expiry lies ahead. NaN is a number for this reader too, but no date."""
    return replace(behaviour, read_claims=lambda facts, raw: _first_wins(raw))


@fault(
    "jwt-unknown-member-refused",
    "A header member that is not registered is refused",
    breaks=("rfc7515/4-unknown-member",),
)
def unknown_member_refused(behaviour: Behaviour) -> Behaviour:
    """RFC 7515 section 4 wants them ignored. Everything else with such a member is refused anyway."""

    def judge_extensions(facts: Facts, jws: Jws) -> Refusal | None:
        strange = not set(jws.header) <= {"alg", "typ", "kid"}
        return Refusal("unknown-extension") if strange else behaviour.judge_extensions(facts, jws)

    return replace(behaviour, judge_extensions=judge_extensions)


@fault(
    "jwt-typ-required",
    "A JWT must say that it is one",
    level="SHOULD",
    breaks=("rfc7519/5.1-typ-optional",),
)
def typ_required(behaviour: Behaviour) -> Behaviour:
    """One scenario leaves typ away from a token that must be accepted; all tokens else have it, or are
    refused anyway."""

    def judge_extensions(facts: Facts, jws: Jws) -> Refusal | None:
        untyped = jws.header.get("typ") != "JWT"
        return Refusal("unknown-extension") if untyped else behaviour.judge_extensions(facts, jws)

    return replace(behaviour, judge_extensions=judge_extensions)
