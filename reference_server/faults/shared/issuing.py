"""Faults: a new token is not what it should be, or does not last as long as it should."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from reference_server.faults.shared.decisions import Facts, M
from reference_server.faults.shared.lives import Broken, Named, Plane
from reference_server.faults.shared.sets import FaultSet, Reasoned, because
from reference_server.faults.shared.ways import counting_uses, made_by_management, on_request
from reference_server.messages import Answer
from reference_server.secret import ALPHABET, random_text

ISSUING: FaultSet[Plane] = FaultSet()
fault = ISSUING.fault


def _expiry(api: Plane) -> Named:
    return api.breaks.expiry


def _unguessable(api: Plane) -> Named:
    return api.breaks.unguessable


# --- when it works ---------------------------------------------------------------------------------


def _no_use(api: Plane) -> Reasoned:
    falls: Broken = api.breaks
    return because(
        "a scenario that goes on with a token which is not accepted says so, or has nothing to go on with",
        *falls.watched,
        *falls.looked_at_once,
        *falls.targeted,
        *falls.revoked_elsewhere,
        *falls.several,
        *falls.overlap,
        *falls.expiry,
        *falls.managed,
        *falls.separate,
        *falls.recorded,
        *falls.of_refusal,
        "asvs/14.2.2-own-answer",
        but=falls.promptly,
    )


def _dead_for(behaviour: M, when: Callable[[float], bool]) -> M:
    """Take a token that was asked for to be unknown when its age in documented seconds is so."""
    made: dict[str, Any] = {}

    def is_live(facts: Facts, token: Any) -> bool:
        age = (facts.now - token.created_at) / facts.server.time_scale
        return not (token.id in made and when(age)) and behaviour.is_live(facts, token)

    return replace(made_by_management(behaviour, made), is_live=is_live)


@fault(
    "new-token-works-after-12s",
    "A new {it.token} works after 12 s",
    breaks=lambda api: api.breaks.promptly,
    also=_no_use,
)
def new_token_works_late(api: Plane, behaviour: M) -> M:
    """New tokens are read by the guards every 12 s, and 5 s are allowed. Many scenarios use a token as soon
    as it is made."""
    return _dead_for(behaviour, lambda age: age < 12)


@fault(
    "new-token-pauses",
    "A new {it.token} works, and is unknown again from 15 s to 18 s after it was made",
    subtle=True,
    breaks=lambda api: api.breaks.promptly,
    also=_no_use,
)
def new_token_pauses(api: Plane, behaviour: M) -> M:
    """An answer of before it was made is still in a cache and is given out once more. Only a watch of half a
    minute meets it for certain; other scenarios are done with their tokens by then, or are not."""
    return _dead_for(behaviour, lambda age: 15 <= age < 18)


# --- what it is made of ----------------------------------------------------------------------------


def _minting(api: Plane, behaviour: M, secret: Callable[[Any], str]) -> M:
    """Make tokens of what they begin with and `secret`."""
    return replace(
        behaviour,
        mint=lambda server, owner: behaviour.mint(server, owner)[: -api.random] + secret(server),
    )


@fault(
    "new-tokens-have-no-prefix",
    "New {it.token}s begin in no documented way",
    breaks=lambda api: (*api.breaks.prefixed, *api.breaks.masked),
)
def new_tokens_have_no_prefix(api: Plane, behaviour: M) -> M:
    """The tokens that are there already have it, so that nothing changes for them. Of a new one the listing
    shows the first characters, which are all of its secret."""
    asked: list[Any] = []

    def mint(server: Any, owner: Any) -> str:
        secret = behaviour.mint(server, owner)
        return secret[-api.random :] if asked else secret

    return replace(on_request(behaviour, asked), mint=mint)


CROWD = 8


def _shows_a_token(api: Plane, facts: Facts, answer: Answer) -> bool:
    return answer.status == 201 and api.issues(facts)


@fault(
    "tokens-repeat-in-a-crowd",
    "Of many {it.token}s that are made at once the last ones are the same",
    subtle=True,
    breaks=lambda api: api.breaks.unique,
    also=lambda api: because("so many alike ones hold few random bits", *api.breaks.unguessable),
)
def tokens_repeat_in_a_crowd(api: Plane, behaviour: M) -> M:
    """The buffer of random bytes is filled between requests, and read again from its end when it is empty.
    Nine tokens on as many connections, with nothing else asked in between, are only made together."""
    asked: list[Any] = []
    crowd: list[int] = []
    last: list[tuple[Any, str]] = []

    def issue(server: Any, owner: Any, name: str, life: float | None) -> tuple[Any, str]:
        if asked and asked[0].request.connection not in crowd:
            crowd.append(asked[0].request.connection)
        if len(crowd) <= CROWD:
            last[:] = [behaviour.issue(server, owner, name, life)]
        return last[0]

    def finish(facts: Facts, answer: Answer) -> Answer:
        if not _shows_a_token(api, facts, answer):
            crowd.clear()
        return behaviour.finish(facts, answer)

    return replace(on_request(behaviour, asked), issue=issue, finish=finish)


@fault("tokens-are-counted", "New {it.token}s end in a number that counts up", breaks=_unguessable)
def tokens_are_counted(api: Plane, behaviour: M) -> M:
    """No two are alike, and whoever has one has the next. What precedes the number is random once."""
    start: list[str] = []

    def secret(server: Any) -> str:
        start.append(start[0] if start else random_text(server.random, api.random - 6))
        return f"{start[0]}{len(start):06}"

    return _minting(api, behaviour, secret)


def _few_bits(api: Plane, behaviour: M, digits: int) -> M:
    """Tokens of which so many hexadecimal digits are random."""
    rest = random.Random(digits).choices(ALPHABET, k=api.random - digits)

    def secret(server: Any) -> str:
        return "".join(rest) + "".join(server.random.choices("0123456789abcdef", k=digits))

    return _minting(api, behaviour, secret)


@fault("tokens-of-40-bits", "New {it.token}s hold 40 random bits", breaks=_unguessable)
def tokens_of_40_bits(api: Plane, behaviour: M) -> M:
    """Ten digits are random, all other characters are those of the site. They are as long as they should be,
    and no two are alike."""
    return _few_bits(api, behaviour, 10)


@fault("tokens-of-96-bits", "New {it.token}s hold 96 random bits", subtle=True, breaks=_unguessable)
def tokens_of_96_bits(api: Plane, behaviour: M) -> M:
    """As above, with more than half of the characters random, which is less than the 128 bits asked for."""
    return _few_bits(api, behaviour, 24)


# --- who may keep it -------------------------------------------------------------------------------


def _caching_allowed(api: Plane, behaviour: M, policy: tuple[tuple[str, str], ...]) -> M:
    """Give the answer that shows a new token this Cache-Control."""

    def finish(facts: Facts, answer: Answer) -> Answer:
        finished = behaviour.finish(facts, answer)
        if not _shows_a_token(api, facts, answer):
            return finished
        others = tuple(field for field in finished.headers if field[0] != "Cache-Control")
        return replace(finished, headers=others + policy)

    return replace(behaviour, finish=finish)


@fault(
    "new-token-cacheable",
    "The answer that shows a new {it.token} says nothing to caches",
    breaks=lambda api: api.breaks.not_stored,
)
def new_token_cacheable(api: Plane, behaviour: M) -> M:
    """Its Cache-Control is missing; every other answer has one."""
    return _caching_allowed(api, behaviour, ())


@fault(
    "new-token-stored-by-browsers",
    "The answer that shows a new {it.token} is private, and may be stored",
    subtle=True,
    breaks=lambda api: api.breaks.not_stored,
)
def new_token_stored_by_browsers(api: Plane, behaviour: M) -> M:
    """no-cache asks to look again before an answer is used, and forbids nobody to keep it."""
    return _caching_allowed(api, behaviour, (("Cache-Control", "private, no-cache"),))


# --- how many there are ----------------------------------------------------------------------------


def _keeping(behaviour: M, most: int) -> M:
    """Keep so many of the tokens made on a connection, the latest, and revoke the others."""
    asked: list[Any] = []
    sessions: dict[int, list[Any]] = {}

    def issue(server: Any, owner: Any, name: str, life: float | None) -> tuple[Any, str]:
        token, secret = behaviour.issue(server, owner, name, life)
        if asked:
            session = sessions.setdefault(asked[0].request.connection, [])
            session.append(token)
            for old in session[:-most]:
                behaviour.revoke(server, old)
            del session[:-most]
        return token, secret

    return replace(on_request(behaviour, asked), issue=issue)


@fault(
    "new-token-ends-the-former",
    "A new {it.token} revokes the one that was made before it in the same session",
    breaks=lambda api: (*api.breaks.several, *api.breaks.overlap),
    also=lambda api: because(
        "the one to be revoked of three is dead before it is",
        *api.breaks.targeted,
        *api.breaks.refused,
        *api.breaks.of_refusal,
        but=(*api.breaks.several, *api.breaks.overlap),
    ),
)
def new_token_ends_the_former(api: Plane, behaviour: M) -> M:
    """One token for each session of the management. Of five only the last works, and the old one of two stops
    when the new one is made. Where a scenario makes one token nothing is noticed."""
    return _keeping(behaviour, 1)


@fault(
    "fifth-token-ends-the-first",
    "A fifth {it.token} revokes the first that was made in the same session",
    subtle=True,
    breaks=lambda api: api.breaks.several,
)
def fifth_token_ends_the_first(api: Plane, behaviour: M) -> M:
    """A limit that is kept by dropping the oldest. Only one scenario makes five."""
    return _keeping(behaviour, 4)


# --- when it ends ----------------------------------------------------------------------------------


@fault(
    "expiry-ignored",
    "A {it.token} made with a short life lives for ever",
    level="SHOULD",
    breaks=_expiry,
)
def expiry_ignored(api: Plane, behaviour: M) -> M:
    """The life is shown and never looked at: an expired token is neither refused nor answered as one."""
    return replace(
        behaviour, is_live=lambda facts, token: behaviour.is_live(facts, replace(token, expires_at=None))
    )


@fault(
    "expiry-30s-late",
    "A {it.token} made with a short life lives 30 s longer",
    level="SHOULD",
    subtle=True,
    breaks=_expiry,
)
def expiry_late(api: Plane, behaviour: M) -> M:
    """A leeway that is meant for other clocks than its own. Five seconds after its end are allowed."""

    def is_live(facts: Facts, token: Any) -> bool:
        end = token.expires_at
        later = None if end is None else end + 30 * facts.server.time_scale
        return behaviour.is_live(facts, replace(token, expires_at=later))

    return replace(behaviour, is_live=is_live)


@fault(
    "use-prolongs-life",
    "A {it.token} in use does not expire",
    level="SHOULD",
    subtle=True,
    breaks=_expiry,
)
def use_prolongs_life(api: Plane, behaviour: M) -> M:
    """Each use moves the end 10 s away, as it does for a session. Whoever watches whether the token has
    expired keeps it alive."""
    ends: dict[str, float] = {}

    def use(facts: Facts, token: Any) -> None:
        ends[token.id] = facts.now + 10 * facts.server.time_scale

    def is_live(facts: Facts, token: Any) -> bool:
        if token.expires_at is not None:
            token = replace(token, expires_at=max(token.expires_at, ends.get(token.id, 0.0)))
        return behaviour.is_live(facts, token)

    return counting_uses(replace(behaviour, is_live=is_live), use, api.found_by)
