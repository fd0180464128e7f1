"""The right API of the standards: who is served what, what the others are told, and how all of it ends."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator

import pytest
from origin import shown
from standard_api import FORM, HOSTS, ITEMS, StandardApi, make_standard_api

from reference_server import jose
from reference_server.messages import Answer
from reference_server.provider import provider


@pytest.fixture
def api() -> Iterator[StandardApi]:
    made = make_standard_api()
    yield made
    made.server.store.close()


def refused(answer: Answer) -> bool:
    """Whether it is the one answer to whoever is not authenticated."""
    told = {"type": "about:blank", "title": "Unauthorized", "status": 401}
    assert answer.value("content-type") == "application/problem+json"
    return answer.status == 401 and shown(answer) == {**told, "detail": "A valid credential is needed."}


# Every kind of credential opens the items of its tenant, by each of the algorithms.
@pytest.mark.parametrize("of", ["key", "token", "basic", "jwt", "es256-jwt", "ps256-jwt", "eddsa-jwt"])
def test_every_credential(api: StandardApi, of: str) -> None:
    secrets = api.seeded.secrets
    if of in ("key", "basic"):
        answer = api.ask(key=api.key) if of == "key" else api.basic(secrets["basic"])
    else:
        answer = api.ask(token=secrets.get(of) or api.jwt(of=of))
    assert answer.status == 200
    assert shown(answer)["items"][0]["name"] == api.seeded.canaries["own"]
    assert answer.value("strict-transport-security") == "max-age=31536000"


# All items are had in one file, as JSON or as a table.
def test_export(api: StandardApi) -> None:
    canary, path = api.seeded.canaries["own"], "/tenants/acme/export"
    assert shown(api.ask(path=path, key=api.key)) == {"tenant": "acme", "names": [canary]}
    table = api.ask(path=path, key=api.key, query="format=csv")
    assert (table.value("content-type"), table.body) == ("text/csv", f"name\r\n{canary}\r\n".encode())
    assert refused(api.ask(path=path, query="format=csv"))
    assert api.ask("POST", path, key=api.key).value("allow") == "GET, HEAD"
    assert api.ask(path="/tenants/globex/export", key=api.key).status == 404


# An item is made, read, changed and deleted; who may only read is told which scope is missing.
def test_items(api: StandardApi) -> None:
    made = api.ask("POST", key=api.key, body={"name": "one"})
    assert (made.status, made.value("location")) == (201, f"{ITEMS}/one")
    assert shown(api.ask("PUT", f"{ITEMS}/one", key=api.key, body={"name": "two"})) == {
        "id": "one",
        "name": "two",
    }
    assert api.ask("POST", key=api.key, body={"name": "one"}).status == 409
    read = api.seeded.secrets["read-token"]
    answer = api.ask("DELETE", f"{ITEMS}/one", token=read)
    assert answer.status == 403
    assert (
        answer.value("www-authenticate")
        == 'Bearer realm="standard", error="insufficient_scope", scope="write"'
    )
    assert api.ask("DELETE", f"{ITEMS}/one", key=api.key).status == 204
    assert api.ask("GET", f"{ITEMS}/one", key=api.key).status == 404
    assert api.ask("PATCH", key=api.key).value("allow") == "GET, HEAD, POST"
    assert api.ask("POST", key=api.key, body=b"x", whole=False).status == 413


# Nobody without a credential learns of paths, methods or bodies; a token alone is told that it is no good.
def test_refusals_alike(api: StandardApi) -> None:
    for method, path in (
        ("GET", ITEMS),
        ("POST", ITEMS),
        ("TRACE", ITEMS),
        ("GET", "/nothing"),
        ("BREW", "/"),
    ):
        answer = api.ask(method, path)
        assert refused(answer)
        assert answer.value("www-authenticate") == (
            'Basic realm="standard", charset="UTF-8", Bearer realm="standard"'
        )
    for token in ("st_unknown", "a.b.c", api.key, api.jwt({"aud": "x"}), api.jwt(header={"typ": "JWT"})):
        answer = api.ask(token=token)
        assert refused(answer) and 'error="invalid_token"' in (answer.value("www-authenticate") or "")
    assert refused(api.ask(key=api.seeded.secrets["token"]))
    assert refused(api.ask(key=api.key, headers=(("x-api-key", api.key),)))


# A credential is good for its own host; the path cannot name another tenant, and a strange host is nobody's.
def test_instances(api: StandardApi) -> None:
    for host in ("other", "sandbox"):
        assert refused(api.ask(key=api.key, host=HOSTS[host]))
    assert api.ask(path="/tenants/globex/items", key=api.key).status == 404
    assert api.ask(key=api.key, host="nowhere.standard.test").status == 421
    assert refused(api.ask(token=api.jwt({"tenant": "globex"})))
    assert refused(api.ask(token=api.jwt(header={"kid": api.seeded.signers["other-jwt"].kid})))


# What anybody may read: that the server is well, and the keys, none of them private.
def test_public(api: StandardApi) -> None:
    assert shown(api.ask(path="/health")) == {"status": "ok"}
    keys = shown(api.ask(path="/.well-known/jwks.json"))["keys"]
    assert {key["alg"] for key in keys} == {"RS256", "PS256", "ES256", "EdDSA"}
    assert all("d" not in key and key["use"] == "sig" for key in keys)
    assert refused(api.ask("POST", "/health"))


# Six requests are one too many; after two seconds there are five again.
def test_limit(api: StandardApi) -> None:
    token = api.seeded.secrets["limited-token"]
    answers = [api.ask(token=token) for _ in range(6)]
    assert [answer.status for answer in answers] == [200] * 5 + [429]
    assert answers[0].value("ratelimit") == '"default";r=4;t=2'
    assert (answers[5].value("retry-after"), answers[5].value("ratelimit")) == ("2", '"default";r=0;t=2')
    api.clock.now += 2
    assert api.ask(token=token).status == 200


# After twenty wrong passwords the right one is not looked at either, until there has been a pause.
def test_guesses(api: StandardApi) -> None:
    pair = api.seeded.secrets["guessed-basic"]
    assert [api.basic(pair + "x").status for _ in range(21)] == [401] * 20 + [429]
    assert api.basic(pair).value("retry-after") == "30"
    assert api.basic(api.seeded.secrets["basic"]).status == 200
    api.clock.now += 30
    assert api.basic(pair).status == 200


# A token that is had for a key is an access token, and ends with the key or by itself.
def test_grants(api: StandardApi) -> None:
    made = api.new_key()
    granted = api.granted(made["key"])
    assert (granted["token_type"], granted["expires_in"], granted["scope"]) == ("Bearer", 3600, "read write")
    signer = api.seeded.signers["jwt"]
    assert jose.holds(granted["access_token"], jose.pair(signer.private, "RS256"), "RS256")
    assert api.ask(token=granted["access_token"]).status == 200
    api.manage("DELETE", f"/tenants/acme/keys/{made['id']}")
    assert refused(api.ask(token=granted["access_token"]))
    wrong = api.ask("POST", "/token", key=api.key, headers=(FORM,), body=b"grant_type=password")
    assert (wrong.status, shown(wrong)["error"]) == (400, "unsupported_grant_type")


# A key is made once, narrowed, replaced and revoked; its secret is never shown again.
def test_management(api: StandardApi) -> None:
    made = api.new_key(life=60)
    path = f"/tenants/acme/keys/{made['id']}"
    assert made["key"] not in api.manage("GET", "/tenants/acme/keys").body.decode()
    assert shown(api.manage("PATCH", path, {"scope": "read"}))["scope"] == "read"
    assert api.ask("POST", key=made["key"], body={"name": "x"}).status == 403
    fresh = shown(api.manage("POST", f"{path}/rotate"))
    assert (fresh["scope"], refused(api.ask(key=made["key"]))) == ("read", True)
    assert api.ask(key=fresh["key"]).status == 200
    api.clock.now += 60
    assert refused(api.ask(key=fresh["key"]))
    assert api.manage("GET", "/tenants/globex/keys").status == 404
    assert refused(api.manage("GET", "/tenants/acme/keys", token=api.seeded.secrets["token"]))


# Of a token that is alive it is told whose it is; of all others nothing but that they are not.
def test_introspection(api: StandardApi) -> None:
    made = shown(api.manage("POST", "/tenants/acme/tokens", {"name": "t", "scope": "read"}))
    told = shown(api.about("introspect", made["key"]))
    assert (told["active"], told["scope"], told["sub"]) == (True, "read", made["id"])
    assert shown(api.about("introspect", api.jwt()))["client_id"] == "tests"
    others = ("st_unknown", api.seeded.secrets["other-token"], api.jwt({"exp": 1}))
    assert all(shown(api.about("introspect", token)) == {"active": False} for token in others)
    assert [api.about("revoke", token).status for token in (made["key"], "st_unknown")] == [200, 200]
    assert shown(api.about("introspect", made["key"])) == {"active": False}
    assert api.ask(token=api.seeded.secrets["other-token"], host=HOSTS["other"], path="/whoami").status == 200


# Only pages of the key's own origins may read what it is answered with.
def test_origins(api: StandardApi) -> None:
    def allowed(key: str, origin: str) -> str | None:
        answer = api.ask(key=api.seeded.secrets[key], headers=(("origin", origin),))
        return answer.value("access-control-allow-origin")

    listed, foreign = "https://app.acme.example", "https://app.globex.example"
    assert allowed("browser-key", listed) == listed
    assert allowed("browser-key", foreign) is allowed("key", listed) is None


# It is started over TLS, with a target that names a private key for each algorithm.
def test_started() -> None:
    async def started() -> dict[str, object]:
        running = await provider.start("standard", seed=1)
        await running.stop()
        return dict(running.target)

    target = json.loads(json.dumps(asyncio.run(started())))
    assert target["places"]["own"]["url"].startswith("https://acme.standard.test:")
    assert target["places"]["plain"]["url"].startswith("http://acme.standard.test:")
    for name in ("jwt", "es256-jwt", "ps256-jwt", "eddsa-jwt"):
        assert target["credentials"][name]["value"].startswith("-----BEGIN PRIVATE KEY-----")
    assert "foreign-browser-key" not in target["credentials"]
