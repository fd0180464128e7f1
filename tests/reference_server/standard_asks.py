"""A bit of everything that a client might send to the API of the standards."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

from bystanders import FIELDS
from calling import referring
from kid_api import GONE, encoded, tampered
from standard_api import FORM, HOSTS, ITEMS, StandardApi, make_standard_api, signature, signed
from standard_credentials import UNKNOWN_KEY, UNKNOWN_TOKEN, credentials, jwts, lasting

from reference_server import jose, keypairs, opening
from reference_server.messages import LOOPBACK, Answer, Request
from reference_server.reading import decoded
from reference_server.standard import service
from reference_server.standard.behaviour import Behaviour
from reference_server.standard.verification import AUDIENCE, ISSUER

Ask = dict[str, Any]
EXPORT = "/tenants/acme/export"


def answers(behaviour: Behaviour) -> list[Answer]:
    """What a server that decides so answers to all of it."""
    api = make_standard_api(behaviour)
    found = [
        api.ask(**request)
        for asked in (tenancy, documented, paths, fields, bodies, limits)
        for request in asked(api)
    ]
    found += [api.ask(token=token) for token in (*tokens(api), *other_forms(api))]
    found += [api.ask("POST", token=token, body={"name": "x"}) for token in scoped(api)]
    found += [api.ask(**request) for request in credentials(api)]
    found += [api.ask(token=token) for token in jwts(api)]
    found += [*guesses(api), *lives(api), *lasting(api), *twice(api), *by_hand(api)]
    head, claims = (json.loads(decoded(part) or b"") for part in api.jwt().split(".")[:2])
    found += referring(lambda token: api.ask(token=token), head, claims)
    api.server.store.close()
    return found


def tenancy(api: StandardApi) -> Iterator[Ask]:
    """Instances and what they hold; at the end the second tenant asks many times."""
    secrets = api.seeded.secrets
    other, sandbox = HOSTS["other"], HOSTS["sandbox"]
    yield {"key": api.key, "method": "POST", "body": {"name": "mine"}}
    for place, key in (
        ("own", api.key),
        ("other", secrets["other-key"]),
        ("sandbox", secrets["sandbox-key"]),
    ):
        tenant = service.PLACES[place][1].tenant
        for method in ("GET", "HEAD", "OPTIONS", "TRACE", "PROPFIND"):
            yield {"method": method, "key": key, "host": HOSTS[place], "path": f"/tenants/{tenant}/items"}
    for key in (secrets["other-key"], secrets["sandbox-key"], api.key):
        for host in (HOSTS["own"], other, sandbox, "nowhere.standard.test"):
            yield {"key": key, "host": host}
    yield {"key": secrets["other-key"], "host": other, "path": f"{ITEMS}/mine"}
    yield {
        "key": api.key,
        "headers": (("host", HOSTS["own"]),),
        "host": other,
        "path": "/tenants/globex/items",
    }
    yield {"key": api.key, "path": "/whoami"}
    yield {"token": api.jwt({"tenant": "globex"})}
    yield {"token": api.jwt(of="other-jwt"), "host": other, "path": "/tenants/globex/items"}
    for _ in range(10):
        yield {"key": secrets["other-key"], "host": other, "path": "/tenants/globex/items"}
    for path in (
        f"{ITEMS}/mine",
        f"{ITEMS}/none",
        "/health",
        "/.well-known/jwks.json",
        "/nothing",
        "/whoami",
    ):
        yield {"path": path}
        yield {"path": path, "key": api.key}
        yield {"path": path, "key": api.key, "method": "POST"}


def documented(api: StandardApi) -> Iterator[Ask]:
    """What only the API's document describes: the export, and who asks."""
    user = base64.b64encode(b"nobody:password").decode()
    for key in (api.key, api.seeded.secrets["other-key"], UNKNOWN_KEY, None):
        for method in ("GET", "HEAD", "OPTIONS"):
            yield {"path": EXPORT, "method": method, "key": key}
        yield {"path": EXPORT, "key": key, "query": "format=csv"}
    yield {"path": "/whoami", "token": UNKNOWN_TOKEN}
    yield {"path": "/whoami", "token": tampered(api.jwt(), 1, jti="j-2")}
    yield {"path": "/whoami", "headers": (("authorization", f"Basic {user}"),)}


