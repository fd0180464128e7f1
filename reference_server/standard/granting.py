"""POST /token: a key, or a name and password, for an access token of RFC 9068."""

from __future__ import annotations

import uuid
from typing import Any

from reference_server import forms
from reference_server.messages import Answer, json_answer
from reference_server.standard.behaviour import Caller, Claims, Facts
from reference_server.standard.records import Grant, Signer
from reference_server.standard.verification import AUDIENCE, ISSUER

PATH = "/token"
GRANT = "client_credentials"
LIFE = 3600
ALGORITHM = "RS256"
"""RFC 9068 section 2.1: what every resource server understands."""


def grant(facts: Facts, caller: Caller) -> Answer:
    """Who asks is known already; what is asked comes after that."""
    if not facts.request.whole:
        return facts.behaviour.problem(facts, 413, "The body is too long.")
    given = forms.in_body(facts.request)
    signer = _signer(facts, caller)
    if given is None or forms.repeated(given) or not dict(given).get("grant_type"):
        return _denied("invalid_request", "The body must be a form with one grant_type")
    if dict(given)["grant_type"] != GRANT:
        return _denied("unsupported_grant_type", f"grant_type must be {GRANT}")
    if signer is None or caller.method not in ("key", "basic"):
        return _denied("unauthorized_client", "No token is granted here, or not for this credential")
    return _granted(facts, caller, signer)


def _signer(facts: Facts, caller: Caller) -> Signer | None:
    """There is none in the sandbox."""
    pairs = facts.server.store.signers()
    own = (each for each in pairs if each.owner == caller.partition and each.algorithm == ALGORITHM)
    return next(own, None)


def _granted(facts: Facts, caller: Caller, signer: Signer) -> Answer:
    from reference_server import jose  # joserfc takes longer to import than all the rest

    claims = facts.behaviour.claim(facts, caller, signer)
    held = caller.credential.id if caller.credential else None
    facts.server.store.keep_grant(Grant(claims["jti"], held))
    header = {"alg": signer.algorithm, "typ": "at+jwt", "kid": signer.kid}
    body: dict[str, Any] = {
        "access_token": jose.sign(header, claims, jose.pair(signer.private, signer.algorithm)),
        "token_type": "Bearer",
        "expires_in": facts.behaviour.token_life(facts),
        "scope": claims["scope"],
    }
    return json_answer(200, body, {"Pragma": "no-cache"})


def _denied(error: str, description: str) -> Answer:
    """RFC 6749 section 5.2; that nothing is stored, every answer says."""
    return json_answer(400, {"error": error, "error_description": description}, {"Pragma": "no-cache"})


def token_life(facts: Facts) -> int:
    return LIFE


def claim(facts: Facts, caller: Caller, signer: Signer) -> Claims:
    """RFC 9068 section 2.2; the credential that it is had for is the client."""
    now = int(facts.now)
    return {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": signer.subject,
        "client_id": caller.id,
        "tenant": caller.partition.tenant,
        "scope": " ".join(caller.scopes),
        "iat": now,
        "exp": now + facts.behaviour.token_life(facts),
        "jti": str(uuid.UUID(int=facts.server.random.getrandbits(128), version=4)),
    }
