"""Faults: what is no API key, or not in its place, is taken for one."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import unquote

from reference_server.faults.origoid.entry import (
    INVALID,
    KEY_BLANK,
    KEY_ELSEWHERE,
    KEY_IN_BODY,
    KEY_IN_URL,
    KEY_TWICE,
    SLOT,
    UNIFORM,
    fault,
)
from reference_server.faults.origoid.wrong import also_keyed, also_matching, with_field
from reference_server.faults.shared.ways import in_cookie, in_field, in_query
from reference_server.messages import Answer, Request
from reference_server.origoid.behaviour import Behaviour, Facts, Found, Refusal
from reference_server.reading import json_object

# --- elsewhere -----------------------------------------------------------------------------------


@fault("origoid-key-in-query", "A key in the query is accepted", breaks=(*KEY_IN_URL, *UNIFORM))
def in_the_query(behaviour: Behaviour) -> Behaviour:
    """Under each of the usual names. That in `api_key` is one of the slots that are compared with nothing."""
    names = ("api_key", "apikey", "key", "token", "x-api-key")
    return also_keyed(behaviour, lambda request: in_query(request, *names))


@fault(
    "origoid-key-in-query-as-x-api-key",
    "A key in the query parameter x-api-key is accepted",
    subtle=True,
    breaks=KEY_IN_URL,
)
def in_the_query_as_field(behaviour: Behaviour) -> Behaviour:
    """A gateway reads the documented name from either place. It is not the name that is compared."""
    return also_keyed(behaviour, lambda request: in_query(request, "x-api-key"))


@fault(
    "origoid-key-in-cookie",
    "A key in a cookie is accepted",
    breaks=KEY_ELSEWHERE,
)
def in_a_cookie(behaviour: Behaviour) -> Behaviour:
    """The page of the documentation signs in so. Of the cookies that are tried two."""
    return also_keyed(behaviour, lambda request: in_cookie(request, "x-api-key", "token"))


@fault(
    "origoid-key-in-cookie-api-key",
    "A key in the cookie api_key is accepted",
    subtle=True,
    breaks=UNIFORM,
)
def in_one_cookie(behaviour: Behaviour) -> Behaviour:
    """Under this name it is only sent to be compared with what nothing is answered with."""
    return also_keyed(behaviour, lambda request: in_cookie(request, "api_key"))


@fault(
    "origoid-key-in-other-field",
    "A key in X-Auth-Token is accepted",
    breaks=KEY_ELSEWHERE,
)
def in_another_field(behaviour: Behaviour) -> Behaviour:
    """A remnant of an older interface. One of the undocumented places."""
    return also_keyed(behaviour, lambda request: in_field(request, "x-auth-token"))


@fault(
    "origoid-key-in-proxy-authorization",
    "A key in Proxy-Authorization is accepted",
    subtle=True,
    breaks=KEY_ELSEWHERE,
)
def in_proxy_authorization(behaviour: Behaviour) -> Behaviour:
    """It belongs to a proxy: RFC 9110 section 11.7.2. Basic credentials are sent there as well, and are no
    key."""
    return also_keyed(behaviour, lambda request: in_field(request, "proxy-authorization"))


def _member(*names: str) -> Callable[[Request], str | None]:
    """A member of a JSON body with one of these names."""

    def find(request: Request) -> str | None:
        body = json_object(request.body) or {}
        return next((value for name in names if isinstance(value := body.get(name), str)), None)

    return find


@fault("origoid-key-in-json", "A key in the body is accepted", breaks=KEY_IN_BODY)
def in_json(behaviour: Behaviour) -> Behaviour:
    """As a member of JSON, for any request."""
    return also_keyed(behaviour, _member("api_key"))


@fault(
    "origoid-key-as-client-secret",
    "A key as the client_secret of a token request is accepted",
    subtle=True,
    breaks=KEY_IN_BODY,
)
def as_client_secret(behaviour: Behaviour) -> Behaviour:
    """As clients of OAuth would send it: RFC 6749 section 2.3.1. The document knows the field alone."""
    return also_keyed(behaviour, _member("client_secret"))


@fault(
    "origoid-key-in-form",
    "A key in a form is accepted",
    subtle=True,
    breaks=KEY_IN_BODY,
)
def in_a_form(behaviour: Behaviour) -> Behaviour:
    """The framework merges the query and forms; here of forms alone."""

    def find(request: Request) -> str | None:
        form = "form-urlencoded" in (in_field(request, "content-type") or "")
        return in_query(replace(request, query=request.body.decode("latin-1")), "api_key") if form else None

    return also_keyed(behaviour, find)


# --- in the place of another method's ------------------------------------------------------------


def _also_bearing(behaviour: Behaviour, pattern: str) -> Behaviour:
    """Take what a pattern finds in an Authorization field for a key."""
    compiled = re.compile(pattern, re.IGNORECASE)

    def collect(facts: Facts) -> tuple[str, ...]:
        return () if _key_in(facts) else behaviour.collect(facts)

    def collect_keys(facts: Facts) -> tuple[str, ...]:
        found = _key_in(facts)
        return (*behaviour.collect_keys(facts), *((found,) if found else ()))

    def _key_in(facts: Facts) -> str | None:
        lines = behaviour.collect(facts)
        match = compiled.fullmatch(lines[0]) if len(lines) == 1 else None
        return match[1] if match else None

    return replace(behaviour, collect=collect, collect_keys=collect_keys)


@fault(
    "origoid-key-bare-in-authorization",
    "A key that is all of the Authorization field is accepted",
    breaks=SLOT,
)
def bare_in_authorization(behaviour: Behaviour) -> Behaviour:
    """As other APIs have it. Nothing else in that field has the beginning of a key."""
    return _also_bearing(behaviour, r"(oid_\w+)")


@fault("origoid-key-after-bearer", "A key after Bearer is accepted", breaks=SLOT)
def after_bearer(behaviour: Behaviour) -> Behaviour:
    """Whatever stands there is looked up as a key if it is no JWT. Of an account's other credentials none
    begins like a key."""
    return _also_bearing(behaviour, r"bearer +(oid_\w+)")


def _pairing(behaviour: Behaviour, secret: Callable[[str, str], str]) -> Behaviour:
    """Take a part of user and password for a key."""

    def by_basic(facts: Facts, encoded: str) -> Found:
        found = behaviour.by_basic(facts, encoded)
        raw = behaviour.decode_pair(facts, encoded)
        pair = behaviour.split_pair(facts, raw) if raw is not None else None
        if pair is None or not isinstance(found, Refusal):
            return found
        return behaviour.by_key(facts, secret(*pair)) if secret(*pair) else found

    return replace(behaviour, by_basic=by_basic)


@fault(
    "origoid-key-after-basic",
    "A key after Basic that is no part of a pair is accepted",
    subtle=True,
    breaks=SLOT,
)
def after_basic(behaviour: Behaviour) -> Behaviour:
    """Where there is no colon all of it is looked up. Of what has none only a key is found."""

    def by_basic(facts: Facts, encoded: str) -> Found:
        found = behaviour.by_basic(facts, encoded)
        text = (behaviour.decode_pair(facts, encoded) or b"").decode("latin-1")
        key = behaviour.by_key(facts, text) if isinstance(found, Refusal) else found
        return found if isinstance(key, Refusal) else key

    return replace(behaviour, by_basic=by_basic)


@fault("origoid-key-as-user", "A key as the user of Basic is accepted", breaks=SLOT)
def as_user(behaviour: Behaviour) -> Behaviour:
    """As payment APIs have it, with an empty password. Other users are no keys."""
    return _pairing(behaviour, lambda user, password: user if not password else "")


@fault(
    "origoid-key-as-password",
    "A key as the password of Basic is accepted",
    breaks=(*SLOT, *INVALID),
)
def as_password(behaviour: Behaviour) -> Behaviour:
    """With any user, or none: so it is as the password of the right one, which is a wrong password."""
    return _pairing(behaviour, lambda user, password: password)


def _also_a_key(behaviour: Behaviour, find: Callable[[Facts, str], Found]) -> Behaviour:
    """Take something else for a key in the place of keys."""

    def by_key(facts: Facts, secret: str) -> Found:
        found = behaviour.by_key(facts, secret)
        return find(facts, secret) if isinstance(found, Refusal) else found

    return replace(behaviour, by_key=by_key)


@fault(
    "origoid-token-as-key",
    "A token in the place of a key is accepted",
    breaks=(*SLOT, *INVALID),
)
def token_as_key(behaviour: Behaviour) -> Behaviour:
    """One field for all that has no scheme. Only a right token is served."""
    return _also_a_key(behaviour, lambda facts, secret: facts.behaviour.by_bearer(facts, secret))


@fault(
    "origoid-pair-as-key",
    "User and password in the place of a key are accepted",
    subtle=True,
    breaks=(*SLOT, *INVALID),
)
def pair_as_key(behaviour: Behaviour) -> Behaviour:
    """As above, not encoded; the field is read as text."""

    def find(facts: Facts, secret: str) -> Found:
        return facts.behaviour.by_basic(facts, base64.b64encode(secret.encode()).decode())

    return _also_a_key(behaviour, find)


# --- several, or none ----------------------------------------------------------------------------


@fault(
    "origoid-first-key-wins",
    "Of two fields with a key the first one counts",
    level="SHOULD",
    breaks=KEY_TWICE,
)
def first_key_wins(behaviour: Behaviour) -> Behaviour:
    """With the valid key first the request is served. Nothing else sends the field twice."""
    return replace(behaviour, collect_keys=lambda facts: behaviour.collect_keys(facts)[:1])


@fault(
    "origoid-last-key-wins",
    "Of two fields with a key the last one counts",
    level="SHOULD",
    subtle=True,
    breaks=KEY_TWICE,
)
def last_key_wins(behaviour: Behaviour) -> Behaviour:
    """As above, with the valid key last."""
    return replace(behaviour, collect_keys=lambda facts: behaviour.collect_keys(facts)[-1:])


@fault(
    "origoid-first-of-joined-keys",
    "Of two keys in one field the first one counts",
    level="SHOULD",
    subtle=True,
    breaks=KEY_TWICE,
)
def first_of_joined(behaviour: Behaviour) -> Behaviour:
    """A proxy joins fields with a comma, and the server takes them apart again: RFC 9110 section 5.3 allows
    that for lists, and this is none. A comma with nothing behind it joins nothing."""

    def alike(right: str, given: str) -> bool:
        first, comma, second = given.partition(",")
        return bool(comma and second.strip()) and first == right

    return also_matching(behaviour, alike)


@fault(
    "origoid-any-of-joined-keys",
    "Of two keys in one field any may be the valid one",
    level="SHOULD",
    breaks=KEY_TWICE,
)
def any_of_joined(behaviour: Behaviour) -> Behaviour:
    """As above, wherever it stands."""

    def alike(right: str, given: str) -> bool:
        parts = [part.strip() for part in given.split(",")]
        return len(parts) > 1 and all(parts) and right in parts

    return also_matching(behaviour, alike)


@fault("origoid-blank-key-accepted", "An encoded space or NUL is a key", subtle=True, breaks=KEY_BLANK)
def blank_accepted(behaviour: Behaviour) -> Behaviour:
    """It is decoded and trimmed, and the empty text is found in a row that has none. An empty field, and one
    of spaces, is noticed before."""

    def alike(right: str, given: str) -> bool:
        return given != "" and not unquote(given).strip(" \0")

    return also_matching(behaviour, alike)


@fault(
    "origoid-key-echoed",
    "The refusal of a key repeats it",
    breaks=("practice/no-echo", "origoid/not-in-front-end", *UNIFORM),
    subtle=True,
)
def echoed(behaviour: Behaviour) -> Behaviour:
    """In a field for the operators of the gateway. The body is as documented; a request without a key has
    nothing to be repeated, so that the fields differ."""

    def refuse(facts: Facts, refusal: Refusal) -> Answer:
        answer = behaviour.refuse(facts, refusal)
        keys = behaviour.collect_keys(facts)
        return with_field("X-Rejected", json.dumps(keys[0])[1:-1])(facts, answer) if keys else answer

    return replace(behaviour, refuse=refuse)