def paths(api: StandardApi) -> Iterator[Ask]:
    """Spellings of a path, with a credential and without."""
    for path in (f"/{ITEMS}", "/%74enants/acme/items", ITEMS.upper(), f"/v0{ITEMS}", f"{ITEMS}/"):
        yield {"path": path}
        yield {"path": path, "key": api.key}
    for key in (api.key, None):
        yield {"path": f"{ITEMS}/x.css", "key": key}
    for name in ("x-original-url", "x-forwarded-path"):
        yield {"path": "/health", "headers": ((name, ITEMS),)}


def fields(api: StandardApi) -> Iterator[Ask]:
    """Methods and header fields that are unusual, and a key that is almost right."""
    for method in ("OPTIONS", "get", "PATCH", "PROPFIND", "TRACE"):
        yield {"method": method}
    for field in (
        *FIELDS,
        ("upgrade", "websocket"),
        ("connection", "close, X-Forwarded-For"),
        ("x_forwarded_user", "admin"),
        ("x_api_key", api.key),
        ("accept", "text/html"),
    ):
        yield {"headers": (field,)}
    for name in ("X-Api-Key", "headers[x-api-key]", "api_key"):
        yield {"query": f"{name}={api.key}"}
    wide = "".join(chr(ord(each) + 0xFEE0) if each.isalnum() else each for each in api.key)
    for key in (wide.encode().decode("latin-1"), "%zz", "A" * 9000, api.key[:-1], ""):
        yield {"key": key}
    yield {"key": api.key, "headers": (("authorization", f"Bearer {api.jwt()}"),)}
    yield {"key": api.key, "headers": (("authorization", "Bearer x"),)}
    yield {"key": api.key, "headers": (("x-api-key", api.key),)}
    for origin in (service.LISTED, service.FOREIGN, service.UNLISTED):
        asked = (("origin", origin), ("access-control-request-method", "GET"))
        yield {"method": "OPTIONS", "headers": asked}
        for name in ("key", "browser-key"):
            yield {"key": api.seeded.secrets[name], "headers": asked[:1]}


def bodies(api: StandardApi) -> Iterator[Ask]:
    for body in (b"{", b"[]", b"{}", b"x" * 10):
        yield {"method": "POST", "body": body}
        yield {"method": "POST", "body": body, "key": api.key}
    yield {"method": "POST", "body": b"x", "whole": False}
    yield {"method": "POST", "body": {"name": "refused"}, "key": "unknown"}
    yield {"key": api.key}
    for kind in ("client_credentials", "password", ""):
        body = f"grant_type={kind}".encode()
        yield {"method": "POST", "path": "/token", "key": api.key, "headers": (FORM,), "body": body}


def limits(api: StandardApi) -> Iterator[Ask]:
    """The allowance is used up, by others too."""
    token = api.seeded.secrets["limited-token"]
    for _ in range(7):
        yield {"token": token}
    yield {"token": token, "headers": (("x-forwarded-for", "192.0.2.1"),)}
    yield {"token": token, "headers": (("user-agent", "another"),)}
    yield {"token": token, "query": "x=1"}
    read = api.seeded.secrets["read-token"]
    yield {"token": read, "method": "POST", "body": {"name": "x"}}
    yield {"token": read, "method": "TRACE"}


