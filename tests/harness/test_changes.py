"""The changes to a request beside its credential: parameters, media type, origin, what goes along with it."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import replace
from random import Random
from typing import Any
from urllib.parse import parse_qsl

import pytest
from scene import PROFILE, SECRET, TARGET, WRITTEN, operation, profile, reference, target

from harness.assemble import assemble
from harness.credentials import CannotSpoil
from harness.exchange import Request
from harness.model import CredentialKind, Operation, Place, Spoil
from harness.plan import Presentation

CODE = "code_0a1b2c3d4e5f"
CREDENTIALS = {
    "token": CredentialKind("token", "bearer", "own", ("key_live_",), {}, PROFILE),
    "key": CredentialKind("key", "api-key", "own", (), {"field": "X-Key"}, PROFILE),
    "user": CredentialKind("user", "basic", "own", (), {}, PROFILE),
    "client": CredentialKind("client", "client", "own", (), {}, PROFILE),
    "other-client": CredentialKind("other-client", "client", "own", (), {"by": "basic"}, PROFILE),
    "code": CredentialKind("code", "grant", "own", (), {"parameter": "code", "once": True}, PROFILE),
}
SECRETS = {
    "token": SECRET,
    "key": "k_0123456789",
    "user": "ann:open sesame",
    "client": "app:s3cret/+",
    "other-client": "other:hidden",
    "code": CODE,
}
FORM = operation(
    "token",
    "POST",
    "/token",
    body={"grant_type": "authorization_code", "redirect_uri": "${redirect}"},
    body_type="form",
    beside="client",
)
JSON = operation("create", "POST", "/items", body={"name": "${unique}", "size": 3}, body_type="json")


def request(
    one: Operation,
    credential: str | None = "token",
    part: str | None = None,
    change: Any = None,
    removed: bool = False,
    **more: Any,
) -> Request:
    spoil = Spoil(part, change, removed, WRITTEN) if part else None
    place = Place("own", "https://api.example", {"redirect": "https://app.example/cb"}, TARGET)
    deployment = target(
        "http://unused",
        places={"own": place},
        credentials={name: reference(name) for name in SECRETS},
        addresses={"far": "127.0.0.2"},
        origins={"listed": "https://app.example:8443", "plain": "http://app.example"},
    )
    sent = replace(Presentation(credential, "own", one.name), **more)
    secret = SECRETS[credential] if credential else None
    given = profile(operation(), one, credentials=CREDENTIALS)
    return assemble(
        given, deployment, sent, secret, spoil, "unique-1", Random(1), SECRETS, {"state": "s"}
    ).request


def form(made: Request) -> list[tuple[str, str]]:
    return parse_qsl((made.body or b"").decode(), keep_blank_values=True)


def fields(made: Request, name: str) -> list[str]:
    return [value for field, value in made.headers if field.lower() == name.lower()]


def refused(one: Operation, *args: Any, **more: Any) -> str:
    with pytest.raises(CannotSpoil) as caught:
        request(one, *args, **more)
    return str(caught.value)


# --- parameters -----------------------------------------------------------------------------------


# Parameters of a form: another value, one made of the right one, one more, several of one name, or none.
@pytest.mark.parametrize(
    ("change", "sent"),
    [
        ({"grant_type": "nonsense"}, [("grant_type", "nonsense"), ("redirect_uri", "https://app.example/cb")]),
        ({"redirect_uri": {"add": "/x"}},
         [("grant_type", "authorization_code"), ("redirect_uri", "https://app.example/cb/x")]),
        ({"scope": "read"},
         [("grant_type", "authorization_code"), ("redirect_uri", "https://app.example/cb"),
          ("scope", "read")]),
        ({"grant_type": ["a", "b"]},
         [("grant_type", "a"), ("grant_type", "b"), ("redirect_uri", "https://app.example/cb")]),
        ({"grant_type": ""}, [("grant_type", ""), ("redirect_uri", "https://app.example/cb")]),
    ],
)  # fmt: skip
def test_parameters_of_a_form(change: Mapping[str, Any], sent: list[tuple[str, str]]) -> None:
    made = request(replace(FORM, beside=None), "token", "param", change)
    assert form(made) == sent
    assert made.headers == request(replace(FORM, beside=None)).headers


# Members of a JSON body, of any of its types.
@pytest.mark.parametrize("value", ["x", 7, 1.5, True, None, ["a", "b"], {"$ne": "none"}, [], {}])
def test_members_of_json(value: Any) -> None:
    made = request(JSON, "token", "param", {"size": value})
    assert json.loads(made.body or b"") == {"name": "unique-1", "size": value}


# What a value is made of is the right one, with its names filled in; a random one is as long and as varied.
def test_computed_of_what_would_be_sent() -> None:
    made = json.loads(request(JSON, "token", "param", {"name": {"like": "it"}}).body or b"")
    assert made["name"] != "unique-1" and len(made["name"]) == len("unique-1") and made["size"] == 3
    made = json.loads(request(JSON, "token", "param", {"name": {"cut": 2}}).body or b"")
    assert made["name"] == "unique"


def test_a_parameter_taken_away() -> None:
    made = request(replace(FORM, beside=None), "token", "param.redirect_uri", removed=True)
    assert form(made) == [("grant_type", "authorization_code")]
    made = request(JSON, "token", "param.size", removed=True)
    assert json.loads(made.body or b"") == {"name": "unique-1"}


# What would leave the request as it is is no change, and a refusal of it would be a false alarm.
def test_parameters_that_cannot_be_changed() -> None:
    told = refused(JSON, "token", "param.colour", None, True)
    assert told == "there is no parameter colour to take away"
    assert refused(operation(), "token", "param", {"a": 1}) == "protected has no parameters in its body"
    told = refused(FORM, "token", "param", {"redirect_uri": "https://app.example/cb"})
    assert told == "the parameters are as they would be: redirect_uri"


# --- the whole body -------------------------------------------------------------------------------


# Another media type for the very same body, be its credential in a field or in that body.
@pytest.mark.parametrize(("one", "credential"), [(JSON, "token"), (FORM, "code"), (FORM, "token")])
def test_another_media_type(one: Operation, credential: str) -> None:
    made, right = (request(one, credential, *more) for more in (("media-type", "text/plain"), ()))
    assert fields(made, "Content-Type") == ["text/plain"]
    assert made.body == right.body and made.body
    assert fields(made, "Authorization") == fields(right, "Authorization")


def test_no_body_has_no_media_type() -> None:
    assert (
        refused(operation(), "token", "media-type", "text/plain")
        == "a request without a body has no media type"
    )


# A body as it is written is sent as it is, and nothing is put into it.
def test_another_body() -> None:
    made = request(FORM, "code", "body", "{")
    assert made.body == b"{"
    assert fields(made, "Content-Type") == ["application/x-www-form-urlencoded"]


# --- what goes along ------------------------------------------------------------------------------


# A code is a parameter of the token request, and the client's id and secret go along with it.
def test_a_grant_and_its_client() -> None:
    made = request(FORM, "code")
    assert form(made)[2:] == [("code", CODE), ("client_id", "app"), ("client_secret", "s3cret/+")]


# What came with the grant has its place in the operation.
def test_what_came_with_the_grant() -> None:
    one = replace(FORM, body={**FORM.body, "state": "${grant.state}"})
    assert ("state", "s") in form(request(one, "code"))


# Its own client replaced by another, spoiled, presented otherwise, or left at home.
def test_another_client() -> None:
    made = request(FORM, "code", "beside", "other-client")
    encoded = base64.b64encode(b"other:hidden").decode()
    assert fields(made, "Authorization") == [f"Basic {encoded}"]
    assert form(made)[2:] == [("code", CODE)]
    made = request(FORM, "code", "beside", {"client": {"secret": {"like": "it"}}})
    sent = dict(form(made))
    assert (
        sent["client_id"] == "app" and sent["client_secret"] != "s3cret/+" and len(sent["client_secret"]) == 8
    )
    made = request(FORM, "code", "beside", {"client": {"by": "basic"}})
    # form-urlencoded before it is put together (RFC 6749 section 2.3.1)
    assert fields(made, "Authorization") == [f"Basic {base64.b64encode(b'app:s3cret%2F%2B').decode()}"]
    made = request(FORM, "code", "beside", {"client": {"by": "id"}})
    assert form(made)[2:] == [("code", CODE), ("client_id", "app")]
    made = request(FORM, "code", "beside", removed=True)
    assert form(made)[2:] == [("code", CODE)]


# A client that is sent as it would be anyway is no other one, and where there is no scheme there is no other.
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"client": {"by": "body"}}, "client authenticates by body already"),
        ({"client": {"scheme": "Bearer"}}, "client authenticates by body, which has no scheme"),
        ({"other-client": {"by": "basic"}}, "other-client authenticates by basic already"),
    ],
)
def test_a_client_that_stays_as_it_is(change: Any, reason: str) -> None:
    with pytest.raises(CannotSpoil, match=f"^{reason}$"):
        request(FORM, "code", "beside", change)


# A second credential in the same request: right, or with a change of its own.
def test_a_second_credential() -> None:
    made = request(operation(), "token", "beside", "key")
    assert made.headers == (("Authorization", f"Bearer {SECRET}"), ("X-Key", "k_0123456789"))
    made = request(operation(), "token", "beside", "user")
    right = base64.b64encode(b"ann:open sesame").decode()
    assert fields(made, "Authorization") == [f"Bearer {SECRET}", f"Basic {right}"]
    made = request(operation(), "token", "beside", {"user": {"password": {"like": "it"}}})
    assert fields(made, "Authorization")[0] == f"Bearer {SECRET}"
    pair = base64.b64decode(fields(made, "Authorization")[1].removeprefix("Basic ")).decode()
    assert pair.startswith("ann:") and pair != "ann:open sesame"


# Nothing is left away that would not be there, and nobody is sent along whom nobody has, or twice.
def test_what_cannot_go_along() -> None:
    assert refused(operation(), "token", "beside", None, True) == (
        "nothing goes along with protected that could be taken away"
    )
    assert refused(operation(), "token", "beside", "ghost") == "the target gives no credential 'ghost'"
    assert refused(operation(), "token", "beside", {"key": {"claims": {}}}) == (
        "a credential of kind api-key has no claims"
    )
    assert form(request(FORM, "client"))[2:] == [("client_id", "app"), ("client_secret", "s3cret/+")]


# A code in the place of another, and a second one beside it.
def test_spoiled_grants() -> None:
    other = dict(form(request(FORM, "code", "value", {"like": "it"})))["code"]
    assert other != CODE and len(other) == len(CODE)
    made = [value for name, value in form(request(FORM, "code", "twice", {"like": "it"})) if name == "code"]
    assert made[0] == CODE and made[1] != CODE and len(made) == 2


# --- where it comes from --------------------------------------------------------------------------


def test_from_another_address() -> None:
    assert request(operation(), address="far") == replace(request(operation()), local_address="127.0.0.2")


# A page of an origin adds that and nothing else.
def test_an_origin() -> None:
    made = request(operation(), origin="listed")
    assert made == replace(
        request(operation()), headers=(("Origin", "https://app.example:8443"), *request(operation()).headers)
    )


# An origin that is as like the right one as can be.
@pytest.mark.parametrize(
    ("change", "origin"),
    [
        ("null", "null"),
        ({"append": ".evil.example"}, "https://app.example:8443.evil.example"),
        ({"prepend": "evil"}, "https://evilapp.example:8443"),
        ({"subdomain": "evil"}, "https://evil.app.example:8443"),
        ({"scheme": "http"}, "http://app.example:8443"),
        ({"port": 1234}, "https://app.example:1234"),
    ],
)
def test_other_origins(change: Any, origin: str) -> None:
    assert fields(request(operation(), "token", "origin", change, origin="listed"), "Origin") == [origin]


# The same one is none, and without an origin there is none to change.
def test_origins_that_cannot_be_changed() -> None:
    told = refused(operation(), "token", "origin", {"scheme": "http"}, origin="plain")
    assert told == "the scheme of http://app.example is http already"
    told = refused(operation(), "token", "origin", {"port": 8443}, origin="listed")
    assert told == "the port of https://app.example:8443 is 8443 already"
    assert refused(operation(), "token", "origin", "null") == "this request names no origin"


# A preflight asks for the operation's method and fields, without a credential, a body, or anything else.
def test_preflight() -> None:
    one = replace(JSON, headers=(("X-Tenant", "acme"),))
    made = request(one, None, origin="listed", asks=("token", "key", "Content-Type", "x-key"))
    assert (made.method, made.url, made.body) == ("OPTIONS", "https://api.example/items", None)
    assert made.headers == (
        ("Access-Control-Request-Method", "POST"),
        ("Access-Control-Request-Headers", "authorization,content-type,x-key"),
        ("Origin", "https://app.example:8443"),
    )
    assert request(FORM, None, asks=()).headers == (("Access-Control-Request-Method", "POST"),)
