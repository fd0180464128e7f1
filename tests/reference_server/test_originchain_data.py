"""The right OriginChain: what its data plane accepts, and how it refuses the rest."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from origin import SCHEMAS, Origin, shown


# A token lists the schemas of its own instance; the canary of another one is not among them.
def test_own_token_is_accepted(origin: Origin) -> None:
    answer = origin.ask(token=origin.token)
    assert answer.status == 200
    assert [schema["name"] for schema in shown(answer)["schemas"]] == [origin.seeded.canaries["own"]]
    assert answer.value("Content-Type") == "application/json"
    assert answer.value("Cache-Control") == "private, no-store"
    assert answer.value("Date") == "Fri, 15 Jan 2027 08:00:00 GMT"


# Nobody asks: 401, a challenge without an error code, and the label of the documentation.
def test_no_credential(origin: Origin) -> None:
    answer = origin.ask()
    assert answer.status == 401
    assert answer.value("WWW-Authenticate") == 'Bearer realm="originchain"'
    assert shown(answer) == {"error": "unauthorized", "message": "Send a token in the Authorization header."}


# A token that nobody issued: 401, and the challenge says that the token was the reason.
def test_unknown_token(origin: Origin) -> None:
    answer = origin.ask(token="oc_live_" + "A" * 40)
    assert answer.status == 401
    assert answer.value("WWW-Authenticate") == (
        'Bearer realm="originchain", error="invalid_token", error_description="The token is not known"'
    )


# The scheme in any case and several spaces are fine (RFC 9110 sections 11.1 and 11.4).
@pytest.mark.parametrize("field", ["bearer {}", "BEARER {}", "bEaReR {}", "Bearer   {}"])
def test_spellings_that_are_accepted(origin: Origin, field: str) -> None:
    assert origin.ask(headers=(("authorization", field.format(origin.token)),)).status == 200


# Everything that is almost a bearer token is malformed, and malformed is 401 as documented.
@pytest.mark.parametrize(
    "field",
    [
        "",
        "Bearer",
        "Bearer ",
        "Basic",
        "{}",
        "Bearer{}",
        "Bearer: {}",
        "Bearer={}",
        "Bearer, {}",
        'Bearer "{}"',
        "Bearer {},",
        "Bearer {} {}",
        "Bearer Bearer {}",
        'Bearer token="{}"',
        "Bearer\t{}",
        "Basic {}",
        "Digest {}",
        "Token {}",
        "Bearer {}\n",
        "Bearer {}é",
    ],
)
def test_malformed_field(origin: Origin, field: str) -> None:
    answer = origin.ask(headers=(("authorization", field.replace("{}", origin.token)),))
    assert answer.status == 401
    assert shown(answer)["message"] == "The Authorization header is not 'Bearer' and a token."
    assert 'error="invalid_token"' in answer.value("WWW-Authenticate")


# Two Authorization lines are malformed even when both are the same valid token.
@pytest.mark.parametrize("other", ["Bearer oc_live_unknown", None])
def test_two_fields(origin: Origin, other: str | None) -> None:
    valid = f"Bearer {origin.token}"
    lines = (("authorization", valid), ("authorization", other or valid))
    assert origin.ask(headers=lines).status == 401
    assert origin.ask(headers=lines[::-1]).status == 401


# The token anywhere but in Authorization is not seen at all.
def test_other_slots_are_not_read(origin: Origin) -> None:
    token = origin.token
    basic = base64.b64encode(f"{token}:{token}".encode()).decode()
    for name, value in [
        ("x-api-key", token),
        ("x-auth-token", token),
        ("cookie", f"token={token}; access_token={token}; Authorization=Bearer {token}"),
        ("proxy-authorization", f"Bearer {token}"),
        ("authorization", f"Basic {basic}"),
    ]:
        assert origin.ask(headers=((name, value),)).status == 401, name
    assert origin.ask(query=f"access_token={token}&token={token}").status == 401
    assert origin.ask("POST", body={"access_token": token, "name": "x"}).status == 401


# Only the very token that was issued is one: no part of it, no other case, no other prefix.
@pytest.mark.parametrize(
    "change",
    [
        lambda token: token[:-1],
        lambda token: token[1:],
        lambda token: token + "A",
        lambda token: token.swapcase(),
        lambda token: token.removeprefix("oc_live_"),
        lambda token: token.replace("oc_live_", "oc_test_"),
        lambda token: "oc_live_" + token,
        lambda token: base64.b64encode(token.encode()).decode(),
    ],
)
def test_altered_token(origin: Origin, change: Any) -> None:
    assert origin.ask(token=change(origin.token)).status == 401


# A token of another existing instance is known and refused: 403, without a challenge.
@pytest.mark.parametrize("place", ["other", "trial"])
def test_foreign_token(origin: Origin, place: str) -> None:
    answer = origin.ask(token=origin.seeded.tokens[place])
    assert (answer.status, answer.value("WWW-Authenticate")) == (403, None)
    assert shown(answer) == {"error": "forbidden", "message": "The token belongs to another instance."}


# The path may not name another tenant, whether it exists or not, and nothing beside the path counts.
def test_tenant_of_the_path(origin: Origin) -> None:
    for tenant in ("globex", "nobody", "ACME", ""):
        assert origin.ask(path=f"/v1/tenants/{tenant}/schemas", token=origin.token).status == 403
    answer = origin.ask(
        token=origin.token,
        query="tenant=globex",
        headers=(("x-tenant", "globex"), ("x-forwarded-host", "globex.originchain.test")),
    )
    assert [schema["name"] for schema in shown(answer)["schemas"]] == [origin.seeded.canaries["own"]]


# A host of no instance is 404 before anything else, and so is one that was deleted.
@pytest.mark.parametrize(
    "host", ["nobody.originchain.test", "gone.originchain.test", "", "127.0.0.1", "[::1"]
)
def test_unknown_host(origin: Origin, host: str) -> None:
    for token in (None, origin.token, origin.seeded.tokens["gone"], "junk"):
        answer = origin.ask(host=host, token=token)
        assert answer.status == 404
        assert shown(answer)["error"] == "instance not found"


# The tokens of a deleted instance are unknown everywhere, not foreign.
def test_token_of_a_deleted_instance(origin: Origin) -> None:
    assert origin.ask(token=origin.seeded.tokens["gone"]).status == 401


# Authentication stands in front of the router: what exists is told only to those who may know.
@pytest.mark.parametrize(
    "path", ["/", "/v1", "/v1/nothing", f"{SCHEMAS}/", f"{SCHEMAS}.json", f"{SCHEMAS};v=1"]
)
def test_unknown_path(origin: Origin, path: str) -> None:
    assert origin.ask(path=path).status == 401
    assert origin.ask(path=path, token=origin.token).status == 404


# A method that a resource lacks is 405 with what it has, but only for those who may ask.
def test_unknown_method(origin: Origin) -> None:
    for method in ("OPTIONS", "TRACE", "PROPFIND", "DELETE"):
        assert origin.ask(method).status == 401
        answer = origin.ask(method, token=origin.token)
        assert (answer.status, answer.value("Allow")) == (405, "GET, HEAD, POST")


# A token has full access: schemas are made, read, replaced, merged and removed.
def test_life_of_a_schema(origin: Origin) -> None:
    token = origin.token
    created = origin.ask(
        "POST", token=token, body={"name": "order", "fields": [{"name": "id", "type": "int"}]}
    )
    assert (created.status, created.value("Location")) == (201, f"{SCHEMAS}/order")
    assert origin.ask("POST", token=token, body={"name": "order"}).status == 409
    assert shown(origin.ask(path=f"{SCHEMAS}/order", token=token))["version"] == 1

    put = {"fields": [{"name": "total", "type": "int"}]}
    assert origin.ask("PUT", f"{SCHEMAS}/order", token=token, body=put).status == 200
    assert origin.ask("PUT", f"{SCHEMAS}/other", token=token, body=put).status == 201
    merged = origin.ask(
        "PATCH", f"{SCHEMAS}/order", token=token, body={"fields": [{"name": "note", "type": "text"}]}
    )
    assert shown(merged) == {
        "name": "order",
        "version": 3,
        "fields": [{"name": "total", "type": "int"}, {"name": "note", "type": "text"}],
    }
    removed = origin.ask("DELETE", f"{SCHEMAS}/order", token=token)
    assert (removed.status, removed.body) == (204, b"")
    assert origin.ask("DELETE", f"{SCHEMAS}/order", token=token).status == 404
    assert origin.ask("PATCH", f"{SCHEMAS}/order", token=token, body={}).status == 404


# A refused call changes nothing.
def test_no_side_effect(origin: Origin) -> None:
    foreign = origin.seeded.tokens["other"]
    canary = f"{SCHEMAS}/{origin.seeded.canaries['own']}"
    for token in (None, "junk", foreign):
        assert origin.ask("POST", token=token, body={"name": "intruder"}).status in (401, 403)
        assert origin.ask("PUT", f"{SCHEMAS}/intruder", token=token, body={}).status in (401, 403)
        assert origin.ask("PATCH", canary, token=token, body={}).status in (401, 403)
        assert origin.ask("DELETE", canary, token=token).status in (401, 403)
    listed = shown(origin.ask(token=origin.token))["schemas"]
    assert [(schema["name"], schema["version"]) for schema in listed] == [(origin.seeded.canaries["own"], 1)]


# Bodies that are no JSON object with a name are 400, but only after authentication.
@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b"\xff", b"[" * 100_000, {}, {"name": 1}, {"name": "a/b"}, {"name": ""}]
    + [{"name": "a", "fields": wrong} for wrong in (1, [1], [{"name": 1, "type": "x"}], [{"name": "x"}])],
)
def test_bad_body(origin: Origin, body: Any) -> None:
    assert origin.ask("POST", body=body).status == 401
    assert origin.ask("POST", token=origin.token, body=body).status == 400


# A conditional request saves the body for those who may have it, and nobody else.
def test_condition(origin: Origin) -> None:
    tag = origin.ask(token=origin.token).value("ETag")
    condition = (("if-none-match", f'"x", W/{tag}'),)
    assert origin.ask(token=origin.token, headers=condition).status == 304
    assert origin.ask(token=origin.token, headers=(("if-none-match", '"x"'),)).status == 200
    assert origin.ask(headers=condition).status == 401
    assert origin.ask(headers=(("if-none-match", "*"),)).status == 401


# The same schema name in two instances is two schemas.
def test_instances_share_nothing(origin: Origin) -> None:
    globex = origin.seeded.tokens["other"]
    made = origin.ask("POST", token=origin.token, body={"name": "order"})
    assert made.status == 201
    elsewhere = origin.ask(
        path="/v1/tenants/globex/schemas/order", host="globex.originchain.test", token=globex
    )
    assert elsewhere.status == 404
