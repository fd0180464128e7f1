"""Faults: how often a credential may be used is not limited, or said, as it should be."""

from __future__ import annotations

from dataclasses import replace

from reference_server.faults.shared.ways import answering, in_field, with_status
from reference_server.faults.sk_oauth.entry import EACH_REFUSAL, USERS, because, fault
from reference_server.faults.sk_oauth.wrong import finishing, rewording, with_header
from reference_server.messages import Answer
from reference_server.sk_oauth.behaviour import Behaviour, Bucket, Caller, Facts, Refusal

LIMITED = ("rfc6585/4-limited", "sk-oauth/rate-limit")
RECOVERS = "practice/limit-recovers"
APART = "practice/limit-per-credential"
SPELLING = "practice/limit-by-spelling"
FIELD = "asvs/4.1.3-limit-by-field"
OF_LIMIT = (
    *LIMITED,
    SPELLING,
    FIELD,
    "practice/ratelimit-retry",
    "practice/ratelimit-fields",
    *EACH_REFUSAL,
    "rfc6585/4-status",
    "rfc6585/4-not-stored",
    "rfc9110/10.2.3-retry-after",
    RECOVERS,
    APART,
    USERS,
)
"""What is asked with a limit: how it is refused, and that others are served meanwhile and it afterwards."""

TOO_MANY = "too-many-requests"


@fault(
    "no-limit",
    "A credential may be used as often as it likes",
    breaks=LIMITED,
    also=because("what is never refused shows nothing of how it would be", *OF_LIMIT, but=LIMITED),
)
def no_limit(behaviour: Behaviour) -> Behaviour:
    """The limit is documented and switched off."""
    return replace(behaviour, judge_rate=lambda facts, caller: None)


def _excusing_rate(behaviour: Behaviour, *fields: str) -> Behaviour:
    """Do not count requests that have one of these fields."""

    def judge_rate(facts: Facts, caller: Caller) -> Refusal | None:
        return None if in_field(facts.request, *fields) else behaviour.judge_rate(facts, caller)

    return replace(behaviour, judge_rate=judge_rate)


@fault("limit-lifted-by-address", "A client that names an address has a new allowance", breaks=(FIELD,))
def limit_lifted_by_address(behaviour: Behaviour) -> Behaviour:
    """What comes through a proxy is counted by the proxy, as its fields say, which anybody can write."""
    return _excusing_rate(behaviour, "x-forwarded-for", "x-real-ip", "forwarded", "x-client-ip")


@fault(
    "limit-by-spelling",
    "Each spelling of a URL has its own allowance",
    level="SHOULD",
    breaks=(SPELLING,),
)
def limit_by_spelling(behaviour: Behaviour) -> Behaviour:
    """The key of the counter has the whole URL in it."""

    def judge_rate(facts: Facts, caller: Caller) -> Refusal | None:
        spelling = f"{facts.request.path}?{facts.request.query}"
        return behaviour.judge_rate(facts, replace(caller, id=f"{caller.id} {spelling}"))

    return replace(behaviour, judge_rate=judge_rate)


@fault(
    "limit-shared",
    "All credentials have one allowance",
    level="SHOULD",
    breaks=(APART,),
    also=because(
        "the same is used by others at the same time",
        "rfc6750/2.1-header-accepted",
        *OF_LIMIT,
        but=(APART,),
    ),
)
def limit_shared(behaviour: Behaviour) -> Behaviour:
    """Once that of one is used up, nobody else of its account is served until it has rested. Before that
    nobody notices."""

    def judge_rate(facts: Facts, caller: Caller) -> Refusal | None:
        refusal = behaviour.judge_rate(facts, caller)
        if refusal or caller.method != "key" or caller.key is None or caller.key.allowance is not None:
            return refusal
        for key in facts.server.store.keys(caller.partition):
            bucket = facts.server.buckets.get(key.id, Bucket())
            full = key.allowance is not None and bucket.used >= key.allowance
            if full and facts.now - bucket.last < 0.5:
                return Refusal("too-many-requests", wait=1)
        return None

    return replace(behaviour, judge_rate=judge_rate)


