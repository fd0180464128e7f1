"""What the suites look at over the life of a token and of an instance: the words for what a fault breaks."""

from __future__ import annotations

PROMPTLY = ("practice/usable-promptly", "originchain/endpoint")
SEVERAL = ("practice/several-credentials", "originchain/many-tokens", "originchain/endpoint")
OVERLAP = ("practice/overlap", "originchain/overlap", "originchain/endpoint")
EXPIRY = ("practice/expiry-honoured", "originchain/short-lived", "rfc9110/11.4-status")
GUESSABLE = "rfc6749/10.10-unguessable"

MANAGED = ("asvs/8.2.1-management-protected", "rfc9110/11.4-status")
"""What falls when somebody without a credential is not refused by the management."""
SEPARATE = ("practice/management-separate", "originchain/dashboard-only", "rfc9110/11.4-status")
"""What falls when a token for the data is not."""
RECORDED = ("practice/activity-recorded", "originchain/activity")

SUFFICIENT = "originchain/revocation-sufficient"
WARM = "asvs/7.4.1-revoked-warm"
WATCHED = (
    "asvs/7.4.1-revoked-refused",
    "originchain/revocation",
    "rfc7009/2.1-stays-revoked",
    SUFFICIENT,
    WARM,
)
"""What is looked at for a while after the time allowed: a revoked token that is accepted then breaks all."""

EVERYWHERE = ("asvs/7.4.1-revoked-everywhere", SUFFICIENT, "originchain/revocation")
CONDITIONAL = ("rfc9110/13.2.1-revoked-conditional", SUFFICIENT, "originchain/revocation")
TWICE = ("practice/revoke-twice", "originchain/revoke-twice")
IRREVERSIBLE = ("practice/revocation-irreversible", "originchain/revocation")
LIKE_UNKNOWN = ("practice/revoked-like-unknown", "originchain/revoked-like-unknown")
LOOKED_AT_ONCE = tuple(
    name for name in (*EVERYWHERE, *CONDITIONAL, *TWICE, *IRREVERSIBLE, *LIKE_UNKNOWN) if name not in WATCHED
)
"""What one request shows, which is sent when the token should have been refused for a moment."""

TARGETED = ("practice/revocation-targeted", "originchain/revocation-targeted", "originchain/endpoint")
"""What falls when another token stops working: it is refused what the document promises to a valid one."""
ELSEWHERE = ("practice/revoked-elsewhere", "originchain/revoked-elsewhere")
DELETED = ("practice/deleted-instance", "originchain/404-deleted")

DEAD = (
    *WATCHED,
    *EVERYWHERE,
    *CONDITIONAL,
    *TWICE,
    *IRREVERSIBLE,
    *ELSEWHERE,
    *DELETED,
    *EXPIRY,
)
"""What falls when unknown tokens are not refused: one that was revoked or has expired is unknown, and so is
one of a deleted instance. Only an unknown one is as before, and is answered like them."""
