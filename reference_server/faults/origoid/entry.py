"""What the modules of this package share: where faults are entered, and the words for what they break."""

from __future__ import annotations

from reference_server.faults.catalogue import Catalogue
from reference_server.faults.shared import challenge
from reference_server.faults.shared.sets import because as because
from reference_server.origoid.behaviour import Behaviour

CATALOGUE: Catalogue[Behaviour] = Catalogue("origoid")
fault = CATALOGUE.fault

STATUS = "origoid/status-401"
"""That what is refused is answered with 401: falls with whatever is not refused."""
INVALID = ("origoid/invalid", STATUS)
"""What the document says of a wrong credential."""
UNSENT = ("origoid/missing", STATUS)
"""What it says of a request without one."""

ENVELOPE = (
    "origoid/envelope",
    "origoid/envelope-closed",
    "origoid/processed-at",
    "origoid/transaction-id",
    "origoid/not-billable",
)
"""What it says of the body of a refusal."""

UNIFORM = ("practice/uniform-refusals", "origoid/uniform")
"""That all causes are answered alike: falls when one of those that are compared is not refused."""
UNIFORM_EXCHANGE = ("practice/uniform-exchange", "origoid/uniform")
"""The same of a token request."""
ENUMERATION = ("asvs/6.3.8-user-enumeration", "origoid/uniform")
"""The same of an unknown user and a wrong password."""
PATHS = ("practice/uniform-paths",)

# What is asked with a key.
KEY_ACCEPTED = ("practice/key-accepted", "origoid/three-methods", "origoid/key-header")
KEY_MISSING = ("practice/key-missing-refused", *UNSENT)
KEY_UNKNOWN = ("practice/key-unknown-refused", *INVALID)
KEY_ALTERED = ("practice/key-altered-refused", *INVALID)
KEY_CASE = ("practice/key-case-refused", *INVALID)
KEY_NOTHING = ("practice/key-empty-refused", *INVALID)
KEY_BLANK = ("practice/key-blank-refused", *INVALID)
KEY_INJECTION = ("practice/key-injection-refused", *INVALID)
KEY_IN_URL = ("practice/key-in-query-refused", "origoid/key-header", STATUS)
KEY_ELSEWHERE = ("practice/key-elsewhere-refused", STATUS)
KEY_IN_BODY = ("practice/key-in-body-refused", STATUS)
KEY_TWICE = ("practice/key-twice-refused", "rfc9110/11.4-status")
SLOT = ("practice/key-slot-bound", "origoid/methods-equal", STATUS)
"""A credential of one method in the place of another's."""

# What is asked with a user and password.
WRONG_PASSWORD = ("rfc7617/2-wrong-password", *INVALID)
UNKNOWN_USER = ("rfc7617/2-unknown-user", *INVALID)
HALF = ("practice/basic-empty-refused", *INVALID)
WHOLE = ("asvs/6.2.8-password-whole", *INVALID)
PASSWORD_CASE = ("asvs/6.2.8-password-case", *INVALID)
FIRST_COLON = ("rfc7617/2-first-colon", "origoid/basic-format", *INVALID)
NO_COLON = ("rfc7617/2-colon-missing", *INVALID)
NO_BASE64 = ("rfc7617/2-base64", *INVALID)
CONTROL = ("rfc7617/2-control-characters", *INVALID)
SCHEME = ("practice/wrong-scheme-refused", *INVALID)
SWAPPED = ("practice/scheme-swap-refused", "origoid/methods-equal", *INVALID)
INCOMPLETE = ("rfc9110/11.4-incomplete-refused", *INVALID)
OTHER_SLOT = ("practice/other-slot-refused", STATUS)
PROXY = ("rfc9110/11.7.2-proxy-authorization",)

# What is asked with a token.
UNSIGNED = ("rfc7515/5.2-signature-missing", "origoid/token-is-jwt", *INVALID)
SIGNATURE = ("rfc7515/5.2-signature-changed", "origoid/token-is-jwt", *INVALID)
PAYLOAD = ("rfc7515/5.2-payload-covered", "origoid/token-is-jwt", *INVALID)
HEADER = ("rfc7515/5.2-header-covered", *INVALID)
FOREIGN = ("rfc8725/3.8-foreign-key", "origoid/token-is-jwt", *INVALID)
EMPTY_KEY = ("rfc7518/3.2-empty-key", *INVALID)
COMMON = ("rfc8725/3.5-common-secret", *INVALID)
NONE = ("rfc8725/3.1-alg-none", "origoid/token-is-jwt", *INVALID)
PARTS = ("rfc7515/7.1-three-parts", *INVALID)
FIELD = ("rfc6750/2.1-malformed-refused", *INVALID)
TOKEN_IN_URL = ("rfc6750/2.3-query-refused", STATUS)
EXPIRED = ("practice/token-expires", "origoid/token-short-lived", *INVALID)
ENDED = ("practice/token-dies-with-key", "rfc9110/11.4-status")
DISABLED = ("practice/disabled-refused", *INVALID)
ACCOUNT_DISABLED = ("asvs/7.4.2-account-disabled", *INVALID)
NOT_RENEWED = ("practice/token-not-renewed", "origoid/delegation", "rfc9110/11.4-status")

