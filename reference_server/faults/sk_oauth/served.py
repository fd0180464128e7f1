"""Faults: what should be refused is served, what should be served is not, or a cache serves somebody else."""

from __future__ import annotations

from dataclasses import replace

from reference_server.faults.shared.ways import method
from reference_server.faults.sk_oauth.entry import (
    MISSING,
    OF_REFUSAL,
    OLD,
    SHOWN,
    STATUS,
    UNKNOWN,
    USERS,
    because,
    fault,
)
from reference_server.faults.sk_oauth.wrong import finishing, oldest_key, path, waiving, with_header
from reference_server.messages import Answer
from reference_server.sk_oauth.behaviour import Behaviour, Caller, Facts

SLOTS = (
    "rfc6750/2.3-query-refused",
    "practice/other-slot-refused",
    "rfc9110/11.7.2-proxy-authorization",
)
"""What falls as well when a request without Authorization is served: a key in another slot is one."""


@fault(
    "missing-may-list",
    "The list of users is open to everybody",
    breaks=(*MISSING, "rfc9110/9.3.2-head-like-get"),
)
def missing_may_list(behaviour: Behaviour) -> Behaviour:
    """One forgotten guard, and with it all that stands in for a credential elsewhere."""
    return waiving(behaviour, "missing-credential", lambda facts: facts.request.method in ("GET", "HEAD"))


@fault("head-open", "HEAD needs no credential", subtle=True, breaks=("rfc9110/9.3.2-head-like-get", STATUS))
def head_open(behaviour: Behaviour) -> Behaviour:
    """It sends no data, somebody thought."""
    return waiving(behaviour, "missing-credential", method("HEAD"))


@fault("create-open", "Anybody may make users", subtle=True, breaks=MISSING)
def create_open(behaviour: Behaviour) -> Behaviour:
    """For a form on a page. Reading and deleting need a credential."""
    return waiving(behaviour, "missing-credential", method("POST"))


@fault("unknown-may-create", "Whatever the key, users are made", subtle=True, breaks=UNKNOWN)
def unknown_may_create(behaviour: Behaviour) -> Behaviour:
    """It is looked whether there is a key, not which: for the same form."""
    return waiving(behaviour, "unknown-credential", method("POST"))


@fault(
    "path-spelling-open",
    "Another spelling of the path needs no credential",
    breaks=("asvs/8.3.1-path-spelling",),
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


@fault(
    "users-as-text",
    "The list of users is a line of text",
    breaks=(USERS,),
    also=because("of another shape it is not accepted: nothing has a control", *OF_REFUSAL, *OLD, *SHOWN),
)
def users_as_text(behaviour: Behaviour) -> Behaviour:
    """How they are listed is open, but it is JSON: the maintenance page has the right status."""

    def operate(facts: Facts, caller: Caller) -> Answer:
        answer = behaviour.operate(facts, caller)
        listed = facts.request.path == "/v1/users" and answer.status == 200
        return replace(answer, body=b"We will be back soon.") if listed else answer

    return replace(behaviour, operate=operate)


# --- caches ----------------------------------------------------------------------------------------


@fault("users-cacheable", "The list of users may be kept for everybody", breaks=("asvs/14.2.2-not-shared",))
def users_cacheable(behaviour: Behaviour) -> Behaviour:
    """A rule for the site's pictures is applied to the API."""
    return finishing(behaviour, with_header("Cache-Control", "public, max-age=60"), path("/v1/users"))


@fault(
    "users-from-cache",
    "A cache in front of the API keeps answers by their path",
    breaks=("asvs/14.2.2-own-answer",),
    also=because("who asks after somebody else gets that one's answer", *MISSING, *UNKNOWN, *OF_REFUSAL),
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
