"""Faults: what is no JSON object in three parts of Base64url is taken for a token, or ends in a crash."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from reference_server.faults.shared.crashes import crash_if, crashing
from reference_server.faults.shared.decisions import Facts
from reference_server.faults.shared.sets import FaultSet, because
from reference_server.faults.shared.signed.adapter import Named, Signed, V
from reference_server.faults.shared.signed.ways import by_hand
from reference_server.reading import Jws

FORM: FaultSet[Signed] = FaultSet()
fault = FORM.fault

NESTING = "asvs/16.5.3-nesting"


def _parts(api: Signed) -> Named:
    return ("rfc7515/7.1-three-parts", *api.malformed)


def _splitting(behaviour: V, change: Callable[[str], str]) -> V:
    """Change the text of a token before it is split."""
    return replace(behaviour, split=lambda facts, token: behaviour.split(facts, change(token)))


@fault("fourth-part-ignored", "What follows the third part of a JWT is ignored", breaks=_parts)
def fourth_part_ignored(api: Signed, behaviour: V) -> V:
    """A fourth part and a dot behind are accepted. With an empty second part the third is no signature, and
    with a dot before the header is empty."""
    return _splitting(behaviour, lambda token: ".".join(token.split(".")[:3]))


@fault("dot-behind-ignored", "Dots behind a JWT are ignored", subtle=True, breaks=_parts)
def dot_behind_ignored(api: Signed, behaviour: V) -> V:
    """One of the wrong numbers of parts. A token whose signature is empty has but two then."""
    return _splitting(behaviour, lambda token: token.rstrip("."))


@fault("dot-before-ignored", "Dots before a JWT are ignored", subtle=True, breaks=_parts)
def dot_before_ignored(api: Signed, behaviour: V) -> V:
    """As above, at the other end."""
    return _splitting(behaviour, lambda token: token.lstrip("."))


@fault(
    "header-of-any-type",
    "A header that is no object stands for the documented one",
    breaks=lambda api: ("rfc7515/5.2-header-object", *api.malformed),
)
def header_of_any_type(api: Signed, behaviour: V) -> V:
    """Members are asked for with a default each, also of a list or a text. Where the header is JSON of
    another type, the right algorithm and the oldest account's key are believed in. What is no JSON stays
    refused."""

    def read_header(facts: Facts, raw: bytes) -> Mapping[str, Any] | None:
        value = _json(raw)
        if value is None or isinstance(value, dict):
            return behaviour.read_header(facts, raw)
        return api.header(facts)

    return by_hand(replace(behaviour, read_header=read_header), api.verifies, api.algorithm)


@fault(
    "header-crash",
    "A header that is no object brings the server down",
    level="SHOULD",
    breaks=lambda api: api.crashed(
        "rfc7515/5.2-header-object", "rfc7515/7.1-three-parts", "rfc7515/4-duplicate-member", *api.malformed
    ),
    also=lambda api: because("what is nested too deeply is no object either", NESTING),
)
def header_crash(api: Signed, behaviour: V) -> V:
    """Nothing is opened, so that the refusals stand; but a 500 says that the server failed."""

    def read_header(facts: Facts, raw: bytes) -> Mapping[str, Any] | None:
        header = behaviour.read_header(facts, raw)
        crash_if(header is None)
        return header

    return crashing(replace(behaviour, read_header=read_header))


@fault(
    "payload-of-any-type",
    "A signed payload that is no object is accepted",
    breaks=lambda api: ("rfc7519/7.2-claims-object", *api.malformed),
)
def payload_of_any_type(api: Signed, behaviour: V) -> V:
    """Claims are looked up in it and not found, and what is not found is not judged. What is no JSON stays
    refused, and an object has to have its expiry."""

    def read_claims(facts: Facts, raw: bytes) -> Mapping[str, Any] | None:
        value = _json(raw)
        if raw != b"null" and (value is None or isinstance(value, dict)):
            return behaviour.read_claims(facts, raw)
        return api.claims(facts)

    return replace(behaviour, read_claims=read_claims)


@fault(
    "payload-null",
    "A signed payload of null is accepted",
    subtle=True,
    breaks=lambda api: ("rfc7519/7.2-claims-object", *api.malformed),
)
def payload_null(api: Signed, behaviour: V) -> V:
    """Claims are judged if there are any. One of the payloads that are no object."""

    def read_claims(facts: Facts, raw: bytes) -> Mapping[str, Any] | None:
        return api.claims(facts) if raw == b"null" else behaviour.read_claims(facts, raw)

    return replace(behaviour, read_claims=read_claims)


@fault(
    "payload-crash",
    "A signed payload that is no object brings the server down",
    level="SHOULD",
    breaks=lambda api: api.crashed(
        "rfc7519/7.2-claims-object",
        "practice/nan-refused",
        "rfc7519/4-duplicate-claim",
        "rfc8725/3.7-utf-8",
        *api.malformed,
    ),
    also=lambda api: because("what is nested too deeply is no object either", NESTING),
)
def payload_crash(api: Signed, behaviour: V) -> V:
    """As for the header: NaN and a claim named twice are no payload either, and all of it is refused."""

    def read_claims(facts: Facts, raw: bytes) -> Mapping[str, Any] | None:
        claims = behaviour.read_claims(facts, raw)
        crash_if(claims is None)
        return claims

    return crashing(replace(behaviour, read_claims=read_claims))


def _json(raw: bytes) -> Any:
    """The value, None for null and where there is none."""
    try:
        return json.loads(raw.decode())
    except (ValueError, RecursionError):
        return None


def _first_wins(raw: bytes) -> Mapping[str, Any] | None:
    """A JSON object in which the first of two members of a name counts."""
    try:
        value = json.loads(raw.decode(), object_pairs_hook=lambda pairs: dict(reversed(pairs)))
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


@fault(
    "first-member-wins",
    "Of two members of a header the first counts",
    breaks=lambda api: ("rfc7515/4-duplicate-member", *api.misnamed),
)
def first_member_wins(api: Signed, behaviour: V) -> V:
    """The header names the right algorithm before none, and is signed so. Claims are read as before."""
    lenient = replace(behaviour, read_header=lambda facts, raw: _first_wins(raw))
    return by_hand(lenient, api.verifies, api.algorithm)


@fault(
    "first-claim-wins",
    "Of two claims the first counts",
    breaks=lambda api: ("rfc7519/4-duplicate-claim", *api.malformed),
)
def first_claim_wins(api: Signed, behaviour: V) -> V:
    """The payload's first expiry lies ahead. NaN is a number for this reader too, but no date."""
    return replace(behaviour, read_claims=lambda facts, raw: _first_wins(raw))


@fault(
    "unknown-member-refused",
    "A header member that is not registered is refused",
    breaks=("rfc7515/4-unknown-member",),
)
def unknown_member_refused(api: Signed, behaviour: V) -> V:
    """RFC 7515 section 4 wants them ignored. Everything else with such a member is refused anyway."""

    def judge_extensions(facts: Facts, jws: Jws) -> Any:
        strange = not set(jws.header) <= api.members
        return api.refusal("unknown-extension") if strange else behaviour.judge_extensions(facts, jws)

    return replace(behaviour, judge_extensions=judge_extensions)


@fault(
    "typ-required",
    "A JWT must say that it is one",
    level="SHOULD",
    breaks=("rfc7519/5.1-typ-optional",),
)
def typ_required(api: Signed, behaviour: V) -> V:
    """One scenario leaves typ away from a token that must be accepted; all tokens else have it, or are
    refused anyway."""

    def judge_extensions(facts: Facts, jws: Jws) -> Any:
        untyped = jws.header.get("typ") != "JWT"
        return api.refusal("unknown-extension") if untyped else behaviour.judge_extensions(facts, jws)

    return replace(behaviour, judge_extensions=judge_extensions)
