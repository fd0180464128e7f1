"""What can be looked for in an answer: a table of generator functions that yield what is not so.

A check is called with the answer, its arguments as written in the suite or profile, and the facts of the
case. It yields a `Mismatch` for each thing that is wrong, or an `Unchecked` where it could not look. It
never raises, logs or saves. Those of other distributions are entry points in `authconform.checks`, and so are
ours of OAuth's authorization endpoint, which few APIs have.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from harness.checks import (
    answers,
    caching,
    challenges,
    cors,
    granted,
    internals,
    isolation,
    issued,
    limits,
    members,
    out_of_band,
    protection,
    times,
    token_errors,
)
from harness.checks.facts import Facts, Held, Mismatch, Unchecked
from harness.exchange import Answer
from harness.expectations import told
from harness.loading import CHECKS_GROUP, Extensible

Check = Callable[[Answer, Mapping[str, Any], Facts], Iterator[Mismatch | Unchecked]]

_OWN: Mapping[str, Check] = {
    "accepted": answers.accepted,
    "refused": answers.refused,
    "status": answers.status,
    "schema": answers.schema,
    "headers": answers.headers,
    "json": answers.json_members,
    "mentions": answers.mentions,
    "steady": answers.steady,
    "only-members": members.only_members,
    "one-of": members.one_of,
    "fresh": members.fresh,
    "challenge": challenges.challenge,
    "challenge-grammar": challenges.grammar,
    "challenge-parameters-unique": challenges.parameters_unique,
    "realm-quoted": challenges.realm_quoted,
    "bearer-challenge": challenges.bearer,
    "bearer-challenge-characters": challenges.bearer_characters,
    "bearer-error": challenges.bearer_error,
    "bearer-error-absent": challenges.bearer_error_absent,
    "basic-challenge": challenges.basic,
    "basic-charset": challenges.basic_charset,
    "no-server-failure": answers.no_server_failure,
    "no-echo": internals.no_echo,
    "no-internals": internals.no_internals,
    "no-secret-in-urls": internals.no_secret_in_urls,
    "utc-time": times.utc_time,
    "date-time": times.date_time,
    "advice": answers.advice,
    "no-cors-headers": cors.no_cors_headers,
    "cors-allows": cors.cors_allows,
    "cors-refuses": cors.cors_refuses,
    "no-wildcard-origin": cors.no_wildcard_origin,
    "vary-origin": cors.vary_origin,
    "single-origin": cors.single_origin,
    "credentials-literal": cors.credentials_literal,
    "no-credentials-for-all": cors.no_credentials_for_all,
    "preflight-ok": cors.preflight_ok,
    "preflight-allows": cors.preflight_allows,
    "exposes": cors.exposes,
    "token-type": granted.token_type,
    "expires-in": granted.expires_in,
    "token-shape": granted.token_shape,
    "json-media-type": granted.json_media_type,
    "jwt-lifetime": granted.jwt_lifetime,
    "jwt-no-secrets": granted.jwt_no_secrets,
    "access-token-claims": granted.access_token_claims,
    "token-error": token_errors.token_error,
    "retry-after": limits.retry_after,
    "not-kept": limits.not_kept,
    "ratelimit-fields": limits.ratelimit_fields,
    "retry-after-reset": limits.retry_after_reset,
    "no-store": caching.no_store,
    "hsts": protection.hsts,
    "nosniff": protection.nosniff,
    "allow-listed": protection.allow_listed,
    "no-redirect-to-tls": protection.no_redirect_to_tls,
    "prompt": protection.prompt,
    "problem-details": protection.problem_details,
    "not-cacheable": caching.not_cacheable,
    "documented-prefix": issued.documented_prefix,
    "all-different": issued.all_different,
    "unguessable": issued.unguessable,
    "jti-unique": issued.jti_unique,
    "no-secret": issued.no_secret,
    "masked": issued.masked,
    "shows": issued.shows,
    "hides": issued.hides,
    "no-foreign-data": isolation.no_foreign_data,
    "nothing-served": isolation.nothing_served,
    "nothing-shown": isolation.nothing_shown,
    "no-call-back": out_of_band.no_call_back,
}

CHECKS: Mapping[str, Check] = Extensible(_OWN, CHECKS_GROUP)
"""By the names that suites and profiles give them; those that are entry points among them."""

__all__ = ["CHECKS", "Check", "Facts", "Held", "Mismatch", "Unchecked", "told"]
