"""Faults that OriginChain shares with other APIs: what differs here, and what falls with them."""

from __future__ import annotations

from reference_server.faults.originchain import entry, lives
from reference_server.faults.originchain.entry import CATALOGUE, because
from reference_server.faults.originchain.wrong import oldest_token, saying
from reference_server.faults.shared.bystanders import BYSTANDERS, Bystanding
from reference_server.faults.shared.challenge import CHALLENGE, ERROR, NO_ERROR, SHOWN, Challenged
from reference_server.faults.shared.field import FIELD, Fielded
from reference_server.faults.shared.issuing import ISSUING
from reference_server.faults.shared.lives import Broken, Plane, issues_in, presented_token, revoked_in
from reference_server.faults.shared.managing import MANAGING
from reference_server.faults.shared.repetition import REPETITION, STAYS_REFUSED, Repeated
from reference_server.faults.shared.revocation import REVOCATION
from reference_server.faults.shared.revoking import REVOKING
from reference_server.faults.shared.slots import SLOTS, Slotted
from reference_server.originchain.answers import REALM
from reference_server.originchain.behaviour import Facts, Refusal, Server
from reference_server.originchain.records import Account, Token
from reference_server.originchain.tokens import SECRET_LENGTH
from reference_server.secret import digest

ENDPOINT = "originchain/endpoint"
"""The list is what the document promises to a valid token."""

# --- how a token is presented ----------------------------------------------------------------------

FIELD.enter(
    CATALOGUE,
    Fielded(
        malformed=entry.MALFORMED,
        somebody=oldest_token,
        pattern=r"oc_(?:live|test)_[A-Za-z0-9]{40}",
        altered=(
            *entry.UNKNOWN,
            "practice/prefix-bound",
            *entry.PREFIX,
            "rfc9112/5.2-folding",
            "practice/unicode-credential",
        ),
        continued=("rfc9112/5.2-folding",),
    ),
)
SLOTS.enter(
    CATALOGUE,
    Slotted(
        in_url=("rfc6750/2.3-query-refused", *entry.IN_URL),
        elsewhere=("practice/other-slot-refused", *entry.SLOT),
    ),
    ids={"accepts-one-parameter": "accepts-jwt-parameter", "accepts-other-field": "accepts-api-key-field"},
)
BYSTANDERS.enter(
    CATALOGUE,
    Bystanding(
        somebody=oldest_token,
        missing=entry.MISSING,
        misanswered=("originchain/401-missing", "originchain/labels"),
        granted=("originchain/not-client-side",),
    ),
)

# --- how a refusal is challenged -------------------------------------------------------------------

_UNREADABLE = "a challenge that is not there, or cannot be read, shows nothing about its content"
_NO_BEARER = "without a challenge for Bearer there are no parameters of Bearer"
_NO_PARAMETER = "there is no parameter whose characters could be looked at"
_CHARACTERS = "rfc6750/3-challenge-characters"

CHALLENGE.enter(
    CATALOGUE,
    Challenged(
        realm=REALM,
        failed="a token",
        branch=("malformed-credential", "a malformed field"),
        unknown=("unknown-token", "an unknown token"),
    ),
    ids={"no-challenge-in-one-branch": "no-challenge-to-malformed-field"},
    also={
        "no-challenge": because(_UNREADABLE, *SHOWN[1:], ERROR, NO_ERROR),
        "challenge-without-commas": because(_UNREADABLE, ERROR, _CHARACTERS),
        "challenge-quote-not-closed": because(_UNREADABLE, NO_ERROR),
        "challenge-for-basic": because(_NO_BEARER, ERROR, NO_ERROR, _CHARACTERS),
        "no-error-code": because(_NO_PARAMETER, _CHARACTERS),
    },
)

# --- how often something is asked for --------------------------------------------------------------

_A_REFUSED_READING = {
    **because(
        "what nobody may create stands between two controls, and either may be the tenth reading",
        "practice/auth-before-body",
    ),
    **because(
        "a case whose valid token is to be accepted may be the tenth reading on its connection",
        "rfc6750/2.1-header-accepted",
        "rfc9110/11.1-scheme-case",
        "rfc9110/11.4-several-spaces",
        "practice/own-instance-accepted",
        "rfc9110/3.3-each-request",
        *entry.TENANT,
        "originchain/labels",
    ),
    **because(
        "a use of a new token, or a probe of those who watch one, may be the tenth reading on its connection",
        *lives.PROMPTLY,
        *lives.SEVERAL,
        *lives.TARGETED,
        *lives.WATCHED,
        *lives.LOOKED_AT_ONCE,
        *lives.EXPIRY,
        but=lives.OVERLAP,
    ),
    **because(
        "where several are served in turn, one may be the tenth reading on its connection",
        "asvs/8.2.2-identities-apart",
        "asvs/14.2.2-own-answer",
        "asvs/8.4.1-lists",
        "practice/refusal-not-kept",
        "practice/no-session",
    ),
    **because(
        "the reading that shows whether a refused change took place may be the tenth on its connection",
        "rfc6750/3-missing-refused",
        *entry.MISSING,
        NO_ERROR,
        "rfc6750/3.1-unknown-refused",
        *entry.UNKNOWN,
        ERROR,
        "asvs/8.4.1-foreign-refused",
        *entry.FOREIGN,
        entry.FAIL_CLOSED,
        *entry.SHOWN,
    ),
}
_ONE_OF_MANY = because(
    "the same altered or dead token is sent once in other scenarios, perhaps to make something, and perhaps "
    "at such a turn",
    "rfc6749/10.3-altered-refused",
    *lives.LOOKED_AT_ONCE,
    *lives.ELSEWHERE,
    entry.FAIL_CLOSED,
)
_OTHER_FOREIGN = {
    **because(
        "a foreign token is sent in other scenarios too, perhaps at such a turn",
        "asvs/8.4.1-foreign-refused",
        "asvs/4.1.3-forwarded-host",
        "practice/environment-bound",
        *entry.ENVIRONMENT,
        but=entry.FOREIGN,
    ),
    **because(
        "of the two objects that are asked for with a foreign token one may come at such a turn",
        "practice/hidden-like-missing",
    ),
}

