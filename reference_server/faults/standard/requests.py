"""Faults: a field that is almost the right one, or a body, gets past the guard, or brings the server down."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

from reference_server.faults.shared.brought_down import BROUGHT_DOWN, Borne
from reference_server.faults.shared.ways import answering, in_field, in_query
from reference_server.faults.standard.entry import CATALOGUE, STATUS, fault
from reference_server.faults.standard.wrong import also_matching, somebody, unguarded
from reference_server.messages import Answer, json_answer
from reference_server.standard.behaviour import Behaviour, Facts

BROUGHT_DOWN.enter(
    CATALOGUE,
    Borne(token="key", offered=lambda facts: facts.behaviour.collect_keys(facts)),
    ids={"long-crash": "long-key-crash"},
)

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
