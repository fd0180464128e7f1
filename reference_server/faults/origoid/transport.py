"""Faults: something is served without TLS, or left in caches."""

from __future__ import annotations

from dataclasses import replace

from reference_server.faults.origoid.entry import ANONYMOUS, OWN_ANSWER, PLAIN, UNSENT, because, fault
from reference_server.faults.origoid.wrong import finishing
from reference_server.messages import Answer
from reference_server.origoid.behaviour import Behaviour, Caller, Facts, Found, Refusal
from reference_server.origoid.data_plane import ACCOUNT
from reference_server.origoid.exchange import PATH

# --- without TLS ---------------------------------------------------------------------------------


@fault("plain-served", "The API is served without TLS too", breaks=PLAIN)
def plain_served(behaviour: Behaviour) -> Behaviour:
    """Both ports lead to the same. Whoever is on the way reads the key."""
    return replace(behaviour, plain=behaviour.respond)


@fault("plain-exchange-served", "Tokens are granted without TLS", subtle=True, breaks=PLAIN)
def plain_exchange_served(behaviour: Behaviour) -> Behaviour:
    """One forgotten path; all others refuse."""
    right = behaviour.plain

    def plain(facts: Facts) -> Answer:
        asked = facts.request.path == PATH or right is None
        return behaviour.respond(facts) if asked or right is None else right(facts)

    return replace(behaviour, plain=plain)


# --- what caches may keep ------------------------------------------------------------------------


_SHARED = ("asvs/14.2.2-not-shared", "origoid/caching")


def _caching(behaviour: Behaviour, policy: str | None) -> Behaviour:
    """Give answers of the account's data this Cache-Control."""

    def change(facts: Facts, answer: Answer) -> Answer:
        if answer.status != 200 or facts.request.path != ACCOUNT:
            return answer
        others = tuple(field for field in answer.headers if field[0] != "Cache-Control")
        return replace(answer, headers=(*others, *((("Cache-Control", policy),) if policy else ())))

    return finishing(behaviour, change)


@fault(
    "account-cached-by-all",
    "Shared caches may keep an account's data",
    level="SHOULD",
    breaks=_SHARED,
)
def cached_by_all(behaviour: Behaviour) -> Behaviour:
    """For a minute. A cache does not know that x-api-key is a credential."""
    return _caching(behaviour, "public, max-age=60")


@fault(
    "account-cached-by-shared-caches",
    "Shared caches may keep an account's data, and browsers may not",
    level="SHOULD",
    subtle=True,
    breaks=_SHARED,
)
def cached_by_shared(behaviour: Behaviour) -> Behaviour:
    """RFC 9111 section 5.2.2.10: s-maxage is for shared caches alone."""
    return _caching(behaviour, "max-age=0, s-maxage=600")


_OTHERS = because(
    "whatever is sent after two answers with the same key may be taken for that",
    *ANONYMOUS,
    "rfc9110/9.3.2-head-like-get",
    "rfc6750/3.1-no-error-when-anonymous",
    but=(*OWN_ANSWER, *UNSENT),
)


@fault(
    "nobody-is-given-the-last-answer",
    "Who sends nothing after two answers to the same caller is given them",
    subtle=True,
    breaks=(*OWN_ANSWER, *UNSENT),
    also=_OTHERS,
)
def nobody_given_last(behaviour: Behaviour) -> Behaviour:
    """A cache that keeps what was asked for twice, by path and connection. Any other credential empties
    it."""
    last: dict[int, list[Caller]] = {}

    def admit(facts: Facts) -> Found:
        found = behaviour.admit(facts)
        known = last.setdefault(facts.request.connection, [])
        if found == Refusal("missing-credential") and len(known) >= 2:
            return known[-1]
        if isinstance(found, Caller) and (not known or known[-1].id == found.id):
            known.append(found)
        else:
            known[:] = [found] if isinstance(found, Caller) else []
        return found

    return replace(behaviour, admit=admit)
