"""Faults: a JWT is believed under another algorithm than the documented one, or with an unknown extension."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from reference_server.faults.kid_jwt.entry import STATUS, fault
from reference_server.faults.kid_jwt.wrong import also_holding, by_hand, mac_holds, reading_algorithm
from reference_server.kid_jwt.behaviour import Behaviour, Facts, Jws, Refusal

_NONE = ("rfc8725/3.1-alg-none", STATUS)
_PINNED = ("rfc8725/3.1-alg-pinned", STATUS)
_TYPE = ("rfc7515/4.1.1-alg-type", STATUS)
_UNKNOWN = ("rfc7515/5.2-alg-unknown", STATUS)


def _unverified(behaviour: Behaviour, excused: Callable[[Jws], bool]) -> Behaviour:
    """Believe a token without looking at its signature where its header excuses it."""

    def judge_algorithm(facts: Facts, jws: Jws) -> Refusal | None:
        return None if excused(jws) else behaviour.judge_algorithm(facts, jws)

    believing = replace(behaviour, judge_algorithm=judge_algorithm)
    return also_holding(believing, lambda facts, jws, account: excused(jws))


def _name(jws: Jws) -> str:
    """The algorithm's name, empty where it is no text."""
    name = jws.header.get("alg")
    return name if isinstance(name, str) else ""


@fault("jwt-none-accepted", "The algorithm none is accepted", breaks=_NONE)
def none_accepted(behaviour: Behaviour) -> Behaviour:
    """In every spelling, with or without a signature. A header that names none twice over is still none that
    can be read."""
    return _unverified(behaviour, lambda jws: _name(jws).lower() == "none")


@fault(
    "jwt-none-in-other-case", "The algorithm none is refused in small letters only", subtle=True, breaks=_NONE
)
def none_in_other_case(behaviour: Behaviour) -> Behaviour:
    """A list of forbidden names that is compared exactly, before the name is folded. Three of the
    spellings."""
    return _unverified(behaviour, lambda jws: _name(jws) in ("None", "NONE", "nOnE"))


@fault(
    "jwt-none-with-signature", "The algorithm none is accepted beside a signature", subtle=True, breaks=_NONE
)
def none_with_signature(behaviour: Behaviour) -> Behaviour:
    """What has a signature is taken for signed. Only the token that keeps its old signature."""
    return _unverified(behaviour, lambda jws: _name(jws) == "none" and jws.signature != "")


@fault("jwt-whole-family-accepted", "Any HMAC of the SHA-2 family is accepted", breaks=_PINNED)
def whole_family_accepted(behaviour: Behaviour) -> Behaviour:
    """The header chooses among the algorithms that fit the kind of key."""
    return reading_algorithm(behaviour, lambda jws: _name(jws) if _name(jws) in ("HS384", "HS512") else None)


@fault("jwt-hs512-accepted", "HS512 is accepted beside HS256", subtle=True, breaks=_PINNED)
def hs512_accepted(behaviour: Behaviour) -> Behaviour:
    """One of the two other algorithms."""
    return reading_algorithm(behaviour, lambda jws: "HS512" if _name(jws) == "HS512" else None)


@fault(
    "jwt-algorithm-case-folded",
    "Letter case in the name of the algorithm means nothing",
    breaks=("rfc7515/4.1.1-alg-case", STATUS),
)
def case_folded(behaviour: Behaviour) -> Behaviour:
    """Both spellings are HS256 to it, and signed so. No other name is touched."""
    return reading_algorithm(behaviour, lambda jws: "HS256" if _name(jws).upper() == "HS256" else None)


@fault("jwt-algorithm-optional", "A JWT that names no algorithm is one by HS256", subtle=True, breaks=_TYPE)
def optional(behaviour: Behaviour) -> Behaviour:
    """One of the algorithms that are no text: the one that is not there."""
    return reading_algorithm(behaviour, lambda jws: None if "alg" in jws.header else "HS256")


@fault("jwt-algorithm-of-any-type", "An algorithm that is no text stands for HS256", breaks=_TYPE)
def of_any_type(behaviour: Behaviour) -> Behaviour:
    """Only a name can be a wrong one. Null, numbers, lists, and the algorithm that is not there."""
    return reading_algorithm(
        behaviour, lambda jws: None if isinstance(jws.header.get("alg"), str) else "HS256"
    )


@fault("jwt-algorithm-in-list", "A list with HS256 in it is an algorithm", subtle=True, breaks=_TYPE)
def in_list(behaviour: Behaviour) -> Behaviour:
    """The name is searched for in whatever is there. One of the other types."""
    return reading_algorithm(
        behaviour,
        lambda jws: "HS256" if isinstance(alg := jws.header.get("alg"), list) and "HS256" in alg else None,
    )


@fault(
    "jwt-unknown-algorithm-falls-back",
    "An algorithm of an unknown name stands for HS256",
    breaks=(*_UNKNOWN, "rfc7515/4.1.1-alg-case"),
)
def unknown_falls_back(behaviour: Behaviour) -> Behaviour:
    """A table with a default. The names of registered algorithms and none are in it, other spellings are
    not: so those of HS256 fall back to it; tokens without a signature do not verify."""
    known = ("HS256", "HS384", "HS512", "none")
    return reading_algorithm(
        behaviour,
        lambda jws: "HS256" if isinstance(jws.header.get("alg"), str) and _name(jws) not in known else None,
    )


@fault(
    "jwt-falsy-algorithm-is-default",
    "An empty algorithm, null or zero stands for HS256",
    subtle=True,
    breaks=(*_UNKNOWN, *_TYPE),
)
def falsy_is_default(behaviour: Behaviour) -> Behaviour:
    """`alg or HS256`: the empty name among the unknown ones, null, zero and the absent one among those of
    another type."""
    return reading_algorithm(behaviour, lambda jws: None if jws.header.get("alg") else "HS256")


@fault(
    "jwt-crit-ignored",
    "Critical extensions of a header are not looked at",
    breaks=("rfc7515/4.1.11-crit-unknown", "practice/unencoded-payload", STATUS),
)
def crit_ignored(behaviour: Behaviour) -> Behaviour:
    """Neither crit nor b64 mean anything: an extension that nobody knows, and a payload that is said to be
    unencoded and is encoded all the same."""
    return by_hand(replace(behaviour, judge_extensions=lambda facts, jws: None))


@fault(
    "jwt-b64-ignored",
    "The extension b64 is said to be understood, and is not",
    subtle=True,
    breaks=("practice/unencoded-payload", STATUS),
)
def b64_ignored(behaviour: Behaviour) -> Behaviour:
    """It stands in the list of known extensions, and the payload is decoded all the same. Other extensions
    stay unknown."""

    def judge_extensions(facts: Facts, jws: Jws) -> Refusal | None:
        return None if jws.header.get("crit") == ["b64"] else behaviour.judge_extensions(facts, jws)

    return also_holding(
        replace(behaviour, judge_extensions=judge_extensions),
        lambda facts, jws, account: mac_holds(jws.signed, jws.signature, account.secret.encode()),
    )
