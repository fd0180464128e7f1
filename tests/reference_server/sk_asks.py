"""A bit of everything that a client might send to the API with keys and OAuth."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bystanders import FIELDS, PAGES
from guarding import LONG, around
from kid_api import GONE, encoded, tampered
from origin_asks import changes, fields
from sk_api import CHALLENGE, FORM, USERS, VERIFIER, Browser, Parameters, SkApi, make_sk_api, written
from sk_lives import lives
from spelled import COSTLY, DOTS, as_json

from reference_server import opening
from reference_server.messages import Answer, Request
from reference_server.sk_oauth import service
from reference_server.sk_oauth.authentication import SANDBOX
from reference_server.sk_oauth.behaviour import Behaviour

SAMPLES = ("sk_live_1234567890abcdef", "sk_test_1234567890abcdef")


@dataclass
class Heard(SkApi):
    """An API of which every answer is kept."""

    quiet: SkApi
    """The same, without that."""
    answers: list[Answer]


def answers(behaviour: Behaviour) -> list[Answer]:
    """What a server that decides so answers to all of it."""
    api = _heard(make_sk_api(behaviour))
    for request in requests(api):
        api.ask(**request)
    for asked in (journeys, redemptions, clients, refreshes, lives):
        asked(api)
    api.server.store.close()
    return api.answers


def _heard(quiet: SkApi) -> Heard:
    """Whoever asks over plain HTTP is answered by what there is for that."""
    plain = opening.plain(quiet.server)
    found: list[Answer] = []

    def handle(request: Request) -> Answer:
        found.append(plain(request) if plain and request.scheme == "http" else quiet.handle(request))
        return found[-1]

    return Heard(quiet.server, quiet.seeded, handle, quiet.clock, quiet, found)


def requests(api: SkApi) -> Iterator[dict[str, Any]]:
    """Of the API: operations, credentials and what is almost one."""
    keys = api.seeded.keys
    for key in (keys["token"], None, keys["read-token"], "sk_live_" + "9a" * 20, api.jwt()):
        yield {"token": key}
        yield {"token": key, "method": "HEAD"}
        yield {"token": key, "method": "POST", "body": {"id": "u-1", "name": "x"}}
        yield {"token": key, "method": "DELETE", "path": f"{USERS}/u-1"}
        yield {"token": key, "path": "/nothing"}
        yield {"token": key, "path": "/v1/Users/"}
    yield {"token": api.key, "method": "TRACE"}
    yield {"method": "POST", "body": {}}
    yield {"method": "POST", "body": b"x", "whole": False}
    yield from around(USERS, token=api.key)
    for secret in ("sk_live_" + "9a" * 20, api.key, None, api.key):
        yield {"token": secret, "connection": 9}
    for token in (as_json(api.jwt()), COSTLY, DOTS, LONG, api.jwt({"sub": "' OR '1'='1' --"})):
        yield {"token": token}
    yield from environments(api)
    yield from slots(api)
    yield from limited(api)
    for value in fields(api.key):
        yield {"headers": (("authorization", value),)}
    for key in (*changes(api.key), *changed(api.key)):
        yield {"token": key}
    for token in jwts(api):
        yield {"token": token}
    for scope in ("write read", "read", "write", "readwrite", "READ WRITE", "reads writes", "", "*", GONE):
        for method in ("GET", "POST"):
            yield {"token": api.jwt({"scope": scope}), "method": method, "body": {"name": "x"}}


def changed(key: str) -> Iterator[str]:
    yield from ("sk_test_" + key[8:], key[:22], key[:-1] + ("A" if key[-1] != "A" else "B"))


def environments(api: SkApi) -> Iterator[dict[str, Any]]:
    keys = api.seeded.keys
    test = keys["test-token"]
    for key in (test, keys["token"], "sk_live_" + test[8:], "sk_test_" + api.key[8:], *SAMPLES):
        yield {"token": key}
        yield {"token": key, "host": SANDBOX}
    yield {"token": test, "host": SANDBOX, "method": "POST", "body": {"name": "x"}}
    yield {"token": api.key, "method": "POST", "body": {"id": "mine", "name": "x"}}
    for method in ("GET", "DELETE"):
        yield {"token": keys["other-token"], "path": f"{USERS}/mine", "method": method}
    for name, value in (("x-scope", "write"), ("x-scopes", "read write")):
        yield {
            "token": keys["read-token"],
            "method": "POST",
            "body": {"name": "x"},
            "headers": ((name, value),),
        }
    yield {"token": keys["read-token"], "method": "POST", "body": {"name": "x"}, "query": "scope=write"}


def slots(api: SkApi) -> Iterator[dict[str, Any]]:
    key = api.key
    for name in ("access_token", "jwt"):
        yield {"query": f"{name}={key}"}
    for name in ("token", "Authorization"):
        yield {"headers": (("cookie", f"{name}={key if name == 'token' else 'Bearer ' + key}"),)}
        yield {"headers": (("cookie", f"{name}={key}"),)}
    yield {"headers": (("x-api-key", key),)}
    yield {"headers": (("proxy-authorization", f"Bearer {key}"),)}
    yield {"headers": (("authorization", f"Bearer {key}"),) * 2}
    other = api.seeded.keys["other-token"]
    yield {"headers": tuple(("authorization", f"Bearer {each}") for each in (key, other))}
    for field in FIELDS:
        yield {"headers": (field,), "connection": 5}
    yield {"query": "_method=OPTIONS", "connection": 5}
    for field in PAGES:
        yield {"token": key, "headers": (field,)}
    for number in range(25):
        for connection, secret in ((6, key), (7, None), (8, key[:-1]), (9, f"sk_live_{number:040}")):
            yield {"token": secret, "connection": connection, "served": number}
        yield {"token": key, "connection": 20 + number}
    for secret in (None, "sk_live_" + "9a" * 20):
        yield {"token": secret, "connection": 6}


def limited(api: SkApi) -> Iterator[dict[str, Any]]:
    """The allowance is used up, and then waited for."""
    token = api.seeded.keys["limited-token"]
    for _ in range(7):
        yield {"token": token}
    yield {"token": token, "headers": (("x-forwarded-for", "192.0.2.1"),)}
    yield {"token": token, "query": "x=1"}
    yield {"token": api.key}
    yield {"token": api.seeded.keys["other-token"]}
    api.clock.now += 1
    yield {"token": token}


def jwts(api: SkApi) -> Iterator[str]:
    """With one thing wrong, or unusual."""
    now = int(api.clock.now)
    token = api.jwt()
    head, payload, signature = token.split(".")
    yield from (f"{head}.{payload}.", f"{head}.{payload}", f"{token}.{signature}", f"{token}.", f".{token}")
    yield from (head, f"{head}.*{payload}.{signature}")
    raw = bytearray(base64.urlsafe_b64decode(signature + "=="))
    raw[16] ^= 16
    yield f"{head}.{payload}.{encoded(bytes(raw))}"
    yield from (tampered(token, 1, sub="x"), tampered(token, 0, x="1"), tampered(token, 0, alg="none"))
    for key in ("unrelated", "", "secret", "[JWT_SECRET_KEY]", api.seeded.accounts["globex"].secret):
        yield api.jwt(key=key)
    yield api.jwt(header={"jwk": {"kty": "oct", "k": encoded("brought along")}}, key="brought along")
    for alg in ("none", "None", "HS384", "HS512", "hs256", "XX999", "", None, 0, ["HS256"], GONE):
        signed = api.jwt(header={"alg": alg})
        yield from (signed, signed.rpartition(".")[0] + ".")
    yield api.jwt(header={"crit": ["x"], "x": True})
    yield api.jwt(header={"crit": ["b64"], "b64": False})
    yield from (api.jwt(header={"x": 1}), api.jwt(header={"typ": GONE}))
    for text in ("[]", "{", "", '{"alg":"HS256","typ":"JWT","alg":"none"}'):
        yield api.jwt(head=text)
    for exp in (now - 3600, now - 600, now - 60, now - 10, 0, -1, now - 3600.5, now + 3600.5, GONE, None):
        yield api.jwt({"exp": exp})
    yield api.jwt({"exp": now - 3600}, key="unrelated")
    for exp in (True, [], {}, "never", str(now + 3600), 2**64, 1e50):
        yield api.jwt({"exp": exp})
    for nbf in (now + 3600, now - 600, now + 60, str(now + 3600), []):
        yield api.jwt({"nbf": nbf})
    yield from (api.jwt({"x-text": "some", "x-nothing": None}), api.jwt({"x-text": "some"}))
    rest = '"sub": "user_123", "iat": 1, "scope": "read write"'
    for body in ("[]", "null", '"exp"', "", f'{{{rest}, "exp": NaN}}', f'{{{rest}, "exp": Infinity}}'):
        yield api.jwt(payload=body)
    yield api.jwt(payload=f'{{{rest}, "exp": {now + 3600}, "exp": {now - 3600}}}')


# --- the authorization server --------------------------------------------------------------------

_REDIRECTS = (
    service.REDIRECT + "/x",
    service.REDIRECT + "/",
    service.REDIRECT + "x",
    service.REDIRECT + "?x=1",
    service.REDIRECT + "/../x",
    service.REDIRECT + " ",
    service.REDIRECT.upper(),
    service.REDIRECT.replace("https", "http"),
    service.REDIRECT.replace("client.example", "client.example:8443"),
    service.REDIRECT.replace("client.example", "x.client.example"),
    service.REDIRECT.replace("client.example", "client.example.evil.example"),
    service.REDIRECT.replace("client.example", "evil-client.example"),
    service.REDIRECT.replace("client.example", "evil@client.example"),
    service.OTHER_REDIRECT,
    "https://evil.example/callback",
)
_REQUESTS: tuple[Parameters, ...] = (
    {},
    {"state": None},
    {"state": "x" * 180},
    {"state": "ü <&\"'> %2F+ "},
    {"x": "1"},
    {"client_id": "nobody"},
    {"response_type": None},
    {"response_type": "CODE"},
    {"response_type": "token"},
    {"response_type": "code token"},
    {"response_type": 'so "called"'},
    {"scope": "read admin"},
    {"scope": ["read", "read"]},
    {"state": ["a", "b"]},
    {"code_challenge": CHALLENGE, "code_challenge_method": "s256"},
    {"code_challenge": CHALLENGE, "code_challenge_method": "S512"},
    {"code_challenge": VERIFIER[:43], "code_challenge_method": "plain"},
    {"code_challenge": VERIFIER[:43]},
)


def journeys(api: Heard) -> None:
    """Of a user agent, as far as it gets: whether somebody denies, or nobody logs in."""
    for parameters in (*_REQUESTS, *({"redirect_uri": uri} for uri in _REDIRECTS)):
        _journey(api, parameters, "allow")
    _journey(api, {}, "deny")
    browser = Browser(api.quiet)
    browser.open()
    name, _, password = api.seeded.user.partition(":")
    form = written({**browser.hidden, "username": name, "password": password}).encode()
    cookie = ("cookie", browser.cookie or "")
    api.ask("POST", "/login", host=service.AUTH, headers=(FORM, cookie), body=form)
    query = written({"client_id": "x"})
    api.ask(path="/oauth/authorize", host=service.AUTH, query=query, headers=PAGES[:1])
    for path in (USERS, "/oauth/authorize"):
        host = service.AUTH if "oauth" in path else service.HOST
        for token in (None, api.key):
            query = written({"client_id": api.seeded.client_id, "redirect_uri": service.REDIRECT})
            api.ask(path=path, host=host, token=token, query=query, scheme="http")


def _journey(api: Heard, parameters: Parameters, decision: str) -> str | None:
    """The code that is given in the end. Of all answers the first and the last are kept."""
    browser = Browser(api.quiet)
    api.answers.append(browser.open(**parameters))
    for step in (browser.sign_in, lambda: browser.decide(decision)):
        if browser.page.status == 200 and browser.hidden:
            step()
    api.answers.append(browser.page)
    found = browser.page.value("location") or browser.page.body.decode()
    _, code, rest = found.partition("code=")
    return rest.partition("&")[0] if code else None


def _code(api: Heard, **parameters: Any) -> str:
    return _journey(api, parameters, "allow") or "ac_none"


def redemptions(api: Heard) -> None:
    """Once, again, by mistake, and with what each gives."""
    for _ in range(3):
        _uses(api, api.redeem(_code(api)))
    spent = _code(api)
    _uses(api, first := api.redeem(spent))
    for served in (1, 1, 0):
        api.redeem(spent, served=served)
    _uses(api, first)
    code = _code(api)
    for wrong in (code[:-5], code + "A", code.swapcase(), "ac_" + "x" * 40, "", "' OR '1'='1"):
        api.redeem(wrong)
    for parameters in _MISTAKES:
        api.redeem(_code(api), **parameters)
    for parameters in ({}, {"code_verifier": None}, *({"code_verifier": each} for each in _VERIFIERS)):
        code = _code(api, code_challenge=CHALLENGE, code_challenge_method="S256")
        api.redeem(code, **{"code_verifier": VERIFIER, **parameters})
    weak = base64.urlsafe_b64encode(hashlib.sha256(b"short").digest()).rstrip(b"=").decode()
    api.redeem(_code(api, code_challenge=weak, code_challenge_method="S256"), code_verifier="short")
    code = _code(api)
    for uri in (service.OTHER_REDIRECT, service.REDIRECT):
        api.redeem(code, redirect_uri=uri)
    brief = api.client("brief-client")
    late = _code(api, client_id=brief["client_id"])
    given = api.redeem(_code(api, client_id=brief["client_id"]), **brief)
    for _ in range(5):
        _uses(api, given)
        api.clock.now += 2
    api.redeem(late, **brief)


_MISTAKES: tuple[dict[str, Any], ...] = (
    {"redirect_uri": None},
    {"redirect_uri": service.REDIRECT + "x"},
    {"redirect_uri": service.OTHER_REDIRECT},
    {"code_verifier": VERIFIER},
    {"x": "1"},
    {"grant_type": None},
    {"grant_type": "urn:none"},
    {"grant_type": "AUTHORIZATION_CODE"},
    {"grant_type": "authorization_code "},
    {"grant_type": ["authorization_code"] * 2},
    {"redirect_uri": [service.REDIRECT, service.OTHER_REDIRECT]},
)
_VERIFIERS = (CHALLENGE, VERIFIER.swapcase(), VERIFIER + "A", "short", VERIFIER[:-1] + "x")


def _uses(api: Heard, answer: Answer) -> None:
    """Ask with the access token of an answer, three times, and with it changed."""
    token = _member(answer, "access_token")
    for _ in range(3):
        api.ask(token=token)
    api.ask("POST", token=token, body={"id": f"made-{token[-6:]}", "name": "x"})
    api.ask("DELETE", f"{USERS}/made-{token[-6:]}", token=token)
    api.ask(token=token, host=SANDBOX)
    for wrong in (token[:-1], token + "A", "at_" + "x" * 40):
        api.ask(token=wrong)


def clients(api: Heard) -> None:
    """In each way, and wrong."""
    client = api.client()
    secret = client["client_secret"]
    for wrong in (secret[:-1], secret + "A", secret.swapcase(), "", "unknown", None):
        api.redeem(_code(api), client_secret=wrong)
    for id in ("nobody", "' OR '1'='1", client["client_id"] + "x"):
        api.redeem(_code(api), client_id=id)
    api.redeem(_code(api), **api.client("other-client"))
    none = {"client_id": None, "client_secret": None}
    api.redeem(_code(api), **none)
    for scheme, given in (
        ("Basic", secret),
        ("Bearer", secret),
        ("Foo", secret),
        ("Basic", ""),
        ("Basic", "x"),
    ):
        pair = base64.b64encode(f"{client['client_id']}:{given}".encode()).decode()
        field = (("authorization", f"{scheme} {pair}"),)
        api.redeem(_code(api), headers=field, **none)
        api.redeem(_code(api), headers=field)
    api.redeem(_code(api), query=written(client), **none)
    form: Parameters = {
        "grant_type": "authorization_code",
        "code": _code(api),
        "redirect_uri": service.REDIRECT,
        **client,
    }
    for kind in (FORM, ("content-type", "application/json")):
        for method in ("GET", "POST"):
            body = written(form).encode()
            api.ask(method, "/oauth/token", host=service.AUTH, headers=(kind,), body=body)
    name, _, password = api.seeded.user.partition(":")
    api.token(grant_type="password", username=name, password=password, **client)


def refreshes(api: Heard) -> None:
    """Once, again, narrower and wider."""
    first = api.redeem(_code(api))
    second = _refresh(api, first)
    _uses(api, second)
    _refresh(api, first)
    _refresh(api, second)
    _uses(api, second)
    narrow = _refresh(api, api.redeem(_code(api)), scope="read")
    _uses(api, narrow)
    _uses(api, _refresh(api, narrow))
    reading = api.redeem(_code(api, scope="read"))
    _refresh(api, reading, scope="read write")
    _uses(api, _refresh(api, reading))
    token = _member(api.redeem(_code(api)), "refresh_token")
    api.ask(token=token)
    for wrong in (token[:-1], token + "A", token.swapcase(), "rt_" + "x" * 40, ""):
        api.refresh(wrong)
    api.refresh(_member(api.redeem(_code(api)), "access_token"))
    for client in (
        api.client("other-client"),
        {"client_secret": None},
        {"client_id": None, "client_secret": None},
    ):
        api.refresh(token, **client)


def _refresh(api: Heard, answer: Answer, **parameters: Any) -> Answer:
    return api.refresh(_member(answer, "refresh_token"), **parameters)


def _member(answer: Answer, name: str) -> str:
    if answer.status not in (200, 201) or not answer.body.lstrip().startswith(b"{"):
        return "none"
    value = json.loads(answer.body).get(name)
    return value if isinstance(value, str) else "none"
