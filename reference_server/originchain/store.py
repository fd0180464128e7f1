"""OriginChain's state in SQLite: instances, tokens by digest, schemas, activity."""

from __future__ import annotations

import json
import sqlite3

from reference_server.lives import ACTIVITY_SHOWN, Activity
from reference_server.originchain.records import Account, Instance, Schema, Token

_TABLES = """
CREATE TABLE accounts (id TEXT PRIMARY KEY, name TEXT NOT NULL, digest BLOB NOT NULL UNIQUE);
CREATE TABLE instances (
    id TEXT PRIMARY KEY, account TEXT NOT NULL REFERENCES accounts (id), host TEXT NOT NULL,
    tenant TEXT NOT NULL, kind TEXT NOT NULL, deleted_at REAL
);
CREATE UNIQUE INDEX hosts ON instances (host) WHERE deleted_at IS NULL;
CREATE TABLE tokens (
    id TEXT PRIMARY KEY, instance TEXT NOT NULL REFERENCES instances (id), name TEXT NOT NULL,
    digest BLOB NOT NULL UNIQUE, prefix TEXT NOT NULL, created_at REAL NOT NULL, expires_at REAL,
    last_used_at REAL, revoked_at REAL
);
CREATE TABLE schemas (
    instance TEXT NOT NULL REFERENCES instances (id), name TEXT NOT NULL, version INTEGER NOT NULL,
    fields TEXT NOT NULL, PRIMARY KEY (instance, name)
);
CREATE TABLE activity (
    number INTEGER PRIMARY KEY, instance TEXT NOT NULL, at REAL NOT NULL, method TEXT NOT NULL,
    path TEXT NOT NULL, status INTEGER NOT NULL, token TEXT NOT NULL
);
CREATE INDEX by_instance ON activity (instance, number);
"""
_INSTANCE = "SELECT id, account, host, tenant, kind, deleted_at FROM instances"
_TOKEN = (
    "SELECT id, instance, name, digest, prefix, created_at, expires_at, last_used_at, revoked_at FROM tokens"
)


