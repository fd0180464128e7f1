"""Faults that OrigoID shares with other APIs: what differs here, and what falls with them."""

from __future__ import annotations

from dataclasses import replace

from reference_server.faults.origoid import entry
from reference_server.faults.origoid.entry import CATALOGUE, INVALID, STATUS, UNIFORM, UNSENT, because
from reference_server.faults.origoid.wrong import also_matching, first_account, path, saying, selecting
from reference_server.faults.shared.challenge import CHALLENGE, ERROR, NO_ERROR, Challenged
from reference_server.faults.shared.field import FIELD, Fielded
from reference_server.faults.shared.issuing import ISSUING
from reference_server.faults.shared.keys import KEYS, Keyed
from reference_server.faults.shared.lives import Broken, Plane, issues_in, presented_key, revoked_in
from reference_server.faults.shared.managing import MANAGING
from reference_server.faults.shared.repetition import REPETITION, STAYS_REFUSED, Repeated
from reference_server.faults.shared.revocation import REVOCATION
from reference_server.faults.shared.revoking import REVOKING
from reference_server.origoid.answers import REALM
from reference_server.origoid.behaviour import Facts, Refusal, Server
from reference_server.origoid.exchange import PATH
from reference_server.origoid.keys import SECRET_LENGTH
from reference_server.origoid.records import Key, Manager
from reference_server.secret import digest

PREFIX = "origoid-"
_ACCEPTED = "origoid/three-methods"

# --- what is taken for a key -----------------------------------------------------------------------

_STAYS = (STAYS_REFUSED,)

KEYS.enter(
    CATALOGUE,
    Keyed(
        also_matching=also_matching,
        selecting=selecting,
        pattern=r"\w{44}",
        one_place=path(PATH),
        unknown=entry.UNKNOWN,
        unknown_in_one_place=(*entry.KEY_UNKNOWN, *entry.UNIFORM_EXCHANGE),
        shortened=(*entry.KEY_ALTERED, *_STAYS, *UNIFORM),
        lengthened=(
            *entry.KEY_ALTERED,
            *UNIFORM,
            "practice/unicode-credential",
            "rfc9112/5.2-folding",
        ),
        altered=entry.KEY_ALTERED,
        case=entry.KEY_CASE,
        nothing=entry.KEY_NOTHING,
        empty=(*entry.KEY_NOTHING, *entry.KEY_BLANK, *UNIFORM),
        injection=entry.KEY_INJECTION,
        query=(*entry.KEY_INJECTION, *UNIFORM),
    ),
    prefix="origoid-key-",
    levels={"case-folded": "MUST", "case-folded-behind-index": "MUST"},
    also={
        "shape-is-enough": entry.UNREFUSED,
        "by-like": because("a pattern may fit a key by chance", "practice/no-failure-by-credential"),
    },
)

# --- how a token is presented ----------------------------------------------------------------------

_FIELD_IDS = {
    "colon-after-scheme": "token-after-colon",
    "upper-case-scheme-refused": "token-scheme-not-in-capitals",
}
FIELD.enter(
    CATALOGUE,
    Fielded(malformed=INVALID, somebody=first_account),
    ids=_FIELD_IDS,
    only=_FIELD_IDS,
)

# --- how a refusal is challenged -------------------------------------------------------------------

_UNREADABLE = "a challenge that is not there, or cannot be read, shows nothing about its content"
_BASIC = ("rfc7617/2-realm", "rfc7617/2.1-charset")
_OF_ONE = because(
    "one cause is answered with another challenge than the rest", *UNIFORM, *entry.UNIFORM_EXCHANGE
)

CHALLENGE.enter(
    CATALOGUE,
    Challenged(
        realm=REALM,
        failed="a token",
        branch=("unknown-user", "an unknown user"),
        unknown=("bad-signature", "a wrong signature"),
    ),
    prefix=PREFIX,
    only=(
        "no-challenge-in-one-branch",
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
        "no-challenge-in-one-branch": {
            **because("the document is read as asking for it", "origoid/challenge"),
            **_OF_ONE,
            **because("as above", *entry.ENUMERATION),
        },
        "challenge-quote-not-closed": {**_OF_ONE, **because(_UNREADABLE, NO_ERROR, *_BASIC)},
        "bare-challenge": {**_OF_ONE, **because(_UNREADABLE, *_BASIC)},
        "error-code-of-another-cause": _OF_ONE,
        "error-code-for-anonymous": _OF_ONE,
        "forbidden-characters-in-description": _OF_ONE,
    },
)

# --- the life of a key -----------------------------------------------------------------------------

_REVOKED = ("asvs/7.4.1-revoked-refused", "origoid/leak-rotation", *INVALID)
_WARM = "asvs/7.4.1-revoked-warm"
_EVERYWHERE = "asvs/7.4.1-revoked-everywhere"
_SIDE_BY_SIDE = "origoid/one-key-per-service"

