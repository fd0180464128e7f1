"""Faults: a token is granted to whom it should not be, for what it should not be, or in the wrong way."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from reference_server.body import object_in
from reference_server.faults.origoid.entry import (
    GRANT_KNOWN,
    GRANT_NEEDED,
    JSON_TYPES,
    KEY_MISSING,
    KEY_UNKNOWN,
    NOT_RENEWED,
    SAME_RIGHTS,
    UNIFORM_EXCHANGE,
    fault,
)
from reference_server.faults.origoid.wrong import path, waiving
from reference_server.faults.shared.ways import crashing, in_field
from reference_server.messages import Answer
from reference_server.origoid.behaviour import Behaviour, Caller, Facts, Refusal
from reference_server.origoid.exchange import PATH
from reference_server.origoid.records import Account

_AT_EXCHANGE = path(PATH)

# --- to whom -------------------------------------------------------------------------------------


@fault(
    "exchange-for-anybody",
    "A token is granted without a credential",
    breaks=(*KEY_MISSING, "practice/key-in-body-refused", "practice/varied-refused", *UNIFORM_EXCHANGE),
)
def for_anybody(behaviour: Behaviour) -> Behaviour:
    """The endpoint is open, for whoever asks there has none yet. A key in its body is none in its field."""
    return waiving(behaviour, "missing-credential", _AT_EXCHANGE)


@fault(
    "exchange-for-unknown-keys",
    "A token is granted for a key that nobody has",
    breaks=(*KEY_UNKNOWN, *UNIFORM_EXCHANGE),
)
def for_unknown_keys(behaviour: Behaviour) -> Behaviour:
    """An account is made for whoever comes. Revoked and disabled keys are looked at before."""
    unknown = waiving(behaviour, "unknown-key", _AT_EXCHANGE)

    def admit(facts: Facts) -> Caller | Refusal:
        keys = behaviour.collect_keys(facts)
        known = any(facts.behaviour.find_key(facts, key) or _dead(facts, key) for key in keys)
        return (behaviour if known else unknown).admit(facts)

    return replace(behaviour, admit=admit)


def _dead(facts: Facts, secret: str) -> bool:
    from reference_server.secret import digest

    return facts.server.store.key_of(digest(secret)) is not None


@fault(
    "exchange-renews-tokens",
    "A token is exchanged for another one",
    level="SHOULD",
    breaks=NOT_RENEWED,
)
def renews_tokens(behaviour: Behaviour) -> Behaviour:
    """Any credential that is right will do. A forged or expired one is not."""
    return replace(behaviour, may_exchange=lambda facts, caller: None)


def _granting_to(behaviour: Behaviour, whose: Callable[[Facts, Caller], Account | None]) -> Behaviour:
    """Grant the token to another account, where there is one."""

    def claim(facts: Facts, caller: Caller, life: float) -> Mapping[str, Any]:
        account = whose(facts, caller)
        meant = replace(caller, account=account, key=None) if account else caller
        return behaviour.claim(facts, meant, life)

    return replace(behaviour, claim=claim)


@fault(
    "exchange-mixes-callers",
    "A token of one account acts for another",
    breaks=("asvs/8.2.2-token-identity",),
)
def mixes_callers(behaviour: Behaviour) -> Behaviour:
    """Two accounts share a row where claims are kept; the first is right. What both have is the same, so that
    it only shows in whose data is served."""

    def whose(facts: Facts) -> Mapping[str, Account]:
        first, second, *_ = facts.server.store.accounts()
        return {second.id: first}

    return _granting_to(behaviour, lambda facts, caller: whose(facts).get(caller.id))


@fault(
    "token-is-told-less",
    "With a token the name of its account is not told",
    subtle=True,
    breaks=("asvs/8.2.2-token-identity",),
)
def told_less(behaviour: Behaviour) -> Behaviour:
    """It is whoever asked for it, with an answer of its own."""

    def operate(facts: Facts, caller: Caller) -> Answer:
        unnamed = replace(caller.account, name="")
        meant = replace(caller, account=unnamed) if caller.method == "bearer" else caller
        return behaviour.operate(facts, meant)

    return replace(behaviour, operate=operate)


@fault(
    "basic-answers-for-another",
    "By user and password another account's data is served",
    breaks=SAME_RIGHTS,
)
def basic_answers_for_another(behaviour: Behaviour) -> Behaviour:
    """The directory of users has a numbering of its own. What is allowed is that of the right account."""

    def select(facts: Facts, caller: Caller) -> Account:
        other = facts.server.store.accounts()[1]
        return other if caller.method == "basic" else behaviour.select(facts, caller)

    return replace(behaviour, select=select)


# --- for what ------------------------------------------------------------------------------------


def _lenient(behaviour: Behaviour, excused: Callable[[Facts], bool]) -> Behaviour:
    """Find nothing wrong with some bodies."""
    return replace(
        behaviour, judge_grant=lambda facts: None if excused(facts) else behaviour.judge_grant(facts)
    )


def _grant_type(facts: Facts) -> Any:
    """What the body names, `...` where it names nothing."""
    return (object_in(facts.request) or {}).get("grant_type", ...)


@fault(
    "exchange-needs-no-grant-type",
    "A token is granted to whoever names no grant type",
    level="SHOULD",
    breaks=GRANT_NEEDED,
)
def needs_no_grant_type(behaviour: Behaviour) -> Behaviour:
    """There is but one. An empty name is none; a body that is no object is noticed before."""
    return _lenient(behaviour, lambda facts: object_in(facts.request) is not None and _named_none(facts))


def _named_none(facts: Facts) -> bool:
    return _grant_type(facts) is ... or _grant_type(facts) == ""


@fault(
    "exchange-empty-grant-type",
    "A token is granted for an empty grant type",
    level="SHOULD",
    subtle=True,
    breaks=GRANT_NEEDED,
)
def empty_grant_type(behaviour: Behaviour) -> Behaviour:
    """One of the two: the member has to be there."""
    return _lenient(behaviour, lambda facts: _grant_type(facts) == "")


@fault(
    "exchange-any-grant-type",
    "A token is granted for a grant type that nobody has",
    level="SHOULD",
    breaks=GRANT_KNOWN,
)
def any_grant_type(behaviour: Behaviour) -> Behaviour:
    """The member has to be a text, and not an empty one."""
    return _lenient(behaviour, lambda facts: isinstance(name := _grant_type(facts), str) and name != "")


@fault(
    "exchange-grant-type-in-capitals",
    "The case of the grant type means nothing",
    level="SHOULD",
    subtle=True,
    breaks=GRANT_KNOWN,
)
def grant_type_in_capitals(behaviour: Behaviour) -> Behaviour:
    """RFC 6749 section 4.4.2 has the value in small letters. One of the unknown names."""
    return _lenient(behaviour, lambda facts: str(_grant_type(facts)).lower() == "client_credentials")


@fault(
    "exchange-grant-type-by-beginning",
    "The beginning of the grant type is enough",
    level="SHOULD",
    subtle=True,
    breaks=GRANT_KNOWN,
)
def grant_type_by_beginning(behaviour: Behaviour) -> Behaviour:
    """One of the unknown names. The empty one is no beginning."""
    return _lenient(
        behaviour,
        lambda facts: (
            isinstance(name := _grant_type(facts), str)
            and name != ""
            and "client_credentials".startswith(name)
        ),
    )


@fault("exchange-grant-type-in-list", "A list with the grant type in it is one", breaks=JSON_TYPES)
def grant_type_in_list(behaviour: Behaviour) -> Behaviour:
    """`in` does for lists what it does for texts, and for the names of an object's members. Of the other
    types these two."""
    return _lenient(
        behaviour,
        lambda facts: isinstance(name := _grant_type(facts), list | dict) and "client_credentials" in name,
    )


@fault(
    "exchange-grant-type-operator",
    "An operator of the database is a grant type",
    subtle=True,
    breaks=JSON_TYPES,
)
def grant_type_operator(behaviour: Behaviour) -> Behaviour:
    """The member becomes part of a query, in which `$ne` finds whatever there is."""
    return _lenient(behaviour, lambda facts: isinstance(name := _grant_type(facts), dict) and "$ne" in name)


def _failing(behaviour: Behaviour, when: Callable[[Facts], bool]) -> Behaviour:
    """Fail at the exchange where the body is so; nobody caught the exception."""

    def operate(facts: Facts, caller: Caller) -> Answer:
        failed = _AT_EXCHANGE(facts) and facts.request.method == "POST" and when(facts)
        return crashing(facts, Answer(500)) if failed else behaviour.operate(facts, caller)

    return replace(behaviour, operate=operate)


@fault(
    "exchange-crash-on-types",
    "A grant type that is no text makes the server fail",
    breaks=JSON_TYPES,
)
def crash_on_types(behaviour: Behaviour) -> Behaviour:
    """It has no method to fold its case. A 500 is no refusal. A member that is missing is no text either, and
    is noticed."""
    return _failing(behaviour, lambda facts: not isinstance(_grant_type(facts), str | type(...)))


@fault(
    "exchange-crash-on-other-json",
    "A body that is no JSON object makes the server fail",
    subtle=True,
    breaks=JSON_TYPES,
)
def crash_on_other_json(behaviour: Behaviour) -> Behaviour:
    """A list has no members. What is no JSON at all is noticed."""

    def other(facts: Facts) -> bool:
        try:
            return not isinstance(json.loads(facts.request.body), dict)
        except ValueError:
            return False

    return _failing(behaviour, other)


@fault(
    "exchange-crash-on-media-types",
    "A token request in another media type makes the server fail",
    level="MAY",
    breaks=("practice/exchange-media-type",),
)
def crash_on_media_types(behaviour: Behaviour) -> Behaviour:
    """There is no parser in the table. Whether it is read or refused is the server's to say, and not that it
    fails."""

    def other(facts: Facts) -> bool:
        return "json" not in (in_field(facts.request, "content-type") or "")

    return _failing(behaviour, other)


@fault(
    "exchange-by-get",
    "A token is granted by GET",
    level="SHOULD",
    breaks=("rfc6749/3.2-post",),
)
def by_get(behaviour: Behaviour) -> Behaviour:
    """The router has one line for all methods. The body is read if there is one."""

    def operate(facts: Facts, caller: Caller) -> Answer:
        if _AT_EXCHANGE(facts) and facts.request.method == "GET":
            life = behaviour.token_life(facts, caller)
            token = behaviour.sign(facts.server, behaviour.claim(facts, caller, life))
            return behaviour.grant(facts, token, life)
        return behaviour.operate(facts, caller)

    return replace(behaviour, operate=operate)
