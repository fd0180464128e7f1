"""A mechanism: an id and a secret, each in a header field of its own."""

from __future__ import annotations

from harness.credentials import CannotSpoil, Mechanism, Presented
from harness.credentials.computed import compute
from harness.credentials.presented import Values
from harness.model import CredentialKind, Spoil

ID, SECRET = "X-Client-Id", "X-Client-Secret"


def present(kind: CredentialKind, secret: str, spoil: Spoil | None, values: Values) -> Presented:
    """`id:secret` in two fields, or with another `id` or `value`. CannotSpoil where there is no colon."""
    id, colon, password = secret.partition(":")
    if not colon:
        raise CannotSpoil(f"the secret of '{kind.name}' is no id:secret")
    if spoil and spoil.part == "id":
        id = compute(spoil.change, id, (), values.random)
    elif spoil:
        password = compute(spoil.change, password, (), values.random)
    fields = ((kind.options.get("id-field", ID), id), (SECRET, password))
    return Presented(fields=fields, secrets=(password,))


KEY_PAIR = Mechanism("key-pair", frozenset({"id", "value"}), present, frozenset({"id-field"}))
