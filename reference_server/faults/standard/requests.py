"""Faults: an unusual method, a field that is almost the right one, or a body gets past the guard."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import replace

from reference_server.faults.shared.crashes import crash_if, crashing
from reference_server.faults.shared.ways import answering, in_field, in_query
from reference_server.faults.standard.entry import STATUS, fault
from reference_server.faults.standard.wrong import also_matching, somebody, unguarded
from reference_server.messages import Answer, Request, json_answer
from reference_server.standard.behaviour import Behaviour, Facts

_KNOWN = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH")

# --- methods ----------------------------------------------------------------------------------------


def _as_get(behaviour: Behaviour, when: Callable[[Request], bool]) -> Behaviour:
    """Serve to anybody, as if it were a GET, what has no credential."""

    def respond(facts: Facts) -> Answer:
        instance = behaviour.name_instance(facts)
        if instance is None or not when(facts.request) or facts.request.values("x-api-key"):
            return behaviour.respond(facts)
        asked = replace(facts, request=replace(facts.request, method="GET"))
        answer = behaviour.operate(asked, somebody(asked, instance))
        return answer if answer.status == 200 else behaviour.respond(facts)

    return replace(behaviour, respond=respond)


@fault(
    "unknown-method-is-get",
    "A method that nobody knows is a GET without a guard",
    breaks=("asvs/4.1.4-unusual-method",),
)
def unknown_method_is_get(behaviour: Behaviour) -> Behaviour:
    """The guard is entered for methods by name, and the default serves. PATCH is among the names."""
    return _as_get(behaviour, lambda request: request.method not in _KNOWN)


@fault("options-shows", "OPTIONS shows what GET would", breaks=("rfc9110/9.3.7-options",))
def options_shows(behaviour: Behaviour) -> Behaviour:
    """The guard lets it through for the sake of preflights, and nothing else answers it. A preflight is
    answered before."""

    def asked(request: Request) -> bool:
        return request.method == "OPTIONS" and not request.values("access-control-request-method")

    return _as_get(behaviour, asked)


@fault("upgrade-unguarded", "Who asks for WebSocket needs no credential", breaks=("asvs/4.4.3-upgrade",))
def upgrade_unguarded(behaviour: Behaviour) -> Behaviour:
    """The guard leaves that to the handler of messages, and there is none."""
    return unguarded(behaviour, lambda request: in_field(request, "upgrade") == "websocket")


# --- fields -----------------------------------------------------------------------------------------


@fault(
    "credential-normalised",
    "Characters that look alike are the same in a key",
    breaks=("practice/unicode-credential",),
)
def credential_normalised(behaviour: Behaviour) -> Behaviour:
    """As one does with names: wide letters become narrow ones, and what has no width is left out."""

    def alike(right: str, given: str) -> bool:
        text = given.encode("latin-1").decode("utf-8", "ignore")
        plain = unicodedata.normalize("NFKC", text).encode("ascii", "ignore").decode()
        return not given.isascii() and plain == right

    return also_matching(behaviour, alike)


@fault(
    "format-crash",
    "A percent sign in a key brings the server down",
    breaks=("practice/no-failure-by-credential",),
    level="SHOULD",
)
def format_crash(behaviour: Behaviour) -> Behaviour:
    """What is refused is written to a log, whose format it becomes a part of. With a letter behind it that is
    no conversion."""

    def collect_keys(facts: Facts) -> tuple[str, ...]:
        keys = behaviour.collect_keys(facts)
        crash_if(any(re.search("%[a-z]", key) for key in keys))
        return keys

    return crashing(replace(behaviour, collect_keys=collect_keys))


@fault("long-key-crash", "A key that is too long brings the server down", breaks=("rfc9110/5.4-oversized",))
def long_key_crash(behaviour: Behaviour) -> Behaviour:
    """Its copy has a fixed place in memory, and it is no shorter than eight thousand characters."""

    def collect_keys(facts: Facts) -> tuple[str, ...]:
        keys = behaviour.collect_keys(facts)
        crash_if(any(len(key) >= 8192 for key in keys))
        return keys

    return crashing(replace(behaviour, collect_keys=collect_keys))


@fault(
    "underscores-are-hyphens",
    "Underscores in the name of a field are hyphens",
    breaks=("asvs/4.1.3-underscore",),
    level="SHOULD",
)
def underscores_are_hyphens(behaviour: Behaviour) -> Behaviour:
    """As gateways to CGI have it (RFC 3875 section 4.1.18): what a proxy has not cleaned counts."""

    def collect_keys(facts: Facts) -> tuple[str, ...]:
        return behaviour.collect_keys(facts) or facts.request.values("x_api_key")

    return replace(behaviour, collect_keys=collect_keys)


@fault(
    "underscored-user-trusted",
    "A user that is named with underscores needs no credential",
    subtle=True,
    breaks=("asvs/4.1.3-underscore", STATUS),
    level="SHOULD",
)
def underscored_user_trusted(behaviour: Behaviour) -> Behaviour:
    """The proxy takes out X-Forwarded-User, and behind it both are one."""
    return unguarded(behaviour, lambda request: bool(request.values("x_forwarded_user")))


@fault(
    "hop-by-hop-trusted",
    "Who has the address of the client taken out needs no credential",
    breaks=("asvs/4.1.3-hop-by-hop",),
    level="SHOULD",
)
def hop_by_hop_trusted(behaviour: Behaviour) -> Behaviour:
    """A proxy drops what Connection names, and what has come by no proxy is taken for internal."""
    return unguarded(
        behaviour, lambda request: "x-forwarded-for" in (in_field(request, "connection") or "").lower()
    )


@fault(
    "query-is-a-field",
    "A parameter with the name of a field is that field",
    breaks=("asvs/14.2.1-query-is-no-header", STATUS),
    level="SHOULD",
)
def query_is_a_field(behaviour: Behaviour) -> Behaviour:
    """A function that looks up a field looks into the query next. The names are those with capitals, and
    those in brackets."""
    names = ("X-Api-Key", "headers[x-api-key]")

    def collect_keys(facts: Facts) -> tuple[str, ...]:
        found = behaviour.collect_keys(facts) or behaviour.collect(facts)
        value = None if found else in_query(facts.request, *names)
        return (value,) if value else behaviour.collect_keys(facts)

    return replace(behaviour, collect_keys=collect_keys)


# --- bodies -----------------------------------------------------------------------------------------


@fault(
    "empty-body-made",
    "An empty object is made into an item before the credential is looked at",
    breaks=("practice/auth-before-body",),
    level="SHOULD",
)
def empty_body_made(behaviour: Behaviour) -> Behaviour:
    """With a name of the server's choice; nobody has thought of bodies without one."""
    return answering(behaviour, _made, "missing-credential")


