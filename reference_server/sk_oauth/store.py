"""This API's state in SQLite: accounts, keys by digest, the people that are served, activity."""

from __future__ import annotations

import sqlite3
from typing import Any

from reference_server.lives import ACTIVITY_SHOWN, Activity
from reference_server.sk_oauth.grants import GRANT_TABLES, Grants
from reference_server.sk_oauth.records import Account, Key, Partition, Person

_TABLES = """
CREATE TABLE accounts (id TEXT PRIMARY KEY, secret TEXT NOT NULL);
CREATE TABLE owners (digest BLOB PRIMARY KEY, account TEXT NOT NULL REFERENCES accounts (id));
CREATE TABLE keys (
    id TEXT PRIMARY KEY, account TEXT NOT NULL REFERENCES accounts (id), environment TEXT NOT NULL,
    name TEXT NOT NULL, digest BLOB NOT NULL UNIQUE, prefix TEXT NOT NULL, created_at REAL NOT NULL,
    expires_at REAL, scopes TEXT NOT NULL, allowance INTEGER, last_used_at REAL, revoked_at REAL
);
CREATE TABLE people (
    account TEXT NOT NULL, environment TEXT NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL,
    email TEXT NOT NULL, PRIMARY KEY (account, environment, id)
);
CREATE TABLE activity (
    number INTEGER PRIMARY KEY, account TEXT NOT NULL, environment TEXT NOT NULL, at REAL NOT NULL,
    method TEXT NOT NULL, path TEXT NOT NULL, status INTEGER NOT NULL, key TEXT NOT NULL
);
CREATE INDEX activity_by_partition ON activity (account, environment, number);
"""
_KEY = (
    "SELECT id, account, environment, name, digest, prefix, created_at, expires_at, scopes, allowance,"
    " last_used_at, revoked_at FROM keys"
)
_OF = "account = ? AND environment = ?"


class Store:
    """All state of one server, in memory, gone when it is closed."""

    def __init__(self) -> None:
        self.db = sqlite3.connect(":memory:", isolation_level=None)
        self.db.executescript(_TABLES + GRANT_TABLES)
        self.grants = Grants(self.db)

    def close(self) -> None:
        self.db.close()

    # --- accounts, and who manages them ---

    def add_account(self, account: Account, digest: bytes) -> None:
        """With the SHA-256 digest of what its owner has for the dashboard."""
        self.db.execute("INSERT INTO accounts VALUES (?, ?)", (account.id, account.secret))
        self.db.execute("INSERT INTO owners VALUES (?, ?)", (digest, account.id))

    def accounts(self) -> list[Account]:
        """All of them, oldest first."""
        return [Account(*row) for row in self.db.execute("SELECT id, secret FROM accounts ORDER BY rowid")]

    def account_of(self, digest: bytes) -> Account | None:
        """The account whose owner has a secret of this digest."""
        row = self.db.execute(
            "SELECT id, secret FROM owners JOIN accounts ON accounts.id = account WHERE digest = ?", (digest,)
        ).fetchone()
        return Account(*row) if row else None

    # --- keys ---

    def add_key(self, key: Key) -> None:
        values = (key.id, key.account, key.environment, key.name, key.digest, key.prefix, key.created_at)
        limits = (key.expires_at, " ".join(key.scopes), key.allowance, key.last_used_at, key.revoked_at)
        self.db.execute("INSERT INTO keys VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", (*values, *limits))

    def key(self, id: str) -> Key | None:
        """A key, revoked or not."""
        return _key(self.db.execute(f"{_KEY} WHERE id = ?", (id,)).fetchone())

    def key_of(self, digest: bytes) -> Key | None:
        """The key whose secret has this SHA-256 digest, revoked or not."""
        return _key(self.db.execute(f"{_KEY} WHERE digest = ?", (digest,)).fetchone())

    def keys(self, partition: Partition) -> list[Key]:
        """The keys of an account in an environment that are not revoked, oldest first."""
        rows = self.db.execute(
            f"{_KEY} WHERE {_OF} AND revoked_at IS NULL ORDER BY rowid", _values(partition)
        )
        return [key for row in rows if (key := _key(row))]

    def rename_key(self, id: str, name: str) -> None:
        self.db.execute("UPDATE keys SET name = ? WHERE id = ?", (name, id))

    def revoke_key(self, id: str, at: float) -> None:
        """Revoking again changes nothing."""
        self.db.execute("UPDATE keys SET revoked_at = coalesce(revoked_at, ?) WHERE id = ?", (at, id))

    # --- the people that are served ---

    def add_person(self, partition: Partition, person: Person) -> bool:
        """False when there is one of that id."""
        values = (*_values(partition), person.id, person.name, person.email)
        done = self.db.execute("INSERT OR IGNORE INTO people VALUES (?, ?, ?, ?, ?)", values)
        return done.rowcount > 0

    def people(self, partition: Partition) -> list[Person]:
        rows = self.db.execute(
            f"SELECT id, name, email FROM people WHERE {_OF} ORDER BY rowid", _values(partition)
        )
        return [Person(*row) for row in rows]

    def person(self, partition: Partition, id: str) -> Person | None:
        row = self.db.execute(
            f"SELECT id, name, email FROM people WHERE {_OF} AND id = ?", (*_values(partition), id)
        ).fetchone()
        return Person(*row) if row else None

    def delete_person(self, partition: Partition, id: str) -> bool:
        """False when there was none."""
        done = self.db.execute(f"DELETE FROM people WHERE {_OF} AND id = ?", (*_values(partition), id))
        return done.rowcount > 0

    # --- activity ---

    def record(self, key: Key, at: float, method: str, path: str, status: int) -> None:
        """Note a request made with a key, and drop those that are no longer shown."""
        owner = _values(key.partition)
        self.db.execute("UPDATE keys SET last_used_at = ? WHERE id = ?", (at, key.id))
        self.db.execute(
            "INSERT INTO activity (account, environment, at, method, path, status, key)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (*owner, at, method, path, status, key.id),
        )
        oldest = f"SELECT number FROM activity WHERE {_OF} ORDER BY number DESC LIMIT 1 OFFSET ?"
        row = self.db.execute(oldest, (*owner, ACTIVITY_SHOWN)).fetchone()
        if row:
            self.db.execute(f"DELETE FROM activity WHERE {_OF} AND number <= ?", (*owner, row[0]))

    def activity(self, partition: Partition) -> list[Activity]:
        """The latest requests, newest first."""
        rows = self.db.execute(
            "SELECT at, method, path, status, key, keys.name FROM activity JOIN keys ON keys.id = key"
            " WHERE activity.account = ? AND activity.environment = ? ORDER BY number DESC LIMIT ?",
            (*_values(partition), ACTIVITY_SHOWN),
        )
        return [Activity(*row) for row in rows]


def _values(partition: Partition) -> tuple[str, str]:
    return partition.account, partition.environment


def _key(row: tuple[Any, ...] | None) -> Key | None:
    if row is None:
        return None
    values: list[Any] = list(row)
    values[8] = tuple(values[8].split())
    return Key(*values)
