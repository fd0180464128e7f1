"""What the modules of this package share: where faults are entered, and the words for what they break."""

from __future__ import annotations

from reference_server.faults.catalogue import Catalogue
from reference_server.faults.shared import challenge
from reference_server.faults.shared.sets import because as because
from reference_server.standard.behaviour import Behaviour

CATALOGUE: Catalogue[Behaviour] = Catalogue("standard")
fault = CATALOGUE.fault

STATUS = "rfc9110/11.4-status"
"""That what is refused is answered with 401: falls with whatever is not refused."""

TYPE = ("rfc9068/4-type", STATUS)
ISSUER = ("rfc8725/3.8-issuer", STATUS)
ISSUER_EXACT = ("rfc8725/3.8-issuer-exact", STATUS)
AUDIENCE = ("rfc7519/4.1.3-audience", STATUS)
AUDIENCE_LIST = ("rfc7519/4.1.3-audience-list", STATUS)
AUDIENCE_EXACT = ("rfc7519/4.1.3-audience-exact", STATUS)
NO_AUDIENCE = ("rfc8725/3.9-audience-required", STATUS)
SUBJECT = ("rfc8725/3.8-subject", STATUS)
FOREIGN_KEY = ("rfc8725/3.8-foreign-key", STATUS)
KID_BOUND = ("rfc8725/3.8-kid-bound", STATUS)
CONFUSED = ("rfc8725/3.1-key-confusion", STATUS)
PINNED = ("rfc8725/3.1-alg-pinned", STATUS)
SIGNATURE_RANGE = ("rfc7518/3.4-signature-range", STATUS)
SIGNATURE_LENGTH = ("rfc7518/3.4-signature-length", STATUS)
ENCODING = ("rfc8725/3.7-utf-8", STATUS)
NO_SCOPE = ("asvs/10.3.2-no-scope",)
LIMITED = "rfc6585/4-status"
"""That what is too much is answered with 429: falls with whatever is looked at all the same."""
GUESSING = ("asvs/6.3.1-guessing", LIMITED)
CLAIMED = ("asvs/4.1.3-limit-by-field", LIMITED)
UNIFORM = ("practice/uniform-refusals",)
"""That causes are answered alike: falls when one of those that are compared is not refused."""
ENUMERATION = ("asvs/6.3.8-user-enumeration",)
WRONG_PASSWORD = ("rfc7617/2-wrong-password", STATUS)
UNKNOWN_USER = ("rfc7617/2-unknown-user", STATUS)
SLOT = ("practice/key-slot-bound", STATUS)
STAYS_ACCEPTED = "practice/stays-accepted"
STAYS_REFUSED = "practice/stays-refused"
UNKNOWN_KEY = ("practice/key-unknown-refused", STATUS)
UNKNOWN_TOKEN = ("rfc6750/3.1-unknown-refused", STATUS)
FOREIGN = ("asvs/8.4.1-foreign-refused", STATUS)
"""Another tenant's token is served."""
INSUFFICIENT = ("rfc6750/3.1-insufficient-scope-refused", "rfc6750/3.1-insufficient-scope-error")
"""Who lacks a scope is not refused."""

MISSING = ("practice/key-missing-refused", "rfc6750/3-missing-refused", STATUS)
"""What is asked of every operation without a credential."""

SHOWN = (
    *challenge.SHOWN,
    challenge.ERROR,
    "rfc7617/2-realm",
    "rfc7617/2.1-charset",
    "practice/no-echo",
    "practice/no-internals",
)
"""What every refusal shows: its challenge, and nothing that it should keep to itself."""

REVOKED = ("asvs/7.4.1-revoked-refused", STATUS)
BY_NEW_KEYS = (
    *REVOKED,
    "asvs/12.2.1-plain-http",
    "asvs/14.2.2-own-answer",
    "asvs/7.4.1-revoked-everywhere",
    "asvs/7.4.1-revoked-warm",
    "asvs/8.2.1-management-protected",
    "asvs/8.3.2-right-withdrawn",
    "practice/activity-recorded",
    "practice/disabled-refused",
    "practice/expiry-honoured",
    "practice/management-separate",
    "practice/overlap",
    "practice/revocation-irreversible",
    "practice/revocation-targeted",
    "practice/revoke-twice",
    "practice/revoked-elsewhere",
    "practice/revoked-like-unknown",
    "practice/several-credentials",
    "practice/usable-promptly",
    "rfc7009/2.1-stays-revoked",
    "rfc9110/13.2.1-revoked-conditional",
)
"""What is asked with keys that were made for it."""
BY_OTHER_KEYS = (
    "asvs/8.2.2-identities-apart",
    "asvs/14.2.2-own-answer",
    "asvs/8.4.1-lists",
    "asvs/8.2.2-foreign-object",
    "practice/limit-per-credential",
    "practice/cors-per-account",
    "practice/hidden-like-missing",
    STAYS_REFUSED,
    *FOREIGN,
    *SHOWN,
)
"""What is asked with the keys of other places."""

ANONYMOUS = (
    *MISSING,
    *SHOWN,
    *UNIFORM,
    STAYS_REFUSED,
    "asvs/13.4.4-trace",
    "asvs/14.2.1-query-is-no-header",
    "asvs/4.1.3-hop-by-hop",
    "asvs/4.1.3-identity-header",
    "asvs/4.1.3-underscore",
    "asvs/4.1.4-method-override",
    "asvs/4.1.4-unusual-method",
    "asvs/4.4.3-upgrade",
    "asvs/8.3.1-path-encoding",
    "asvs/8.3.1-path-normalised",
    "asvs/8.3.1-path-spelling",
    "practice/cors-off",
    "practice/error-media-type",
    "practice/existence-anonymous",
    "practice/key-elsewhere-refused",
    "practice/key-in-body-refused",
    "practice/key-in-query-refused",
    "practice/no-session",
    "practice/old-versions",
    "practice/other-slot-refused",
    "practice/refusal-not-kept",
    "practice/uniform-paths",
    "rfc6750/2.3-query-refused",
    "rfc6750/3.1-no-error-when-anonymous",
    "rfc9110/11.7.2-proxy-authorization",
    "rfc9110/13.2.1-conditional",
    "rfc9110/14.2-range",
    "rfc9110/3.3-each-request",
    "rfc9110/9.3.2-head-like-get",
)
"""What is asked without a credential, or with one where none is looked for."""
