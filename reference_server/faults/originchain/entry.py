"""What the modules of this package share: where faults are entered, and the words for what they break."""

from __future__ import annotations

from collections.abc import Mapping

from reference_server.faults.catalogue import Catalogue
from reference_server.originchain.behaviour import Behaviour

CATALOGUE: Catalogue[Behaviour] = Catalogue("originchain")
fault = CATALOGUE.fault

# What the profile says of each reason for a refusal: that it is refused at all, and with which status.
MISSING = ("originchain/every-call", "originchain/401-missing")
MALFORMED = ("originchain/only-bearer", "originchain/401-malformed")
SLOT = ("originchain/only-bearer", "originchain/401-missing")
IN_URL = ("originchain/not-in-urls", "originchain/401-missing")
UNKNOWN = ("originchain/every-call", "originchain/401-unknown")
PREFIX = ("originchain/prefix", "originchain/401-unknown")
FOREIGN = ("originchain/instance-scope", "originchain/403-foreign")
ENVIRONMENT = ("originchain/test-is-trial", "originchain/403-foreign")
TENANT = ("asvs/8.4.1-tenant-path", "originchain/instance-scope")

BYSTANDING = (
    "asvs/4.1.3-identity-header",
    "asvs/4.1.4-method-override",
    "rfc9110/13.2.1-conditional",
    "rfc9110/14.2-range",
)
"""What else is asked without a token: with a field that names a user, a method, a condition or a range."""

REPEATED = ("practice/stays-refused", "rfc9110/3.3-each-request")
"""What falls as well when that which is not refused is asked again and again, and after a valid token."""

CHALLENGE = (
    "rfc9110/11.6.1-challenge",
    "rfc9110/11.6.1-challenge-grammar",
    "rfc9110/11.2-parameters-unique",
    "rfc9110/11.5-realm-quoted",
    "rfc6750/3-challenge-scheme",
    "rfc6750/3-challenge-characters",
)
"""What every 401 shows about its challenge."""

SHOWN = (*CHALLENGE, "practice/no-echo", "practice/no-internals")
"""What every refusal shows: its challenge, and nothing that it should keep to itself."""

ANONYMOUS = (
    "rfc6750/3-missing-refused",
    *MISSING,
    "rfc9110/9.3.2-head-like-get",
    "rfc6750/2.3-query-refused",
    "originchain/not-in-urls",
    "practice/other-slot-refused",
    "rfc9110/11.7.2-proxy-authorization",
    "originchain/only-bearer",
    *BYSTANDING,
    *REPEATED,
)
"""What falls when a request without Authorization is served: a token in another slot is one of those."""

ALTERED = (
    "rfc6750/3.1-unknown-refused",
    "rfc6749/10.3-altered-refused",
    "practice/case-changed-refused",
    "practice/encoded-refused",
    "practice/prefix-bound",
    "originchain/every-call",
    "originchain/prefix",
    *REPEATED,
)
"""What falls when an unknown token is not refused: an altered one is unknown too."""


def because(reason: str, *requirements: str) -> Mapping[str, str]:
    """Consequences that share a reason."""
    return dict.fromkeys(requirements, reason)
