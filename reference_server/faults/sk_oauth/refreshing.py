"""Faults: a refresh token is good for more than it was given for, or for less."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from reference_server.faults.sk_oauth.entry import (
    EACH_REFUSAL,
    OAUTH,
    OF_GRANT,
    OPENS,
    REFRESH_BOUND,
    REUSE,
    ROTATED,
    SCOPES,
    STATUS,
    UNKNOWN_GRANT,
    USERS,
    WIDENED,
    WITH_REFRESH,
    because,
    fault,
)
from reference_server.messages import Answer
from reference_server.secret import digest
from reference_server.sk_oauth.behaviour import Behaviour, Caller, Facts, Found, Granted, Parameters, Problem
from reference_server.sk_oauth.records import Client, Grant, Partition, RefreshToken, Scopes

REFRESHED = ("rfc6749/6-refresh", "sk-oauth/refresh")
KEPT = "rfc6749/6-scope-kept"
NARROWED = "rfc6749/6-scope-narrowed"
NO_BEARER = ("rfc6749/1.5-refresh-no-bearer", STATUS)
UNGUESSABLE = "rfc6749/10.10-refresh-unguessable"


@fault(
    "refresh-not-supported",
    "A refresh token gets nothing",
    breaks=REFRESHED,
    also=because("what never gets anything shows nothing", *OAUTH, *EACH_REFUSAL, but=REFRESHED),
)
def refresh_not_supported(behaviour: Behaviour) -> Behaviour:
    """It is handed out, and the grant type for it is not there."""
    return replace(
        behaviour,
        refresh=lambda facts, client, found: Problem("unsupported_grant_type", "There is no such grant type"),
    )


@fault(
    "refreshed-token-opens-nothing",
    "A refreshed access token opens nothing",
    breaks=(*REFRESHED, *OPENS),
    also=because(
        "what is had for a refresh token is not accepted where it should be",
        *WITH_REFRESH,
        USERS,
        SCOPES,
        but=(*REFRESHED, *OPENS),
    ),
)
def refreshed_token_opens_nothing(behaviour: Behaviour) -> Behaviour:
    """It is stored under the wrong digest. The answer that has it is as it should be."""

    def grant(facts: Facts, granted: Granted) -> Answer:
        answer = behaviour.grant(facts, granted)
        if (
            b"refresh_token" not in facts.request.body
            or b"grant_type=refresh_token" not in facts.request.body
        ):
            return answer
        return replace(answer, body=answer.body.replace(b'"access_token": "at_', b'"access_token": "at_x'))

    return replace(behaviour, grant=grant)


# --- for which ones --------------------------------------------------------------------------------


def _finding_also(behaviour: Behaviour, alike: Callable[[str, str], bool]) -> Behaviour:
    """Take a text for a refresh token when `alike(right, given)`. The right ones are learnt when they are
    used."""
    known: list[str] = []

    def find_refresh(facts: Facts, secret: str) -> RefreshToken | None:
        if found := behaviour.find_refresh(facts, secret):
            known.append(secret)
            return found
        right = next((token for token in reversed(known) if alike(token, secret)), None)
        return _unused(behaviour.find_refresh(facts, right)) if right else None

    return replace(behaviour, find_refresh=find_refresh)


def _unused(token: RefreshToken | None) -> RefreshToken | None:
    return token and replace(token, used_at=None)


@fault("refresh-shape-is-enough", "Whatever looks like a refresh token is one", breaks=UNKNOWN_GRANT)
def refresh_shape_is_enough(behaviour: Behaviour) -> Behaviour:
    """Any text of that beginning and length is taken for one that was used before."""
    return _finding_also(
        behaviour, lambda right, given: len(given) == len(right) and given[:3].lower() == "rt_"
    )


@fault("access-token-refreshes", "An access token is a refresh token", subtle=True, breaks=UNKNOWN_GRANT)
def access_token_refreshes(behaviour: Behaviour) -> Behaviour:
    """One table for both, and nobody looks at the kind."""

    def find_refresh(facts: Facts, secret: str) -> RefreshToken | None:
        token = facts.server.store.grants.access_token(digest(secret))
        if token:
            return RefreshToken(token.digest, token.grant, token.scopes)
        return behaviour.find_refresh(facts, secret)

    return replace(behaviour, find_refresh=find_refresh)


@fault("refresh-token-opens-api", "A refresh token opens the API", breaks=NO_BEARER)
def refresh_token_opens_api(behaviour: Behaviour) -> Behaviour:
    """The same table, the other way round."""

    def admit(facts: Facts, environment: object) -> Found:
        found = behaviour.admit(facts, environment)  # type: ignore[arg-type]
        offered = behaviour.collect(facts)
        secret = behaviour.parse(facts, offered[0]) if len(offered) == 1 else None
        token = facts.server.store.grants.refresh_token(digest(secret)) if secret else None
        grant = facts.server.store.grants.grant(token.grant) if token else None
        if token is None or grant is None or isinstance(found, Caller):
            return found
        return Caller(grant.id, Partition(grant.account, "live"), "access-token", token.scopes)

    return replace(behaviour, admit=admit)


def _judging(behaviour: Behaviour, change: Callable[[Grant, Client], Grant]) -> Behaviour:
    """Judge another grant than the token's."""

    def judge(facts: Facts, token: RefreshToken, grant: Grant, client: Client) -> Problem | None:
        return behaviour.judge_refresh(facts, token, change(grant, client), client)

    return replace(behaviour, judge_refresh=judge)


