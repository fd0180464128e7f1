"""A secret by itself, wherever it is sent: API keys, session cookies, and bearer tokens (RFC 6750)."""

from __future__ import annotations

import base64
from dataclasses import replace

from harness.credentials.computed import compute
from harness.credentials.presented import CannotSpoil, Mechanism, Presented, Values
from harness.credentials.slots import AUTHORIZATION, SETTINGS, Slot, with_scheme, wrong_settings
from harness.model import CredentialKind, Spoil
from harness.templates import render

PARTS = frozenset({"value", "field", "name", "scheme", "slot"})


def present(kind: CredentialKind, secret: str, spoil: Spoil | None, values: Values) -> Presented:
    """The secret as the profile says, or with the one change that `spoil` names.

    CannotSpoil where the change leaves it as it is, or where there is nothing to change.
    """
    slot = Slot.of(kind)
    right = slot.holding(secret)
    if spoil is None:
        return right
    if spoil.part == "value":
        return _other_value(kind, secret, spoil, values)
    if spoil.part == "field":
        unknown = compute({"like": "it"}, secret, kind.prefixes, values.random)
        return spelled(slot, secret, unknown, spoil, values)
    if spoil.part in ("scheme", "name", "slot"):
        return around(slot, secret, spoil, values)
    raise CannotSpoil(f"a credential of kind {kind.mechanism} has no {spoil.part}")


def _other_value(kind: CredentialKind, secret: str, spoil: Spoil, values: Values) -> Presented:
    made = _made(kind, secret, spoil, values)
    slot = Slot.of(kind)
    slot.check(made, secret)
    presented = slot.holding(made)
    public = isinstance(spoil.change, str) or spoil.change.keys() & {"like", "sample", "repeat"}
    if public or made in kind.prefixes:
        return replace(presented, invented=(made,))
    return replace(presented, secrets=(made,))


def _made(kind: CredentialKind, secret: str, spoil: Spoil, values: Values) -> str:
    if isinstance(spoil.change, dict) and "of" in spoil.change:
        secret = values.secret_of(spoil.change["of"])
        if "\n" in secret:
            raise CannotSpoil("a private key has several lines, which no field holds")
        return secret
    if isinstance(spoil.change, dict) and "sample" in spoil.change:
        name, samples = spoil.change["sample"], kind.options.get("samples", {})
        if name not in samples:
            raise CannotSpoil(f"the profile has no sample '{name}' of {kind.name}")
        return str(samples[name])
    return compute(spoil.change, secret, kind.prefixes, values.random)


def around(slot: Slot, secret: str, spoil: Spoil, values: Values) -> Presented:
    """The right secret with another scheme, in a field of another name, or in another slot."""
    if spoil.part == "scheme":
        return slot.holding(secret, scheme=_other_scheme(slot, spoil, values))
    if spoil.part == "name":
        name = _renamed(slot.field(), spoil, values)
        if name == slot.name:
            raise CannotSpoil(f"the field is called {name} already")
        return slot.holding(secret, name=name)
    moved = elsewhere(spoil, slot, secret)
    if slot.is_same(moved, slot.holding(secret)):
        raise CannotSpoil("that is where the profile says that it goes")
    return moved


def _renamed(field: str, spoil: Spoil, values: Values) -> str:
    try:
        return compute(spoil.change, field, (), values.random)
    except CannotSpoil as error:
        raise CannotSpoil(f"in the field name {field} {error}") from None


def _other_scheme(slot: Slot, spoil: Spoil, values: Values) -> str:
    """Another scheme. CannotSpoil where it is the right one, for a text in whatever case (RFC 9110 11.1)."""
    slot.field()
    if not isinstance(spoil.change, str):
        if not slot.scheme:
            raise CannotSpoil("this credential goes without a scheme")
        return compute(spoil.change, slot.scheme, (), values.random)
    if spoil.change.casefold() == slot.scheme.casefold():
        raise CannotSpoil(f"the scheme is {slot.scheme} already, in whatever case")
    return spoil.change


def spelled(slot: Slot, secret: str, unknown: str, spoil: Spoil, values: Values) -> Presented:
    """The field value, or several lines of it, as the suite spells it; `unknown` is a secret that is none."""
    field = slot.field()
    names = {
        **values.names,
        "scheme": slot.scheme,
        "value": slot.value(secret),
        "unknown": slot.value(unknown),
        "field": with_scheme(slot.scheme, slot.value(secret)),
        "unknown-field": with_scheme(slot.scheme, slot.value(unknown)),
    }
    lines = [spoil.change] if isinstance(spoil.change, str) else spoil.change
    if not slot.scheme and any("${scheme}" in line for line in lines):
        raise CannotSpoil("this credential goes without a scheme")
    fields = tuple((field, render(line, names, spoil.where)) for line in lines)
    made = Presented(
        fields=fields, invented=(unknown, *(value for _, value in fields if secret not in value))
    )
    if slot.is_same(made, slot.holding(secret)):
        raise CannotSpoil("that is how the profile says that it is written")
    return made


def elsewhere(spoil: Spoil, documented: Slot, secret: str) -> Presented:
    """The secret in a slot that the API does not document."""
    ((slot, name),) = spoil.change.items()
    if slot == "field":
        return Presented(fields=((name, with_scheme(documented.scheme, documented.value(secret))),))
    if slot == "header":
        return Presented(fields=((name, secret),))
    if slot == "query":
        return Presented(query=((name, secret),))
    if slot == "query-field":
        return Presented(query=((name, with_scheme(documented.scheme, documented.value(secret))),))
    if slot == "cookie":
        return Presented(fields=(("Cookie", f"{name}={secret}"),))
    if slot == "form":
        return Presented(form=((name, secret),))
    if slot == "json":
        return Presented(json={name: secret})
    pair = f"{secret}:" if name == "user" else f"user:{secret}"
    encoded = base64.b64encode(pair.encode()).decode()
    return Presented(fields=((AUTHORIZATION, f"Basic {encoded}"),), secrets=(encoded,))


BEARER = Mechanism("bearer", PARTS, present, SETTINGS, wrong_settings)
API_KEY = Mechanism("api-key", PARTS, present, SETTINGS, wrong_settings)
