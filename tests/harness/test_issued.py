"""Credentials as they were issued: whether they begin, differ and look as they must, and who shows them."""

from __future__ import annotations

import base64
import json
import string
from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any
from uuid import UUID

import pytest
from scene import answer, credential, facts

from harness.checks import CHECKS, Facts, Held, Mismatch
from harness.checks.issued import apparent_bits, held_of

BASE62 = string.digits + string.ascii_letters
BODY = "Zk3vQ9pLw7Rt2XyB5nMd8HsJ"
SECRET = f"key_live_{BODY}"
LISTED = {"id": "tok_1", "name": "etl"}


KIND = replace(credential(), prefix=("key_live_",), other_prefixes=("key_test_",))


def held(*secrets: str, configured: str | None = SECRET, **known: Any) -> Facts:
    obtained = tuple(held_of("fresh", secret, KIND, configured, known or LISTED) for secret in secrets)
    return facts(obtained=obtained, held={"fresh": obtained[0]})


def told(check: str, given: Facts, body: Any = "", **args: Any) -> list[str]:
    text = body if isinstance(body, str) else json.dumps(body)
    found = CHECKS[check](answer(200, text), {"of": "fresh", **args}, given)
    return [
        f"{each.expected}: {each.actual}" if isinstance(each, Mismatch) else each.because for each in found
    ]


# A token begins as is documented for its place, each one of them.
def test_documented_prefix() -> None:
    assert told("documented-prefix", held(SECRET, "key_live_1")) == []
    assert told("documented-prefix", held(SECRET, "oops_1")) == [
        "a beginning of key_live_: another beginning"
    ]
    assert told("documented-prefix", held(SECRET, "key_test_1")) == [
        "a beginning of key_live_: key_test_, which is another place's"
    ]
    bare = facts(obtained=(Held("fresh", SECRET, "", (), {}),))
    assert told("documented-prefix", bare) == ["the profile documents no prefix"]


# The token that is configured tells what kind of place the deployment's own is: a trial issues as a trial.
def test_prefix_of_a_trial_deployment() -> None:
    assert told("documented-prefix", held("key_test_1", configured="key_test_2")) == []
    assert told("documented-prefix", held("key_live_1", configured="key_test_2")) == [
        "a beginning of key_test_: key_live_, which is another place's"
    ]
    for unknown in (None, "oops_2"):
        assert told("documented-prefix", held("key_live_1", configured=unknown)) == []


# Twenty tokens are twenty different ones.
def test_all_different() -> None:
    assert told("all-different", held("key_live_a", "key_live_b")) == []
    assert told("all-different", held("key_live_a", "key_live_a", "key_live_b")) == [
        "3 different credentials: only 2 different ones"
    ]
    assert told("all-different", held("key_live_a")) == ["only one was issued"]


def twenty(make: Callable[[Random], str], seed: int = 1) -> list[str]:
    random = Random(seed)
    return [make(random) for _ in range(20)]


def text(alphabet: str, length: int) -> Callable[[Random], str]:
    return lambda random: "".join(random.choices(alphabet, k=length))


# What is really random passes, in any alphabet, however often it is tried.
@pytest.mark.parametrize(
    ("make", "times"),
    [
        (text(BASE62, 22), 10_000),
        (text(BASE62, 40), 200),
        (text(string.hexdigits[:16], 32), 2_000),
        (text(string.digits, 39), 1_000),
        (text(string.ascii_lowercase + "234567", 26), 1_000),
        (lambda random: base64.urlsafe_b64encode(random.randbytes(16)).decode().rstrip("="), 2_000),
        (lambda random: str(random.getrandbits(130)), 1_000),  # now and then a digit shorter
        (lambda random: f"{random.getrandbits(128):032x}", 1_000),
    ],
    ids=["base62", "long", "hex", "digits", "base32", "base64url", "number", "padded"],
)
def test_good_tokens_pass(make: Callable[[Random], str], times: int) -> None:
    random = Random(7)
    for _ in range(times):
        bodies = [make(random) for _ in range(20)]
        assert apparent_bits(bodies) >= 128, bodies


_clock = iter(range(1_795_000_000_000, 1_795_000_100_000, 7))
_count = iter(range(100_000))


# What can be guessed is caught: counters, timestamps, short randomness however it is dressed up.
@pytest.mark.parametrize(
    ("make", "most"),
    [
        (lambda random: f"{next(_count):040d}", 10),
        (lambda random: f"{next(_clock):x}".rjust(32, "0"), 20),
        (lambda random: f"{next(_clock)}{''.join(random.choices(BASE62, k=10))}", 80),
        (lambda random: f"{random.getrandbits(40):010x}", 41),
        (lambda random: f"{random.getrandbits(40):040b}", 100),
        (lambda random: base64.urlsafe_b64encode(b"\0" * 20 + random.randbytes(5)).decode(), 50),
        (lambda random: f"{random.getrandbits(64):016x}" * 4, 65),
        (lambda random: "user-4711-" + "".join(random.choices(BASE62, k=12)), 75),
        (lambda random: "same", 0),
    ],
    ids=["counter", "timestamp", "stamped", "40 bits", "binary", "padded", "repeated", "short", "constant"],
)
def test_guessable_tokens_are_caught(make: Callable[[Random], str], most: float) -> None:
    for seed in range(20):
        bodies = twenty(make, seed)
        assert apparent_bits(bodies) <= most
    (said,) = told("unguessable", held(*(f"key_live_{body}" for body in bodies)))
    assert said.startswith("128 bits that look random: about ")