def tokens(api: StandardApi) -> Iterator[str]:
    """JWTs with one thing wrong, or unusual."""
    now = int(api.clock.now)
    for of in ("jwt", "es256-jwt", "ps256-jwt", "eddsa-jwt", "other-jwt"):
        good = api.jwt(of=of)
        yield good
        yield good[:-12] + ("A" * 12 if of != "jwt" else "B" * 12)
        yield api.jwt(header={"kid": api.seeded.signers["jwt"].kid}, of=of)
    for iss in (GONE, "", ISSUER + "/", ISSUER.upper(), [ISSUER], "x"):
        yield api.jwt({"iss": iss})
    for aud in (GONE, "", [], [AUDIENCE], ["x", AUDIENCE], AUDIENCE + "/", "*", "x"):
        yield api.jwt({"aud": aud})
    for claims in ({"sub": "x"}, {"sub": "'"}, {"iat": "x"}, {"jti": GONE}, {"nbf": now + 45}):
        yield api.jwt(claims)
    for exp in (now - 3600, now - 45, GONE, "x"):
        yield api.jwt({"exp": exp})
    for typ in (GONE, "JWT", "AT+JWT", "application/at+jwt", "logout+jwt"):
        yield api.jwt(header={"typ": typ})
    yield api.jwt({"scope": GONE}, {"typ": "JWT"})
    for alg in ("none", "RS512", "PS256", "HS256", None):
        yield api.jwt(header={"alg": alg})
    for kid in (GONE, "", 0, "x", "; sleep 4"):
        yield api.jwt(header={"kid": kid})
    yield tampered(api.jwt(), 1, exp=now - 3600)
    yield tampered(api.jwt(), 1, sub="x")
    yield api.jwt(header={"crit": ["x"], "x": 1})
    yield api.jwt(payload=b'{"x": ' + b"[" * 600 + b"]" * 600 + b"}")


def other_forms(api: StandardApi) -> Iterator[str]:
    """The same in forms that few servers read, and by keys that are no secret or come along."""
    good = api.jwt()
    head, payload, last = good.split(".")
    yield json.dumps({"payload": payload, "protected": head, "signature": last})
    claims = base64.urlsafe_b64decode(payload + "==").decode()
    yield api.jwt(payload=claims.encode("utf-16-le"))
    yield api.jwt(payload=claims.encode()[:-1] + b',"x":"\xed\xa0\x80"}')
    yield "." * 1200
    yield "A" * 9000
    yield from confused(api)
    yield from brought(api)
    yield from by_curve(api)
    signer = api.seeded.signers["jwt"]
    pair = jose.pair(signer.private, "RS256")
    plain = encoded(json.dumps({"alg": "RS256", "typ": "at+jwt", "kid": signer.kid, "b64": False}))
    made = signature(f"{plain}.{claims}".encode(), signer.private, "RS256")
    yield f"{plain}.{payload}.{encoded(made)}"
    sealed = {"alg": "RSA-OAEP-256", "enc": "A256GCM", "kid": signer.kid}
    from joserfc import jwe

    yield jwe.encrypt_compact(sealed, claims, pair, ["RSA-OAEP-256", "A256GCM"])
    costly = {"alg": "PBES2-HS256+A128KW", "enc": "A128GCM", "p2c": 9}
    yield f"{encoded(json.dumps(costly))}.a.b.c.d"


def confused(api: StandardApi) -> Iterator[str]:
    """The public key as the secret of an HMAC."""
    import hashlib
    import hmac

    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    public = keypairs.loaded(api.seeded.signers["jwt"].private).public_key()
    text = api.jwt(header={"alg": "HS256"}).rpartition(".")[0]
    for form in (Encoding.PEM, Encoding.DER):
        secret = public.public_bytes(form, PublicFormat.SubjectPublicKeyInfo)
        yield f"{text}.{encoded(hmac.new(secret, text.encode(), hashlib.sha256).digest())}"


def brought(api: StandardApi) -> Iterator[str]:
    """A key, or a certificate, that comes along."""
    from datetime import UTC, datetime

    from cryptography import x509
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import Encoding

    pem = api.seeded.signers["other-jwt"].private
    key: Any = keypairs.loaded(pem)
    name = x509.Name([])
    moments = (datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, *moments)
    chain = [base64.b64encode(builder.sign(key, SHA256()).public_bytes(Encoding.DER)).decode()]
    for header in ({"jwk": jose.pair(pem, "RS256").as_dict(private=False)}, {"x5c": chain}):
        yield api.jwt(header=header, pair=pem)


