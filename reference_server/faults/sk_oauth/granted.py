"""Faults: the token endpoint answers in another way than OAuth 2.0 has it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from reference_server import forms
from reference_server.faults.sk_oauth.entry import (
    DENIED,
    EACH_REFUSAL,
    OAUTH,
    REDEEMED,
    WITH_CODES,
    because,
    fault,
)
from reference_server.faults.sk_oauth.wrong import finishing, members, path, with_body, with_header
from reference_server.messages import Answer
from reference_server.sk_oauth.authorization import single
from reference_server.sk_oauth.behaviour import Behaviour, Facts, Granted, Problem
from reference_server.sk_oauth.token_endpoint import PATH

ERROR, CODE = "rfc6749/5.2-error", "rfc6749/5.2-code"
RESPONSE = "sk-oauth/token-response"
_SHAPE = "an answer of another shape is not accepted, so that there is no control"


def _granting(behaviour: Behaviour, **changed: Any) -> Behaviour:
    """Answer with other members beside new tokens; None leaves one out."""

    def grant(facts: Facts, granted: Granted) -> Answer:
        answer = behaviour.grant(facts, granted)
        body = {name: value for name, value in {**members(answer), **changed}.items() if value is not None}
        return with_body(body)(facts, answer)

    return replace(behaviour, grant=grant)


@fault(
    "token-type-missing",
    "The answer that grants a token does not say of which type it is",
    breaks=("rfc6749/5.1-token-type", RESPONSE),
    also=because(_SHAPE, *OAUTH, *EACH_REFUSAL, but=("rfc6749/5.1-token-type", RESPONSE)),
)
def token_type_missing(behaviour: Behaviour) -> Behaviour:
    """RFC 6749 section 5.1 requires it."""
    return _granting(behaviour, token_type=None)


@fault(
    "token-type-unknown",
    "The type of a token is one that there is not",
    subtle=True,
    breaks=("rfc6749/5.1-token-type", RESPONSE),
    also=because(_SHAPE, *OAUTH, *EACH_REFUSAL, but=("rfc6749/5.1-token-type", RESPONSE)),
)
def token_type_unknown(behaviour: Behaviour) -> Behaviour:
    """api_key, as the keys are called. In whatever letter case, it should be Bearer."""
    return _granting(behaviour, token_type="api_key")


@fault(
    "expires-in-text",
    "The life of a token is a text",
    subtle=True,
    breaks=("rfc6749/5.1-expires-in",),
    also=because(_SHAPE, *OAUTH, *EACH_REFUSAL, but=("rfc6749/5.1-expires-in",)),
)
def expires_in_text(behaviour: Behaviour) -> Behaviour:
    """A number in quotes: RFC 6749 appendix A.14 has digits, in JSON a number."""
    return _granting(behaviour, expires_in="3600")


@fault(
    "token-response-cacheable",
    "The answers of the token endpoint may be stored",
    breaks=("rfc6749/5.1-no-store", "practice/token-error-not-kept"),
)
def token_response_cacheable(behaviour: Behaviour) -> Behaviour:
    """They are private, which forbids nobody's own cache to keep them: tokens, and errors too."""
    return finishing(behaviour, with_header("Cache-Control", "private, max-age=0"), path(PATH))


@fault(
    "token-response-as-text",
    "The answer that grants a token is said to be text",
    subtle=True,
    breaks=("rfc6749/5.1-media-type",),
    also=because("what is no JSON is not read", *OAUTH, *EACH_REFUSAL, but=("rfc6749/5.1-media-type",)),
)
def token_response_as_text(behaviour: Behaviour) -> Behaviour:
    """text/plain, over JSON that nothing is wrong with."""
    return replace(
        behaviour,
        grant=lambda facts, granted: with_header("Content-Type", "text/plain")(
            facts, behaviour.grant(facts, granted)
        ),
    )


@fault(
    "redemption-with-201",
    "The answer that grants a token has the status 201",
    breaks=REDEEMED,
    also=because(
        "of another status it is not accepted: there is no control",
        *OAUTH,
        *EACH_REFUSAL,
        but=REDEEMED,
    ),
)
def redemption_with_201(behaviour: Behaviour) -> Behaviour:
    """Something was created, after all. RFC 6749 section 5.1 has 200."""
    return replace(
        behaviour, grant=lambda facts, granted: replace(behaviour.grant(facts, granted), status=201)
    )


# --- the answer that does not ----------------------------------------------------------------------


def _denying(behaviour: Behaviour, change: Callable[[Facts, Answer], Answer], *errors: str) -> Behaviour:
    """Change the answers that tell these errors."""

    def deny(facts: Facts, problem: Problem) -> Answer:
        answer = behaviour.deny(facts, problem)
        return change(facts, answer) if problem.error in errors else answer

    return replace(behaviour, deny=deny)


@fault(
    "invalid-grant-with-401",
    "A code that is not good is answered with 401",
    level="MUST",
    breaks=(DENIED,),
)
def invalid_grant_with_401(behaviour: Behaviour) -> Behaviour:
    """RFC 6749 section 5.2 has 401 for clients alone."""
    return _denying(behaviour, lambda facts, answer: replace(answer, status=401), "invalid_grant")


@fault(
    "invalid-grant-in-html",
    "A code that is not good is answered with a page",
    breaks=(ERROR,),
    also=because("there is no error that could be the right one", CODE),
)
def invalid_grant_in_html(behaviour: Behaviour) -> Behaviour:
    """As people see it. The status is right."""

    def change(facts: Facts, answer: Answer) -> Answer:
        return replace(answer, headers=(("Content-Type", "text/html"),), body=b"<p>Not valid.</p>")

    return _denying(behaviour, change, "invalid_grant")


@fault(
    "token-error-in-other-characters",
    "Errors of the token endpoint are sentences",
    subtle=True,
    breaks=(ERROR,),
    also=because("a sentence is none of the codes", CODE),
)
def token_error_in_other_characters(behaviour: Behaviour) -> Behaviour:
    """With quotes in them, which RFC 6749 section 5.2 does not permit."""

    def change(facts: Facts, answer: Answer) -> Answer:
        return replace(answer, body=json.dumps({"error": 'the parameter "code" is wrong'}).encode())

    return _denying(behaviour, change, "invalid_grant")


@fault(
    "token-error-of-another-name",
    "A grant type that there is not is told as invalid_grant",
    level="SHOULD",
    breaks=(CODE,),
)
def token_error_of_another_name(behaviour: Behaviour) -> Behaviour:
    """An error that exists, for another cause."""
    return _denying(behaviour, with_body({"error": "invalid_grant"}), "unsupported_grant_type")


@fault(
    "redemption-crashes",
    "A code that is used again brings the server down",
    subtle=True,
    breaks=("rfc6749/4.1.2-code-once", DENIED),
    also=because(
        "a failure refuses nothing, and says nothing of what it ended",
        *WITH_CODES,
        *EACH_REFUSAL,
        but=("rfc6749/4.1.2-code-once", DENIED),
    ),
)
def redemption_crashes(behaviour: Behaviour) -> Behaviour:
    """A unique index is hit, and nobody catches that. Neither the code nor its tokens are touched."""

    def token(facts: Facts) -> Answer:
        found = single(forms.in_body(facts.request) or ())
        code = behaviour.find_code(facts, found.get("code", ""))
        if facts.request.method == "POST" and code and code.used_at is not None:
            return Answer(500, (("Content-Type", "text/plain"),), b"Internal Server Error")
        return behaviour.token(facts)

    return replace(behaviour, token=token)
