"""Faults: a credential may do what it has no scope for, or not what it has one for."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from reference_server.faults.shared.ways import in_field
from reference_server.faults.standard import entry
from reference_server.faults.standard.entry import STATUS, because, fault
from reference_server.standard.behaviour import Behaviour, Caller, Claims, Facts, Refusal
from reference_server.standard.records import ALL, READ, Scopes

_ERROR = "rfc6750/3.1-insufficient-scope-error"


def _as_reading(behaviour: Behaviour, method: str) -> Behaviour:
    """Ask for the scope of reading alone where this method is used."""

    def needed(facts: Facts) -> str:
        return READ if facts.request.method == method else behaviour.needed(facts)

    return replace(behaviour, needed=needed)


@fault(
    "creating-needs-no-scope",
    "Whoever may read may create",
    breaks=(*entry.INSUFFICIENT, entry.STAYS_REFUSED, "asvs/4.1.3-scope-from-request"),
)
def creating_needs_no_scope(behaviour: Behaviour) -> Behaviour:
    """As with the grant of tokens, which is a POST as well: one condition for both. However often, and
    whatever scope the request names besides; what has no scope at all may not even read."""
    return _as_reading(behaviour, "POST")


@fault(
    "removing-needs-no-scope",
    "Whoever may read may remove",
    subtle=True,
    breaks=entry.INSUFFICIENT,
)
def removing_needs_no_scope(behaviour: Behaviour) -> Behaviour:
    """A DELETE has no body, and is forgotten among the methods that change something."""
    return _as_reading(behaviour, "DELETE")


@fault(
    "role-in-field-believed",
    "A field that names a role gives every scope",
    subtle=True,
    breaks=("asvs/4.1.3-scope-from-request", _ERROR),
)
def role_in_field_believed(behaviour: Behaviour) -> Behaviour:
    """The gateway sets it, and does not take it out before. One of the ways to claim a scope."""

    def judge_scope(facts: Facts, caller: Caller) -> Refusal | None:
        return None if in_field(facts.request, "x-role") == "admin" else behaviour.judge_scope(facts, caller)

    return replace(behaviour, judge_scope=judge_scope)


@fault(
    "scope-given-at-the-eleventh-time",
    "Who asks eleven times for what he has no scope for is served",
    subtle=True,
    breaks=(entry.STAYS_REFUSED, _ERROR),
    also=because(
        "other scenarios on the same connection may come to ask as often",
        *entry.INSUFFICIENT,
        *entry.NO_SCOPE,
        "rfc6749/3.3-exact",
        "asvs/4.1.3-scope-from-request",
        entry.STATUS,
    ),
)
def scope_given_at_the_eleventh_time(behaviour: Behaviour) -> Behaviour:
    """A lock that opens when it is shaken. Counted for each connection and caller; only one scenario asks
    twelve times, and readings between, by which the harness sees whether anything was made, don't matter."""
    asked: Counter[tuple[int, str]] = Counter()

    def judge_scope(facts: Facts, caller: Caller) -> Refusal | None:
        refusal = behaviour.judge_scope(facts, caller)
        key = (facts.request.connection, caller.id)
        asked[key] += refusal is not None
        return None if asked[key] >= 11 else refusal

    return replace(behaviour, judge_scope=judge_scope)


def _naming(behaviour: Behaviour, named: dict[str, Scopes]) -> Behaviour:
    """Of these texts the scopes are others."""

    def name_scopes(facts: Facts, claims: Claims) -> Scopes:
        scope = claims.get("scope")
        right = behaviour.name_scopes(facts, claims)
        return named.get(scope, right) if isinstance(scope, str) else right

    return replace(behaviour, name_scopes=name_scopes)


@fault(
    "scopes-in-one-order",
    "Scopes have to be named in the documented order",
    breaks=("rfc6749/3.3-order",),
)
def scopes_in_one_order(behaviour: Behaviour) -> Behaviour:
    """The whole text is looked up in a table. RFC 6749 section 3.3: their order does not matter."""
    return _naming(behaviour, {"write read": ()})


@fault(
    "scopes-in-plural",
    "What begins like a scope is one",
    subtle=True,
    breaks=("rfc6749/3.3-exact", STATUS),
)
def scopes_in_plural(behaviour: Behaviour) -> Behaviour:
    """The names were others in the first version. One of those that are almost right."""
    return _naming(behaviour, {"reads writes": ALL})