@fault(
    "limit-never-lifted",
    "An allowance that is used up is used up for good",
    level="SHOULD",
    breaks=(RECOVERS,),
    also=because(
        "the credential with the allowance is of no use once it is used up", *OF_LIMIT, but=(RECOVERS,)
    ),
)
def limit_never_lifted(behaviour: Behaviour) -> Behaviour:
    """The counter is never set back, and Retry-After says one second all the same."""
    spent: set[str] = set()

    def judge_rate(facts: Facts, caller: Caller) -> Refusal | None:
        refusal = Refusal("too-many-requests", wait=1) if caller.id in spent else None
        refusal = refusal or behaviour.judge_rate(facts, caller)
        if refusal:
            spent.add(caller.id)
        return refusal

    return replace(behaviour, judge_rate=judge_rate)


# --- how that is refused ---------------------------------------------------------------------------


@fault(
    "limit-with-403",
    "Too many requests are answered with 403",
    level="SHOULD",
    breaks=("rfc6585/4-status",),
    also=because("whether it is this refusal is told by the status", *OF_LIMIT, but=("rfc6585/4-status",)),
)
def limit_with_403(behaviour: Behaviour) -> Behaviour:
    """With the right code, and Retry-After."""
    return answering(behaviour, with_status(403), TOO_MANY)


@fault(
    "limit-with-another-code",
    "The code for too many requests is throttled",
    breaks=("sk-oauth/rate-limit", "sk-oauth/codes"),
)
def limit_with_another_code(behaviour: Behaviour) -> Behaviour:
    """With the right status."""
    return answering(behaviour, rewording(code="throttled"), TOO_MANY)


@fault(
    "limit-body-of-a-gateway",
    "Too many requests are answered by a gateway, in its own words",
    breaks=LIMITED,
    also=because("whether it is this refusal is told by its code", *OF_LIMIT, but=LIMITED),
)
def limit_body_of_a_gateway(behaviour: Behaviour) -> Behaviour:
    """What counts stands in front of the API and does not know its envelope."""

    def change(facts: Facts, answer: Answer) -> Answer:
        return replace(answer, body=b'{"message": "API rate limit exceeded"}')

    return answering(behaviour, change, TOO_MANY)


@fault(
    "retry-after-in-words",
    "Retry-After is a phrase",
    breaks=("rfc9110/10.2.3-retry-after",),
    also=because("how long to wait cannot be read", *OF_LIMIT, but=("rfc9110/10.2.3-retry-after",)),
)
def retry_after_in_words(behaviour: Behaviour) -> Behaviour:
    """Neither a number nor a date."""
    return answering(behaviour, with_header("Retry-After", "1 second"), TOO_MANY)


@fault(
    "retry-after-with-fraction",
    "Retry-After has a fraction",
    subtle=True,
    breaks=("rfc9110/10.2.3-retry-after",),
    also=because("how long to wait cannot be read", *OF_LIMIT, but=("rfc9110/10.2.3-retry-after",)),
)
def retry_after_with_fraction(behaviour: Behaviour) -> Behaviour:
    """Seconds are whole ones: RFC 9110 section 10.2.3."""
    return answering(behaviour, with_header("Retry-After", "0.8"), TOO_MANY)


@fault(
    "retry-after-in-the-past",
    "Retry-After tells a time at which requests are still refused",
    level="SHOULD",
    subtle=True,
    breaks=(RECOVERS,),
    also=because("who does not wait does not get through", *OF_LIMIT, but=(RECOVERS,)),
)
def retry_after_in_the_past(behaviour: Behaviour) -> Behaviour:
    """Zero seconds: whoever does as it says is refused again."""
    return answering(behaviour, with_header("Retry-After", "0"), TOO_MANY)


@fault(
    "limit-cacheable",
    "The answer to too many requests may be stored by everybody",
    breaks=("rfc6585/4-not-stored",),
)
def limit_cacheable(behaviour: Behaviour) -> Behaviour:
    """A gateway stores errors for a minute, for whoever comes next."""
    limited: list[Facts] = []

    def refuse(facts: Facts, refusal: Refusal) -> Answer:
        if refusal.reason == TOO_MANY:
            limited.append(facts)
        return behaviour.refuse(facts, refusal)

    return finishing(
        replace(behaviour, refuse=refuse),
        with_header("Cache-Control", "public, max-age=60"),
        lambda facts: limited.pop() is facts if limited else False,
    )
