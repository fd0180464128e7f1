"""Whose password it is: as much work for a user that there is not."""

from __future__ import annotations

from reference_server import passwords
from reference_server.origoid.behaviour import Facts, Server
from reference_server.origoid.records import User


def enrol(server: Server, user: User, password: str) -> None:
    """Only the hash of the password is kept, which the user has already."""
    server.store.add_user(user)


def find_user(facts: Facts, name: str) -> User | None:
    return facts.server.store.user(name)


def check_password(facts: Facts, user: User | None, password: str) -> bool:
    return passwords.is_of(user, password)
