"""Ways to be wrong that several of OrigoID's faults share; each takes a behaviour and returns a worse one."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from reference_server.faults.shared import ways
from reference_server.faults.shared.keys import Alike, Select
from reference_server.faults.shared.telling import with_field as with_field
from reference_server.faults.shared.ways import When, always
from reference_server.faults.shared.ways import finishing as finishing
from reference_server.faults.shared.ways import setting as setting
from reference_server.messages import Answer
from reference_server.origoid.authentication import calling
from reference_server.origoid.behaviour import Behaviour, Caller, Facts, Found, Reason, Refusal, Server
from reference_server.origoid.records import Account, Key
from reference_server.reading import Jws


def path(*names: str) -> When:
    """For requests of one of these paths."""
    return lambda facts: facts.request.path in names


def first_account(facts: Facts) -> Caller:
    """Who is served where nobody should be."""
    return Caller(facts.server.store.accounts()[0], "key")


def waiving(behaviour: Behaviour, reason: Reason, when: When = always) -> Behaviour:
    """Serve what should be refused for `reason`, as if the oldest account had asked."""
    return ways.waiving(behaviour, reason, first_account, when)


# --- keys ----------------------------------------------------------------------------------------


def also_matching(behaviour: Behaviour, alike: Alike, when: When = always) -> Behaviour:
    """Take a value for a key when `alike(right, given)`. It keeps them in clear."""
    secrets: list[str] = []

    def keep(server: Server, key: Key, secret: str) -> None:
        behaviour.keep(server, key, secret)
        secrets.append(secret)

    def find_key(facts: Facts, secret: str) -> Key | None:
        if found := behaviour.find_key(facts, secret):
            return found
        similar = (right for right in secrets if when(facts) and alike(right, secret))
        return next((key for right in similar if (key := behaviour.find_key(facts, right))), None)

    return replace(behaviour, keep=keep, find_key=find_key)


def selecting(behaviour: Behaviour, select: Select) -> Behaviour:
    """Keep keys in clear, in a table `kept`, and find them by that query."""

    def keep(server: Server, key: Key, secret: str) -> None:
        behaviour.keep(server, key, secret)
        server.store.db.execute("CREATE TABLE IF NOT EXISTS kept (secret TEXT)")
        server.store.db.execute("INSERT INTO kept VALUES (?)", (secret,))

    def find_key(facts: Facts, secret: str) -> Key | None:
        try:
            row = select(facts.server.store.db, secret).fetchone()
        except sqlite3.Error:
            row = None
        return behaviour.find_key(facts, row[0]) if row else None

    return replace(behaviour, keep=keep, find_key=find_key)


# --- tokens --------------------------------------------------------------------------------------


def also_holding(behaviour: Behaviour, holds: Callable[[Facts, Jws], bool]) -> Behaviour:
    """Believe further signatures."""
    return replace(behaviour, holds=lambda facts, jws: behaviour.holds(facts, jws) or holds(facts, jws))


def by_id_alone(behaviour: Behaviour) -> Behaviour:
    """Go by the id of a token, whomever it names."""

    def find_bearer(facts: Facts, claims: Mapping[str, Any]) -> Found:
        grant = facts.server.store.grant(str(claims.get("jti")))
        named = {**claims, "sub": grant.account} if grant else claims
        return behaviour.find_bearer(facts, named)

    return replace(behaviour, find_bearer=find_bearer)


def bearing(facts: Facts, account: str, key: Key | None = None) -> Found:
    """Who has a token of that account."""
    return calling(facts, account, "bearer", key)


# --- what is served ------------------------------------------------------------------------------


def granting(behaviour: Behaviour, when: When = always, **members: Any) -> Behaviour:
    """Grant a token with other members; None leaves one out."""

    def grant(facts: Facts, token: str, life: float) -> Answer:
        answer = behaviour.grant(facts, token, life)
        if not when(facts):
            return answer
        body = json.loads(answer.body)
        data = {name: value for name, value in {**body["data"], **members}.items() if value is not None}
        return replace(answer, body=json.dumps({**body, "data": data}).encode())

    return replace(behaviour, grant=grant)


def claiming(
    behaviour: Behaviour, more: Callable[[Facts, Caller, Mapping[str, Any]], Mapping[str, Any]]
) -> Behaviour:
    """Put more into a token, or something else."""

    def claim(facts: Facts, caller: Caller, life: float) -> Mapping[str, Any]:
        claims = behaviour.claim(facts, caller, life)
        return {**claims, **more(facts, caller, claims)}

    return replace(behaviour, claim=claim)


def selecting_account(behaviour: Behaviour, select: Callable[[Facts, Caller], Account]) -> Behaviour:
    """Serve another account's data."""
    return replace(behaviour, select=select)


# --- answers -------------------------------------------------------------------------------------


def answering(
    behaviour: Behaviour, change: Callable[[Any, Answer], Answer], *reasons: Reason, when: When = always
) -> Behaviour:
    """Change the answer to what is refused for one of `reasons`, or for any."""

    def refuse(facts: Facts, refusal: Refusal) -> Answer:
        answer = behaviour.refuse(facts, refusal)
        meant = not reasons or refusal.reason in reasons
        return change(facts, answer) if meant and when(facts) else answer

    return replace(behaviour, refuse=refuse)


def saying(**members: Any) -> Callable[[Any, Answer], Answer]:
    """The same answer with other members in its body; None stands for itself."""
    return lambda facts, answer: replace(
        answer, body=json.dumps({**json.loads(answer.body), **members}).encode()
    )
