"""Faults: the token endpoint takes a request that it should not, or not one that it should."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from reference_server import forms
from reference_server.faults.sk_oauth.entry import DENIED, NO_GRANT_TYPE, OTHER_GRANT_TYPE, TWICE, fault
from reference_server.messages import Answer
from reference_server.sk_oauth.authorization import single
from reference_server.sk_oauth.behaviour import Behaviour, Facts, Granted, Parameters, Problem
from reference_server.sk_oauth.records import Asked, Client, Grant, User

EMPTY = "rfc6749/3.2-empty-parameter"
UNKNOWN = "rfc6749/3.2-unknown-parameter"
GET = "rfc6749/3.2-post"


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

    def give_code(facts: Facts, client: Client, asked: Asked, user: User) -> str:
        latest[:] = [behaviour.give_code(facts, client, asked, user)]
        return latest[0]

    def read_form(facts: Facts) -> Parameters | Problem:
        found = behaviour.read_form(facts)
        empty = ("code", "") in (forms.in_body(facts.request) or ())
        return found if isinstance(found, Problem) or not empty else {**found, "code": latest[0]}

    return replace(behaviour, give_code=give_code, read_form=read_form)


@fault(
    "empty-refresh-token-is-the-latest",
    "An empty refresh token is the latest one",
    subtle=True,
    breaks=(EMPTY, DENIED),
)
def empty_refresh_token_is_the_latest(behaviour: Behaviour) -> Behaviour:
    """As above, where refresh tokens are looked up. The one that is found so is not used up."""
    latest: list[Granted] = []

    def grant(facts: Facts, granted: Granted) -> Answer:
        latest[:] = [granted]
        return behaviour.grant(facts, granted)

    def refresh(facts: Facts, client: Client, found: Parameters) -> Granted | Problem:
        empty = ("refresh_token", "") in (forms.in_body(facts.request) or ())
        return latest[0] if empty and latest else behaviour.refresh(facts, client, found)

    return replace(behaviour, grant=grant, refresh=refresh)


@fault("token-by-get", "A token is granted by GET", level="SHOULD", breaks=(GET,))
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
