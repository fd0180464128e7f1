"""Faults: an answer gives away more than the greeting, or a request is mended that must be refused."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from reference_server.faults.kid_jwt.entry import CATALOGUE, STATUS, because, fault
from reference_server.faults.kid_jwt.wrong import first_account
from reference_server.faults.shared.named import NAMED, Named
from reference_server.faults.shared.served import SERVED, Serving
from reference_server.faults.shared.wire import WIRE, Wired
from reference_server.kid_jwt.behaviour import Behaviour, Facts
from reference_server.kid_jwt.service import HOST

SERVED.enter(
    CATALOGUE,
    Serving(somebody=first_account),
    prefix="kid-jwt-",
    ids={
        "answer-opens-session": "greeting-opens-session",
        "answer-cacheable": "greeting-cacheable",
        "slash-redirected-with-credential": "slash-redirected-with-key",
        "trace-answered": "greeting-traced",
        "methods-not-listed": "methods-not-named",
    },
    without=("body-judged-first",),
)
WIRE.enter(CATALOGUE, Wired(host=HOST), prefix="kid-jwt-")
NAMED.enter(CATALOGUE, Named(field="Authorization"), prefix="kid-jwt-")


@fault(
    "two-credentials-at-times",
    "Two credentials are refused at one time and judged by the first at the next",
    level="SHOULD",
    breaks=("practice/conflict-steady",),
    also=because(
        "a static token before an unknown one may come at a turn at which the first is enough",
        "practice/key-twice-refused",
        STATUS,
    ),
)
def two_credentials_at_times(behaviour: Behaviour) -> Behaviour:
    """Two workers, one of which takes the first line of a field for the whole. Each turn is that of the first
    credential, so that an unknown one in front is tried once and refused."""
    turns: Counter[str] = Counter()

    def collect(facts: Facts) -> tuple[str, ...]:
        offered = behaviour.collect(facts)
        if len(offered) < 2:
            return offered
        turns[offered[0]] += 1
        return offered if turns[offered[0]] % 2 else offered[:1]

    return replace(behaviour, collect=collect)