class Store:
    """All state of one server, in memory, gone when it is closed."""

    def __init__(self) -> None:
        self._db = sqlite3.connect(":memory:", isolation_level=None)
        self._db.executescript(_TABLES)

    def close(self) -> None:
        self._db.close()

    # --- accounts and instances ---

    def add_account(self, account: Account, digest: bytes) -> None:
        self._db.execute("INSERT INTO accounts VALUES (?, ?, ?)", (account.id, account.name, digest))

    def account_of(self, digest: bytes) -> Account | None:
        """The account whose secret has this SHA-256 digest."""
        row = self._db.execute("SELECT id, name FROM accounts WHERE digest = ?", (digest,)).fetchone()
        return Account(*row) if row else None

    def add_instance(self, instance: Instance) -> bool:
        """False when an existing instance has that host already."""
        values = (instance.id, instance.account, instance.host, instance.tenant, instance.kind)
        try:
            self._db.execute("INSERT INTO instances VALUES (?, ?, ?, ?, ?, NULL)", values)
        except sqlite3.IntegrityError:
            return False
        return True

    def instance(self, id: str) -> Instance | None:
        """An instance, deleted or not."""
        row = self._db.execute(f"{_INSTANCE} WHERE id = ?", (id,)).fetchone()
        return Instance(*row) if row else None

    def instance_at(self, host: str) -> Instance | None:
        """The instance that is there now under a host name."""
        row = self._db.execute(f"{_INSTANCE} WHERE host = ? AND deleted_at IS NULL", (host,)).fetchone()
        return Instance(*row) if row else None

    def delete_instance(self, id: str, at: float) -> None:
        """Take an instance away with its data; the row stays, so that its tokens are known to be dead."""
        self._db.execute("UPDATE instances SET deleted_at = coalesce(deleted_at, ?) WHERE id = ?", (at, id))
        self._db.execute("DELETE FROM schemas WHERE instance = ?", (id,))

    # --- tokens ---

    def add_token(self, token: Token) -> None:
        values = (token.id, token.instance, token.name, token.digest, token.prefix)
        times = (token.created_at, token.expires_at, token.last_used_at, token.revoked_at)
        self._db.execute("INSERT INTO tokens VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", values + times)

    def token(self, id: str) -> Token | None:
        """A token, revoked or not."""
        row = self._db.execute(f"{_TOKEN} WHERE id = ?", (id,)).fetchone()
        return Token(*row) if row else None

    def token_of(self, digest: bytes) -> Token | None:
        """The token whose secret has this SHA-256 digest, revoked or not."""
        row = self._db.execute(f"{_TOKEN} WHERE digest = ?", (digest,)).fetchone()
        return Token(*row) if row else None

    def tokens(self, instance: str) -> list[Token]:
        """The tokens of an instance that are not revoked, oldest first."""
        rows = self._db.execute(
            f"{_TOKEN} WHERE instance = ? AND revoked_at IS NULL ORDER BY rowid", (instance,)
        )
        return [Token(*row) for row in rows]

    def rename_token(self, id: str, name: str) -> None:
        self._db.execute("UPDATE tokens SET name = ? WHERE id = ?", (name, id))

    def revoke_token(self, id: str, at: float) -> None:
        """Revoking again changes nothing."""
        self._db.execute("UPDATE tokens SET revoked_at = coalesce(revoked_at, ?) WHERE id = ?", (at, id))

    # --- schemas ---

    def schemas(self, instance: str) -> list[Schema]:
        rows = self._db.execute(
            "SELECT name, version, fields FROM schemas WHERE instance = ? ORDER BY name", (instance,)
        )
        return [_schema(row) for row in rows]

    def schema(self, instance: str, name: str) -> Schema | None:
        row = self._db.execute(
            "SELECT name, version, fields FROM schemas WHERE instance = ? AND name = ?", (instance, name)
        ).fetchone()
        return _schema(row) if row else None

    def put_schema(self, instance: str, schema: Schema) -> None:
        """Create or replace."""
        values = (instance, schema.name, schema.version, json.dumps(schema.fields))
        self._db.execute("INSERT OR REPLACE INTO schemas VALUES (?, ?, ?, ?)", values)

    def delete_schema(self, instance: str, name: str) -> bool:
        """False when there was none."""
        done = self._db.execute("DELETE FROM schemas WHERE instance = ? AND name = ?", (instance, name))
        return done.rowcount > 0

    # --- activity ---

    def record(self, token: Token, at: float, method: str, path: str, status: int) -> None:
        """Note a request made with a token, and drop those that the panel no longer shows."""
        self._db.execute("UPDATE tokens SET last_used_at = ? WHERE id = ?", (at, token.id))
        self._db.execute(
            "INSERT INTO activity (instance, at, method, path, status, token) VALUES (?, ?, ?, ?, ?, ?)",
            (token.instance, at, method, path, status, token.id),
        )
        oldest = "SELECT number FROM activity WHERE instance = ? ORDER BY number DESC LIMIT 1 OFFSET ?"
        row = self._db.execute(oldest, (token.instance, ACTIVITY_SHOWN)).fetchone()
        if row:
            self._db.execute(
                "DELETE FROM activity WHERE instance = ? AND number <= ?", (token.instance, row[0])
            )

    def activity(self, instance: str) -> list[Activity]:
        """The latest requests, newest first."""
        rows = self._db.execute(
            "SELECT at, method, path, status, token, tokens.name"
            " FROM activity JOIN tokens ON tokens.id = token"
            " WHERE activity.instance = ? ORDER BY number DESC LIMIT ?",
            (instance, ACTIVITY_SHOWN),
        )
        return [Activity(*row) for row in rows]


def _schema(row: tuple[str, int, str]) -> Schema:
    return Schema(row[0], row[1], tuple(json.loads(row[2])))
