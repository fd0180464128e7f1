"""What the modules of this package share: where faults are entered, and the words for what they break."""

from __future__ import annotations

from reference_server.faults.catalogue import Catalogue
from reference_server.faults.shared import challenge
from reference_server.faults.shared.sets import because as because
from reference_server.sk_oauth.behaviour import Behaviour

CATALOGUE: Catalogue[Behaviour] = Catalogue("sk-oauth")
fault = CATALOGUE.fault

STATUS = "sk-oauth/statuses"
"""That what is refused is answered with the standard's status: falls with whatever is not refused."""
USERS = "sk-oauth/users"
"""That a valid credential lists the users."""
SCOPES = "sk-oauth/scopes"
"""That one with all scopes may make and delete them."""
BODY = ("sk-oauth/error-object", "sk-oauth/codes")
"""What the document says of the body of every refusal."""
INVALID = "sk-oauth/invalid-api-key"
"""What it says of a missing or invalid key, where that is refused."""

SHOWN = (
    *challenge.SHOWN,
    "rfc7617/2-realm",
    "rfc7617/2.1-charset",
    "practice/no-echo",
    "practice/no-internals",
)
"""What every refusal shows: its challenge, and nothing that it should keep to itself."""
ERROR, NO_ERROR = challenge.ERROR, challenge.NO_ERROR
OF_REFUSAL = (*SHOWN, ERROR, *BODY, INVALID)
"""All that is looked at in the refusal of a key."""

MISSING = ("rfc6750/3-missing-refused", "practice/key-missing-refused", STATUS)
UNKNOWN = ("rfc6750/3.1-unknown-refused", STATUS)
PREFIX = ("sk-oauth/live-keys", STATUS)
BYSTANDING = (
    "asvs/4.1.3-identity-header",
    "asvs/4.1.4-method-override",
    "rfc9110/13.2.1-conditional",
    "rfc9110/14.2-range",
)
"""What else is asked without a credential: with a field for a user, a method, a condition or a range."""
REPEATED = ("practice/stays-refused", "rfc9110/3.3-each-request")
"""What falls as well when what is not refused is asked again and again, and after a valid key."""

# Environments.
TEST_ON_LIVE = ("practice/environment-bound", "sk-oauth/test-keys", STATUS)
LIVE_ON_TEST = ("practice/environment-reverse", "sk-oauth/live-keys", STATUS)
SAMPLES = ("asvs/6.3.2-sample-refused", "sk-oauth/sample-keys", STATUS)

# JWTs.
BAD = ("sk-oauth/bad-token", STATUS)
"""What the document says of a JWT that is not genuine."""
OLD = ("sk-oauth/expired-token", STATUS)
"""What it says of a token that has expired."""
JWT = "sk-oauth/jwt"

PLAIN = ("asvs/12.2.1-plain-http", "sk-oauth/https")
"""What is said of requests without TLS."""

# What a credential may do.
SCOPE = ("rfc6750/3.1-insufficient-scope-refused", "sk-oauth/insufficient-scope", STATUS)

# The token endpoint.
DENIED = "rfc6749/5.2-status"
"""That what is refused there is answered with 400 or 401: falls with whatever is not refused."""
CODE_ONCE = ("rfc6749/4.1.2-code-once", DENIED)
REPLAY = ("rfc6749/4.1.2-replay-revokes", STATUS)
RACE = ("rfc6749/10.5-race",)
CODE_EXPIRES = ("rfc6749/4.1.2-code-expires", DENIED)
UNKNOWN_GRANT = ("rfc6749/5.2-invalid-grant", DENIED)
CODE_BOUND = ("rfc6749/4.1.3-client-bound", DENIED)
REDIRECT_BOUND = ("rfc6749/4.1.3-redirect-bound", DENIED)
TWICE = ("rfc6749/3.2-duplicate-parameter", DENIED)
NO_GRANT_TYPE = ("rfc6749/5.2-grant-type-needed", DENIED)
OTHER_GRANT_TYPE = ("rfc6749/5.2-unsupported-grant", DENIED)
CLIENT = ("rfc6749/3.2.1-client-authenticated", DENIED)
CLIENT_BY_BASIC = "rfc6749/5.2-client-challenge"
REFRESHING_CLIENT = ("rfc6749/6-client-authenticated", DENIED)
TWO_WAYS = ("rfc6749/2.3-one-method", DENIED)
IN_URI = ("rfc6749/2.3.1-not-in-uri", DENIED)
REFRESH_BOUND = ("rfc6749/6-client-bound", DENIED)
WIDENED = (
    "rfc6749/6-scope-not-widened",
    "rfc6749/6-scope-refused",
    "sk-oauth/insufficient-scope",
    STATUS,
    DENIED,
)
ROTATED = ("rfc9700/4.14.2-rotated", "rfc9700/4.14.2-race", DENIED)
REUSE = ("rfc9700/4.14.2-reuse", DENIED)
VERIFIER = ("rfc7636/4.6-verifier", DENIED)
NO_VERIFIER = ("rfc9700/2.1.1-verifier-needed", DENIED)
DOWNGRADE = ("rfc9700/2.1.1-downgrade", DENIED)
SHORT_VERIFIER = ("rfc7636/4.1-verifier-length", DENIED)

