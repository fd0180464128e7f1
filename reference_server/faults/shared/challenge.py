"""Faults: the challenge of a 401 is wrong or missing."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from reference_server.faults.shared.decisions import A
from reference_server.faults.shared.sets import FaultSet
from reference_server.faults.shared.ways import changing_challenge


@dataclass(frozen=True, slots=True)
class Challenged:
    """What differs between the challenges of APIs, each of which ends in those of Bearer."""

    realm: str
    failed: str
    """In titles: a credential that is challenged with an error code."""
    branch: tuple[str, str]
    """A reason for a 401 that is asked for in few ways, and what it is the answer to."""
    unknown: tuple[str, str]
    """A reason for which the error code must be invalid_token, and what is refused for it."""


CHALLENGE: FaultSet[Challenged] = FaultSet()
fault = CHALLENGE.fault

SHOWN = (
    "rfc9110/11.6.1-challenge",
    "rfc9110/11.6.1-challenge-grammar",
    "rfc9110/11.2-parameters-unique",
    "rfc9110/11.5-realm-quoted",
    "rfc6750/3-challenge-scheme",
    "rfc6750/3-challenge-characters",
)
"""What every 401 shows about its challenge."""
ERROR = "rfc6750/3.1-invalid-token-error"
NO_ERROR = "rfc6750/3.1-no-error-when-anonymous"

_ERROR_PARAMETERS = re.compile(r', error(?:_description|_uri)?="[^"]*"')
_DESCRIPTION = re.compile(r', error_description="[^"]*"')


@fault(
    "no-challenge",
    "A 401 has no WWW-Authenticate field",
    level="SHOULD",
    breaks=("rfc9110/11.6.1-challenge",),
)
def no_challenge(api: Challenged, behaviour: A) -> A:
    """Where there is no challenge, nothing else can be said about it."""
    return changing_challenge(behaviour, lambda right: None)


@fault(
    "no-challenge-in-one-branch",
    "The 401 to {it.branch[1]} has no WWW-Authenticate field",
    level="SHOULD",
    subtle=True,
    breaks=("rfc9110/11.6.1-challenge",),
)
def no_challenge_in_one_branch(api: Challenged, behaviour: A) -> A:
    """One branch forgot it. All other 401s have a right one, by which the rest is seen."""
    return changing_challenge(behaviour, lambda right: None, api.branch[0])


@fault(
    "no-challenge-to-head",
    "The 401 to HEAD has no WWW-Authenticate field",
    level="SHOULD",
    subtle=True,
    breaks=("rfc9110/11.6.1-challenge",),
)
def no_challenge_to_head(api: Challenged, behaviour: A) -> A:
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
)
def challenge_without_commas(api: Challenged, behaviour: A) -> A:
    """Wherever there are several parameters: for every credential that failed. The challenge to a request
    without one has a single parameter and is right."""
    return changing_challenge(behaviour, lambda right: right.replace('", ', '" '))


@fault(
    "challenge-quote-not-closed",
    "The realm's closing quote is missing in the challenge to a request without a credential",
    subtle=True,
    breaks=("rfc9110/11.6.1-challenge-grammar",),
)
def challenge_quote_not_closed(api: Challenged, behaviour: A) -> A:
    """Only where the realm stands last. The challenges to credentials that failed are right."""
    return changing_challenge(behaviour, lambda right: right[:-1], "missing-credential")


@fault(
    "realm-twice",
    "The challenge names its realm twice",
    breaks=("rfc9110/11.2-parameters-unique",),
)
def realm_twice(api: Challenged, behaviour: A) -> A:
    """Well-formed, with a parameter that occurs twice."""
    return changing_challenge(behaviour, lambda right: f'{right}, Realm="{api.realm}"')


@fault(
    "realm-unquoted",
    "The realm is written without quotes",
    breaks=("rfc9110/11.5-realm-quoted",),
)
def realm_unquoted(api: Challenged, behaviour: A) -> A:
    """A token where RFC 9110 asks for a quoted string; the grammar of challenges allows both."""
    return changing_challenge(behaviour, lambda right: right.replace(f'"{api.realm}"', api.realm))


@fault(
    "bare-challenge",
    "The challenge to a request without a credential is the word Bearer",
    level="SHOULD",
    breaks=("rfc6750/3-challenge-scheme",),
)
def bare_challenge(api: Challenged, behaviour: A) -> A:
    """RFC 6750 asks for a parameter. The challenges to credentials that failed have some."""
    return changing_challenge(behaviour, lambda right: "Bearer", "missing-credential")


@fault(
    "challenge-for-basic",
    "The challenge asks for Basic",
    level="SHOULD",
    breaks=("rfc6750/3-challenge-scheme",),
)
def challenge_for_basic(api: Challenged, behaviour: A) -> A:
    """The framework's default. It is a right challenge, for a scheme that the API does not have."""
    return changing_challenge(behaviour, lambda right: f'Basic realm="{api.realm}"')