@fault("refresh-by-any-client", "A refresh token is good for any client", breaks=REFRESH_BOUND)
def refresh_by_any_client(behaviour: Behaviour) -> Behaviour:
    """Whoever authenticates as some client gets a new access token."""
    return _judging(behaviour, lambda grant, client: replace(grant, client=client.id))


_NO_REUSE = because(
    "where a second use is granted, nobody can say what a refused one would have ended",
    *REUSE,
    *OF_GRANT,
    *EACH_REFUSAL,
    but=ROTATED,
)

# --- how often -------------------------------------------------------------------------------------


@fault(
    "refresh-not-rotated",
    "A refresh token that was replaced is as good as before",
    breaks=ROTATED,
    also=_NO_REUSE,
)
def refresh_not_rotated(behaviour: Behaviour) -> Behaviour:
    """Each answer has a new one, and the old ones stay. Nothing is ever ended by a second use."""
    return replace(behaviour, rotate=lambda facts, token: True)


@fault(
    "refresh-good-for-a-minute",
    "A refresh token that was replaced is good for another minute",
    subtle=True,
    breaks=ROTATED,
    also=_NO_REUSE,
)
def refresh_good_for_a_minute(behaviour: Behaviour) -> Behaviour:
    """Longer than the grace that is declared."""

    def rotate(facts: Facts, token: RefreshToken) -> bool:
        lately = token.used_at is not None and facts.now - token.used_at < 60
        return lately or behaviour.rotate(facts, token)

    return replace(behaviour, rotate=rotate)


@fault(
    "refresh-reuse-ends-nothing",
    "A refresh token that is used again ends nothing",
    breaks=REUSE,
)
def refresh_reuse_ends_nothing(behaviour: Behaviour) -> Behaviour:
    """It is refused, and nobody thinks about who used it."""
    return replace(
        behaviour, rotate=lambda facts, token: token.used_at is None and behaviour.rotate(facts, token)
    )


@fault(
    "refresh-tokens-are-counted",
    "Refresh tokens end in a number that counts up",
    breaks=(UNGUESSABLE,),
)
def refresh_tokens_are_counted(behaviour: Behaviour) -> Behaviour:
    """No two are alike, and whoever has one has the next."""
    behind: dict[str, str] = {}

    def grant(facts: Facts, granted: Granted) -> Answer:
        answer = behaviour.grant(facts, granted)
        head, _, rest = answer.body.decode().partition('"refresh_token": "')
        right, quote, tail = rest.partition('"')
        counted = f"rt_k3Jd82MsQ0pLxZ7vTn5RyWb1GhCq4FgHe{len(behind) + 1:06}"
        behind[counted] = right
        return replace(answer, body=f'{head}"refresh_token": "{counted}{quote}{tail}'.encode())

    return replace(
        behaviour,
        grant=grant,
        find_refresh=lambda facts, secret: behaviour.find_refresh(facts, behind.get(secret, "")),
    )


# --- for what --------------------------------------------------------------------------------------


@fault("scope-widened", "A refresh may ask for scopes that were not granted", breaks=WIDENED)
def scope_widened(behaviour: Behaviour) -> Behaviour:
    """Those of the client are the bound. Without a word on scope it is as granted."""

    def narrow(facts: Facts, token: RefreshToken, found: Parameters) -> Scopes | Problem:
        wide = replace(token, scopes=("read", "write")) if "scope" in found else token
        return behaviour.narrow(facts, wide, found)

    return replace(behaviour, narrow=narrow)


def _granting(behaviour: Behaviour, change: Callable[[Granted], Granted]) -> Behaviour:
    """Grant something else to who refreshes."""

    def refresh(facts: Facts, client: Client, found: Parameters) -> Granted | Problem:
        granted = behaviour.refresh(facts, client, found)
        return granted if isinstance(granted, Problem) else change(granted)

    return replace(behaviour, refresh=refresh)


@fault(
    "scope-all-when-refreshed",
    "A refreshed token has all scopes",
    breaks=(KEPT, NARROWED),
    also=because("what was to be refused for want of scope is not", STATUS, "sk-oauth/insufficient-scope"),
)
def scope_all_when_refreshed(behaviour: Behaviour) -> Behaviour:
    """Whatever was granted, and whatever is asked for; more than was granted may still not be asked for."""
    return _granting(behaviour, lambda granted: replace(granted, scopes=("read", "write")))


@fault(
    "scope-not-narrowed",
    "A refresh that asks for less scope gets what was granted",
    level="SHOULD",
    breaks=(NARROWED,),
    also=because("what was to be refused for want of scope is not", STATUS, "sk-oauth/insufficient-scope"),
)
def scope_not_narrowed(behaviour: Behaviour) -> Behaviour:
    """The parameter is checked and not used."""
    return _granting(behaviour, lambda granted: replace(granted, scopes=granted.lasting))


@fault(
    "scope-narrowed-for-good",
    "A refresh that asks for less scope leaves no more for the next one",
    subtle=True,
    breaks=(KEPT, SCOPES),
)
def scope_narrowed_for_good(behaviour: Behaviour) -> Behaviour:
    """The new refresh token is of the narrow scope: RFC 6749 section 6 has it of the old one's."""
    return _granting(behaviour, lambda granted: replace(granted, lasting=granted.scopes))


@fault(
    "scope-lost-when-refreshed",
    "A refreshed token may only read",
    subtle=True,
    breaks=(KEPT, SCOPES),
    also=because("what a refreshed token may do is looked at there too", NARROWED),
)
def scope_lost_when_refreshed(behaviour: Behaviour) -> Behaviour:
    """Where no scope is asked for, the least is given. It says so in its answer."""
    return _granting(behaviour, lambda granted: replace(granted, scopes=("read",)))
