"""Faults: guesses and requests are not counted, or by what a client can change at will."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from reference_server.faults.shared.ways import in_field
from reference_server.faults.standard.entry import CLAIMED, GUESSING, LIMITED, SHOWN, STATUS, because, fault
from reference_server.messages import LOOPBACK
from reference_server.standard.behaviour import Behaviour, Caller, Facts, Refusal
from reference_server.standard.passwords import GUESSES
from reference_server.standard.records import Person

_ADDRESS = ("x-forwarded-for", "x-real-ip", "forwarded", "true-client-ip")
"""Fields in which a client may say where it is."""

_MINUTE = 60.0
_TOLD = 2
"""Seconds."""

# --- passwords --------------------------------------------------------------------------------------


@fault(
    "guesses-uncounted",
    "Passwords may be guessed without end",
    breaks=GUESSING,
    also=because(
        "what is asked once guesses are refused has nothing to begin with",
        "asvs/6.3.8-throttled",
        *CLAIMED,
        "asvs/6.1.1-others-unharmed",
    ),
    level="SHOULD",
)
def guesses_uncounted(behaviour: Behaviour) -> Behaviour:
    """Forty in a row are looked at, each with an answer of its own."""
    return replace(behaviour, judge_guessing=lambda facts, person: None)


@fault(
    "throttled-by-answer",
    "While guesses are refused the right password is not",
    breaks=("asvs/6.3.8-throttled", *CLAIMED),
)
def throttled_by_answer(behaviour: Behaviour) -> Behaviour:
    """The limit is on refusals: who guesses right gets in at any time, and whoever is refused learns that he
    did not. What is presented with other fields is the right password, too."""

    def by_basic(facts: Facts, encoded: str) -> Caller | Refusal:
        found = behaviour.by_basic(facts, encoded)
        if not isinstance(found, Refusal) or found.reason != "too-many-requests":
            return found
        patient = replace(facts, now=facts.now + 3600)
        again = behaviour.by_basic(patient, encoded)
        return found if isinstance(again, Refusal) else again

    return replace(behaviour, by_basic=by_basic)


@fault("guesses-counted-by-claimed-address", "Who claims another address may guess on", breaks=CLAIMED)
def guesses_counted_by_claimed_address(behaviour: Behaviour) -> Behaviour:
    """The count is one for each address, and a field says which. No guess has one before that."""

    def judge_guessing(facts: Facts, person: Person | None) -> Refusal | None:
        return None if in_field(facts.request, *_ADDRESS) else behaviour.judge_guessing(facts, person)

    return replace(behaviour, judge_guessing=judge_guessing)


@fault(
    "guesses-shut-out-others",
    "While one account is guessed at strangers are not let in",
    breaks=("asvs/6.1.1-others-unharmed",),
    level="SHOULD",
)
def guesses_shut_out_others(behaviour: Behaviour) -> Behaviour:
    """Nobody may sign in by a password then from an address that is not known to be good. So anybody can shut
    out everybody who is elsewhere."""

    def judge_guessing(facts: Facts, person: Person | None) -> Refusal | None:
        guessed = any(bucket.used >= GUESSES for bucket in facts.server.buckets.values())
        if guessed and facts.request.peer != LOOPBACK:
            return Refusal("wrong-password")
        return behaviour.judge_guessing(facts, person)

    return replace(behaviour, judge_guessing=judge_guessing)


# --- requests ---------------------------------------------------------------------------------------


def _counted_by(behaviour: Behaviour, also: Callable[[Facts], str]) -> Behaviour:
    """Count a credential's requests apart for each text that `also` finds in them."""

    def judge_rate(facts: Facts, caller: Caller) -> Refusal | None:
        text = also(facts)
        return behaviour.judge_rate(facts, replace(caller, id=f"{caller.id} {text}") if text else caller)

    return replace(behaviour, judge_rate=judge_rate)


@fault("requests-counted-by-claimed-address", "Who claims another address may ask on", breaks=CLAIMED[:1])
def requests_counted_by_claimed_address(behaviour: Behaviour) -> Behaviour:
    """As for guesses, with requests: each address that a field names has an allowance of its own."""
    return _counted_by(behaviour, lambda facts: in_field(facts.request, *_ADDRESS) or "")


@fault(
    "requests-counted-by-target",
    "Another query is another allowance",
    breaks=("practice/limit-by-spelling",),
    level="SHOULD",
)
def requests_counted_by_target(behaviour: Behaviour) -> Behaviour:
    """The counter's name is the address that is asked, as it is written. One of the spellings."""
    return _counted_by(behaviour, lambda facts: facts.request.query)


