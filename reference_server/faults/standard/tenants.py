"""Faults: a credential is served where it is not good, or not where it is, by one operation or by all."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from reference_server.faults.shared.ways import (
    in_field,
    judging_again,
    method,
    reason_of,
    waiving,
)
from reference_server.faults.standard import entry
from reference_server.faults.standard.entry import STATUS, because, fault
from reference_server.faults.standard.wrong import anybody, somebody, unguarded
from reference_server.messages import Answer
from reference_server.standard.behaviour import Behaviour, Caller, Facts, Found, Refusal
from reference_server.standard.records import Partition

# --- by each operation ------------------------------------------------------------------------------


@fault(
    "removal-answered-200",
    "What is removed is answered with 200",
    breaks=(
        "practice/key-accepted",
        "rfc6750/2.1-header-accepted",
        "rfc7519/7.2-valid-accepted",
        "rfc7617/2-accepted",
    ),
    also=because(
        "what is asked of this operation has no control",
        *entry.MISSING,
        *entry.SHOWN,
        *entry.WRONG_PASSWORD,
        *entry.UNKNOWN_USER,
        *entry.UNKNOWN_KEY,
        *entry.UNKNOWN_TOKEN,
        *entry.FOREIGN,
        *entry.INSUFFICIENT,
        *entry.REVOKED,
        "asvs/7.4.1-revoked-everywhere",
        "rfc6750/3.1-no-error-when-anonymous",
    ),
)
def removal_answered_200(behaviour: Behaviour) -> Behaviour:
    """With an empty object, where 204 is documented: clients that were made by the description fail. By
    whatever credential; what is refused is refused as it should be."""

    def operate(facts: Facts, caller: Caller) -> Answer:
        answer = behaviour.operate(facts, caller)
        return replace(answer, status=200, body=b"{}") if answer.status == 204 else answer

    return replace(behaviour, operate=operate)


@fault(
    "head-unguarded",
    "HEAD needs no credential",
    breaks=("rfc9110/9.3.2-head-like-get", *entry.MISSING),
)
def head_unguarded(behaviour: Behaviour) -> Behaviour:
    """The guard is for methods with an answer that has a body. That there is something, and how long it is,
    anybody learns; whoever sends a credential is judged by it."""
    return unguarded(behaviour, lambda request: request.method == "HEAD")


@fault(
    "passwords-unchecked-for-head",
    "HEAD is answered by whatever user and password",
    subtle=True,
    breaks=(*entry.WRONG_PASSWORD, *entry.UNKNOWN_USER),
)
def passwords_unchecked_for_head(behaviour: Behaviour) -> Behaviour:
    """For monitors, which ask often, and passwords take long. One of the operations; what is no pair is
    refused before."""

    def by_basic(facts: Facts, encoded: str) -> Found:
        found = behaviour.by_basic(facts, encoded)
        wrong = reason_of(found) in ("wrong-password", "unknown-user") and facts.request.method == "HEAD"
        return anybody(facts) if wrong else found

    return replace(behaviour, by_basic=by_basic)


# --- of one tenant ----------------------------------------------------------------------------------


def _token_at_second(facts: Facts) -> bool:
    """Whether an opaque token is sent to the second tenant's address."""
    opaque = (in_field(facts.request, "authorization") or "").startswith("Bearer st_")
    return opaque and facts.request.host == "globex.standard.test"


@fault(
    "tokens-of-second-tenant-unknown",
    "The tokens of the second tenant are not known",
    subtle=True,
    breaks=("practice/own-instance-accepted",),
    also=because(
        "what is asked with its tokens has no control",
        *entry.FOREIGN,
        *entry.UNKNOWN_TOKEN,
        *entry.SHOWN,
    ),
)
def tokens_of_second_tenant_unknown(behaviour: Behaviour) -> Behaviour:
    """Its name is written otherwise in one table. Its keys work, and so do its JWTs."""

    def by_bearer(facts: Facts, token: str) -> Found:
        found = behaviour.by_bearer(facts, token)
        lost = isinstance(found, Caller) and found.method == "token" and found.partition.tenant == "globex"
        return Refusal("unknown-token") if lost else found

    return replace(behaviour, by_bearer=by_bearer)


