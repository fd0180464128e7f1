"""A token that the API issued: what can be changed of it without the key that signed it."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from scene import WRITTEN, credential

from harness.credentials import MECHANISMS, CannotSpoil
from harness.credentials.presented import Values
from harness.model import Spoil


def part(members: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(members, separators=(",", ":")).encode()).rstrip(b"=").decode()


ISSUED = f"{part({'alg': 'HS256', 'typ': 'JWT'})}.{part({'sub': 'acme', 'exp': 4102444800})}.c2lnbmF0dXJl"


def sent(part: str | None = None, change: Any = None, issued: str = ISSUED) -> str:
    """What stands after Bearer."""
    kind = replace(credential(), mechanism="jwt", options={"made-by": "api"})
    spoil = Spoil(part, change, False, WRITTEN) if part else None
    values = Values(Random(1), {}, others={"key": ("key_1", {})})
    ((name, value),) = MECHANISMS["jwt"].present(kind, issued, spoil, values).fields
    assert name == "Authorization"
    return value.removeprefix("Bearer ")


def header(token: str) -> Any:
    text = token.split(".")[0]
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


# It is presented as it was issued, byte for byte.
def test_as_it_was_issued() -> None:
    assert sent() == ISSUED


# To claim that nobody signs needs no key, whatever the letters of none.
@pytest.mark.parametrize("none", ["none", "None", "nOnE"])
def test_without_any_signature(none: str) -> None:
    made = sent("header", {"alg": none})
    assert header(made) == {"alg": none, "typ": "JWT"}
    assert made.split(".")[1:] == [ISSUED.split(".")[1], ""]


# An unrelated key signs what the right one had signed.
def test_with_an_unrelated_key() -> None:
    made = sent("key", {"like": "it"})
    assert made.split(".")[:2] == ISSUED.split(".")[:2] and made != ISSUED


# What was issued may name an algorithm that we do not sign by, such as one of RFC 8812, or none.
@pytest.mark.parametrize(("part_of_it", "change"), [("key", {"like": "it"}), ("embed", {"as": "jwk"})])
@pytest.mark.parametrize(("alg", "shown"), [("ES256K", "ES256K"), (None, "None"), ("x\n", r"x\\n")])
def test_an_algorithm_that_is_not_ours(part_of_it: str, change: Any, alg: Any, shown: str) -> None:
    issued = f"{part({'alg': alg})}.{part({})}.c2lnbmF0dXJl"
    with pytest.raises(CannotSpoil, match=f"^authconform does not sign by '{shown}'$"):
        sent(part_of_it, change, issued)


# The secret of another method in its place.
def test_another_secret_in_its_place() -> None:
    assert sent("token", {"of": "key"}) == "key_1"


# What would have to be signed anew cannot be made.
@pytest.mark.parametrize(("part", "change"), [("claims", {"sub": "other"}), ("header", {"alg": "HS512"})])
def test_what_needs_the_key(part: str, change: Any) -> None:
    with pytest.raises(CannotSpoil, match="^this change would need the signing key$"):
        sent(part, change)


# What was issued may be anything: where it cannot be read as a JWT, it cannot be changed as one.
@pytest.mark.parametrize("issued", [f"{part([])}.{part({})}.x", f"{part({})}.{part(1)}.x", "a.b.c"])
def test_three_parts_that_are_no_jwt(issued: str) -> None:
    with pytest.raises(CannotSpoil, match="^the token that was issued is no JWT that can be read$"):
        sent("header", {"alg": "none"}, issued)
