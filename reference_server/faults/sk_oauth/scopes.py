"""Faults: who may only read does more, or who may do more may not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from reference_server.faults.shared.repetition import STAYS_REFUSED
from reference_server.faults.shared.ways import answering, in_field, in_query, with_status
from reference_server.faults.sk_oauth.entry import EACH_REFUSAL, SCOPE, SCOPES, STATUS, USERS, because, fault
from reference_server.faults.sk_oauth.wrong import rewording
from reference_server.sk_oauth.behaviour import Behaviour, Caller, Facts, Refusal
from reference_server.sk_oauth.records import ALL, Scopes

EXACT = ("rfc6749/3.3-exact", SCOPES, STATUS)
ORDER = ("rfc6749/3.3-order", SCOPES)
NO_SCOPE = ("asvs/10.3.2-no-scope", STATUS)
FROM_REQUEST = ("asvs/4.1.3-scope-from-request", "sk-oauth/insufficient-scope", STATUS)
OF_TOKENS = ("rfc6749/6-scope-kept", "rfc6749/6-scope-narrowed", "practice/scope-as-asked")
"""What is asked of the scope of access tokens, which are to be refused for want of it."""


def _excusing(behaviour: Behaviour, excused: Callable[[Facts, Caller], bool]) -> Behaviour:
    """Let a caller do what it has no scope for when it is excused."""

    def judge_scope(facts: Facts, caller: Caller) -> Refusal | None:
        return None if excused(facts, caller) else behaviour.judge_scope(facts, caller)

    return replace(behaviour, judge_scope=judge_scope)


@fault(
    "scope-not-enforced",
    "Scopes mean nothing",
    breaks=(*SCOPE, *EXACT, *NO_SCOPE, *FROM_REQUEST, *OF_TOKENS, STAYS_REFUSED),
)
def scope_not_enforced(behaviour: Behaviour) -> Behaviour:
    """They are shown in the dashboard and on the page for consent, and nobody looks at them. A JWT must have
    a claim of that name as before."""
    return _excusing(behaviour, lambda facts, caller: True)


@fault(
    "scope-not-enforced-for-delete",
    "Who may only read may delete",
    subtle=True,
    breaks=SCOPE,
)
def scope_not_enforced_for_delete(behaviour: Behaviour) -> Behaviour:
    """A list of the methods that change something, without one of them."""
    return _excusing(behaviour, lambda facts, caller: facts.request.method == "DELETE")


@fault(
    "scope-of-keys-not-enforced",
    "The scopes of keys mean nothing",
    subtle=True,
    breaks=(*SCOPE, *FROM_REQUEST, STAYS_REFUSED),
)
def scope_of_keys_not_enforced(behaviour: Behaviour) -> Behaviour:
    """Keys were there before scopes were. Access tokens and JWTs are looked at."""
    return _excusing(behaviour, lambda facts, caller: caller.method == "key")


@fault(
    "scope-of-access-tokens-not-enforced",
    "The scopes of access tokens mean nothing",
    subtle=True,
    breaks=(*OF_TOKENS, *SCOPE),
)
def scope_of_access_tokens_not_enforced(behaviour: Behaviour) -> Behaviour:
    """What the user has allowed is kept in another table, which is not joined."""
    return _excusing(behaviour, lambda facts, caller: caller.method == "access-token")


def _reading(behaviour: Behaviour, name_scopes: Callable[[Any], Scopes]) -> Behaviour:
    """Find the scopes of a JWT so."""

    def read(facts: Facts, claims: Mapping[str, Any]) -> Scopes:
        return name_scopes(claims.get("scope"))

    return replace(behaviour, name_scopes=read)


@fault("scope-as-substring", "A scope is found wherever its letters are", breaks=EXACT)
def scope_as_substring(behaviour: Behaviour) -> Behaviour:
    """The text is searched for the name. Longer names with write in them are enough to write."""
    return _reading(behaviour, lambda text: tuple(scope for scope in ALL if scope in str(text)))


@fault("scope-in-other-case", "Letter case in scopes means nothing", subtle=True, breaks=EXACT)
def scope_in_other_case(behaviour: Behaviour) -> Behaviour:
    """READ and WRITE are read and write."""
    return _reading(
        behaviour, lambda text: tuple(scope for scope in ALL if scope in str(text).lower().split(" "))
    )


@fault("scope-order-matters", "Only read write is both scopes, write read is neither", breaks=ORDER)
def scope_order_matters(behaviour: Behaviour) -> Behaviour:
    """Three texts are known: read, write, and the two as the document has them."""
    known: dict[Any, Scopes] = {"read": ("read",), "write": ("write",), "read write": ALL}
    return _reading(behaviour, lambda text: known.get(text, ()))


@fault("only-first-scope-counts", "Of several scopes the first counts", subtle=True, breaks=ORDER)
def only_first_scope_counts(behaviour: Behaviour) -> Behaviour:
    """Unless it is the documented text. A JWT with both in that order can do all that is asked of it."""

    def known(text: Any) -> Scopes:
        first = str(text).split(" ")[0]
        return ALL if text == " ".join(ALL) else tuple(scope for scope in ALL if scope == first)

    return _reading(behaviour, known)


@fault(
    "no-scope-is-every-scope",
    "A JWT with an empty scope may do everything",
    level="SHOULD",
    breaks=NO_SCOPE,
)
def no_scope_is_every_scope(behaviour: Behaviour) -> Behaviour:
    """Where nothing is restricted, all is allowed. One that lacks the claim is refused as before."""

    def name_scopes(facts: Facts, claims: Mapping[str, Any]) -> Scopes:
        return behaviour.name_scopes(facts, claims) if claims.get("scope") else ALL

    return replace(behaviour, name_scopes=name_scopes)


@fault(
    "missing-scope-is-every-scope",
    "A JWT without a scope may do everything",
    level="SHOULD",
    subtle=True,
    breaks=NO_SCOPE,
)
def missing_scope_is_every_scope(behaviour: Behaviour) -> Behaviour:
    """As above, for one that lacks the claim; an empty one opens nothing."""

    def judge_claims(facts: Facts, claims: Mapping[str, Any]) -> Refusal | None:
        return behaviour.judge_claims(facts, {"scope": "", **claims})

    def name_scopes(facts: Facts, claims: Mapping[str, Any]) -> Scopes:
        return behaviour.name_scopes(facts, claims) if "scope" in claims else ALL

    return replace(behaviour, judge_claims=judge_claims, name_scopes=name_scopes)


@fault("scope-from-query", "A scope in the query is added to the credential's", breaks=FROM_REQUEST)
def scope_from_query(behaviour: Behaviour) -> Behaviour:
    """One bag for the parameters of a request and what is known of its caller."""
    return _excusing(
        behaviour,
        lambda facts, caller: "write" in (in_query(facts.request, "scope", "scopes") or "").split(),
    )


@fault(
    "scope-from-field",
    "A scope in a header field is added to the credential's",
    subtle=True,
    breaks=FROM_REQUEST,
)
def scope_from_field(behaviour: Behaviour) -> Behaviour:
    """The field in which a gateway says what it has found out, read from a client."""
    names = ("x-scope", "x-scopes", "x-oauth-scopes")
    return _excusing(
        behaviour, lambda facts, caller: "write" in (in_field(facts.request, *names) or "").split()
    )


@fault(
    "readers-may-not-read",
    "Reading needs the scope write",
    breaks=("rfc6750/3.1-insufficient-scope-refused", "sk-oauth/insufficient-scope", USERS),
    also=because(
        "who may not read shows nothing when it may not write", *OF_TOKENS, STAYS_REFUSED, *EACH_REFUSAL
    ),
)
def readers_may_not_read(behaviour: Behaviour) -> Behaviour:
    """A copied line. Who has both scopes notices nothing."""
    return replace(behaviour, needed=lambda facts: "write")


# --- how that is refused ---------------------------------------------------------------------------


@fault(
    "scope-refused-as-unknown-key",
    "A key without the scope is answered like an unknown one",
    breaks=("sk-oauth/insufficient-scope", STATUS),
    also=because("a 401 has another error than this", "rfc6750/3.1-insufficient-scope-error"),
)
def scope_refused_as_unknown_key(behaviour: Behaviour) -> Behaviour:
    """Status, code and challenge are those of an invalid key. Nothing is done."""
    return replace(
        behaviour,
        refuse=lambda facts, refusal: behaviour.refuse(
            facts, Refusal("unknown-credential") if refusal.reason == "insufficient-scope" else refusal
        ),
    )


@fault(
    "scope-refused-with-401",
    "A key without the scope is answered with 401",
    level="SHOULD",
    subtle=True,
    breaks=(STATUS,),
)
def scope_refused_with_401(behaviour: Behaviour) -> Behaviour:
    """With the right code and challenge."""
    return answering(behaviour, with_status(401), "insufficient-scope")


@fault(
    "scope-refused-with-another-code",
    "The code for a missing scope is forbidden",
    breaks=("sk-oauth/insufficient-scope", "sk-oauth/codes"),
)
def scope_refused_with_another_code(behaviour: Behaviour) -> Behaviour:
    """With the right status and challenge."""
    return answering(behaviour, rewording(code="forbidden"), "insufficient-scope")


@fault(
    "scope-challenge-says-invalid-token",
    "The challenge to a key without the scope says invalid_token",
    level="SHOULD",
    subtle=True,
    breaks=("rfc6750/3.1-insufficient-scope-error",),
)
def scope_challenge_says_invalid_token(behaviour: Behaviour) -> Behaviour:
    """One challenge for all that fails. Status and body are right."""

    def challenge(facts: Facts, refusal: Refusal) -> str | None:
        right = behaviour.challenge(facts, refusal)
        return right.replace("insufficient_scope", "invalid_token") if right else right

    return replace(behaviour, challenge=challenge)


@fault(
    "done-before-scope-is-judged",
    "What needs more scope is done, and then refused",
    subtle=True,
    breaks=("rfc6750/3.1-insufficient-scope-refused", "sk-oauth/insufficient-scope"),
    also=because(
        "the refusal that is looked at has had an effect",
        *FROM_REQUEST,
        *OF_TOKENS,
        *EXACT,
        *NO_SCOPE,
        STAYS_REFUSED,
        but=("sk-oauth/insufficient-scope",),
    ),
)
def done_before_scope_is_judged(behaviour: Behaviour) -> Behaviour:
    """The work is done first, and the answer to it is thrown away."""

    def judge_scope(facts: Facts, caller: Caller) -> Refusal | None:
        refusal = behaviour.judge_scope(facts, caller)
        if refusal:
            behaviour.operate(facts, caller)
        return refusal

    return replace(behaviour, judge_scope=judge_scope)
