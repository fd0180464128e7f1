"""Whose password it is: RFC 7617. As much work for somebody whom there is not, and no guessing on."""

from __future__ import annotations

import math

from reference_server import passwords, presenting
from reference_server.allowance import Bucket
from reference_server.standard.behaviour import Caller, Facts, Found, Refusal, Server
from reference_server.standard.records import ALL, Person

GUESSES = 20
"""Wrong passwords in a row that are looked at."""
PAUSE = 30.0
"""Seconds after the last of them for which no more are. They are not shrunk, for Retry-After is whole."""


def by_basic(facts: Facts, encoded: str) -> Found:
    decide = facts.behaviour
    pair = presenting.pair(facts, encoded)
    if pair is None:
        return Refusal("malformed-credential")
    person = decide.find_person(facts, pair[0])
    if refusal := decide.judge_guessing(facts, person):
        return refusal
    right = decide.check_password(facts, person, pair[1])
    if person is None:
        return Refusal("unknown-user")
    _count(facts, person, right)
    return Caller(person.name, person.owner, "basic", ALL) if right else Refusal("wrong-password")


def enrol(server: Server, person: Person, password: str) -> None:
    """Only the hash of the password is kept, which the person has already."""
    server.store.add_person(person)


def find_person(facts: Facts, name: str) -> Person | None:
    return facts.server.store.person(name)


def judge_guessing(facts: Facts, person: Person | None) -> Refusal | None:
    """Whatever the password is, and wherever the request says that it comes from."""
    bucket = facts.server.buckets.get(person.name) if person else None
    if bucket is None or bucket.used < GUESSES:
        return None
    left = bucket.last + PAUSE - facts.now
    return Refusal("too-many-requests", wait=math.ceil(left)) if left > 0 else None


def check_password(facts: Facts, person: Person | None, password: str) -> bool:
    return passwords.is_of(person, password)


def _count(facts: Facts, person: Person, right: bool) -> None:
    """A right password, or a pause, lets the count begin anew."""
    bucket = facts.server.buckets.setdefault(person.name, Bucket())
    if right or facts.now - bucket.last >= PAUSE:
        bucket.used = 0
    if not right and person.guarded:
        bucket.used += 1
        bucket.last = facts.now
