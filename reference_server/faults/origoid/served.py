"""Faults: an answer gives away more than what was asked for, or what must be refused is mended and read."""

from __future__ import annotations

from reference_server.faults.origoid.entry import CATALOGUE
from reference_server.faults.origoid.wrong import first_account
from reference_server.faults.shared.served import SERVED, Serving
from reference_server.faults.shared.signed.spellings import SPELLINGS, Spelled
from reference_server.faults.shared.wire import WIRE, Wired
from reference_server.origoid.behaviour import Facts
from reference_server.origoid.service import HOST

PREFIX = "origoid-"


def _offered(facts: Facts) -> tuple[str, ...]:
    return (*facts.behaviour.collect_keys(facts), *facts.behaviour.collect(facts))


SERVED.enter(
    CATALOGUE,
    Serving(somebody=first_account, offered=_offered),
    prefix=PREFIX,
    without=("answer-cacheable", "body-judged-first"),
)
WIRE.enter(CATALOGUE, Wired(host=HOST), prefix=PREFIX)
SPELLINGS.enter(
    CATALOGUE,
    Spelled(malformed=()),
    prefix="origoid-token-",
    only=("as-json-read", "iterations-unbounded", "dots-cost-dearly"),
)
