"""Faults: a new token is not what it should be, or does not last as long as it should."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

from reference_server.faults.originchain.entry import SHOWN, because, fault
from reference_server.faults.originchain.lives import (
    ELSEWHERE,
    EXPIRY,
    GUESSABLE,
    LOOKED_AT_ONCE,
    MANAGED,
    OVERLAP,
    PROMPTLY,
    RECORDED,
    SEPARATE,
    SEVERAL,
    TARGETED,
    WATCHED,
)
from reference_server.faults.originchain.wrong import counting_uses, made_in_dashboard, on_request
from reference_server.messages import Answer
from reference_server.originchain.behaviour import Behaviour, Facts, Server
from reference_server.originchain.records import PREFIXES, Instance, Token
from reference_server.originchain.tokens import SECRET_LENGTH
from reference_server.secret import ALPHABET, random_text

_OF_A_REFUSAL = (*SHOWN, "rfc6750/3.1-invalid-token-error", "originchain/labels")

_NO_USE = because(
    "a scenario that goes on with a token which is not accepted says so, or has nothing to go on with",
    *(
        name
        for name in dict.fromkeys(
            (
                *WATCHED,
                *LOOKED_AT_ONCE,
                *TARGETED,
                *ELSEWHERE,
                *SEVERAL,
                *OVERLAP,
                *EXPIRY,
                *MANAGED,
                *SEPARATE,
                *RECORDED,
                *_OF_A_REFUSAL,
            )
        )
        if name not in PROMPTLY
    ),
)


def _dead_for(behaviour: Behaviour, when: Callable[[float], bool]) -> Behaviour:
    """Take a token of the dashboard for an unknown one when its age in documented seconds is so."""
    made: dict[str, Token] = {}

    def is_live(facts: Facts, token: Token) -> bool:
        age = (facts.now - token.created_at) / facts.server.time_scale
        return not (token.id in made and when(age)) and behaviour.is_live(facts, token)

    return replace(made_in_dashboard(behaviour, made), is_live=is_live)


@fault(
    "new-token-works-after-12s",
    "A new token works after 12 s",
    breaks=PROMPTLY,
    also=_NO_USE,
)
def new_token_works_late(behaviour: Behaviour) -> Behaviour:
    """New tokens are read by the guards every 12 s, and 5 s are allowed. Many scenarios use a token as soon
    as it is made."""
    return _dead_for(behaviour, lambda age: age < 12)


@fault(
    "new-token-pauses",
    "A new token works, and is unknown again from 15 s to 18 s after it was made",
    subtle=True,
    breaks=PROMPTLY,
    also=_NO_USE,
)
def new_token_pauses(behaviour: Behaviour) -> Behaviour:
    """An answer of before it was made is still in a cache and is given out once more. Only a watch of half a
    minute meets it for certain; other scenarios are done with their tokens by then, or are not."""
    return _dead_for(behaviour, lambda age: 15 <= age < 18)


def _minting(behaviour: Behaviour, secret: Callable[[Server], str]) -> Behaviour:
    """Make tokens of their prefix and `secret`."""
    return replace(behaviour, mint=lambda server, instance: PREFIXES[instance.kind] + secret(server))


@fault(
    "new-tokens-have-no-prefix",
    "Tokens made in the dashboard begin in no documented way",
    breaks=("practice/prefix-documented", "originchain/prefix", "practice/listing-masked"),
)
def new_tokens_have_no_prefix(behaviour: Behaviour) -> Behaviour:
    """The tokens that are there already have it, so that nothing changes for them. Of a new one the listing
    shows the first twelve characters, which are all of its secret."""
    asked: list[Facts] = []

    def mint(server: Server, instance: Instance) -> str:
        secret = behaviour.mint(server, instance)
        return secret.removeprefix(PREFIXES[instance.kind]) if asked else secret

    return replace(on_request(behaviour, asked), mint=mint)


CROWD = 8


@fault(
    "tokens-repeat-in-a-crowd",
    "Of many tokens that are made at once the last ones are the same",
    subtle=True,
    breaks=("asvs/7.2.3-unique",),
    also=because("so many alike ones hold few random bits", GUESSABLE),
)
def tokens_repeat_in_a_crowd(behaviour: Behaviour) -> Behaviour:
    """The buffer of random bytes is filled between requests, and read again from its end when it is empty.
    Nine tokens on as many connections, with nothing else asked in between, are only made together."""
    asked: list[Facts] = []
    crowd: list[int] = []
    last: list[tuple[Token, str]] = []

    def issue(server: Server, instance: Instance, name: str, life: float | None) -> tuple[Token, str]:
        if asked and asked[0].request.connection not in crowd:
            crowd.append(asked[0].request.connection)
        if len(crowd) <= CROWD:
            last[:] = [behaviour.issue(server, instance, name, life)]
        return last[0]

    def finish(facts: Facts, answer: Answer) -> Answer:
        if not _shows_a_token(facts, answer):
            crowd.clear()
        return behaviour.finish(facts, answer)

    return replace(on_request(behaviour, asked), issue=issue, finish=finish)


def _shows_a_token(facts: Facts, answer: Answer) -> bool:
    asked = (facts.request.method, facts.request.segments[-1], answer.status)
    return asked == ("POST", "tokens", 201)


@fault(
    "tokens-are-counted",
    "Tokens end in a number that counts up",
    breaks=(GUESSABLE,),
)
def tokens_are_counted(behaviour: Behaviour) -> Behaviour:
    """No two are alike, and whoever has one has the next. What precedes the number is random once."""
    start: list[str] = []

    def secret(server: Server) -> str:
        start.append(start[0] if start else random_text(server.random, SECRET_LENGTH - 6))
        return f"{start[0]}{len(start):06}"

    return _minting(behaviour, secret)


def _few_bits(behaviour: Behaviour, digits: int) -> Behaviour:
    """Tokens of which so many hexadecimal digits are random."""
    rest = random.Random(digits).choices(ALPHABET, k=SECRET_LENGTH - digits)

    def secret(server: Server) -> str:
        return "".join(rest) + "".join(server.random.choices("0123456789abcdef", k=digits))

    return _minting(behaviour, secret)


@fault(
    "tokens-of-40-bits",
    "Tokens hold 40 random bits",
    breaks=(GUESSABLE,),
)
def tokens_of_40_bits(behaviour: Behaviour) -> Behaviour:
    """Ten digits are random, thirty characters are those of the site. They are as long as they should be, and
    no two are alike."""
    return _few_bits(behaviour, 10)


@fault(
    "tokens-of-96-bits",
    "Tokens hold 96 random bits",
    subtle=True,
    breaks=(GUESSABLE,),
)
def tokens_of_96_bits(behaviour: Behaviour) -> Behaviour:
    """As above, with more than half of the characters random, which is less than the 128 bits asked for."""
    return _few_bits(behaviour, 24)


def _caching_allowed(behaviour: Behaviour, policy: tuple[tuple[str, str], ...]) -> Behaviour:
    """Give the answer that shows a new token this Cache-Control."""

    def finish(facts: Facts, answer: Answer) -> Answer:
        finished = behaviour.finish(facts, answer)
        if not _shows_a_token(facts, answer):
            return finished
        others = tuple(field for field in finished.headers if field[0] != "Cache-Control")
        return replace(finished, headers=others + policy)

    return replace(behaviour, finish=finish)


@fault(
    "new-token-cacheable",
    "The answer that shows a new token says nothing to caches",
    breaks=("asvs/14.3.2-secret-not-stored",),
)
def new_token_cacheable(behaviour: Behaviour) -> Behaviour:
    """Its Cache-Control is missing; every other answer has one."""
    return _caching_allowed(behaviour, ())


@fault(
    "new-token-stored-by-browsers",
    "The answer that shows a new token is private, and may be stored",
    subtle=True,
    breaks=("asvs/14.3.2-secret-not-stored",),
)
def new_token_stored_by_browsers(behaviour: Behaviour) -> Behaviour:
    """no-cache asks to look again before an answer is used, and forbids nobody to keep it."""
    return _caching_allowed(behaviour, (("Cache-Control", "private, no-cache"),))


def _keeping(behaviour: Behaviour, most: int) -> Behaviour:
    """Keep so many of the tokens made on a connection, the latest, and revoke the others."""
    asked: list[Facts] = []
    sessions: dict[int, list[Token]] = {}

    def issue(server: Server, instance: Instance, name: str, life: float | None) -> tuple[Token, str]:
        token, secret = behaviour.issue(server, instance, name, life)
        if asked:
            session = sessions.setdefault(asked[0].request.connection, [])
            session.append(token)
            for old in session[:-most]:
                server.store.revoke_token(old.id, server.clock())
        return token, secret

    return replace(on_request(behaviour, asked), issue=issue)


@fault(
    "new-token-ends-the-former",
    "A new token revokes the one that was made before it in the same session",
    breaks=(*SEVERAL, *OVERLAP),
    also=because(
        "the one to be revoked of three is dead before it is",
        *(name for name in TARGETED if name not in SEVERAL),
        "asvs/7.4.1-revoked-refused",
        "originchain/revocation",
        *_OF_A_REFUSAL,
    ),
)
def new_token_ends_the_former(behaviour: Behaviour) -> Behaviour:
    """One token for each session of the dashboard. Of five only the last works, and the old one of two stops
    when the new one is made. Where a scenario makes one token nothing is noticed."""
    return _keeping(behaviour, 1)


@fault(
    "fifth-token-ends-the-first",
    "A fifth token revokes the first that was made in the same session",
    subtle=True,
    breaks=SEVERAL,
)
def fifth_token_ends_the_first(behaviour: Behaviour) -> Behaviour:
    """A limit that is kept by dropping the oldest. Only one scenario makes five."""
    return _keeping(behaviour, 4)


@fault(
    "expiry-ignored",
    "A token made with a short life lives for ever",
    level="SHOULD",
    breaks=EXPIRY,
)
def expiry_ignored(behaviour: Behaviour) -> Behaviour:
    """The life is shown and never looked at: an expired token is neither refused nor answered with 401."""
    return replace(
        behaviour, is_live=lambda facts, token: behaviour.is_live(facts, replace(token, expires_at=None))
    )


@fault(
    "expiry-30s-late",
    "A token made with a short life lives 30 s longer",
    level="SHOULD",
    subtle=True,
    breaks=EXPIRY,
)
def expiry_late(behaviour: Behaviour) -> Behaviour:
    """A leeway that is meant for other clocks than its own. Five seconds after its end are allowed."""

    def is_live(facts: Facts, token: Token) -> bool:
        end = token.expires_at
        later = None if end is None else end + 30 * facts.server.time_scale
        return behaviour.is_live(facts, replace(token, expires_at=later))

    return replace(behaviour, is_live=is_live)


@fault(
    "use-prolongs-life",
    "A token in use does not expire",
    level="SHOULD",
    subtle=True,
    breaks=EXPIRY,
)
def use_prolongs_life(behaviour: Behaviour) -> Behaviour:
    """Each use moves the end 10 s away, as it does for a session. Whoever watches whether the token has
    expired keeps it alive."""
    ends: dict[str, float] = {}

    def use(facts: Facts, token: Token) -> None:
        ends[token.id] = facts.now + 10 * facts.server.time_scale

    def is_live(facts: Facts, token: Token) -> bool:
        if token.expires_at is not None:
            token = replace(token, expires_at=max(token.expires_at, ends.get(token.id, 0.0)))
        return behaviour.is_live(facts, token)

    return counting_uses(replace(behaviour, is_live=is_live), use)
