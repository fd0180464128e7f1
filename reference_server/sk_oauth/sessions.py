"""Who sits in front of the browser: a session in a cookie, its forms, and a password."""

from __future__ import annotations

import hmac

from reference_server.passwords import is_of, salted
from reference_server.secret import digest, random_text
from reference_server.sk_oauth.behaviour import Facts, Parameters, Server
from reference_server.sk_oauth.records import Session, User

COOKIE = "__Host-session"
"""Over TLS, for this host and all of its paths: RFC 6265bis section 4.1.3.2."""
SECRET_LENGTH = 40

Field = tuple[str, str]


def begin(facts: Facts, user: str | None = None) -> tuple[Session, Field]:
    """A new session, and the field that gives the browser its cookie."""
    random = facts.server.random
    secret = random_text(random, SECRET_LENGTH)
    session = Session(digest(secret), random_text(random, SECRET_LENGTH), user)
    facts.server.store.grants.add_session(session)
    return session, ("Set-Cookie", f"{COOKIE}={secret}; Path=/; Secure; HttpOnly; SameSite=Lax")


def sign_in_as(facts: Facts, former: Session, user: User) -> tuple[Session, Field]:
    """The session of somebody who is known now, in place of the former."""
    facts.server.store.grants.end_session(former.digest)
    return begin(facts, user.name)


def find_session(facts: Facts) -> Session | None:
    for line in facts.request.values("cookie"):
        for pair in line.split(";"):
            name, _, value = pair.strip().partition("=")
            if name == COOKIE:
                return facts.server.store.grants.session(digest(value))
    return None


def is_ours(facts: Facts, session: Session, found: Parameters) -> bool:
    """A page of somebody else does not know what the form says."""
    return hmac.compare_digest(found.get("csrf", "").encode(), session.csrf.encode())


def sign_in(facts: Facts, name: str, password: str) -> User | None:
    """As much work for a user that there is not."""
    user = facts.server.store.grants.user(name)
    return user if is_of(user, password) else None


def enrol(server: Server, name: str, account: str, password: str) -> User:
    user = User(name, account, *salted(server.random, password))
    server.store.grants.add_user(user)
    return user
