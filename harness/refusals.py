"""The reasons for which a request is refused, and which stands in for which."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """What is wrong with the request; `like` is the reason whose description also holds for this one."""

    means: str
    like: str = "default"


REASONS = {
    "missing-credential": Reason("no credential was sent"),
    "head-without-credential": Reason(
        "no credential was sent with HEAD, which the API need not know", "missing-credential"
    ),
    "wrong-slot": Reason("the credential was sent where the API does not look", "missing-credential"),
    "credential-in-url": Reason("the credential was sent in the URL", "wrong-slot"),
    "malformed-credential": Reason("the field that holds the credential is not well-formed"),
    "wrong-scheme": Reason("the credential was sent under another scheme", "malformed-credential"),
    "ambiguous-credential": Reason("two credentials were sent where one belongs", "malformed-credential"),
    "wrong-kind": Reason("the operation takes another kind of credential"),
    "unknown-credential": Reason("nobody has this credential"),
    "altered-credential": Reason("a valid credential was changed", "unknown-credential"),
    "revoked-credential": Reason("the credential was revoked", "unknown-credential"),
    "orphaned-token": Reason("the credential that the token was granted for has ended", "revoked-credential"),
    "expired-credential": Reason("the credential's life is over", "unknown-credential"),
    "revoked-grant": Reason("the grant that the token came from was withdrawn", "revoked-credential"),
    "foreign-object": Reason("the object belongs to another account"),
    "bad-token": Reason("the token was not granted by the authorization server", "altered-token"),
    "without-scope": Reason("the credential names no scope, or none that exists"),
    "invalid-client-by-basic": Reason(
        "the client that used Basic could not be authenticated (RFC 6749 section 5.2)", "invalid-client"
    ),
    "unknown-token": Reason("nobody has this token", "unknown-credential"),
    "altered-token": Reason("a valid token was changed", "unknown-token"),
    "wrong-prefix": Reason("a valid token was given another beginning", "altered-token"),
    "revoked-elsewhere": Reason(
        "the credential was revoked, and belongs to another instance", "revoked-credential"
    ),
    "management-refused": Reason("the credential may not manage credentials"),
    "expired-token": Reason("the token's life is over", "unknown-token"),
    "sample-credential": Reason("the credential is printed in public documents", "unknown-credential"),
    "unknown-key": Reason("nobody has this API key", "unknown-credential"),
    "altered-key": Reason("a valid API key was changed", "unknown-key"),
    "wrong-password": Reason("the password is not the user's", "unknown-credential"),
    "unknown-user": Reason("there is no such user", "unknown-credential"),
    "disabled-credential": Reason("the credential or its owner was disabled", "unknown-credential"),
    "wrong-address": Reason("the credential may not be used from this address", "unknown-credential"),
    "not-available": Reason("the account may not use this operation"),
    "insufficient-scope": Reason("the credential lacks the scope"),
    "wrong-instance": Reason("the credential belongs to another instance"),
    "wrong-environment": Reason("the credential belongs to another environment", "wrong-instance"),
    "wrong-instance-and-tenant": Reason(
        "the credential and the tenant in the path belong to another instance", "wrong-instance"
    ),
    "foreign-tenant": Reason("the request names another tenant than the credential's", "wrong-instance"),
    "unknown-instance": Reason("there is no such instance"),
    "unknown-instance-anonymous": Reason(
        "there is no such instance, and no credential was sent", "unknown-instance"
    ),
    "deleted-instance": Reason("the instance was deleted", "unknown-instance"),
    "deleted-instance-and-foreign": Reason(
        "the instance was deleted, and the credential belongs to another", "deleted-instance"
    ),
    "malformed-token": Reason("the JWT is not well-formed", "unknown-token"),
    "bad-signature": Reason("the JWT's signature does not verify", "unknown-token"),
    "wrong-algorithm": Reason("the JWT's algorithm is not one that the API uses", "bad-signature"),
    "not-yet-valid": Reason("the JWT's nbf lies in the future", "unknown-token"),
    "missing-claim": Reason("the JWT lacks a required claim", "unknown-token"),
    "wrong-claim": Reason("a claim of the JWT has a value that the API must not accept", "unknown-token"),
    "missing-kid": Reason("the JWT names no key", "unknown-token"),
    "unknown-kid": Reason("the JWT names a key that does not exist", "bad-signature"),
    "empty-kid": Reason("the JWT names no key in words: empty, or null", "unknown-kid"),
    "foreign-kid": Reason("the JWT names another account's key", "bad-signature"),
    "invalid-request": Reason("the token request is not well-formed (RFC 6749 section 5.2)"),
    "incomplete-request": Reason("the token request lacks a parameter", "invalid-request"),
    "invalid-client": Reason("the client could not be authenticated (RFC 6749 section 5.2)"),
    "invalid-grant": Reason("the grant is invalid, expired or used up (RFC 6749 section 5.2)"),
    "unsupported-grant": Reason("the grant type is not supported (RFC 6749 section 5.2)"),
    "invalid-scope": Reason("the scope is unknown or too wide (RFC 6749 section 5.2)"),
    "rate-limited": Reason("too many requests were made (RFC 6585 section 4)"),
}


def lineage(reason: str) -> Iterator[str]:
    """`reason` and those that stand in for it, the most general (`default`) first."""
    if reason != "default":
        known = REASONS.get(reason)
        yield from lineage(known.like if known else "default")
    yield reason
