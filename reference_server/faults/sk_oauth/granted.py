"""Faults: the token endpoint takes what it should not, or answers in another way than OAuth 2.0 has it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from reference_server import forms
from reference_server.faults.sk_oauth.entry import (
    DENIED,
    NO_GRANT_TYPE,
    OAUTH,
    OTHER_GRANT_TYPE,
    REDEEMED,
    TWICE,
    WITH_CODES,
    because,
    fault,
)
from reference_server.faults.sk_oauth.wrong import finishing, members, path, with_body, with_header
from reference_server.messages import Answer
from reference_server.sk_oauth.authorization import single
from reference_server.sk_oauth.behaviour import Behaviour, Facts, Granted, Parameters, Problem
from reference_server.sk_oauth.records import Client, Grant
from reference_server.sk_oauth.token_endpoint import PATH

EMPTY = "rfc6749/3.2-empty-parameter"
UNKNOWN = "rfc6749/3.2-unknown-parameter"
GET = "rfc6749/3.2-post"
ERROR, CODE = "rfc6749/5.2-error", "rfc6749/5.2-code"
RESPONSE = "sk-oauth/token-response"

# --- the request -----------------------------------------------------------------------------------


def _forming(behaviour: Behaviour, change: Callable[[Parameters], Parameters | Problem]) -> Behaviour:
    """Read another form than was sent."""

    def read_form(facts: Facts) -> Parameters | Problem:
        found = behaviour.read_form(facts)
        return found if isinstance(found, Problem) else change(found)

    return replace(behaviour, read_form=read_form)


@fault("grant-type-optional", "Without a grant type a code is redeemed", breaks=NO_GRANT_TYPE)
def grant_type_optional(behaviour: Behaviour) -> Behaviour:
    """There used to be but one. An empty one is none."""
    return _forming(behaviour, lambda found: {"grant_type": "authorization_code", **found})


@fault("unknown-grant-type-redeems", "Whatever the grant type, a code is redeemed", breaks=OTHER_GRANT_TYPE)
def unknown_grant_type_redeems(behaviour: Behaviour) -> Behaviour:
    """It is looked which parameters there are. Without any grant type there is still no token, and where
    there is no code neither."""
    return _forming(
        behaviour,
        lambda found: (
            {**found, "grant_type": "authorization_code"}
            if "code" in found and "grant_type" in found
            else found
        ),
    )


@fault(
    "grant-type-in-other-case",
    "Letter case in the grant type means nothing",
    subtle=True,
    breaks=OTHER_GRANT_TYPE,
)
def grant_type_in_other_case(behaviour: Behaviour) -> Behaviour:
    """One of the other grant types."""
    return _forming(
        behaviour,
        lambda found: (
            {**found, "grant_type": found["grant_type"].lower()} if "grant_type" in found else found
        ),
    )


@fault(
    "grant-type-trimmed", "Space around the grant type means nothing", subtle=True, breaks=OTHER_GRANT_TYPE
)
def grant_type_trimmed(behaviour: Behaviour) -> Behaviour:
    """One of the other grant types."""
    return _forming(
        behaviour,
        lambda found: (
            {**found, "grant_type": found["grant_type"].strip()} if "grant_type" in found else found
        ),
    )


@fault("token-parameters-repeated", "Of a parameter that is sent twice the first counts", breaks=TWICE)
def token_parameters_repeated(behaviour: Behaviour) -> Behaviour:
    """As most frameworks have it."""

    def read_form(facts: Facts) -> Parameters | Problem:
        given = forms.in_body(facts.request)
        if given is None:
            return behaviour.read_form(facts)
        return single(tuple(dict(reversed(given)).items()))

    return replace(behaviour, read_form=read_form)


@fault(
    "token-parameters-repeated-alike",
    "A parameter may be sent twice with the same value",
    subtle=True,
    breaks=TWICE,
)
def token_parameters_repeated_alike(behaviour: Behaviour) -> Behaviour:
    """One of the repetitions has the same value; those that contradict each other are refused."""

    def read_form(facts: Facts) -> Parameters | Problem:
        given = forms.in_body(facts.request)
        if given is None or forms.repeated(set(given)):
            return behaviour.read_form(facts)
        return single(tuple(dict.fromkeys(given)))

    return replace(behaviour, read_form=read_form)


@fault(
    "token-parameter-unknown-refused",
    "A parameter that nobody knows is refused by the token endpoint",
    breaks=(UNKNOWN,),
)
def token_parameter_unknown_refused(behaviour: Behaviour) -> Behaviour:
    """RFC 6749 section 3.2 wants it ignored."""
    known = {
        "grant_type",
        "code",
        "redirect_uri",
        "code_verifier",
        "client_id",
        "client_secret",
        "refresh_token",
        "scope",
        "username",
        "password",
    }
    return _forming(
        behaviour,
        lambda found: (
            found if set(found) <= known else Problem("invalid_request", "A parameter is not known")
        ),
    )


@fault(
    "empty-code-is-the-latest",
    "An empty code is the latest one",
    breaks=(EMPTY, DENIED),
)
def empty_code_is_the_latest(behaviour: Behaviour) -> Behaviour:
    """A query that ends in LIKE '%'. A code that is not there at all is not looked for, and refresh tokens
    are looked up otherwise."""
    latest: list[str] = []

    def give_code(facts: Facts, client: Client, asked: Any, user: Any) -> str:
        latest[:] = [behaviour.give_code(facts, client, asked, user)]
        return latest[0]

    def read_form(facts: Facts) -> Parameters | Problem:
        found = behaviour.read_form(facts)
        empty = ("code", "") in (forms.in_body(facts.request) or ())
        return found if isinstance(found, Problem) or not empty else {**found, "code": latest[0]}

    return replace(behaviour, give_code=give_code, read_form=read_form)


@fault("token-by-get", "A token is granted by GET", breaks=(GET,))
def token_by_get(behaviour: Behaviour) -> Behaviour:
    """The router has both methods. What a GET has for a body, or in its URL, is read."""

    def token(facts: Facts) -> Answer:
        request = facts.request
        if request.method != "GET":
            return behaviour.token(facts)
        body = request.body or request.query.encode()
        headers = (*request.headers, *(() if request.body else (("content-type", forms.MEDIA_TYPE),)))
        return behaviour.token(
            replace(facts, request=replace(request, method="POST", body=body, headers=headers))
        )

    return replace(behaviour, token=token)


@fault(
    "password-grant",
    "The password of a user is exchanged for a token",
    breaks=("rfc9700/2.4-password-grant", DENIED),
)
def password_grant(behaviour: Behaviour) -> Behaviour:
    """RFC 6749 section 4.3 had it, for the vendor's own application, and it was never taken out."""

    def token(facts: Facts) -> Answer:
        found = behaviour.read_form(facts)
        if isinstance(found, Problem) or found.get("grant_type") != "password":
            return behaviour.token(facts)
        client = behaviour.authenticate(facts, found)
        user = behaviour.sign_in(facts, found.get("username", ""), found.get("password", ""))
        if isinstance(client, Problem) or user is None:
            return behaviour.deny(facts, Problem("invalid_grant", "Name or password are wrong"))
        made = Grant(f"grant_{facts.now}", client.id, user.name, user.account, client.scopes)
        facts.server.store.grants.add_grant(made)
        return behaviour.grant(facts, Granted(made, client, made.scopes, made.scopes))

    return replace(behaviour, token=token)


