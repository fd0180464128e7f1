"""A secret in a header field, after a scheme or alone: API keys, and bearer tokens (RFC 6750)."""

from __future__ import annotations

import base64

from harness.credentials.computed import compute
from harness.credentials.presented import CannotSpoil, Mechanism, Presented, Values
from harness.model import CredentialKind, Spoil
from harness.templates import render

AUTHORIZATION = "Authorization"
PARTS = frozenset({"value", "field", "name", "scheme", "slot"})

_SCHEMES = {"bearer": "Bearer", "jwt": "Bearer", "basic": "Basic"}


def present(kind: CredentialKind, secret: str, spoil: Spoil | None, values: Values) -> Presented:
    """The secret as the profile says, or with the one change that `spoil` names.

    The credential's settings `field` and `scheme` say where it goes. A bearer token goes to Authorization
    after Bearer where they say nothing; an API key has no scheme but what they say.
    """
    field, scheme = slot_of(kind)
    part = spoil.part if spoil else None
    if spoil is None or part is None:
        return Presented(fields=((field, with_scheme(scheme, secret)),))
    if part == "value":
        made = _made(kind, secret, spoil, values)
        fields = ((field, with_scheme(scheme, made)),)
        if isinstance(spoil.change, str) or "like" in spoil.change or made in kind.prefixes:
            return Presented(fields=fields, invented=(made,))
        return Presented(fields=fields, secrets=(made,))
    if part == "scheme":
        return Presented(fields=((field, with_scheme(spoil.change, secret)),))
    if part == "field":
        unknown = compute({"like": "it"}, secret, kind.prefixes, values.random)
        return written(field, scheme, secret, unknown, spoil, values)
    if part == "name":
        renamed = compute(spoil.change, field, (), values.random)
        return Presented(fields=((renamed, with_scheme(scheme, secret)),))
    if part == "slot":
        return elsewhere(spoil, scheme, secret)
    raise CannotSpoil(f"a credential of kind {kind.mechanism} has no {part}")


def _made(kind: CredentialKind, secret: str, spoil: Spoil, values: Values) -> str:
    if isinstance(spoil.change, dict) and "of" in spoil.change:
        return values.secret_of(spoil.change["of"])
    return compute(spoil.change, secret, kind.prefixes, values.random)


def slot_of(kind: CredentialKind) -> tuple[str, str]:
    """The field that holds the secret, and the scheme before it, which may be empty."""
    default = _SCHEMES.get(kind.mechanism, "")
    return kind.options.get("field", AUTHORIZATION), kind.options.get("scheme", default)


def with_scheme(scheme: str, secret: str) -> str:
    """The field value."""
    return f"{scheme} {secret}" if scheme else secret


def written(field: str, scheme: str, secret: str, unknown: str, spoil: Spoil, values: Values) -> Presented:
    """The field value, or several lines of it, as the suite spells it; `unknown` is a secret that is none."""
    names = {**values.names, "scheme": scheme, "value": secret, "unknown": unknown}
    lines = [spoil.change] if isinstance(spoil.change, str) else spoil.change
    if not scheme and any("${scheme}" in line for line in lines):
        raise CannotSpoil("this credential goes without a scheme")
    fields = tuple((field, render(line, names, spoil.where)) for line in lines)
    return Presented(
        fields=fields, invented=(unknown, *(value for _, value in fields if secret not in value))
    )


def elsewhere(spoil: Spoil, scheme: str, secret: str) -> Presented:
    """The secret in a slot that the API does not document."""
    ((slot, name),) = spoil.change.items()
    if slot == "field":
        return Presented(fields=((name, with_scheme(scheme, secret)),))
    if slot == "header":
        return Presented(fields=((name, secret),))
    if slot == "query":
        return Presented(query=((name, secret),))
    if slot == "cookie":
        return Presented(fields=(("Cookie", f"{name}={secret}"),))
    if slot == "form":
        return Presented(form=((name, secret),))
    if slot == "json":
        return Presented(json={name: secret})
    pair = f"{secret}:" if name == "user" else f"user:{secret}"
    encoded = base64.b64encode(pair.encode()).decode()
    return Presented(fields=((AUTHORIZATION, f"Basic {encoded}"),), secrets=(encoded,))


BEARER = Mechanism("bearer", PARTS, present)
API_KEY = Mechanism("api-key", PARTS, present)
