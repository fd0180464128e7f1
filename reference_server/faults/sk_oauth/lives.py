"""Faults of the life of a key that this API shares with others: what differs here, and what falls."""

from __future__ import annotations

from reference_server.faults.shared.issuing import ISSUING
from reference_server.faults.shared.lives import Broken, Plane, issues_in, presented_token, revoked_in
from reference_server.faults.shared.managing import MANAGING
from reference_server.faults.shared.revoking import REVOKING
from reference_server.faults.sk_oauth import entry
from reference_server.faults.sk_oauth.entry import CATALOGUE, STATUS, USERS, because
from reference_server.faults.sk_oauth.wrong import OWNER, rewording
from reference_server.secret import digest
from reference_server.sk_oauth.behaviour import Facts, Server
from reference_server.sk_oauth.keys import SECRET_LENGTH
from reference_server.sk_oauth.records import Account, Key, Partition

PREFIX = "sk-"

BROKEN = Broken(
    accepted=(USERS,),
    promptly=entry.PROMPTLY,
    several=entry.SEVERAL,
    overlap=entry.OVERLAP,
    targeted=entry.TARGETED,
    expiry=entry.EXPIRY,
    prefixed=("practice/prefix-documented", "sk-oauth/test-keys", "sk-oauth/live-keys"),
    shown=("practice/shown-once", "sk-oauth/key-creation"),
    named=("practice/name-kept",),
    recorded=("practice/activity-recorded",),
    managed=("asvs/8.2.1-management-protected", "rfc9110/11.4-status"),
    separate=("practice/management-separate", "rfc9110/11.4-status"),
    refused=entry.REVOKED,
    watched=entry.WATCHED,
    warm=entry.WARM,
    everywhere=entry.EVERYWHERE,
    conditional=entry.CONDITIONAL,
    twice=entry.REVOKED_TWICE,
    irreversible=entry.IRREVERSIBLE,
    like_unknown=entry.LIKE_UNKNOWN,
    revoked_status=(STATUS,),
    of_refusal=entry.OF_REFUSAL,
)


def _revokes(facts: Facts) -> Key | None:
    """The path ends in the id of a key: `/live/keys/ID`."""
    return facts.server.store.key(revoked_in("keys", facts))


def _strangers(server: Server, key: Key) -> list[Key]:
    """The oldest key of each other account."""
    others = (account for account in server.store.accounts() if account.id != key.account)
    return [oldest for account in others for oldest in server.store.keys(Partition(account.id, "live"))[:1]]


PLANE = Plane(
    breaks=BROKEN,
    token="key",
    others="account",
    unknown="unknown-credential",
    random=SECRET_LENGTH,
    manager=Account(OWNER, ""),
    issues=issues_in("keys"),
    revokes=_revokes,
    presented=presented_token,
    stored=lambda facts, secret: facts.server.store.key_of(digest(secret)),
    siblings=lambda server, key: server.store.keys(key.partition),
    strangers=_strangers,
    recorded_as="key",
    worded=lambda answer, text: rewording(message=text)(None, answer),
)

# What no other fault of this API shows: how else it can be wrong is seen at the other APIs.
REVOKING.enter(CATALOGUE, PLANE, prefix=PREFIX, only=("revocation-takes-longer-names",))
ISSUING.enter(
    CATALOGUE,
    PLANE,
    prefix=PREFIX,
    only=(
        "new-token-works-after-12s",
        "new-tokens-have-no-prefix",
        "tokens-repeat-in-a-crowd",
        "tokens-of-40-bits",
        "new-token-cacheable",
        "fifth-token-ends-the-first",
    ),
    also={
        "new-token-works-after-12s": {
            **because(
                "what is made for this alone is looked at first, and not accepted",
                "asvs/12.2.1-plain-http",
                "sk-oauth/https",
            ),
            **because(
                "whether a change took place in the sandbox may be looked at with a new key",
                "practice/environment-own",
                "sk-oauth/test-keys",
                "sk-oauth/scopes",
            ),
        }
    },
)
MANAGING.enter(
    CATALOGUE,
    PLANE,
    levels={"listing-shows-secrets": "SHOULD", "name-lost": "SHOULD"},
    prefix=PREFIX,
    only=("listing-shows-secrets", "name-lost", "activity-empty", "nobody-may-issue", "token-may-revoke"),
)