def _made(facts: Facts, answer: Answer) -> Answer:
    empty = facts.request.method == "POST" and facts.request.body == b"{}"
    return json_answer(201, {"id": "unnamed", "name": "unnamed"}) if empty else answer


@fault(
    "large-body-crash",
    "Ten million bytes bring the server down",
    breaks=("practice/large-body",),
    level="SHOULD",
)
def large_body_crash(behaviour: Behaviour) -> Behaviour:
    """They are kept until the credential has been looked at."""

    def respond(facts: Facts) -> Answer:
        crash_if(not facts.request.whole)
        return behaviour.respond(facts)

    return crashing(replace(behaviour, respond=respond))


@fault(
    "made-before-refused",
    "What is refused has been made already",
    breaks=("asvs/16.5.3-fail-closed", "practice/key-unknown-refused"),
)
def made_before_refused(behaviour: Behaviour) -> Behaviour:
    """The handler runs, and the guard's answer is sent in place of its own. With a wrong key, not without:
    what an unknown one has made is looked for by each scenario that is refused a creation."""

    def change(facts: Facts, answer: Answer) -> Answer:
        instance = behaviour.name_instance(facts)
        if facts.request.method == "POST" and instance:
            behaviour.operate(facts, somebody(facts, instance))
        return answer

    return answering(behaviour, change, "unknown-key")
