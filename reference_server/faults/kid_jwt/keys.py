"""Faults: what is no static token, or not in its place, is taken for one."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from dataclasses import replace

from reference_server.faults.kid_jwt.entry import (
    ALTERED,
    CASE,
    INJECTION,
    MIXED_UP,
    NOTHING,
    REPEATED,
    UNKNOWN,
    fault,
)
from reference_server.faults.kid_jwt.wrong import (
    also_matching,
    path,
)
from reference_server.faults.shared.macs import mac_holds
from reference_server.faults.shared.signed.ways import also_holding
from reference_server.kid_jwt.behaviour import Behaviour, Facts, Jws, Server
from reference_server.kid_jwt.records import Account

_SHAPE = re.compile(r"[0-9A-Za-z]{40}")


@fault(
    "key-shape-is-enough",
    "Any text with the shape of a static token is one",
    breaks=(*UNKNOWN, *CASE, *REPEATED),
)
def shape_is_enough(behaviour: Behaviour) -> Behaviour:
    """A pattern is checked and nothing is looked up. Unknown tokens and those in other letter case have the
    right shape; shortened, lengthened ones and signing secrets have another length."""
    return also_matching(behaviour, lambda right, given: bool(_SHAPE.fullmatch(given)))


@fault(
    "reports-take-any-key",
    "The second service takes any text with the shape of a static token",
    subtle=True,
    breaks=UNKNOWN,
)
def reports_take_any_key(behaviour: Behaviour) -> Behaviour:
    """As above, on one service: there only unknown tokens are tried."""
    return also_matching(
        behaviour, lambda right, given: bool(_SHAPE.fullmatch(given)), when=path("/reports/")
    )


@fault(
    "key-beginning-is-enough",
    "The first half of a static token is enough",
    breaks=(*ALTERED, "practice/stays-refused"),
)
def beginning_is_enough(behaviour: Behaviour) -> Behaviour:
    """The comparison ends where the shorter text does. Tokens cut at their end are accepted."""
    return also_matching(behaviour, lambda right, given: len(given) >= 20 and right.startswith(given))


@fault("key-with-more-behind", "What follows a static token is not looked at", breaks=ALTERED)
def more_behind(behaviour: Behaviour) -> Behaviour:
    """The comparison is as long as the token that is stored. Whatever is added at its end is accepted."""
    return also_matching(behaviour, lambda right, given: given.startswith(right))


@fault(
    "key-with-more-before", "What stands before a static token is not looked at", subtle=True, breaks=ALTERED
)
def more_before(behaviour: Behaviour) -> Behaviour:
    """One of the altered tokens has a letter before it. After Bearer it would be taken for a JWT."""
    return also_matching(behaviour, lambda right, given: given.endswith(right))


@fault(
    "key-first-character-dropped", "A static token may lack its first character", subtle=True, breaks=ALTERED
)
def first_character_dropped(behaviour: Behaviour) -> Behaviour:
    """Off by one, at the beginning. One of the altered tokens."""
    return also_matching(behaviour, lambda right, given: given == right[1:])


@fault(
    "key-separator-dropped",
    "A comma or semicolon after a static token is dropped",
    subtle=True,
    breaks=ALTERED,
)
def separator_dropped(behaviour: Behaviour) -> Behaviour:
    """Two of the altered tokens. A letter or a dot behind one still counts."""
    return also_matching(behaviour, lambda right, given: given.rstrip(",;") == right)


@fault("key-case-folded", "Letter case in a static token means nothing", level="SHOULD", breaks=CASE)
def case_folded(behaviour: Behaviour) -> Behaviour:
    """A column that compares without regard to case. Neither one letter nor all in other case are told
    apart from the right ones."""
    return also_matching(behaviour, lambda right, given: given.lower() == right.lower())


@fault(
    "key-case-folded-behind-index",
    "Letter case means nothing behind the first ten characters of a static token",
    level="SHOULD",
    subtle=True,
    breaks=CASE,
)
def case_folded_behind_index(behaviour: Behaviour) -> Behaviour:
    """The first ten characters are an index and compared exactly. A token with one letter of its middle in
    other case is accepted, one with all its letters so is not."""
    return also_matching(
        behaviour, lambda right, given: given[:10] == right[:10] and given.lower() == right.lower()
    )


@fault(
    "key-may-be-empty",
    "An empty Authorization field is as good as a static token",
    subtle=True,
    breaks=NOTHING,
)
def may_be_empty(behaviour: Behaviour) -> Behaviour:
    """The empty text is false where an absent one is none."""
    return also_matching(behaviour, lambda right, given: given == "")


@fault("key-null-accepted", "The words null and undefined are static tokens", subtle=True, breaks=NOTHING)
def null_accepted(behaviour: Behaviour) -> Behaviour:
    """A row that a script without a token once wrote. Two of the words for nothing."""
    return also_matching(behaviour, lambda right, given: given in ("null", "undefined"))


@fault("key-star-accepted", "A star stands for every static token", subtle=True, breaks=NOTHING)
def star_accepted(behaviour: Behaviour) -> Behaviour:
    """A wildcard of the rules by which a gateway lets through. One of the words for nothing; the patterns
    among the injections have more than a star."""
    return also_matching(behaviour, lambda right, given: given == "*")


def _in_clear(behaviour: Behaviour, select: Callable[[sqlite3.Connection, str], sqlite3.Cursor]) -> Behaviour:
    """Keep static tokens in clear, in a table `keys`, and find them by that query."""

    def enrol(server: Server, account: Account, key: str) -> None:
        behaviour.enrol(server, account, key)
        server.store.db.execute("CREATE TABLE IF NOT EXISTS keys (key TEXT)")
        server.store.db.execute("INSERT INTO keys VALUES (?)", (key,))

    def find_key(facts: Facts, value: str) -> Account | None:
        try:
            row = select(facts.server.store.db, value).fetchone()
        except sqlite3.Error:
            row = None
        return behaviour.find_key(facts, row[0]) if row else None

    return replace(behaviour, enrol=enrol, find_key=find_key)


@fault("key-in-sql", "A static token is written into the text of the query", breaks=INJECTION)
def in_sql(behaviour: Behaviour) -> Behaviour:
    """The fragments with a condition that is always true find a row. None of the other values has an
    apostrophe, and a query that cannot be parsed finds nothing."""
    return _in_clear(behaviour, lambda db, value: db.execute(f"SELECT key FROM keys WHERE key = '{value}'"))


@fault("key-by-like", "Static tokens are found by LIKE", breaks=(*NOTHING, *CASE))
def by_like(behaviour: Behaviour) -> Behaviour:
    """A percent sign finds the first one, and LIKE knows no letter case. The fragments of SQL are no
    patterns that fit: they are bound as a value."""
    return _in_clear(
        behaviour, lambda db, value: db.execute("SELECT key FROM keys WHERE key LIKE ?", (value,))
    )


@fault("key-as-pattern", "A static token is taken for a regular expression", subtle=True, breaks=INJECTION)
def as_pattern(behaviour: Behaviour) -> Behaviour:
    """Of all that is sent only `.*` is an expression that fits the whole of a token: a star alone is none,
    and small letters alone do not fit."""

    def fits(right: str, given: str) -> bool:
        try:
            return bool(re.fullmatch(given, right))
        except re.error:
            return False

    return also_matching(behaviour, fits)


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
