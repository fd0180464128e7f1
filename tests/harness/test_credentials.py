"""A bearer token as it is presented, each way to spoil it, and each value computed from the right one."""

from __future__ import annotations

import base64
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from scene import WRITTEN, credential

from harness.credentials import MECHANISMS, CannotSpoil, Presented
from harness.credentials.computed import compute, prefix_of
from harness.credentials.presented import Values
from harness.errors import InputError
from harness.model import Spoil

SECRET = "key_live_aB3dE6gH9"
PREFIXES = ("key_live_", "key_test_")
BASIC = base64.b64encode(f"user:{SECRET}".encode()).decode()


def made(change: Any, right: str = SECRET, seed: int = 1) -> str:
    return compute(change, right, PREFIXES, Random(seed))


def why_not(change: Any, right: str = SECRET) -> str:
    with pytest.raises(CannotSpoil) as caught:
        made(change, right)
    return str(caught.value)


def presented(part: str | None = None, change: Any = None, **options: Any) -> Presented:
    spoil = Spoil(part, change, False, WRITTEN) if part else None
    kind = replace(credential(), options=options)
    values = Values(Random(1), {"place.other.host": "other.example"})
    return MECHANISMS["bearer"].present(kind, SECRET, spoil, values)


# Every computed value, by what it makes of the right one.
@pytest.mark.parametrize(
    ("change", "value"),
    [
        ("anything", "anything"),
        ({"cut": 1}, "key_live_aB3dE6gH"),
        ({"cut": -4}, "live_aB3dE6gH9"),
        ({"add": "A"}, "key_live_aB3dE6gH9A"),
        ({"add": 5}, "key_live_aB3dE6gH95"),
        ({"before": "A"}, "Akey_live_aB3dE6gH9"),
        ({"until": "_aB"}, "key_live"),
        ({"each-word": {"add": "s"}}, "key_live_aB3dE6gH9s"),
        ({"case": "swap"}, "key_live_Ab3De6Gh9"),
        ({"case": "upper"}, "key_live_AB3DE6GH9"),
        ({"case": "lower"}, "key_live_ab3de6gh9"),
        ({"case": "swap-one"}, "key_live_aB3de6gH9"),
        ({"encode": "percent"}, "%6B%65%79%5F%6C%69%76%65%5F%61%42%33%64%45%36%67%48%39"),
        ({"encode": "base64"}, "a2V5X2xpdmVfYUIzZEU2Z0g5"),
        ({"encode": "quote"}, "'key_live_aB3dE6gH9'"),
        ({"prefix": "none"}, "aB3dE6gH9"),
        ({"prefix": "only"}, "key_live_"),
        ({"prefix": "twice"}, "key_live_key_live_aB3dE6gH9"),
        ({"prefix": "upper"}, "KEY_LIVE_aB3dE6gH9"),
        ({"prefix": "other"}, "key_test_aB3dE6gH9"),
    ],
)
def test_computed_values(change: Any, value: str) -> None:
    assert made(change) == value


def test_html() -> None:
    assert made({"encode": "html"}, "a&<b") == "a&amp;&lt;b"
    assert made({"encode": "html"}, "aB") == "&#97;&#66;"


# Another one like it: same beginning, same length, a character of the same kind in each place.
def test_like_it() -> None:
    for seed in range(50):
        value = made({"like": "it"}, "key_live_aB3-d_E6", seed)
        assert value != "key_live_aB3-d_E6" and value.startswith("key_live_")
        kinds = "".join(
            "a" if c.islower() else "A" if c.isupper() else "0" if c.isdigit() else c for c in value
        )
        assert kinds == "aaa_aaaa_aA0-a_A0"


# Hexadecimal stays hexadecimal, in its case; digits stay digits.
def test_like_it_keeps_the_alphabet() -> None:
    for seed in range(20):
        assert set(made({"like": "it"}, "123e4567-e89b-12d3", seed)) <= set("0123456789abcdef-")
        assert set(made({"like": "it"}, "123E4567E89B12D3", seed)) <= set("0123456789ABCDEF")
        assert made({"like": "it"}, "73920184", seed).isdigit()