def by_curve(api: StandardApi) -> Iterator[str]:
    """Signatures of ECDSA in other forms, and of zeros."""
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    good = api.jwt(of="es256-jwt")
    text, _, last = good.rpartition(".")
    raw = base64.urlsafe_b64decode(last + "==")
    first, second = raw[:32], raw[32:]
    der = encode_dss_signature(int.from_bytes(first, "big"), int.from_bytes(second, "big"))
    for other in (bytes(64), der, b"\0" + first + b"\0" + second):
        yield f"{text}.{encoded(other)}"


def scoped(api: StandardApi) -> Iterator[str]:
    for scope in ("write read", "read", "", True, {"write": 1}, [["write"]], GONE):
        yield api.jwt({"scope": scope})


def guesses(api: StandardApi) -> Iterator[Answer]:
    """Of passwords, until they are refused; then by whoever claims to be elsewhere, and by others."""
    pair = api.seeded.secrets["guessed-basic"]
    yield api.basic(pair)
    for _ in range(25):
        yield api.basic(pair + "x")
    yield api.basic(pair)
    authorization = ("authorization", "Basic " + base64.b64encode(pair.encode()).decode())
    yield api.ask(headers=(authorization, ("x-forwarded-for", "192.0.2.1")))
    for peer in (LOOPBACK, "127.0.0.2"):
        yield api.basic(api.seeded.secrets["basic"], peer=peer)


def lives(api: StandardApi) -> Iterator[Answer]:
    """Made, narrowed, disabled and revoked; what is had for them, and what is told of that."""
    made = api.new_key(life=60)
    path = f"/tenants/acme/keys/{made['id']}"
    yield api.ask(key=made["key"])
    for _ in range(2):
        yield api.ask(path="/tenants/globex/items", host=HOSTS["other"], key=api.seeded.secrets["other-key"])
    yield api.ask(key=made["key"])
    form: Ask = {"headers": (FORM,), "body": b"grant_type=client_credentials"}
    answer = api.ask("POST", "/token", key=made["key"], **form)
    token = json.loads(answer.body).get("access_token", "a.e30.b")
    yield Answer(answer.status, body=decoded(token.split(".")[1]) or b"")
    yield api.ask("POST", "/token", key=made["key"], headers=(FORM,), body=b"grant_type=client_credentials")
    for purpose in ("introspect", "revoke", "introspect"):
        yield api.about(purpose, token)
    yield api.manage("PATCH", path, {"scope": "read"})
    yield api.ask("POST", key=made["key"], body={"name": "narrow"})
    for method, below in (("POST", "/disable"), ("GET", ""), ("DELETE", ""), ("DELETE", "")):
        yield api.manage(method, path + below)
        yield api.ask(key=made["key"])
    for below in ("keys", "activity", "nothing"):
        yield api.manage("GET", f"/tenants/acme/{below}")
    yield api.manage("GET", "/tenants/globex/keys")
    yield api.manage("GET", "/tenants/acme/keys", token=api.seeded.secrets["token"])


def twice(api: StandardApi) -> Iterator[Answer]:
    """Many tokens that hold, on one connection, and then one that does not."""
    good = api.jwt()
    text, _, last = good.rpartition(".")
    for _ in range(21):
        yield api.ask(token=good, connection=9)
    yield api.ask(token=f"{text}.{last[:-8]}AAAAAAAA", connection=9)
    yield api.ask(token=signed(text, api.seeded.signers["other-jwt"].private, "RS256"), connection=9)


def by_hand(api: StandardApi) -> Iterator[Answer]:
    """Without TLS, and with a target in absolute form beside another Host."""
    plain = opening.plain(api.server)
    sent = (("host", HOSTS["own"]), ("x-api-key", api.key))
    if plain:
        yield plain(Request("GET", HOSTS["own"], ITEMS, "", sent, b"", True, 1, 0))
    yield api.handle(Request("GET", HOSTS["other"], "/tenants/globex/items", "", sent, b"", True, 1, 0))
