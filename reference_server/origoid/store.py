"""OrigoID's state in SQLite: accounts, keys by digest, users, what tokens were given for, activity."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from reference_server.lives import ACTIVITY_SHOWN, Activity
from reference_server.origoid.records import Account, Grant, Key, Manager, User

_TABLES = """
CREATE TABLE accounts (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, endpoints TEXT NOT NULL, origins TEXT NOT NULL, disabled_at REAL
);
CREATE TABLE managers (id TEXT PRIMARY KEY, digest BLOB NOT NULL UNIQUE);
CREATE TABLE keys (
    id TEXT PRIMARY KEY, account TEXT NOT NULL REFERENCES accounts (id), name TEXT NOT NULL,
    digest BLOB NOT NULL UNIQUE, prefix TEXT NOT NULL, created_at REAL NOT NULL, expires_at REAL,
    addresses TEXT NOT NULL, token_life REAL NOT NULL, last_used_at REAL, disabled_at REAL, revoked_at REAL
);
CREATE TABLE users (
    name TEXT PRIMARY KEY, account TEXT NOT NULL REFERENCES accounts (id), salt BLOB NOT NULL,
    hash BLOB NOT NULL
);
CREATE TABLE grants (
    id TEXT PRIMARY KEY, account TEXT NOT NULL REFERENCES accounts (id), key TEXT REFERENCES keys (id)
);
CREATE TABLE activity (
    number INTEGER PRIMARY KEY, account TEXT NOT NULL, at REAL NOT NULL, method TEXT NOT NULL,
    path TEXT NOT NULL, status INTEGER NOT NULL, key TEXT NOT NULL
);
CREATE INDEX by_account ON activity (account, number);
"""
_ACCOUNT = "SELECT id, name, endpoints, origins, disabled_at FROM accounts"
_KEY = (
    "SELECT id, account, name, digest, prefix, created_at, expires_at, addresses, token_life, last_used_at,"
    " disabled_at, revoked_at FROM keys"
)


class Store:
    """All state of one server, in memory, gone when it is closed."""

    def __init__(self) -> None:
        self.db = sqlite3.connect(":memory:", isolation_level=None)
        self.db.executescript(_TABLES)

    def close(self) -> None:
        self.db.close()

    # --- accounts, and who manages them ---

    def add_account(self, account: Account) -> None:
        lists = (json.dumps(account.endpoints), json.dumps(account.origins))
        values = (account.id, account.name, *lists, account.disabled_at)
        self.db.execute("INSERT INTO accounts VALUES (?, ?, ?, ?, ?)", values)

    def account(self, id: str) -> Account | None:
        """An account, disabled or not."""
        row = self.db.execute(f"{_ACCOUNT} WHERE id = ?", (id,)).fetchone()
        return _account(row) if row else None

    def accounts(self) -> list[Account]:
        """All of them, oldest first."""
        return [_account(row) for row in self.db.execute(f"{_ACCOUNT} ORDER BY rowid")]

    def disable_account(self, id: str, at: float) -> None:
        self.db.execute("UPDATE accounts SET disabled_at = coalesce(disabled_at, ?) WHERE id = ?", (at, id))

    def origins(self) -> frozenset[str]:
        """The web origins of all accounts."""
        rows = self.db.execute("SELECT origins FROM accounts WHERE origins != '[]'")
        return frozenset(origin for row in rows for origin in json.loads(row[0]))

    def add_manager(self, manager: Manager, digest: bytes) -> None:
        self.db.execute("INSERT INTO managers VALUES (?, ?)", (manager.id, digest))

    def manager_of(self, digest: bytes) -> Manager | None:
        """Whose secret has this SHA-256 digest."""
        row = self.db.execute("SELECT id FROM managers WHERE digest = ?", (digest,)).fetchone()
        return Manager(*row) if row else None

    # --- keys ---

    def add_key(self, key: Key) -> None:
        values = (key.id, key.account, key.name, key.digest, key.prefix, key.created_at, key.expires_at)
        limits = (json.dumps(key.addresses), key.token_life)
        times = (key.last_used_at, key.disabled_at, key.revoked_at)
        self.db.execute(
            "INSERT INTO keys VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", values + limits + times
        )

    def key(self, id: str) -> Key | None:
        """A key, alive or not."""
        return _key(self.db.execute(f"{_KEY} WHERE id = ?", (id,)).fetchone())

    def key_of(self, digest: bytes) -> Key | None:
        """The key whose secret has this SHA-256 digest, alive or not."""
        return _key(self.db.execute(f"{_KEY} WHERE digest = ?", (digest,)).fetchone())

    def keys(self, account: str) -> list[Key]:
        """The keys of an account that are not revoked, oldest first."""
        rows = self.db.execute(f"{_KEY} WHERE account = ? AND revoked_at IS NULL ORDER BY rowid", (account,))
        return [key for row in rows if (key := _key(row))]

    def revoke_key(self, id: str, at: float) -> None:
        """Revoking again changes nothing."""
        self.db.execute("UPDATE keys SET revoked_at = coalesce(revoked_at, ?) WHERE id = ?", (at, id))

    def disable_key(self, id: str, at: float) -> None:
        self.db.execute("UPDATE keys SET disabled_at = coalesce(disabled_at, ?) WHERE id = ?", (at, id))

    # --- users, and what tokens were given for ---

    def add_user(self, user: User) -> None:
        self.db.execute(
            "INSERT INTO users VALUES (?, ?, ?, ?)", (user.name, user.account, user.salt, user.hash)
        )

    def user(self, name: str) -> User | None:
        row = self.db.execute(
            "SELECT name, account, salt, hash FROM users WHERE name = ?", (name,)
        ).fetchone()
        return User(*row) if row else None

    def add_grant(self, grant: Grant) -> None:
        self.db.execute("INSERT INTO grants VALUES (?, ?, ?)", (grant.id, grant.account, grant.key))

    def grant(self, id: str) -> Grant | None:
        row = self.db.execute("SELECT id, account, key FROM grants WHERE id = ?", (id,)).fetchone()
        return Grant(*row) if row else None

    # --- activity ---

    def record(self, key: Key, at: float, method: str, path: str, status: int) -> None:
        """Note a request made with a key, and drop those that are no longer shown."""
        self.db.execute("UPDATE keys SET last_used_at = ? WHERE id = ?", (at, key.id))
        self.db.execute(
            "INSERT INTO activity (account, at, method, path, status, key) VALUES (?, ?, ?, ?, ?, ?)",
            (key.account, at, method, path, status, key.id),
        )
        oldest = "SELECT number FROM activity WHERE account = ? ORDER BY number DESC LIMIT 1 OFFSET ?"
        row = self.db.execute(oldest, (key.account, ACTIVITY_SHOWN)).fetchone()
        if row:
            self.db.execute("DELETE FROM activity WHERE account = ? AND number <= ?", (key.account, row[0]))

    def activity(self, account: str) -> list[Activity]:
        """The latest requests, newest first."""
        rows = self.db.execute(
            "SELECT at, method, path, status, key, keys.name FROM activity JOIN keys ON keys.id = key"
            " WHERE activity.account = ? ORDER BY number DESC LIMIT ?",
            (account, ACTIVITY_SHOWN),
        )
        return [Activity(*row) for row in rows]


def _account(row: tuple[Any, ...]) -> Account:
    return Account(row[0], row[1], tuple(json.loads(row[2])), tuple(json.loads(row[3])), row[4])


def _key(row: tuple[Any, ...] | None) -> Key | None:
    if row is None:
        return None
    values: list[Any] = list(row)
    values[7] = tuple(json.loads(values[7]))
    return Key(*values)