# A seed makes the same value again, another one another.
def test_a_seed_repeats_the_value() -> None:
    assert made({"like": "it"}, seed=7) == made({"like": "it"}, seed=7)
    assert len({made({"like": "it"}, seed=seed) for seed in range(20)}) == 20


# Where the right value leaves nothing to change, the reason says why.
@pytest.mark.parametrize(
    ("change", "right", "reason"),
    [
        ({"like": "it"}, "key_live_", "the secret leaves no room for another one like it"),
        ({"like": "it"}, "---", "the secret leaves no room for another one like it"),
        ({"cut": 4}, "abcd", "the secret has only 4 characters"),
        ({"until": ":"}, "abcd", "there is no : in the secret"),
        ({"cut": -5}, "abcd", "the secret has only 4 characters"),
        ({"case": "swap"}, "123e4567-e89b", "letter case means nothing in this secret"),
        ({"case": "swap-one"}, "key_live_1234", "letter case means nothing in this secret"),
        ({"case": "upper"}, "XYZ1", "the secret is in upper case already"),
        ({"case": "lower"}, "key_live_xyz", "the secret is in lower case already"),
        ({"prefix": "none"}, "sk_abc", "the secret has none of the documented prefixes"),
        ({"time": "now - 1h"}, SECRET, "this version cannot compute 'time' here"),
    ],
)
def test_what_cannot_be_computed(change: Any, right: str, reason: str) -> None:
    assert why_not(change, right) == reason


def test_one_prefix_has_no_other() -> None:
    with pytest.raises(CannotSpoil, match="^the profile documents one prefix only$"):
        compute({"prefix": "other"}, "sk_abc", ("sk_",), Random(1))


def test_the_longest_prefix_counts() -> None:
    assert prefix_of("sk_live_x", ("sk_", "sk_live_", "oc_")) == "sk_live_"
    assert prefix_of("x", ("sk_",)) == ""


# RFC 6750 section 2.1, or another API's spelling of it.
def test_a_token_is_presented() -> None:
    assert presented() == Presented(fields=(("Authorization", f"Bearer {SECRET}"),))
    assert presented(field="X-Auth", scheme="Token").fields == (("X-Auth", f"Token {SECRET}"),)


# What is made from the secret is secret too; what is made up is not, and neither is a documented prefix.
def test_a_changed_value() -> None:
    assert presented("value", {"cut": 1}) == Presented(
        fields=(("Authorization", f"Bearer {SECRET[:-1]}"),), secrets=(SECRET[:-1],)
    )
    assert presented("value", "junk") == Presented(
        fields=(("Authorization", "Bearer junk"),), invented=("junk",)
    )
    like = presented("value", {"like": "it"})
    assert like.secrets == () and like.fields == (("Authorization", f"Bearer {like.invented[0]}"),)
    only = presented("value", {"prefix": "only"})
    assert (only.secrets, only.invented) == ((), ("key_live_",))


# The name of the field is matched without regard to case (RFC 9110 section 5.1).
def test_another_name_of_the_field() -> None:
    assert presented("name", {"case": "upper"}).fields == (("AUTHORIZATION", f"Bearer {SECRET}"),)


# The scheme stands in the place of the right one.
def test_another_scheme() -> None:
    assert presented("scheme", "Basic").fields == (("Authorization", f"Basic {SECRET}"),)


# The field as the suite spells it, in one line or several.
def test_the_field_as_written() -> None:
    assert presented("field", "").fields == (("Authorization", ""),)
    assert presented("field", "${scheme}:${value}").fields == (("Authorization", f"Bearer:{SECRET}"),)
    assert presented("field", "x ${place.other.host}").invented[1:] == ("x other.example",)
    two = presented("field", ["${scheme} ${value}", "${scheme} ${unknown}"])
    unknown = two.invented[0]
    assert two.fields == (("Authorization", f"Bearer {SECRET}"), ("Authorization", f"Bearer {unknown}"))
    assert two.invented == (unknown, f"Bearer {unknown}") and unknown.startswith("key_live_")