# What is asked with a key that was revoked: while somebody watches, and once.
REVOKED = (
    "asvs/7.4.1-revoked-refused",
    "origoid/leak-rotation",
    "rfc7009/2.1-stays-revoked",
    "asvs/7.4.1-revoked-warm",
    *INVALID,
)
REVOKED_ONCE = (
    "asvs/7.4.1-revoked-everywhere",
    "rfc9110/13.2.1-revoked-conditional",
    "practice/revoke-twice",
    "practice/revocation-irreversible",
)

# What is asked of an exchange.
GRANT_NEEDED = ("practice/exchange-grant-needed", "origoid/bad-exchange")
GRANT_KNOWN = ("practice/exchange-grant-known", "origoid/bad-exchange")
JSON_TYPES = ("asvs/2.2.1-json-types", "origoid/bad-exchange")

PLAIN = ("asvs/12.2.1-plain-http", "origoid/https")

# From where, and for whom.
ADDRESS = ("practice/address-bound", "origoid/cause-address", "origoid/address-list", STATUS)
CLAIMED_ADDRESS = ("asvs/4.1.3-forwarded-address", "origoid/cause-address", STATUS)
UNAVAILABLE = ("practice/not-available-refused", "origoid/cause-endpoint", STATUS)
SAME_RIGHTS = ("asvs/6.3.4-same-rights", "origoid/methods-equal")

# What browsers are told.
CORS_OFF = ("practice/cors-off", "origoid/cors-off", "origoid/not-in-front-end")
ORIGIN_LISTED = ("asvs/3.4.2-origin-listed",)
PER_ACCOUNT = ("practice/cors-per-account", "origoid/cors-configured")
ALLOWED = ("fetch/3.3.3-origin-allowed", "origoid/cors-configured")
READABLE = ("fetch/3.3.3-failures-readable",)
PREFLIGHT = ("fetch/3.3.5-preflight-anonymous", "origoid/cors-configured")
AUTHORIZATION_NAMED = ("fetch/4.8-authorization-named",)
SINGLE = ("fetch/3.3.4-single-origin",)
VARY = ("fetch/http-caches-vary",)

ASKED_WITH_TOKEN = (
    *UNSIGNED,
    *SIGNATURE,
    *PAYLOAD,
    *HEADER,
    *FOREIGN,
    *EMPTY_KEY,
    *COMMON,
    *NONE,
    *PARTS,
    *FIELD,
    *TOKEN_IN_URL,
    *SLOT,
    *SWAPPED,
    "practice/conflict-steady",
    "origoid/conflict",
    "origoid/delegation",
    "practice/prefix-mixed",
    "practice/token-delegable",
    "practice/token-not-renewed",
    "rfc9110/11.1-scheme-case",
    # what else is done to its form, its header and its claims, where a client could sign them
    "asvs/1.2.4-claims-untrusted",
    "asvs/16.5.3-nesting",
    "asvs/9.1.1-cache-covers-signature",
    "asvs/9.1.1-no-claim-oracle",
    "asvs/9.1.1-not-encrypted-alone",
    "asvs/9.1.3-certificate",
    "practice/huge-date",
    "practice/many-dots",
    "practice/nan-refused",
    "practice/password-iterations",
    "practice/token-address",
    "practice/unencoded-payload",
    "rfc7515/2-base64url",
    "rfc7515/2-last-character",
    "rfc7515/4-duplicate-member",
    "rfc7515/4-unknown-member",
    "rfc7515/4.1.1-alg-case",
    "rfc7515/4.1.1-alg-type",
    "rfc7515/4.1.11-crit-malformed",
    "rfc7515/4.1.11-crit-unknown",
    "rfc7515/5.2-alg-unknown",
    "rfc7515/5.2-header-object",
    "rfc7519/1-compact",
    "rfc7519/2-fraction-accepted",
    "rfc7519/4-duplicate-claim",
    "rfc7519/4-unknown-claim",
    "rfc7519/4.1.4-exp-string",
    "rfc7519/4.1.4-exp-type",
    "rfc7519/4.1.4-expired-refused",
    "rfc7519/4.1.4-leeway",
    "rfc7519/4.1.5-begun-accepted",
    "rfc7519/4.1.5-early-refused",
    "rfc7519/4.1.5-nbf-type",
    "rfc7519/5.1-typ-optional",
    "rfc7519/7.2-claims-object",
    "rfc7797/6-critical",
    "rfc8725/3.1-key-confusion",
    "rfc8725/3.10-key-address",
    "rfc8725/3.10-keys-at-address",
    "rfc8725/3.7-utf-8",
    "rfc9110/5.4-oversized",
)
"""What is asked with a token, each after it was accepted as it is."""