@fault(
    "token-request-as-json-crashes",
    "A token request that is JSON brings the server down",
    level="MAY",
    breaks=("practice/exchange-media-type",),
)
def token_request_as_json_crashes(behaviour: Behaviour) -> Behaviour:
    """The form is there or an exception is. Any other media type."""

    def token(facts: Facts) -> Answer:
        if facts.request.method == "POST" and forms.in_body(facts.request) is None:
            return Answer(500, (("Content-Type", "text/plain"),), b"Internal Server Error")
        return behaviour.token(facts)

    return replace(behaviour, token=token)


# --- the answer that grants ------------------------------------------------------------------------


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
    also=because(
        "an answer of another shape is not accepted, so that there is no control", *WITH_CODES, *OAUTH
    ),
)
def token_type_missing(behaviour: Behaviour) -> Behaviour:
    """RFC 6749 section 5.1 requires it."""
    return _granting(behaviour, token_type=None)


@fault(
    "token-type-unknown",
    "The type of a token is one that there is not",
    subtle=True,
    breaks=("rfc6749/5.1-token-type", RESPONSE),
    also=because("an answer of another shape is not accepted, so that there is no control", *OAUTH),
)
def token_type_unknown(behaviour: Behaviour) -> Behaviour:
    """api_key, as the keys are called. In whatever letter case, it should be Bearer."""
    return _granting(behaviour, token_type="api_key")


@fault(
    "expires-in-text",
    "The life of a token is a text",
    subtle=True,
    breaks=("rfc6749/5.1-expires-in", RESPONSE),
    also=because("an answer of another shape is not accepted, so that there is no control", *OAUTH),
)
def expires_in_text(behaviour: Behaviour) -> Behaviour:
    """A number in quotes: RFC 6749 appendix A.14 has digits, in JSON a number."""
    return _granting(behaviour, expires_in="3600")


@fault(
    "token-response-cacheable",
    "The answer that grants a token may be stored",
    breaks=("rfc6749/5.1-no-store",),
)
def token_response_cacheable(behaviour: Behaviour) -> Behaviour:
    """It is private, which forbids nobody's own cache to keep it. Errors are as before."""
    return finishing(behaviour, with_header("Cache-Control", "private, max-age=0"), path(PATH))


@fault(
    "token-response-as-text",
    "The answer that grants a token is said to be text",
    subtle=True,
    breaks=("rfc6749/5.1-media-type",),
    also=because("what is said to be no JSON is not read", *OAUTH, but=("rfc6749/5.1-media-type",)),
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
        "an answer of another status is not accepted, so that there is no control", *OAUTH, but=REDEEMED
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
        return replace(
            answer, headers=(("Content-Type", "text/html"),), body=b"<p>The code is not valid.</p>"
        )

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
    also=because("a failure refuses nothing, and says nothing of what it ended", *WITH_CODES),
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
