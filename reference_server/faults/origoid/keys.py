"""Faults: what is no API key, or not in its place, is taken for one; and what is said of it."""

from __future__ import annotations

import json
from dataclasses import replace

from reference_server.faults.origoid import entry
from reference_server.faults.origoid.entry import CATALOGUE, fault
from reference_server.faults.origoid.wrong import also_matching, with_field
from reference_server.faults.shared.places import PLACES, Placed
from reference_server.messages import Answer
from reference_server.origoid.behaviour import Behaviour, Facts, Refusal

PLACES.enter(
    CATALOGUE,
    Placed(
        also_matching=also_matching,
        prefix="oid_",
        in_url=entry.KEY_IN_URL,
        elsewhere=entry.KEY_ELSEWHERE,
        in_body=entry.KEY_IN_BODY,
        twice=entry.KEY_TWICE,
        slot=entry.SLOT,
        invalid=entry.INVALID,
        blank=entry.KEY_BLANK,
        uniform=entry.UNIFORM,
    ),
    prefix="origoid-",
    only=(
        "key-in-query",
        "key-in-cookie",
        "key-in-cookie-api-key",
        "key-in-proxy-authorization",
        "key-in-json",
        "key-as-client-secret",
        "key-after-bearer",
        "key-after-basic",
        "token-as-key",
        "first-key-wins",
        "last-key-wins",
        "any-of-joined-keys",
    ),
)


@fault(
    "origoid-key-echoed",
    "The refusal of a key repeats it",
    breaks=("practice/no-echo", "origoid/not-in-front-end", *entry.UNIFORM),
    subtle=True,
    also=entry.because(
        "a key of 64 kB makes a field that is longer than a client has to read", "rfc9110/5.4-oversized"
    ),
)
def echoed(behaviour: Behaviour) -> Behaviour:
    """In a field for the operators of the gateway. The body is as documented; a request without a key has
    nothing to be repeated, so that the fields differ."""

    def refuse(facts: Facts, refusal: Refusal) -> Answer:
        answer = behaviour.refuse(facts, refusal)
        keys = behaviour.collect_keys(facts)
        return with_field("X-Rejected", json.dumps(keys[0])[1:-1])(facts, answer) if keys else answer

    return replace(behaviour, refuse=refuse)
