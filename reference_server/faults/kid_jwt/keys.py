"""Faults: what is no static token, or not in its place, is taken for one."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

from reference_server.faults.kid_jwt.entry import (
    ALTERED,
    BEHIND,
    BLANK,
    CASE,
    CATALOGUE,
    INJECTION,
    MIXED_UP,
    NOTHING,
    REPEATED,
    UNKNOWN,
    UNREFUSED,
    fault,
)
from reference_server.faults.kid_jwt.wrong import (
    also_matching,
    path,
)
from reference_server.faults.shared.keys import KEYS, Keyed, Select
from reference_server.faults.shared.macs import mac_holds
from reference_server.faults.shared.signed.ways import also_holding
from reference_server.kid_jwt.behaviour import Behaviour, Facts, Jws, Server
from reference_server.kid_jwt.records import Account


def _selecting(behaviour: Behaviour, select: Select) -> Behaviour:
    """Keep static tokens in clear, in a table `kept`, and find them by that query."""

    def enrol(server: Server, account: Account, key: str) -> None:
        behaviour.enrol(server, account, key)
        server.store.db.execute("CREATE TABLE IF NOT EXISTS kept (secret TEXT)")
        server.store.db.execute("INSERT INTO kept VALUES (?)", (key,))

    def find_key(facts: Facts, value: str) -> Account | None:
        try:
            row = select(facts.server.store.db, value).fetchone()
        except sqlite3.Error:
            row = None
        return behaviour.find_key(facts, row[0]) if row else None

    return replace(behaviour, enrol=enrol, find_key=find_key)


_STAYS = ("practice/stays-refused",)

KEYS.enter(
    CATALOGUE,
    Keyed(
        token="static token",
        also_matching=also_matching,
        selecting=_selecting,
        pattern=r"[0-9A-Za-z]{40}",
        one_place=path("/reports/"),
        unknown=(*UNKNOWN, *REPEATED),
        unknown_in_one_place=UNKNOWN,
        shortened=(*ALTERED, *_STAYS),
        lengthened=(*ALTERED, *BEHIND),
        altered=ALTERED,
        case=CASE,
        nothing=NOTHING,
        empty=(*NOTHING, *BLANK),
        injection=INJECTION,
        query=INJECTION,
    ),
    prefix="key-",
    ids={"shape-is-enough-in-one-place": "reports-take-any-key"},
    also={"shape-is-enough": UNREFUSED},
)


@fault("key-signs-tokens", "A static token signs JWTs of its account", level="SHOULD", breaks=MIXED_UP)
def signs_tokens(behaviour: Behaviour) -> Behaviour:
    """Both are kept as the account's secrets and tried one after the other. An unrelated key still signs
    nothing."""
    keys: dict[str, str] = {}

    def enrol(server: Server, account: Account, key: str) -> None:
        behaviour.enrol(server, account, key)
        keys[account.id] = key

    def holds(facts: Facts, jws: Jws, account: Account) -> bool:
        return mac_holds(jws.signed, jws.signature, keys[account.id].encode())

    return also_holding(replace(behaviour, enrol=enrol), holds)


@fault("key-may-be-a-secret", "A signing secret is a static token too", level="SHOULD", breaks=MIXED_UP)
def may_be_a_secret(behaviour: Behaviour) -> Behaviour:
    """The other way round, in the Authorization field without a scheme."""

    def find_key(facts: Facts, value: str) -> Account | None:
        signers = (account for account in facts.server.store.accounts() if account.secret == value)
        return behaviour.find_key(facts, value) or next(signers, None)

    return replace(behaviour, find_key=find_key)
