"""How else this API could answer and be as right: its documentation and the standards leave it open."""

from __future__ import annotations

import json
import re
from dataclasses import replace

from reference_server import timestamps
from reference_server.kid_jwt.behaviour import Behaviour, Facts, Jws, Reason, Refusal
from reference_server.kid_jwt.records import Account
from reference_server.messages import Answer
from reference_server.variations import shared
from reference_server.variations.catalogue import Variations

CATALOGUE: Variations[Behaviour] = Variations("kid-jwt")
variation = CATALOGUE.variation


def _with_status(behaviour: Behaviour, status: int, *reasons: Reason) -> Behaviour:
    """Refuse for these reasons with another status, and without a challenge."""

    def refuse(facts: Facts, refusal: Refusal) -> Answer:
        answer = behaviour.refuse(facts, refusal)
        if refusal.reason not in reasons:
            return answer
        headers = tuple((name, value) for name, value in answer.headers if name != shared.CHALLENGE)
        return replace(answer, status=status, headers=headers)

    return replace(behaviour, refuse=refuse)


# --- what is refused, and how --------------------------------------------------------------------


@variation("malformed-tokens-are-a-bad-request", "What is no JWT is answered with 400")
def malformed_is_a_bad_request(behaviour: Behaviour) -> Behaviour:
    """The document gives no status for it, and its proposed reading takes any 4xx; RFC 6750 section 3.1 has
    400 for a malformed request. Without a credential it stays 401."""
    return _with_status(behaviour, 400, "malformed-token", "malformed-credential")


@variation("unknown-kid-forbidden", "An unknown kid is answered with 403")
def unknown_kid_forbidden(behaviour: Behaviour) -> Behaviour:
    """Not documented either, so that any 4xx will do. A 403 needs no challenge."""
    return _with_status(behaviour, 403, "unknown-kid")


@variation("bad-signature-not-found", "A wrong signature is answered with 404")
def bad_signature_not_found(behaviour: Behaviour) -> Behaviour:
    """RFC 9110 section 15.5.4 lets a server hide what it forbids. Any 4xx will do."""
    return _with_status(behaviour, 404, "bad-signature")


@variation("empty-kid-is-unknown", "An empty kid, or null, is an unknown one and not a missing one")
def empty_kid_is_unknown(behaviour: Behaviour) -> Behaviour:
    """Whether it counts as missing is not said: the documented 500 or any 4xx."""

    def name_key(facts: Facts, jws: Jws) -> str | Refusal:
        return Refusal("unknown-kid") if "kid" in jws.header and not jws.header["kid"] else named(facts, jws)

    named = behaviour.name_key
    return replace(behaviour, name_key=name_key)


@variation("algorithm-before-kid", "The algorithm is looked at before the kid")
def algorithm_before_kid(behaviour: Behaviour) -> Behaviour:
    """The order in which a header is judged is not documented. With the right algorithm a missing kid is
    answered as it is printed."""

    def name_key(facts: Facts, jws: Jws) -> str | Refusal:
        return behaviour.judge_algorithm(facts, jws) or behaviour.name_key(facts, jws)

    return replace(behaviour, name_key=name_key)


@variation("other-words", "Refusals are told in other words, with more members")
def other_words(behaviour: Behaviour) -> Behaviour:
    """The document prints the body for a missing kid alone; that one stays as it is."""

    def refuse(facts: Facts, refusal: Refusal) -> Answer:
        answer = behaviour.refuse(facts, refusal)
        if refusal.reason == "missing-kid":
            return answer
        body = {"error": "Zugriff verweigert", "reason": refusal.reason, "help": "https://kid-jwt.test/help"}
        return replace(answer, body=json.dumps(body).encode())

    return replace(behaviour, refuse=refuse)


@variation("plain-text-refusals", "Refusals are plain text", not_with=("other-words",))
def plain_text_refusals(behaviour: Behaviour) -> Behaviour:
    """That they are JSON is said of the missing kid alone."""

    def refuse(facts: Facts, refusal: Refusal) -> Answer:
        answer = behaviour.refuse(facts, refusal)
        if refusal.reason == "missing-kid":
            return answer
        headers = tuple((name, value) for name, value in answer.headers if name != "Content-Type")
        return replace(answer, headers=(("Content-Type", "text/plain"), *headers), body=b"no")

    return replace(behaviour, refuse=refuse)


