"""Faults: what is refused is answered otherwise than documented, or tells too much."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from reference_server.faults.shared.ways import answering, crashing, method, with_status
from reference_server.faults.sk_oauth.entry import (
    BODY,
    INVALID,
    LIKE_UNKNOWN,
    MISSING,
    STATUS,
    because,
    fault,
)
from reference_server.faults.sk_oauth.wrong import (
    rewording,
    with_header,
)
from reference_server.messages import Answer
from reference_server.secret import digest
from reference_server.sk_oauth.behaviour import Behaviour, Facts, Found, Reason, Refusal

OBJECT, CODES = BODY
SIGNED: tuple[Reason, ...] = (
    "malformed-token",
    "wrong-algorithm",
    "unknown-extension",
    "bad-signature",
    "wrong-claim",
    "early-token",
)
KEYS: tuple[Reason, ...] = ("missing-credential", "malformed-credential", "unknown-credential")

# --- the status ------------------------------------------------------------------------------------


@fault(
    "missing-with-403",
    "A request without a credential is answered with 403",
    level="SHOULD",
    breaks=(STATUS,),
)
def missing_with_403(behaviour: Behaviour) -> Behaviour:
    """With the right body and challenge."""
    return answering(behaviour, with_status(403), "missing-credential")


@fault(
    "unknown-with-403",
    "An unknown key is answered with 403",
    level="SHOULD",
    subtle=True,
    breaks=(STATUS,),
)
def unknown_with_403(behaviour: Behaviour) -> Behaviour:
    """As above, for a key that nobody has: revoked ones are among them."""
    return answering(behaviour, with_status(403), "unknown-credential")


@fault(
    "expired-with-403",
    "An expired token is answered with 403",
    level="SHOULD",
    subtle=True,
    breaks=(STATUS,),
)
def expired_with_403(behaviour: Behaviour) -> Behaviour:
    """As above, with the right code."""
    return answering(behaviour, with_status(403), "expired-token")


@fault(
    "missing-crashes-for-delete",
    "DELETE without a credential is a server error",
    subtle=True,
    breaks=MISSING,
)
def missing_crashes_for_delete(behaviour: Behaviour) -> Behaviour:
    """A 500 is no refusal, and has not the status of one. Nothing is deleted."""
    deletes = method("DELETE")
    return answering(
        behaviour,
        crashing,
        "missing-credential",
        when=lambda facts: deletes(facts) and facts.request.path.startswith("/v1/"),
    )


# --- the body --------------------------------------------------------------------------------------


@fault(
    "error-without-type",
    "Errors do not say of which type they are",
    breaks=(OBJECT,),
)
def error_without_type(behaviour: Behaviour) -> Behaviour:
    """Code and message are right. The token endpoint has other errors."""
    return answering(behaviour, rewording(type=None), *KEYS, *SIGNED, "expired-token")


@fault("error-with-empty-type", "The type of an error is empty", subtle=True, breaks=(OBJECT,))
def error_with_empty_type(behaviour: Behaviour) -> Behaviour:
    """Which type it is is open, but there is one. Only where no credential was sent."""
    return answering(behaviour, rewording(type=""), "missing-credential")


@fault("error-without-message", "Errors have no message", breaks=(OBJECT,))
def error_without_message(behaviour: Behaviour) -> Behaviour:
    """As above, for the sentence."""
    return answering(behaviour, rewording(message=None), *KEYS)


@fault(
    "error-as-text",
    "The error for a malformed field is a line of text",
    subtle=True,
    breaks=(OBJECT,),
    also=because("where the code should be is none", CODES, INVALID),
)
def error_as_text(behaviour: Behaviour) -> Behaviour:
    """What reads the field stands in front of what knows the envelope."""

    def change(facts: Facts, answer: Answer) -> Answer:
        return with_header("Content-Type", "text/plain")(facts, replace(answer, body=b"Bad credentials"))

    return answering(behaviour, change, "malformed-credential")


# --- the code --------------------------------------------------------------------------------------


@fault("code-of-its-own", "The code for an unknown key is unauthorized", breaks=(INVALID, CODES))
def code_of_its_own(behaviour: Behaviour) -> Behaviour:
    """One that the document does not list. Revoked keys are unknown ones."""
    return answering(behaviour, rewording(code="unauthorized"), "unknown-credential")


@fault(
    "code-for-missing", "The code for a missing key is missing_api_key", subtle=True, breaks=(INVALID, CODES)
)
def code_for_missing(behaviour: Behaviour) -> Behaviour:
    """More exact than the document, which has one code for both."""
    return answering(behaviour, rewording(code="missing_api_key"), "missing-credential")


@fault(
    "code-for-bad-signature",
    "The code for a forged JWT is invalid_token",
    level="SHOULD",
    subtle=True,
    breaks=(CODES,),
)
def code_for_bad_signature(behaviour: Behaviour) -> Behaviour:
    """Which of the documented codes it has is open; this is none of them."""
    return answering(behaviour, rewording(code="invalid_token"), *SIGNED)


@fault(
    "expired-is-invalid",
    "The code for an expired token is invalid_api_key",
    breaks=("sk-oauth/expired-token",),
)
def expired_is_invalid(behaviour: Behaviour) -> Behaviour:
    """One code for all that is no longer good. Nothing expired is served."""
    return answering(behaviour, rewording(code="invalid_api_key"), "expired-token")


@fault(
    "unknown-key-is-expired",
    "The code for an unknown key is expired_token",
    breaks=(INVALID,),
)
def unknown_key_is_expired(behaviour: Behaviour) -> Behaviour:
    """A documented code, for another cause: the client would refresh what cannot be."""
    return answering(behaviour, rewording(code="expired_token"), "unknown-credential")


@fault(
    "forged-is-expired",
    "That a JWT has expired is said before its signature is looked at",
    level="SHOULD",
    breaks=("practice/expired-needs-signature",),
    also=because("what the claims say shows in what is told of them", "asvs/9.1.1-no-claim-oracle"),
)
def forged_is_expired(behaviour: Behaviour) -> Behaviour:
    """Claims are read first. Whoever makes tokens up learns what the server thinks of their times; none of
    them is served."""

    def verify(facts: Facts, token: str) -> Found:
        found = behaviour.verify(facts, token)
        claims = _claims(behaviour, facts, token) if isinstance(found, Refusal) else None
        if claims is None or not isinstance(found, Refusal) or found.reason != "bad-signature":
            return found
        early = behaviour.judge_expiry(facts, claims)
        return early if early and early.reason == "expired-token" else found

    return replace(behaviour, verify=verify)


def _claims(behaviour: Behaviour, facts: Facts, token: str) -> Mapping[str, Any] | None:
    parts = behaviour.split(facts, token)
    raw = behaviour.decode(facts, parts[1]) if parts else None
    return None if raw is None else behaviour.read_claims(facts, raw)


# --- what it tells ---------------------------------------------------------------------------------


@fault("refusal-echoes-key", "The message for an unknown key has the key in it", breaks=("practice/no-echo",))
def refusal_echoes_key(behaviour: Behaviour) -> Behaviour:
    """To help those who look for their mistake, and whoever reads the log."""

    def change(facts: Facts, answer: Answer) -> Answer:
        sent = behaviour.parse(facts, behaviour.collect(facts)[0])
        return rewording(message=f"The API key {sent} is invalid")(facts, answer)

    return answering(behaviour, change, "unknown-credential")


@fault(
    "refusal-shows-failed-query",
    "The message for an unknown key has the failed query in it",
    breaks=("practice/no-internals",),
)
def refusal_shows_query(behaviour: Behaviour) -> Behaviour:
    """A debugging mode that was left on."""
    text = 'sqlite3.OperationalError: near "\'": SELECT id FROM keys WHERE digest = ? in /srv/app/store.py'
    return answering(behaviour, rewording(message=text), "unknown-credential")


@fault(
    "revoked-key-told-apart",
    "A revoked key is answered with a message of its own",
    level="SHOULD",
    subtle=True,
    breaks=LIKE_UNKNOWN,
)
def revoked_key_told_apart(behaviour: Behaviour) -> Behaviour:
    """Whoever finds an old key learns that it was one. Status and code are the same."""

    def change(facts: Facts, answer: Answer) -> Answer:
        offered = behaviour.collect(facts)
        sent = behaviour.parse(facts, offered[0]) if offered else None
        known = facts.server.store.key_of(digest(sent)) if sent else None
        return rewording(message="The API key was revoked")(facts, answer) if known else answer

    return answering(behaviour, change, "unknown-credential")
