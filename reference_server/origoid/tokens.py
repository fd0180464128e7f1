"""A token: a JWT that says who may use it until when, and nothing of the secret that it was had for."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from reference_server import reading
from reference_server.origoid.authentication import calling
from reference_server.origoid.behaviour import Caller, Facts, Found, Refusal, Server
from reference_server.origoid.records import Grant
from reference_server.reading import Jws

ISSUER = "https://api.origoid.test"


def by_bearer(facts: Facts, token: str) -> Found:
    """No claim is read before the signature holds, which is not looked at before the header is right."""
    decide = facts.behaviour
    jws = decide.read_token(facts, token)
    if jws is None:
        return Refusal("malformed-token")
    if refusal := decide.judge_header(facts, jws):
        return refusal
    if not decide.holds(facts, jws):
        return Refusal("bad-signature")
    claims = decide.read_claims(facts, jws)
    if claims is None:
        return Refusal("malformed-token")
    return decide.judge_claims(facts, claims) or decide.find_bearer(facts, claims)


def read_token(facts: Facts, token: str) -> Jws | None:
    return reading.jws_in(token)


def judge_header(facts: Facts, jws: Jws) -> Refusal | None:
    """The one algorithm that is ours, and no extension, for there is none that we would understand."""
    if jws.header.get("alg") != facts.behaviour.name_algorithm(facts.server):
        return Refusal("wrong-algorithm")
    return Refusal("unknown-extension") if "crit" in jws.header else None


def name_algorithm(server: Server) -> str:
    return "HS256"


def holds(facts: Facts, jws: Jws) -> bool:
    from reference_server import jose

    algorithm = facts.behaviour.name_algorithm(facts.server)
    return jose.holds(jws.text, _signing_key(facts.server, algorithm), algorithm)


def sign(server: Server, claims: Mapping[str, Any]) -> str:
    from reference_server import jose

    algorithm = server.behaviour.name_algorithm(server)
    return jose.sign({"alg": algorithm, "typ": "JWT"}, claims, _signing_key(server, algorithm))


def _signing_key(server: Server, algorithm: str) -> Any:
    from reference_server import jose  # joserfc takes longer to import than all the rest

    return jose.shared(server.secret) if algorithm == "HS256" else jose.private(server.private)


def read_claims(facts: Facts, jws: Jws) -> Mapping[str, Any] | None:
    payload = reading.decoded(jws.payload)
    return None if payload is None else reading.json_object(payload)


def judge_claims(facts: Facts, claims: Mapping[str, Any]) -> Refusal | None:
    if claims.get("iss") != ISSUER:
        return Refusal("wrong-claim")
    return facts.behaviour.judge_expiry(facts, claims)


def judge_expiry(facts: Facts, claims: Mapping[str, Any]) -> Refusal | None:
    """Without any leeway: the clock that made it is the one that judges it."""
    expiry = claims.get("exp")
    if not reading.is_date(expiry):
        return Refusal("wrong-claim")
    return Refusal("expired-token") if facts.now >= expiry else None


def find_bearer(facts: Facts, claims: Mapping[str, Any]) -> Found:
    """A token ends with its key, and with its account."""
    grant = facts.server.store.grant(str(claims.get("jti")))
    if grant is None or grant.account != claims.get("sub"):
        return Refusal("wrong-claim")
    key = facts.server.store.key(grant.key) if grant.key else None
    if grant.key and (key is None or not facts.behaviour.is_live(facts, key)):
        return Refusal("ended-token")
    return calling(facts, grant.account, "bearer", key)


def claim(facts: Facts, caller: Caller, life: float) -> Mapping[str, Any]:
    """The grant is kept, so that the token need not tell what it was had for."""
    server = facts.server
    id = str(uuid.UUID(int=server.random.getrandbits(128), version=4))
    server.store.add_grant(Grant(id, caller.account.id, caller.key.id if caller.key else None))
    # a NumericDate may have a fraction: RFC 7519 section 2; a life that is shrunk needs it
    times = {"iat": round(facts.now, 3), "exp": round(facts.now + life, 3)}
    return {"iss": ISSUER, "sub": caller.account.id, **times, "jti": id}
