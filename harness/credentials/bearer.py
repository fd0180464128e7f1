"""Bearer tokens in the Authorization field (RFC 6750)."""

from __future__ import annotations

import base64

from harness.credentials.computed import compute
from harness.credentials.presented import CannotSpoil, Mechanism, Presented, Values
from harness.model import CredentialKind, Spoil
from harness.templates import render

FIELD = "Authorization"
SCHEME = "Bearer"


def present(kind: CredentialKind, secret: str, spoil: Spoil | None, values: Values) -> Presented:
    """The token as the profile says, or with the one change that `spoil` names.

    The settings `field` and `scheme` of the credential stand for other APIs' spellings.
    """
    field = kind.options.get("field", FIELD)
    scheme = kind.options.get("scheme", SCHEME)
    part = spoil.part if spoil else None
    if spoil is None or part is None:
        return Presented(fields=((field, f"{scheme} {secret}"),))
    if part == "value":
        made = compute(spoil.change, secret, kind.prefix, values.random)
        fields = ((field, f"{scheme} {made}"),)
        if isinstance(spoil.change, str) or "like" in spoil.change or made in kind.prefix:
            return Presented(fields=fields, invented=(made,))
        return Presented(fields=fields, secrets=(made,))
    if part == "scheme":
        return Presented(fields=((field, f"{spoil.change} {secret}"),))
    if part == "field":
        return _written(field, scheme, kind, secret, spoil, values)
    if part == "slot":
        return _elsewhere(spoil, scheme, secret)
    raise CannotSpoil(f"a bearer token has no {part}")


def _written(
    field: str, scheme: str, kind: CredentialKind, secret: str, spoil: Spoil, values: Values
) -> Presented:
    """The field value, or several lines of it, as the suite spells it."""
    unknown = compute({"like": "it"}, secret, kind.prefix, values.random)
    names = {**values.names, "scheme": scheme, "value": secret, "unknown": unknown}
    lines = [spoil.change] if isinstance(spoil.change, str) else spoil.change
    fields = tuple((field, render(line, names, spoil.where)) for line in lines)
    return Presented(
        fields=fields, invented=(unknown, *(value for _, value in fields if secret not in value))
    )


def _elsewhere(spoil: Spoil, scheme: str, secret: str) -> Presented:
    """The token in a slot that the API does not document."""
    ((slot, name),) = spoil.change.items()
    if slot == "field":
        return Presented(fields=((name, f"{scheme} {secret}"),))
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
    return Presented(fields=((FIELD, f"Basic {encoded}"),), secrets=(encoded,))


MECHANISM = Mechanism(
    name="bearer",
    parts=frozenset({"value", "field", "scheme", "slot"}),
    present=present,
)
