"""Faults that this API shares with others: what differs here, and what falls with them."""

from __future__ import annotations

from reference_server.faults.kid_jwt import entry
from reference_server.faults.kid_jwt.entry import CATALOGUE, STATUS, UNASKED, because
from reference_server.faults.kid_jwt.wrong import first_account
from reference_server.faults.shared.bystanders import BYSTANDERS, Bystanding
from reference_server.faults.shared.challenge import CHALLENGE, ERROR, NO_ERROR, SHOWN, Challenged
from reference_server.faults.shared.field import FIELD, Fielded
from reference_server.faults.shared.repetition import REPETITION, STAYS_REFUSED, Repeated
from reference_server.faults.shared.slots import SLOTS, Slotted
from reference_server.kid_jwt.answers import REALM
from reference_server.kid_jwt.behaviour import Refusal

# --- where a credential is found -------------------------------------------------------------------

_FIELD_IDS = {
    "space-optional": "jwt-without-space",
    "colon-after-scheme": "jwt-after-colon",
    "first-of-several-tokens": "jwt-first-of-two",
    "unquotes-token": "jwt-in-quotes",
    "trailing-comma-ignored": "jwt-before-comma",
    "case-sensitive-scheme": "jwt-scheme-in-one-case",
    "upper-case-scheme-refused": "jwt-scheme-not-in-capitals",
}
FIELD.enter(
    CATALOGUE,
    Fielded(token="JWT", malformed=(STATUS,), somebody=first_account),
    ids=_FIELD_IDS,
    only=_FIELD_IDS,
)

_TOKEN_SLOT_IDS = {"accepts-token-in-query": "jwt-in-query", "accepts-one-parameter": "jwt-in-query-as-jwt"}
SLOTS.enter(
    CATALOGUE,
    Slotted(
        token="JWT",
        in_url=entry.TOKEN_IN_URL,
        elsewhere=(),
        parameters=("access_token", "token", "jwt"),
    ),
    ids=_TOKEN_SLOT_IDS,
    only=_TOKEN_SLOT_IDS,
    levels=dict.fromkeys(_TOKEN_SLOT_IDS, "SHOULD"),
)

_KEY_SLOT_IDS = {
    "accepts-token-in-query": "key-in-query",
    "accepts-one-parameter": "key-in-query-as-x-api-key",
    "accepts-token-in-cookie": "key-in-cookie",
    "accepts-other-field": "key-in-other-field",
    "reads-proxy-authorization": "key-in-proxy-authorization",
}
SLOTS.enter(
    CATALOGUE,
    Slotted(
        token="static token",
        written="{}",
        in_url=entry.KEY_IN_URL,
        elsewhere=entry.KEY_ELSEWHERE,
        parameters=("api_key", "apikey", "key", "token"),
        parameter="x-api-key",
        cookies=("token", "x-api-key"),
        field="X-Auth-Token",
    ),
    ids=_KEY_SLOT_IDS,
    only=_KEY_SLOT_IDS,
    levels={"accepts-token-in-cookie": "SHOULD", "accepts-other-field": "SHOULD"},
)

# --- another field is believed ---------------------------------------------------------------------

BYSTANDERS.enter(
    CATALOGUE,
    Bystanding(token="credential", somebody=first_account, missing=(UNASKED,), misanswered=(UNASKED,)),
    prefix="kid-jwt-",
    levels={"precondition-before-token": "SHOULD", "range-unsatisfiable-before-token": "SHOULD"},
)

# --- how a refusal is challenged -------------------------------------------------------------------

CHALLENGE.enter(
    CATALOGUE,
    Challenged(
        realm=REALM,
        failed="a JWT",
        branch=("unknown-key", "an unknown static token"),
        unknown=("expired-token", "an expired JWT"),
    ),
    prefix="kid-jwt-",
    ids={"no-challenge-in-one-branch": "kid-jwt-no-challenge-to-key"},
    also={
        "challenge-for-basic": because(
            "without a challenge for Bearer there are no parameters of Bearer",
            ERROR,
            NO_ERROR,
            *SHOWN,
            but=("rfc6750/3-challenge-scheme",),
        ),
    },
)

# --- how often something is asked for --------------------------------------------------------------

_REFUSED_ONCE = because(
    "a case whose valid credential is to be accepted may be the tenth reading on its connection",
    *entry.GREETED,
    *entry.TOKEN,
    *entry.ACCEPTED_TOO,
    "kid-jwt/any-service",
    "rfc9110/3.3-each-request",
    "rfc9110/5.1-field-name-case",
    "rfc9110/5.5-surrounding-space",
    "asvs/14.2.2-own-answer",
    "practice/no-session",
    entry.NOT_KEPT,
)
_ANOTHER_TENTH = because(
    "other unknown and altered static tokens may come to be the tenth on their connection",
    *entry.UNKNOWN,
    *entry.ALTERED,
    *entry.CASE,
    *entry.NOTHING,
    *entry.INJECTION,
    *entry.MIXED_UP,
    *entry.FIELD,
    *entry.ODD_KEY,
    *entry.OVERSIZED,
    "rfc9110/3.3-each-request",
    but=(STAYS_REFUSED, STATUS),
)
_ONE_OF_MANY = because(
    "the same altered static token is sent once in another scenario, perhaps at such a turn",
    "practice/key-altered-refused",
    "kid-jwt/root-protected",
)

REPETITION.enter(
    CATALOGUE,
    Repeated(
        token="static token",
        somebody=first_account,
        unknown=Refusal("unknown-key"),
        accepted=("kid-jwt/root",),
        overlap=(entry.CACHED,),
        missing=(UNASKED,),
        refused=(STATUS,),
    ),
    prefix="kid-jwt-",
    without=("tenth-use-of-foreign-token-accepted", "foreign-token-accepted-after-twenty"),
    also={
        "tenth-reading-refused": _REFUSED_ONCE,
        "tenth-unknown-token-accepted": {**_ANOTHER_TENTH, **entry.UNREFUSED},
        "tenth-use-of-altered-token-accepted": _ONE_OF_MANY,
        "altered-token-accepted-after-twenty": _ONE_OF_MANY,
    },
)