@fault(
    "unknown-token-at-second-tenant",
    "The second tenant's address takes any token",
    subtle=True,
    breaks=entry.UNKNOWN_TOKEN,
)
def unknown_token_at_second_tenant(behaviour: Behaviour) -> Behaviour:
    """A rule of the gateway from the day when it had no tokens yet. Those of another tenant are known, and
    refused for that."""
    return waiving(behaviour, "unknown-token", somebody, _token_at_second)


@fault(
    "foreign-token-may-replace",
    "PUT is done with another tenant's token",
    subtle=True,
    breaks=entry.FOREIGN,
)
def foreign_token_may_replace(behaviour: Behaviour) -> Behaviour:
    """Its author looked whether the token is known, and not whose it is. Only opaque ones are tried so."""
    return waiving(behaviour, "wrong-instance", somebody, method("PUT"))


@fault(
    "foreign-token-at-second-tenant",
    "The second tenant's address takes the tokens of all tenants",
    breaks=(*entry.FOREIGN, "asvs/4.1.3-forwarded-host"),
)
def foreign_token_at_second_tenant(behaviour: Behaviour) -> Behaviour:
    """Whoever comes with one is served what is there. So is whoever names his own host in a further field; a
    path of his own tenant is not found there."""
    return waiving(behaviour, "wrong-instance", somebody, _token_at_second)


@fault(
    "tenant-in-path-is-enough",
    "A token is good at any address whose path names its tenant",
    subtle=True,
    breaks=entry.FOREIGN,
)
def tenant_in_path_is_enough(behaviour: Behaviour) -> Behaviour:
    """The guard judges the path alone, and the address is left to the certificate. Everything else that is
    sent to another address names the tenant that is there. Keys are judged by both."""

    def judge_instance(facts: Facts, instance: Partition, caller: Caller) -> Refusal | None:
        named = facts.request.segments[1:2] == (caller.partition.tenant,) and caller.method == "token"
        return None if named else behaviour.judge_instance(facts, instance, caller)

    return replace(behaviour, judge_instance=judge_instance)


@fault(
    "foreign-listing-by-path",
    "With a token the path of a listing may name another tenant",
    subtle=True,
    breaks=("asvs/8.4.1-tenant-path", STATUS),
)
def foreign_listing_by_path(behaviour: Behaviour) -> Behaviour:
    """The address is judged, and the path chooses the data. With a token, and for GET, of which only the
    listing is asked so."""

    def reads(facts: Facts, caller: Caller) -> bool:
        listing = len(facts.request.segments) == 3 and facts.request.method == "GET"
        return listing and caller.method == "token"

    def may_name(facts: Facts, caller: Caller, tenant: str) -> bool:
        return reads(facts, caller) or behaviour.may_name(facts, caller, tenant)

    def select(facts: Facts, caller: Caller) -> Partition:
        own = behaviour.select(facts, caller)
        return replace(own, tenant=facts.request.segments[1]) if reads(facts, caller) else own

    return replace(behaviour, may_name=may_name, select=select)


# --- again and again --------------------------------------------------------------------------------

_ROW = 20


@fault(
    "row-of-readings-refused",
    "After twenty readings in a row with the same key alone the next one is refused",
    subtle=True,
    breaks=(entry.STAYS_ACCEPTED,),
    also=because(
        "where this key was the first that was accepted, the harness looks with it whether a refused change"
        " took place, and with its controls that may be more than twenty readings",
        entry.STAYS_REFUSED,
        "rfc6750/3.1-no-error-when-anonymous",
        STATUS,
        *entry.SHOWN,
    ),
)
def row_of_readings_refused(behaviour: Behaviour) -> Behaviour:
    """A guard against programs that run wild, and what it says is that the key is unknown. Any other request
    on the connection ends the row. JWTs are sent as often in a row, and keys beside another credential; with
    nothing but a key nobody else asks twenty times for the same."""
    rows: Counter[tuple[int, str]] = Counter()
    last: dict[int, str] = {}

    def judge(admitted: Found, facts: Facts, *where: Partition) -> Found:
        connection = facts.request.connection
        alone = facts.request.method == "GET" and not facts.request.values("authorization")
        one = admitted.id if isinstance(admitted, Caller) and alone else ""
        if last.get(connection) != one:
            rows[connection, one] = 0
        last[connection] = one
        rows[connection, one] += 1
        return Refusal("unknown-key") if one and rows[connection, one] > _ROW else admitted

    return judging_again(behaviour, judge)


