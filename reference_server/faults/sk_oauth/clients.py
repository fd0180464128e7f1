"""Faults: who is no client gets a token, or who is one is told the wrong thing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from reference_server import forms
from reference_server.faults.sk_oauth.entry import (
    CLIENT,
    CLIENT_BY_BASIC,
    IN_URI,
    REFRESHING_CLIENT,
    TWO_WAYS,
    because,
    fault,
)
from reference_server.faults.sk_oauth.wrong import with_header
from reference_server.messages import Answer, Request
from reference_server.sk_oauth.authorization import single
from reference_server.sk_oauth.behaviour import Behaviour, Facts, Parameters, Problem
from reference_server.sk_oauth.records import Client

BASIC = "rfc6749/2.3.1-basic"
ENUMERATION = "practice/client-enumeration"


def _excusing(behaviour: Behaviour, excused: Callable[[Client | None, str], bool]) -> Behaviour:
    """Do not compare secrets where client and secret are excused."""

    def check_secret(facts: Facts, client: Client | None, secret: str) -> bool:
        return behaviour.check_secret(facts, client, secret) or excused(client, secret)

    return replace(behaviour, check_secret=check_secret)


@fault(
    "client-secret-unchecked",
    "A client's id is enough",
    breaks=(*CLIENT, *REFRESHING_CLIENT, CLIENT_BY_BASIC, *TWO_WAYS, ENUMERATION),
    also=because("what is in the URL is not looked at, and the body has no client then", *IN_URI),
)
def client_secret_unchecked(behaviour: Behaviour) -> Behaviour:
    """With a wrong secret, an empty one, or none. Two secrets are still one too many, but who authenticates
    in two ways is a client."""
    lenient = _excusing(behaviour, lambda client, secret: client is not None)

    def authenticate(facts: Facts, found: Parameters) -> Client | Problem:
        without = {name: value for name, value in found.items() if name != "client_secret"}
        return behaviour.authenticate(facts, without)

    return replace(lenient, authenticate=authenticate)


@fault(
    "client-secret-optional",
    "A client that sends no secret is a public one",
    subtle=True,
    breaks=(*CLIENT, *REFRESHING_CLIENT, CLIENT_BY_BASIC),
)
def client_secret_optional(behaviour: Behaviour) -> Behaviour:
    """It is compared if it is there: an empty one is not, by Basic neither."""
    return _excusing(behaviour, lambda client, secret: client is not None and secret == "")


def _knowing_secrets(behaviour: Behaviour, alike: Callable[[str, str], bool]) -> Behaviour:
    """Take a secret for the right one when `alike(right, given)`. The right one is learnt when it is used."""
    known: dict[str, str] = {}

    def check_secret(facts: Facts, client: Client | None, secret: str) -> bool:
        right = behaviour.check_secret(facts, client, secret)
        if client and right:
            known[client.id] = secret
        return right or (client is not None and client.id in known and alike(known[client.id], secret))

    return replace(behaviour, check_secret=check_secret)


@fault("client-secret-cut", "The end of a client's secret is not compared", subtle=True, breaks=CLIENT)
def client_secret_cut(behaviour: Behaviour) -> Behaviour:
    """Half of it is enough."""
    return _knowing_secrets(behaviour, lambda right, given: len(given) > 20 and right.startswith(given))


@fault(
    "client-secret-lengthened",
    "What follows a client's secret is not looked at",
    subtle=True,
    breaks=CLIENT,
)
def client_secret_lengthened(behaviour: Behaviour) -> Behaviour:
    """The column is as long as a secret."""
    return _knowing_secrets(behaviour, lambda right, given: given.startswith(right))


@fault(
    "client-secret-in-other-case",
    "Letter case in a client's secret means nothing",
    subtle=True,
    breaks=CLIENT,
)
def client_secret_in_other_case(behaviour: Behaviour) -> Behaviour:
    """The column compares without regard to case."""
    return _knowing_secrets(behaviour, lambda right, given: given.lower() == right.lower())


def _instead(behaviour: Behaviour, somebody: Callable[[Facts, Parameters], bool]) -> Behaviour:
    """Take some requests that no client made for those of the client of the code, or of the refresh token."""

    def authenticate(facts: Facts, found: Parameters) -> Client | Problem:
        client = behaviour.authenticate(facts, found)
        if not isinstance(client, Problem) or not somebody(facts, found):
            return client
        return _owner(behaviour, facts, found) or client

    return replace(behaviour, authenticate=authenticate)


def _owner(behaviour: Behaviour, facts: Facts, found: Parameters) -> Client | None:
    code = behaviour.find_code(facts, found.get("code", ""))
    token = behaviour.find_refresh(facts, found.get("refresh_token", ""))
    id = code.grant if code else token.grant if token else ""
    grant = facts.server.store.grants.grant(id)
    return facts.server.store.grants.client(grant.client) if grant else None


@fault(
    "no-client-needed",
    "Who names no client gets a token",
    breaks=(*CLIENT, *REFRESHING_CLIENT),
    also=because("who is named in the URL alone is not named in the request", *IN_URI),
)
def no_client_needed(behaviour: Behaviour) -> Behaviour:
    """The code knows whose it is. Who names a client has to be it."""
    return _instead(
        behaviour,
        lambda facts, found: (
            "client_id" not in found and not facts.request.values("authorization") and not facts.request.query
        ),
    )


@fault(
    "unknown-client-served",
    "A client that nobody knows gets a token",
    subtle=True,
    breaks=(*CLIENT, ENUMERATION),
)
def unknown_client_served(behaviour: Behaviour) -> Behaviour:
    """Where the lookup finds nothing it goes on with nothing, and that has no secret. One that is known has
    to have the right one, and Basic is looked up elsewhere."""
    return _instead(
        behaviour,
        lambda facts, found: (
            "client_secret" in found
            and "client_id" in found
            and behaviour.find_client(facts, found["client_id"]) is None
        ),
    )


@fault("client-in-sql", "A client's id is written into the text of the query", subtle=True, breaks=CLIENT)
def client_in_sql(behaviour: Behaviour) -> Behaviour:
    """A condition that is always true finds a client. No other id has an apostrophe."""
    return _instead(behaviour, lambda facts, found: "'" in found.get("client_id", ""))


# --- in which way ----------------------------------------------------------------------------------


def _without(request: Request, *names: str) -> Request:
    return replace(request, headers=tuple(field for field in request.headers if field[0] not in names))


@fault(
    "client-by-basic-refused",
    "A client cannot authenticate by Basic",
    level="SHOULD",
    breaks=(BASIC,),
    also=because(
        "who cannot authenticate by Basic shows nothing when it fails", *CLIENT, CLIENT_BY_BASIC, *TWO_WAYS
    ),
)
def client_by_basic_refused(behaviour: Behaviour) -> Behaviour:
    """The field is not looked at: the document shows the body alone."""

    def authenticate(facts: Facts, found: Parameters) -> Client | Problem:
        return behaviour.authenticate(replace(facts, request=_without(facts.request, "authorization")), found)

    return replace(behaviour, authenticate=authenticate)


@fault(
    "client-in-two-ways",
    "A client may authenticate by Basic and in the body at once",
    level="MUST",
    breaks=TWO_WAYS,
)
def client_in_two_ways(behaviour: Behaviour) -> Behaviour:
    """Where there is a secret in the body, Basic is not looked at."""

    def authenticate(facts: Facts, found: Parameters) -> Client | Problem:
        if "client_secret" in found:
            facts = replace(facts, request=_without(facts.request, "authorization"))
        return behaviour.authenticate(facts, found)

    return replace(behaviour, authenticate=authenticate)


@fault("client-in-url", "A client may authenticate in the URL", breaks=IN_URI)
def client_in_url(behaviour: Behaviour) -> Behaviour:
    """Query and body are one bag of parameters. Whatever is in the body counts first."""

    def authenticate(facts: Facts, found: Parameters) -> Client | Problem:
        return behaviour.authenticate(facts, {**single(forms.pairs(facts.request.query)), **found})

    return replace(behaviour, authenticate=authenticate)


@fault("client-by-any-scheme", "The scheme of a client's credentials does not matter", breaks=CLIENT)
def client_by_any_scheme(behaviour: Behaviour) -> Behaviour:
    """Whatever stands before the pair is taken for Basic."""

    def renamed(name: str, value: str) -> tuple[str, str]:
        words = value.split(" ", 1)
        return (name, f"Basic {words[-1]}") if name == "authorization" else (name, value)

    def authenticate(facts: Facts, found: Parameters) -> Client | Problem:
        headers = tuple(renamed(*field) for field in facts.request.headers)
        return behaviour.authenticate(replace(facts, request=replace(facts.request, headers=headers)), found)

    return replace(behaviour, authenticate=authenticate)


@fault(
    "client-by-bearer",
    "A client's pair is accepted under Bearer",
    subtle=True,
    breaks=CLIENT,
)
def client_by_bearer(behaviour: Behaviour) -> Behaviour:
    """As above, for the other scheme of the API."""

    def renamed(name: str, value: str) -> tuple[str, str]:
        return (name, value.replace("Bearer ", "Basic ", 1)) if name == "authorization" else (name, value)

    def authenticate(facts: Facts, found: Parameters) -> Client | Problem:
        headers = tuple(renamed(*field) for field in facts.request.headers)
        return behaviour.authenticate(replace(facts, request=replace(facts.request, headers=headers)), found)

    return replace(behaviour, authenticate=authenticate)


# --- how that is refused ---------------------------------------------------------------------------


def _denying_client(behaviour: Behaviour, change: Callable[[Facts, Answer], Answer]) -> Behaviour:
    """Change the answer to who is no client."""

    def deny(facts: Facts, problem: Problem) -> Answer:
        answer = behaviour.deny(facts, problem)
        return change(facts, answer) if problem.error == "invalid_client" else answer

    return replace(behaviour, deny=deny)


@fault(
    "client-not-challenged",
    "A client whose Basic is wrong is not told of Basic",
    breaks=(CLIENT_BY_BASIC, "rfc9110/11.6.1-challenge"),
)
def client_not_challenged(behaviour: Behaviour) -> Behaviour:
    """The 401 has no challenge, for whatever way in which the client failed."""
    return _denying_client(behaviour, with_header("WWW-Authenticate", None))


@fault(
    "client-refused-with-400",
    "A client whose Basic is wrong is answered with 400",
    subtle=True,
    breaks=(CLIENT_BY_BASIC,),
)
def client_refused_with_400(behaviour: Behaviour) -> Behaviour:
    """As all other errors are. For one that authenticates in the body 400 is as good as 401."""
    return _denying_client(behaviour, lambda facts, answer: replace(answer, status=400))


@fault(
    "client-enumeration",
    "An unknown client is told that it is unknown",
    level="SHOULD",
    breaks=(ENUMERATION,),
)
def client_enumeration(behaviour: Behaviour) -> Behaviour:
    """The error is the same and its description is not: whoever guesses ids learns which there are."""

    def authenticate(facts: Facts, found: Parameters) -> Client | Problem:
        client = behaviour.authenticate(facts, found)
        named = found.get("client_id")
        if not isinstance(client, Problem) or named is None or behaviour.find_client(facts, named):
            return client
        return Problem(client.error, "There is no such client")

    return replace(behaviour, authenticate=authenticate)


@fault(
    "client-enumeration-by-status",
    "An unknown client is answered with another status",
    level="SHOULD",
    subtle=True,
    breaks=(ENUMERATION,),
)
def client_enumeration_by_status(behaviour: Behaviour) -> Behaviour:
    """400 where a wrong secret in the body gets 401; both are right for themselves."""

    def change(facts: Facts, answer: Answer) -> Answer:
        found = single(forms.in_body(facts.request) or ())
        known = "client_id" not in found or behaviour.find_client(facts, found["client_id"])
        return answer if known else replace(answer, status=400)

    return _denying_client(behaviour, change)
