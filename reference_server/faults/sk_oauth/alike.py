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
        dead=entry.DEAD,
        everywhere=entry.EVERYWHERE,
    ),
    levels={"crashes-on-percent": "SHOULD"},
    prefix=PREFIX,
    only=("accepts-any-token-of-its-shape", "crashes-on-percent"),
)

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
    ),
    prefix=PREFIX,
    only=("tenth-reading-refused", "burst-of-connections-refused", "refusal-kept"),
    also={"tenth-reading-refused": _ACCEPTED_ELSEWHERE},
)
