"""OrigoID: three ways to say who asks, and one answer to whoever may not."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from kid_api import encoded, tampered
from origin import shown
from origoid_api import ACCOUNT, EXCHANGE, REPORTS, OrigoidApi, basic, bearer, make_origoid

from reference_server import opening, reading
from reference_server.messages import Answer
from reference_server.origoid import service


@pytest.fixture
def api() -> Iterator[OrigoidApi]:
    made = make_origoid()
    yield made
    made.server.store.close()


def who(answer: Answer) -> str:
    """The account that an answer is about."""
    assert answer.status == 200, answer
    name: str = shown(answer)["data"]["name"]
    return name


# --- who asks ------------------------------------------------------------------------------------


# A key, a name with its password, and a token for either are the same account.
def test_three_methods(api: OrigoidApi) -> None:
    assert who(api.ask(key=api.key)) == "acme"
    assert who(api.ask(field=api.basic)) == "acme"
    assert who(api.ask(field=bearer(api.token()))) == "acme"
    assert who(api.ask(field=bearer(api.token(field=api.basic)))) == "acme"
    assert who(api.ask(key=api.seeded.keys["other-key"])) == "globex"


# RFC 9110 section 11.1: a scheme has no case; section 11.4: several spaces may follow it.
@pytest.mark.parametrize("scheme", ["basic", "BASIC", "Basic  "])
def test_spelling_of_the_scheme(api: OrigoidApi, scheme: str) -> None:
    encoded_pair = api.basic.removeprefix("Basic ")
    assert who(api.ask(field=f"{scheme} {encoded_pair}")) == "acme"


# The password has a colon, a letter outside ASCII, and more bytes than bcrypt reads; all of them count.
def test_password() -> None:
    api = make_origoid()
    user, _, password = api.seeded.pair.partition(":")
    assert ":" in password and not password.isascii() and len(password.encode()) > 72
    wrong = [password[:-1], password + "x", password.upper(), password.partition(":")[0], ""]
    wrong += [password[:74] + chr(ord(password[74]) ^ 1) + password[75:]]
    for each in wrong:
        assert api.ask(field=basic(f"{user}:{each}")).status == 401
    assert api.ask(field=basic(f"{user}:{password}".encode("latin-1"))).status == 401
    assert api.ask(field=basic(f"{user.upper()}:{password}")).status == 401
    assert api.ask(field=basic(f":{password}")).status == 401
    api.server.store.close()


# What is no pair in Base64 is refused and brings nothing down.
@pytest.mark.parametrize(
    "change",
    [
        lambda pair, text: "Basic",
        lambda pair, text: "Basic " + text[:-1] + "!",
        lambda pair, text: "Basic " + text + "====",
        lambda pair, text: f"Basic {text[:8]} {text[8:]}",
        lambda pair, text: basic(pair.partition(":")[0]),
        lambda pair, text: basic(pair + "\0"),
        lambda pair, text: basic(pair.replace(":", "\r\n:", 1)),
        lambda pair, text: basic(b"\xff\xfe:\x80"),
        lambda pair, text: f"Bearer {text}",
    ],
)
def test_no_pair(api: OrigoidApi, change: Any) -> None:
    text = api.basic.removeprefix("Basic ")
    assert api.ask(field=change(api.seeded.pair, text)).status == 401


def wrong_tokens(token: str) -> Iterator[str]:
    head, payload, signature = token.split(".")
    yield from (f"{head}.{payload}", f"{head}.{payload}.", f"{token}.{payload}", token + "=")
    yield f"{encoded(json.dumps({'alg': 'none'}))}.{payload}."
    yield from (tampered(token, 1, sub="acc_other"), tampered(token, 1, exp=9999999999))
    yield from (tampered(token, 0, alg="HS512"), tampered(token, 0, crit=["exp"]))
    yield f"{head}.{payload}.{signature[:20]}{'A' if signature[20] != 'A' else 'B'}{signature[21:]}"


# A token is taken as it was made, or not at all.
def test_wrong_tokens(api: OrigoidApi) -> None:
    for token in wrong_tokens(api.token()):
        assert api.ask(field=bearer(token)).status == 401, token


# A credential is good in its own place alone.
def test_each_in_its_place(api: OrigoidApi) -> None:
    token, pair = api.token(), api.seeded.pair
    for key in (token, pair, api.basic, api.key.upper(), api.key[:-1], f"{api.key}, {api.key}", ""):
        assert api.ask(key=key).status == 401
    for field in (bearer(api.key), basic(api.key), basic(f"{api.key}:"), basic(token), api.key, token):
        assert api.ask(field=field).status == 401
    assert api.ask(query=f"x-api-key={api.key}").status == 401
    assert api.ask(headers=(("cookie", f"x-api-key={api.key}"),)).status == 401
    assert api.ask(method="POST", path=EXCHANGE, body={"x-api-key": api.key}).status == 401


# Of several credentials all must be right, and of one account; the same field twice never is.
def test_several_credentials(api: OrigoidApi) -> None:
    token, other = bearer(api.token()), api.seeded.keys["other-key"]
    assert who(api.ask(key=api.key, field=token)) == "acme"
    assert who(api.ask(key=api.key, field=api.basic)) == "acme"
    for key, field in [(other, token), (other, api.basic), ("junk", token), (api.key, bearer("a.b.c"))]:
        assert api.ask(key=key, field=field).status == 401
    assert api.ask(key=api.key, headers=(("x-api-key", api.key),)).status == 401
    assert api.ask(field=token, headers=(("authorization", token),)).status == 401


# --- what is refused -----------------------------------------------------------------------------


def refusals(api: OrigoidApi) -> Iterator[tuple[str, Answer]]:
    """One for each cause, of a request that has no token."""
    brief = api.new_key(life=1)
    ended = {verb: api.new_key(verb) for verb in ("revoked", "disabled")}
    api.support("DELETE", f"{api.account()}/keys/{ended['revoked']['id']}")
    api.support("POST", f"{api.account()}/keys/{ended['disabled']['id']}/disable")
    api.clock.now += 2
    user = api.seeded.pair.partition(":")[0]
    yield "missing", api.ask()
    yield "unknown path", api.ask("/nowhere")
    yield "empty", api.ask(key="")
    yield "malformed", api.ask(field="Digest x")
    yield "unknown key", api.ask(key="oid_" + "x" * 40)
    yield "expired key", api.ask(key=brief["key"])
    for verb, made in ended.items():
        yield f"{verb} key", api.ask(key=made["key"])
    yield "wrong password", api.ask(field=basic(f"{user}:junk"))
    yield "unknown user", api.ask(field=basic("nobody:junk"))
    yield "other address", api.ask(key=api.seeded.keys["restricted-key"], peer="127.0.0.2")
    yield "other endpoint", api.ask(REPORTS, key=api.key)
    yield "conflict", api.ask(key=api.seeded.keys["other-key"], field=api.basic)
    yield "at the exchange", api.exchange(key="junk")


# Whatever the cause: the same status, fields and body, but for the two members that are always new.
def test_one_answer_to_all_causes(api: OrigoidApi) -> None:
    answers = dict(refusals(api))
    alike = {cause: (answer.status, answer.headers, masked(answer.body)) for cause, answer in answers.items()}
    assert len(alike) == 14
    assert all(each == alike["missing"] for each in alike.values()), alike


def masked(body: bytes) -> str:
    text = re.sub(r'("transactionId": )"[-0-9a-f]{36}"', r"\1…", body.decode())
    return re.sub(r'("processedAt": )"[-0-9T:]{25}"', r"\1…", text)


# The seven documented members with their constants, a new id each time, and the time of the answer.
def test_envelope(api: OrigoidApi) -> None:
    bodies = [shown(api.ask()) for _ in range(10)]
    constants = {"status": "ERROR", "type": "UNAUTHORIZED", "message": "Invalid credentials"}
    constants |= {"data": None, "billable": False}
    for body in bodies:
        assert list(body)[4:6] == ["transactionId", "processedAt"] and len(body) == 7
        assert {name: body[name] for name in constants} == constants
        processed = datetime.fromisoformat(body["processedAt"])
        assert processed.timestamp() == api.clock.now and processed.utcoffset() == timedelta(hours=-6)
    assert len({body["transactionId"] for body in bodies}) == 10


# RFC 9110 section 11.6.1: a challenge for each scheme; an error only where a token was sent.
def test_challenge(api: OrigoidApi) -> None:
    plain = 'Basic realm="OrigoID", charset="UTF-8", Bearer realm="OrigoID"'
    for anonymous in (api.ask(), api.ask(key="junk"), api.ask(field="Basic junk"), api.ask(field="Bearer")):
        assert anonymous.value("WWW-Authenticate") == plain
    for failed in (api.ask(field="Bearer junk"), api.ask(REPORTS, field=bearer(api.token()))):
        assert failed.value("WWW-Authenticate") == f'{plain}, error="invalid_token"'


# With a credential a path or a method that is not there is told so.
def test_not_there(api: OrigoidApi) -> None:
    assert shown(api.ask("/nowhere", key=api.key))["type"] == "NOT_FOUND"
    answer = api.ask(method="DELETE", key=api.key)
    assert (answer.status, answer.value("Allow")) == (405, "GET, HEAD")


# Reports are for the accounts that have them.
def test_endpoints(api: OrigoidApi) -> None:
    assert api.ask(REPORTS, key=api.seeded.keys["full-key"]).status == 200
    assert api.ask(REPORTS, key=api.key).status == 401
    assert api.ask(REPORTS, field=bearer(api.token())).status == 401


# The list of a key, and of a token that was had for it, is about the peer, whatever fields say.
def test_addresses(api: OrigoidApi) -> None:
    key = api.seeded.keys["restricted-key"]
    token = bearer(api.token(key=key))
    claims = tuple((name, "127.0.0.1") for name in ("x-forwarded-for", "x-real-ip", "true-client-ip"))
    for credentials in ({"key": key}, {"field": token}, {"key": api.key, "field": token}):
        assert api.ask(**credentials).status == 200
        assert api.ask(**credentials, peer="127.0.0.2", headers=claims).status == 401
    assert api.ask(key=api.key, peer="127.0.0.2").status == 200


# --- the exchange --------------------------------------------------------------------------------


# The documented answer, which nobody may store; the token tells nothing of what it was had for.
def test_exchange(api: OrigoidApi) -> None:
    answer = api.exchange(key=api.key)
    body = shown(answer)
    assert (body["status"], body["type"], set(body["data"])) == (
        "OK",
        "SUCCESS",
        {"access_token", "token_type", "expires_in"},
    )
    assert (body["data"]["token_type"], body["data"]["expires_in"]) == ("Bearer", 3600)
    assert answer.value("Pragma") == "no-cache"
    token = body["data"]["access_token"]
    claims = reading.json_object(reading.decoded(token.split(".")[1]) or b"") or {}
    assert set(claims) == {"iss", "sub", "iat", "exp", "jti"}
    assert claims["exp"] - claims["iat"] == 3600


# What is asked wrongly is told so, if the credential was right; it is never the server's failure.
@pytest.mark.parametrize(
    "body",
    [
        {},
        {"grant_type": "password"},
        {"grant_type": "CLIENT_CREDENTIALS"},
        {"grant_type": ["client_credentials"]},
        {"grant_type": None},
        [],
        b"",
        b"{",
        b'{"grant_type": "client_credentials", "grant_type": "client_credentials"}',
        b"[" * 100_000,
        b"\xff",
    ],
)
def test_wrong_exchange(api: OrigoidApi, body: Any) -> None:
    answer = api.exchange(key=api.key, body=body)
    assert (answer.status, shown(answer)["type"]) == (400, "BAD_REQUEST")
    assert api.exchange(body=body).status == 401


# Only JSON is read.
def test_media_type(api: OrigoidApi) -> None:
    for media_type, status in [("application/json; charset=utf-8", 200), ("text/plain", 400)]:
        answer = api.exchange(key=api.key, headers=(("content-type", media_type),))
        assert answer.status == status


# A token is not renewed by itself.
def test_no_renewal(api: OrigoidApi) -> None:
    assert api.exchange(field=bearer(api.token())).status == 401


# A token ends at its time, with its key, and with its account.
def test_ends_of_a_token(api: OrigoidApi) -> None:
    made = api.new_key()
    token = bearer(api.token(key=made["key"]))
    api.clock.now += 3599
    assert api.ask(field=token).status == 200
    api.clock.now += 2
    assert api.ask(field=token).status == 401
    token = bearer(api.token(key=made["key"]))
    api.support("DELETE", f"{api.account()}/keys/{made['id']}")
    assert api.ask(field=token).status == 401
    tokens = [bearer(api.token()), bearer(api.token(field=api.basic))]
    assert [api.ask(field=each).status for each in tokens] == [200, 200]
    api.support("DELETE", api.account())
    assert [api.ask(field=each).status for each in (*tokens, api.basic)] == [401, 401, 401]
    assert (api.ask(key=api.key).status, api.ask(key=api.seeded.keys["other-key"]).status) == (401, 200)


# The tokens of one key are brief, and `time_scale` shrinks their life and no other.
def test_brief_tokens() -> None:
    api = make_origoid(time_scale=0.25)
    answer = shown(api.exchange(key=api.seeded.keys["brief-key"]))["data"]
    assert answer["expires_in"] == 1
    api.clock.now += 0.9
    assert api.ask(field=bearer(answer["access_token"])).status == 200
    api.clock.now += 0.2
    assert api.ask(field=bearer(answer["access_token"])).status == 401
    assert shown(api.exchange(key=api.key))["data"]["expires_in"] == 3600
    api.server.store.close()


# --- browsers, and what is not TLS ---------------------------------------------------------------


def cors(answer: Answer) -> dict[str, str]:
    return {
        name: value
        for name, value in answer.headers
        if name == "Vary" or name.startswith("Access-Control-Allow")
    }


PREFLIGHT = (("access-control-request-method", "GET"), ("access-control-request-headers", "x-api-key"))
ALLOWED = {"Access-Control-Allow-Origin": service.LISTED, "Vary": "Origin"}


# An account without origins: nothing is said to browsers, whatever page asks.
@pytest.mark.parametrize("origin", [service.LISTED, service.UNLISTED, "null", None])
def test_no_cors_by_default(api: OrigoidApi, origin: str | None) -> None:
    assert cors(api.ask(key=api.key, origin=origin)) == {}
    if origin != service.LISTED:
        assert cors(api.ask(origin=origin)) == {"Vary": "Origin"}
        assert cors(api.ask(method="OPTIONS", origin=origin, headers=PREFLIGHT)) == {"Vary": "Origin"}


# The account's own origin, exactly, is named; another account's and whatever is like it are not.
def test_configured_origin(api: OrigoidApi) -> None:
    key = api.seeded.keys["browser-key"]
    assert cors(api.ask(key=key, origin=service.LISTED)) == ALLOWED
    near = [service.FOREIGN, service.LISTED + ".evil.example", service.LISTED.upper(), "null"]
    near += [service.LISTED + ":8443", service.LISTED.replace("https", "http"), service.LISTED + "/"]
    for origin in (*near, None):
        assert cors(api.ask(key=key, origin=origin)) == {"Vary": "Origin"}
    twice = (("origin", service.LISTED), ("origin", service.LISTED))
    assert cors(api.ask(key=key, headers=twice)) == {"Vary": "Origin"}


# That it was refused may be read by the page of any account.
def test_refusals_are_readable(api: OrigoidApi) -> None:
    assert cors(api.ask(key="junk", origin=service.LISTED)) == ALLOWED


# A preflight has no credential; what is not one, or comes from elsewhere, is refused like anything else.
def test_preflight(api: OrigoidApi) -> None:
    for origin in (service.LISTED, service.FOREIGN):
        answer = api.ask(EXCHANGE, method="OPTIONS", origin=origin, headers=PREFLIGHT)
        assert (answer.status, answer.value("Access-Control-Allow-Origin")) == (204, origin)
        assert answer.value("Access-Control-Allow-Headers") == "authorization, x-api-key, content-type"
        assert answer.value("Access-Control-Allow-Credentials") is None
    assert api.ask(method="OPTIONS", origin=service.LISTED).status == 401
    assert api.ask(method="OPTIONS", origin=service.UNLISTED, headers=PREFLIGHT).status == 401
    assert api.ask(origin=service.LISTED, headers=PREFLIGHT).status == 401


# Without TLS nothing is served, and nothing is looked at.
def test_plain(api: OrigoidApi) -> None:
    asked = api.server.store.db.total_changes
    request = {"headers": (("x-api-key", api.key),), "path": ACCOUNT}
    api.handle = opening.plain(api.server)
    assert api.ask(**request).status == 403
    assert api.server.store.db.total_changes == asked
    assert [api.ask(key=key).status for key in (None, "junk")] == [403, 403]


# Of keys and passwords nothing is stored that opens anything.
def test_what_is_stored(api: OrigoidApi) -> None:
    api.token()
    dump = "\n".join(api.server.store.db.iterdump())
    for secret in (*api.seeded.keys.values(), api.seeded.pair.partition(":")[2], api.seeded.support_key):
        assert secret not in dump


# No answer is kept by a cache.
def test_never_stored(api: OrigoidApi) -> None:
    for answer in (api.ask(), api.ask(key=api.key), api.exchange(key=api.key), api.support("GET", "/")):
        assert "no-store" in (answer.value("Cache-Control") or "")
