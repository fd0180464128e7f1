"""Faults: a JWT is believed under another algorithm than the documented one, or with an unknown extension."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from reference_server.faults.shared.decisions import Facts
from reference_server.faults.shared.sets import FaultSet
from reference_server.faults.shared.signed.adapter import Named, Signed, V
from reference_server.faults.shared.signed.ways import also_holding, by_hand, reading_algorithm
from reference_server.reading import Jws

ALGORITHM: FaultSet[Signed] = FaultSet()
fault = ALGORITHM.fault


_REGISTERED = (
    *(f"{kind}{bits}" for kind in ("HS", "RS", "ES", "PS") for bits in (256, 384, 512)),
    "EdDSA",
    "none",
)
"""Names of RFC 7518 and RFC 8037."""


def _none(api: Signed) -> Named:
    return ("rfc8725/3.1-alg-none", *api.misnamed, *api.none)


def _pinned(api: Signed) -> Named:
    return ("rfc8725/3.1-alg-pinned", *api.misnamed)


def _type(api: Signed) -> Named:
    return ("rfc7515/4.1.1-alg-type", *api.misnamed)


def _unknown(api: Signed) -> Named:
    return ("rfc7515/5.2-alg-unknown", *api.misnamed)


def _unverified(behaviour: V, excused: Callable[[Jws], bool]) -> V:
    """Believe a token without looking at its signature where its header excuses it."""

    def judge_algorithm(facts: Facts, jws: Jws, *more: Any) -> Any:
        return None if excused(jws) else behaviour.judge_algorithm(facts, jws, *more)

    believing = replace(behaviour, judge_algorithm=judge_algorithm)
    return also_holding(believing, lambda facts, jws, account: excused(jws))


def _name(jws: Jws) -> str:
    """The algorithm's name, empty where it is no text."""
    name = jws.header.get("alg")
    return name if isinstance(name, str) else ""


@fault("none-accepted", "The algorithm none is accepted", breaks=_none)
def none_accepted(api: Signed, behaviour: V) -> V:
    """In every spelling, with or without a signature. A header that names none twice over is still none that
    can be read."""
    return _unverified(behaviour, lambda jws: _name(jws).lower() == "none")


@fault("none-in-other-case", "The algorithm none is refused in small letters only", subtle=True, breaks=_none)
def none_in_other_case(api: Signed, behaviour: V) -> V:
    """A list of forbidden names that is compared exactly, before the name is folded. Three of the
    spellings."""
    return _unverified(behaviour, lambda jws: _name(jws) in ("None", "NONE", "nOnE"))


@fault("none-with-signature", "The algorithm none is accepted beside a signature", subtle=True, breaks=_none)
def none_with_signature(api: Signed, behaviour: V) -> V:
    """What has a signature is taken for signed. Only the token that keeps its old signature."""
    return _unverified(behaviour, lambda jws: _name(jws) == "none" and jws.signature != "")


@fault("whole-family-accepted", "Any HMAC of the SHA-2 family is accepted", breaks=_pinned)
def whole_family_accepted(api: Signed, behaviour: V) -> V:
    """The header chooses among the algorithms that fit the kind of key."""
    return reading_algorithm(
        api, behaviour, lambda jws: _name(jws) if _name(jws) in ("HS384", "HS512") else None
    )


@fault("hs512-accepted", "HS512 is accepted beside HS256", subtle=True, breaks=_pinned)
def hs512_accepted(api: Signed, behaviour: V) -> V:
    """One of the two other algorithms."""
    return reading_algorithm(api, behaviour, lambda jws: "HS512" if _name(jws) == "HS512" else None)


@fault(
    "algorithm-case-folded",
    "Letter case in the name of the algorithm means nothing",
    breaks=lambda api: ("rfc7515/4.1.1-alg-case", *api.misnamed),
)
def case_folded(api: Signed, behaviour: V) -> V:
    """Both spellings are HS256 to it, and signed so. No other name is touched."""
    return reading_algorithm(
        api, behaviour, lambda jws: api.algorithm if _name(jws).upper() == api.algorithm else None
    )


@fault(
    "algorithm-optional", "A JWT that names no algorithm is one by {it.algorithm}", subtle=True, breaks=_type
)
def optional(api: Signed, behaviour: V) -> V:
    """One of the algorithms that are no text: the one that is not there."""
    return reading_algorithm(api, behaviour, lambda jws: None if "alg" in jws.header else api.algorithm)


@fault("algorithm-of-any-type", "An algorithm that is no text stands for {it.algorithm}", breaks=_type)
def of_any_type(api: Signed, behaviour: V) -> V:
    """Only a name can be a wrong one. Null, numbers, lists, and the algorithm that is not there."""
    return reading_algorithm(
        api, behaviour, lambda jws: None if isinstance(jws.header.get("alg"), str) else api.algorithm
    )


@fault("algorithm-in-list", "A list with HS256 in it is an algorithm", subtle=True, breaks=_type)
def in_list(api: Signed, behaviour: V) -> V:
    """The name is searched for in whatever is there. One of the other types."""
    return reading_algorithm(
        api,
        behaviour,
        lambda jws: (
            api.algorithm if isinstance(alg := jws.header.get("alg"), list) and "HS256" in alg else None
        ),
    )


@fault(
    "unknown-algorithm-falls-back",
    "An algorithm of an unknown name stands for {it.algorithm}",
    breaks=lambda api: (*_unknown(api), "rfc7515/4.1.1-alg-case"),
)
def unknown_falls_back(api: Signed, behaviour: V) -> V:
    """A table with a default. The names of registered algorithms and none are in it, other spellings are
    not: so those of HS256 fall back to it; tokens without a signature do not verify."""
    return reading_algorithm(
        api,
        behaviour,
        lambda jws: (
            api.algorithm
            if isinstance(jws.header.get("alg"), str) and _name(jws) not in _REGISTERED
            else None
        ),
    )


@fault(
    "falsy-algorithm-is-default",
    "An empty algorithm, null or zero stands for {it.algorithm}",
    subtle=True,
    breaks=lambda api: (*_unknown(api), *_type(api)),
)
def falsy_is_default(api: Signed, behaviour: V) -> V:
    """`alg or HS256`: the empty name among the unknown ones, null, zero and the absent one among those of
    another type."""
    return reading_algorithm(api, behaviour, lambda jws: None if jws.header.get("alg") else api.algorithm)


@fault(
    "crit-ignored",
    "Critical extensions of a header are not looked at",
    breaks=lambda api: ("rfc7515/4.1.11-crit-unknown", "practice/unencoded-payload", *api.malformed),
)
def crit_ignored(api: Signed, behaviour: V) -> V:
    """Neither crit nor b64 mean anything: an extension that nobody knows, and a payload that is said to be
    unencoded and is encoded all the same."""
    lenient = replace(behaviour, judge_extensions=lambda facts, jws: None)
    return by_hand(lenient, api.verifies, api.algorithm)


@fault(
    "b64-ignored",
    "The extension b64 is said to be understood, and is not",
    subtle=True,
    breaks=lambda api: ("practice/unencoded-payload", *api.malformed),
)
def b64_ignored(api: Signed, behaviour: V) -> V:
    """It stands in the list of known extensions, and the payload is decoded all the same. Other extensions
    stay unknown."""

    def judge_extensions(facts: Facts, jws: Jws) -> Any:
        return None if jws.header.get("crit") == ["b64"] else behaviour.judge_extensions(facts, jws)

    return also_holding(
        replace(behaviour, judge_extensions=judge_extensions),
        lambda facts, jws, account: api.verifies(jws, account, api.algorithm),
    )