# The life of a key.
PROMPTLY = ("practice/usable-promptly", USERS)
SEVERAL = ("practice/several-credentials", "sk-oauth/key-rotation", USERS)
OVERLAP = ("practice/overlap", "sk-oauth/key-rotation", USERS)
TARGETED = ("practice/revocation-targeted", USERS)
REVOKED = ("asvs/7.4.1-revoked-refused", STATUS)
WARM = "asvs/7.4.1-revoked-warm"
WATCHED = (*REVOKED, "rfc7009/2.1-stays-revoked", WARM)
"""What is looked at for a while after the time allowed: a revoked key that is accepted then breaks all."""
EVERYWHERE = ("asvs/7.4.1-revoked-everywhere", STATUS)
CONDITIONAL = ("rfc9110/13.2.1-revoked-conditional", STATUS)
REVOKED_TWICE = ("practice/revoke-twice",)
IRREVERSIBLE = ("practice/revocation-irreversible", STATUS)
LIKE_UNKNOWN = ("practice/revoked-like-unknown",)
EXPIRY = ("practice/expiry-honoured", STATUS)
DEAD = (*WATCHED, *EVERYWHERE, *CONDITIONAL, *REVOKED_TWICE, *IRREVERSIBLE, *EXPIRY)
"""What falls when unknown keys are not refused: a revoked or expired one is unknown. Only one that nobody
has is as before, and is answered like them."""

# The authorization endpoint.
FLOW = ("rfc6749/4.1-flow", "sk-oauth/oauth-flow", "sk-oauth/authorize-parameters")
STATE = ("rfc6749/4.1.2-state", "sk-oauth/state")
TOLD = "rfc6749/4.1.2.1-error-told"
CHARACTERS = "rfc6749/4.1.2.1-characters"
EXACT_URI = ("rfc9700/2.1-redirect-exact", "rfc6749/3.1.2.4-no-redirect")

