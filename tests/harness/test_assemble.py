"""An operation, a place and a credential become one request; the one change asked for is the only one."""

from __future__ import annotations

import json
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from scene import SECRET, TARGET, UNKNOWN, WRITTEN, operation, profile, target

from harness.assemble import Assembled, assemble
from harness.credentials import CannotSpoil
from harness.errors import InputError
from harness.exchange import Request
from harness.model import Operation, Place, Spoil
from harness.plan import Presentation

PLACES = {
    "own": Place("own", "https://acme.api.example:8443/v1", {"tenant": "a/b c"}, TARGET),
    "other": Place("other", "https://globex.api.example", {"tenant": "globex"}, TARGET),
}
BEARER = ("Authorization", f"Bearer {SECRET}")


def assembled(
    one: Operation | None = None, spoil: Spoil | None = None, secret: str | None = SECRET, **changes: Any
) -> Assembled:
    one = one or operation(path="/${tenant}/items")
    deployment = replace(target("http://unused", places=PLACES), **changes)
    sent = Presentation("token" if secret else None, "own", one.name)
    return assemble(profile(one), deployment, sent, secret, spoil, "unique-1", Random(1))


def request(
    one: Operation | None = None, part: str | None = None, change: Any = None, **more: Any
) -> Request:
    spoil = Spoil(part, change, False, WRITTEN) if part else None
    return assembled(one, spoil, **more).request


# The place's address, the operation's path with its names escaped, the credential.
def test_the_plain_request() -> None:
    assert request() == Request(
        method="GET", url="https://acme.api.example:8443/v1/a%2Fb%20c/items", headers=(BEARER,)
    )
    assert request(secret=None).headers == ()


# Names come from the place, from every place by its own name, from the limits, and ${unique} is fresh.
def test_names_in_headers_and_bodies() -> None:
    one = operation(
        "create",
        "POST",
        "/items",
        headers=(("X-Tenant", "${tenant}"), ("X-Other", "${place.other.host} ${limits.burst}")),
        body={"name": "${unique}", "tags": ["${url}"]},
        body_type="json",
    )
    made = request(one)
    assert made.headers == (
        ("X-Tenant", "a/b c"),
        ("X-Other", "globex.api.example 5"),
        ("Content-Type", "application/json"),
        BEARER,
    )
    assert json.loads(made.body or b"") == {"name": "unique-1", "tags": ["https://acme.api.example:8443/v1"]}
    form = request(replace(one, body={"a": "${tenant}"}, body_type="form"))
    assert form.body == b"a=a%2Fb+c"
    assert ("Content-Type", "application/x-www-form-urlencoded") in form.headers


def test_an_unknown_name() -> None:
    with pytest.raises(InputError) as caught:
        request(operation(path="/${tenent}"))
    assert str(caught.value) == "profile.yaml:3: unknown name 'tenent' in '${…}'. Did you mean 'tenant'?"


# Each change to the request changes that alone: what else differs from the plain one is nothing.
@pytest.mark.parametrize(
    ("part", "change", "difference"),
    [
        ("method", "HEAD", {"method": "HEAD"}),
        ("body", "{", {"body": b"{"}),
        ("path", "${path}/", {"url": "https://acme.api.example:8443/v1/a%2Fb%20c/items/"}),
        ("path", "/${place.other.tenant}//x", {"url": "https://acme.api.example:8443/globex//x"}),
        ("address", "other", {"url": "https://globex.api.example/a%2Fb%20c/items"}),
        ("variables", "other", {"url": "https://acme.api.example:8443/v1/globex/items"}),
        ("add", {"query": {"tenant": "x y"}}, {"url": "https://acme.api.example:8443/v1/a%2Fb%20c/items?tenant=x+y"}),
        ("add", {"header": {"X-Host": ["a", "${host}"]}},
         {"headers": (("X-Host", "a"), ("X-Host", "acme.api.example:8443"), BEARER)}),
    ],
)  # fmt: skip
def test_changes_to_the_request(part: str, change: Any, difference: dict[str, Any]) -> None:
    assert request(part=part, change=change) == replace(request(), **difference)


