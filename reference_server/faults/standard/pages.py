"""Faults of what web pages are told that this API shares with others: what differs here, and what falls."""

from __future__ import annotations

from dataclasses import replace

from reference_server import cors
from reference_server.faults.shared.paged import Paged
from reference_server.faults.shared.pages import PAGES
from reference_server.faults.shared.permissions import PERMISSIONS
from reference_server.faults.standard.entry import CATALOGUE, SHOWN, STATUS, because, fault
from reference_server.messages import Answer
from reference_server.standard import service
from reference_server.standard.behaviour import Behaviour, Caller, Facts, Found, Refusal

PREFIX = "standard-"
_CREDENTIALS = ("fetch/3.3.4-credentials-literal", "fetch/3.3.5-credentials-for-all")

PAGED = Paged(
    refusal=Refusal,
    origins=lambda caller: caller.credential.origins if caller.credential else (),
    own=lambda facts: facts.request.path.startswith("/tenants/"),
    foreign=service.FOREIGN,
    off=("practice/cors-off",),
    listed=("asvs/3.4.2-origin-listed",),
    per_account=("practice/cors-per-account",),
    allowed=("fetch/3.3.3-origin-allowed",),
    preflight=("fetch/3.3.5-preflight-anonymous",),
)

PAGES.enter(
    CATALOGUE,
    PAGED,
    prefix=PREFIX,
    only=(
        "cors-for-everybody",
        "cors-null-allowed",
        "cors-on-refusals",
        "cors-by-end",
        "cors-of-any-account",
        "cors-missing-on-refusals",
        "origin-shows-in-status",
    ),
    also={
        "cors-missing-on-refusals": because(
            "of what no page may read no field is exposed", "practice/browser-fields-exposed"
        )
    },
)
PERMISSIONS.enter(
    CATALOGUE,
    PAGED,
    prefix=PREFIX,
    only=("cors-without-vary", "preflight-without-key-field"),
)


@fault(
    "cors-not-for-answers",
    "Pages may read that they were refused, and nothing else",
    subtle=True,
    breaks=("fetch/3.3.3-origin-allowed",),
    also=because("what is not there has no wrong value", "fetch/3.3.4-single-origin", *_CREDENTIALS),
)
def not_for_answers(behaviour: Behaviour) -> Behaviour:
    """The fields are those of the error handler. Preflights are permitted, in vain."""

    def share(facts: Facts, found: Found, answer: Answer) -> Answer:
        return behaviour.share(facts, found, answer) if isinstance(found, Refusal) else answer

    return replace(behaviour, share=share)


@fault(
    "standard-cors-needs-origin",
    "A key with origins is refused without one",
    breaks=("practice/origin-not-needed",),
    also=because(
        "nothing that is asked with such a key has a control",
        "fetch/3.3.3-origin-allowed",
        "fetch/3.3.3-failures-readable",
        "fetch/3.3.4-single-origin",
        *_CREDENTIALS,
        "fetch/http-caches-vary",
        "asvs/3.4.2-origin-listed",
        "practice/cors-per-account",
        "practice/browser-fields-exposed",
        *SHOWN,
        STATUS,
    ),
)
def needs_origin(behaviour: Behaviour) -> Behaviour:
    """Taken for a stolen one. Calls from servers have no origin."""

    def by_key(facts: Facts, secret: str) -> Found:
        found = behaviour.by_key(facts, secret)
        origins = isinstance(found, Caller) and found.credential and found.credential.origins
        return Refusal("unknown-key") if origins and not cors.named_origin(facts) else found

    return replace(behaviour, by_key=by_key)
