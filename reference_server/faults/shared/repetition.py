"""Faults: an answer depends on how often something was asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from reference_server.faults.shared.decisions import A, Facts
from reference_server.faults.shared.sets import FaultSet
from reference_server.faults.shared.ways import Somebody, judging_again, reason_of

TENTH = 10
MANY = 20
CROWD = 6
"""New connections that may be open for one credential."""

STAYS_REFUSED = "practice/stays-refused"
STAYS_ACCEPTED = "practice/stays-accepted"
REPEATED = (STAYS_REFUSED, "rfc9110/3.3-each-request")
"""What falls as well when what is not refused is asked again and again, and after a valid credential."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeated:
    """What differs between APIs that are asked the same again and again."""

    token: str = "token"
    """In titles: the main credential."""
    somebody: Somebody
    """Who is served where nobody should be."""
    unknown: Any
    """The refusal of a credential that nobody has, and of an altered one."""
    identity: Callable[[Any], str] = attrgetter("id")
    """By what whoever `admit` lets in is told from others."""
    offered: Callable[[Any], object] = lambda facts: facts.behaviour.collect(facts)
    """Of the facts: by what one credential is told from another, be they known or not."""
    foreign: str | None = None
    """The reason for which another instance's is refused."""
    accepted: tuple[str, ...]
    """What the document says of a valid credential; falls when one is refused."""
    overlap: tuple[str, ...] = ()
    """What falls when the tenth use of a credential is refused, because it is used as often elsewhere."""
    missing: tuple[str, ...]
    """What the document says of a request without one; falls when one is served."""
    refused: tuple[str, ...]
    """The same of unknown and altered ones."""
    insisted: tuple[str, ...] = ()
    """What falls when one that is refused is accepted in the end: those that are revoked or expire are used
    again and again by whoever watches them."""
    refused_foreign: tuple[str, ...] = ()
    """What the document says of another instance's."""


REPETITION: FaultSet[Repeated] = FaultSet()
fault = REPETITION.fault


def _giving_in(
    api: Repeated,
    behaviour: A,
    reason: str | None,
    tries: Callable[[Facts], object],
    when: Callable[[int], bool],
) -> A:
    """Serve what should be refused for `reason` when it has been tried so often; `tries` says what counts
    as the same thing."""
    tried: Counter[object] = Counter()

    def judge(admitted: Any, facts: Facts, *where: Any) -> Any:
        if reason is None or reason_of(admitted) != reason:
            return admitted
        tried[tries(facts)] += 1
        return api.somebody(facts, *where) if when(tried[tries(facts)]) else admitted

    return judging_again(behaviour, judge)


def _each_tenth(count: int) -> bool:
    return count % TENTH == 0


def _after_many(count: int) -> bool:
    return count > MANY


@fault(
    "tenth-reading-refused",
    "Each tenth GET with a {it.token} on a connection is refused",
    subtle=True,
    breaks=lambda api: (STAYS_ACCEPTED, *api.accepted, *api.overlap),
)
def tenth_reading_refused(api: Repeated, behaviour: A) -> A:
    """A worker drops what it knows of the credential now and then. Among twenty-five readings one after the
    other on a connection there are two such at least, whatever was read before, and one among the ten of an
    old credential beside its successor. A control that meets such a reading is asked again and accepted."""
    uses: Counter[object] = Counter()

    def judge(admitted: Any, facts: Facts, *where: Any) -> Any:
        if reason_of(admitted) or facts.request.method != "GET":
            return admitted
        key = (facts.request.connection, api.identity(admitted))
        uses[key] += 1
        return api.unknown if _each_tenth(uses[key]) else admitted

    return judging_again(behaviour, judge)


@fault(
    "burst-of-connections-refused",
    "A {it.token} that comes on many new connections at once is refused",
    subtle=True,
    breaks=lambda api: (STAYS_ACCEPTED, *api.accepted),
)
def burst_of_connections_refused(api: Repeated, behaviour: A) -> A:
    """A guard against stolen credentials counts new connections up and known ones down, and turns away those
    that are new when there are too many. Ten requests at once need nine new connections; otherwise each of
    the few lines of work keeps the one it has."""
    level: Counter[str] = Counter()

    def judge(admitted: Any, facts: Facts, *where: Any) -> Any:
        if reason_of(admitted):
            return admitted
        known = facts.request.served > 0
        key = api.identity(admitted)
        level[key] = max(0, level[key] + (-1 if known else 1))
        return api.unknown if level[key] > CROWD and not known else admitted

    return judging_again(behaviour, judge)


