"""Ways to be wrong that faults of any API share; each takes a behaviour and returns a worse one."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

from reference_server.faults.shared.decisions import A, Facts, M
from reference_server.messages import Answer, Request

When = Callable[[Any], bool]
"""Of the facts: for which requests."""
Somebody = Callable[..., Any]
"""Of all that `admit` is given: who is served where nobody should be."""


def always(facts: Facts) -> bool:
    return True


def method(*names: str) -> When:
    """For requests with one of these methods."""
    return lambda facts: facts.request.method in names


# --- who asks --------------------------------------------------------------------------------------


def reason_of(admitted: Any) -> str | None:
    """Why somebody was not let in; None for whoever was."""
    return getattr(admitted, "reason", None)


def judging_again(behaviour: A, judge: Callable[..., Any]) -> A:
    """Think twice about who was let in, and who was not: `judge(admitted, facts, …)`."""

    def admit(facts: Facts, *where: Any) -> Any:
        return judge(behaviour.admit(facts, *where), facts, *where)

    return replace(behaviour, admit=admit)


def waiving(behaviour: A, reason: str, somebody: Somebody, when: When = always) -> A:
    """Serve what should be refused for `reason`, as if `somebody` had asked."""

    def judge(admitted: Any, facts: Facts, *where: Any) -> Any:
        return somebody(facts, *where) if reason_of(admitted) == reason and when(facts) else admitted

    return judging_again(behaviour, judge)


def also_parsing(behaviour: A, read: Callable[[str], str | None], decision: str = "parse") -> A:
    """Find credentials in field values that are malformed to the decision of that name."""
    right: Callable[[Any, str], str | None] = getattr(behaviour, decision)
    return replace(behaviour, **{decision: lambda facts, value: right(facts, value) or read(value)})


def not_parsing(behaviour: A, when: Callable[[str], bool], decision: str = "parse") -> A:
    """Find no credentials in field values of which that is so."""
    right: Callable[[Any, str], str | None] = getattr(behaviour, decision)
    return replace(behaviour, **{decision: lambda facts, value: None if when(value) else right(facts, value)})


def in_group(pattern: str, flags: re.RegexFlag = re.NOFLAG) -> Callable[[str], str | None]:
    """Of a text what the first group of the pattern holds, where the pattern matches all of it."""
    compiled = re.compile(pattern, flags)

    def read(text: str) -> str | None:
        match = compiled.fullmatch(text)
        return match[1] if match else None

    return read


def also_reading(behaviour: A, find: Callable[[Request], str | None], decision: str = "collect") -> A:
    """Where the decision of that name finds no credential, take the value that `find` sees elsewhere."""
    right: Callable[[Any], tuple[str, ...]] = getattr(behaviour, decision)

    def collect(facts: Facts) -> tuple[str, ...]:
        offered = right(facts)
        value = None if offered else find(facts.request)
        return (value,) if value else offered

    return replace(behaviour, **{decision: collect})


def serving_field(behaviour: A, somebody: Somebody, value: str) -> A:
    """Serve a request whose only Authorization field has exactly this malformed value."""
    return waiving(
        behaviour,
        "malformed-credential",
        somebody,
        lambda facts: facts.request.values("authorization") == (value,),
    )


def offered(facts: Any) -> tuple[str, ...]:
    """The keys in a field of their own that came with a request, and its Authorization fields."""
    return (*facts.behaviour.collect_keys(facts), *facts.behaviour.collect(facts))


def in_field(request: Request, *names: str) -> str | None:
    """The first value of these fields (in lower case)."""
    return next((value for name in names for value in request.values(name)), None)


def in_query(request: Request, *names: str) -> str | None:
    """The first value of a query parameter with one of these names."""
    return next((value for name, value in parse_qsl(request.query) if name in names), None)


def in_cookie(request: Request, *names: str) -> str | None:
    """The first value of a cookie with one of these names."""
    pairs = (pair.strip().partition("=") for line in request.values("cookie") for pair in line.split(";"))
    return next((value for name, _, value in pairs if name in names), None)


# --- how a refusal looks ---------------------------------------------------------------------------


def answering(behaviour: A, change: Callable[[Any, Answer], Answer], *reasons: str, when: When = always) -> A:
    """Change the answer to what is refused for one of `reasons`."""

    def refuse(facts: Facts, refusal: Any) -> Answer:
        answer = behaviour.refuse(facts, refusal)
        return change(facts, answer) if refusal.reason in reasons and when(facts) else answer

    return replace(behaviour, refuse=refuse)


def with_status(status: int) -> Callable[[Any, Answer], Answer]:
    """The same answer under another status."""
    return lambda facts, answer: replace(answer, status=status)


def crashing(facts: Facts, answer: Answer) -> Answer:
    """What a framework answers to an exception that nobody caught."""
    return Answer(500, (("Content-Type", "text/plain"),), b"Internal Server Error")


def changing_challenge(behaviour: A, change: Callable[[str], str | None], *reasons: str) -> A:
    """Change the challenge, for these reasons or for all."""

    def challenge(facts: Facts, refusal: Any) -> str | None:
        right = behaviour.challenge(facts, refusal)
        meant = not reasons or refusal.reason in reasons
        return change(right) if right is not None and meant else right

    return replace(behaviour, challenge=challenge)


def holding_back(behaviour: A, seconds: float, when: When) -> A:
    """Answer some requests that late."""

    def respond(facts: Facts) -> Answer:
        answer = behaviour.respond(facts)
        return replace(answer, delay=seconds) if when(facts) else answer

    return replace(behaviour, respond=respond)


# --- the life of a token ---------------------------------------------------------------------------


def believing(behaviour: M, when: Callable[[Any, Any], bool]) -> M:
    """Take a revoked token for one that is not, when `when(facts, token)`."""

    def is_live(facts: Facts, token: Any) -> bool:
        if token.revoked_at is not None and when(facts, token):
            token = replace(token, revoked_at=None)
        return behaviour.is_live(facts, token)

    return replace(behaviour, is_live=is_live)


def since_revocation(facts: Facts, token: Any) -> float:
    """Documented seconds since the token was revoked."""
    seconds: float = (facts.now - token.revoked_at) / facts.server.time_scale
    return seconds


def counting_uses(behaviour: M, use: Callable[[Any, Any], None], decision: str = "find_token") -> M:
    """Tell `use` of each time that a token is accepted, by the decision of that name."""
    right: Callable[[Any, str], Any] = getattr(behaviour, decision)

    def find(facts: Facts, secret: str) -> Any:
        found = right(facts, secret)
        if found:
            use(facts, found)
        return found

    return replace(behaviour, **{decision: find})


def knowing(behaviour: M, secrets: dict[str, str]) -> M:
    """Keep each secret that is issued in `secrets`, by the id of its token."""

    def issue(server: Any, owner: Any, name: str, life: float | None) -> tuple[Any, str]:
        token, secret = behaviour.issue(server, owner, name, life)
        secrets[token.id] = secret
        return token, secret

    return replace(behaviour, issue=issue)


def on_request(behaviour: M, present: list[Any]) -> M:
    """Keep in `present` the request to the management that is being answered: one, or none."""

    def manage(facts: Facts, *manager: Any) -> Answer:
        present[:] = [facts]
        try:
            return behaviour.manage(facts, *manager)
        finally:
            present.clear()

    return replace(behaviour, manage=manage)


def made_by_management(behaviour: M, made: dict[str, Any]) -> M:
    """Keep in `made` each token that was asked for, by id, and none of those that were there at the start."""

    def announce(server: Any, token: Any, secret: str) -> Mapping[str, Any]:
        made[token.id] = token
        return behaviour.announce(server, token, secret)

    return replace(behaviour, announce=announce)


# --- the last hand on an answer --------------------------------------------------------------------


def finishing(behaviour: A, change: Callable[[Any, Answer], Answer]) -> A:
    """Change every answer when all else is done."""

    def finish(facts: Facts, answer: Answer) -> Answer:
        return change(facts, behaviour.finish(facts, answer))

    return replace(behaviour, finish=finish)


def setting(answer: Answer, name: str, *values: str) -> Answer:
    """The same answer with these values of a field, or none."""
    others = tuple(field for field in answer.headers if field[0] != name)
    return replace(answer, headers=(*others, *((name, value) for value in values)))
