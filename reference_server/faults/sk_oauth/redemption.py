"""Faults: a code is worth more than one token, to one client, for a while."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from reference_server.faults.sk_oauth.entry import (
    CODE_BOUND,
    CODE_EXPIRES,
    CODE_ONCE,
    EACH_REFUSAL,
    RACE,
    REDIRECT_BOUND,
    REPLAY,
    UNKNOWN_GRANT,
    because,
    fault,
)
from reference_server.sk_oauth.behaviour import Behaviour, Facts, Parameters, Problem
from reference_server.sk_oauth.records import Client, Code

UNGUESSABLE = "rfc6749/10.10-code-unguessable"

_NO_REPLAY = because(
    "where a second use is granted, nobody can say what a refused one would have ended",
    *REPLAY,
    *EACH_REFUSAL,
)

# --- how often, and how long -----------------------------------------------------------------------


@fault(
    "code-reusable",
    "A code is redeemed as often as one likes",
    breaks=(*CODE_ONCE, *RACE),
    also=_NO_REPLAY,
)
def code_reusable(behaviour: Behaviour) -> Behaviour:
    """Nobody marks it as used, so that there is no second use to be noticed either. It expires as before."""
    return replace(behaviour, spend=lambda facts, code: True)


@fault(
    "code-good-twice",
    "A code is redeemed twice, and not a third time",
    subtle=True,
    breaks=(*CODE_ONCE, *RACE),
    also=_NO_REPLAY,
)
def code_good_twice(behaviour: Behaviour) -> Behaviour:
    """Answers get lost, and the client may ask once more."""
    again: set[bytes] = set()

    def spend(facts: Facts, code: Code) -> bool:
        if code.used_at is not None and code.digest not in again:
            again.add(code.digest)
            return True
        return behaviour.spend(facts, code)

    return replace(behaviour, spend=spend)


@fault(
    "code-reusable-at-once",
    "A code that is redeemed many times at once is granted each time",
    subtle=True,
    breaks=RACE,
)
def code_reusable_at_once(behaviour: Behaviour) -> Behaviour:
    """Between the look and the mark there is time for others. They come on connections that are new: known
    ones ask one after the other."""
    last: dict[bytes, float] = {}

    def spend(facts: Facts, code: Code) -> bool:
        if code.used_at is None:
            last[code.digest] = facts.now
        together = facts.request.served == 0 and facts.now - last.get(code.digest, 0.0) < 0.5
        return (code.used_at is not None and together) or behaviour.spend(facts, code)

    return replace(behaviour, spend=spend)


@fault(
    "code-reuse-ends-nothing",
    "What was had for a code that is used again stays valid",
    level="SHOULD",
    breaks=REPLAY,
)
def code_reuse_ends_nothing(behaviour: Behaviour) -> Behaviour:
    """The second use is refused, and nobody thinks about who made it."""
    return replace(behaviour, spend=lambda facts, code: code.used_at is None and behaviour.spend(facts, code))


@fault("code-lasts-for-ever", "A code does not expire", breaks=CODE_EXPIRES)
def code_lasts_for_ever(behaviour: Behaviour) -> Behaviour:
    """It is forgotten when it is used, and not before."""
    return replace(behaviour, is_fresh=lambda facts, code: True)


@fault(
    "code-lasts-ten-minutes",
    "Codes last ten minutes, whatever the client",
    subtle=True,
    breaks=CODE_EXPIRES,
)
def code_lasts_ten_minutes(behaviour: Behaviour) -> Behaviour:
    """The longest that RFC 6749 recommends, where the client's were to last five seconds."""
    return replace(behaviour, code_life=lambda facts, client: 600.0)


# --- for which ones --------------------------------------------------------------------------------


def _finding_also(behaviour: Behaviour, alike: Callable[[str, str], bool]) -> Behaviour:
    """Take a text for a code when `alike(right, given)`. For that codes are kept in clear."""
    known: list[str] = []

    def give_code(facts: Facts, client: Client, asked: object, user: object) -> str:
        code = behaviour.give_code(facts, client, asked, user)  # type: ignore[arg-type]
        known.append(code)
        return code

    def find_code(facts: Facts, secret: str) -> Code | None:
        if found := behaviour.find_code(facts, secret):
            return found
        right = next((code for code in reversed(known) if alike(code, secret)), None)
        return behaviour.find_code(facts, right) if right else None

    return replace(behaviour, give_code=give_code, find_code=find_code)


@fault("code-shape-is-enough", "Whatever looks like a code is one", breaks=UNKNOWN_GRANT)
def code_shape_is_enough(behaviour: Behaviour) -> Behaviour:
    """The latest code is taken for any other that begins like one and is as long: an unknown one, and one in
    other letter case."""
    return _finding_also(
        behaviour, lambda right, given: len(given) == len(right) and given[:2].lower() == "ac"
    )


@fault("code-cut", "The end of a code is not compared", subtle=True, breaks=UNKNOWN_GRANT)
def code_cut(behaviour: Behaviour) -> Behaviour:
    """Two thirds of it are enough."""
    return _finding_also(behaviour, lambda right, given: len(given) >= 28 and right.startswith(given))