BROKEN = Broken(
    accepted=(_ACCEPTED,),
    promptly=("practice/usable-promptly", _ACCEPTED),
    several=("practice/several-credentials", _SIDE_BY_SIDE, _ACCEPTED),
    overlap=("practice/overlap", _SIDE_BY_SIDE, _ACCEPTED),
    targeted=("practice/revocation-targeted", _SIDE_BY_SIDE, _ACCEPTED),
    expiry=("practice/expiry-honoured", *INVALID),
    shown=("practice/shown-once",),
    named=("practice/name-kept",),
    recorded=("practice/activity-recorded",),
    managed=("asvs/8.2.1-management-protected", "rfc9110/11.4-status"),
    separate=("practice/management-separate", "rfc9110/11.4-status"),
    refused=_REVOKED,
    watched=entry.REVOKED,
    warm=_WARM,
    everywhere=(_EVERYWHERE, *INVALID),
    conditional=("rfc9110/13.2.1-revoked-conditional", *INVALID),
    twice=("practice/revoke-twice",),
    irreversible=("practice/revocation-irreversible", *INVALID),
    like_unknown=("practice/revoked-like-unknown", *UNIFORM),
    revoked_status=(STATUS,),
    of_refusal=(*entry.SHOWN, *entry.ENVELOPE, ERROR),
)


def _revokes(facts: Facts) -> Key | None:
    """The path ends in the id of a key: `/accounts/ID/keys/ID`."""
    return facts.server.store.key(revoked_in("keys", facts))


def _strangers(server: Server, key: Key) -> list[Key]:
    """The oldest key of each other account."""
    others = (account for account in server.store.accounts() if account.id != key.account)
    return [oldest for account in others for oldest in server.store.keys(account.id)[:1]]


PLANE = Plane(
    breaks=BROKEN,
    token="key",
    others="account",
    found_by="find_key",
    unknown="unknown-key",
    random=SECRET_LENGTH,
    manager=Manager("support"),
    issues=issues_in("keys"),
    revokes=_revokes,
    presented=presented_key,
    stored=lambda facts, secret: facts.server.store.key_of(digest(secret)),
    siblings=lambda server, key: server.store.keys(key.account),
    strangers=_strangers,
    recorded_as="key",
    worded=lambda answer, text: saying(message=text)(None, answer),
)

_WITH_TOKENS = replace(BROKEN, refused=(*_REVOKED, *entry.ENDED))
"""What falls where a key lives on for tokens that were had for it as well."""

REVOCATION.enter(
    CATALOGUE,
    replace(PLANE, breaks=_WITH_TOKENS),
    prefix=PREFIX,
    only=("revocation-cached-8s",),
    also={
        "revocation-cached-8s": because(
            "a token that is still accepted is not asked in another spelling",
            "practice/revocation-any-spelling",
        )
    },
)
REVOKING.enter(
    CATALOGUE,
    PLANE,
    prefix=PREFIX,
    only=("revocation-takes-longer-names", "revoked-told-in-header"),
    levels={"revoked-told-in-header": "MUST"},
)
ISSUING.enter(
    CATALOGUE,
    PLANE,
    prefix=PREFIX,
    only=(
        "new-token-pauses",
        "tokens-repeat-in-a-crowd",
        "tokens-of-96-bits",
        "new-token-stored-by-browsers",
        "fifth-token-ends-the-first",
    ),
    also={
        "new-token-pauses": because(
            "a scenario that goes on with a key which is not accepted has nothing to go on with",
            *entry.OWN_ANSWER,
            *entry.PLAIN,
            *entry.DISABLED,
            *entry.ENDED,
            "practice/revocation-any-spelling",
        )
    },
)
MANAGING.enter(
    CATALOGUE,
    PLANE,
    prefix=PREFIX,
    only=(
        "listing-shows-secrets",
        "name-truncated",
        "activity-without-reading",
        "revokes-before-refusing",
        "revokes-before-refusing-tokens",
    ),
    levels=dict.fromkeys(("listing-shows-secrets", "name-truncated"), "SHOULD"),
)

# --- how often something is asked for --------------------------------------------------------------

REPETITION.enter(
    CATALOGUE,
    Repeated(
        token="key",
        somebody=first_account,
        unknown=Refusal("unknown-key"),
        accepted=(_ACCEPTED,),
        overlap=("practice/overlap", _SIDE_BY_SIDE),
        missing=UNSENT,
        refused=INVALID,
    ),
    prefix=PREFIX,
    only=("tenth-reading-refused", "burst-of-connections-refused", "refusal-kept"),
    also={
        "tenth-reading-refused": because(
            "any reading with a valid credential may be the tenth on its connection",
            *entry.ACCEPTED_ANYWHERE,
            *UNIFORM,
            *entry.UNIFORM_EXCHANGE,
            *entry.ENUMERATION,
            *BROKEN.promptly,
            *BROKEN.several,
            *BROKEN.targeted,
            *BROKEN.expiry,
            *BROKEN.managed,
            *BROKEN.separate,
            *BROKEN.recorded,
            *entry.REVOKED,
            *BROKEN.looked_at_once,
            *entry.ADDRESS,
        ),
        "burst-of-connections-refused": because(
            "ten requests with each of two keys are sent at once, perhaps on new connections",
            "asvs/8.2.2-identities-apart",
        ),
    },
)
