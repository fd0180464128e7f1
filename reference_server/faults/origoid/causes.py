"""Faults: one cause of a refusal can be told from another, where all are to be answered alike."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

from reference_server.faults.origoid.entry import (
    DISABLED,
    ENUMERATION,
    ENVELOPE,
    EXPIRED,
    PATHS,
    STATUS,
    UNIFORM,
    UNIFORM_EXCHANGE,
    because,
    fault,
)
from reference_server.faults.origoid.wrong import answering, path, saying, slow, with_field
from reference_server.faults.shared.ways import with_status
from reference_server.messages import Answer
from reference_server.origoid.behaviour import Behaviour, Facts
from reference_server.origoid.exchange import PATH
from reference_server.secret import digest

_ENVELOPE = ("origoid/envelope",)
_OF_THE_BODY = because("other members are no members of the envelope", *ENVELOPE)

# --- one cause is answered in another way --------------------------------------------------------


@fault(
    "told-unknown-user",
    "An unknown user is told so",
    breaks=(*_ENVELOPE, *UNIFORM, *UNIFORM_EXCHANGE, *ENUMERATION),
)
def told_unknown_user(behaviour: Behaviour) -> Behaviour:
    """By the message, by any operation. A wrong password, and what is no pair, have the documented one."""
    return answering(behaviour, saying(message="Unknown user"), "unknown-user")


@fault(
    "told-wrong-password",
    "A wrong password is told so",
    subtle=True,
    breaks=(*_ENVELOPE, *ENUMERATION),
)
def told_wrong_password(behaviour: Behaviour) -> Behaviour:
    """The other way round: an unknown user has the documented message, like all that is compared besides."""
    return answering(behaviour, saying(message="Wrong password"), "wrong-password")


@fault(
    "told-wrong-password-by-a-field",
    "A wrong password is told by a field",
    subtle=True,
    breaks=ENUMERATION,
)
def told_wrong_password_by_a_field(behaviour: Behaviour) -> Behaviour:
    """How many tries are left. The body is as documented; fields should be alike as well."""
    return answering(behaviour, with_field("X-Attempts-Left", "2"), "wrong-password")


@fault(
    "told-wrong-password-by-order",
    "The members of the answer to a wrong password come in another order",
    subtle=True,
    breaks=ENUMERATION,
)
def told_by_order(behaviour: Behaviour) -> Behaviour:
    """Written by another function. The envelope is the documented one, to any reader of JSON."""

    def change(facts: Facts, answer: Answer) -> Answer:
        members = dict(sorted(json.loads(answer.body).items()))
        return replace(answer, body=json.dumps(members).encode())

    return answering(behaviour, change, "wrong-password")


@fault(
    "told-malformed-by-400",
    "A malformed Authorization field is answered with 400",
    breaks=(STATUS, *UNIFORM, *UNIFORM_EXCHANGE),
)
def told_malformed(behaviour: Behaviour) -> Behaviour:
    """As RFC 6750 section 3.1 would have it; the document has 401 for whatever is wrong."""
    return answering(behaviour, with_status(400), "malformed-credential")


@fault(
    "told-malformed-by-spaces",
    "The answer to a malformed Authorization field is written without spaces",
    subtle=True,
    breaks=(*UNIFORM, *UNIFORM_EXCHANGE),
)
def told_by_spaces(behaviour: Behaviour) -> Behaviour:
    """By a gateway, which knows the envelope too and another serialiser."""

    def change(facts: Facts, answer: Answer) -> Answer:
        return replace(answer, body=json.dumps(json.loads(answer.body), separators=(",", ":")).encode())

    return answering(behaviour, change, "malformed-credential")


@fault(
    "told-bad-signature-by-a-field",
    "A wrong signature is told by a field",
    subtle=True,
    breaks=UNIFORM,
)
def told_bad_signature(behaviour: Behaviour) -> Behaviour:
    """For whoever debugs clients. Malformed tokens, and those of other algorithms, do not get so far."""
    return answering(behaviour, with_field("X-Token-Status", "signature"), "bad-signature")


@fault(
    "told-expired-token",
    "An expired token is told so by its type",
    breaks=(*_ENVELOPE, *UNIFORM),
    also=because("it is only seen where the end of a token is waited for", *EXPIRED),
)
def told_expired(behaviour: Behaviour) -> Behaviour:
    """Clients ask for it. The document has one type for all causes."""
    return answering(behaviour, saying(type="TOKEN_EXPIRED"), "expired-token")


@fault(
    "told-address-by-403",
    "A wrong address is answered with 403",
    breaks=(STATUS, *UNIFORM),
)
def told_address(behaviour: Behaviour) -> Behaviour:
    """It tells that the key is right. The document has 401."""
    return answering(behaviour, with_status(403), "wrong-address")


@fault(
    "told-address-in-body",
    "A wrong address is answered with the address",
    subtle=True,
    breaks=(*_ENVELOPE, *UNIFORM),
)
def told_address_in_body(behaviour: Behaviour) -> Behaviour:
    """In the message, kindly."""

    def change(facts: Facts, answer: Answer) -> Answer:
        return saying(message=f"IP {facts.request.peer} not allowed")(facts, answer)

    return answering(behaviour, change, "wrong-address")


@fault(
    "told-endpoint-by-403",
    "An operation that an account does not have is answered with 403",
    breaks=(STATUS, *UNIFORM),
)
def told_endpoint(behaviour: Behaviour) -> Behaviour:
    """As RFC 9110 would suggest. The document has 401, so that nobody learns whose key is right."""
    return answering(behaviour, with_status(403), "unavailable-endpoint")


@fault(
    "told-endpoint-to-tokens",
    "To a token an operation that its account does not have is answered with 404",
    subtle=True,
    breaks=(STATUS, *UNIFORM),
)
def told_endpoint_to_tokens(behaviour: Behaviour) -> Behaviour:
    """One method of three."""
    return answering(
        behaviour,
        with_status(404),
        "unavailable-endpoint",
        when=lambda facts: (
            bool(behaviour.collect(facts)) and behaviour.parse(facts, behaviour.collect(facts)[0]) is not None
        ),
    )


@fault(
    "told-billable-address",
    "A wrong address is billed",
    subtle=True,
    breaks=("origoid/not-billable", *UNIFORM),
)
def told_billable(behaviour: Behaviour) -> Behaviour:
    """The account is known then, so why not."""
    return answering(behaviour, saying(billable=True), "wrong-address")


def _disabled(facts: Facts) -> bool:
    keys = facts.behaviour.collect_keys(facts)
    key = facts.server.store.key_of(digest(keys[0])) if keys else None
    return key is not None and key.disabled_at is not None


@fault(
    "told-disabled-key",
    "A disabled key is told so",
    breaks=(*_ENVELOPE, *UNIFORM),
    also=because("it is only seen where the end of a key is waited for", *DISABLED),
)
def told_disabled(behaviour: Behaviour) -> Behaviour:
    """By the message, wherever it is sent. Whoever found it learns that it is worth keeping."""
    return answering(behaviour, saying(message="Key disabled"), "unknown-key", when=_disabled)


@fault(
    "told-empty-key",
    "An empty key is answered with 400",
    subtle=True,
    breaks=(STATUS, *UNIFORM),
)
def told_empty(behaviour: Behaviour) -> Behaviour:
    """The field is validated before the key is looked for."""
    return answering(
        behaviour,
        with_status(400),
        "unknown-key",
        when=lambda facts: "" in behaviour.collect_keys(facts),
    )


@fault(
    "told-missing-by-403",
    "A request without a credential is answered with 403",
    breaks=(STATUS, *UNIFORM, *UNIFORM_EXCHANGE),
)
def told_missing(behaviour: Behaviour) -> Behaviour:
    """The gateway's own answer. A credential in another place is none."""
    return answering(behaviour, with_status(403), "missing-credential")