@variation("challenge-for-the-static-token", "The challenge has a scheme for the static token too")
def challenge_for_the_static_token(behaviour: Behaviour) -> Behaviour:
    """RFC 9110 section 11.6.1: a field may have several challenges. That of the static token has a scheme of
    its own name, and stands first."""
    return shared.challenging(behaviour, lambda given: f'ApiToken realm="kid-jwt", {given}')


variation("challenge-spelling", "The challenge is spelled in another case, with other spaces")(
    shared.spelled_otherwise
)

# --- what is accepted ----------------------------------------------------------------------------


@variation("kid-in-capitals", "A kid is compared as a UUID, without regard to case")
def kid_in_capitals(behaviour: Behaviour) -> Behaviour:
    """RFC 9562 section 4: UUIDs are written in either case. It is the same name of the same key."""
    return replace(behaviour, find_signer=lambda facts, kid: behaviour.find_signer(facts, kid.lower()))


@variation("no-leeway", "An expired token is refused from its second on")
def no_leeway(behaviour: Behaviour) -> Behaviour:
    """RFC 7519 section 4.1.4: a leeway is allowed, and not owed."""
    return shared.leeway(behaviour, -30)


@variation("long-leeway", "A minute and a half are allowed for clocks", not_with=("no-leeway",))
def long_leeway(behaviour: Behaviour) -> Behaviour:
    """RFC 7519 section 4.1.4: usually no more than a few minutes."""
    return shared.leeway(behaviour, 60)


@variation("bearer-before-static-token", "A static token is accepted after Bearer too")
def bearer_before_static_token(behaviour: Behaviour) -> Behaviour:
    """Not said, hence recorded: many clients know no other way."""

    def verify(facts: Facts, token: str) -> Account | Refusal:
        found = behaviour.verify(facts, token)
        return behaviour.find_key(facts, token) or found if isinstance(found, Refusal) else found

    return replace(behaviour, verify=verify)


@variation("bare-token", "A JWT is accepted without Bearer too")
def bare_token(behaviour: Behaviour) -> Behaviour:
    """Not said, hence recorded. Only what has the form of one is taken for a JWT."""
    form = re.compile(r"[\w-]+(\.[\w-]+){2}", re.ASCII)

    def parse(facts: Facts, value: str) -> str | None:
        return value if form.fullmatch(value) else behaviour.parse(facts, value)

    return replace(behaviour, parse=parse)


@variation("long-tokens-only-so-far", "Headers of more than two thousand characters are refused with 431")
def long_tokens_only_so_far(behaviour: Behaviour) -> Behaviour:
    """RFC 6585 section 5. No credential that is handed out comes near it."""

    def respond(facts: Facts) -> Answer:
        longest = max((len(value) for _, value in facts.request.headers), default=0)
        return behaviour.respond(facts) if longest <= 2000 else Answer(431)

    return replace(behaviour, respond=respond)


# --- what is served ------------------------------------------------------------------------------


@variation("another-greeting", "The greeting has another text and more members")
def another_greeting(behaviour: Behaviour) -> Behaviour:
    """The text is an example; a client has to ignore members that it does not know."""
    more = {"message": "Hallo – schön, dass du da bist", "service": {"name": "api", "version": 3}}
    return replace(behaviour, greet=lambda facts: {**behaviour.greet(facts), **more})


@variation("time-with-fraction", "The time has milliseconds")
def time_with_fraction(behaviour: Behaviour) -> Behaviour:
    """RFC 3339 section 5.6 has an optional fraction of a second."""
    return replace(behaviour, tell_time=lambda facts: str(timestamps.instant(facts.now)))


@variation("time-with-zero-offset", "The time has an offset of zero", not_with=("time-with-fraction",))
def time_with_zero_offset(behaviour: Behaviour) -> Behaviour:
    """RFC 3339 section 4.3: +00:00 is UTC as well as Z."""
    return replace(behaviour, tell_time=lambda facts: timestamps.written(facts.now))


@variation("paths-before-credentials", "A path that does not exist is answered with 404 to anybody")
def paths_before_credentials(behaviour: Behaviour) -> Behaviour:
    """Nothing is said of other paths, and there is nothing to protect there."""

    def respond(facts: Facts) -> Answer:
        answer = behaviour.respond(facts)
        return answer if facts.request.path in ("/", "/reports/") else replace(answer, status=404)

    return replace(behaviour, respond=respond)


# --- header fields and framing -------------------------------------------------------------------


variation("fields-otherwise", "Header fields come in lower case and in the reverse order")(shared.otherwise)
variation("gateway", "A gateway adds its fields and a cookie, and sends chunks")(
    shared.behind_a_gateway_in_chunks
)


VARIATIONS = CATALOGUE.variations
