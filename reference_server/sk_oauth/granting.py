"""Tokens for a code, and for the refresh token that came with the last: RFC 6749 sections 4.1.3 and 6."""

from __future__ import annotations

import base64
import hmac
import re
from hashlib import sha256
from typing import Any

from reference_server.messages import Answer, json_answer
from reference_server.secret import digest, random_text
from reference_server.sk_oauth.authentication import ACCESS_PREFIX
from reference_server.sk_oauth.behaviour import Facts, Granted, Parameters, Problem
from reference_server.sk_oauth.records import AccessToken, Client, Code, Grant, RefreshToken, Scopes

LIFE = 3600.0
"""Seconds that an access token lasts; they are not shrunk."""
REFRESH_PREFIX = "rt_"
SECRET_LENGTH = 40

_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
_INVALID_CODE = Problem("invalid_grant", "The code is not known, was used, has expired, or is another's")
_INVALID_REFRESH = Problem("invalid_grant", "The refresh token is not known, was used, or is another's")

# --- a code --------------------------------------------------------------------------------------


def redeem(facts: Facts, client: Client, found: Parameters) -> Granted | Problem:
    """A code is used up by the first request that is right in all else. A second such request has learnt it
    from somebody: RFC 6749 section 4.1.2."""
    decide = facts.behaviour
    if "code" not in found:
        return Problem("invalid_request", "code is missing")
    code = decide.find_code(facts, found["code"])
    if code is None or not decide.is_fresh(facts, code):
        return _INVALID_CODE
    if problem := decide.judge_redemption(facts, code, client, found):
        return problem
    grant = facts.server.store.grants.grant(code.grant)
    if grant is None or not decide.spend(facts, code):
        return _INVALID_CODE
    return Granted(grant, client, grant.scopes, grant.scopes)


def find_code(facts: Facts, secret: str) -> Code | None:
    return facts.server.store.grants.code(digest(secret))


def is_fresh(facts: Facts, code: Code) -> bool:
    return facts.now < code.expires_at


def judge_redemption(facts: Facts, code: Code, client: Client, found: Parameters) -> Problem | None:
    if code.asked.client != client.id:
        return _INVALID_CODE
    if found.get("redirect_uri") != code.asked.redirect_uri:
        return Problem("invalid_grant", "redirect_uri is not the one that the code was sent to")
    return facts.behaviour.judge_verifier(facts, code, found)


def judge_verifier(facts: Facts, code: Code, found: Parameters) -> Problem | None:
    """RFC 7636 section 4.6. A verifier for a code without a challenge is the sign of a downgrade: RFC 9700
    section 2.1.1."""
    verifier = found.get("code_verifier")
    if code.asked.challenge is None:
        return None if verifier is None else Problem("invalid_grant", "There was no code_challenge")
    if verifier is None or not _VERIFIER.fullmatch(verifier):
        return Problem("invalid_grant", "code_verifier is missing or no verifier")
    made = base64.urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=")
    right = hmac.compare_digest(made, code.asked.challenge.encode())
    return None if right else Problem("invalid_grant", "code_verifier is not that of code_challenge")


def spend(facts: Facts, code: Code) -> bool:
    grants = facts.server.store.grants
    if code.used_at is not None:
        grants.revoke_grant(code.grant, facts.now)
        return False
    grants.use_code(code.digest, facts.now)
    return True


# --- a refresh token -----------------------------------------------------------------------------


def refresh(facts: Facts, client: Client, found: Parameters) -> Granted | Problem:
    """Each refresh token is used once. A second use ends the grant, because one of the two users has stolen
    it: RFC 9700 section 4.14.2."""
    decide = facts.behaviour
    if "refresh_token" not in found:
        return Problem("invalid_request", "refresh_token is missing")
    token = decide.find_refresh(facts, found["refresh_token"])
    grant = facts.server.store.grants.grant(token.grant) if token else None
    if token is None or grant is None:
        return _INVALID_REFRESH
    if problem := decide.judge_refresh(facts, token, grant, client):
        return problem
    scopes = decide.narrow(facts, token, found)
    if isinstance(scopes, Problem):
        return scopes
    if not decide.rotate(facts, token):
        return _INVALID_REFRESH
    return Granted(grant, client, scopes, token.scopes)


def find_refresh(facts: Facts, secret: str) -> RefreshToken | None:
    return facts.server.store.grants.refresh_token(digest(secret))


def judge_refresh(facts: Facts, token: RefreshToken, grant: Grant, client: Client) -> Problem | None:
    ended = grant.revoked_at is not None
    return _INVALID_REFRESH if ended or grant.client != client.id else None


def narrow(facts: Facts, token: RefreshToken, found: Parameters) -> Scopes | Problem:
    """Those that were granted, or fewer; never more: RFC 6749 section 6."""
    wanted = found["scope"].split(" ") if "scope" in found else token.scopes
    if not set(wanted) <= set(token.scopes):
        return Problem("invalid_scope", "A scope was not granted")
    return tuple(scope for scope in token.scopes if scope in wanted)


def rotate(facts: Facts, token: RefreshToken) -> bool:
    grants = facts.server.store.grants
    if token.used_at is not None:
        grants.revoke_grant(token.grant, facts.now)
        return False
    grants.use_refresh_token(token.digest, facts.now)
    return True


# --- the answer ----------------------------------------------------------------------------------


def token_life(facts: Facts, client: Client) -> float:
    return client.token_life


def grant(facts: Facts, granted: Granted) -> Answer:
    """RFC 6749 section 5.1; that nothing is stored, every answer says."""
    server = facts.server
    grants = server.store.grants
    life = facts.behaviour.token_life(facts, granted.client)
    access = ACCESS_PREFIX + random_text(server.random, SECRET_LENGTH)
    lasting = REFRESH_PREFIX + random_text(server.random, SECRET_LENGTH)
    id = "token_" + random_text(server.random, 12)
    grants.add_access_token(
        AccessToken(id, digest(access), granted.grant.id, granted.scopes, facts.now + life)
    )
    grants.add_refresh_token(RefreshToken(digest(lasting), granted.grant.id, granted.lasting))
    body: dict[str, Any] = {
        "access_token": access,
        "token_type": "Bearer",
        "expires_in": int(life) if life == int(life) else life,
        "refresh_token": lasting,
        "scope": " ".join(granted.scopes),
    }
    return json_answer(200, body, {"Pragma": "no-cache"})