REPETITION.enter(
    CATALOGUE,
    Repeated(
        somebody=oldest_token,
        unknown=Refusal("unknown-token"),
        foreign="wrong-instance",
        accepted=(ENDPOINT,),
        overlap=lives.OVERLAP,
        missing=entry.MISSING,
        refused=entry.UNKNOWN,
        insisted=(*lives.WATCHED, *lives.EXPIRY),
        refused_foreign=entry.FOREIGN,
    ),
    also={
        "tenth-reading-refused": _A_REFUSED_READING,
        "burst-of-connections-refused": {
            **because(
                "ten requests of each of two tokens are sent at once, perhaps on new connections",
                "asvs/8.2.2-identities-apart",
            ),
            **because(
                "a control that comes on a new connection right after a burst may be refused",
                "asvs/8.2.2-foreign-object",
                "rfc9110/11.4-status",
                "practice/large-body",
                *entry.SHOWN,
            ),
        },
        "tenth-unknown-token-accepted": because(
            "other unknown, altered and dead tokens may come to be the tenth on their connection",
            *entry.ALTERED,
            *lives.DEAD,
            but=(STAYS_REFUSED, *entry.UNKNOWN),
        ),
        "tenth-use-of-altered-token-accepted": _ONE_OF_MANY,
        "altered-token-accepted-after-twenty": _ONE_OF_MANY,
        "tenth-use-of-foreign-token-accepted": _OTHER_FOREIGN,
        "foreign-token-accepted-after-twenty": _OTHER_FOREIGN,
    },
)

# --- the life of a token ---------------------------------------------------------------------------

BROKEN = Broken(
    accepted=(ENDPOINT,),
    promptly=lives.PROMPTLY,
    several=lives.SEVERAL,
    overlap=lives.OVERLAP,
    targeted=lives.TARGETED,
    expiry=lives.EXPIRY,
    prefixed=("practice/prefix-documented", "originchain/prefix"),
    shown=("practice/shown-once", "originchain/shown-once"),
    named=("practice/name-kept", "originchain/names"),
    recorded=lives.RECORDED,
    managed=lives.MANAGED,
    separate=lives.SEPARATE,
    refused=lives.WATCHED[:2],
    watched=lives.WATCHED,
    warm=lives.WARM,
    everywhere=lives.EVERYWHERE,
    conditional=lives.CONDITIONAL,
    twice=lives.TWICE,
    irreversible=lives.IRREVERSIBLE,
    like_unknown=lives.LIKE_UNKNOWN,
    revoked_status=("originchain/revocation",),
    revoked_elsewhere=lives.ELSEWHERE,
    of_refusal=(*entry.SHOWN, ERROR, "originchain/labels"),
)


def _revokes(facts: Facts) -> Token | None:
    """The path ends in the id of a token: `/instances/ID/tokens/ID`."""
    return facts.server.store.token(revoked_in("tokens", facts))


def _strangers(server: Server, token: Token) -> list[Token]:
    """The oldest token of each other instance that the target tells of."""
    found = []
    for host in ("globex.originchain.test", "trial.originchain.test"):
        instance = server.store.instance_at(host)
        if instance and instance.id != token.instance:
            found += server.store.tokens(instance.id)[:1]
    return found


PLANE = Plane(
    breaks=BROKEN,
    unknown="unknown-token",
    random=SECRET_LENGTH,
    manager=Account("owner", "owner"),
    issues=issues_in("tokens"),
    revokes=_revokes,
    presented=presented_token,
    stored=lambda facts, secret: facts.server.store.token_of(digest(secret)),
    siblings=lambda server, token: server.store.tokens(token.instance),
    strangers=_strangers,
    worded=saying,
)

REVOCATION.enter(CATALOGUE, PLANE)
REVOKING.enter(CATALOGUE, PLANE, ids={"revocation-crosses-owners": "revocation-crosses-instances"})
ISSUING.enter(CATALOGUE, PLANE)
MANAGING.enter(CATALOGUE, PLANE)
