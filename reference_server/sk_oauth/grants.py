"""What the authorization server keeps in SQLite: clients, users, sessions, codes, and tokens by digest."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import asdict
from typing import Any

from reference_server.sk_oauth.records import (
    AccessToken,
    Asked,
    Client,
    Code,
    Grant,
    RefreshToken,
    Session,
    User,
)

GRANT_TABLES = """
CREATE TABLE clients (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, digest BLOB NOT NULL, redirects TEXT NOT NULL,
    token_life REAL NOT NULL, code_life REAL NOT NULL, scopes TEXT NOT NULL
);
CREATE TABLE users (
    name TEXT PRIMARY KEY, account TEXT NOT NULL REFERENCES accounts (id), salt BLOB NOT NULL,
    hash BLOB NOT NULL
);
CREATE TABLE sessions (digest BLOB PRIMARY KEY, csrf TEXT NOT NULL, user TEXT REFERENCES users (name));
CREATE TABLE codes (
    digest BLOB PRIMARY KEY, grant_id TEXT NOT NULL REFERENCES grants (id), asked TEXT NOT NULL,
    user TEXT NOT NULL REFERENCES users (name), expires_at REAL NOT NULL, used_at REAL
);
CREATE TABLE grants (
    id TEXT PRIMARY KEY, client TEXT NOT NULL REFERENCES clients (id),
    user TEXT NOT NULL REFERENCES users (name), account TEXT NOT NULL REFERENCES accounts (id),
    scopes TEXT NOT NULL, revoked_at REAL
);
CREATE TABLE access_tokens (
    id TEXT PRIMARY KEY, digest BLOB NOT NULL UNIQUE, grant_id TEXT NOT NULL REFERENCES grants (id),
    scopes TEXT NOT NULL, expires_at REAL NOT NULL
);
CREATE TABLE refresh_tokens (
    digest BLOB PRIMARY KEY, grant_id TEXT NOT NULL REFERENCES grants (id), scopes TEXT NOT NULL, used_at REAL
);
"""


class Grants:
    """The part of a server's state that belongs to OAuth."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db

    # --- who asks, and who allows it ---

    def add_client(self, client: Client) -> None:
        values = (client.id, client.name, client.digest, json.dumps(client.redirects))
        self.db.execute(
            "INSERT INTO clients VALUES (?, ?, ?, ?, ?, ?, ?)",
            (*values, client.token_life, client.code_life, " ".join(client.scopes)),
        )

    def client(self, id: str) -> Client | None:
        row = self._one(
            "SELECT id, name, digest, redirects, token_life, code_life, scopes FROM clients WHERE id = ?", id
        )
        if row is None:
            return None
        id, name, digest, redirects, token_life, code_life, scopes = row
        return Client(id, name, digest, tuple(json.loads(redirects)), token_life, code_life, _split(scopes))

    def add_user(self, user: User) -> None:
        self.db.execute(
            "INSERT INTO users VALUES (?, ?, ?, ?)", (user.name, user.account, user.salt, user.hash)
        )

    def user(self, name: str) -> User | None:
        row = self._one("SELECT name, account, salt, hash FROM users WHERE name = ?", name)
        return User(*row) if row else None

    def add_session(self, session: Session) -> None:
        values = (session.digest, session.csrf, session.user)
        self.db.execute("INSERT INTO sessions VALUES (?, ?, ?)", values)

    def session(self, digest: bytes) -> Session | None:
        row = self._one("SELECT digest, csrf, user FROM sessions WHERE digest = ?", digest)
        return Session(*row) if row else None

    def end_session(self, digest: bytes) -> None:
        self.db.execute("DELETE FROM sessions WHERE digest = ?", (digest,))

    # --- grants and their codes ---

    def add_grant(self, grant: Grant) -> None:
        values = (grant.id, grant.client, grant.user, grant.account, " ".join(grant.scopes), grant.revoked_at)
        self.db.execute("INSERT INTO grants VALUES (?, ?, ?, ?, ?, ?)", values)

    def grant(self, id: str) -> Grant | None:
        """A grant, revoked or not."""
        row = self._one("SELECT id, client, user, account, scopes, revoked_at FROM grants WHERE id = ?", id)
        return Grant(row[0], row[1], row[2], row[3], _split(row[4]), row[5]) if row else None

    def revoke_grant(self, id: str, at: float) -> None:
        """Revoking again changes nothing."""
        self.db.execute("UPDATE grants SET revoked_at = coalesce(revoked_at, ?) WHERE id = ?", (at, id))

    def add_code(self, code: Code) -> None:
        values = (code.digest, code.grant, json.dumps(asdict(code.asked)), code.user, code.expires_at)
        self.db.execute("INSERT INTO codes VALUES (?, ?, ?, ?, ?, ?)", (*values, code.used_at))

    def code(self, digest: bytes) -> Code | None:
        """The code of this SHA-256 digest, used or not."""
        row = self._one(
            "SELECT digest, grant_id, asked, user, expires_at, used_at FROM codes WHERE digest = ?", digest
        )
        if row is None:
            return None
        asked: dict[str, Any] = json.loads(row[2])
        return Code(row[0], row[1], Asked(**{**asked, "scopes": tuple(asked["scopes"])}), *row[3:])

    def use_code(self, digest: bytes, at: float) -> None:
        self.db.execute("UPDATE codes SET used_at = ? WHERE digest = ?", (at, digest))

    # --- tokens ---

    def add_access_token(self, token: AccessToken) -> None:
        values = (token.id, token.digest, token.grant, " ".join(token.scopes), token.expires_at)
        self.db.execute("INSERT INTO access_tokens VALUES (?, ?, ?, ?, ?)", values)

    def access_token(self, digest: bytes) -> AccessToken | None:
        """The access token of this SHA-256 digest, alive or not."""
        row = self._one(
            "SELECT id, digest, grant_id, scopes, expires_at FROM access_tokens WHERE digest = ?", digest
        )
        return AccessToken(row[0], row[1], row[2], _split(row[3]), row[4]) if row else None

    def add_refresh_token(self, token: RefreshToken) -> None:
        values = (token.digest, token.grant, " ".join(token.scopes), token.used_at)
        self.db.execute("INSERT INTO refresh_tokens VALUES (?, ?, ?, ?)", values)

    def refresh_token(self, digest: bytes) -> RefreshToken | None:
        """The refresh token of this SHA-256 digest, used or not."""
        row = self._one(
            "SELECT digest, grant_id, scopes, used_at FROM refresh_tokens WHERE digest = ?", digest
        )
        return RefreshToken(row[0], row[1], _split(row[2]), row[3]) if row else None

    def use_refresh_token(self, digest: bytes, at: float) -> None:
        self.db.execute("UPDATE refresh_tokens SET used_at = ? WHERE digest = ?", (at, digest))

    def _one(self, query: str, value: bytes | str) -> tuple[Any, ...] | None:
        row: tuple[Any, ...] | None = self.db.execute(query, (value,)).fetchone()
        return row


def _split(scopes: str) -> tuple[str, ...]:
    return tuple(scopes.split())
