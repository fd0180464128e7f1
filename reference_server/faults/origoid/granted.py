"""Faults: a token, or the answer that grants it, is not what it should be."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from reference_server.faults.origoid.entry import (
    ACCOUNT_DISABLED,
    ALLOWED,
    ASKED_WITH_TOKEN,
    CORS_OFF,
    DISABLED,
    ENDED,
    ENVELOPE,
    ERROR,
    EXPIRED,
    KEY_MISSING,
    NO_ERROR,
    ORIGIN_LISTED,
    PER_ACCOUNT,
    SAME_RIGHTS,
    SHOWN,
    SINGLE,
    UNIFORM,
    UNIFORM_EXCHANGE,
    UNKNOWN_USER,
    WRONG_PASSWORD,
    because,
    fault,
)
from reference_server.faults.origoid.wrong import claiming, finishing, granting, path
from reference_server.faults.shared.ways import setting
from reference_server.messages import Answer
from reference_server.origoid.behaviour import Behaviour, Caller, Facts, Refusal
from reference_server.origoid.exchange import PATH

_AT_EXCHANGE = path(PATH)
_RESPONSE = "origoid/exchange-response"
_EXCHANGED = (
    "practice/exchange-basic",
    "origoid/exchange-basic",
    "rfc7617/2-accepted",
    "origoid/basic-format",
)
"""What falls when an exchange for user and password is not answered with what was asked for."""

_UNCONTROLLED = because(
    "what is refused by the exchange without a user and password, or for wrong ones, has no control",
    *KEY_MISSING,
    *WRONG_PASSWORD,
    *UNKNOWN_USER,
    *KEY_MISSING,
    *UNIFORM_EXCHANGE,
    *SHOWN,
    *ENVELOPE,
    ERROR,
    NO_ERROR,
)


def _for_basic(facts: Facts) -> bool:
    """Whether it is an exchange for user and password; those for keys are controls of all else."""
    return bool(facts.behaviour.collect(facts))


# --- what is granted -----------------------------------------------------------------------------


@fault(
    "exchange-without-expiry",
    "The answer to user and password does not say how long a token lasts",
    breaks=(_RESPONSE,),
    also=_UNCONTROLLED,
)
def without_expiry(behaviour: Behaviour) -> Behaviour:
    """A member that the document prints. What is not there has no wrong value. For a key all is right."""
    return granting(behaviour, _for_basic, expires_in=None)


@fault(
    "exchange-expiry-as-text",
    "The answer to user and password says in a text how long a token lasts",
    subtle=True,
    breaks=(_RESPONSE, "rfc6749/5.1-expires-in"),
    also=_UNCONTROLLED,
)
def expiry_as_text(behaviour: Behaviour) -> Behaviour:
    """RFC 6749 section 5.1 and the document have a number."""
    return granting(behaviour, _for_basic, expires_in="3600")


@fault(
    "exchange-expiry-zero",
    "The answer to user and password says that a token does not last",
    subtle=True,
    breaks=(_RESPONSE, "rfc6749/5.1-expires-in", "rfc6749/5.1-lifetime"),
    also=_UNCONTROLLED,
)
def expiry_zero(behaviour: Behaviour) -> Behaviour:
    """Zero is meant for: for ever. It is a number, and not above zero, and not the life of the token."""
    return granting(behaviour, _for_basic, expires_in=0)


def _lasting(behaviour: Behaviour, life: float) -> Behaviour:
    """Let tokens that last an hour last so many seconds."""

    def token_life(facts: Facts, caller: Caller) -> float:
        usual = behaviour.token_life(facts, caller)
        return life if usual == 3600 else usual

    return replace(behaviour, token_life=token_life)


@fault(
    "exchange-token-lasts-a-month",
    "A token lasts a month",
    breaks=("rfc6749/5.1-expires-in",),
)
def lasts_a_month(behaviour: Behaviour) -> Behaviour:
    """It says so. Short-lived is no number, but more than a day is warned of."""
    return _lasting(behaviour, 30 * 86400)


@fault(
    "exchange-token-outlives-its-word",
    "A token lasts a day, and is said to last an hour",
    level="SHOULD",
    subtle=True,
    breaks=("rfc6749/5.1-lifetime",),
)
def outlives_its_word(behaviour: Behaviour) -> Behaviour:
    """The two numbers are set in different places."""
    return granting(_lasting(behaviour, 86400), expires_in=3600)


@fault(
    "exchange-of-another-type",
    "A token is said to be of type MAC",
    breaks=("rfc6749/5.1-token-type", _RESPONSE),
)
def of_another_type(behaviour: Behaviour) -> Behaviour:
    """A client that knows Bearer alone could not use it. It is a text, as the schema has it."""
    return granting(behaviour, token_type="MAC")


@fault(
    "exchange-not-in-data",
    "The members of a token stand at the top of the answer to user and password",
    breaks=(_RESPONSE, "rfc6749/5.1-token"),
    also=_UNCONTROLLED,
)
def not_in_data(behaviour: Behaviour) -> Behaviour:
    """As RFC 6749 has them, and not as the document prints them."""

    def grant(facts: Facts, token: str, life: float) -> Answer:
        answer = behaviour.grant(facts, token, life)
        data = json.loads(answer.body)["data"] if _for_basic(facts) else {}
        top = json.dumps({"status": "OK", "type": "SUCCESS", **data}).encode()
        return replace(answer, body=top) if data else answer

    return replace(behaviour, grant=grant)


@fault(
    "exchange-status-201",
    "A token is granted with 201 for user and password",
    subtle=True,
    breaks=(_RESPONSE, *_EXCHANGED),
    also={**_UNCONTROLLED, "origoid/three-methods": "an accepted answer is told by its status"},
)
def with_status_201(behaviour: Behaviour) -> Behaviour:
    """Something was created, after all. RFC 6749 section 5.1 has 200, and the document is taken to."""

    def grant(facts: Facts, token: str, life: float) -> Answer:
        answer = behaviour.grant(facts, token, life)
        return replace(answer, status=201) if _for_basic(facts) else answer

    return replace(behaviour, grant=grant)


@fault(
    "exchange-tells-key-in-token",
    "A token has the key in it that it was had for",
    level="SHOULD",
    breaks=("asvs/14.2.6-token-without-secrets", "origoid/delegation"),
)
def tells_key_in_token(behaviour: Behaviour) -> Behaviour:
    """Whoever is handed the token learns the key. Its signature hides nothing."""

    def more(facts: Facts, caller: Caller, claims: Mapping[str, Any]) -> Mapping[str, Any]:
        keys = behaviour.collect_keys(facts)
        return {"client": keys[0]} if keys else {}

    return claiming(behaviour, more)


@fault(
    "exchange-tells-password-in-token",
    "A token has the password in it that it was had for",
    level="SHOULD",
    subtle=True,
    breaks=("asvs/14.2.6-token-without-secrets", "origoid/delegation"),
)
def tells_password_in_token(behaviour: Behaviour) -> Behaviour:
    """As above, as it was sent: in Base64."""

    def more(facts: Facts, caller: Caller, claims: Mapping[str, Any]) -> Mapping[str, Any]:
        fields = behaviour.collect(facts)
        return {"origin": fields[0].partition(" ")[2]} if fields else {}

    return claiming(behaviour, more)


def _at_grant(behaviour: Behaviour, change: Callable[[Answer], Answer]) -> Behaviour:
    """Change the answer that grants a token, when all else is done."""

    def at_grant(facts: Facts, answer: Answer) -> Answer:
        granted = _AT_EXCHANGE(facts) and answer.status == 200
        return change(answer) if granted else answer

    return finishing(behaviour, at_grant)


_CACHES = ("asvs/14.3.2-secret-not-stored",)


@fault(
    "exchange-may-be-stored",
    "The answer that grants a token says nothing to caches",
    breaks=_CACHES,
)
def may_be_stored(behaviour: Behaviour) -> Behaviour:
    """All other answers do."""
    return _at_grant(behaviour, lambda answer: setting(setting(answer, "Cache-Control"), "Pragma"))


@fault(
    "exchange-no-cache-is-no-no-store",
    "The answer that grants a token may be stored, if it is asked for again",
    subtle=True,
    breaks=_CACHES,
)
def no_cache(behaviour: Behaviour) -> Behaviour:
    """no-cache forbids nobody to keep it: RFC 9111 section 5.2.2.4."""
    return _at_grant(behaviour, lambda answer: setting(answer, "Cache-Control", "no-cache, private"))


@fault(
    "exchange-in-plain-text",
    "The answer that grants a token says that it is plain text",
    breaks=("rfc6749/5.1-media-type",),
)
def in_plain_text(behaviour: Behaviour) -> Behaviour:
    """JSON all the same."""
    return _at_grant(behaviour, lambda answer: setting(answer, "Content-Type", "text/plain"))


@fault(
    "exchange-answers-html",
    "The answer that grants a token says that it is a page",
    subtle=True,
    breaks=("rfc6749/5.1-media-type",),
)
def answers_html(behaviour: Behaviour) -> Behaviour:
    """The default of the framework, where nobody says otherwise."""
    return _at_grant(behaviour, lambda answer: setting(answer, "Content-Type", "text/html; charset=utf-8"))


@fault(
    "second-token-ends-the-first",
    "A second token for a credential ends the first",
    subtle=True,
    breaks=("practice/token-works", "origoid/token-every-request", "origoid/three-methods"),
)
def second_ends_first(behaviour: Behaviour) -> Behaviour:
    """Whoever asks for two in a row is taken for a client that lost the first. Only one scenario does so and
    uses both."""
    latest: dict[int, tuple[int, str | None, str]] = {}
    ended: set[str] = set()

    def claim(facts: Facts, caller: Caller, life: float) -> Mapping[str, Any]:
        claims = behaviour.claim(facts, caller, life)
        request, key = facts.request, caller.key.id if caller.key else None
        served, former, id = latest.get(request.connection, (0, None, ""))
        if id and former == key and request.served == served + 1:
            ended.add(id)
        latest[request.connection] = (request.served, key, str(claims["jti"]))
        return claims

    def find_bearer(facts: Facts, claims: Mapping[str, Any]) -> Caller | Refusal:
        found = behaviour.find_bearer(facts, claims)
        return Refusal("ended-token") if claims.get("jti") in ended else found

    return replace(behaviour, claim=claim, find_bearer=find_bearer)


@fault(
    "tokens-open-nothing",
    "A token that was granted opens nothing",
    breaks=(
        "rfc7519/7.2-valid-accepted",
        "practice/token-works",
        "origoid/three-methods",
        "origoid/token-every-request",
        "practice/origin-not-needed",
        "origoid/server-calls",
        "practice/conflict-not-mixed",
        "practice/revocation-targeted",
        "origoid/one-key-per-service",
        "asvs/8.2.2-token-identity",
        *SAME_RIGHTS,
        "practice/not-available-refused",
        "origoid/cause-endpoint",
    ),
    also=because(
        "of a token that is not accepted as it is nothing shows that it is refused when it is changed, comes "
        "from a web page, or is over",
        *ASKED_WITH_TOKEN,
        *EXPIRED,
        *ENDED,
        *DISABLED,
        *ACCOUNT_DISABLED,
        *KEY_MISSING,
        *UNIFORM,
        *CORS_OFF,
        *ORIGIN_LISTED,
        *PER_ACCOUNT,
        *ALLOWED,
        *SINGLE,
        "fetch/3.3.4-credentials-literal",
        "fetch/3.3.5-credentials-for-all",
        "practice/revocation-any-spelling",
        *SHOWN,
        *ENVELOPE,
        ERROR,
        NO_ERROR,
    ),
)
def open_nothing(behaviour: Behaviour) -> Behaviour:
    """The exchange signs with a key that the API does not have. Keys, users and passwords go on, so that a
    token is neither served like them, nor beside a key, nor for what its account has."""
    return replace(behaviour, by_bearer=lambda facts, token: Refusal("bad-signature"))


@fault(
    "token-ids-are-seconds",
    "The id of a token is the second in which it was granted",
    breaks=("rfc7519/4.1.7-jti-unique",),
)
def ids_are_seconds(behaviour: Behaviour) -> Behaviour:
    """Two of the same second cannot be told apart in any log. A claim of its own says what they were had for,
    and each is judged by that."""

    def find_bearer(facts: Facts, claims: Mapping[str, Any]) -> Caller | Refusal:
        return behaviour.find_bearer(facts, {**claims, "jti": claims.get("grant")})

    named = replace(behaviour, find_bearer=find_bearer)
    return claiming(named, lambda facts, caller, claims: {"grant": claims["jti"], "jti": str(int(facts.now))})


@fault(
    "exchange-refusal-may-be-kept",
    "A refused exchange may be kept by caches",
    level="SHOULD",
    breaks=("practice/token-error-not-kept",),
)
def refusal_may_be_kept(behaviour: Behaviour) -> Behaviour:
    """Only answers that hold a token were thought of. What is refused elsewhere says as before that it may
    not be kept."""

    def change(facts: Facts, answer: Answer) -> Answer:
        refused = _AT_EXCHANGE(facts) and answer.status == 401
        return setting(answer, "Cache-Control") if refused else answer

    return finishing(behaviour, change)