# An invented instance is looked for where the real one is, under its own name.
def test_an_invented_host_name() -> None:
    made = request(part="host", change={"like": "it"})
    host = made.url.split("/")[2]
    assert host.endswith(".api.example:8443") and len(host) == len("acme.api.example:8443")
    assert not host.startswith("acme.") and made.connect == "acme.api.example:8443"
    for resolved, connect in {"127.0.0.1:9": "127.0.0.1:9", "127.0.0.1": "127.0.0.1:8443"}.items():
        moved = request(part="host", change="nobody", resolve={"acme.api.example": resolved})
        assert moved.url.startswith("https://nobody.api.example:8443/") and moved.connect == connect


# An address without names has no instance to invent.
@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1:8000", "127.0.0.1", "[::1]:8000"])
def test_a_host_without_an_instance(host: str) -> None:
    places = {"own": replace(PLACES["own"], url=f"http://{host}")}
    with pytest.raises(CannotSpoil) as caught:
        request(part="host", change={"like": "it"}, places=places)
    assert str(caught.value) == f"the host name {host} does not begin with the name of an instance"


# A credential's slot joins what the operation has there already.
def test_slots_join_the_request() -> None:
    with_query = operation(path="/items?page=2")
    assert request(with_query, "slot", {"query": "token"}).url.endswith(f"/items?page=2&token={SECRET}")
    json_body = operation(method="POST", body={"name": "x"}, body_type="json")
    into_json = request(json_body, "slot", {"json": "token"})
    assert json.loads(into_json.body or b"") == {"name": "x", "token": SECRET}
    assert into_json.headers == (("Content-Type", "application/json"),)
    form_body = operation(method="POST", body={"name": "x"}, body_type="form")
    into_form = request(form_body, "slot", {"form": "token"})
    assert into_form.body == f"name=x&token={SECRET}".encode()
    assert into_form.headers == (("Content-Type", "application/x-www-form-urlencoded"),)


# Of two types of body one request can have but one: the operation's own gives way.
def test_a_slot_of_another_type_replaces_the_body() -> None:
    json_body = operation(method="POST", body=["x"], body_type="json")
    assert request(json_body, "slot", {"form": "token"}).body == f"token={SECRET}".encode()
    assert json.loads(request(json_body, "slot", {"json": "token"}).body or b"") == {"token": SECRET}
    form_body = operation(method="POST", body={"name": "x"}, body_type="form")
    made = request(form_body, "slot", {"json": "token"})
    assert json.loads(made.body or b"") == {"token": SECRET}
    assert made.headers == (("Content-Type", "application/json"),)


# The credential can be taken away; a part that it does not have, or that a request must have, cannot.
def test_what_is_taken_away() -> None:
    without = assembled(spoil=Spoil("credential", None, True, WRITTEN))
    assert without.request.headers == ()
    for part, reason in {
        "header.kid": "a credential of kind bearer has no header.kid",
        "value": "a credential of kind bearer has no value",
        "body": "nothing can be taken away from the body of a request",
    }.items():
        with pytest.raises(CannotSpoil) as caught:
            assembled(spoil=Spoil(part, None, True, WRITTEN))
        assert str(caught.value) == reason


# What was invented for the request comes along, so that it can be shown, and the same seed invents it again.
def test_inventions_are_handed_on() -> None:
    made = assembled(spoil=UNKNOWN)
    (value,) = made.presented.invented
    assert made.request.headers == (("Authorization", f"Bearer {value}"),)
    assert assembled(spoil=UNKNOWN) == made


# A form that is sent by GET stands in the URL, behind what is there already.
def test_a_form_by_get() -> None:
    one = operation(
        method="POST", path="/token?a=1", body={"grant": "code", "to": "${url}"}, body_type="form"
    )
    made = request(one, "method", "GET")
    assert (made.method, made.body, made.headers) == ("GET", None, (BEARER,))
    assert made.url.endswith("/token?a=1&grant=code&to=https%3A%2F%2Facme.api.example%3A8443%2Fv1")
    with_json = operation(method="POST", body={"grant": "code"}, body_type="json")
    assert request(with_json, "method", "GET").body == b'{"grant": "code"}'