@fault(
    "exchange-fails-like-oauth",
    "At the exchange a failure has the members of OAuth",
    breaks=(*_ENVELOPE, *UNIFORM_EXCHANGE),
    also=_OF_THE_BODY,
)
def fails_like_oauth(behaviour: Behaviour) -> Behaviour:
    """RFC 6749 section 5.2, where the document has one envelope for all."""
    body = b'{"error": "invalid_client"}'
    return answering(behaviour, lambda facts, answer: replace(answer, body=body), when=path(PATH))


@fault(
    "exchange-fails-in-one-member",
    "At the exchange the message of a failure is another",
    subtle=True,
    breaks=(*_ENVELOPE, *UNIFORM_EXCHANGE),
)
def fails_in_one_member(behaviour: Behaviour) -> Behaviour:
    """One member of seven."""
    return answering(behaviour, saying(message="Invalid client"), when=path(PATH))


# --- where nothing is ----------------------------------------------------------------------------


def _telling(behaviour: Behaviour, status: int, when: Callable[[Facts], bool]) -> Behaviour:
    """Answer with this status, before anybody is asked who he is."""

    def respond(facts: Facts) -> Answer:
        answer = behaviour.respond(facts)
        return replace(answer, status=status) if answer.status == 401 and when(facts) else answer

    return replace(behaviour, respond=respond)


