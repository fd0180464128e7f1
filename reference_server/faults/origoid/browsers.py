"""Faults: pages may read what they should not, or may not read what they should; what is so here alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from reference_server import cors
from reference_server.faults.origoid import entry
from reference_server.faults.origoid.entry import (
    ALLOWED,
    CATALOGUE,
    ORIGIN_LISTED,
    PER_ACCOUNT,
    SINGLE,
    because,
    fault,
)
from reference_server.faults.shared.paged import Paged
from reference_server.faults.shared.pages import PAGES
from reference_server.faults.shared.permissions import PERMISSIONS
from reference_server.messages import Answer
from reference_server.origoid.behaviour import Behaviour, Caller, Facts, Found, Refusal
from reference_server.origoid.data_plane import ACCOUNT
from reference_server.origoid.exchange import PATH

PAGED = Paged(
    refusal=Refusal,
    origins=lambda caller: caller.account.origins,
    own=lambda facts: facts.request.path == ACCOUNT,
    foreign="https://app.gadgets.example",
    off=entry.CORS_OFF,
    listed=entry.ORIGIN_LISTED,
    per_account=entry.PER_ACCOUNT,
    allowed=entry.ALLOWED,
    preflight=entry.PREFLIGHT,
    authorization_named=entry.AUTHORIZATION_NAMED,
    of_203=("origoid/three-methods",),
)

PAGES.enter(CATALOGUE, PAGED)
PERMISSIONS.enter(CATALOGUE, PAGED)


@fault(
    "cors-of-any-account-with-tokens",
    "With a token an origin of one account is allowed for another",
    subtle=True,
    breaks=PER_ACCOUNT,
)
def of_any_account_with_tokens(behaviour: Behaviour) -> Behaviour:
    """As above, by one method, among those that have configured some."""

    def may_share(facts: Facts, found: Found, origin: str) -> bool:
        bearer = isinstance(found, Caller) and found.method == "bearer"
        shared = Refusal("missing-credential") if bearer else found
        return behaviour.may_share(facts, shared, origin)

    return replace(behaviour, may_share=may_share)


def _not_sharing(behaviour: Behaviour, when: Callable[[Facts, Found], bool]) -> Behaviour:
    return replace(
        behaviour,
        may_share=lambda facts, found, origin: (
            not when(facts, found) and behaviour.may_share(facts, found, origin)
        ),
    )


@fault("cors-not-for-tokens", "With a token no page may read an answer", breaks=ALLOWED)
def not_for_tokens(behaviour: Behaviour) -> Behaviour:
    """The configuration is that of keys. Preflights permit Authorization, in vain."""
    return _not_sharing(
        behaviour, lambda facts, found: isinstance(found, Caller) and found.method == "bearer"
    )


@fault("cors-not-at-exchange", "No page may read a token that it asked for", subtle=True, breaks=ALLOWED)
def not_at_exchange(behaviour: Behaviour) -> Behaviour:
    """One operation of two."""
    return _not_sharing(behaviour, lambda facts, found: facts.request.path == PATH)


@fault(
    "cors-needs-origin",
    "A token of an account with origins is refused without one",
    breaks=("practice/origin-not-needed", "origoid/server-calls", "origoid/three-methods"),
    also=because(
        "nothing that is asked with such a token has a control",
        *ALLOWED,
        *SINGLE,
        "fetch/3.3.4-credentials-literal",
        "fetch/3.3.5-credentials-for-all",
        *ORIGIN_LISTED,
        *PER_ACCOUNT,
    ),
)
def needs_origin(behaviour: Behaviour) -> Behaviour:
    """Taken for a stolen one. Calls from servers have no origin."""

    def by_bearer(facts: Facts, token: str) -> Found:
        found = behaviour.by_bearer(facts, token)
        stolen = isinstance(found, Caller) and found.account.origins and not cors.named_origin(facts)
        return Refusal("wrong-claim") if stolen else found

    return replace(behaviour, by_bearer=by_bearer)


@fault(
    "origin-shows-in-body",
    "An answer to a page has a member more",
    level="SHOULD",
    breaks=("practice/origin-changes-nothing",),
)
def shows_in_body(behaviour: Behaviour) -> Behaviour:
    """Left behind from a search for a mistake."""

    def succeed(facts: Facts, data: Mapping[str, Any]) -> Answer:
        answer = behaviour.succeed(facts, data)
        origin = cors.named_origin(facts)
        if origin is None:
            return answer
        return replace(answer, body=json.dumps({**json.loads(answer.body), "origin": origin}).encode())

    return replace(behaviour, succeed=succeed)
