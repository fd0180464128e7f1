"""What the modules of this package share: where faults are entered, and the words for what they break."""

from __future__ import annotations

from reference_server.faults.catalogue import Catalogue
from reference_server.faults.shared import bystanders, challenge, repetition
from reference_server.faults.shared.sets import because as because
from reference_server.kid_jwt.behaviour import Behaviour

CATALOGUE: Catalogue[Behaviour] = Catalogue("kid-jwt")
fault = CATALOGUE.fault

STATUS = "kid-jwt/refusal-status"
"""That what is refused is answered with a 4xx: falls with whatever is not refused."""
UNASKED = "rfc9110/11.4-status"
"""That a request without a credential in its place is answered with 401."""

# What is asked with a static token; first what this API's document says of the same.
GREETED = ("practice/key-accepted", "kid-jwt/two-schemes", "kid-jwt/raw-header")
MISSING = ("practice/key-missing-refused", "kid-jwt/root-protected", UNASKED)
UNKNOWN = ("practice/key-unknown-refused", "kid-jwt/root-protected", STATUS)
ALTERED = ("practice/key-altered-refused", "kid-jwt/root-protected", STATUS)
CASE = ("practice/key-case-refused", STATUS)
NOTHING = ("practice/key-empty-refused", STATUS)
INJECTION = ("practice/key-injection-refused", STATUS)
KEY_IN_URL = ("practice/key-in-query-refused", UNASKED)
KEY_ELSEWHERE = ("practice/key-elsewhere-refused", UNASKED)
TOKEN_IN_URL = ("rfc6750/2.3-query-refused", UNASKED)
BLANK = ("practice/key-blank-refused", STATUS)
BEHIND = ("practice/unicode-credential", "rfc9112/5.2-folding")
"""What stands behind a static token, in its line or the next."""
ODD_KEY = (*BLANK, *BEHIND, "practice/key-twice-refused", "practice/no-failure-by-credential")
"""What else is taken for a static token, and is none that anybody has."""
OVERSIZED = ("rfc9110/5.4-oversized",)
CACHED = "asvs/9.1.1-cache-covers-signature"

BYSTANDING = bystanders.BYSTANDING
REPEATED = repetition.REPEATED

# What is asked without a credential, and with something else in its place.
NOBODY = (
    *KEY_IN_URL,
    *KEY_ELSEWHERE,
    *TOKEN_IN_URL,
    *BYSTANDING,
    *REPEATED,
    "asvs/4.1.3-underscore",
    "asvs/14.2.1-query-is-no-header",
    "asvs/14.2.2-own-answer",
    "practice/key-in-body-refused",
)
"""It must be refused as if there were nothing."""
SERVED_NOBODY = (
    *NOBODY,
    "asvs/4.1.3-hop-by-hop",
    "asvs/4.4.3-upgrade",
    "asvs/8.3.1-path-encoding",
    "asvs/8.3.1-path-spelling",
    "practice/error-media-type",
    "rfc9110/11.7.2-proxy-authorization",
)
"""It must not be served; for some of it any refusal will do."""
SHOWN_NOBODY = (
    *SERVED_NOBODY,
    "asvs/4.1.4-unusual-method",
    "asvs/8.3.1-path-normalised",
    "asvs/14.2.5-cache-deception",
    "practice/old-versions",
    "rfc9110/9.3.7-options",
)
"""Nothing of what is protected may be in the answer, by whatever path or method it was asked for."""

NOT_KEPT = "practice/refusal-not-kept"
UNREFUSED = because(
    "whether a refusal is kept can be seen only where there is one before",
    NOT_KEPT,
    "kid-jwt/root",
    "kid-jwt/time-format",
)

# What is asked with a JWT.
TOKEN = (
    "rfc7519/7.2-valid-accepted",
    "kid-jwt/two-schemes",
    "kid-jwt/root-jwt",
    "kid-jwt/jwt-bearer",
    "kid-jwt/minimal-claims",
)
FIELD = ("rfc6750/2.1-malformed-refused", STATUS)
UNSIGNED = ("rfc7515/5.2-signature-missing", "kid-jwt/hs256", STATUS)
SIGNATURE = ("rfc7515/5.2-signature-changed", "kid-jwt/hs256", STATUS)
PAYLOAD = ("rfc7515/5.2-payload-covered", "kid-jwt/hs256", STATUS)
HEADER = ("rfc7515/5.2-header-covered", STATUS)
FOREIGN = ("rfc8725/3.8-foreign-key", "kid-jwt/hs256", STATUS)
EMPTY_KEY = ("rfc7518/3.2-empty-key", STATUS)
COMMON = ("rfc8725/3.5-common-secret", STATUS)
MIXED_UP = ("practice/key-not-token", "kid-jwt/secrets-distinct", STATUS)
UNKNOWN_KID = ("rfc8725/3.8-kid-unknown", "kid-jwt/kid-verifies", STATUS)
BOUND_KID = ("rfc8725/3.8-kid-bound", "kid-jwt/kid-verifies", STATUS)
HOSTILE_KID = ("rfc8725/3.10-kid-untrusted", "kid-jwt/kid-verifies", STATUS)
SHELL_KID = ("asvs/1.2.5-kid-command",)
KID_TYPE = ("rfc7515/4.1.4-kid-type", STATUS)
MISSING_KID = ("practice/kid-required", "kid-jwt/kid-required", "kid-jwt/kid-missing-500")
KID_AS_CLAIM = ("practice/kid-in-header", "kid-jwt/kid-missing-500")
EXPIRED = ("rfc7519/4.1.4-expired-refused", STATUS)
LEEWAY = ("rfc7519/4.1.4-leeway", STATUS)
EXP_TYPE = ("rfc7519/4.1.4-exp-type", STATUS)
EXP_STRING = ("rfc7519/4.1.4-exp-string", STATUS)
NO_EXP = ("practice/expiry-required", "kid-jwt/exp-required", STATUS)
DISTANT = ("practice/far-expiry-accepted", "kid-jwt/exp-unbounded")
EARLY = ("rfc7519/4.1.5-early-refused", STATUS)
NBF_TYPE = ("rfc7519/4.1.5-nbf-type", STATUS)

