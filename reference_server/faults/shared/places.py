"""Faults: an API key is taken from where it may not stand, or what stands in its place is taken for one."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeVar
from urllib.parse import unquote

from reference_server.faults.shared.decisions import Facts
from reference_server.faults.shared.keys import Matching
from reference_server.faults.shared.paired import PairDecisions
from reference_server.faults.shared.sets import Family, FaultSet
from reference_server.faults.shared.ways import in_cookie, in_field, in_group, in_query, reason_of
from reference_server.messages import Request
from reference_server.reading import json_object

Named = tuple[str, ...]


class Keyholding(PairDecisions, Protocol):
    """The decisions of an API with keys in a field of their own, beside other methods."""

    @property
    def collect_keys(self) -> Callable[[Any], tuple[str, ...]]: ...
    @property
    def by_key(self) -> Callable[[Any, str], Any]: ...


K = TypeVar("K", bound=Keyholding)


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """What differs. Words are what falls when a key is served from such a place."""

    also_matching: Matching
    prefix: str
    """What keys begin with, and nothing else that is sent."""
    in_url: Named
    elsewhere: Named
    """From a cookie or another field."""
    in_body: Named
    twice: Named
    """Beside another one."""
    slot: Named
    """From another method's place, or another method's credential from that of a key."""
    invalid: Named
    """Besides, where it is refused there as a wrong credential."""
    blank: Named
    """When what is blank is a key."""
    uniform: Named = ("practice/uniform-refusals",)
    """Besides, where the place is one of those that are compared."""


PLACES: FaultSet[Placed] = FaultSet()
fault = PLACES.fault


def _reading(api: Placed, behaviour: K, find: Callable[[Request], str | None]) -> K:
    """Where there is no credential, take the key that `find` sees elsewhere."""

    def collect_keys(facts: Facts) -> tuple[str, ...]:
        offered = behaviour.collect_keys(facts)
        sent = offered or behaviour.collect(facts)
        value = None if sent else find(facts.request)
        return (value,) if value else offered

    return replace(behaviour, collect_keys=collect_keys)


_found = Family(PLACES, _reading)

# --- elsewhere -----------------------------------------------------------------------------------

_found(
    "key-in-query",
    "A key in the query is accepted",
    lambda request: in_query(request, "api_key", "apikey", "key", "token", "x-api-key"),
    breaks=lambda api: (*api.in_url, *api.uniform),
    why="""Under each of the usual names. That in `api_key` is one of the slots that are compared with
    nothing.""",
)
_found(
    "key-in-query-as-x-api-key",
    "A key in the query parameter x-api-key is accepted",
    lambda request: in_query(request, "x-api-key"),
    subtle=True,
    breaks=lambda api: api.in_url,
    why="""A gateway reads the documented name from either place. It is not the name that is compared.""",
)
_found(
    "key-in-cookie",
    "A key in a cookie is accepted",
    lambda request: in_cookie(request, "x-api-key", "token"),
    breaks=lambda api: api.elsewhere,
    why="""The page of the documentation signs in so. Of the cookies that are tried two.""",
)
_found(
    "key-in-cookie-api-key",
    "A key in the cookie api_key is accepted",
    lambda request: in_cookie(request, "api_key"),
    subtle=True,
    breaks=lambda api: api.uniform,
    why="""Under this name it is only sent to be compared with what nothing is answered with.""",
)
_found(
    "key-in-other-field",
    "A key in X-Auth-Token is accepted",
    lambda request: in_field(request, "x-auth-token"),
    breaks=lambda api: api.elsewhere,
    why="""A remnant of an older interface. One of the undocumented places.""",
)
_found(
    "key-in-proxy-authorization",
    "A key in Proxy-Authorization is accepted",
    lambda request: in_field(request, "proxy-authorization"),
    level="SHOULD",
    subtle=True,
    breaks=("rfc9110/11.7.2-proxy-authorization",),
    why="""It belongs to a proxy: RFC 9110 section 11.7.2. Basic credentials are sent there as well, and are
    no key.""",
)


def _member(*names: str) -> Callable[[Request], str | None]:
    """A member of a JSON body with one of these names."""

    def find(request: Request) -> str | None:
        body = json_object(request.body) or {}
        return next((value for name in names if isinstance(value := body.get(name), str)), None)

    return find


_found(
    "key-in-json",
    "A key in the body is accepted",
    _member("api_key"),
    breaks=lambda api: api.in_body,
    why="""As a member of JSON, for any request.""",
)
_found(
    "key-as-client-secret",
    "A key as the client_secret of a token request is accepted",
    _member("client_secret"),
    subtle=True,
    breaks=lambda api: api.in_body,
    why="""As clients of OAuth would send it: RFC 6749 section 2.3.1. The document knows the field alone.""",
)


def _in_form(request: Request) -> str | None:
    form = "form-urlencoded" in (in_field(request, "content-type") or "")
    return in_query(replace(request, query=request.body.decode("latin-1")), "api_key") if form else None


_found(
    "key-in-form",
    "A key in a form is accepted",
    _in_form,
    subtle=True,
    breaks=lambda api: api.in_body,
    why="""The framework merges the query and forms; here of forms alone.""",
)


# --- in the place of another method's ------------------------------------------------------------


def _also_bearing(behaviour: K, pattern: str) -> K:
    """Take what a pattern finds in an Authorization field for a key."""
    read = in_group(pattern, re.IGNORECASE)

    def collect(facts: Facts) -> tuple[str, ...]:
        return () if _key_in(facts) else behaviour.collect(facts)

    def collect_keys(facts: Facts) -> tuple[str, ...]:
        found = _key_in(facts)
        return (*behaviour.collect_keys(facts), *((found,) if found else ()))

    def _key_in(facts: Facts) -> str | None:
        lines = behaviour.collect(facts)
        return read(lines[0]) if len(lines) == 1 else None

    return replace(behaviour, collect=collect, collect_keys=collect_keys)


@fault(
    "key-bare-in-authorization",
    "A key that is all of the Authorization field is accepted",
    breaks=lambda api: api.slot,
)
def bare_in_authorization(api: Placed, behaviour: K) -> K:
    """As other APIs have it. Nothing else in that field has the beginning of a key."""
    return _also_bearing(behaviour, rf"({api.prefix}\w+)")


@fault("key-after-bearer", "A key after Bearer is accepted", breaks=lambda api: api.slot)
def after_bearer(api: Placed, behaviour: K) -> K:
    """Whatever stands there is looked up as a key if it is no JWT. Of an account's other credentials none
    begins like a key."""
    return _also_bearing(behaviour, rf"bearer +({api.prefix}\w+)")


def _pairing(behaviour: K, secret: Callable[[str, str], str]) -> K:
    """Take a part of user and password for a key."""

    def by_basic(facts: Facts, encoded: str) -> Any:
        found = behaviour.by_basic(facts, encoded)
        raw = behaviour.decode_pair(facts, encoded)
        pair = behaviour.split_pair(facts, raw) if raw is not None else None
        if pair is None or not reason_of(found):
            return found
        key = behaviour.by_key(facts, secret(*pair)) if secret(*pair) else found
        return found if reason_of(key) else key

    return replace(behaviour, by_basic=by_basic)


@fault(
    "key-after-basic",
    "A key after Basic that is no part of a pair is accepted",
    subtle=True,
    breaks=lambda api: api.slot,
)
def after_basic(api: Placed, behaviour: K) -> K:
    """Where there is no colon all of it is looked up. Of what has none only a key is found."""

    def by_basic(facts: Facts, encoded: str) -> Any:
        found = behaviour.by_basic(facts, encoded)
        text = (behaviour.decode_pair(facts, encoded) or b"").decode("latin-1")
        key = behaviour.by_key(facts, text) if reason_of(found) else found
        return found if reason_of(key) else key

    return replace(behaviour, by_basic=by_basic)


@fault("key-as-user", "A key as the user of Basic is accepted", breaks=lambda api: api.slot)
def as_user(api: Placed, behaviour: K) -> K:
    """As payment APIs have it, with an empty password. Other users are no keys."""
    return _pairing(behaviour, lambda user, password: user if not password else "")


@fault(
    "key-as-password",
    "A key as the password of Basic is accepted",
    breaks=lambda api: (*api.slot, *api.invalid),
)
def as_password(api: Placed, behaviour: K) -> K:
    """With any user, or none: so it is as the password of the right one, which is a wrong password."""
    return _pairing(behaviour, lambda user, password: password)


def _also_a_key(behaviour: K, find: Callable[[Facts, str], Any]) -> K:
    """Take something else for a key in the place of keys."""

    def by_key(facts: Facts, secret: str) -> Any:
        found = behaviour.by_key(facts, secret)
        return find(facts, secret) if reason_of(found) else found

    return replace(behaviour, by_key=by_key)


@fault(
    "token-as-key",
    "A token in the place of a key is accepted",
    breaks=lambda api: (*api.slot, *api.invalid),
)
def token_as_key(api: Placed, behaviour: K) -> K:
    """One field for all that has no scheme. Only a right token is served."""
    return _also_a_key(behaviour, lambda facts, secret: facts.behaviour.by_bearer(facts, secret))


@fault(
    "pair-as-key",
    "User and password in the place of a key are accepted",
    subtle=True,
    breaks=lambda api: (*api.slot, *api.invalid),
)
def pair_as_key(api: Placed, behaviour: K) -> K:
    """As above, not encoded; the field is read as text."""

    def find(facts: Facts, secret: str) -> Any:
        return facts.behaviour.by_basic(facts, base64.b64encode(secret.encode()).decode())

    return _also_a_key(behaviour, find)


# --- several, or none ----------------------------------------------------------------------------


@fault(
    "first-key-wins",
    "Of two fields with a key the first one counts",
    level="SHOULD",
    breaks=lambda api: api.twice,
)
def first_key_wins(api: Placed, behaviour: K) -> K:
    """With the valid key first the request is served. Nothing else sends the field twice."""
    return replace(behaviour, collect_keys=lambda facts: behaviour.collect_keys(facts)[:1])


@fault(
    "last-key-wins",
    "Of two fields with a key the last one counts",
    level="SHOULD",
    subtle=True,
    breaks=lambda api: api.twice,
)
def last_key_wins(api: Placed, behaviour: K) -> K:
    """As above, with the valid key last."""
    return replace(behaviour, collect_keys=lambda facts: behaviour.collect_keys(facts)[-1:])


@fault(
    "first-of-joined-keys",
    "Of two keys in one field the first one counts",
    level="SHOULD",
    subtle=True,
    breaks=lambda api: api.twice,
)
def first_of_joined(api: Placed, behaviour: K) -> Any:
    """A proxy joins fields with a comma, and the server takes them apart again: RFC 9110 section 5.3 allows
    that for lists, and this is none. A comma with nothing behind it joins nothing."""

    def alike(right: str, given: str) -> bool:
        first, comma, second = given.partition(",")
        return bool(comma and second.strip()) and first == right

    return api.also_matching(behaviour, alike)


@fault(
    "any-of-joined-keys",
    "Of two keys in one field any may be the valid one",
    level="SHOULD",
    breaks=lambda api: api.twice,
)
def any_of_joined(api: Placed, behaviour: K) -> Any:
    """As above, wherever it stands."""

    def alike(right: str, given: str) -> bool:
        parts = [part.strip() for part in given.split(",")]
        return len(parts) > 1 and all(parts) and right in parts

    return api.also_matching(behaviour, alike)


@fault("blank-key-accepted", "An encoded space or NUL is a key", subtle=True, breaks=lambda api: api.blank)
def blank_accepted(api: Placed, behaviour: K) -> Any:
    """It is decoded and trimmed, and the empty text is found in a row that has none. An empty field, and one
    of spaces, is noticed before."""

    def alike(right: str, given: str) -> bool:
        return given != "" and not unquote(given).strip(" \0")

    return api.also_matching(behaviour, alike)
