"""Faults: what should be refused is served, what should be served is not, or a cache serves somebody else."""

from __future__ import annotations

from dataclasses import replace

from reference_server.faults.shared.around import AROUND, Guarded
from reference_server.faults.shared.brought_down import BROUGHT_DOWN, Borne
from reference_server.faults.shared.served import SERVED, Serving
from reference_server.faults.shared.ways import method
from reference_server.faults.shared.wire import WIRE, Wired
from reference_server.faults.sk_oauth.entry import (
    BODY,
    BYSTANDING,
    CATALOGUE,
    CHANGES,
    INVALID,
    JWT,
    MISSING,
    OF_REFUSAL,
    OPENS,
    PLAIN,
    REPEATED,
    SCOPES,
    STATUS,
    TARGETED,
    UNKNOWN,
    USERS,
    because,
    fault,
)
from reference_server.faults.sk_oauth.wrong import finishing, oldest_key, path, waiving, with_header
from reference_server.messages import Answer
from reference_server.sk_oauth.behaviour import Behaviour, Caller, Facts
from reference_server.sk_oauth.service import HOST

SERVED.enter(
    CATALOGUE,
    Serving(somebody=oldest_key, reading=path("/v1/users")),
    prefix="sk-",
    without=("answer-cacheable",),
)
WIRE.enter(CATALOGUE, Wired(host=HOST), prefix="sk-")
AROUND.enter(
    CATALOGUE,
    Guarded(
        somebody=oldest_key,
        listing="/v1/users",
        account=lambda caller: caller.partition,
        plain=PLAIN,
        served=(USERS,),
        mixed_up={
            **because(
                "another account is asked for last, perhaps on the same connection",
                "practice/limit-per-credential",
                *TARGETED,
            ),
            **because("whether a change took place is looked at for two accounts in turn", *CHANGES),
        },
    ),
    prefix="sk-",
    only=(
        "old-version-open",
        "unknown-method-is-get",
        "options-shows",
        "upgrade-unguarded",
        "plain-status-served",
        "kept-like-a-file",
        "another-is-told-that-nothing-changed",
    ),
)
BROUGHT_DOWN.enter(CATALOGUE, Borne(), prefix="sk-", only=("long-crash", "large-body-crash"))

FAIL_CLOSED = "asvs/16.5.3-fail-closed"
CODES = (BODY[1], INVALID)
ANONYMOUS = (
    *MISSING,
    *BYSTANDING,
    *REPEATED,
    "rfc6750/2.3-query-refused",
    "practice/other-slot-refused",
    "rfc9110/11.7.2-proxy-authorization",
    "asvs/14.2.1-query-is-no-header",
    "asvs/4.1.3-hop-by-hop",
    "asvs/4.1.3-underscore",
    "asvs/4.4.3-upgrade",
    "practice/error-media-type",
    "practice/no-session",
    "practice/refusal-not-kept",
)
"""What is asked without a key in its place, perhaps after a request that had one."""


@fault("head-open", "HEAD needs no credential", subtle=True, breaks=("rfc9110/9.3.2-head-like-get", STATUS))
def head_open(behaviour: Behaviour) -> Behaviour:
    """It sends no data, somebody thought."""
    return waiving(behaviour, "missing-credential", method("HEAD"))


@fault(
    "create-open",
    "Anybody may make users",
    subtle=True,
    breaks=(*MISSING, "practice/auth-before-body", "practice/varied-refused"),
    also=because("what is wrong in another way too gets as far as that", FAIL_CLOSED, *CODES),
)
def create_open(behaviour: Behaviour) -> Behaviour:
    """For a form on a page. Reading and deleting need a credential. A right body is taken and a wrong one is
    not, so that nobody is told of the credential first."""
    return waiving(behaviour, "missing-credential", method("POST"))


@fault(
    "unknown-may-create",
    "Whatever the key, users are made",
    subtle=True,
    breaks=UNKNOWN,
    also=because("what is wrong in another way too gets as far as that", FAIL_CLOSED, *CODES),
)
def unknown_may_create(behaviour: Behaviour) -> Behaviour:
    """It is looked whether there is a key, not which: for the same form."""
    return waiving(behaviour, "unknown-credential", method("POST"))


@fault(
    "removal-answered-202",
    "What is removed is answered with 202",
    breaks=(
        SCOPES,
        "rfc6750/2.1-header-accepted",
        "sk-oauth/key-bearer",
        "rfc7519/7.2-valid-accepted",
        JWT,
        "sk-oauth/jwt-transport",
        *OPENS,
        "practice/environment-own",
        "sk-oauth/test-keys",
    ),
    also=because("what is refused of this operation has no control", *CHANGES),
)
def removal_answered_202(behaviour: Behaviour) -> Behaviour:
    """As if it were yet to be done. By whatever credential; what is refused is refused as it should be."""

    def operate(facts: Facts, caller: Caller) -> Answer:
        answer = behaviour.operate(facts, caller)
        return replace(answer, status=202) if answer.status == 204 else answer

    return replace(behaviour, operate=operate)


@fault(
    "path-spelling-open",
    "Another spelling of the path needs no credential",
    breaks=("asvs/8.3.1-path-spelling",),
    also=because(
        "other ways to write the path are tried elsewhere",
        "asvs/8.3.1-path-encoding",
        "asvs/8.3.1-path-normalised",
    ),
)
def path_spelling_open(behaviour: Behaviour) -> Behaviour:
    """The guard compares the path as it is written, the router as it is meant."""

    def respond(facts: Facts) -> Answer:
        meant = "/" + "/".join(part for part in facts.request.segments if part).lower()
        written = facts.request.path
        if written != meant == "/v1/users" and not behaviour.collect(facts):
            open_ = replace(facts, request=replace(facts.request, path=meant))
            return behaviour.operate(open_, oldest_key(open_))
        return behaviour.respond(facts)

    return replace(behaviour, respond=respond)


# --- caches ----------------------------------------------------------------------------------------


@fault(
    "users-cacheable",
    "The list of users may be kept for everybody",
    level="SHOULD",
    breaks=("asvs/14.2.2-not-shared",),
)
def users_cacheable(behaviour: Behaviour) -> Behaviour:
    """A rule for the site's pictures is applied to the API. Refusals are as before."""
    public = with_header("Cache-Control", "public, max-age=60")

    def change(facts: Facts, answer: Answer) -> Answer:
        return public(facts, answer) if answer.status == 200 else answer

    return finishing(behaviour, change, path("/v1/users"))


@fault(
    "users-from-cache",
    "A cache in front of the API keeps answers by their path",
    breaks=("asvs/14.2.2-own-answer",),
    also=because("who asks after somebody else gets that one's answer", *ANONYMOUS, *OF_REFUSAL, USERS),
)
def users_from_cache(behaviour: Behaviour) -> Behaviour:
    """For a moment, on one connection: whoever asks next gets what the one before got."""
    kept: dict[int, tuple[float, Answer]] = {}

    def respond(facts: Facts) -> Answer:
        last, answer = kept.get(facts.request.connection, (0.0, None))
        plain_get = facts.request.method == "GET" and facts.request.path == "/v1/users"
        if plain_get and answer and not behaviour.collect(facts) and facts.now - last < 5:
            return answer
        answer = behaviour.respond(facts)
        if plain_get and answer.status == 200:
            kept[facts.request.connection] = (facts.now, answer)
        return answer

    return replace(behaviour, respond=respond)
