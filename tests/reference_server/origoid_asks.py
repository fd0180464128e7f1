"""What a client might send to an OrigoID: a bit of everything, so that each way to be wrong shows."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any

from bystanders import FIELDS
from guarding import FORMAT, LONG, around
from kid_api import encoded, tampered
from origin import shown
from origoid_api import ACCOUNT, EXCHANGE, GRANT, REPORTS, OrigoidApi, basic, bearer, make_origoid
from spelled import COSTLY, DOTS, as_json

from reference_server import opening
from reference_server.messages import Answer
from reference_server.origoid import service, support
from reference_server.origoid.behaviour import Behaviour

ELSEWHERE = "127.0.0.2"
Asked = Iterator[dict[str, Any]]


def answers(behaviour: Behaviour) -> list[Answer]:
    """What a server that decides so answers to all of it."""
    api = make_origoid(behaviour)
    found = [api.ask(**request) for part in PARTS for request in part(api)]
    found += plain(api)
    api.server.store.close()
    return found


def plain(api: OrigoidApi) -> list[Answer]:
    """What is answered to whoever comes without TLS, if anything is."""
    handle = opening.plain(api.server)
    if handle is None:
        return []
    api.handle = handle
    return [api.ask(key=api.key), api.ask(), api.exchange(key=api.key)]


def presented(api: OrigoidApi) -> Asked:
    """A valid credential of each kind, none, and one that nobody has; by each operation."""
    token = bearer(api.token())
    for path, method in ((ACCOUNT, "GET"), (ACCOUNT, "HEAD"), (REPORTS, "GET"), (EXCHANGE, "GET")):
        for given in ({"key": api.key}, {"field": api.basic}, {"field": token}, {}, {"key": "a" * 44}):
            yield {"path": path, "method": method, **given}
    full = api.seeded.keys["full-key"]
    yield {"path": REPORTS, "key": full}
    yield {"path": REPORTS, "field": bearer(api.token(key=full))}
    other = api.seeded.keys["other-key"]
    yield {"field": bearer(api.token(key=other))}
    yield {"path": ACCOUNT + "/", "key": api.key}
    yield {"method": "TRACE", "key": api.key}
    yield from around(ACCOUNT, key=api.key)
    for given in ({"key": "a" * 44}, {"key": api.key}, {}, {"key": api.key}):
        yield {**given, "connection": 9}
    for form in (as_json(api.token()), COSTLY, DOTS):
        yield {"field": bearer(form)}
    for path, method in (("/nowhere", "GET"), (ACCOUNT, "PUT"), (ACCOUNT, "OPTIONS")):
        yield {"path": path, "method": method}
        yield {"path": path, "method": method, "key": api.key}


def keys(api: OrigoidApi) -> Asked:
    """What is almost a key, or not in its place."""
    key, unknown = api.key, "oid_" + "9a" * 20
    for changed in (key[:-1], key[1:], key[:28], key + "A", key + ",", key + ".", "A" + key, ""):
        yield {"key": changed}
    middle = next(index for index in range(20, 44) if key[index].isalpha())
    yield {"key": key.swapcase()}
    yield {"key": key[:middle] + key[middle].swapcase() + key[middle + 1 :]}
    for word in (
        "null",
        "*",
        "%",
        "%20",
        "' OR '1'='1",
        ".*",
        unknown,
        f"{key}, {unknown}",
        f"{unknown}, {key}",
        LONG,
        FORMAT,
    ):
        yield {"key": word}
    yield {"key": api.token()}
    yield {"key": api.seeded.pair}
    for pair in ((key, unknown), (unknown, key)):
        yield {"headers": tuple(("x-api-key", each) for each in pair)}
    for name in ("api_key", "x-api-key"):
        yield {"query": f"{name}={key}"}
        yield {"headers": (("cookie", f"{name}={key}"),)}
    for name in ("x-auth-token", "proxy-authorization"):
        yield {"headers": ((name, key),)}
    yield {"body": {"api_key": key}}
    form = (("content-type", "application/x-www-form-urlencoded"),)
    yield {"body": f"api_key={key}".encode(), "headers": form}
    yield {"path": EXCHANGE, "method": "POST", "body": {**GRANT, "client_secret": key}}
    for field in (key, bearer(key), basic(key), basic(f"{key}:"), basic(f"user:{key}")):
        yield {"field": field}


def pairs(api: OrigoidApi) -> Asked:
    """What is almost a user and a password, or not written so."""
    user, _, password = api.seeded.pair.partition(":")
    right = api.basic.partition(" ")[2]
    wrong = [password[:-1], password[1:], password + "A", password + " ", password.swapcase(), "", api.key]
    wrong += [password.partition(":")[0], password[:5] + password[5].swapcase() + password[6:], "junk"]
    for each in wrong:
        yield {"field": basic(f"{user}:{each}")}
    for pair in (f":{password}", ":", "nobody:junk", user, f"{user}{password}", f"{user};{password}", "word"):
        yield {"field": basic(pair)}
    for ending in ("\0", "\0more", "\r\n", "\t"):
        yield {"field": basic(api.seeded.pair + ending)}
    for raw in (b"\xff\xfe:\xfc", b"\0\0\0\0", api.seeded.pair.encode("latin-1")):
        yield {"field": basic(raw)}
    yield {"path": EXCHANGE, "method": "POST", "body": GRANT, "field": basic("nobody:junk")}
    for text in (right + "!", "*" + right, "!!!!", "QUJDR", f"{right} {right}", f'"{right}"', right + ","):
        yield {"field": f"Basic {text}"}
    for scheme in ("Basic  ", "basic ", "BASIC ", "Basic", "Basic: ", "", "Digest ", "Foo ", "Bearer "):
        yield {"field": scheme + right}
    yield {"field": "Basic " + api.token()}
    for field in ("", "Basic", "Bearer"):
        yield {"field": field}
    yield {"headers": (("cookie", f"Authorization={right}"),)}
    for name in ("x-authorization", "proxy-authorization"):
        yield {"headers": ((name, api.basic),)}
    yield {"query": f"basic={right.replace('=', '%3D').replace('+', '%2B')}"}
    yield {"key": api.key, "field": "Basic !!!!"}
    unpadded = right.rstrip("=").replace("+", "-").replace("/", "_")
    yield {"field": f"Basic {unpadded}"}
    for name in (user.swapcase(), *(["junk"] * 6)):
        yield {"field": basic(f"{name}:{password}")}
    for _ in range(6):
        yield {"field": basic(f"{user}:junk"), "connection": 3}
    yield {"field": api.basic}


def tokens(api: OrigoidApi) -> Asked:
    """What is almost a token, or not written so."""
    token = api.token()
    head, payload, signature = token.split(".")
    raw = bytearray(base64.urlsafe_b64decode(signature + "=="))
    raw[len(raw) // 2] ^= 0x10
    yield from ({"field": bearer(f"{head}.{payload}{rest}")} for rest in ("", ".", f".{encoded(bytes(raw))}"))
    yield {"field": bearer(tampered(token, 1, sub="someone-else"))}
    yield {"field": bearer(tampered(token, 0, added="1"))}
    yield {"field": bearer(tampered(token, 0, alg="none"))}
    yield {"field": bearer(f"{token}.{signature}")}
    embedded = {"alg": "HS256", "typ": "JWT", "jwk": {"kty": "oct", "k": encoded("k" * 32)}}
    for header, key in ((None, b""), (None, b"secret"), (embedded, b"k" * 32)):
        signed = f"{head if header is None else encoded(json.dumps(header))}.{payload}"
        mac = hmac.new(key, signed.encode(), hashlib.sha256).digest()
        yield {"field": bearer(f"{signed}.{encoded(mac)}")}
    for field in (f"Bearer{token}", f"Bearer: {token}", f"Bearer {token} {token}", f'Bearer "{token}"'):
        yield {"field": field}
    for field in (f"Bearer {token},", f"bearer {token}", f"BEARER {token}"):
        yield {"field": field}
    for name in ("access_token", "jwt"):
        yield {"query": f"{name}={token}"}
    yield {"field": bearer(token), "peer": ELSEWHERE}


def exchanges(api: OrigoidApi) -> Asked:
    """Requests for tokens, right ones and others."""
    asked: dict[str, Any] = {"path": EXCHANGE, "method": "POST", "body": GRANT}
    token = bearer(api.token())
    for given in ({"key": api.key}, {"field": api.basic}, {"field": token}, {}, {"key": "a" * 44}):
        yield {**asked, **given}
    names: list[Any] = [
        "",
        "none",
        "CLIENT_CREDENTIALS",
        "client",
        ["client_credentials"],
        {"$ne": 1},
        1,
        None,
    ]
    for body in ({}, *({"grant_type": name} for name in names), [], b"{", b""):
        yield {**asked, "key": api.key, "body": body}
    yield {**asked, "key": api.key, "headers": (("content-type", "text/plain"),)}
    latest = {**asked, "key": api.key, "connection": 5}
    yield {**latest, "served": 0}
    first = shown(api.ask(**latest, served=1))["data"]
    yield {**latest, "served": 2}
    yield {"field": bearer(first["access_token"]), "connection": 5} if "access_token" in first else {}


def scopes(api: OrigoidApi) -> Asked:
    """From elsewhere, for what an account does not have, and with two credentials."""
    key, other, full = (api.seeded.keys[name] for name in ("restricted-key", "other-key", "full-key"))
    yield {"key": key}
    for name in (
        "x-forwarded-for",
        "true-client-ip",
        "cf-connecting-ip",
        "x-client-ip",
        "x-cluster-client-ip",
    ):
        yield {"key": key, "peer": ELSEWHERE, "headers": ((name, "127.0.0.1"),)}
    for value in (f"127.0.0.1, {ELSEWHERE}", f"{ELSEWHERE}, 127.0.0.1"):
        yield {"key": key, "peer": ELSEWHERE, "headers": (("x-forwarded-for", value),)}
    yield {"key": key, "peer": ELSEWHERE, "headers": (("forwarded", "for=127.0.0.1"),)}
    for path, method in ((ACCOUNT, "GET"), (EXCHANGE, "POST")):
        yield {"path": path, "method": method, "body": GRANT, "key": key, "peer": ELSEWHERE}
        yield {"path": path, "method": method, "body": GRANT, "key": key}
    restricted = bearer(api.token(key=api.key))
    yield {"key": api.key, "peer": ELSEWHERE}
    yield {
        "field": bearer(api.token(key=key)) if api.exchange(key=key).status == 200 else "",
        "peer": ELSEWHERE,
    }
    for _ in range(12):
        yield {"path": REPORTS, "key": api.key}
        yield {"key": api.key, "field": restricted}
        yield {"key": api.key, "field": bearer("a.b.c")}
        yield {"key": "oid_junk", "field": api.basic}
        yield {"key": other, "field": api.basic}
    claimed = tampered(api.token(key=full), 1, exp=1)
    yield {"path": REPORTS, "key": api.key, "field": bearer(claimed)}
    yield {"path": REPORTS, "key": full[:-1], "field": restricted}


def pages(api: OrigoidApi) -> Asked:
    """Requests of web pages."""
    browser = api.seeded.keys["browser-key"]
    token = bearer(api.token(key=browser))
    listed = service.LISTED
    near = [listed + ".evil.example", "https://evilapp.widgets.example", "https://evil.app.widgets.example"]
    near += [listed.replace("https", "http"), listed + ":8443", listed + ".", "null"]
    for origin in (listed, service.FOREIGN, service.UNLISTED, *near):
        for given in ({"key": browser}, {"field": token}, {"key": api.key}, {}):
            yield {**given, "origin": origin}
        asked = (("access-control-request-method", "GET"), ("access-control-request-headers", "x-api-key"))
        yield {"method": "OPTIONS", "origin": origin, "headers": asked}
    yield {"path": EXCHANGE, "method": "POST", "body": GRANT, "key": browser, "origin": listed}
    yield {"field": token}
    yield {"key": browser}


def bystanding(api: OrigoidApi) -> Asked:
    """Further fields, and the same again and again."""
    for number, field in enumerate(FIELDS):
        yield {"headers": (field,), "connection": 40 + number}
    yield {"query": "_method=OPTIONS", "connection": 40}
    for number in range(25):
        for connection, key in ((6, api.key), (7, None), (8, api.key[:-1]), (9, f"oid_{number:040}")):
            yield {"key": key, "connection": connection, "served": number}
    for number in range(25):
        yield {"key": api.key, "connection": 60 + number, "served": 0}
    for connection, key in ((10, api.key), (10, api.key), (10, None), (11, api.key)):
        yield {"key": key, "connection": connection}
    yield {"key": api.seeded.keys["other-key"], "connection": 11}


def asking_support(api: OrigoidApi, method: str, path: str, body: Any = None, **more: Any) -> dict[str, Any]:
    """A request to the support, by its own key unless `more` says otherwise."""
    given = {"host": support.HOST, "key": api.seeded.support_key, "connection": 30}
    return {**given, "method": method, "path": path, "body": body, **more}


def managed(api: OrigoidApi) -> Asked:
    """Keys are made, listed, and managed without the right to."""
    path = f"{api.account()}/keys"
    for number in range(12):
        yield asking_support(api, "POST", path, {"name": f"crowd-{number}"}, connection=100 + number)
    for made in [api.new_key(f"one of five, {number}") for number in range(5)]:
        yield {"key": made["key"]}
    api.new_key('etl-pipeline "é" <b> of this very day')
    for what in ("keys", "activity"):
        yield asking_support(api, "GET", f"{api.account()}/{what}")
    for secret in (None, api.key):
        yield asking_support(api, "POST", path, {"name": "mine"}, key=secret)
        made = api.new_key("theirs")
        yield asking_support(api, "DELETE", f"{path}/{made['id']}", key=secret)
        yield {"key": made["key"]}


def ended(api: OrigoidApi) -> Asked:
    """Keys, tokens and an account come to their end. The clock moves meanwhile."""
    path = f"{api.account()}/keys"
    shorter, longer = api.new_key("run-a")["key"], api.new_key("run-a2bc")["key"]
    chosen, disabled = api.new_key("run-a2"), api.new_key("disabled")
    held = [held_for(api, each["key"]) for each in (chosen, disabled)]
    brief = bearer(api.token(key=api.seeded.keys["brief-key"]))
    for _ in range(50):
        yield {"key": chosen["key"], "connection": 31}
    yield asking_support(api, "DELETE", f"{path}/{chosen['id']}")
    yield asking_support(api, "POST", f"{path}/{disabled['id']}/disable")
    for seconds in (0, 3, 4, 9, 6):
        api.clock.now += seconds
        for _ in range(10):
            yield {"key": chosen["key"], "connection": 31}
        yield {"key": chosen["key"], "connection": 32}
        yield {"path": EXCHANGE, "method": "POST", "body": GRANT, "key": chosen["key"]}
        yield {"key": chosen["key"], "headers": (("if-none-match", "*"),)}
        yield from ({"key": each} for each in (shorter, longer, disabled["key"]))
        yield from ({"field": each} for each in (*held, brief))
        yield {"path": EXCHANGE, "method": "POST", "body": GRANT, "field": brief}
    for _ in range(2):
        yield asking_support(api, "DELETE", f"{path}/{chosen['id']}")
        yield {"key": chosen["key"]}
    api.new_key("run-a2")
    yield {"key": chosen["key"]}
    doomed = api.seeded.keys["doomed-key"]
    token = held_for(api, doomed)
    yield asking_support(api, "DELETE", api.account("doomed"))
    yield from ({"key": doomed}, {"field": token})
    yield {"path": EXCHANGE, "method": "POST", "body": GRANT, "key": doomed}


def held_for(api: OrigoidApi, key: str) -> str:
    """The field with a token for a key, if one is granted."""
    answer = api.exchange(key=key)
    return bearer(shown(answer)["data"]["access_token"]) if answer.status == 200 else "Bearer"


PARTS = (presented, keys, pairs, tokens, exchanges, scopes, pages, bystanding, managed, ended)