@fault(
    "requests-counted-by-client",
    "Another name of the client's program is another allowance",
    subtle=True,
    breaks=("practice/limit-by-spelling",),
    level="SHOULD",
)
def requests_counted_by_client(behaviour: Behaviour) -> Behaviour:
    """Whoever shares an address is told apart by User-Agent, which a client can change with each request."""

    def client(facts: Facts) -> str:
        named = in_field(facts.request, "user-agent") or ""
        return "" if "/" in named else named

    return _counted_by(behaviour, client)


@fault(
    "limit-as-words",
    "What is left of a limit is told in words",
    level="SHOULD",
    breaks=("practice/ratelimit-fields",),
)
def limit_as_words(behaviour: Behaviour) -> Behaviour:
    """The draft has structured fields (RFC 9651), in which a word before a number is none."""

    def tell_limit(facts: Facts, caller: Caller) -> Mapping[str, str]:
        told = behaviour.tell_limit(facts, caller)
        return {**told, "RateLimit": "none of 5 left"} if told else told

    return replace(behaviour, tell_limit=tell_limit)


@fault(
    "retry-before-reset",
    "A client is told to come again before it may",
    breaks=("practice/ratelimit-retry",),
    level="SHOULD",
)
def retry_before_reset(behaviour: Behaviour) -> Behaviour:
    """The allowance is there again a minute later, as another field says."""

    def tell_limit(facts: Facts, caller: Caller) -> Mapping[str, str]:
        told = behaviour.tell_limit(facts, caller)
        return {**told, "RateLimit": '"default";r=0;t=60'} if told else told

    return replace(behaviour, tell_limit=tell_limit)


@fault(
    "requests-uncounted",
    "A credential may ask without end",
    breaks=("rfc6585/4-limited",),
    also=because(
        "what is asked once requests are refused has nothing to begin with",
        *CLAIMED,
        "practice/limit-by-spelling",
        "practice/limit-recovers",
        "practice/limit-per-credential",
        "practice/ratelimit-fields",
        "practice/ratelimit-retry",
        "rfc9110/10.2.3-retry-after",
        "rfc6585/4-not-stored",
    ),
)
def requests_uncounted(behaviour: Behaviour) -> Behaviour:
    """What is left is told, and nobody looks at it."""
    return replace(behaviour, judge_rate=lambda facts, caller: None)


@fault(
    "limit-ends-late",
    "A limit lasts for a minute, whenever the client is told to come again",
    subtle=True,
    breaks=("practice/limit-recovers",),
    level="SHOULD",
    also=because(
        "what is asked of a credential that is at its limit already begins otherwise, or cannot begin",
        *SHOWN,
        "rfc6585/4-not-stored",
        "rfc9110/10.2.3-retry-after",
        "rfc6585/4-limited",
        LIMITED,
        *CLAIMED,
        "practice/limit-by-spelling",
        "practice/limit-per-credential",
        "practice/ratelimit-fields",
        "practice/ratelimit-retry",
    ),
)
def limit_ends_late(behaviour: Behaviour) -> Behaviour:
    """Two clocks: that of the counter, and that of the answer. Who comes when he was told to is refused."""
    since: dict[str, float] = {}

    def judge_rate(facts: Facts, caller: Caller) -> Refusal | None:
        if caller.id in since and facts.now - since[caller.id] < _MINUTE:
            return Refusal("too-many-requests", wait=_TOLD)
        refusal = behaviour.judge_rate(facts, caller)
        if refusal:
            since[caller.id] = facts.now
        return refusal

    return replace(behaviour, judge_rate=judge_rate)


@fault(
    "limit-hits-the-next",
    "When one credential is at its limit the next one on the connection is refused, too",
    subtle=True,
    breaks=("practice/limit-per-credential",),
    level="SHOULD",
    also=because(
        "whoever comes next on that connection may have come for something else",
        STATUS,
        "rfc6585/4-limited",
        "practice/limit-recovers",
    ),
)
def limit_hits_the_next(behaviour: Behaviour) -> Behaviour:
    """The counter is one of connections, and let go when somebody else has been told: a gateway that takes a
    connection for a client. The one at its limit is counted by itself."""
    refused: dict[int, str] = {}

    def judge_rate(facts: Facts, caller: Caller) -> Refusal | None:
        connection = facts.request.connection
        if connection in refused and refused[connection] != caller.id:
            del refused[connection]
            return Refusal("too-many-requests", wait=_TOLD)
        refusal = behaviour.judge_rate(facts, caller)
        if refusal:
            refused[connection] = caller.id
        return refusal

    return replace(behaviour, judge_rate=judge_rate)
