"""Faults: a code that was asked for with a challenge is worth something without its verifier."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256

from reference_server.faults.sk_oauth.entry import (
    DOWNGRADE,
    EACH_REFUSAL,
    NO_VERIFIER,
    OAUTH,
    SHORT_VERIFIER,
    TOLD,
    VERIFIER,
    WITH_CHALLENGES,
    because,
    fault,
)
from reference_server.sk_oauth.behaviour import Behaviour, Facts, Parameters, Problem
from reference_server.sk_oauth.records import Code

METHOD = "rfc7636/4.4.1-method"
PLAIN = "rfc9700/2.1.1-plain"
REDEEMED = ("rfc7636/4.6-redeemed", "sk-oauth/pkce")


def _excusing(behaviour: Behaviour, excused: Callable[[Code, str | None], bool]) -> Behaviour:
    """Do not compare where the code and the verifier are excused."""

    def judge_verifier(facts: Facts, code: Code, found: Parameters) -> Problem | None:
        if excused(code, found.get("code_verifier")):
            return None
        return behaviour.judge_verifier(facts, code, found)

    return replace(behaviour, judge_verifier=judge_verifier)


def _made(verifier: str) -> str:
    return base64.urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()


@fault(
    "verifier-unchecked",
    "A challenge means nothing",
    breaks=(*VERIFIER, *NO_VERIFIER, *DOWNGRADE, *SHORT_VERIFIER),
)
def verifier_unchecked(behaviour: Behaviour) -> Behaviour:
    """It is taken and never looked at again. A wrong verifier, none, and one for a code that was asked for
    without a challenge all get a token."""
    return _excusing(behaviour, lambda code, verifier: True)


@fault(
    "verifier-may-be-missing",
    "A challenge means nothing where no verifier is sent",
    subtle=True,
    breaks=NO_VERIFIER,
)
def verifier_may_be_missing(behaviour: Behaviour) -> Behaviour:
    """It is compared if it is there; an empty one is not."""
    return _excusing(behaviour, lambda code, verifier: verifier is None)


@fault("verifier-is-the-challenge", "The challenge is taken for its verifier", subtle=True, breaks=VERIFIER)
def verifier_is_the_challenge(behaviour: Behaviour) -> Behaviour:
    """The method plain is tried as well. Whoever has seen the request has the verifier."""
    return _excusing(behaviour, lambda code, verifier: verifier == code.asked.challenge is not None)


@fault("verifier-in-other-case", "Letter case in a verifier means nothing", subtle=True, breaks=VERIFIER)
def verifier_in_other_case(behaviour: Behaviour) -> Behaviour:
    """It is tried as it is, and with its letters swapped."""
    return _excusing(
        behaviour,
        lambda code, verifier: verifier is not None and _made(verifier.swapcase()) == code.asked.challenge,
    )


@fault("verifier-lengthened", "What follows a verifier is not looked at", subtle=True, breaks=VERIFIER)
def verifier_lengthened(behaviour: Behaviour) -> Behaviour:
    """Every beginning of it is tried, from the shortest that is allowed on."""

    def excused(code: Code, verifier: str | None) -> bool:
        if verifier is None:
            return False
        return any(_made(verifier[:end]) == code.asked.challenge for end in range(43, len(verifier)))

    return _excusing(behaviour, excused)


@fault(
    "downgrade-overlooked",
    "A verifier means nothing where there was no challenge",
    subtle=True,
    breaks=DOWNGRADE,
)
def downgrade_overlooked(behaviour: Behaviour) -> Behaviour:
    """Somebody took the challenge out of the request on its way, and nobody notices."""
    return _excusing(behaviour, lambda code, verifier: code.asked.challenge is None)


@fault(
    "short-verifier-accepted",
    "A verifier may be short",
    level="MUST",
    subtle=True,
    breaks=SHORT_VERIFIER,
)
def short_verifier_accepted(behaviour: Behaviour) -> Behaviour:
    """Only its hash is looked at."""
    return _excusing(
        behaviour, lambda code, verifier: verifier is not None and _made(verifier) == code.asked.challenge
    )


def _naming_method(behaviour: Behaviour, name: Callable[[str | None], str | None]) -> Behaviour:
    """Take some methods for others."""

    def choose(facts: Facts, found: Parameters) -> str | Problem | None:
        method = name(found.get("code_challenge_method"))
        changed = {key: value for key, value in found.items() if key != "code_challenge_method"}
        return behaviour.choose_challenge(
            facts, {**changed, **({"code_challenge_method": method} if method else {})}
        )

    return replace(behaviour, choose_challenge=choose)


@fault("unknown-method-is-s256", "A challenge by an unknown method is one by S256", breaks=(METHOD, TOLD))
def unknown_method_is_s256(behaviour: Behaviour) -> Behaviour:
    """There is but one method, so nobody asks which. Plain, and no method, are refused."""
    return _naming_method(behaviour, lambda method: method if method in (None, "plain") else "S256")


@fault("method-in-other-case", "Letter case in the method means nothing", subtle=True, breaks=(METHOD, TOLD))
def method_in_other_case(behaviour: Behaviour) -> Behaviour:
    """s256 is S256."""
    return _naming_method(
        behaviour, lambda method: method.upper() if method and method != "plain" else method
    )


def _taking_plain(behaviour: Behaviour, *methods: str | None) -> Behaviour:
    """Take a challenge by one of these methods for the verifier itself; None is no method."""

    def choose(facts: Facts, found: Parameters) -> str | Problem | None:
        challenge = found.get("code_challenge")
        if challenge and found.get("code_challenge_method") in methods:
            return _made(challenge)
        return behaviour.choose_challenge(facts, found)

    return replace(behaviour, choose_challenge=choose)


@fault("plain-accepted", "A challenge may be the verifier itself", level="SHOULD", breaks=(PLAIN,))
def plain_accepted(behaviour: Behaviour) -> Behaviour:
    """As RFC 7636 has it by default, with or without the method's name. It is hashed where it is kept, so
    that all verifiers are compared in one way."""
    return _taking_plain(behaviour, None, "plain")


@fault(
    "plain-by-default",
    "A challenge without a method may be the verifier itself",
    level="SHOULD",
    subtle=True,
    breaks=(PLAIN,),
)
def plain_by_default(behaviour: Behaviour) -> Behaviour:
    """As above, where no method is named."""
    return _taking_plain(behaviour, None)


@fault(
    "challenges-not-supported",
    "A code that was asked for with a challenge cannot be redeemed",
    level="SHOULD",
    breaks=REDEEMED,
    also=because(
        "what is refused with its verifier shows nothing when it is refused with another",
        *WITH_CHALLENGES,
        METHOD,
        PLAIN,
        *OAUTH,
        *EACH_REFUSAL,
        but=REDEEMED,
    ),
)
def challenges_not_supported(behaviour: Behaviour) -> Behaviour:
    """The server knows nothing of PKCE but its name: it takes the challenge, and no verifier."""

    def judge_verifier(facts: Facts, code: Code, found: Parameters) -> Problem | None:
        if code.asked.challenge is not None:
            return Problem("invalid_grant", "The code is not known")
        return behaviour.judge_verifier(facts, code, found)

    return replace(behaviour, judge_verifier=judge_verifier)