@fault(
    "anonymous-served-after-twenty",
    "After twenty requests without a credential in a row the next one is served",
    subtle=True,
    breaks=lambda api: (STAYS_REFUSED, *api.missing),
)
def anonymous_served_after_twenty(api: Repeated, behaviour: A) -> A:
    """Whatever fails open in the end. A credential on the same connection ends the row, and the controls
    around a batch have one, so that only the scenario that asks twenty-five times gets so far."""
    row: Counter[int] = Counter()

    def judge(admitted: Any, facts: Facts, *where: Any) -> Any:
        connection = facts.request.connection
        if reason_of(admitted) != "missing-credential":
            row[connection] = 0
            return admitted
        row[connection] += 1
        return api.somebody(facts, *where) if _after_many(row[connection]) else admitted

    return judging_again(behaviour, judge)


KEPT = ("unserved", None, "missing-credential")
"""After these three the next request is given what is kept: the reasons, None for what was served."""


@fault(
    "refusal-kept",
    "A refusal is given to the next request as well, after two in three",
    subtle=True,
    breaks=lambda api: ("practice/refusal-not-kept", *api.accepted),
)
def refusal_kept(api: Repeated, behaviour: A) -> A:
    """A connection on which a credential was refused, one accepted and then none sent is taken for an attack,
    once. Only GETs in a row count, and whether a refused change took place is asked between two changes.
    Whoever asks after a single refusal, or after several in a row, is served: as the controls are."""
    rows: dict[int, tuple[str | None, ...]] = {}

    def judge(admitted: Any, facts: Facts, *where: Any) -> Any:
        connection, reason = facts.request.connection, reason_of(admitted)
        row = rows.pop(connection, ())
        if facts.request.method != "GET":
            return admitted
        if reason is None and row == KEPT:
            return api.unknown
        other = reason if reason in (None, "missing-credential") else "unserved"
        rows[connection] = (*row[-2:], other)
        return admitted

    return judging_again(behaviour, judge)


def _insisted(api: Repeated) -> tuple[str, ...]:
    return (STAYS_REFUSED, *api.refused, *api.insisted)


@fault(
    "tenth-unknown-token-accepted",
    "Each tenth unknown {it.token} on a connection is accepted",
    subtle=True,
    breaks=lambda api: (STAYS_REFUSED, *api.refused),
)
def tenth_unknown_accepted(api: Repeated, behaviour: A) -> A:
    """The lookup gives up and lets the request through. Twenty-five unknown ones one after the other on a
    connection are enough, whatever was tried before."""
    return _giving_in(
        api, behaviour, reason_of(api.unknown), lambda facts: facts.request.connection, _each_tenth
    )


@fault(
    "tenth-use-of-altered-token-accepted",
    "Each tenth use of the same altered {it.token} is accepted",
    subtle=True,
    breaks=_insisted,
)
def tenth_use_of_altered_accepted(api: Repeated, behaviour: A) -> A:
    """Counted per credential. Only the one without its last character is sent so often; unknown ones are new
    each time. What the profile says of unknown ones it says of altered ones. One that was revoked or has
    expired is sent as often by those who watch it."""
    return _giving_in(api, behaviour, reason_of(api.unknown), api.offered, _each_tenth)


@fault(
    "altered-token-accepted-after-twenty",
    "An altered {it.token} is accepted once it has been used twenty times",
    subtle=True,
    breaks=_insisted,
)
def altered_accepted_after_twenty(api: Repeated, behaviour: A) -> A:
    """As above, from the twenty-first use on: what has been seen so often must be somebody's."""
    return _giving_in(api, behaviour, reason_of(api.unknown), api.offered, _after_many)


@fault(
    "tenth-use-of-foreign-token-accepted",
    "Each tenth use of another instance's {it.token} on a connection is accepted",
    subtle=True,
    breaks=lambda api: (STAYS_REFUSED, *api.refused_foreign),
)
def tenth_use_of_foreign_accepted(api: Repeated, behaviour: A) -> A:
    """Counted per credential. The one of another instance is sent twenty-five times in a row."""
    return _giving_in(
        api,
        behaviour,
        api.foreign,
        lambda facts: (facts.request.connection, api.offered(facts)),
        _each_tenth,
    )


@fault(
    "foreign-token-accepted-after-twenty",
    "Another instance's {it.token} is accepted once it has been used twenty times",
    subtle=True,
    breaks=lambda api: (STAYS_REFUSED, *api.refused_foreign),
)
def foreign_accepted_after_twenty(api: Repeated, behaviour: A) -> A:
    """As above, from the twenty-first use on, on whatever connection: a cache of what is known does not keep
    apart for which instance it is known."""
    return _giving_in(api, behaviour, api.foreign, api.offered, _after_many)
