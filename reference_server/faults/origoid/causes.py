"""Faults: one cause of a refusal can be told from another, where all are to be answered alike."""

from __future__ import annotations

from dataclasses import replace

from reference_server.faults.origoid.entry import (
    CATALOGUE,
    DISABLED,
    ENUMERATION,
    ENVELOPE,
    EXPIRED,
    STATUS,
    UNIFORM,
    UNIFORM_EXCHANGE,
    because,
    fault,
)
from reference_server.faults.origoid.wrong import answering, path, saying
from reference_server.faults.shared.telling import TELLING, Told
from reference_server.faults.shared.ways import with_status
from reference_server.messages import Answer
from reference_server.origoid.behaviour import Behaviour, Facts
from reference_server.origoid.exchange import PATH
from reference_server.secret import digest

_ENVELOPE = ("origoid/envelope",)
_OF_THE_BODY = because("other members are no members of the envelope", *ENVELOPE)


def _disabled(facts: Facts) -> bool:
    keys = facts.behaviour.collect_keys(facts)
    key = facts.server.store.key_of(digest(keys[0])) if keys else None
    return key is not None and key.disabled_at is not None


def _begins(facts: Facts, key: str) -> bool:
    """The index finds by eight characters."""
    store = facts.server.store
    return key[:8] in {each.prefix for account in store.accounts() for each in store.keys(account.id)}


TELLING.enter(
    CATALOGUE,
    Told(
        worded=lambda text: saying(message=text),
        begins=_begins,
        disabled=_disabled,
        known=path("/v1/account", "/v1/reports", PATH),
        status=(STATUS,),
        words=_ENVELOPE,
        uniform=UNIFORM,
        uniform_exchange=UNIFORM_EXCHANGE,
        enumeration=ENUMERATION,
        # the index has the disabled ones, too, and each of them begins like itself
        begun=("practice/timing-causes",),
        disabled_refused=DISABLED,
    ),
    only=(
        "told-wrong-password",
        "told-wrong-password-by-order",
        "told-malformed-by-400",
        "told-missing-by-403",
        "told-unknown-method",
        "unknown-user-told-by-time",
        "key-told-by-time",
        "disabled-key-told-by-time",
    ),
)


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
