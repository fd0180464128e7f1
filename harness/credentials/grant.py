"""A grant in the body of a token request: a code, a refresh token (RFC 6749 sections 4.1.3 and 6)."""

from __future__ import annotations

from harness.credentials.computed import compute
from harness.credentials.presented import Mechanism, Presented, Values
from harness.model import CredentialKind, Spoil

PARTS = frozenset({"value", "twice"})


def present(kind: CredentialKind, secret: str, spoil: Spoil | None, values: Values) -> Presented:
    """The grant as the parameter that the credential's setting `parameter` names, else its own name.

    Spoiled with `value` another one is sent, with `twice` that one beside the right one.
    """
    name = str(kind.options.get("parameter", kind.name))
    if spoil is None:
        return Presented(form=((name, secret),))
    if isinstance(spoil.change, dict) and "of" in spoil.change:
        made = values.secret_of(spoil.change["of"])
    else:
        made = compute(spoil.change, secret, kind.prefix, values.random)
    sent = (secret, made) if spoil.part == "twice" else (made,)
    return Presented(form=tuple((name, each) for each in sent), secrets=(made,))


MECHANISM = Mechanism("grant", PARTS, present, frozenset({"parameter"}))