REPEATED = ("practice/stays-refused", "rfc9110/3.3-each-request")
"""What falls as well when what is not refused is asked again and again, and after a valid credential."""
OWN_ANSWER = ("asvs/14.2.2-own-answer",)

CHALLENGE = challenge.SHOWN
ERROR = challenge.ERROR
NO_ERROR = challenge.NO_ERROR
SHOWN = (
    *CHALLENGE,
    "origoid/challenge",
    "rfc7617/2-realm",
    "rfc7617/2.1-charset",
    "practice/no-echo",
    "practice/no-internals",
    "origoid/not-in-front-end",
    "asvs/4.1.1-media-type",
)
"""What every refusal shows: its challenge, and nothing that it should keep to itself."""

BYSTANDING = (
    "asvs/4.1.3-identity-header",
    "asvs/4.1.4-method-override",
    "rfc9110/13.2.1-conditional",
    "rfc9110/14.2-range",
)
"""What else is asked without a credential: with a field that names a user, a method, a condition, a range."""

HOP_BY_HOP = "asvs/4.1.3-hop-by-hop"

UNREFUSED = because(
    "whether a refusal is kept shows after one alone", "practice/refusal-not-kept", "origoid/three-methods"
)
"""What may remain undecided when nobody, or an unknown key, is served."""

ANONYMOUS = (
    *KEY_MISSING,
    *KEY_IN_URL,
    *KEY_ELSEWHERE,
    *KEY_IN_BODY,
    *OTHER_SLOT,
    *PROXY,
    *TOKEN_IN_URL,
    *BYSTANDING,
    *REPEATED,
    *OWN_ANSWER,
    *CORS_OFF,
    *UNIFORM,
    *UNIFORM_EXCHANGE,
    *PATHS,
    "asvs/14.2.1-query-is-no-header",
    "asvs/4.1.3-underscore",
    "asvs/4.4.3-upgrade",
    "practice/error-media-type",
    HOP_BY_HOP,
)
"""What falls when a request without a credential is served: one in another slot is one of those."""

UNKNOWN = (
    *KEY_UNKNOWN,
    *REPEATED,
    *CORS_OFF,
    *READABLE,
    *UNIFORM,
    *UNIFORM_EXCHANGE,
    *DISABLED,
    *REVOKED,
    *REVOKED_ONCE,
)
"""What falls when an unknown key is accepted everywhere: one that was revoked or disabled is unknown, too,
and answered like it."""

ACCEPTED_ANYWHERE = (
    *KEY_ACCEPTED,
    *SAME_RIGHTS,
    *UNAVAILABLE,
    *REPEATED,
    *OWN_ANSWER,
    *ALLOWED,
    *ORIGIN_LISTED,
    *PER_ACCOUNT,
    *CORS_OFF,
    *VARY,
    *FIRST_COLON,
    *EXPIRED,
    *ENDED,
    *DISABLED,
    *ACCOUNT_DISABLED,
    *NOT_RENEWED,
    *PLAIN,
    "origoid/conflict",
    "origoid/server-calls",
    "origoid/token-every-request",
    "practice/address-accepted",
    "practice/conflict-not-mixed",
    "practice/conflict-steady",
    "practice/origin-changes-nothing",
    "practice/origin-not-needed",
    "practice/no-session",
    "practice/refusal-not-kept",
    "practice/revocation-any-spelling",
    "practice/token-delegable",
    "practice/token-works",
    "asvs/8.2.2-identities-apart",
    "asvs/8.2.2-token-identity",
    "asvs/9.1.1-cache-covers-signature",
    "rfc7519/7.2-valid-accepted",
    "rfc7617/2-accepted",
    "rfc7617/2.1-utf-8",
    "rfc9110/5.1-field-name-case",
    "rfc9110/5.5-surrounding-space",
    "rfc9110/11.1-scheme-case",
    "rfc9110/11.4-several-spaces",
)
"""Where a valid credential is to be accepted, as the whole of what is asked or before something else is."""