AT_AUTHORIZATION = (
    *FLOW,
    *STATE,
    TOLD,
    CHARACTERS,
    *EXACT_URI,
    "rfc6749/4.1.2-state-optional",
    "rfc6749/4.1.2-code-in-query",
    "rfc6749/3.1-unknown-parameter",
    "rfc6749/3.1-duplicate-parameter",
    "rfc6749/3.1.1-response-type",
    "rfc6749/3.1-login-required",
    "rfc6749/3.3-unknown-scope",
    "rfc6749/4.1.2.1-denied",
    "rfc9700/2.1.2-implicit",
    "rfc9700/4.12-not-forwarded",
    "rfc9700/4.16-framing",
    "rfc9700/4.2.4-referrer",
    "rfc7636/4.4.1-method",
    "rfc9700/2.1.1-plain",
    "rfc6749/10.10-code-unguessable",
)
"""What is asked of it."""
OF_GRANT = ("rfc6749/5.2-error", "rfc6749/5.2-code", DENIED)
"""What is looked at in each error of the token endpoint."""
OF_RESPONSE = (
    "sk-oauth/token-response",
    "rfc6749/5.1-token",
    "rfc6749/5.1-token-type",
    "rfc6749/5.1-expires-in",
    "rfc6749/5.1-media-type",
    "rfc6749/5.1-no-store",
)
"""What is looked at in each answer that grants a token."""
REDEEMED = ("rfc6749/4.1.3-redeemed", "sk-oauth/token-exchange")
OPENS = ("rfc6749/7-token-opens", "sk-oauth/access-token")
WITH_CODES = (
    *OF_GRANT,
    *OF_RESPONSE,
    *REDEEMED,
    *OPENS,
    *CODE_ONCE,
    *REPLAY,
    *RACE,
    *CODE_EXPIRES,
    *UNKNOWN_GRANT,
    *CODE_BOUND,
    *REDIRECT_BOUND,
    *TWICE,
    *NO_GRANT_TYPE,
    *OTHER_GRANT_TYPE,
    *CLIENT,
    CLIENT_BY_BASIC,
    *TWO_WAYS,
    *IN_URI,
    "rfc6749/2.3.1-basic",
    "rfc6749/3.2-unknown-parameter",
    "rfc6749/3.2-empty-parameter",
    "rfc6749/3.2-post",
    "rfc9700/2.4-password-grant",
    "practice/exchange-media-type",
    "practice/client-enumeration",
    "practice/token-error-form",
    "sk-oauth/token-error-form",
    "practice/token-error-not-kept",
)
"""What is asked with codes, and with the tokens that are had for them."""
WITH_CHALLENGES = (
    "rfc7636/4.6-redeemed",
    "sk-oauth/pkce",
    *VERIFIER,
    *NO_VERIFIER,
    *DOWNGRADE,
    *SHORT_VERIFIER,
)
"""What is asked with codes that were asked for with a challenge."""
WITH_TOKENS = (
    *SCOPE,
    "practice/scope-as-asked",
    "rfc6749/7-expired-refused",
    *OLD,
    *BAD,
    *TEST_ON_LIVE,
    "rfc6750/3.1-unknown-refused",
    "asvs/12.2.1-plain-http",
    "sk-oauth/https",
    USERS,
    SCOPES,
)
"""What is asked with access tokens."""
WITH_REFRESH = (
    "rfc6749/6-refresh",
    "sk-oauth/refresh",
    "rfc6749/1.5-refresh-no-bearer",
    "rfc6749/6-scope-kept",
    "rfc6749/6-scope-narrowed",
    "rfc6749/10.10-refresh-unguessable",
    *UNKNOWN_GRANT,
    *REFRESHING_CLIENT,
    *REFRESH_BOUND,
    *WIDENED,
    *ROTATED,
    *REUSE,
    *OPENS,
    "rfc9700/4.14.2-race",
    "rfc6749/6-scope-refused",
)
"""What is asked with refresh tokens, and with what is had for them."""
EACH_REFUSAL = (
    *SHOWN,
    ERROR,
    *BODY,
    STATUS,
    "rfc6750/3.1-insufficient-scope-error",
    "rfc6750/3.1-scope-named",
)
"""What is looked at in each refusal, of the API and of the token endpoint: open where there is none."""
OAUTH = (*AT_AUTHORIZATION, *WITH_CODES, *WITH_CHALLENGES, *WITH_TOKENS, *WITH_REFRESH)
CHANGES = (
    "rfc6750/2.1-header-accepted",
    "sk-oauth/key-bearer",
    "rfc7519/7.2-valid-accepted",
    JWT,
    "sk-oauth/jwt-transport",
    *OPENS,
    *MISSING,
    *UNKNOWN,
    NO_ERROR,
    ERROR,
    INVALID,
    "practice/environment-own",
    *TEST_ON_LIVE,
    *REVOKED,
    *EVERYWHERE,
    *SCOPE,
    "rfc6749/3.3-order",
    "rfc6749/3.3-exact",
    "asvs/10.3.2-no-scope",
    "asvs/10.3.2-scope-type",
    "asvs/4.1.3-scope-from-request",
    "asvs/8.2.2-own-objects",
    "practice/scope-as-asked",
    "rfc6749/6-scope-kept",
    "rfc6749/6-scope-narrowed",
    "practice/stays-refused",
    "practice/auth-before-body",
    "practice/large-body",
    "asvs/16.5.3-fail-closed",
    USERS,
    SCOPES,
    *EACH_REFUSAL,
)
"""What is asked of changes. Whether one took place is read with any credential of the place that was accepted
before, and what a change needs is made with it: where that one is refused, it stays open."""
