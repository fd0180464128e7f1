"""Faults: a token that was revoked goes on, or comes back.

They are for APIs that allow some 5 s until a revocation takes effect, and are watched for half a minute.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from itertools import cycle
from typing import Any

from reference_server.faults.shared.decisions import Facts, M
from reference_server.faults.shared.lives import Named, Plane
from reference_server.faults.shared.sets import FaultSet, because
from reference_server.faults.shared.ways import believing, counting_uses, method, since_revocation

REVOCATION: FaultSet[Plane] = FaultSet()
fault = REVOCATION.fault


def _watched(api: Plane) -> Named:
    return api.breaks.watched


def _all(api: Plane) -> Named:
    return (*api.breaks.watched, *api.breaks.looked_at_once)


def _refused(api: Plane) -> Named:
    return api.breaks.refused


def _everywhere(api: Plane) -> Named:
    return api.breaks.everywhere


@fault("revocation-forgotten", "A revoked {it.token} is accepted for ever", breaks=_all)
def revocation_forgotten(api: Plane, behaviour: M) -> M:
    """The call is answered and nothing is done. Whatever asks with a revoked token is served, by each
    operation, with a condition, after a second call and after a namesake; and so it is not answered like an
    unknown one. At another instance it is a foreign token, and other tokens live on as they should."""
    return replace(behaviour, revoke=lambda server, token: None)


@fault(
    "revocation-queued-12s",
    "A revocation takes effect after 12 s",
    breaks=_watched,
    also=lambda api: because("12 s may be over when it is asked", *api.breaks.looked_at_once),
)
def revocation_queued(api: Plane, behaviour: M) -> M:
    """The call is put into a queue that is emptied 12 s later. What is watched from then on shows it; what is
    asked once comes after half a second more, at the earliest."""
    return believing(behaviour, lambda facts, token: since_revocation(facts, token) < 12)


# --- what was in use is remembered -----------------------------------------------------------------


def _by_last_use(api: Plane, behaviour: M, when: Callable[[Facts, Any, float], bool]) -> M:
    """Believe a revoked token when `when(facts, token, at)`, where `at` is when it was last used alive."""
    used: dict[str, float] = {}

    def use(facts: Facts, token: Any) -> None:
        if token.revoked_at is None:
            used[token.id] = facts.now

    def believed(facts: Facts, token: Any) -> bool:
        return token.id in used and when(facts, token, used[token.id])

    return counting_uses(believing(behaviour, believed), use, api.found_by)


def _caching(api: Plane, behaviour: M, lasts: float) -> M:
    """Believe a token for so many documented seconds after it was last used alive, but not past its end."""
    return _by_last_use(
        api, behaviour, lambda facts, token, at: facts.now < at + lasts * facts.server.time_scale
    )


@fault(
    "revocation-cached-8s",
    "A {it.token} that was in use is believed for 8 s more",
    subtle=True,
    breaks=_refused,
    also=lambda api: because(
        "8 s are over when it is asked, or nearly; on a busy machine also for a single watch",
        *_all(api),
        but=api.breaks.refused,
    ),
)
def revocation_cached_8s(api: Plane, behaviour: M) -> M:
    """A cache in front of the store, which looks at the store behind a request that it answers. Whoever
    watches uses the token up to its revocation, and is answered from the cache for 8 s after that. Every
    scenario that revokes a token waits until it is refused."""
    return _caching(api, behaviour, 8)


@fault(
    "revocation-cached-60s",
    "A {it.token} that was in use is believed for a minute more",
    breaks=_all,
)
def revocation_cached_60s(api: Plane, behaviour: M) -> M:
    """As above, for longer than anybody watches. A cache keeps expiry and scope."""
    return _caching(api, behaviour, 60)


@fault(
    "revocation-refill-race",
    "A {it.token} in use while it is revoked is accepted for 10 s more",
    subtle=True,
    breaks=_refused,
    also=lambda api: because(
        "10 s are over when it is asked, or nearly; on a busy machine no use may be under way",
        *_all(api),
        but=api.breaks.refused,
    ),
)
def revocation_refill_race(api: Plane, behaviour: M) -> M:
    """A request that was under way when the token was struck from the cache puts it back. Whoever waits until
    the token is refused uses it all the time, and every scenario that revokes one does."""

    def raced(facts: Facts, token: Any, at: float) -> bool:
        recent: bool = token.revoked_at - at < 3 * facts.server.time_scale
        return recent and since_revocation(facts, token) < 10

    return _by_last_use(api, behaviour, raced)


BUSY = 45


def _busy(api: Plane) -> Named:
    return (api.breaks.warm, *api.breaks.revoked_status)


@fault(
    "revocation-spares-busy-tokens",
    "A {it.token} that was used 45 times is accepted for 10 s after its revocation",
    subtle=True,
    breaks=_busy,
    also=lambda api: because(
        "whoever watches may have asked as often before the revocation, where the call takes its time",
        *_all(api),
        but=_busy(api),
    ),
)
def revocation_spares_busy_tokens(api: Plane, behaviour: M) -> M:
    """Hot entries are kept in a cache of their own. Only one scenario uses a token fifty times before it is
    revoked; to watch the others takes some twenty requests."""
    uses: Counter[str] = Counter()

    def use(facts: Facts, token: Any) -> None:
        uses[token.id] += token.revoked_at is None

    return believing(
        counting_uses(behaviour, use, api.found_by),
        lambda facts, token: uses[token.id] >= BUSY and since_revocation(facts, token) < 10,
    )


# --- it is heard of in part, or comes back ---------------------------------------------------------

MACHINES = 3


@fault(
    "revocation-on-one-replica",
    "Of three replicas one hears of a revocation",
    breaks=_watched,
    also=lambda api: because(
        "it is asked once, and may be asked of the one that knows", *api.breaks.looked_at_once
    ),
)
def revocation_on_one_replica(api: Plane, behaviour: M) -> M:
    """Requests go to three machines in turn, each with its own list of revoked tokens; the call reaches one.
    Who watches sees the answers flap for ever."""
    turns = cycle(range(MACHINES))
    return believing(behaviour, lambda facts, token: next(turns) != 0)


@fault(
    "revocation-undone-after-2s",
    "A revoked {it.token} is refused for 2 s and then comes back",
    breaks=_all,
)
def revocation_undone_soon(api: Plane, behaviour: M) -> M:
    """A copy that does not know of the revocation is put over the store that does. It is back before the
    time allowed is over, and stays."""
    return believing(behaviour, lambda facts, token: since_revocation(facts, token) >= 2)


@fault(
    "revocation-undone-after-20s",
    "A revoked {it.token} is refused for 20 s and then comes back",
    subtle=True,
    breaks=_watched,
    also=lambda api: because(
        "it is asked long before, unless the machine is very busy", *api.breaks.looked_at_once
    ),
)
def revocation_undone_late(api: Plane, behaviour: M) -> M:
    """As above, by a copy that is made every 20 s. Only a watch of half a minute shows it."""
    return believing(behaviour, lambda facts, token: since_revocation(facts, token) >= 20)


@fault(
    "revoked-each-tenth-accepted",
    "Each tenth use of a revoked {it.token} is accepted",
    subtle=True,
    breaks=_watched,
    also=lambda api: because("it is asked once, which may be a tenth time", *api.breaks.looked_at_once),
)
def revoked_each_tenth_accepted(api: Plane, behaviour: M) -> M:
    """A worker among ten that was not told. In half a minute of watching there are many tenth times after
    the time allowed."""
    uses: Counter[str] = Counter()

    def tenth(facts: Facts, token: Any) -> bool:
        uses[token.id] += 1
        return uses[token.id] % 10 == 0

    return believing(behaviour, tenth)


# --- it holds for some requests only ---------------------------------------------------------------


def _for_some(behaviour: M, when: Callable[[Facts], bool]) -> M:
    return believing(behaviour, lambda facts, token: when(facts))


@fault(
    "revoked-for-reading-only",
    "A revoked {it.token} may still change things",
    breaks=_everywhere,
)
def revoked_for_reading_only(api: Plane, behaviour: M) -> M:
    """The list of revoked tokens is looked up for GET and HEAD. What is watched is a GET; only the scenario
    that asks every operation meets POST, PUT, PATCH and DELETE."""
    return _for_some(behaviour, method("POST", "PUT", "PATCH", "DELETE"))


@fault(
    "revoked-token-may-head",
    "HEAD is answered with a revoked {it.token}",
    subtle=True,
    breaks=_everywhere,
)
def revoked_token_may_head(api: Plane, behaviour: M) -> M:
    """As above, for one method, which is one of the operations."""
    return _for_some(behaviour, method("HEAD"))


@fault(
    "revocation-spares-connections",
    "A connection on which a {it.token} was accepted goes on accepting it",
    subtle=True,
    breaks=_watched,
)
def revocation_spares_connections(api: Plane, behaviour: M) -> M:
    """Each connection keeps the tokens that it has accepted. Those who watch keep their connections from
    before the revocation, and are served for ever. What is asked afterwards comes on a connection that has
    not carried the token yet."""
    accepted: set[tuple[int, str]] = set()
    return counting_uses(
        believing(behaviour, lambda facts, token: (facts.request.connection, token.id) in accepted),
        lambda facts, token: accepted.add((facts.request.connection, token.id)),
        api.found_by,
    )


@fault(
    "revoked-token-not-modified",
    "A conditional request is answered with 304 to a revoked {it.token}",
    subtle=True,
    breaks=lambda api: api.breaks.conditional,
)
def revoked_token_not_modified(api: Plane, behaviour: M) -> M:
    """Validation is left to a proxy that asks for some token and not for a live one. A 304 tells that the
    resource is as it was, and is no refusal. No other request with a revoked token has a condition."""
    return _for_some(behaviour, lambda facts: bool(facts.request.values("if-none-match")))
