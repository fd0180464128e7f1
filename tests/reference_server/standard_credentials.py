"""What is almost a credential of the API of the standards, stands elsewhere, or comes again and again."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

from kid_api import GONE, encoded, tampered
from origin_asks import changes
from origin_asks import fields as field_values
from standard_api import FORM, HOSTS, ITEMS, StandardApi

from reference_server import keypairs
from reference_server.faults.shared.macs import HASHES
from reference_server.messages import Answer
from reference_server.standard import service

Ask = dict[str, Any]
UNKNOWN_KEY, UNKNOWN_TOKEN = "sa_" + "9a" * 20, "st_" + "9a" * 20
GLOBEX = {"host": HOSTS["other"], "path": "/tenants/globex/items"}
METHODS = ("HEAD", "PUT", "DELETE")


def authorization(value: str) -> Ask:
    return {"headers": (("authorization", value),)}


def credentials(api: StandardApi) -> Iterator[Ask]:
    """All of it."""
    for asked in (tokens, keys, pairs, scopes, tenants, pages, beside, again):
        yield from asked(api)


def tokens(api: StandardApi) -> Iterator[Ask]:
    """Opaque ones."""
    token = api.seeded.secrets["token"]
    for value in (*field_values(token), f"Basic {token}"):
        yield authorization(value)
    for each in (*changes(token), UNKNOWN_TOKEN):
        yield {"token": each}
    yield {"path": f"{ITEMS}/x", "method": "PUT", "token": UNKNOWN_TOKEN, "body": {"name": "x"}}
    two = (("authorization", f"Bearer {UNKNOWN_TOKEN}"), ("authorization", f"Bearer {token}"))
    yield {"headers": two}
    for query in (f"jwt={token}", f"access_token={token}"):
        yield {"query": query}
    for field in (("cookie", f"Authorization={token}"), ("proxy-authorization", f"Bearer {token}")):
        yield {"headers": (field,)}


def keys(api: StandardApi) -> Iterator[Ask]:
    """And what stands in their place."""
    key = api.key
    middle = next(index for index in range(20, len(key)) if key[index].isalpha())
    folded = key[:middle] + key[middle].swapcase() + key[middle + 1 :]
    for each in (*changes(key), folded, f"{key},", "null", "' OR '1'='1", f"{key}, {UNKNOWN_KEY}", "%20"):
        yield {"key": each}
    yield {"key": api.seeded.secrets["basic"]}
    for name in ("x-api-key", "api_key"):
        yield {"query": f"{name}={key}"}
    cookie, proxied = ("cookie", f"api_key={key}"), ("proxy-authorization", key)
    for field in (cookie, proxied, ("x-auth-token", key), ("authorization", key)):
        yield {"headers": (field,)}
    yield {"method": "POST", "headers": (FORM,), "body": f"api_key={key}".encode()}
    for pair in (f"{key}:", f":{key}"):
        yield authorization("Basic " + base64.b64encode(pair.encode()).decode())


def pairs(api: StandardApi) -> Iterator[Ask]:
    """Users and passwords."""
    right = api.seeded.secrets["basic"]
    user, _, password = right.partition(":")
    middle = next(index for index, each in enumerate(password) if each.isascii() and each.isalpha())
    letter = password[:middle] + password[middle].swapcase() + password[middle + 1 :]
    wrong = ["", password + " ", letter, password.partition(":")[0], "junk", password.swapcase()]
    texts = [f"{user}:{each}" for each in wrong] + [right + "\r\n", f"{user};{password}", "nobody:junk", ":x"]
    raws = [text.encode() for text in texts] + [right.encode("latin-1", "replace"), b"\xff\xfe:\xfc"]
    for raw in raws:
        value = "Basic " + base64.b64encode(raw).decode()
        yield authorization(value)
        yield {"method": "HEAD", **authorization(value)}
    text = base64.b64encode(right.encode()).decode()
    for scheme in ("Basic ", "Basic: ", "Digest ", "Bearer ", "BASIC ", "Basic  ", "Token "):
        yield authorization(scheme + text)
    for value in (f"Basic {text}!", f"Basic *{text}", "Basic", f"Basic {api.jwt()}"):
        yield authorization(value)
    yield {"headers": (("x-authorization", f"Basic {text}"),)}
    yield {"headers": (("proxy-authorization", f"Basic {text}"),)}
    yield {"query": f"basic={text.replace('+', '%2B').replace('=', '%3D')}"}


def scopes(api: StandardApi) -> Iterator[Ask]:
    """What needs more than a credential has."""
    read = api.seeded.secrets["read-token"]
    yield {"token": read, "method": "DELETE", "path": f"{ITEMS}/none"}
    yield {"token": read, "method": "POST", "body": {"name": "y"}, "headers": (("x-role", "admin"),)}
    for _ in range(12):
        yield {"token": read, "method": "POST", "body": {"name": "z"}, "connection": 12}
    for scope in ("reads writes", "write read"):
        yield {"token": api.jwt({"scope": scope}), "method": "POST", "body": {"name": scope[:5]}}


def tenants(api: StandardApi) -> Iterator[Ask]:
    """Credentials at other addresses, and by other methods."""
    secrets = api.seeded.secrets
    for method in METHODS:
        yield {"method": method, "path": ITEMS if method == "HEAD" else f"{ITEMS}/none"}
    yield {"key": api.key, "method": "POST", "body": {"name": "to-be-removed"}}
    yield {"key": api.key, "method": "DELETE", "path": f"{ITEMS}/to-be-removed"}
    for token in (secrets["other-token"], UNKNOWN_TOKEN, secrets["token"]):
        yield {"token": token, **GLOBEX}
    other = {"token": secrets["other-token"]}
    yield {**other, "method": "PUT", "path": f"{ITEMS}/none", "body": {"name": "x"}}
    yield {"token": secrets["token"], "host": HOSTS["other"]}
    yield {"token": secrets["token"], "path": "/tenants/globex/items"}
    yield {"path": f"{ITEMS}.json"}
    yield {"key": secrets["other-key"]}


def pages(api: StandardApi) -> Iterator[Ask]:
    """Of other origins than the configured ones."""
    key = api.seeded.secrets["browser-key"]
    for origin in ("null", "https://evil" + service.LISTED.removeprefix("https://")):
        yield {"key": key, "headers": (("origin", origin),)}
    yield {"key": key}


def beside(api: StandardApi) -> Iterator[Ask]:
    """Two credentials, many times."""
    for of in ("jwt", "other-jwt"):
        for _ in range(8):
            yield {"key": api.key, "token": api.jwt(of=of)}


def again(api: StandardApi) -> Iterator[Ask]:
    """The same many times on one connection, or in an order that seldom comes."""
    other = api.seeded.secrets["other-key"]
    for key in (api.key, UNKNOWN_KEY, None, other):
        for _ in range(25):
            yield {"key": key, "connection": 21}
    for key in (UNKNOWN_KEY, api.key, None, api.key, None, UNKNOWN_KEY, api.key, api.key, None, None):
        yield {"key": key, "connection": 22}
    for number in range(8):
        yield {"key": api.key, "connection": 200 + number}


# --- JWTs ------------------------------------------------------------------------------------------


def jwts(api: StandardApi) -> Iterator[str]:
    """With one thing wrong that needs its own text."""
    good = api.jwt()
    now = int(api.clock.now)
    head, payload, last = good.split(".")
    for other in (f"{good}.", f"{good}%0A", f"{head}.{payload}."):
        yield other
    raw = bytearray(base64.urlsafe_b64decode(last + "=="))
    raw[len(raw) // 2] ^= 16
    yield f"{head}.{payload}.{encoded(bytes(raw))}"
    yield tampered(good, 1, sub="someone-else")
    yield tampered(api.jwt(head=_sorted_header(api)), 0, x="1")
    yield api.jwt(header={"x-unknown": 1})
    yield api.jwt(header={"alg": "rs256"})
    yield api.jwt(header={"alg": GONE})
    yield from confused(api)
    for exp in (0, True, str(now + 60), now + 60.5, 2**70, now + 8 * 365 * 86400, None, now - 600):
        yield api.jwt({"exp": exp})
    for claims in ({"nbf": now - 600}, {"nbf": now + 600}, {"x": None}):
        yield api.jwt(claims)
    text = base64.urlsafe_b64decode(payload + "==").decode()
    twice = text[:-1] + f',"exp":{now - 3600}}}'
    endless = text.replace(f'"exp":{now + 3600}', '"exp":Infinity')
    for other in (twice, endless, "null"):
        yield api.jwt(payload=other.encode())
    yield api.jwt(head="[]")
    first = json.dumps({"alg": "RS256", "typ": "at+jwt", "kid": api.seeded.signers["jwt"].kid})
    yield api.jwt(head=first[:-1] + ', "alg": "none"}')


def _sorted_header(api: StandardApi) -> str:
    members = {"alg": "RS256", "kid": api.seeded.signers["jwt"].kid, "typ": "at+jwt"}
    return json.dumps(members, separators=(",", ":"))


def confused(api: StandardApi) -> Iterator[str]:
    """The public key as the secret of another HMAC."""
    import hmac

    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    public = keypairs.loaded(api.seeded.signers["jwt"].private).public_key()
    secret = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    text = api.jwt(header={"alg": "HS512"}).rpartition(".")[0]
    yield f"{text}.{encoded(hmac.new(secret, text.encode(), HASHES['HS512']).digest())}"


# --- the life of keys ------------------------------------------------------------------------------

SESSION, WATCHER = 30, 31
KEYS = "/tenants/acme/keys"


def lasting(api: StandardApi) -> Iterator[Answer]:
    """Made in numbers, named, revoked, and asked with over a time."""
    yield from making(api)
    yield from managing(api)
    yield from revoking(api)
    yield from waiting(api)


def _made(api: StandardApi, name: str, **more: Any) -> dict[str, Any]:
    answer = api.manage("POST", KEYS, {"name": name, **more}, connection=SESSION)
    found: dict[str, Any] = json.loads(answer.body)
    return found


def making(api: StandardApi) -> Iterator[Answer]:
    yield api.manage("POST", KEYS, {"name": 'etl-pipeline "é" <b> of this very day'})
    for key in [_made(api, f"one of five, {number}") for number in range(5)]:
        yield api.ask(key=key["key"])
    yield api.manage("GET", KEYS)


def managing(api: StandardApi) -> Iterator[Answer]:
    """Without the right to."""
    host = HOSTS["own"].replace("acme", "management")
    for secret in (None, api.key):
        yield api.ask("POST", KEYS, key=secret, host=host, body={"name": "mine"})
        key = _made(api, "theirs")
        yield api.ask("DELETE", f"{KEYS}/{key['id']}", key=secret, host=host)
        yield api.ask(key=key["key"])


def revoking(api: StandardApi) -> Iterator[Answer]:
    shorter, longer, chosen = (_made(api, name) for name in ("run-a", "run-a2b", "run-a2"))
    for _ in range(50):
        yield api.ask(key=chosen["key"], connection=WATCHER)
    for _ in range(2):
        yield api.manage("DELETE", f"{KEYS}/{chosen['id']}")
        yield api.ask(key=chosen["key"], connection=WATCHER)
    for method in ("HEAD", "DELETE"):
        yield api.ask(method, f"{ITEMS}/none", key=chosen["key"])
    yield api.ask(key=chosen["key"], headers=(("if-none-match", "*"),))
    yield api.ask(key=chosen["key"], **GLOBEX)
    for key in (shorter["key"], longer["key"]):
        yield api.ask(key=key)
    yield api.ask(key=api.seeded.secrets["other-key"], **GLOBEX)
    _made(api, "run-a2")
    for seconds in (0.0, 3.0, 4.0, 20.0):
        api.clock.now += seconds
        yield api.ask(key=chosen["key"], connection=WATCHER)


def waiting(api: StandardApi) -> Iterator[Answer]:
    fresh, brief = _made(api, "fresh"), _made(api, "brief", life=4)
    limited = api.seeded.secrets["limited-token"]
    for _ in range(7):
        yield api.ask(token=limited, connection=41)
    yield api.ask(key=api.key, connection=41)
    for seconds in (1.0, 2.0, 2.0, 8.0, 40.0):
        for key in (fresh, brief):
            yield api.ask(key=key["key"])
        yield api.ask(token=limited)
        api.clock.now += seconds
