"""Basic credentials as they are presented, each way to spoil them, and what of them is kept secret."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from loopback import answering
from scene import CONTROL, PROFILE, WRITTEN, case, http, play, profile, reference, setting, target

from harness import preflight
from harness.credentials import MECHANISMS, CannotSpoil, Presented
from harness.credentials.presented import Values
from harness.errors import TargetError
from harness.exchange import Network, Redactor
from harness.model import CredentialKind, Spoil

SECRET = "widgets:tr0ub:dör&3"
"""With a second colon and a letter beyond ASCII."""
PASSWORD = "tr0ub:dör&3"
CHARACTERS = "abcXYZ019 :;=%+/?&@\"'\\{}$äß€漢😀"


def presented(
    part: str | None = None,
    change: Any = None,
    secret: str = SECRET,
    others: Mapping[str, str] | None = None,
    removed: bool = False,
    seed: int = 1,
    **options: Any,
) -> Presented:
    spoil = Spoil(part, change, removed, WRITTEN) if part else None
    kind = CredentialKind("basic", "basic", "own", ("wid",), options, PROFILE)
    known = {name: (value, {}) for name, value in (others or {}).items()}
    values = Values(Random(seed), {"place.other.host": "other.example"}, {}, known)
    return MECHANISMS["basic"].present(kind, secret, spoil, values)


def decoded(given: Presented) -> str:
    """The pair that goes out, as a server reads it."""
    ((name, value),) = given.fields
    scheme, _, text = value.partition(" ")
    assert (name, scheme) == ("Authorization", "Basic")
    return base64.b64decode(text, validate=True).decode("utf-8")


def why_not(*given: Any, **more: Any) -> str:
    with pytest.raises(CannotSpoil) as caught:
        presented(*given, **more)
    return str(caught.value)


# RFC 7617 section 2: its own examples, and where else an API may want them.
def test_a_pair_is_presented() -> None:
    aladdin = presented(secret="Aladdin:open sesame")
    assert aladdin.fields == (("Authorization", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),)
    pound = presented(secret="test:123£")
    assert pound.fields == (("Authorization", "Basic dGVzdDoxMjPCow=="),)
    assert presented(secret="a:b", field="X-Auth", scheme="Login").fields == (("X-Auth", "Login YTpi"),)


# Whatever the characters: what is presented decodes to the pair.
def test_what_is_presented_decodes_to_the_pair() -> None:
    random = Random(7617)
    for _ in range(500):
        user = "".join(random.choices(CHARACTERS.replace(":", ""), k=random.randrange(0, 20)))
        password = "".join(random.choices(CHARACTERS, k=random.randrange(0, 40)))
        assert decoded(presented(secret=f"{user}:{password}")) == f"{user}:{password}"


# A change of one part leaves the other as it is, whatever the characters.
def test_a_change_of_one_part_leaves_the_other() -> None:
    random = Random(2617)
    for seed in range(200):
        user = "u" + "".join(random.choices("abcXYZ019äß€", k=random.randrange(2, 20)))
        password = "".join(random.choices(CHARACTERS, k=random.randrange(2, 40))) + "x"
        secret = f"{user}:{password}"
        for change in ({"like": "it"}, {"cut": 1}, {"add": ":x"}, "another"):
            one, _, other = decoded(presented("password", change, secret, seed=seed)).partition(":")
            assert one == user and other != password
            made = decoded(presented("user", change, secret, seed=seed))
            assert made.endswith(f":{password}") and made != secret


# Each part, by what goes out for it.
@pytest.mark.parametrize(
    ("part", "change", "pair"),
    [
        ("user", "nobody", f"nobody:{PASSWORD}"),
        ("user", {"case": "upper"}, f"widGETS:{PASSWORD}"),
        ("user", "", f":{PASSWORD}"),
        ("password", "", "widgets:"),
        ("password", {"cut": 1}, "widgets:tr0ub:dör&"),
        ("password", {"add": "\0junk"}, f"{SECRET}\0junk"),
        ("password", {"case": "swap-one"}, "widgets:tr0uB:dör&3"),
        ("pair", "${user}", "widgets"),
        ("pair", "${user}${password}", f"widgets{PASSWORD}"),
        ("pair", "${password}:${user}", f"{PASSWORD}:widgets"),
        ("pair", "${place.other.host}:x", "other.example:x"),
        ("pair", {"add": "\n"}, f"{SECRET}\n"),
        ("pair", {"bytes": "613a62"}, "a:b"),
    ],
)
def test_parts(part: str, change: Any, pair: str) -> None:
    assert decoded(presented(part, change)) == pair


# The documented beginning of a user stays, the rest is another of the same form.
def test_a_user_like_the_right_one() -> None:
    user, _, password = decoded(presented("user", {"like": "it"})).partition(":")
    assert user.startswith("wid") and len(user) == 7 and user != "widgets" and password == PASSWORD


# What another credential has in its place; of one that is no pair, all of it.
def test_a_part_of_another() -> None:
    others = {"other-basic": "gadgets:hunter:2", "key": "key_live_1"}
    assert decoded(presented("password", {"of": "other-basic"}, others=others)) == "widgets:hunter:2"
    assert decoded(presented("user", {"of": "other-basic"}, others=others)) == f"gadgets:{PASSWORD}"
    assert decoded(presented("password", {"of": "key"}, others=others)) == "widgets:key_live_1"
    assert decoded(presented("pair", {"of": "other-basic"}, others=others)) == "gadgets:hunter:2"
    assert decoded(presented("encoded", {"of": "other-basic"}, others=others)) == "gadgets:hunter:2"
    assert why_not("password", {"of": "spare"}) == "the target gives no credential 'spare'"


# The Base64 as the suite spells it.
def test_the_encoded_text() -> None:
    def sent(change: Any, secret: str = "a:b") -> str:
        ((_, value),) = presented("encoded", change, secret).fields
        return value

    assert sent("${encoded}.") == "Basic YTpi."
    assert sent("!!!") == "Basic !!!"
    assert sent({"add": "="}) == "Basic YTpi="
    assert sent({"cut": 1}) == "Basic YTp"
    assert sent({"encode": "percent"}) == "Basic %59%54%70%69"


# Padding that is missing is no change (RFC 4648 section 3.2 knows encodings without): data is cut with it.
def test_what_is_cut_is_more_than_padding() -> None:
    for secret in ("a:b", "a:bc", "a:bcd"):
        for count in (1, 2):
            ((_, value),) = presented("encoded", {"cut": count}, secret).fields
            text = value.removeprefix("Basic ")
            if len(text) % 4 != 1:  # else no length of Base64 at all
                assert base64.b64decode(text + "=" * (-len(text) % 4)).decode() != secret


# ISO 8859-1, which RFC 7617 once left open; where it makes no difference there is nothing to ask.
def test_another_charset() -> None:
    ((_, value),) = presented("charset", "latin-1").fields
    assert base64.b64decode(value.removeprefix("Basic ")) == SECRET.encode("latin-1")
    assert why_not("charset", "latin-1", "a:b") == (
        "the credential has no character that latin-1 writes otherwise than UTF-8"
    )
    assert why_not("charset", "latin-1", "a:€") == "latin-1 has not every character of the credential"


# The scheme, the whole field, and slots that no document names, as with every credential.
def test_the_rest_of_the_request() -> None:
    assert presented("scheme", "Bearer", "a:b").fields == (("Authorization", "Bearer YTpi"),)
    assert presented("field", "${scheme}  ${value}", "a:b").fields == (("Authorization", "Basic  YTpi"),)
    two = presented("field", ["${scheme} ${value}", "${scheme} ${unknown}"], "a:bcdefgh").fields
    unknown = base64.b64decode(two[1][1].removeprefix("Basic ")).decode()
    assert unknown.startswith("a:") and len(unknown) == 9 and unknown != "a:bcdefgh"
    assert presented("slot", {"query": "auth"}, "a:b").query == (("auth", "YTpi"),)
    assert presented("slot", {"field": "Proxy-Authorization"}, "a:b").fields == (
        ("Proxy-Authorization", "Basic YTpi"),
    )
    assert why_not("slot", {"basic": "user"}) == "this credential is a Basic one already"


# A change that changes nothing would be accepted, and rightly.
@pytest.mark.parametrize(
    ("part", "change", "secret", "reason"),
    [
        ("password", "", "key_live_1:", "this change of the password leaves the credential as it is"),
        ("pair", "${user}:${password}", SECRET, "this change of the pair leaves the credential as it is"),
        ("password", {"case": "swap"}, "a:1234", "letter case means nothing in this secret"),
        ("password", {"like": "it"}, "a:", "the secret leaves no room for another one like it"),
    ],
)
def test_a_change_that_is_none(part: str, change: Any, secret: str, reason: str) -> None:
    assert why_not(part, change, secret) == reason


def test_what_basic_has_not() -> None:
    assert why_not("name", "x") == "a credential of kind basic has no name"
    assert (
        why_not("user.name", None, removed=True) == "a credential of kind basic has no user.name to take away"
    )


# What suites for any credential call its value is the password, which only its owner knows.
def test_another_value_is_another_password() -> None:
    assert decoded(presented("value", "x")) == decoded(presented("password", "x"))


# A secret without a colon is a mistake of the target, and the reason says how to mend it.
def test_a_secret_that_is_no_pair() -> None:
    assert why_not(secret="tr0ubador") == "the secret of 'basic' has no colon: write it as user:password"


# The run then ends before the first case, at the line of the target that gives the secret.
def test_a_target_whose_secret_is_no_pair() -> None:
    with pytest.raises(TargetError) as caught:
        play(tried("tr0ubador"))
    assert str(caught.value) == (
        "target.yaml:5: the credential 'basic' ($BASIC) cannot be tried: the control got no answer: "
        "the secret of 'basic' has no colon: write it as user:password. "
        "Check the secrets, or the address of their place."
    )


async def tried(secret: str) -> None:
    """The preflight of a case that presents `secret`, at a server that accepts everything."""
    kind = CredentialKind("basic", "basic", "own", (), {}, PROFILE)
    control = replace(CONTROL, credential="basic")
    async with answering(lambda request: http(200)) as server:
        given = setting(
            server.url,
            profile=profile(credentials={"basic": kind}),
            target=target(server.url, credentials={"basic": reference("basic")}),
            secrets={"basic": secret},
        )
        network = Network(redactor=given.redactor)
        try:
            await preflight.check(given, network, [case(credential="basic", control=control)])
        finally:
            await network.aclose()


# The password and every encoding of it are secrets; what the harness made up is not, and neither is a user.
def test_what_is_secret() -> None:
    right = base64.b64encode(SECRET.encode()).decode()
    assert presented().secrets == (PASSWORD, right)
    wrong = presented("password", "wrong-password")
    assert wrong.secrets == () and wrong.invented[0] == "wrong-password"
    like = presented("password", {"like": "it"})
    assert like.secrets == () and decoded(like) == f"widgets:{like.invented[0]}"
    cut = presented("password", {"cut": 1})
    assert cut.invented == () and cut.secrets[:2] == (PASSWORD, PASSWORD[:-1])
    nobody = presented("user", "nobody")
    assert nobody.invented == () and nobody.secrets[:2] == (PASSWORD, f"nobody:{PASSWORD}")
    # a key that goes as the user, with no password
    key = presented(secret="key_live_1:")
    assert key.secrets[0] == "key_live_1"
    assert presented("password", "x", "key_live_1:").secrets[0] == "key_live_1"


# Nothing of the password is left in what is kept, however the credential was changed on its way.
@pytest.mark.parametrize(
    ("part", "change"),
    [
        (None, None),
        ("user", "nobody"),
        ("user", {"like": "it"}),
        ("password", {"add": "x"}),
        ("password", {"cut": 1}),
        ("password", {"case": "swap"}),
        ("pair", "${user}${password}"),
        ("pair", "${password}:${user}"),
        ("encoded", {"cut": 1}),
        ("encoded", "${encoded}=="),
        ("charset", "latin-1"),
        ("scheme", "Bearer"),
        ("slot", {"query": "auth"}),
    ],
)
def test_nothing_of_it_is_kept(part: str | None, change: Any) -> None:
    given = presented(part, change)
    redactor = Redactor()
    redactor.learn("basic", SECRET, env="BASIC")
    for derived in given.secrets:
        redactor.learn("basic, changed", derived)
    for name, value in (*given.fields, *given.query):
        for shown in (redactor.field(name, value), redactor.text(f"you sent {value}")):
            scheme, _, rest = value.rpartition(" ")
            assert rest not in shown and "[" in shown
            assert all(secret not in shown for secret in given.secrets)
    assert redactor.text(f"wrong password {PASSWORD}") == "wrong password [basic, changed]"
