"""Faults that this API shares with others: what differs here, and what falls with them."""

from __future__ import annotations

from reference_server.faults.shared.bystanders import BYSTANDERS, Bystanding
from reference_server.faults.shared.challenge import CHALLENGE, ERROR, NO_ERROR, Challenged
from reference_server.faults.shared.challenge import SHOWN as CHALLENGED
from reference_server.faults.shared.field import FIELD, Fielded
from reference_server.faults.shared.opaque import OPAQUE, Opaque
from reference_server.faults.shared.repetition import REPETITION, STAYS_REFUSED, Repeated
from reference_server.faults.shared.slots import SLOTS, Slotted
from reference_server.faults.sk_oauth import entry
from reference_server.faults.sk_oauth.entry import CATALOGUE, STATUS, USERS, because
from reference_server.faults.sk_oauth.wrong import also_matching, oldest_key
from reference_server.sk_oauth.answers import REALM
from reference_server.sk_oauth.behaviour import Refusal
from reference_server.sk_oauth.keys import SECRET_LENGTH
from reference_server.sk_oauth.records import PREFIXES

PREFIX = "sk-"

# --- what is taken for a key, and how it is presented ----------------------------------------------

OPAQUE.enter(
    CATALOGUE,
    Opaque(
        token="key",
        somebody=oldest_key,
        also_matching=also_matching,
        reason="unknown-credential",
        prefix=PREFIXES["live"],
        other_prefix=PREFIXES["test"],
        length=SECRET_LENGTH,
        unknown=(STATUS,),
        changed=entry.PREFIX,
        dead=entry.DEAD,
        everywhere=entry.EVERYWHERE,
        replacing="DELETE",
    ),
    levels=dict.fromkeys(
        (
            "accepts-base64-token",
            "decodes-percent",
            "strips-single-quotes",
            "crashes-on-percent",
        ),
        "SHOULD",
    ),
    prefix=PREFIX,
)

# Of what is shared there is here, wherever nothing differs, one fault or two for each scenario: how else it
# can be wrong is seen at the other APIs.

FIELD.enter(
    CATALOGUE,
    Fielded(
        token="key",
        malformed=(STATUS,),
        ambiguous=(STATUS,),
        somebody=oldest_key,
        pattern=r"sk_(?:live|test)_[A-Za-z0-9]{40}",
        altered=("practice/prefix-bound", *entry.PREFIX),
    ),
    levels=dict.fromkeys(
        (
            "ignores-scheme",
            "second-scheme-token",
        ),
        "SHOULD",
    ),
    prefix=PREFIX,
    only=(
        "space-optional",
        "trailing-comma-ignored",
        "token-anywhere-in-field",
        "ignores-scheme",
        "second-scheme-token",
        "case-sensitive-scheme",
        "single-space-parser",
        "empty-field-accepted",
        "last-field-wins",
    ),
)
SLOTS.enter(
    CATALOGUE,
    Slotted(
        token="key",
        in_url=("rfc6750/2.3-query-refused", STATUS),
        elsewhere=("practice/other-slot-refused", STATUS),
    ),
    levels=dict.fromkeys(
        ("accepts-token-in-query", "accepts-one-parameter", "accepts-other-field"),
        "SHOULD",
    ),
    prefix=PREFIX,
    only=(
        "accepts-token-in-query",
        "accepts-one-parameter",
        "accepts-other-field",
        "reads-proxy-authorization",
    ),
)
BYSTANDERS.enter(
    CATALOGUE,
    Bystanding(
        token="key",
        somebody=oldest_key,
        missing=(STATUS,),
        misanswered=(STATUS, *entry.BODY, entry.INVALID),
    ),
    prefix=PREFIX,
    only=(
        "trusts-identity-fields",
        "trusts-x-consumer-id",
        "trusts-forwarded-for-loopback",
        "method-override-opens",
        "not-modified-before-token",
        "precondition-before-token",
        "range-before-token",
        "grants-every-origin",
        "grants-null-origin",
    ),
)

# --- how a refusal is challenged -------------------------------------------------------------------

_UNREADABLE = "a challenge that is not there, or cannot be read, shows nothing about its content"
_NO_BEARER = "without a challenge for Bearer there are no parameters of Bearer"
_NO_PARAMETER = "there is no parameter whose characters could be looked at"
_CHARACTERS = "rfc6750/3-challenge-characters"
_SCOPE_ERROR = "rfc6750/3.1-insufficient-scope-error"

CHALLENGE.enter(
    CATALOGUE,
    Challenged(
        realm=REALM,
        failed="a credential",
        branch=("malformed-credential", "a malformed field"),
        unknown=("unknown-credential", "an unknown key"),
    ),
    prefix=PREFIX,
    also={
        "no-challenge": because(_UNREADABLE, *CHALLENGED[1:], ERROR, NO_ERROR, _SCOPE_ERROR),
        "challenge-without-commas": because(_UNREADABLE, ERROR, _CHARACTERS, _SCOPE_ERROR),
        "challenge-quote-not-closed": because(_UNREADABLE, NO_ERROR),
        "challenge-for-basic": because(_NO_BEARER, ERROR, NO_ERROR, _CHARACTERS, _SCOPE_ERROR),
        "no-error-code": {
            **because(_NO_PARAMETER, _CHARACTERS),
            **because(
                "the challenge to a credential without the scope has no error code either", _SCOPE_ERROR
            ),
        },
    },
)

# --- how often something is asked for --------------------------------------------------------------

_ACCEPTED_ELSEWHERE = because(
    "a case whose valid key is to be accepted may be the tenth reading on its connection",
    "rfc6750/2.1-header-accepted",
    "sk-oauth/key-bearer",
    "rfc9110/11.1-scheme-case",
    "rfc9110/11.4-several-spaces",
    "rfc9110/3.3-each-request",
    *entry.PROMPTLY,
    *entry.SEVERAL,
    *entry.TARGETED,
    *entry.DEAD,
    *entry.LIKE_UNKNOWN,
    but=entry.OVERLAP,
)

REPETITION.enter(
    CATALOGUE,
    Repeated(
        token="key",
        somebody=oldest_key,
        unknown=Refusal("unknown-credential"),
        accepted=(USERS,),
        overlap=entry.OVERLAP,
        missing=(STATUS,),
        refused=(STATUS,),
        insisted=(*entry.WATCHED, *entry.EXPIRY),
    ),
    prefix=PREFIX,
    only=(
        "tenth-reading-refused",
        "burst-of-connections-refused",
        "refusal-kept",
        "anonymous-served-after-twenty",
        "tenth-unknown-token-accepted",
        "altered-token-accepted-after-twenty",
    ),
    also={
        "tenth-reading-refused": _ACCEPTED_ELSEWHERE,
        "tenth-unknown-token-accepted": because(
            "other unknown, altered and dead keys may come to be the tenth on their connection",
            "rfc6750/3.1-unknown-refused",
            "rfc6749/10.3-altered-refused",
            "practice/case-changed-refused",
            "practice/encoded-refused",
            "practice/prefix-bound",
            "sk-oauth/live-keys",
            *entry.DEAD,
            but=(STAYS_REFUSED, STATUS),
        ),
        "altered-token-accepted-after-twenty": because(
            "the same altered or dead key is sent once in another scenario, perhaps at such a turn",
            "rfc6749/10.3-altered-refused",
            *entry.EVERYWHERE,
            *entry.CONDITIONAL,
            *entry.IRREVERSIBLE,
            *entry.REVOKED_TWICE,
            but=(STATUS,),
        ),
    },
)
