"""Ways to be wrong that several faults share; each takes a behaviour and returns a worse one."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from reference_server.faults.shared import ways
from reference_server.faults.shared.keys import Matching, Select
from reference_server.faults.shared.ways import When, always
from reference_server.messages import Answer, Request
from reference_server.standard.behaviour import Behaviour, Caller, Claims, Facts, Refusal, Server
from reference_server.standard.keys import PREFIXES
from reference_server.standard.records import ALL, Credential, Kind, Partition, Signer

Asked = Callable[[Request], bool]


def somebody(facts: Facts, instance: Partition) -> Caller:
    """Who is served where nobody should be: somebody of the instance."""
    return Caller("nobody", instance, "key", ALL)


def anybody(facts: Facts, *where: Partition) -> Caller:
    """The same where nobody says of which instance."""
    return somebody(facts, where[0] if where else facts.behaviour.name_instance(facts) or Partition("acme"))


def unguarded(behaviour: Behaviour, when: Asked) -> Behaviour:
    """Serve requests of some kind that have no credential."""
    return ways.waiving(behaviour, "missing-credential", somebody, lambda facts: when(facts.request))


def also_matching(behaviour: Behaviour, alike: Callable[[str, str], bool], when: When = always) -> Behaviour:
    """Take a value for a key or token when `alike(right, given)`. It keeps them in clear."""
    secrets: list[str] = []

    def mint(server: Server, kind: Kind) -> str:
        secrets.append(behaviour.mint(server, kind))
        return secrets[-1]

    def find_token(facts: Facts, secret: str) -> Credential | None:
        if found := behaviour.find_token(facts, secret):
            return found
        similar = (right for right in secrets if when(facts) and alike(right, secret))
        return next((found for right in similar if (found := behaviour.find_token(facts, right))), None)

    return replace(behaviour, mint=mint, find_token=find_token)


def of_kind(kind: Kind) -> Matching:
    """As above, of keys alone or of tokens alone."""
    prefix = PREFIXES[kind]

    def matching(behaviour: Any, alike: Callable[[str, str], bool], when: When = always) -> Any:
        return also_matching(
            behaviour, lambda right, given: right.startswith(prefix) and alike(right, given), when
        )

    return matching


def selecting(behaviour: Behaviour, select: Select) -> Behaviour:
    """Keep keys in clear, in a table `kept` of a database, and find them by that query."""
    db = sqlite3.connect(":memory:", check_same_thread=False)
    db.execute("CREATE TABLE kept (secret TEXT)")

    def mint(server: Server, kind: Kind) -> str:
        secret = behaviour.mint(server, kind)
        if kind == "key":
            db.execute("INSERT INTO kept VALUES (?)", (secret,))
        return secret

    def find_token(facts: Facts, secret: str) -> Credential | None:
        try:
            row = select(db, secret).fetchone()
        except sqlite3.Error:
            row = None
        return behaviour.find_token(facts, row[0] if row else secret)

    return replace(behaviour, mint=mint, find_token=find_token)


def excusing(behaviour: Behaviour, judge: str, excused: Callable[[Claims], bool]) -> Behaviour:
    """Do not ask the judge of that name where the claims are excused."""
    right: Callable[..., Refusal | None] = getattr(behaviour, judge)

    def lenient(facts: Facts, claims: Claims, *signer: Signer) -> Refusal | None:
        return None if excused(claims) else right(facts, claims, *signer)

    changed: Mapping[str, Any] = {judge: lenient}
    return replace(behaviour, **changed)


def refusing(behaviour: Behaviour, judge: str, wrong: Callable[[Claims], bool]) -> Behaviour:
    """Refuse claims that nothing is wrong with."""
    right: Callable[..., Refusal | None] = getattr(behaviour, judge)

    def strict(facts: Facts, claims: Claims, *signer: Signer) -> Refusal | None:
        return right(facts, claims, *signer) or (Refusal("wrong-claim") if wrong(claims) else None)

    changed: Mapping[str, Any] = {judge: strict}
    return replace(behaviour, **changed)


def saying(**members: Any) -> Callable[[Any, Answer], Answer]:
    """The same answer with other members in its body; None leaves one out."""

    def change(facts: Any, answer: Answer) -> Answer:
        told: Mapping[str, Any] = {**json.loads(answer.body), **members}
        body = {name: value for name, value in told.items() if value is not None}
        return replace(answer, body=json.dumps(body).encode())

    return change


def without_field(behaviour: Behaviour, name: str) -> Behaviour:
    """Leave a header field out of every answer."""
    return ways.finishing(behaviour, lambda facts, answer: ways.setting(answer, name))