@fault("code-lengthened", "What follows a code is not looked at", subtle=True, breaks=UNKNOWN_GRANT)
def code_lengthened(behaviour: Behaviour) -> Behaviour:
    """The column is as long as a code."""
    return _finding_also(behaviour, lambda right, given: given.startswith(right))


@fault("code-in-other-case", "Letter case in a code means nothing", subtle=True, breaks=UNKNOWN_GRANT)
def code_in_other_case(behaviour: Behaviour) -> Behaviour:
    """The column compares without regard to case."""
    return _finding_also(behaviour, lambda right, given: given.lower() == right.lower())


@fault("code-in-sql", "A code is written into the text of the query", subtle=True, breaks=UNKNOWN_GRANT)
def code_in_sql(behaviour: Behaviour) -> Behaviour:
    """A condition that is always true finds the latest code. Nothing else that is sent has an apostrophe."""
    return _finding_also(behaviour, lambda right, given: "'" in given)


@fault(
    "codes-are-counted",
    "Codes end in a number that counts up",
    breaks=(UNGUESSABLE,),
)
def codes_are_counted(behaviour: Behaviour) -> Behaviour:
    """No two are alike, and whoever has one has the next. Each is found by what it says."""
    return _numbering(
        behaviour, lambda number: f"ac_{'k3Jd82MsQ0pLxZ7vTn5RyWb1Gh' * 2}"[:37] + f"{number:06}"
    )


@fault(
    "codes-are-short",
    "Codes are of six digits",
    subtle=True,
    breaks=(UNGUESSABLE,),
    also=because(
        "half of six digits is too short to be told from none, and digits have no letter case", *UNKNOWN_GRANT
    ),
)
def codes_are_short(behaviour: Behaviour) -> Behaviour:
    """As they are typed from a screen, for a device without a browser."""
    return _numbering(behaviour, lambda number: f"{number * 7919 % 1_000_000:06}")


def _numbering(behaviour: Behaviour, written: Callable[[int], str]) -> Behaviour:
    """Give codes that are a number; the right one is remembered behind each."""
    behind: dict[str, str] = {}

    def give_code(facts: Facts, client: Client, asked: object, user: object) -> str:
        right = behaviour.give_code(facts, client, asked, user)  # type: ignore[arg-type]
        code = written(len(behind) + 1)
        behind[code] = right
        return code

    def find_code(facts: Facts, secret: str) -> Code | None:
        return behaviour.find_code(facts, behind.get(secret, ""))

    return replace(behaviour, give_code=give_code, find_code=find_code)


# --- for whom, and with what -----------------------------------------------------------------------


def _redeeming(
    behaviour: Behaviour, change: Callable[[Code, Client, Parameters], tuple[Code, Parameters]]
) -> Behaviour:
    """Judge another code, or another form, than what is there."""

    def judge(facts: Facts, code: Code, client: Client, found: Parameters) -> Problem | None:
        code, found = change(code, client, found)
        return behaviour.judge_redemption(facts, code, client, found)

    return replace(behaviour, judge_redemption=judge)


@fault("code-of-any-client", "A code is redeemed by any client", breaks=CODE_BOUND)
def code_of_any_client(behaviour: Behaviour) -> Behaviour:
    """Whoever authenticates as some client gets the token."""
    return _redeeming(
        behaviour,
        lambda code, client, found: (replace(code, asked=replace(code.asked, client=client.id)), found),
    )


def _with_uri(code: Code, found: Parameters) -> tuple[Code, Parameters]:
    return code, {**found, "redirect_uri": code.asked.redirect_uri}


@fault("redirect-uri-not-compared", "A code is redeemed with any redirect URI", breaks=REDIRECT_BOUND)
def redirect_uri_not_compared(behaviour: Behaviour) -> Behaviour:
    """Or with none."""
    return _redeeming(behaviour, lambda code, client, found: _with_uri(code, found))


@fault(
    "redirect-uri-optional", "A code is redeemed without a redirect URI", subtle=True, breaks=REDIRECT_BOUND
)
def redirect_uri_optional(behaviour: Behaviour) -> Behaviour:
    """It is compared if it is there."""
    return _redeeming(
        behaviour,
        lambda code, client, found: (code, found) if "redirect_uri" in found else _with_uri(code, found),
    )


@fault(
    "redirect-uri-compared-by-host",
    "A code is redeemed with any redirect URI of the same host",
    subtle=True,
    breaks=REDIRECT_BOUND,
)
def redirect_uri_compared_by_host(behaviour: Behaviour) -> Behaviour:
    """What follows the host is not compared."""

    def change(code: Code, client: Client, found: Parameters) -> tuple[Code, Parameters]:
        host = code.asked.redirect_uri.rpartition("/")[0] + "/"
        return _with_uri(code, found) if found.get("redirect_uri", "").startswith(host) else (code, found)

    return _redeeming(behaviour, change)
