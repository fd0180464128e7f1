"""Faults: an answer depends on how often something was asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from reference_server.faults.originchain.entry import (
    ALTERED,
    ENVIRONMENT,
    FOREIGN,
    MISSING,
    SHOWN,
    TENANT,
    UNKNOWN,
    because,
    fault,
)
from reference_server.faults.originchain.lives import (
    DEAD,
    ELSEWHERE,
    EXPIRY,
    LOOKED_AT_ONCE,
    OVERLAP,
    PROMPTLY,
    SEVERAL,
    TARGETED,
    WATCHED,
)
from reference_server.originchain.behaviour import Behaviour, Facts, Reason, Refusal
from reference_server.originchain.records import Instance, Token

TENTH = 10
MANY = 20

STAYS_REFUSED = "practice/stays-refused"
STAYS_ACCEPTED = "practice/stays-accepted"

Admitted = Token | Refusal


def _judging_again(behaviour: Behaviour, judge: Callable[[Facts, Instance, Admitted], Admitted]) -> Behaviour:
    """Think twice about who was let in, and who was not."""
    return replace(
        behaviour, admit=lambda facts, instance: judge(facts, instance, behaviour.admit(facts, instance))
    )


def _giving_in(
    behaviour: Behaviour, reason: Reason, tries: Callable[[Facts], object], when: Callable[[int], bool]
) -> Behaviour:
    """Serve what should be refused for `reason` when it has been tried so often; `tries` says what counts
    as the same thing."""
    tried: Counter[object] = Counter()

    def judge(facts: Facts, instance: Instance, admitted: Admitted) -> Admitted:
        if admitted != Refusal(reason):
            return admitted
        tried[tries(facts)] += 1
        return facts.server.store.tokens(instance.id)[0] if when(tried[tries(facts)]) else admitted

    return _judging_again(behaviour, judge)


def _offered(facts: Facts) -> tuple[str, ...]:
    return facts.behaviour.collect(facts)


def _each_tenth(count: int) -> bool:
    return count % TENTH == 0


def _after_many(count: int) -> bool:
    return count > MANY


_A_REFUSED_READING = {
    **because(
        "a case whose valid token is to be accepted may be the tenth reading on its connection",
        "rfc6750/2.1-header-accepted",
        "rfc9110/11.1-scheme-case",
        "rfc9110/11.4-several-spaces",
        "practice/own-instance-accepted",
        "rfc9110/3.3-each-request",
        *TENANT,
        "originchain/labels",
    ),
    **because(
        "a use of a new token, or a probe of those who watch one, may be the tenth reading on its connection",
        *(
            name
            for name in (*PROMPTLY, *SEVERAL, *TARGETED, *WATCHED, *LOOKED_AT_ONCE, *EXPIRY)
            if name not in OVERLAP
        ),
    ),
    **because(
        "the reading that shows whether a refused change took place may be the tenth on its connection",
        "rfc6750/3-missing-refused",
        *MISSING,
        "rfc6750/3.1-no-error-when-anonymous",
        "rfc6750/3.1-unknown-refused",
        *UNKNOWN,
        "rfc6750/3.1-invalid-token-error",
        "asvs/8.4.1-foreign-refused",
        *FOREIGN,
        *SHOWN,
    ),
}


@fault(
    "tenth-reading-refused",
    "Each tenth GET with a token on a connection is refused",
    subtle=True,
    breaks=(STAYS_ACCEPTED, *OVERLAP),
    also=_A_REFUSED_READING,
)
def tenth_reading_refused(behaviour: Behaviour) -> Behaviour:
    """A worker drops what it knows of the token now and then. Among twenty-five readings one after the other
    on a connection there are two such at least, whatever was read before, and one among the ten of an old
    token beside its successor. The list is what the document promises to a valid token. A control that meets
    such a reading is asked again and accepted."""
    uses: Counter[object] = Counter()

    def judge(facts: Facts, instance: Instance, admitted: Admitted) -> Admitted:
        if isinstance(admitted, Refusal) or facts.request.method != "GET":
            return admitted
        key = (facts.request.connection, admitted.id)
        uses[key] += 1
        return Refusal("unknown-token") if _each_tenth(uses[key]) else admitted

    return _judging_again(behaviour, judge)


@fault(
    "burst-of-connections-refused",
    "A token that comes on many new connections at once is refused",
    subtle=True,
    breaks=(STAYS_ACCEPTED, "originchain/endpoint"),
)
def burst_of_connections_refused(behaviour: Behaviour) -> Behaviour:
    """A guard against stolen tokens counts new connections up and known ones down, and turns away those
    that are new when there are too many. Ten requests for the list at once need nine new connections;
    otherwise each of the few lines of work keeps the one it has."""
    level: Counter[str] = Counter()
    most = 6

    def judge(facts: Facts, instance: Instance, admitted: Admitted) -> Admitted:
        if isinstance(admitted, Refusal):
            return admitted
        known = facts.request.served > 0
        level[admitted.id] = max(0, level[admitted.id] + (-1 if known else 1))
        return Refusal("unknown-token") if level[admitted.id] > most and not known else admitted

    return _judging_again(behaviour, judge)


@fault(
    "anonymous-served-after-twenty",
    "After twenty requests without a credential in a row the next one is served",
    subtle=True,
    breaks=(STAYS_REFUSED, *MISSING),
)
def anonymous_served_after_twenty(behaviour: Behaviour) -> Behaviour:
    """Whatever fails open in the end. A token on the same connection ends the row, and the controls around
    a batch have one, so that only the scenario that asks twenty-five times gets so far."""
    row: Counter[int] = Counter()

    def judge(facts: Facts, instance: Instance, admitted: Admitted) -> Admitted:
        connection = facts.request.connection
        if admitted != Refusal("missing-credential"):
            row[connection] = 0
            return admitted
        row[connection] += 1
        return facts.server.store.tokens(instance.id)[0] if _after_many(row[connection]) else admitted

    return _judging_again(behaviour, judge)


@fault(
    "tenth-unknown-token-accepted",
    "Each tenth unknown token on a connection is accepted",
    subtle=True,
    breaks=(STAYS_REFUSED, *UNKNOWN),
    also=because(
        "other unknown, altered and dead tokens may come to be the tenth on their connection",
        *(name for name in (*ALTERED, *DEAD) if name not in (STAYS_REFUSED, *UNKNOWN)),
    ),
)
def tenth_unknown_token_accepted(behaviour: Behaviour) -> Behaviour:
    """The lookup gives up and lets the request through. Twenty-five unknown tokens one after the other on a
    connection are enough, whatever was tried before."""
    return _giving_in(behaviour, "unknown-token", lambda facts: facts.request.connection, _each_tenth)


_ONE_OF_MANY = because(
    "the same altered or dead token is sent once in another scenario, perhaps at such a turn",
    "rfc6749/10.3-altered-refused",
    *LOOKED_AT_ONCE,
    *ELSEWHERE,
)


@fault(
    "tenth-use-of-altered-token-accepted",
    "Each tenth use of the same altered token is accepted",
    subtle=True,
    breaks=(STAYS_REFUSED, *UNKNOWN, *WATCHED, *EXPIRY),
    also=_ONE_OF_MANY,
)
def tenth_use_of_altered_accepted(behaviour: Behaviour) -> Behaviour:
    """Counted per credential. Only the token without its last character is sent so often; unknown ones are
    new each time. What the profile says of unknown tokens it says of altered ones. A token that was revoked
    or has expired is sent as often by those who watch it."""
    return _giving_in(behaviour, "unknown-token", _offered, _each_tenth)


@fault(
    "altered-token-accepted-after-twenty",
    "An altered token is accepted once it has been used twenty times",
    subtle=True,
    breaks=(STAYS_REFUSED, *UNKNOWN, *WATCHED, *EXPIRY),
    also=_ONE_OF_MANY,
)
def altered_accepted_after_twenty(behaviour: Behaviour) -> Behaviour:
    """As above, from the twenty-first use on: what has been seen so often must be somebody's."""
    return _giving_in(behaviour, "unknown-token", _offered, _after_many)