def test_a_misspelt_name_in_the_field() -> None:
    with pytest.raises(InputError) as caught:
        presented("field", "${scheme} ${valu}")
    assert str(caught.value) == "api.suite.yaml:7: unknown name 'valu' in '${…}'. Did you mean 'value'?"


# Each slot that no document names; where it is encoded, the encoded form is a secret too.
@pytest.mark.parametrize(
    ("slot", "expected"),
    [
        ({"field": "Proxy-Authorization"}, Presented(fields=(("Proxy-Authorization", f"Bearer {SECRET}"),))),
        ({"header": "X-Api-Key"}, Presented(fields=(("X-Api-Key", SECRET),))),
        ({"query": "access_token"}, Presented(query=(("access_token", SECRET),))),
        ({"cookie": "token"}, Presented(fields=(("Cookie", f"token={SECRET}"),))),
        ({"form": "access_token"}, Presented(form=(("access_token", SECRET),))),
        ({"json": "token"}, Presented(json={"token": SECRET})),
        ({"basic": "password"}, Presented(fields=(("Authorization", f"Basic {BASIC}"),), secrets=(BASIC,))),
    ],
)
def test_slots(slot: dict[str, str], expected: Presented) -> None:
    assert presented("slot", slot) == expected


def test_the_user_of_basic() -> None:
    ((_, value),) = presented("slot", {"basic": "user"}).fields
    assert base64.b64decode(value.removeprefix("Basic ")) == f"{SECRET}:".encode()


# What a token does not have cannot be changed in it.
def test_what_a_token_has_not() -> None:
    with pytest.raises(CannotSpoil, match="^a credential of kind bearer has no signature$"):
        presented("signature", "x")
    assert MECHANISMS["bearer"].parts == {"value", "field", "name", "scheme", "slot"}


# A redirect URI that is almost the right one: only the named part is another.
@pytest.mark.parametrize(
    ("change", "value"),
    [
        ({"scheme": "http"}, "http://app.example:444/back?a=1"),
        ({"host": "evil.example"}, "https://evil.example/back?a=1"),
        ({"port": 8443}, "https://app.example:8443/back?a=1"),
        ({"append": ".evil.example"}, "https://app.example:444.evil.example/back?a=1"),
        ({"prepend": "evil-"}, "https://evil-app.example:444/back?a=1"),
        ({"subdomain": "evil"}, "https://evil.app.example:444/back?a=1"),
        ({"userinfo": "ada"}, "https://ada@app.example:444/back?a=1"),
    ],
)
def test_another_uri(change: Any, value: str) -> None:
    assert made({"uri": change}, "https://app.example:444/back?a=1") == value


# Scopes and the like: the words of the right value in another form.
def test_words() -> None:
    scopes = "read write"
    assert made({"words": "reversed"}, scopes) == "write read"
    assert made({"words": "twice"}, scopes) == "read write read write"
    assert made({"words": "joined"}, scopes) == "readwrite"
    assert made({"words": "with-commas"}, scopes) == "read,write"
    assert made({"each-word": {"cut": 1}}, scopes) == "rea writ"
    assert made({"each-word": {"before": "x"}}, scopes) == "xread xwrite"
    assert why_not({"words": "reversed"}, "read") == "there is one word only"
    assert why_not({"uri": {"scheme": "https"}}, "https://a.example/") == (
        "the scheme of https://a.example/ is https already"
    )


# What a document prints is no secret, and has to be named by the profile.
def test_a_printed_sample() -> None:
    printed = presented("value", {"sample": "live"}, samples={"live": "key_live_1234567890"})
    assert printed.fields == (("Authorization", "Bearer key_live_1234567890"),)
    assert (printed.secrets, printed.invented) == ((), ("key_live_1234567890",))
    with pytest.raises(CannotSpoil) as caught:
        presented("value", {"sample": "live"})
    assert str(caught.value) == "the profile has no sample 'live' of token"
