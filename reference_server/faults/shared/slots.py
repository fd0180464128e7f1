"""Faults: a credential is taken from where no document says that it may be."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass

from reference_server.faults.shared.decisions import A
from reference_server.faults.shared.sets import FaultSet
from reference_server.faults.shared.ways import also_parsing, also_reading, in_cookie, in_field, in_query
from reference_server.messages import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Slotted:
    """What differs between credentials that belong into one field. Of each kind of slot the names under which
    it is read are those that a careless API of this kind would know."""

    token: str = "token"
    """In titles: the credential."""
    collected_by: str = "collect"
    """The name of the decision that takes the value of its own field."""
    written: str = "Bearer {}"
    """How it is written in its own field, where `{}` is the secret."""
    in_url: tuple[str, ...]
    """What falls when it is served from the query."""
    elsewhere: tuple[str, ...]
    """The same, from a cookie, another field or another scheme."""
    parameters: tuple[str, ...] = ("access_token", "token", "bearer_token", "auth", "jwt")
    parameter: str = "jwt"
    """One of them, for which nothing else looks."""
    cookies: tuple[str, ...] = ("token", "access_token")
    field: str = "X-Api-Key"


SLOTS: FaultSet[Slotted] = FaultSet()
fault = SLOTS.fault


def _reading(api: Slotted, behaviour: A, find: Callable[[Request], str | None]) -> A:
    """Take the secret that `find` sees elsewhere as if it were in the credential's own field."""

    def written(request: Request) -> str | None:
        secret = find(request)
        return api.written.format(secret) if secret else None

    return also_reading(behaviour, written, api.collected_by)


@fault("accepts-token-in-query", "A {it.token} in the query is accepted", breaks=lambda api: api.in_url)
def accepts_in_query(api: Slotted, behaviour: A) -> A:
    """RFC 6750 section 2.3's access_token and its usual relatives are read."""
    return _reading(api, behaviour, lambda request: in_query(request, *api.parameters))


@fault(
    "accepts-one-parameter",
    "A {it.token} in the query parameter {it.parameter} is accepted",
    subtle=True,
    breaks=lambda api: api.in_url,
)
def accepts_one_parameter(api: Slotted, behaviour: A) -> A:
    """One name only, the least expected one: a browser's way for downloads, or the name of a field that a
    gateway reads from either place."""
    return _reading(api, behaviour, lambda request: in_query(request, api.parameter))


@fault(
    "accepts-token-in-cookie",
    "A {it.token} in a cookie is accepted",
    breaks=lambda api: api.elsewhere,
)
def accepts_in_cookie(api: Slotted, behaviour: A) -> A:
    """The code for the sessions of a page reads requests to the API as well: some undocumented slots."""
    return _reading(api, behaviour, lambda request: in_cookie(request, *api.cookies))


@fault(
    "accepts-authorization-cookie",
    "A {it.token} in a cookie named Authorization is accepted",
    subtle=True,
    breaks=lambda api: api.elsewhere,
)
def accepts_authorization_cookie(api: Slotted, behaviour: A) -> A:
    """As above, for one name."""
    return _reading(api, behaviour, lambda request: in_cookie(request, "Authorization"))


@fault(
    "accepts-other-field",
    "A {it.token} in {it.field} is accepted",
    subtle=True,
    breaks=lambda api: api.elsewhere,
)
def accepts_other_field(api: Slotted, behaviour: A) -> A:
    """A remnant of an older interface, or a habit from another API. One of the undocumented slots."""
    return _reading(api, behaviour, lambda request: in_field(request, api.field.lower()))


@fault(
    "accepts-basic-password",
    "A {it.token} as the password of Basic is accepted",
    subtle=True,
    breaks=lambda api: api.elsewhere,
)
def accepts_basic_password(api: Slotted, behaviour: A) -> A:
    """As some hosting services have it for git. The bare token under the scheme Basic does not decode to a
    pair, so that of all spellings with Basic this one slot alone is served."""

    def read(value: str) -> str | None:
        try:
            pair = base64.b64decode(value.removeprefix("Basic "), validate=True).decode()
        except ValueError:
            return None
        return pair.partition(":")[2] or None

    return also_parsing(behaviour, read)


@fault(
    "reads-proxy-authorization",
    "Proxy-Authorization stands in for Authorization",
    level="SHOULD",
    subtle=True,
    breaks=lambda api: ("rfc9110/11.7.2-proxy-authorization",),
)
def reads_proxy_authorization(api: Slotted, behaviour: A) -> A:
    """It belongs to a proxy (RFC 9110 section 11.7.2). Only that one field is read besides; all other slots
    are tried under other names."""

    def find(request: Request) -> str | None:
        return in_field(request, "proxy-authorization")

    return also_reading(behaviour, find, api.collected_by)
