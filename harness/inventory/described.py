"""What an OpenAPI document lists, before anybody knows which API it is held against."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from harness import openapi
from harness.errors import mistake
from harness.openapi import Described


@dataclass(frozen=True, slots=True)
class Inventory:
    """An API's document: what it describes, what it is called in messages, and the SHA-256 of its bytes."""

    described: Described
    shown: str
    digest: str


def inventory(content: bytes, shown: str, address: str | None = None) -> Inventory:
    """The document that `content` is; its own `address` where it came from a URL.

    InputError where it is no OpenAPI document, or lists no operation that needs a credential.
    """
    described = openapi.survey(openapi.parse(content, shown), shown, address)
    if not described.endpoints:
        told = "".join(f"\n  {each}" for each in described.notes[:5])
        raise mistake(f"{shown}: the document lists no operation", None, f"Is it the right one?{told}")
    if all(each.is_public for each in described.endpoints):
        hint = "Write `security:` into it, for all operations or for each."
        if described.security_declared:
            hint = "Take `security: []` from those that need a credential."
        raise mistake(f"{shown}: by the document every operation is public, so none is asked", None, hint)
    return Inventory(described, shown, hashlib.sha256(content).hexdigest())
