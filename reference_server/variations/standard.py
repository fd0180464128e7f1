"""How else this API could answer and be as right: the standards leave it open."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

from reference_server.messages import Answer
from reference_server.secret import random_text
from reference_server.standard.behaviour import Behaviour, Caller, Facts, Refusal, Server
from reference_server.standard.records import Kind, Manager
from reference_server.variations import shared
from reference_server.variations.catalogue import Variations

CATALOGUE: Variations[Behaviour] = Variations("standard")
variation = CATALOGUE.variation


def _with_status(behaviour: Behaviour, status: int, reason: str) -> Behaviour:
    """Refuse for this reason with another status."""

    def refuse(facts: Facts, refusal: Refusal) -> Answer:
        answer = behaviour.refuse(facts, refusal)
        if refusal.reason != reason:
            return answer
        headers = tuple(each for each in answer.headers if each[0] != shared.CHALLENGE)
        body = behaviour.problem(facts, status, "Not for this credential.")
        return replace(answer, status=status, headers=headers, body=body.body)

    return replace(behaviour, refuse=refuse)


# --- who asks ------------------------------------------------------------------------------------


@variation("several-refused", "Several credentials are refused even where each is right")
def several_refused(behaviour: Behaviour) -> Behaviour:
    """RFC 6750 section 2 has clients use one method in a request; of the others nothing is said."""
    return shared.reconciling(behaviour, lambda found: Refusal("conflicting-credentials"))


variation(
    "first-right-one-counts",
    "Of several credentials the first one that is right counts",
    not_with=("several-refused",),
)(shared.first_right_counts)


@variation("longer-secrets", "Keys and tokens are longer")
def longer_secrets(behaviour: Behaviour) -> Behaviour:
    """How long they are no standard says, as long as they cannot be guessed."""

    def mint(server: Server, kind: Kind) -> str:
        return behaviour.mint(server, kind) + random_text(server.random, 20)

    return replace(behaviour, mint=mint)


@variation("a-minute-of-leeway", "Clocks may differ by a minute")
def a_minute_of_leeway(behaviour: Behaviour) -> Behaviour:
    """RFC 7519 section 4.1.4 allows some leeway, usually no more than a few minutes."""
    return shared.leeway(behaviour, 30)


@variation("foreign-credential-forbidden", "Another instance's credential is answered with 403")
def foreign_credential_forbidden(behaviour: Behaviour) -> Behaviour:
    """RFC 9110 section 15.5.4: it is understood, and not good here. A 403 needs no challenge."""
    return _with_status(behaviour, 403, "wrong-instance")


# --- how it answers ------------------------------------------------------------------------------


@variation("problems-in-other-words", "Problems have a type, other words and further members")
def problems_in_other_words(behaviour: Behaviour) -> Behaviour:
    """RFC 9457 section 3 has all members optional, and allows more. The same for every cause."""

    def problem(facts: Facts, status: int, detail: str) -> Answer:
        answer = behaviour.problem(facts, status, detail)
        more = {"type": f"https://standard.test/problems/{status}", "title": "Nein", "help": ["a", "b"]}
        return shared.rewritten(answer, lambda body: {**body, **more})

    return replace(behaviour, problem=problem)


@variation(
    "problems-as-plain-json", "Errors are plain JSON with one member", not_with=("problems-in-other-words",)
)
def problems_as_plain_json(behaviour: Behaviour) -> Behaviour:
    """No standard has errors be problems."""

    def problem(facts: Facts, status: int, detail: str) -> Answer:
        body = json.dumps({"error": detail}).encode()
        return Answer(status, (("Content-Type", "application/json"),), body)

    return replace(behaviour, problem=problem)


@variation("challenges-apart", "Each scheme is challenged in a field of its own")
def challenges_apart(behaviour: Behaviour) -> Behaviour:
    """RFC 9110 section 11.6.1 allows a list in one field, or several fields."""

    def apart(facts: Facts, answer: Answer) -> Answer:
        headers: list[tuple[str, str]] = []
        for name, value in answer.headers:
            first, comma, second = value.partition(", Bearer ")
            both = name == shared.CHALLENGE and comma
            headers += [(name, f"Bearer {second}"), (name, first)] if both else [(name, value)]
        return replace(answer, headers=tuple(headers))

    return shared.finishing(behaviour, apart)


variation("field-names-in-small-letters", "Names of header fields are in small letters")(shared.in_lower_case)
variation("bodies-in-chunks", "Bodies are sent in chunks")(shared.in_chunks)
variation("retry-at-a-date", "Retry-After is a date")(shared.retry_at_a_date)


@variation("limits-untold", "Nothing is told of limits before they are reached")
def limits_untold(behaviour: Behaviour) -> Behaviour:
    """The RateLimit fields are a draft, and optional in it."""
    return replace(behaviour, tell_limit=lambda facts, caller: {})


@variation("grants-say-less", "The answer with a token leaves out its scope, and tokens last ten minutes")
def grants_say_less(behaviour: Behaviour) -> Behaviour:
    """RFC 6749 section 5.1: optional where it is the one that was asked for, as here, where none was."""

    def grant(facts: Facts, caller: Caller) -> Answer:
        answer = behaviour.grant(facts, caller)
        return shared.rewritten(
            answer, lambda body: {name: value for name, value in body.items() if name != "scope"}
        )

    return replace(behaviour, grant=grant, token_life=lambda facts: 600)


@variation("changes-with-a-body", "The management answers every change with a body")
def changes_with_a_body(behaviour: Behaviour) -> Behaviour:
    """A 204 says no more than an empty object does."""

    def manage(facts: Facts, manager: Manager) -> Answer:
        answer = behaviour.manage(facts, manager)
        done = (("Content-Type", "application/json"),)
        return Answer(200, done, b"{}") if answer.status == 204 else answer

    return replace(behaviour, manage=manage)


@variation("more-members", "Answers have further members")
def more_members(behaviour: Behaviour) -> Behaviour:
    """The schemas of the API leave room for them."""

    def operate(facts: Facts, caller: Caller) -> Answer:
        answer = behaviour.operate(facts, caller)
        if answer.status not in (200, 201) or facts.request.path == "/token" or not shared.is_json(answer):
            return answer
        return shared.rewritten(answer, lambda body: {"links": {"self": facts.request.path}, **body})

    return replace(behaviour, operate=operate)


@variation("hsts-for-all-names", "TLS is asked for with all names below, and for longer")
def hsts_for_all_names(behaviour: Behaviour) -> Behaviour:
    """RFC 6797 section 6.1.2."""

    def always(facts: Facts) -> Mapping[str, str]:
        fields = behaviour.always(facts)
        longer = "max-age=63072000; includeSubDomains"
        told = {"Strict-Transport-Security": longer} if "Strict-Transport-Security" in fields else {}
        return {**fields, **told}

    return replace(behaviour, always=always)


VARIATIONS = CATALOGUE.variations