_OTHER_FOREIGN = because(
    "a foreign token is sent in other scenarios too, perhaps at such a turn",
    "asvs/8.4.1-foreign-refused",
    "asvs/4.1.3-forwarded-host",
    "practice/environment-bound",
    *(name for name in ENVIRONMENT if name not in FOREIGN),
)


@fault(
    "tenth-use-of-foreign-token-accepted",
    "Each tenth use of another instance's token on a connection is accepted",
    subtle=True,
    breaks=(STAYS_REFUSED, *FOREIGN),
    also=_OTHER_FOREIGN,
)
def tenth_use_of_foreign_accepted(behaviour: Behaviour) -> Behaviour:
    """Counted per credential. The token of globex is sent to acme twenty-five times in a row."""
    return _giving_in(
        behaviour,
        "wrong-instance",
        lambda facts: (facts.request.connection, _offered(facts)),
        _each_tenth,
    )


@fault(
    "foreign-token-accepted-after-twenty",
    "Another instance's token is accepted once it has been used twenty times",
    subtle=True,
    breaks=(STAYS_REFUSED, *FOREIGN),
    also=_OTHER_FOREIGN,
)
def foreign_accepted_after_twenty(behaviour: Behaviour) -> Behaviour:
    """As above, from the twenty-first use on, on whatever connection: a cache of known tokens does not keep
    apart for which instance they are known."""
    return _giving_in(behaviour, "wrong-instance", _offered, _after_many)
