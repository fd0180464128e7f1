"""Faults: the challenge of a 401 is wrong or missing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from reference_server.faults.kid_jwt.entry import CHALLENGE, ERROR, NO_ERROR, because, fault
from reference_server.kid_jwt.answers import REALM
from reference_server.kid_jwt.behaviour import Behaviour, Facts, Reason, Refusal


def _changed(behaviour: Behaviour, change: Callable[[str], str | None], *reasons: Reason) -> Behaviour:
    """Change the challenge, for these reasons or for all."""

    def challenge(facts: Facts, refusal: Refusal) -> str | None:
        right = behaviour.challenge(facts, refusal)
        meant = not reasons or refusal.reason in reasons
        return change(right) if right is not None and meant else right

    return replace(behaviour, challenge=challenge)


@fault(
    "kid-jwt-no-challenge",
    "A 401 has no WWW-Authenticate field",
    level="SHOULD",
    breaks=("rfc9110/11.6.1-challenge",),
)
def no_challenge(behaviour: Behaviour) -> Behaviour:
    """The document mentions none. Where there is none, nothing else can be said about it."""
    return _changed(behaviour, lambda right: None)


@fault(
    "kid-jwt-no-challenge-to-key",
    "The 401 to an unknown static token has no WWW-Authenticate field",
    level="SHOULD",
    subtle=True,
    breaks=("rfc9110/11.6.1-challenge",),
)
def no_challenge_to_key(behaviour: Behaviour) -> Behaviour:
    """A static token has no scheme, but a 401 has a challenge. All others have a right one."""
    return _changed(behaviour, lambda right: None, "unknown-key")


@fault(
    "kid-jwt-challenge-without-commas",
    "The parameters of a challenge are not separated by commas",
    breaks=("rfc9110/11.6.1-challenge-grammar",),
)
def challenge_without_commas(behaviour: Behaviour) -> Behaviour:
    """Wherever there are two parameters: for every JWT that failed."""
    return _changed(behaviour, lambda right: right.replace('", ', '" '))


@fault(
    "kid-jwt-realm-twice",
    "The challenge names its realm twice",
    breaks=("rfc9110/11.2-parameters-unique",),
)
def realm_twice(behaviour: Behaviour) -> Behaviour:
    """Well-formed, with a parameter that occurs twice."""
    return _changed(behaviour, lambda right: f'{right}, Realm="{REALM}"')


@fault(
    "kid-jwt-realm-unquoted",
    "The realm is written without quotes",
    breaks=("rfc9110/11.5-realm-quoted",),
)
def realm_unquoted(behaviour: Behaviour) -> Behaviour:
    """A token where RFC 9110 asks for a quoted string; the grammar of challenges allows both."""
    return _changed(behaviour, lambda right: right.replace(f'"{REALM}"', REALM))


@fault(
    "kid-jwt-no-error-code",
    "The challenge to a JWT that failed has no error code",
    level="SHOULD",
    breaks=(ERROR,),
)
def no_error_code(behaviour: Behaviour) -> Behaviour:
    """One challenge for all, that of a request without a credential."""
    return _changed(behaviour, lambda right: right.partition(",")[0])


@fault(
    "kid-jwt-error-code-of-another-cause",
    "The challenge to an expired JWT says invalid_request",
    level="SHOULD",
    subtle=True,
    breaks=(ERROR,),
)
def error_code_of_another_cause(behaviour: Behaviour) -> Behaviour:
    """RFC 6750 section 3.1 names an expired token as one for invalid_token."""
    return _changed(
        behaviour, lambda right: right.replace("invalid_token", "invalid_request"), "expired-token"
    )


@fault(
    "kid-jwt-error-code-for-anonymous",
    "The challenge to a request without a credential has an error code",
    level="SHOULD",
    breaks=(NO_ERROR,),
)
def error_code_for_anonymous(behaviour: Behaviour) -> Behaviour:
    """One challenge for all, that of a JWT that failed."""
    return _changed(behaviour, lambda right: f'{right}, error="invalid_token"', "missing-credential")


@fault(
    "kid-jwt-forbidden-characters-in-description",
    "The description in a challenge has quotes in it",
    breaks=("rfc6750/3-challenge-characters",),
)
def forbidden_characters(behaviour: Behaviour) -> Behaviour:
    """Escaped, as a quoted string allows and RFC 6750 section 3 does not."""
    return _changed(
        behaviour, lambda right: rf'{right}, error_description="no \"good\" token"', "bad-signature"
    )


@fault(
    "kid-jwt-challenge-for-basic",
    "The challenge asks for Basic",
    level="SHOULD",
    breaks=("rfc6750/3-challenge-scheme",),
    also=because(
        "without a challenge for Bearer there are no parameters of Bearer",
        ERROR,
        NO_ERROR,
        *CHALLENGE,
        but=("rfc6750/3-challenge-scheme",),
    ),
)
def challenge_for_basic(behaviour: Behaviour) -> Behaviour:
    """The framework's default. It is a right challenge, for a scheme that the API does not have."""
    return _changed(behaviour, lambda right: f'Basic realm="{REALM}"')
