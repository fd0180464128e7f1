"""The right static-token-and-kid-JWT API: what it accepts, and how it refuses the rest."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from kid_api import GONE, KidApi, encoded, make_kid_api, tampered, tokens
from test_provider import Wire

from reference_server.messages import Answer
from reference_server.provider import provider

DOCUMENTED = {"error": "jwt token is missing 'kid' header parameter"}
BEARER = 'Bearer realm="kid-jwt", error="invalid_token"'


@pytest.fixture
def api() -> Iterator[KidApi]:
    made = make_kid_api()
    yield made
    made.server.store.close()


def shown(answer: Answer) -> Any:
    return json.loads(answer.body)


# Both credentials are greeted as the document prints it, at the root of every service, and to HEAD.
@pytest.mark.parametrize("path", ["/", "/reports/"])
def test_greeting(api: KidApi, path: str) -> None:
    for field in (api.key, f"Bearer {api.token()}", f"bearer   {api.token()}"):
        answer = api.ask(field, path=path)
        assert answer.status == 200
        assert shown(answer) == {"message": "Oh, Hello", "time": "2027-01-15T08:00:00Z"}
        assert answer.value("Cache-Control") == "private, no-store"
        assert api.ask(field, path=path, method="HEAD").status == 200


# Where there is nothing, only those with a credential learn that.
def test_other_paths(api: KidApi) -> None:
    assert (api.ask(path="/x").status, api.ask(api.key, path="/x").status) == (401, 404)
    answer = api.ask(api.key, method="POST")
    assert (answer.status, answer.value("Allow")) == (405, "GET, HEAD")


# Nobody asks: a challenge without an error code. Something after Bearer failed: a challenge with one.
def test_challenges(api: KidApi) -> None:
    for field in (None, "A" * 40, ""):
        answer = api.ask(field)
        assert (answer.status, shown(answer)) == (401, {"error": "unauthorized"})
        assert answer.value("WWW-Authenticate") == 'Bearer realm="kid-jwt"'
    for field in ("Bearer", "Bearer x y", "Bearer A", f"Bearer {api.token(key='x')}"):
        answer = api.ask(field)
        assert (answer.status, shown(answer)) == (401, {"error": "unauthorized"})
        assert answer.value("WWW-Authenticate") == BEARER


# The one 500: a signed token whose header names no key, empty and null counted as none.
@pytest.mark.parametrize("kid", [GONE, None, ""])
def test_missing_kid(api: KidApi, kid: Any) -> None:
    answer = api.present(api.token(header={"kid": kid}))
    assert (answer.status, shown(answer)) == (500, DOCUMENTED)
    assert api.present(api.token({"kid": "x"}, {"kid": kid})).status == 500
    assert api.ask(api.token(header={"kid": kid})).status == 401


# Of all that is wrong with tokens nothing else ends in a 5xx, and nothing of what was sent comes back.
def test_refusals(api: KidApi) -> None:
    for token in tokens(api):
        answer = api.present(token)
        assert answer.status in (200, 401) or shown(answer) == DOCUMENTED
        text = answer.body.decode() + str(answer.headers)
        assert all(part not in text for part in token.split(".") if len(part) > 8)


# Neither credential does the other's work, nor goes without its form.
def test_credentials_are_told_apart(api: KidApi) -> None:
    own = api.seeded["own"]
    for field in (f"Bearer {own.key}", api.token(), own.secret, own.kid):
        assert api.ask(field).status == 401
    assert api.present(api.token(key=own.key)).status == 401
    assert api.ask(headers=(("authorization", api.key), ("authorization", api.key))).status == 401


# A token is its own account's, and of no other one's secret.
def test_accounts(api: KidApi) -> None:
    other = api.seeded["other"]
    assert api.present(api.token(header={"kid": other.kid}, key=other.secret)).status == 200
    assert api.present(api.token(header={"kid": other.kid})).status == 401
    assert api.present(api.token(key=other.secret)).status == 401
    assert len(other.secret) == 48


# One algorithm by its exact name; extensions and names of another type are refused, strangers ignored.
@pytest.mark.parametrize(
    ("header", "status"),
    [
        ({"alg": "HS384"}, 401),
        ({"alg": "hs256"}, 401),
        ({"alg": ["HS256"]}, 401),
        ({"alg": GONE}, 401),
        ({"crit": []}, 401),
        ({"crit": ["exp"], "exp": 1}, 401),
        ({"crit": ["b64"], "b64": True}, 401),
        ({"b64": False}, 401),
        ({"b64": 1}, 401),
        ({"kid": []}, 401),
        ({"kid": 0}, 401),
        ({"kid": "\ud800"}, 401),
        ({"kid": "a" * 3000}, 401),
        ({"typ": GONE}, 200),
        ({"x": "y" * 2000}, 200),
    ],
)
def test_headers(api: KidApi, header: dict[str, Any], status: int) -> None:
    assert api.present(api.token(header=header)).status == status


# An expiry is a finite number, at most half a minute past, however far away; so is a beginning.
@pytest.mark.parametrize(
    ("claims", "status"),
    [
        ({"exp": -29}, 200),
        ({"exp": -30}, 401),
        ({"exp": 0.5}, 200),
        ({"exp": 10**400}, 200),
        ({"nbf": 30}, 200),
        ({"nbf": 31}, 401),
    ],
)
def test_times(api: KidApi, claims: dict[str, Any], status: int) -> None:
    now = int(api.clock.now)
    ((name, after),) = claims.items()
    assert api.present(api.token({name: now + after})).status == status


@pytest.mark.parametrize(
    "payload",
    [
        "{}",
        '{"exp": null}',
        '{"exp": true}',
        '{"exp": "9999999999"}',
        '{"exp": 1e999}',
        '{"exp": NaN}',
        '{"exp": 9999999999, "nbf": null}',
        '{"exp": 9999999999, "nbf": "1"}',
        '{"exp": 9999999999, "exp": 9999999999}',
        '{"exp": 9999999999, "x": {"a": 1, "a": 2}}',
        '\ufeff{"exp": 9999999999}',
        "[" * 20_000,
        '{"exp": ' + "9" * 5000 + "}",
    ],
)
# What is no such number, or no JSON object that says each thing once, is refused.
def test_payloads(api: KidApi, payload: str) -> None:
    assert api.present(api.token(payload=payload)).status == 401


# UTF-16 is no JSON on the wire, and unused bits of a last character are no other spelling of it.
def test_encodings(api: KidApi) -> None:
    token = api.token()
    assert api.present(token).status == 200
    head, payload, signature = token.split(".")
    last = signature[-1]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    twin = alphabet[alphabet.index(last) ^ 1]
    assert api.present(f"{head}.{payload}.{signature[:-1]}{twin}").status == 401
    assert api.present(f"{head}.{payload}.{signature}=").status == 401
    wide = encoded('{"alg":"HS256"}'.encode("utf-16"))
    assert api.present(f"{wide}.{payload}.{signature}").status == 401
    assert api.present(tampered(token, 0, x=1)).status == 401


# Of static tokens only a digest is kept; the secrets of an HMAC have to be kept as they are.
def test_what_is_stored(api: KidApi) -> None:
    dump = "\n".join(api.server.store.db.iterdump())
    assert api.key not in dump
    assert api.seeded["own"].secret in dump


# Whoever starts another API does not wait for the library that this one verifies with.
def test_joserfc_is_imported_late() -> None:
    code = (
        "import sys; from reference_server.provider import provider; provider.faults('kid-jwt');"
        "assert 'joserfc' not in sys.modules; import reference_server.jose;"
        "assert 'joserfc' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


# The whole way, as the harness starts it: its target describes it, and with a fault it greets anybody.
@pytest.mark.parametrize(("faults", "status"), [((), 401), (("greets-anybody",), 200)])
def test_over_a_connection(faults: tuple[str, ...], status: int) -> None:
    async def play() -> None:
        running = await provider.start("kid-jwt", faults)
        target = running.target
        assert set(target["credentials"]) == {"key", "jwt", "other-jwt"}
        assert set(target["credentials"]["jwt"]["with"]) == {"kid"}
        assert target["resolve"] == {"api.kid-jwt.test": "127.0.0.1"}
        json.dumps(target)
        async with Wire(running) as wire:
            key = target["credentials"]["key"]["value"]
            found = await wire.send(f"GET / HTTP/1.1\nHost: api.kid-jwt.test\nAuthorization: {key}\n\n")
            assert (found[0], json.loads(found[2])["message"]) == (200, "Oh, Hello")
            assert (await wire.send("GET /reports/ HTTP/1.1\nHost: elsewhere\n\n"))[0] == status
        assert running.events == []
        await running.stop()

    asyncio.run(play())
