"""Faults: an access token opens too much, too little, or for too long; and plain HTTP opens anything."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from reference_server.faults.sk_oauth.entry import (
    BAD,
    CHANGES,
    EACH_REFUSAL,
    OAUTH,
    OF_GRANT,
    OLD,
    OPENS,
    PLAIN,
    because,
    fault,
)
from reference_server.faults.sk_oauth.wrong import waiving
from reference_server.messages import Answer
from reference_server.secret import digest
from reference_server.sk_oauth import authorization
from reference_server.sk_oauth.behaviour import Behaviour, Caller, Facts, Found, Refusal
from reference_server.sk_oauth.records import Partition

EXPIRES = ("rfc6749/7-expired-refused", *OLD)
TIMED = (
    "rfc6749/4.1.2-code-expires",
    "rfc9700/4.14.2-rotated",
    "rfc9700/4.14.2-reuse",
    *OF_GRANT,
    *EACH_REFUSAL,
)
"""What is asked once a token has expired: by then a code has too, and a refresh token that was replaced may
not be taken once more. And what is looked at when it is refused, and they are."""
UNKNOWN = ("rfc6750/3.1-unknown-refused", *BAD)

SHAPE = re.compile(r"[a-z]{2}_[A-Za-z0-9]{40}")
"""Of access tokens: two letters that say what it is, which no document tells, and what is random."""


# --- how long --------------------------------------------------------------------------------------


def _finding(behaviour: Behaviour, change: Callable[[Facts, str, Found], Found]) -> Behaviour:
    """Change what is found for an access token."""

    def find_access(facts: Facts, secret: str) -> Found:
        return change(facts, secret, behaviour.find_access(facts, secret))

    return replace(behaviour, find_access=find_access)


def _holder(facts: Facts, secret: str) -> Caller | None:
    """Who has the access token, as if it were alive."""
    token = facts.server.store.grants.access_token(digest(secret))
    grant = facts.server.store.grants.grant(token.grant) if token else None
    if token is None or grant is None:
        return None
    return Caller(token.id, Partition(grant.account, "live"), "access-token", token.scopes)


def _reviving(behaviour: Behaviour, reason: str, when: Callable[[Facts], bool] = bool) -> Behaviour:
    """Serve access tokens that should be refused for a reason."""

    def change(facts: Facts, secret: str, found: Found) -> Found:
        dead = isinstance(found, Refusal) and found.reason == reason and when(facts)
        return (_holder(facts, secret) if dead else None) or found

    return _finding(behaviour, change)


@fault(
    "access-token-never-expires",
    "An access token does not expire",
    breaks=EXPIRES,
    also=because("what it is the clock of is not asked", *TIMED, but=EXPIRES),
)
def access_token_never_expires(behaviour: Behaviour) -> Behaviour:
    """Its end is told to the client and looked at by nobody. JWTs expire as before."""
    return _reviving(behaviour, "expired-token")


@fault(
    "access-token-lives-on-in-use",
    "An access token that is used does not expire",
    subtle=True,
    breaks=EXPIRES,
    also=because("what it is the clock of is not asked", *TIMED, but=EXPIRES),
)
def access_token_lives_on_in_use(behaviour: Behaviour) -> Behaviour:
    """Each use gives it another five documented seconds."""
    used: dict[str, float] = {}

    def change(facts: Facts, secret: str, found: Found) -> Found:
        lately = facts.now - used.get(secret, 0.0) < 5 * facts.server.time_scale
        dead = isinstance(found, Refusal) and found.reason == "expired-token"
        found = (_holder(facts, secret) if dead and lately else None) or found
        if isinstance(found, Caller):
            used[secret] = facts.now
        return found

    return _finding(behaviour, change)


# --- for what --------------------------------------------------------------------------------------

_MAY_LOOK = "whether a change took place may be looked at with an access token"


@fault(
    "access-token-opens-nothing",
    "An access token opens nothing",
    breaks=OPENS,
    also={
        **because("what is never accepted shows nothing when refused", *OAUTH, *EACH_REFUSAL, but=OPENS),
        **because(_MAY_LOOK, *CHANGES, but=(*OAUTH, *EACH_REFUSAL)),
    },
)
def access_token_opens_nothing(behaviour: Behaviour) -> Behaviour:
    """The API is served by another machine, which has no part in the tokens."""
    return _finding(behaviour, lambda facts, secret, found: Refusal("unknown-credential"))


@fault(
    "access-token-may-not-delete",
    "An access token with all scopes may not delete",
    subtle=True,
    breaks=OPENS,
    also=because("where it is not accepted a refusal shows nothing", *OAUTH, *EACH_REFUSAL, but=OPENS),
)
def access_token_may_not_delete(behaviour: Behaviour) -> Behaviour:
    """Only keys may, and no document says so."""

    def judge_scope(facts: Facts, caller: Caller) -> Refusal | None:
        if caller.method == "access-token" and facts.request.method == "DELETE":
            return Refusal("insufficient-scope", "delete")
        return behaviour.judge_scope(facts, caller)

    return replace(behaviour, judge_scope=judge_scope)


@fault(
    "access-token-good-twice",
    "An access token opens the API twice",
    subtle=True,
    breaks=OPENS,
    also={
        **because("what is used a third time is not accepted", *OAUTH, *EACH_REFUSAL, but=OPENS),
        **because(_MAY_LOOK, *CHANGES, but=(*OAUTH, *EACH_REFUSAL)),
    },
)
def access_token_good_twice(behaviour: Behaviour) -> Behaviour:
    """It was meant to be good once, and the counter begins at zero."""
    used: dict[str, int] = {}

    def change(facts: Facts, secret: str, found: Found) -> Found:
        used[secret] = used.get(secret, 0) + 1
        spent = isinstance(found, Caller) and used[secret] > 2
        return Refusal("unknown-credential") if spent else found

    return _finding(behaviour, change)


# --- for which ones --------------------------------------------------------------------------------


def _finding_also(behaviour: Behaviour, alike: Callable[[str, str], bool]) -> Behaviour:
    """Take a text for an access token when `alike(right, given)`; the right ones are learnt in use."""
    known: list[str] = []

    def change(facts: Facts, secret: str, found: Found) -> Found:
        if isinstance(found, Caller):
            known.append(secret)
            return found
        meant = (behaviour.find_access(facts, token) for token in known if alike(token, secret))
        return next((each for each in meant if isinstance(each, Caller)), found)

    return _finding(behaviour, change)


@fault(
    "access-token-shape-is-enough",
    "Whatever looks like an access token is one",
    breaks=(*UNKNOWN, "rfc6749/1.5-refresh-no-bearer"),
)
def access_token_shape_is_enough(behaviour: Behaviour) -> Behaviour:
    """The form is checked, and what is not known is believed. A refresh token has the same form; a shortened
    or lengthened token has not, nor has a key. Those that have ended are known, and refused as such."""

    def alike(facts: Facts) -> bool:
        return bool(SHAPE.fullmatch(behaviour.parse(facts, behaviour.collect(facts)[0]) or ""))

    return waiving(behaviour, "unknown-credential", alike)


@fault("access-token-cut", "The end of an access token is not compared", subtle=True, breaks=UNKNOWN)
def access_token_cut(behaviour: Behaviour) -> Behaviour:
    """Two thirds of it are enough."""
    return _finding_also(behaviour, lambda right, given: len(given) > 28 and right.startswith(given))


@fault(
    "access-token-lengthened", "What follows an access token is not looked at", subtle=True, breaks=UNKNOWN
)
def access_token_lengthened(behaviour: Behaviour) -> Behaviour:
    """The column is as long as a token."""
    return _finding_also(behaviour, lambda right, given: given.startswith(right))


# --- over plain HTTP -------------------------------------------------------------------------------


@fault("served-over-plain-http", "All of it is served over plain HTTP too", breaks=PLAIN)
def served_over_plain_http(behaviour: Behaviour) -> Behaviour:
    """The port was opened for the redirect to HTTPS, and has everything."""

    def plain(facts: Facts) -> Answer:
        if facts.request.host.startswith("auth."):
            return behaviour.authorize(facts)
        return behaviour.respond(facts)

    return replace(behaviour, plain=plain)


@fault(
    "api-served-over-plain-http",
    "The API is served over plain HTTP to whoever has a credential",
    subtle=True,
    breaks=PLAIN,
)
def api_served_over_plain_http(behaviour: Behaviour) -> Behaviour:
    """Who has none is told to use HTTPS, and the authorization server is right."""

    def plain(facts: Facts) -> Answer:
        if facts.request.host.startswith("api.") and behaviour.collect(facts):
            return behaviour.respond(facts)
        assert behaviour.plain is not None
        return behaviour.plain(facts)

    return replace(behaviour, plain=plain)


@fault(
    "login-over-plain-http",
    "Users are asked to log in over plain HTTP",
    subtle=True,
    breaks=PLAIN,
)
def login_over_plain_http(behaviour: Behaviour) -> Behaviour:
    """The page alone, whose password then goes over the same wire."""

    def plain(facts: Facts) -> Answer:
        if facts.request.path == authorization.PATH:
            return behaviour.authorize(facts)
        assert behaviour.plain is not None
        return behaviour.plain(facts)

    return replace(behaviour, plain=plain)
