"""Faults: an answer gives away more than what was asked for, or what must be refused is mended and read."""

from __future__ import annotations

from reference_server.faults.origoid.entry import CATALOGUE, PLAIN, SAME_RIGHTS, because
from reference_server.faults.origoid.wrong import first_account
from reference_server.faults.shared.around import AROUND, Guarded
from reference_server.faults.shared.brought_down import BROUGHT_DOWN, Borne
from reference_server.faults.shared.named import NAMED, Named
from reference_server.faults.shared.served import SERVED, Serving
from reference_server.faults.shared.signed.spellings import SPELLINGS, Spelled
from reference_server.faults.shared.ways import offered
from reference_server.faults.shared.wire import WIRE, Wired
from reference_server.origoid.data_plane import ACCOUNT
from reference_server.origoid.service import HOST

PREFIX = "origoid-"

SERVED.enter(
    CATALOGUE,
    Serving(somebody=first_account, offered=offered),
    prefix=PREFIX,
    without=("answer-cacheable", "body-judged-first"),
)
WIRE.enter(CATALOGUE, Wired(host=HOST), prefix=PREFIX)
NAMED.enter(CATALOGUE, Named(field="x-api-key"), prefix=PREFIX)
SPELLINGS.enter(
    CATALOGUE,
    Spelled(malformed=()),
    prefix="origoid-token-",
    only=("as-json-read", "iterations-unbounded", "dots-cost-dearly"),
)
AROUND.enter(
    CATALOGUE,
    Guarded(
        somebody=first_account,
        offered=offered,
        listing=ACCOUNT,
        healthy=lambda facts: facts.behaviour.succeed(facts, {"health": "good"}),
        plain=PLAIN,
        mixed_up=because(
            "two accounts that are compared may be asked for one after the other",
            "asvs/8.2.2-token-identity",
            *SAME_RIGHTS,
        ),
    ),
    prefix=PREFIX,
    ids={
        "plain-status-served": "plain-status-served",
        "another-is-given-the-last-answer": "another-is-given-the-last-answer",
    },
    # these are seen at other APIs
    without=(
        "another-is-told-that-nothing-changed",
        "path-from-forwarded-path",
        "path-from-original-url",
        "upgrade-unguarded",
    ),
)
BROUGHT_DOWN.enter(CATALOGUE, Borne(offered=offered), prefix=PREFIX, only=("long-crash",))
BROUGHT_DOWN.enter(
    CATALOGUE,
    Borne(token="key", offered=lambda facts: facts.behaviour.collect_keys(facts)),
    prefix=PREFIX,
    only=("format-crash",),
)
