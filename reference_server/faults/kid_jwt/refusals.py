"""Faults: what is refused is refused in the wrong way."""

from __future__ import annotations

from dataclasses import replace

from reference_server import bearer
from reference_server.faults.kid_jwt.entry import (
    ALTERED,
    CASE,
    FIELD,
    INJECTION,
    MISSING,
    MIXED_UP,
    NOBODY,
    NOTHING,
    ODD_KEY,
    OVERSIZED,
    REPEATED,
    SHELL_KID,
    STATUS,
    UNASKED,
    UNKNOWN,
    UNREFUSED,
    fault,
)
from reference_server.faults.kid_jwt.wrong import with_body
from reference_server.faults.shared.crashes import crashing_for
from reference_server.faults.shared.ways import answering, method, with_status
from reference_server.kid_jwt.answers import REALM
from reference_server.kid_jwt.behaviour import Behaviour, Facts, Refusal
from reference_server.messages import Answer

_INTERNALS = ("practice/no-internals", "kid-jwt/no-leak")
_ECHO = ("practice/no-echo", "kid-jwt/no-leak")


@fault(
    "refusal-missing-403",
    "A request without a credential is answered with 403",
    level="SHOULD",
    breaks=(UNASKED,),
)
def missing_403(behaviour: Behaviour) -> Behaviour:
    """RFC 9110 section 11.4: without credentials it is 401. A credential in another slot is none."""
    return answering(behaviour, with_status(403), "missing-credential")


@fault(
    "refusal-head-403",
    "HEAD without a credential is answered with 403",
    level="SHOULD",
    subtle=True,
    breaks=(UNASKED,),
)
def head_403(behaviour: Behaviour) -> Behaviour:
    """As above, on one operation."""
    return answering(
        behaviour,
        with_status(403),
        "missing-credential",
        when=method("HEAD"),
    )


@fault(
    "refusal-redirected",
    "A request without a credential is sent to the manager app",
    breaks=(*MISSING, *NOBODY),
    also=UNREFUSED,
)
def redirected(behaviour: Behaviour) -> Behaviour:
    """A redirect refuses nothing unless the profile says so, and serves nothing either. A credential in
    another slot is none."""

    def change(facts: Facts, answer: Answer) -> Answer:
        return Answer(302, (("Location", "/sign-in"),))

    return answering(behaviour, change, "missing-credential")


@fault(
    "refusal-with-status-200",
    "An unknown static token is answered with 200 and an error in the body",
    breaks=(
        *UNKNOWN,
        *ALTERED,
        *CASE,
        *NOTHING,
        *INJECTION,
        *MIXED_UP,
        *ODD_KEY,
        *OVERSIZED,
        *FIELD,
        *REPEATED,
    ),
    also=UNREFUSED,
)
def with_status_200(behaviour: Behaviour) -> Behaviour:
    """A success is no refusal, whatever its body says. Every text that does not begin with Bearer and a space
    is to be a static token: an altered one, a word, a query, a signing secret, two in one field, the letter A
    many thousand times, and Bearer with a colon or without its space."""
    return answering(behaviour, with_status(200), "unknown-key")


@fault(
    "refusal-signature-crash",
    "A wrong signature brings the server down",
    level="SHOULD",
    breaks=(STATUS,),
)
def signature_crash(behaviour: Behaviour) -> Behaviour:
    """The document has a 500 for a missing kid; that it stands for more than this is not said. The token is
    refused, by a failure of the server."""
    return crashing_for(behaviour, "bad-signature")


@fault(
    "refusal-unknown-kid-crash",
    "An unknown kid brings the server down",
    subtle=True,
    breaks=(STATUS, *SHELL_KID),
)
def unknown_kid_crash(behaviour: Behaviour) -> Behaviour:
    """As above: the secret that was not found is used all the same. Of a kid that is a command it is asked
    in particular that nothing fails."""
    return crashing_for(behaviour, "unknown-kid")


_TRACE = """Traceback (most recent call last):
  File "/srv/api/verify.py", line 41, in verify
joserfc.errors.BadSignatureError: bad_signature"""


@fault("refusal-shows-trace", "The 401 to a wrong signature shows where it was found", breaks=_INTERNALS)
def shows_trace(behaviour: Behaviour) -> Behaviour:
    """A framework's page for developers. Status and challenge are right."""
    return answering(behaviour, with_body(_TRACE), "bad-signature")


@fault(
    "refusal-shows-query", "The 401 to an unknown kid shows the query for it", subtle=True, breaks=_INTERNALS
)
def shows_query(behaviour: Behaviour) -> Behaviour:
    """As above, for one reason."""
    return answering(behaviour, with_body("no row: SELECT secret FROM accounts WHERE kid = ?"), "unknown-kid")


@fault("refusal-repeats-key", "The 401 to an unknown static token repeats it", breaks=_ECHO)
def repeats_key(behaviour: Behaviour) -> Behaviour:
    """It may be a right one of another service, and a log or a page may keep the answer."""

    def change(facts: Facts, answer: Answer) -> Answer:
        given = "".join(facts.request.values("authorization"))
        return with_body(f"unknown token {given}")(facts, answer)

    return answering(behaviour, change, "unknown-key")


@fault(
    "refusal-repeats-token",
    "The challenge to a JWT that is past repeats it",
    subtle=True,
    breaks=_ECHO,
)
def repeats_token(behaviour: Behaviour) -> Behaviour:
    """In a header field, for one reason. A token has no character that the description must not have."""

    def challenge(facts: Facts, refusal: Refusal) -> str | None:
        if refusal.reason != "expired-token":
            return behaviour.challenge(facts, refusal)
        token = facts.request.values("authorization")[0].partition(" ")[2]
        return bearer.challenge(
            {"realm": REALM, "error": "invalid_token", "error_description": f"{token} has expired"}
        )

    return replace(behaviour, challenge=challenge)