# Random UUIDs hold 122 bits: neither passed nor failed. Those made of a clock are caught.
def test_uuids() -> None:
    random = Random(1)
    random_ones = [str(UUID(int=random.getrandbits(128), version=4)) for _ in range(20)]
    assert told("unguessable", held(*random_ones)) == [
        "they are UUIDs of version 4, which hold 122 random bits"
    ]
    timed = [f"018f{random.getrandbits(8):02x}00-0000-7{random.getrandbits(12):03x}-8000-" for _ in range(20)]
    (said,) = told("unguessable", held(*(each + f"{random.getrandbits(48):012x}" for each in timed)))
    assert said.startswith("128 bits that look random: about 6")


# Of a few tokens nothing can be said.
def test_too_few() -> None:
    assert told("unguessable", held(SECRET, SECRET)) == ["too few were issued to say anything"]


# A listing must not hold the secret, with its prefix or without, however JSON writes it.
def test_no_secret() -> None:
    assert told("no-secret", held(SECRET), {"tokens": [{**LISTED, "prefix": "key_live_Zk3v"}]}) == []
    whole = ["nothing of the secret: the whole secret of fresh"]
    assert told("no-secret", held(SECRET), {"tokens": [{**LISTED, "token": SECRET}]}) == whole
    assert told("no-secret", held(SECRET), {"tokens": [{**LISTED, "token": BODY}]}) == whole
    slashed = "key_live_" + BODY.replace("Q", "/")
    written = json.dumps({**LISTED, "token": slashed}).replace("/", "\\/")
    assert told("no-secret", held(slashed), written) == whole


# A listing that does not know the token at all shows nothing, which proves nothing.
def test_listing_without_the_token() -> None:
    for check in ("no-secret", "masked"):
        assert told(check, held(SECRET), {"tokens": []}) == ["the answer does not tell of fresh at all"]
        assert told(check, held(SECRET, secret=SECRET), {"tokens": []}) == []


# It may show the prefix and four characters, and no more.
def test_masked() -> None:
    shown = ["at most the prefix and 4 characters: a longer piece of fresh"]
    for piece, expected in {
        "key_live_Zk3v…": [],
        "…" + BODY[-4:]: [],
        "key_live_Zk3vQ": shown,
        BODY[-12:]: shown,
        BODY[5:17]: shown,
        SECRET: shown,
    }.items():
        assert told("masked", held(SECRET), {"tokens": [{**LISTED, "shown": piece}]}) == expected
    assert told("masked", held("key_live_12345678"), LISTED) == [
        "the secret is too short to tell a piece of it from an accident"
    ]


# A long listing of other random things is no accident that counts.
def test_masked_by_no_accident() -> None:
    for seed in range(300):
        random = Random(seed)
        secret = "key_live_" + text("0123456789abcdef", 40)(random)
        others = [{"id": text("0123456789abcdef", 32)(random)} for _ in range(100)]
        assert told("masked", held(secret), {"tokens": [LISTED, *others]}) == []


def undocumented(secret: str) -> Facts:
    return facts(held={"fresh": Held("fresh", secret, "", (), LISTED)})


# Where the profile documents no prefix, that of a right listing is no piece, however long the listing is.
def test_masked_without_a_documented_prefix() -> None:
    longer = ["at most the prefix and 4 characters: a longer piece of fresh"]
    for seed in range(1000):
        random = Random(seed)
        bodies = [text(BASE62, 40)(random) for _ in range(1 + seed % 50)]
        others = [{"id": f"key_{body[-12:]}", "prefix": f"oid_{body[:4]}"} for body in bodies[1:]]
        secret = f"oid_{bodies[0]}"
        for shown, expected in {
            secret[:8]: [],
            f"…{secret[-4:]}": [],
            secret[:9]: longer,
            secret[:22]: longer,
            secret[22:]: longer,
        }.items():
            assert told("masked", undocumented(secret), [*others, {**LISTED, "shown": shown}]) == expected


# A secret without any prefix may begin with an unknown one: a few of its characters are no piece, half is.
def test_masked_without_any_prefix() -> None:
    for seed in range(1000):
        random = Random(seed)
        secret = text(BASE62, 40)(random)
        others = [{"id": text(BASE62, 40)(random)} for _ in range(seed % 50)]
        for shown, alarms in {
            secret[:8]: False,
            secret[-4:]: False,
            secret[:20]: True,
            secret[20:]: True,
        }.items():
            found = told("masked", undocumented(secret), [*others, {**LISTED, "shown": shown}])
            assert bool(found) is alarms, secret


# A name is shown as it was given, whatever characters it has.
def test_shows() -> None:
    name = 'etl "é" \\ <b>'
    assert told("shows", held(SECRET, name=name), [{"name": name}], what="name") == []
    assert told("shows", held(SECRET, name=name), [{"name": "etl"}], what="name") == [
        'the name "etl \\"é\\" \\\\ <b>": an answer without it'
    ]
    assert told("shows", held(SECRET, id=7), "[]", what="name") == ["nothing is known of its name"]
    assert told("shows", held(SECRET), "<html>", what="name") == ["a JSON answer: one that is not JSON"]


# What an answer must not tell of another's credential; where nothing is known of it, nothing is looked for.
def test_hides() -> None:
    assert told("hides", held(SECRET, account="acme"), {"account": "globex"}, what="account") == []
    assert told("hides", held(SECRET, account="acme"), {"of": ["acme"]}, what="account") == [
        "nothing of the account of fresh: acme in the answer"
    ]
    assert told("hides", held(SECRET), {"account": "acme"}, what="account") == [
        "nothing is known of its account"
    ]