ACCEPTED_TOO = (
    "rfc9110/11.1-scheme-case",
    "rfc7515/4-unknown-member",
    "rfc7519/2-fraction-accepted",
    *DISTANT,
    "rfc7519/4.1.5-begun-accepted",
    "rfc7519/4-unknown-claim",
    "rfc7519/5.1-typ-optional",
)
"""What is accepted beside the documented form."""

CHALLENGE = (*challenge.SHOWN, "rfc7617/2-realm", "rfc7617/2.1-charset")
ERROR = challenge.ERROR
NO_ERROR = challenge.NO_ERROR

SHOWN = ("practice/no-echo", "practice/no-internals", "kid-jwt/no-leak")
"""What no refusal may show."""

OBSERVED = ("practice/prefix-mixed", "kid-jwt/prefixes", "practice/browser-origin")
"""What is recorded and not judged."""

ANY_FORM = (
    "asvs/13.4.4-trace",
    "asvs/14.2.1-no-secret-in-urls",
    "practice/conflict-steady",
    "practice/no-session",
    NOT_KEPT,
    "rfc9110/5.1-field-name-case",
    "rfc9110/5.5-control-characters",
    "rfc9110/5.5-surrounding-space",
    "rfc9110/11.6.1-schemes",
    "rfc9110/15.5.6-allow",
    "rfc9112/3.2-one-host",
    "rfc9112/5.1-space-before-colon",
    "rfc9457/3.1-members",
)
"""What is asked of requests and answers, whichever the credential is."""

ONE_SPELLING = (
    "rfc7515/7.1-three-parts",
    "rfc7515/2-base64url",
    "rfc7515/5.2-header-object",
    "rfc7515/5.2-alg-unknown",
    "rfc7515/4.1.1-alg-case",
    "rfc7515/4.1.1-alg-type",
    "rfc7515/4.1.11-crit-unknown",
    "rfc7515/4-duplicate-member",
    "rfc8725/3.1-alg-none",
    "rfc8725/3.1-alg-pinned",
    "practice/unencoded-payload",
    "practice/huge-date",
    "practice/nan-refused",
    "rfc7519/4-duplicate-claim",
    "rfc7519/7.2-claims-object",
    "kid-jwt/empty-kid",
    *SHELL_KID,
    *OVERSIZED,
    CACHED,
    "asvs/1.2.4-claims-untrusted",
    "asvs/9.1.1-no-claim-oracle",
    "asvs/9.1.1-not-encrypted-alone",
    "asvs/9.1.3-certificate",
    "asvs/16.5.3-nesting",
    "practice/many-dots",
    "practice/password-iterations",
    "rfc7515/2-last-character",
    "rfc7515/4.1.11-crit-malformed",
    "rfc7519/1-compact",
    "rfc7797/6-critical",
    "rfc8725/3.1-key-confusion",
    "rfc8725/3.7-utf-8",
    "rfc8725/3.10-keys-at-address",
    "rfc8725/3.10-key-address",
)
"""What else is asked with a JWT, and has no name above."""

ASKED_WITH_KEY = (
    *GREETED,
    *MISSING,
    *UNKNOWN,
    *ALTERED,
    *CASE,
    *NOTHING,
    *INJECTION,
    *MIXED_UP,
    *ODD_KEY,
    *OVERSIZED,
    *SHOWN_NOBODY,
    *ANY_FORM,
    *CHALLENGE,
    ERROR,
    NO_ERROR,
    *SHOWN,
    *OBSERVED,
)
ASKED_WITH_TOKEN = (
    *TOKEN,
    *ACCEPTED_TOO,
    *TOKEN_IN_URL,
    *FIELD,
    *UNSIGNED,
    *SIGNATURE,
    *PAYLOAD,
    *HEADER,
    *FOREIGN,
    *EMPTY_KEY,
    *COMMON,
    *MIXED_UP,
    *UNKNOWN_KID,
    *BOUND_KID,
    *HOSTILE_KID,
    *KID_TYPE,
    *MISSING_KID,
    *KID_AS_CLAIM,
    *EXPIRED,
    *LEEWAY,
    *EXP_TYPE,
    *EXP_STRING,
    *NO_EXP,
    *EARLY,
    *NBF_TYPE,
    *ONE_SPELLING,
    *CHALLENGE,
    ERROR,
    NO_ERROR,
    *SHOWN,
    *OBSERVED,
)
