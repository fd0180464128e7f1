"""Faults: the challenge of a 401 is wrong or missing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from reference_server.faults.originchain.entry import CHALLENGE, because, fault
from reference_server.originchain.behaviour import Behaviour, Facts, Reason, Refusal

_UNREADABLE = because(
    "a challenge that is not there, or cannot be read, shows nothing about its content",
    *CHALLENGE,
    "rfc6750/3.1-invalid-token-error",
    "rfc6750/3.1-no-error-when-anonymous",
)


def _changed(behaviour: Behaviour, change: Callable[[str], str | None], *reasons: Reason) -> Behaviour:
    """Change the challenge, for these reasons or for all."""

    def challenge(facts: Facts, refusal: Refusal) -> str | None:
        right = behaviour.challenge(facts, refusal)
        meant = right is not None and (not reasons or refusal.reason in reasons)
        return change(right) if right is not None and meant else right

    return replace(behaviour, challenge=challenge)


def _except(*names: str) -> dict[str, str]:
    return {name: reason for name, reason in _UNREADABLE.items() if name not in names}


@fault(
    "no-challenge",
    "A 401 has no WWW-Authenticate field",
    level="SHOULD",
    breaks=("rfc9110/11.6.1-challenge",),
    also=_except("rfc9110/11.6.1-challenge"),
)
def no_challenge(behaviour: Behaviour) -> Behaviour:
    """Where there is no challenge, nothing can be said about it."""
    return _changed(behaviour, lambda right: None)


@fault(
    "no-challenge-to-malformed-field",
    "The 401 to a malformed field has no WWW-Authenticate field",
    level="SHOULD",
    subtle=True,
    breaks=("rfc9110/11.6.1-challenge",),
)
def no_challenge_to_malformed(behaviour: Behaviour) -> Behaviour:
    """One branch forgot it. All other 401s have a right one, by which the rest is seen."""
    return _changed(behaviour, lambda right: None, "malformed-credential")


@fault(
    "no-challenge-to-head",
    "The 401 to HEAD has no WWW-Authenticate field",
    level="SHOULD",
    subtle=True,
    breaks=("rfc9110/11.6.1-challenge",),
)
def no_challenge_to_head(behaviour: Behaviour) -> Behaviour:
    """HEAD is answered by a shorter path. All other 401s have a right one."""
    return replace(
        behaviour,
        challenge=lambda facts, refusal: (
            None if facts.request.method == "HEAD" else behaviour.challenge(facts, refusal)
        ),
    )


@fault(
    "challenge-without-commas",
    "The parameters of a challenge are not separated by commas",
    breaks=("rfc9110/11.6.1-challenge-grammar",),
    also=because(
        "a challenge that breaks the grammar cannot be read, so its error code is not seen",
        "rfc6750/3.1-invalid-token-error",
        "rfc6750/3-challenge-characters",
    ),
)
def challenge_without_commas(behaviour: Behaviour) -> Behaviour:
    """Wherever there are several parameters: for every token that failed. The challenge to a request without
    one has a single parameter and is right."""
    return _changed(behaviour, lambda right: right.replace('", ', '" '))


@fault(
    "challenge-quote-not-closed",
    "The realm's closing quote is missing in the challenge to a request without a credential",
    subtle=True,
    breaks=("rfc9110/11.6.1-challenge-grammar",),
    also=because(
        "the one challenge that must have no error code cannot be read",
        "rfc6750/3.1-no-error-when-anonymous",
    ),
)
def challenge_quote_not_closed(behaviour: Behaviour) -> Behaviour:
    """Only where the realm stands last. The challenges to tokens that failed are right."""
    return _changed(behaviour, lambda right: right[:-1], "missing-credential")


@fault(
    "realm-twice",
    "The challenge names its realm twice",
    breaks=("rfc9110/11.2-parameters-unique",),
)
def realm_twice(behaviour: Behaviour) -> Behaviour:
    """Well-formed, with a parameter that occurs twice."""
    return _changed(behaviour, lambda right: f'{right}, Realm="originchain"')


@fault(
    "realm-unquoted",
    "The realm is written without quotes",
    breaks=("rfc9110/11.5-realm-quoted",),
)
def realm_unquoted(behaviour: Behaviour) -> Behaviour:
    """A token where RFC 9110 asks for a quoted string; the grammar of challenges allows both."""
    return _changed(behaviour, lambda right: right.replace('realm="originchain"', "realm=originchain"))


@fault(
    "bare-challenge",
    "The challenge to a request without a credential is the word Bearer",
    level="SHOULD",
    breaks=("rfc6750/3-challenge-scheme",),
)
def bare_challenge(behaviour: Behaviour) -> Behaviour:
    """RFC 6750 asks for a parameter. The challenges to tokens that failed have some."""
    return _changed(behaviour, lambda right: "Bearer", "missing-credential")


@fault(
    "challenge-for-basic",
    "The challenge asks for Basic",
    level="SHOULD",
    breaks=("rfc6750/3-challenge-scheme",),
    also=because(
        "without a challenge for Bearer there are no parameters of Bearer",
        "rfc6750/3.1-invalid-token-error",
        "rfc6750/3.1-no-error-when-anonymous",
        "rfc6750/3-challenge-characters",
    ),
)
def challenge_for_basic(behaviour: Behaviour) -> Behaviour:
    """The framework's default. It is a right challenge, for the wrong scheme."""
    return _changed(behaviour, lambda right: 'Basic realm="originchain"')


@fault(
    "no-error-code",
    "The challenge to a token that failed has no error code",
    level="SHOULD",
    breaks=("rfc6750/3.1-invalid-token-error",),
    also=because(
        "there is no parameter whose characters could be looked at", "rfc6750/3-challenge-characters"
    ),
)
def no_error_code(behaviour: Behaviour) -> Behaviour:
    """One challenge for all, that of a request without a credential."""
    return _changed(behaviour, lambda right: right.partition(",")[0])


@fault(
    "error-code-of-another-cause",
    "The challenge to an unknown token says invalid_request",
    level="SHOULD",
    subtle=True,
    breaks=("rfc6750/3.1-invalid-token-error",),
)
def error_code_of_another_cause(behaviour: Behaviour) -> Behaviour:
    """A code that exists, for the wrong cause. Altered tokens may be called invalid requests, unknown ones
    may not."""
    return _changed(
        behaviour, lambda right: right.replace("invalid_token", "invalid_request"), "unknown-token"
    )


@fault(
    "error-code-for-anonymous",
    "The challenge to a request without a credential has an error code",
    level="SHOULD",
    breaks=("rfc6750/3.1-no-error-when-anonymous",),
)
def error_code_for_anonymous(behaviour: Behaviour) -> Behaviour:
    """One challenge for all, that of a token that failed. A token in another slot may have been noticed."""
    return _changed(behaviour, lambda right: f'{right}, error="invalid_token"', "missing-credential")


@fault(
    "forbidden-characters-in-description",
    "The description in a challenge has quotes in it",
    breaks=("rfc6750/3-challenge-characters",),
)
def forbidden_characters(behaviour: Behaviour) -> Behaviour:
    """Escaped, as a quoted string allows and RFC 6750 section 3 does not."""
    return _changed(behaviour, lambda right: right.replace("The token", r"The \"token\""), "unknown-token")
