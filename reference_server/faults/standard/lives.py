"""Faults of the life of a key that this API shares with others: what differs here, and what falls."""

from __future__ import annotations

from dataclasses import replace

from reference_server.faults.shared.issuing import ISSUING
from reference_server.faults.shared.lives import Broken, Plane, issues_in, presented_key, revoked_in
from reference_server.faults.shared.managing import MANAGING
from reference_server.faults.shared.revocation import REVOCATION
from reference_server.faults.shared.revoking import REVOKING
from reference_server.faults.shared.ways import waiving
from reference_server.faults.standard import entry
from reference_server.faults.standard.entry import CATALOGUE, STATUS, because, fault
from reference_server.faults.standard.wrong import saying, somebody
from reference_server.lives import SECRET_LENGTH
from reference_server.secret import digest
from reference_server.standard import service
from reference_server.standard.behaviour import Behaviour, Facts, Refusal, Server
from reference_server.standard.records import Credential, Manager

PREFIX = "standard-"

BROKEN = Broken(
    accepted=(),
    promptly=("practice/usable-promptly",),
    several=("practice/several-credentials",),
    overlap=("practice/overlap",),
    targeted=("practice/revocation-targeted",),
    expiry=("practice/expiry-honoured", STATUS),
    prefixed=("practice/prefix-documented",),
    shown=("practice/shown-once",),
    named=("practice/name-kept",),
    recorded=("practice/activity-recorded",),
    managed=("asvs/8.2.1-management-protected", STATUS),
    separate=("practice/management-separate", STATUS),
    refused=entry.REVOKED,
    watched=(*entry.REVOKED, "rfc7009/2.1-stays-revoked", "asvs/7.4.1-revoked-warm"),
    warm="asvs/7.4.1-revoked-warm",
    everywhere=("asvs/7.4.1-revoked-everywhere", STATUS),
    conditional=("rfc9110/13.2.1-revoked-conditional", STATUS),
    twice=("practice/revoke-twice",),
    irreversible=("practice/revocation-irreversible", STATUS),
    like_unknown=("practice/revoked-like-unknown", *entry.UNIFORM),
    revoked_status=(STATUS,),
    revoked_elsewhere=("practice/revoked-elsewhere",),
    of_refusal=(*entry.SHOWN,),
)


def _revokes(facts: Facts) -> Credential | None:
    """The path ends in the id of a key: `/tenants/NAME/keys/ID`."""
    return facts.server.store.credential(revoked_in("keys", facts))


def _strangers(server: Server, key: Credential) -> list[Credential]:
    """The oldest key of each other place."""
    owners = (partition for _, partition in service.PLACES.values() if partition != key.owner)
    return [each for owner in owners for each in server.store.credentials(owner, "key")[:1]]


PLANE = Plane(
    breaks=BROKEN,
    token="key",
    others="tenant",
    unknown="unknown-key",
    random=SECRET_LENGTH,
    manager=Manager(service.OWN.tenant),
    issues=issues_in("keys"),
    revokes=_revokes,
    presented=presented_key,
    stored=lambda facts, secret: facts.server.store.with_digest(digest(secret)),
    siblings=lambda server, key: server.store.credentials(key.owner, "key"),
    strangers=_strangers,
    recorded_as="key",
    worded=lambda answer, text: saying(detail=text)(None, answer),
)

# One fault or two for each scenario: how else it can be wrong is seen at the other APIs.
REVOCATION.enter(
    CATALOGUE,
    PLANE,
    prefix=PREFIX,
    only=(
        "revocation-cached-8s",
        "revocation-spares-busy-tokens",
        "revocation-undone-after-2s",
        "revoked-for-reading-only",
        "revoked-token-not-modified",
    ),
    also={
        name: because("it is made sure of before the two are compared", *entry.UNIFORM)
        for name in ("revocation-cached-8s", "revocation-undone-after-2s")
    },
)
REVOKING.enter(
    CATALOGUE,
    PLANE,
    prefix=PREFIX,
    only=(
        "revocation-takes-longer-names",
        "revocation-crosses-owners",
        "second-revocation-crashes",
        "namesake-revives",
        "revoked-told-in-body",
    ),
    levels={"namesake-revives": "SHOULD"},
    also={
        "revocation-crosses-owners": because(
            "the keys of the other places are asked with elsewhere, and are dead after the first revocation",
            *entry.BY_OTHER_KEYS,
        )
    },
)
# the seven characters that a listing shows are too few to be told from an accident where there is no prefix
ISSUING.enter(
    CATALOGUE,
    replace(PLANE, breaks=replace(BROKEN, masked=())),
    prefix=PREFIX,
    only=(
        "new-token-works-after-12s",
        "new-tokens-have-no-prefix",
        "tokens-of-40-bits",
        "new-token-cacheable",
        "new-token-ends-the-former",
        "fifth-token-ends-the-first",
        "use-prolongs-life",
    ),
    levels={
        "new-token-works-after-12s": "SHOULD",
        "new-tokens-have-no-prefix": "SHOULD",
        "new-token-ends-the-former": "SHOULD",
        "fifth-token-ends-the-first": "SHOULD",
    },
    also={
        "new-token-works-after-12s": because(
            "a scenario that goes on with a key which is not accepted has nothing to go on with",
            "asvs/12.2.1-plain-http",
            "practice/disabled-refused",
            "asvs/8.3.2-right-withdrawn",
            "rfc6750/3.1-insufficient-scope-error",
            *entry.UNIFORM,
        )
    },
)
MANAGING.enter(
    CATALOGUE,
    PLANE,
    prefix=PREFIX,
    only=(
        "listing-shows-secrets",
        "listing-shows-ends",
        "name-truncated",
        "activity-without-reading",
        "nobody-may-issue",
        "revokes-before-refusing",
    ),
    levels={"listing-shows-secrets": "SHOULD", "name-truncated": "SHOULD"},
    also={
        name: because("in its own field a key is nothing to the management", "practice/management-separate")
        for name in ("nobody-may-issue", "revokes-before-refusing")
    },
)


@fault(
    "key-may-revoke",
    "A key for the data can revoke keys",
    level="SHOULD",
    subtle=True,
    breaks=("practice/management-separate", STATUS),
)
def key_may_revoke(behaviour: Behaviour) -> Behaviour:
    """Any credential of the tenant will do, in any field; without one it is refused. No other operation of
    the management looks at that field."""

    def govern(facts: Facts) -> Manager | Refusal:
        found = behaviour.govern(facts)
        key = behaviour.find_token(facts, presented_key(facts)) if _revokes(facts) else None
        return Manager(key.owner.tenant) if isinstance(found, Refusal) and key else found

    return replace(behaviour, govern=govern)


@fault(
    "revoked-key-served-elsewhere",
    "A key that was revoked is served at another tenant's address",
    subtle=True,
    breaks=("practice/revoked-elsewhere", STATUS),
    level="SHOULD",
)
def revoked_key_served_elsewhere(behaviour: Behaviour) -> Behaviour:
    """Each place has its own list of revoked keys, and asks the common table only for whose a key is not. No
    other revoked key is sent there."""

    def revoked_elsewhere(facts: Facts) -> bool:
        key = facts.server.store.with_digest(digest(presented_key(facts)))
        instance = behaviour.name_instance(facts)
        return key is not None and key.revoked_at is not None and key.owner != instance

    return waiving(behaviour, "unknown-key", somebody, revoked_elsewhere)
