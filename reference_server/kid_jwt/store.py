"""This API's state in SQLite: who has which static token, and which kid has which secret."""

from __future__ import annotations

import sqlite3

from reference_server.kid_jwt.records import Account

_TABLE = """
CREATE TABLE accounts (
    id TEXT PRIMARY KEY, digest BLOB NOT NULL UNIQUE, kid TEXT NOT NULL UNIQUE, secret TEXT NOT NULL
);
"""
_ACCOUNT = "SELECT id, digest, kid, secret FROM accounts"


class Store:
    """All state of one server, in memory, gone when it is closed."""

    def __init__(self) -> None:
        self.db = sqlite3.connect(":memory:", isolation_level=None)
        self.db.executescript(_TABLE)

    def close(self) -> None:
        self.db.close()

    def add(self, account: Account) -> None:
        values = (account.id, account.digest, account.kid, account.secret)
        self.db.execute("INSERT INTO accounts VALUES (?, ?, ?, ?)", values)

    def accounts(self) -> list[Account]:
        """All of them, oldest first."""
        return [Account(*row) for row in self.db.execute(f"{_ACCOUNT} ORDER BY rowid")]

    def with_token(self, digest: bytes) -> Account | None:
        """The account whose static token has this SHA-256 digest."""
        return self._one(f"{_ACCOUNT} WHERE digest = ?", digest)

    def with_kid(self, kid: str) -> Account | None:
        """The account whose secret has this name."""
        return self._one(f"{_ACCOUNT} WHERE kid = ?", kid)

    def _one(self, query: str, value: bytes | str) -> Account | None:
        row = self.db.execute(query, (value,)).fetchone()
        return Account(*row) if row else None