_DEAD = because(
    "whoever watches a key that is dead sends it as often",
    *entry.REVOKED,
    "rfc7009/2.1-stays-revoked",
    "asvs/7.4.1-revoked-warm",
    "practice/expiry-honoured",
    "practice/disabled-refused",
)


@fault(
    "row-of-unknown-keys-served",
    "After twenty unknown keys in a row the next one is served",
    subtle=True,
    breaks=(entry.STAYS_REFUSED, STATUS),
    also=_DEAD,
)
def row_of_unknown_keys_served(behaviour: Behaviour) -> Behaviour:
    """What fails so often must be the table. One and the same key or others; anything else on the connection
    ends the row, as the controls between what else is tried do."""
    rows: Counter[int] = Counter()

    def judge(admitted: Found, facts: Facts, *where: Partition) -> Found:
        connection = facts.request.connection
        rows[connection] = rows[connection] + 1 if reason_of(admitted) == "unknown-key" else 0
        return somebody(facts, *where) if rows[connection] > _ROW else admitted

    return judging_again(behaviour, judge)


@fault(
    "connection-remembers-key",
    "An unknown key is taken for the one that the connection had before it had none",
    subtle=True,
    breaks=("rfc9110/3.3-each-request", STATUS),
    also=because(
        "in other scenarios an unknown key may come after none, and that after a right one",
        *entry.UNKNOWN_KEY,
        *entry.UNIFORM,
        "practice/cors-off",
        "practice/key-altered-refused",
        "practice/key-case-refused",
        "practice/key-empty-refused",
        "practice/key-blank-refused",
        "practice/key-injection-refused",
        "practice/key-twice-refused",
        "practice/no-session",
        "asvs/16.5.3-fail-closed",
    ),
)
def connection_remembers_key(behaviour: Behaviour) -> Behaviour:
    """The caller of a connection is set when a key is right and kept when there is none, and the lookup of a
    wrong one does not clear it. It is used once: a refusal for want of a credential has to come between."""
    rows: dict[int, list[Found]] = {}

    def judge(admitted: Found, facts: Facts, *where: Partition) -> Found:
        row = rows.setdefault(facts.request.connection, [])
        before = row[-2:]
        row[:] = [*row[-1:], admitted]
        if reason_of(admitted) != "unknown-key" or len(before) < 2:
            return admitted
        known, nothing = before
        kept = isinstance(known, Caller) and known.method == "key"
        return known if kept and reason_of(nothing) == "missing-credential" else admitted

    return judging_again(behaviour, judge)


@fault(
    "standard-nobody-is-given-the-last-answer",
    "Who sends nothing, and again nothing, after two answers to the same key is given them",
    subtle=True,
    breaks=("asvs/14.2.2-own-answer", STATUS),
    also=because(
        "whatever is sent without a credential after two answers to the same key may be taken for that",
        *entry.ANONYMOUS,
    ),
)
def nobody_given_last(behaviour: Behaviour) -> Behaviour:
    """A cache that keeps what was asked for twice, by connection, and asks the server once more before it
    answers by itself. Any other credential empties it, and so does another method."""
    rows: dict[int, list[Found]] = {}

    def judge(admitted: Found, facts: Facts, *where: Partition) -> Found:
        row = rows.setdefault(facts.request.connection, [])
        if facts.request.method != "GET":
            row.clear()
            return admitted
        row[:] = [*row[-3:], admitted]
        if len(row) < 4:
            return admitted
        first, second, nothing, again = row
        same = isinstance(first, Caller) and isinstance(second, Caller) and first.id == second.id
        nobody = {reason_of(nothing), reason_of(again)} == {"missing-credential"}
        return second if same and nobody else admitted

    return judging_again(behaviour, judge)


# --- without TLS ------------------------------------------------------------------------------------


@fault(
    "standard-plain-served",
    "The API is served without TLS too",
    subtle=True,
    breaks=("asvs/12.2.1-plain-http",),
)
def plain_served(behaviour: Behaviour) -> Behaviour:
    """Both ports lead to the same. Whoever is on the way reads the key; who has none is refused."""
    return replace(behaviour, plain=behaviour.respond)