@fault(
    "told-unknown-path",
    "A path that does not exist is answered with 404 to anybody",
    level="SHOULD",
    breaks=PATHS,
)
def told_unknown_path(behaviour: Behaviour) -> Behaviour:
    """The router comes before the guard, and draws a map for whoever asks."""
    known = path("/v1/account", "/v1/reports", PATH)
    return _telling(behaviour, 404, lambda facts: not known(facts))


@fault(
    "told-unknown-method",
    "A method that does not exist is answered with 405 to anybody",
    level="SHOULD",
    subtle=True,
    breaks=PATHS,
)
def told_unknown_method(behaviour: Behaviour) -> Behaviour:
    """As above, by the method."""
    return _telling(behaviour, 405, lambda facts: facts.request.method in ("PUT", "PATCH", "DELETE"))


# --- how long it takes ---------------------------------------------------------------------------

_MOMENT = 0.004


@fault(
    "user-told-by-time",
    "A wrong password takes longer than an unknown user",
    level="SHOULD",
    breaks=("asvs/6.3.8-user-timing",),
)
def user_told_by_time(behaviour: Behaviour) -> Behaviour:
    """The password is hashed for users that there are, some milliseconds long."""
    return answering(behaviour, slow(_MOMENT), "wrong-password")


@fault(
    "unknown-user-told-by-time",
    "An unknown user takes longer than a wrong password",
    level="SHOULD",
    subtle=True,
    breaks=("asvs/6.3.8-user-timing",),
)
def unknown_user_told_by_time(behaviour: Behaviour) -> Behaviour:
    """The other way round: a second directory is asked for whom the first does not know."""
    return answering(behaviour, slow(_MOMENT), "unknown-user")


@fault(
    "key-told-by-time",
    "A key that begins like a valid one takes longer",
    level="SHOULD",
    breaks=("asvs/11.2.4-key-prefix",),
)
def key_told_by_time(behaviour: Behaviour) -> Behaviour:
    """The index finds by eight characters, and what it finds is compared at leisure."""

    def begun(facts: Facts) -> bool:
        store = facts.server.store
        known = {key.prefix for account in store.accounts() for key in store.keys(account.id)}
        return any(key[:8] in known for key in behaviour.collect_keys(facts))

    return answering(behaviour, slow(_MOMENT), "unknown-key", when=begun)


@fault(
    "disabled-key-told-by-time",
    "A disabled key takes longer than an unknown one",
    level="SHOULD",
    breaks=("practice/timing-causes",),
)
def disabled_told_by_time(behaviour: Behaviour) -> Behaviour:
    """A note is written for its owner before it is refused."""
    return answering(behaviour, slow(_MOMENT), "unknown-key", when=_disabled)
