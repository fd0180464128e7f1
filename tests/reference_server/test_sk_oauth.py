"""The right API with keys, JWTs and access tokens: who is served what, and what the others are told."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from kid_api import GONE
from origin import shown
from sk_api import USERS, SkApi, make_sk_api

from reference_server import opening
from reference_server.messages import Answer
from reference_server.provider import provider
from reference_server.sk_oauth import service

SANDBOX = "sandbox.sk-oauth.test"


@pytest.fixture
def api() -> Iterator[SkApi]:
    made = make_sk_api()
    yield made
    made.server.store.close()


def error(answer: Answer) -> tuple[int, str, str]:
    """Status, type and code."""
    found = shown(answer)["error"]
    assert set(found) == {"type", "code", "message"}
    return answer.status, found["type"], found["code"]


INVALID = (401, "authentication_error", "invalid_api_key")


# Whatever is a credential opens the account's users.
@pytest.mark.parametrize("kind", ["key", "jwt", "access token"])
def test_every_kind_of_credential(api: SkApi, kind: str) -> None:
    token = {"key": lambda: api.key, "jwt": api.jwt, "access token": lambda: api.granted()["access_token"]}
    answer = api.ask(token=token[kind]())
    assert answer.status == 200
    [someone] = shown(answer)["data"]
    assert someone["name"] == api.seeded.canaries["live"] and "@" in someone["email"]


# A user is made, read and deleted; an id that is taken is refused, a wrong body too.
def test_users(api: SkApi) -> None:
    made = api.ask("POST", token=api.key, body={"id": "u-1", "name": "Ada"})
    assert (made.status, made.value("location")) == (201, "/v1/users/u-1")
    assert shown(api.ask(path=f"{USERS}/u-1", token=api.key))["name"] == "Ada"
    assert error(api.ask("POST", token=api.key, body={"id": "u-1", "name": "Eve"}))[0] == 409
    assert api.ask("DELETE", f"{USERS}/u-1", token=api.key).status == 204
    missing = (404, "invalid_request_error", "not_found")
    assert error(api.ask("DELETE", f"{USERS}/u-1", token=api.key)) == missing
    assert error(api.ask(path="/v2", token=api.key)) == missing
    for body in (b"", b"[]", {"name": 1}, {"name": "x", "id": "a b"}):
        assert error(api.ask("POST", token=api.key, body=body))[::2] == (400, "invalid_request")
    assert api.ask("PUT", token=api.key).value("allow") == "GET, HEAD, POST"


# What is no credential, or nobody's, is answered as documented; the challenge has an error code only
# where something was sent.
def test_refusals(api: SkApi) -> None:
    nobody = api.ask()
    assert error(nobody) == INVALID
    assert nobody.value("www-authenticate") == 'Bearer realm="sk-oauth"'
    for token in ("sk_live_1234567890abcdef", "sk_test_1234567890abcdef", api.key[:-1], "a.b.c", "at_x"):
        answer = api.ask(token=token)
        assert error(answer) == INVALID
        assert answer.value("www-authenticate") == 'Bearer realm="sk-oauth", error="invalid_token"'
    for value in (f"Basic {api.key}", api.key, f"Bearer {api.key} x"):
        assert error(api.ask(headers=(("authorization", value),))) == INVALID
    twice = (("authorization", f"Bearer {api.key}"),) * 2
    assert error(api.ask(headers=twice)) == INVALID


# The sandbox has its own keys and data; neither is good for the other, by whatever beginning.
def test_environments(api: SkApi) -> None:
    test = api.seeded.keys["test-token"]
    [someone] = shown(api.ask(token=test, host=SANDBOX))["data"]
    assert someone["name"] == api.seeded.canaries["test"]
    assert error(api.ask(token=test)) == INVALID
    for token in (api.key, api.jwt(), api.granted()["access_token"]):
        assert error(api.ask(token=token, host=SANDBOX)) == INVALID
    assert error(api.ask(token=test.replace("sk_test_", "sk_live_"))) == INVALID
    assert error(api.ask(token=api.key.replace("sk_live_", "sk_test_"), host=SANDBOX)) == INVALID


# Whoever may only read is told what is missing, and nothing is made.
@pytest.mark.parametrize("kind", ["key", "jwt", "access token"])
def test_scopes(api: SkApi, kind: str) -> None:
    token = {
        "key": lambda: api.seeded.keys["read-token"],
        "jwt": lambda: api.jwt({"scope": "read"}),
        "access token": lambda: api.granted(scope="read")["access_token"],
    }[kind]()
    assert api.ask(token=token).status == 200
    answer = api.ask("POST", token=token, body={"name": "Eve"})
    assert error(answer) == (403, "permission_error", "insufficient_scope")
    assert answer.value("www-authenticate") == (
        'Bearer realm="sk-oauth", error="insufficient_scope", scope="write"'
    )
    assert len(shown(api.ask(token=token))["data"]) == 1


# Scopes are names between spaces, in any order; what only looks like one opens nothing.
@pytest.mark.parametrize(
    ("scope", "statuses"),
    [("write read", (200, 201)), ("write", (403, 201)), ("readwrite", (403, 403)), ("READ", (403, 403))],
)
def test_scope_names(api: SkApi, scope: str, statuses: tuple[int, int]) -> None:
    token = api.jwt({"scope": scope})
    asked = (api.ask(token=token), api.ask("POST", token=token, body={"name": "x"}))
    assert tuple(answer.status for answer in asked) == statuses


# A JWT is believed only if all that it should have is there, and its time is now.
def test_jwts(api: SkApi) -> None:
    now = int(api.clock.now)
    for good in ({"exp": now - 20}, {"nbf": now}, {"iat": now + 9}, {"x": None}, {"exp": now + 0.5}):
        assert api.ask(token=api.jwt(good)).status == 200
    assert api.ask(token=api.jwt(header={"typ": GONE, "x": 1})).status == 200
    for claim in ("sub", "iat", "scope", "exp"):
        assert error(api.ask(token=api.jwt({claim: GONE}))) == INVALID
    wrong = {"sub": "", "iat": "now", "exp": str(now + 60), "nbf": now + 3600, "scope": ["read"]}
    for bad in ({name: value} for name, value in wrong.items()):
        assert error(api.ask(token=api.jwt(bad))) == INVALID
    for key in ("", "secret", api.key):
        assert error(api.ask(token=api.jwt(key=key))) == INVALID
    for header in ({"alg": "none"}, {"alg": "HS512"}, {"crit": ["x"]}):
        assert error(api.ask(token=api.jwt(header=header))) == INVALID
    foreign = api.jwt(key=api.seeded.accounts["globex"].secret)
    assert api.ask(token=foreign).status == 200
    assert shown(api.ask(token=foreign)) != shown(api.ask(token=api.jwt()))


# That a token has expired is told of those alone whose signature is genuine.
def test_expired(api: SkApi) -> None:
    old = {"exp": int(api.clock.now) - 3600}
    assert error(api.ask(token=api.jwt(old))) == (401, "authentication_error", "expired_token")
    assert error(api.ask(token=api.jwt(old, key="secret"))) == INVALID
    token = api.granted()["access_token"]
    api.clock.now += 3601
    assert error(api.ask(token=token)) == (401, "authentication_error", "expired_token")


# An allowance is used up, whatever is asked, by one credential alone; after the time told it is whole again.
def test_rate_limit(api: SkApi) -> None:
    token = api.seeded.keys["limited-token"]
    assert [api.ask(token=token, path=path).status for path in (USERS, "/v1", USERS, USERS + "/", USERS)]
    for moment in (0.0, 0.9):
        api.clock.now += moment
        answer = api.ask(token=token, headers=(("x-forwarded-for", "1.2.3.4"),))
        assert error(answer) == (429, "rate_limit_error", "rate_limit_exceeded")
        assert answer.value("retry-after") == "1" and answer.value("www-authenticate") is None
    assert api.ask(token=api.key).status == 200
    api.clock.now += 0.2
    assert [api.ask(token=token).status for _ in range(6)] == [200] * 5 + [429]


# Keys are made in the dashboard, shown once, listed, renamed, recorded and revoked, each environment apart.
def test_dashboard(api: SkApi) -> None:
    made = api.new_key("first")
    test = api.new_key("first", "test")
    assert made["key"].startswith("sk_live_") and test["key"].startswith("sk_test_")
    assert api.ask(token=made["key"]).status == 200
    listed = shown(api.dashboard("GET", "/live/keys"))["keys"]
    assert made["id"] in [key["id"] for key in listed] and test["id"] not in [key["id"] for key in listed]
    assert made["key"] not in str(listed) and made["key"][:12] in str(listed)
    renamed = shown(api.dashboard("PATCH", f"/live/keys/{made['id']}", {"name": "second"}))
    assert renamed["name"] == "second"
    line = shown(api.dashboard("GET", "/live/activity"))["requests"][0]
    assert (line["path"], line["key"]) == (USERS, {"id": made["id"], "name": "second"})
    assert api.dashboard("DELETE", f"/test/keys/{made['id']}").status == 404
    for _ in range(2):
        assert api.dashboard("DELETE", f"/live/keys/{made['id']}").status == 204
    assert error(api.ask(token=made["key"])) == INVALID
    assert api.ask(token=test["key"], host=SANDBOX).status == 200
    assert [event["event"] for event in api.server.events][-1] == "revoked"


# Only the owner manages, with what is made for that; a name and a life must be sensible.
def test_who_manages(api: SkApi) -> None:
    for secret in ("", api.key, api.jwt()):
        assert error(api.dashboard("POST", "/live/keys", {"name": "x"}, secret)) == INVALID
    assert api.ask("GET", "/live/keys", host="dashboard.sk-oauth.test").status == 401
    for body in ({}, {"name": ""}, {"name": "x", "life": 0}, {"name": "x", "life": True}):
        assert error(api.dashboard("POST", "/live/keys", body))[0] == 400
    for path in ("/", "/live", "/other/keys", "/live/keys/none"):
        assert error(api.dashboard("GET", path))[0] == 404


# A key with a life ends with it, and a replica that remembers it does not go beyond either.
def test_lives() -> None:
    api = make_sk_api(replicas=2, cache_ttl=10, time_scale=0.5)
    brief, long = api.new_key(life=4)["key"], api.new_key()
    for token in (brief, long["key"]) * 2:
        assert api.ask(token=token).status == 200
    api.dashboard("DELETE", f"/live/keys/{long['id']}")
    api.clock.now += 3
    assert {api.ask(token=brief).status for _ in range(2)} == {401}
    assert {api.ask(token=long["key"]).status for _ in range(2)} == {200, 401}
    api.clock.now += 3
    assert [api.ask(token=long["key"]).status for _ in range(2)] == [401, 401]
    api.server.store.close()


# As a target it has every place and credential that the profile knows, and plain places of their own port.
def test_target() -> None:
    async def play() -> dict[str, object]:
        running = await provider.start("sk-oauth")
        await running.stop()
        return dict(running.target)

    target = asyncio.run(play())
    urls = {name: place["url"] for name, place in target["places"].items()}  # type: ignore[index,attr-defined]
    ports = {name: url.rpartition(":")[2] for name, url in urls.items()}
    assert {name for name, url in urls.items() if url.startswith("http:")} == {"plain", "plain-auth"}
    assert ports["plain"] == ports["plain-auth"] != ports["own"] == ports["auth"] == ports["sandbox"]
    places = target["places"]
    assert places["auth"]["redirect"] == service.REDIRECT  # type: ignore[index]
    assert "BEGIN CERTIFICATE" in target["tls"]["ca"]  # type: ignore[index]


# Without TLS nothing is looked at.
def test_plain() -> None:
    api = make_sk_api()
    handle = opening.plain(api.server)
    assert handle is not None
    api.handle = handle
    for path in (USERS, "/oauth/token", "/oauth/authorize"):
        assert error(api.ask(path=path, token=api.key))[0] == 403
    api.server.store.close()
