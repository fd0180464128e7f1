"""Faults: a token that was revoked goes on, comes back, or takes others with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from itertools import cycle

from reference_server.faults.originchain.entry import because, fault
from reference_server.faults.originchain.lives import CONDITIONAL, EVERYWHERE, LOOKED_AT_ONCE, WARM, WATCHED
from reference_server.faults.originchain.wrong import believing, counting_uses, method, since_revocation
from reference_server.originchain.behaviour import Behaviour, Facts
from reference_server.originchain.records import Token

REFUSED = WATCHED[:2]
"""What is looked at whenever a token is revoked."""


@fault(
    "revocation-forgotten",
    "A revoked token is accepted for ever",
    breaks=(*WATCHED, *LOOKED_AT_ONCE),
)
def revocation_forgotten(behaviour: Behaviour) -> Behaviour:
    """The call is answered and nothing is done. Whatever asks with a revoked token at its own instance is
    served, by each operation, with a condition, after a second call and after a namesake; and so it is not
    answered like an unknown one. At another instance it is a foreign token, for which 403 is right, and other
    tokens live on as they should."""
    return replace(behaviour, revoke=lambda server, token: None)


@fault(
    "revocation-queued-12s",
    "A revocation takes effect after 12 s",
    breaks=WATCHED,
    also=because("12 s may be over when it is asked", *LOOKED_AT_ONCE),
)
def revocation_queued(behaviour: Behaviour) -> Behaviour:
    """The call is put into a queue that is emptied 12 s later, and 5 s are allowed. What is watched from then
    on shows it; what is asked once comes after half a second more, at the earliest."""
    return believing(behaviour, lambda facts, token: since_revocation(facts, token) < 12)


def _caching(behaviour: Behaviour, lasts: float) -> Behaviour:
    """Believe a token for so many documented seconds after it was last used alive, but not past its end."""

    def remember(facts: Facts, token: Token) -> None:
        until = facts.now + lasts * facts.server.time_scale
        if token.expires_at is not None:
            until = min(until, token.expires_at)
        facts.replica.accepted[token.digest] = (token, until)

    def renew(facts: Facts, token: Token) -> None:
        present = facts.server.store.token(token.id)
        if present and present.revoked_at is None:
            remember(facts, present)

    return counting_uses(replace(behaviour, remember=remember), renew)


@fault(
    "revocation-cached-8s",
    "A token that was in use is believed for 8 s more",
    subtle=True,
    breaks=REFUSED,
    also=because(
        "8 s are over when it is asked, or nearly; on a busy machine also for a single watch",
        *(name for name in (*WATCHED, *LOOKED_AT_ONCE) if name not in REFUSED),
    ),
)
def revocation_cached_8s(behaviour: Behaviour) -> Behaviour:
    """A cache in front of the store, which looks at the store behind a request that it answers. Whoever
    watches uses the token up to its revocation, and is answered from the cache for 8 s after that, of which
    5 s are allowed. Every scenario that revokes a token waits until it is refused."""
    return _caching(behaviour, 8)


@fault(
    "revocation-cached-60s",
    "A token that was in use is believed for a minute more",
    breaks=(*WATCHED, *LOOKED_AT_ONCE),
)
def revocation_cached_60s(behaviour: Behaviour) -> Behaviour:
    """As above, for longer than anybody watches. A cache keeps expiry and scope."""
    return _caching(behaviour, 60)


MACHINES = 3


@fault(
    "revocation-on-one-replica",
    "Of three replicas one hears of a revocation",
    breaks=WATCHED,
    also=because("it is asked once, and may be asked of the one that knows", *LOOKED_AT_ONCE),
)
def revocation_on_one_replica(behaviour: Behaviour) -> Behaviour:
    """Requests go to three machines in turn, each with its own list of revoked tokens; the call reaches one.
    Who watches sees the answers flap for ever."""
    turns = cycle(range(MACHINES))
    return believing(behaviour, lambda facts, token: next(turns) != 0)


@fault(
    "revocation-undone-after-2s",
    "A revoked token is refused for 2 s and then comes back",
    breaks=(*WATCHED, *LOOKED_AT_ONCE),
)
def revocation_undone_soon(behaviour: Behaviour) -> Behaviour:
    """A copy that does not know of the revocation is put over the store that does. It is back before the
    time allowed is over, and stays."""
    return believing(behaviour, lambda facts, token: since_revocation(facts, token) >= 2)


@fault(
    "revocation-undone-after-20s",
    "A revoked token is refused for 20 s and then comes back",
    subtle=True,
    breaks=WATCHED,
    also=because("it is asked long before, unless the machine is very busy", *LOOKED_AT_ONCE),
)
def revocation_undone_late(behaviour: Behaviour) -> Behaviour:
    """As above, by a copy that is made every 20 s. Only a watch of half a minute shows it."""
    return believing(behaviour, lambda facts, token: since_revocation(facts, token) >= 20)


@fault(
    "revoked-each-tenth-accepted",
    "Each tenth use of a revoked token is accepted",
    subtle=True,
    breaks=WATCHED,
    also=because("it is asked once, which may be a tenth time", *LOOKED_AT_ONCE),
)
def revoked_each_tenth_accepted(behaviour: Behaviour) -> Behaviour:
    """A worker among ten that was not told. In half a minute of watching there are many tenth times after
    the time allowed."""
    uses: Counter[str] = Counter()

    def tenth(facts: Facts, token: Token) -> bool:
        uses[token.id] += 1
        return uses[token.id] % 10 == 0

    return believing(behaviour, tenth)


def _for_some(behaviour: Behaviour, when: Callable[[Facts], bool]) -> Behaviour:
    return believing(behaviour, lambda facts, token: when(facts))


@fault(
    "revoked-for-reading-only",
    "A revoked token may still change things",
    breaks=EVERYWHERE,
)
def revoked_for_reading_only(behaviour: Behaviour) -> Behaviour:
    """The list of revoked tokens is looked up for GET and HEAD. What is watched is a GET; only the scenario
    that asks every operation meets POST, PUT, PATCH and DELETE."""
    return _for_some(behaviour, method("POST", "PUT", "PATCH", "DELETE"))


@fault(
    "revoked-token-may-head",
    "HEAD is answered with a revoked token",
    subtle=True,
    breaks=EVERYWHERE,
)
def revoked_token_may_head(behaviour: Behaviour) -> Behaviour:
    """As above, for one method, which is one of the operations."""
    return _for_some(behaviour, method("HEAD"))


@fault(
    "revoked-token-reads-by-name",
    "A single schema can be read with a revoked token",
    subtle=True,
    breaks=EVERYWHERE,
)
def revoked_token_reads_by_name(behaviour: Behaviour) -> Behaviour:
    """As above: the list is guarded by the new code, its members by the old. Only `read` is a GET of one."""
    return _for_some(
        behaviour, lambda facts: facts.request.method == "GET" and len(facts.request.segments) == 5
    )


@fault(
    "revocation-spares-connections",
    "A connection on which a token was accepted goes on accepting it",
    subtle=True,
    breaks=WATCHED,
)
def revocation_spares_connections(behaviour: Behaviour) -> Behaviour:
    """Each connection keeps the tokens that it has accepted. Those who watch keep their connections from
    before the revocation, and are served for ever. What is asked afterwards comes on a connection that has
    not carried the token yet."""
    accepted: set[tuple[int, str]] = set()
    return counting_uses(
        believing(behaviour, lambda facts, token: (facts.request.connection, token.id) in accepted),
        lambda facts, token: accepted.add((facts.request.connection, token.id)),
    )


@fault(
    "revoked-token-not-modified",
    "A conditional request is answered with 304 to a revoked token",
    subtle=True,
    breaks=CONDITIONAL,
)
def revoked_token_not_modified(behaviour: Behaviour) -> Behaviour:
    """Validation is left to a proxy that asks for some token and not for a live one. A 304 tells that the
    resource is as it was, and is no refusal. No other request with a revoked token has a condition."""
    return _for_some(behaviour, lambda facts: bool(facts.request.values("if-none-match")))


BUSY = 45


@fault(
    "revocation-spares-busy-tokens",
    "A token that was used 45 times is accepted for 10 s after its revocation",
    subtle=True,
    breaks=(WARM, "originchain/revocation"),
    also=because(
        "whoever watches may have asked as often before the revocation, where the call takes its time",
        *(name for name in (*WATCHED, *LOOKED_AT_ONCE) if name not in (WARM, "originchain/revocation")),
    ),
)
def revocation_spares_busy_tokens(behaviour: Behaviour) -> Behaviour:
    """Hot entries are kept in a cache of their own. Only one scenario uses a token fifty times before it is
    revoked; to watch the others takes some twenty requests."""
    uses: Counter[str] = Counter()

    def use(facts: Facts, token: Token) -> None:
        uses[token.id] += token.revoked_at is None

    return believing(
        counting_uses(behaviour, use),
        lambda facts, token: uses[token.id] >= BUSY and since_revocation(facts, token) < 10,
    )


@fault(
    "revocation-refill-race",
    "A token in use while it is revoked is accepted for 10 s more",
    subtle=True,
    breaks=REFUSED,
    also=because(
        "10 s are over when it is asked, or nearly; on a busy machine no use may be under way",
        *(name for name in (*WATCHED, *LOOKED_AT_ONCE) if name not in REFUSED),
    ),
)
def revocation_refill_race(behaviour: Behaviour) -> Behaviour:
    """A request that was under way when the token was struck from the cache puts it back. Whoever waits until
    the token is refused uses it all the time, and every scenario that revokes one does."""
    used: dict[str, float] = {}

    def use(facts: Facts, token: Token) -> None:
        if token.revoked_at is None:
            used[token.id] = facts.now

    def raced(facts: Facts, token: Token) -> bool:
        gap = (token.revoked_at or 0.0) - used.get(token.id, 0.0)
        return gap < 3 * facts.server.time_scale and since_revocation(facts, token) < 10

    return believing(counting_uses(behaviour, use), raced)
