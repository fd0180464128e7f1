"""Whose JWT it is: an access token of RFC 9068, by a key pair that its kid names."""

from __future__ import annotations

from reference_server import claims as times
from reference_server import jwts, reading, scopes
from reference_server.standard.behaviour import Caller, Claims, Facts, Found, Jws, Refusal
from reference_server.standard.records import Credential, Grant, Scopes, Signer

ISSUER = "https://issuer.standard.test"
AUDIENCE = "https://api.standard.test"
TYPES = ("at+jwt", "application/at+jwt")
"""RFC 9068 section 4, in small letters."""


def verify(facts: Facts, token: str) -> Found:
    """No claim is read before the signature holds, and no key looked for before the header is right."""
    decide = facts.behaviour
    jws = jwts.read(facts, token)
    if jws is None:
        return Refusal("malformed-token")
    if refusal := decide.judge_type(facts, jws) or decide.judge_extensions(facts, jws):
        return refusal
    kid = decide.name_key(facts, jws)
    if isinstance(kid, Refusal):
        return kid
    signer = decide.find_signer(facts, kid)
    if signer is None:
        return Refusal("unknown-kid")
    if refusal := decide.judge_algorithm(facts, jws, signer):
        return refusal
    if not decide.holds(facts, jws, signer):
        return Refusal("bad-signature")
    claims = jwts.claims(facts, jws)
    if claims is None:
        return Refusal("malformed-token")
    return decide.judge_claims(facts, claims, signer) or _calling(facts, claims, signer)


def _calling(facts: Facts, claims: Claims, signer: Signer) -> Found:
    """A token that was had for a credential ends with it; of others nothing is known but what they say."""
    grant = facts.behaviour.find_grant(facts, claims)
    credential = _had_for(facts, grant)
    if grant and (grant.revoked_at is not None or (grant.credential and credential is None)):
        return Refusal("ended-token")
    may = facts.behaviour.name_scopes(facts, claims)
    return Caller(str(claims.get("sub")), signer.owner, "jwt", may, credential)


def _had_for(facts: Facts, grant: Grant | None) -> Credential | None:
    found = facts.server.store.credential(grant.credential) if grant and grant.credential else None
    return found if found and facts.behaviour.is_live(facts, found) else None


# --- the header ----------------------------------------------------------------------------------


def judge_type(facts: Facts, jws: Jws) -> Refusal | None:
    """RFC 9068 section 4: it must be there, and media types know no letter case."""
    named = jws.header.get("typ")
    known = isinstance(named, str) and named.lower() in TYPES
    return None if known else Refusal("wrong-type")


def name_key(facts: Facts, jws: Jws) -> str | Refusal:
    kid = jws.header.get("kid")
    if kid is None or kid == "":
        return Refusal("missing-kid")
    return kid if isinstance(kid, str) else Refusal("unknown-kid")


def find_signer(facts: Facts, kid: str) -> Signer | None:
    return facts.server.store.signer(kid)


def judge_algorithm(facts: Facts, jws: Jws, signer: Signer) -> Refusal | None:
    """That of the key, whatever others it could be used with: RFC 8725 section 3.1."""
    return None if jws.header.get("alg") == signer.algorithm else Refusal("wrong-algorithm")


def judge_extensions(facts: Facts, jws: Jws) -> Refusal | None:
    return Refusal("unknown-extension") if times.extended(jws.header) else None


def holds(facts: Facts, jws: Jws, signer: Signer) -> bool:
    from reference_server import jose  # joserfc takes longer to import than all the rest

    return jose.holds(jws.text, jose.pair(signer.private, signer.algorithm), signer.algorithm)


# --- the claims ----------------------------------------------------------------------------------


def judge_claims(facts: Facts, claims: Claims, signer: Signer) -> Refusal | None:
    decide = facts.behaviour
    return (
        decide.judge_expiry(facts, claims)
        or decide.judge_beginning(facts, claims)
        or decide.judge_issuer(facts, claims)
        or decide.judge_audience(facts, claims)
        or decide.judge_subject(facts, claims, signer)
        or _judge_issue(claims)
    )


def _judge_issue(claims: Claims) -> Refusal | None:
    """RFC 9068 section 2.2 requires a moment of issue, and an identifier."""
    issued, id = claims.get("iat"), claims.get("jti")
    return None if reading.is_date(issued) and isinstance(id, str) and id else Refusal("wrong-claim")


def judge_expiry(facts: Facts, claims: Claims) -> Refusal | None:
    wrong = times.expiry(claims, facts.now)
    return Refusal(wrong) if wrong else None


def judge_beginning(facts: Facts, claims: Claims) -> Refusal | None:
    wrong = times.beginning(claims, facts.now)
    return Refusal(wrong) if wrong else None


def judge_issuer(facts: Facts, claims: Claims) -> Refusal | None:
    """Compared character by character: RFC 9068 section 4."""
    return None if claims.get("iss") == ISSUER else Refusal("wrong-claim")


def judge_audience(facts: Facts, claims: Claims) -> Refusal | None:
    """One text, or a list with it in it: RFC 7519 section 4.1.3."""
    named = claims.get("aud")
    listed = named if isinstance(named, list) else [named]
    return None if AUDIENCE in listed else Refusal("wrong-claim")


def judge_subject(facts: Facts, claims: Claims, signer: Signer) -> Refusal | None:
    """The pair is for tokens of one subject; a tenant that is named besides must be the subject's."""
    same = (
        claims.get("sub") == signer.subject
        and claims.get("tenant", signer.owner.tenant) == signer.owner.tenant
    )
    return None if same else Refusal("wrong-claim")


def find_grant(facts: Facts, claims: Claims) -> Grant | None:
    return facts.server.store.grant(str(claims.get("jti")))


def name_scopes(facts: Facts, claims: Claims) -> Scopes:
    scope = claims.get("scope")
    return scopes.named(scope) if isinstance(scope, str) else ()
