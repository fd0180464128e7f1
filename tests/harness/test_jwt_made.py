"""A token that the harness makes: the claims that a profile asks for, and what can be changed of them."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from random import Random
from typing import Any

from scene import WRITTEN, credential

from harness.credentials import MECHANISMS
from harness.credentials.presented import Values
from harness.model import Spoil

KEY = "k3y-9f8e7d6c5b4a39281706-0123456789"
CLAIMS = {"sub": 'user "1"', "iat": {"time": "now"}, "scope": "read write"}


def payload(part: str | None = None, change: Any = None) -> str:
    """The text of the claims."""
    options = {"made-by": "harness", "alg": "HS256", "claims": CLAIMS}
    kind = replace(credential(), mechanism="jwt", options=options)
    spoil = Spoil(part, change, False, WRITTEN) if part else None
    ((_, value),) = MECHANISMS["jwt"].present(kind, KEY, spoil, Values(Random(1), {}, {}, {})).fields
    text = value.split(".")[1]
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()


def test_the_claims_of_the_profile() -> None:
    made = json.loads(payload())
    assert (made["sub"], made["scope"]) == ('user "1"', "read write")
    assert made["exp"] - made["iat"] == 3600


# A payload that is written out can take the other claims over, so that it fails for what is wrong alone.
def test_the_others_in_a_payload() -> None:
    made = payload("payload", '{${others}"exp": "never"}')
    assert list(json.loads(made)) == ["sub", "iat", "scope", "exp"]
    assert json.loads(made)["exp"] == "never" and json.loads(made)["sub"] == 'user "1"'


# A claim that is a text can be changed as a secret can.
def test_a_claim_of_the_right_one() -> None:
    for change, scope in {"reversed": "write read", "joined": "readwrite"}.items():
        assert json.loads(payload("claims", {"scope": {"words": change}}))["scope"] == scope
    assert json.loads(payload("claims", {"scope": {"add": " x"}}))["scope"] == "read write x"
    assert json.loads(payload("claims", {"scope": ["read"]}))["scope"] == ["read"]
