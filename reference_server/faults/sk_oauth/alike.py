"""Faults that this API shares with others: what differs here, and what falls with them."""

from __future__ import annotations

from reference_server.faults.shared.bystanders import BYSTANDERS, Bystanding
from reference_server.faults.shared.challenge import CHALLENGE, NO_ERROR, Challenged
from reference_server.faults.shared.field import FIELD, Fielded
from reference_server.faults.shared.opaque import OPAQUE, Opaque
from reference_server.faults.shared.repetition import REPETITION, Repeated
from reference_server.faults.shared.slots import SLOTS, Slotted
from reference_server.faults.sk_oauth import entry
from reference_server.faults.sk_oauth.entry import CATALOGUE, STATUS, USERS, because
from reference_server.faults.sk_oauth.wrong import also_matching, oldest_key
from reference_server.sk_oauth.answers import REALM
from reference_server.sk_oauth.behaviour import Refusal
from reference_server.sk_oauth.keys import SECRET_LENGTH
from reference_server.sk_oauth.records import PREFIXES

PREFIX = "sk-"

# Of what is shared there is here what no other fault of this API shows: how else it can be wrong is seen at
# the other APIs.

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
        # a test key that is given the beginning of a live one is unknown, and of this shape
        dead=(*entry.DEAD, "asvs/16.5.3-fail-closed", "practice/prefix-bound", *entry.PREFIX),
        everywhere=entry.EVERYWHERE,
        signs=("practice/no-failure-by-credential", "rfc7515/2-base64url", *entry.BAD),
    ),
    prefix=PREFIX,
    only=("accepts-any-token-of-its-shape", "crashes-on-percent"),
    also={
        "accepts-any-token-of-its-shape": because(
            "without a refusal before it nothing is learned of what follows one",
            "practice/refusal-not-kept",
            USERS,
        )
    },
)

FIELD.enter(
    CATALOGUE,
    Fielded(
        token="key",
        malformed=(STATUS,),
        ambiguous=(STATUS,),
        somebody=oldest_key,
        pattern=r"sk_(?:live|test)_[A-Za-z0-9]{40}",
        altered=(
            "practice/prefix-bound",
            *entry.PREFIX,
            "rfc9112/5.2-folding",
            "practice/unicode-credential",
        ),
    ),
    prefix=PREFIX,
    only=(
        "token-anywhere-in-field",
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
    levels={"accepts-one-parameter": "SHOULD", "accepts-other-field": "SHOULD"},
    prefix=PREFIX,
    only=("accepts-one-parameter", "accepts-other-field", "reads-proxy-authorization"),
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
        "method-override-opens",
        "not-modified-before-token",
        "range-before-token",
        "grants-null-origin",
    ),
)

# --- how a refusal is challenged -------------------------------------------------------------------

CHALLENGE.enter(
    CATALOGUE,
    Challenged(
        realm=REALM,
        failed="a credential",
        branch=("malformed-credential", "a malformed field"),
        unknown=("unknown-credential", "an unknown key"),
    ),
    prefix=PREFIX,
    only=(
        "challenge-quote-not-closed",
        "realm-twice",
        "realm-unquoted",
        "bare-challenge",
        "error-code-of-another-cause",
        "error-code-for-anonymous",
        "forbidden-characters-in-description",
        "basic-beside-without-realm",
        "basic-beside-in-latin-1",
    ),
    also={
        "challenge-quote-not-closed": because("what cannot be read shows nothing about its content", NO_ERROR)
    },
)

# --- how often something is asked for --------------------------------------------------------------

_TURNS = "asvs/8.2.2-identities-apart"
_BETWEEN = (
    "rfc9110/11.1-scheme-case",
    "rfc9110/11.4-several-spaces",
    "rfc9110/3.3-each-request",
    "practice/refusal-not-kept",
    "asvs/14.2.2-own-answer",
    "asvs/9.1.1-cache-covers-signature",
    "practice/limit-per-credential",
    "practice/limit-recovers",
    "practice/environment-data",
    "practice/environment-revocation",
    "sk-oauth/key-environments",
    "rfc7515/4-unknown-member",
    "rfc7519/2-fraction-accepted",
    "rfc7519/4-unknown-claim",
    "rfc7519/4.1.5-begun-accepted",
    "rfc7519/5.1-typ-optional",
    "rfc6749/1.5-refresh-no-bearer",
    *entry.PROMPTLY,
    *entry.SEVERAL,
    *entry.TARGETED,
    *entry.DEAD,
    *entry.LIKE_UNKNOWN,
    *entry.CHANGES,
)
"""Where something is read with a credential that serves many scenarios: any such reading may be the tenth on
its connection. A control is asked once more, what is a step of a scenario is not."""

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
    ),
    prefix=PREFIX,
    only=("tenth-reading-refused", "burst-of-connections-refused", "refusal-kept"),
    also={
        "tenth-reading-refused": because(
            "a reading that is to be accepted may be the tenth on its connection",
            _TURNS,
            *_BETWEEN,
            but=entry.OVERLAP,
        ),
        "burst-of-connections-refused": {
            **because("ten requests of each of two keys come at once, perhaps on new connections", _TURNS),
            **because(
                "whoever watches a key has many requests under way, perhaps on new connections",
                *entry.PROMPTLY,
                *entry.TARGETED,
                *entry.DEAD,
                *entry.LIKE_UNKNOWN,
                but=(USERS,),
            ),
            **because(
                "whether a change took place may be looked at on a new connection, right after a burst",
                *entry.CHANGES,
                but=(USERS,),
            ),
        },
    },
)