@fault(
    "no-error-code",
    "The challenge to {it.failed} that failed has no error code",
    level="SHOULD",
    breaks=(ERROR,),
)
def no_error_code(api: Challenged, behaviour: A) -> A:
    """One challenge for all, that of a request without a credential."""
    return changing_challenge(behaviour, lambda right: _ERROR_PARAMETERS.sub("", right))


@fault(
    "error-code-of-another-cause",
    "The challenge to {it.unknown[1]} says invalid_request",
    level="SHOULD",
    subtle=True,
    breaks=(ERROR,),
)
def error_code_of_another_cause(api: Challenged, behaviour: A) -> A:
    """A code that exists, for the wrong cause: RFC 6750 section 3.1 has invalid_token for what is unknown or
    has expired. What was altered may be called an invalid request, this may not."""
    return changing_challenge(
        behaviour, lambda right: right.replace("invalid_token", "invalid_request"), api.unknown[0]
    )


@fault(
    "error-code-for-anonymous",
    "The challenge to a request without a credential has an error code",
    level="SHOULD",
    breaks=(NO_ERROR,),
)
def error_code_for_anonymous(api: Challenged, behaviour: A) -> A:
    """One challenge for all, that of a credential that failed. One in another slot may have been noticed."""
    return changing_challenge(
        behaviour, lambda right: f'{right}, error="invalid_token"', "missing-credential"
    )


@fault(
    "forbidden-characters-in-description",
    "The description in a challenge has quotes in it",
    breaks=("rfc6750/3-challenge-characters",),
)
def forbidden_characters(api: Challenged, behaviour: A) -> A:
    """Escaped, as a quoted string allows and RFC 6750 section 3 does not."""
    return changing_challenge(
        behaviour,
        lambda right: _DESCRIPTION.sub("", right) + r', error_description="no \"good\" token"',
        api.unknown[0],
    )


@fault(
    "basic-beside-without-realm",
    "The challenge asks for Basic too, without a realm",
    subtle=True,
    breaks=("rfc7617/2-realm",),
)
def basic_beside_without_realm(api: Challenged, behaviour: A) -> A:
    """A remnant behind the challenge for Bearer, which stays. RFC 7617 section 2 requires a realm."""
    return changing_challenge(behaviour, lambda right: f'{right}, Basic charset="UTF-8"')


@fault(
    "basic-beside-in-latin-1",
    "The challenge asks for Basic too, in another charset than UTF-8",
    subtle=True,
    breaks=("rfc7617/2.1-charset",),
)
def basic_beside_in_latin_1(api: Challenged, behaviour: A) -> A:
    """As above, with a realm. RFC 7617 section 2.1 knows one charset."""
    return changing_challenge(
        behaviour, lambda right: f'{right}, Basic realm="{api.realm}", charset="ISO-8859-1"'
    )
