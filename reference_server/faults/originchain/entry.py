"""What the modules of this package share: where faults are entered, and the words for what they break."""

from __future__ import annotations

from reference_server.faults.catalogue import Catalogue
from reference_server.faults.shared import bystanders, challenge, repetition
from reference_server.faults.shared.sets import because as because
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

BYSTANDING = bystanders.BYSTANDING
REPEATED = repetition.REPEATED

CHALLENGE = challenge.SHOWN
SHOWN = (
    *CHALLENGE,
    "rfc7617/2-realm",
    "rfc7617/2.1-charset",
    "practice/no-echo",
    "practice/no-internals",
)
"""What every refusal shows: its challenge, and nothing that it should keep to itself."""

ANONYMOUS_REFUSED = (
    "asvs/4.1.3-underscore",
    "asvs/14.2.1-query-is-no-header",
    "asvs/14.2.2-own-answer",
    "asvs/16.5.3-fail-closed",
)
"""What asks without a credential, and must be refused: fields with underscores, a query that looks like a
field, after somebody who was served, and to make something."""

ANONYMOUS = (
    "rfc6750/3-missing-refused",
    *MISSING,
    "rfc9110/9.3.2-head-like-get",
    "rfc6750/2.3-query-refused",
    "originchain/not-in-urls",
    "practice/other-slot-refused",
    "originchain/only-bearer",
    *ANONYMOUS_REFUSED,
    *BYSTANDING,
    *REPEATED,
)
"""What falls when a request without Authorization is served: a token in another slot is one of those."""

ANONYMOUS_UNSERVED = (
    "asvs/4.1.3-hop-by-hop",
    "asvs/4.4.3-upgrade",
    "asvs/8.3.1-path-encoding",
    "practice/error-media-type",
    "rfc9110/11.7.2-proxy-authorization",
)
"""What asks the same without a credential, and may be answered with anything that serves nothing: fields that
Connection names, another protocol, the path with its letters encoded, another media type, a token for a
proxy."""

FAIL_CLOSED = "asvs/16.5.3-fail-closed"
"""Falls when something is made with a credential that is missing, unknown, or lacks its last character."""

AFTER_REFUSAL = because(
    "what comes after a refusal is not looked at where nothing is refused",
    "practice/refusal-not-kept",
    "originchain/endpoint",
)

ALTERED = (
    "rfc6750/3.1-unknown-refused",
    "rfc6749/10.3-altered-refused",
    "practice/case-changed-refused",
    "practice/encoded-refused",
    "practice/prefix-bound",
    "originchain/every-call",
    "originchain/prefix",
    FAIL_CLOSED,
    "rfc9110/5.4-oversized",
    "practice/no-failure-by-credential",
    *REPEATED,
)
"""What falls when an unknown token is not refused: an altered one is unknown too."""
