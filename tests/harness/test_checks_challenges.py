"""WWW-Authenticate is read by the grammar of RFC 9110 section 11.6.1, and each check says what it saw."""

from __future__ import annotations

import time

import pytest
from scene import answer, facts

from harness.checks import CHECKS, Mismatch, Unchecked
from harness.checks.challenges import parse


def found(
    check: str, *lines: str, status: int = 401, mechanism: str = "bearer", **args: object
) -> list[Mismatch | Unchecked]:
    """What a check says of an answer with these lines of WWW-Authenticate."""
    given = answer(status, b"", *(("www-authenticate", line) for line in lines))
    return list(CHECKS[check](given, args, facts(mechanism=mechanism)))


def read(text: str) -> list[tuple[str, dict[str, str]]]:
    return [(each.scheme, {one.name: one.value for one in each.parameters}) for each in parse(text)]


# What the RFCs themselves show, and every corner that their grammar allows.
@pytest.mark.parametrize(
    ("text", "challenges"),
    [
        ("Bearer", [("Bearer", {})]),
        ('Basic realm="simple"', [("Basic", {"realm": "simple"})]),
        (
            'Newauth realm="apps", type=1, title="Login to \\"apps\\"", Basic realm="simple"',
            [("Newauth", {"realm": "apps", "type": "1", "title": 'Login to "apps"'}),
             ("Basic", {"realm": "simple"})],
        ),
        ("Negotiate YIIJvwYGKwYBBQUCoIIJszCCCa+gJDAi==", [("Negotiate", {})]),
        ("Negotiate a==, Basic realm=x", [("Negotiate", {}), ("Basic", {"realm": "x"})]),
        ("Negotiate, Bearer", [("Negotiate", {}), ("Bearer", {})]),
        ('Bearer realm = "a" ,error\t=\tx', [("Bearer", {"realm": "a", "error": "x"})]),
        (', ,Basic realm="x", ,, Bearer,', [("Basic", {"realm": "x"}), ("Bearer", {})]),
        ('Bearer , realm="x"', [("Bearer", {"realm": "x"})]),
        ("Negotiate , Bearer a=b", [("Negotiate", {}), ("Bearer", {"a": "b"})]),
        ('Bearer realm=""', [("Bearer", {"realm": ""})]),
        ('Bearer realm="a, Basic realm=b"', [("Bearer", {"realm": "a, Basic realm=b"})]),
        ('Bearer realm="\xe4\t\\\\"', [("Bearer", {"realm": "\xe4\t\\"})]),
        ("!#$%&'*+-.^_`|~09azAZ a=b", [("!#$%&'*+-.^_`|~09azAZ", {"a": "b"})]),
        ("Bearer    realm=x", [("Bearer", {"realm": "x"})]),
    ],
)  # fmt: skip
def test_well_formed_challenges(text: str, challenges: list[tuple[str, dict[str, str]]]) -> None:
    assert read(text) == challenges


# What stops being a challenge is named where it stops.
@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "an empty field"),
        (" , ,\t", "an empty field"),
        ('Bearer realm="open', "no comma before “realm=\"o”"),
        ('Bearer realm="a" error="b"', "no comma before “error=\"b”"),
        ("Bearer realm=a b", "no comma before “b”"),
        ("Bearer abc def", "no comma before “abc def”"),
        ("Bearer abc realm=x", "no comma before “abc real”"),
        ("Bearer realm=ä", "no comma before “realm=ä”"),
        ("Bearer realm=a/b", "no comma before “/b”"),
        ('realm="x"', "no comma before “=\"x\"”"),
        ("Bearer: realm=x", "no comma before “: realm=”"),
        ("Bearer\trealm=x", "no comma before “realm=x”"),
        ('"Bearer"', "no scheme at “\"Bearer\"”"),
        ('Bearer realm="a\x01"', "no comma before “realm=\"a”"),
        ('Bearer realm="a\\\x01"', "no comma before “realm=\"a”"),
        ("Bearer realm='single quotes'", "no comma before “quotes'”"),
        ("Bearer realm=x; error=y", "no comma before “; error=”"),
        ('{"error": "unauthorized"}', "no scheme at “{\"error\"”"),
    ],
)  # fmt: skip
def test_what_is_no_challenge(text: str, why: str) -> None:
    with pytest.raises(ValueError) as caught:
        parse(text)
    assert str(caught.value) == why


# A target may send whatever it likes, as long as a head may be: reading it stays linear.
@pytest.mark.parametrize(
    "piece",
    [
        *("a", "a ", "a=", 'a="', ",", " ", '"', "\\", "a,", "a=b,", "a b,", 'a="\\', "=", "a\t=\t"),
        *("a=b ,  ", "Bearer a=b, "),
    ],
)  # fmt: skip
def test_hostile_length_costs_little(piece: str) -> None:
    for start in ("", "Bearer ", 'Bearer a="', "Bearer a=b, "):
        text = start + piece * (200_000 // len(piece))
        began = time.monotonic()
        try:
            parse(text)
        except ValueError:
            pass
        assert time.monotonic() - began < 2


# Two lines are one list (RFC 9110 section 5.3), and so is one line with two challenges.
def test_several_lines_are_one_field() -> None:
    lines = ('Basic realm="a"', 'Bearer realm="a"')
    assert found("bearer-challenge", *lines) == []
    assert found("bearer-challenge", ", ".join(lines)) == []
    assert found("challenge-grammar", *lines) == []
    assert found("bearer-challenge", lines[0]) == [
        Mismatch("a challenge with the scheme Bearer", "only Basic")
    ]


# A 401 needs a challenge; another status does not, and an empty field is none.
def test_challenge_is_there() -> None:
    none = Mismatch("a WWW-Authenticate field", "no WWW-Authenticate field")
    assert found("challenge", "Bearer") == []
    assert found("challenge") == [none]
    assert found("challenge", "", " ") == [none]
    assert found("challenge", status=403) == [Unchecked("only a 401 needs a challenge")]


def test_grammar_shows_the_field_and_where_it_broke() -> None:
    assert found("challenge-grammar", "Bearer realm=a b") == [
        Mismatch(
            "challenges as RFC 9110 section 11.6.1 spells them", "no comma before “b” in Bearer realm=a b"
        )
    ]
    assert found("challenge-grammar") == [Unchecked("there is no challenge")]


# Twice in one challenge, in any case, is wrong; once in each of two is not (RFC 9110 section 11.2).
def test_parameters_are_unique() -> None:
    twice = 'Bearer realm="a", Realm="b", error=x, ERROR=y, error=z'
    assert found("challenge-parameters-unique", twice) == [
        Mismatch("each parameter once", "error 3 times in one challenge"),
        Mismatch("each parameter once", "realm 2 times in one challenge"),
    ]
    assert found("challenge-parameters-unique", "Bearer realm=a, Basic realm=a") == []
    # a parameter that goes on in the next line belongs to the same challenge
    assert len(found("challenge-parameters-unique", "Bearer realm=a", "realm=b")) == 1


# A realm is a quoted string, in every challenge (RFC 9110 section 11.5).
def test_realm_is_quoted() -> None:
    assert found("realm-quoted", 'Bearer realm="api"') == []
    assert found("realm-quoted", 'Basic realm="api", Bearer REALM=api') == [
        Mismatch('realm="api"', "realm=api")
    ]
    assert found("realm-quoted", "Bearer error=x") == [Unchecked("there is no realm")]


# RFC 6750 section 3: Bearer, and at least one parameter.
def test_bearer_challenge() -> None:
    assert found("bearer-challenge", "bearer error=x") == []
    assert found("bearer-challenge", "Bearer") == [
        Mismatch("Bearer with at least one parameter", "Bearer alone")
    ]
    unreadable = [Unchecked("there is no challenge for a bearer token that can be read")]
    assert found("bearer-challenge", "Bearer realm=a b") == unreadable
    assert found("bearer-challenge", "Basic realm=a", status=403) == unreadable


# RFC 6750 section 3 confines the characters of its parameters, those that a quoted pair hides too.
def test_bearer_characters() -> None:
    assert found("bearer-challenge-characters", 'Bearer scope="read write", error="invalid_token"') == []
    assert found("bearer-challenge-characters", 'Bearer error_description="the \\"x\\" token"') == [
        Mismatch("only permitted characters in error_description", 'the "x" token')
    ]
    assert found("bearer-challenge-characters", 'Bearer scope="read  write"') == [
        Mismatch("only permitted characters in scope", "read  write")
    ]
    assert found("bearer-challenge-characters", 'Bearer error_uri="a b", error="caf\xe9"') == [
        Mismatch("only permitted characters in error_uri", "a b"),
        Mismatch("only permitted characters in error", "caf\xe9"),
    ]
    assert found("bearer-challenge-characters", 'Basic error="caf\xe9"') == [
        Unchecked("there is no such parameter")
    ]


# The error code is one of those named, in a 401; without credentials there is none.
def test_bearer_error() -> None:
    said = 'Bearer realm="a", error="invalid_token"'
    assert found("bearer-error", said, **{"is": "invalid_token"}) == []
    assert found("bearer-error", said, **{"is": ["invalid_request", "invalid_token"]}) == []
    assert found("bearer-error", said, **{"is": ["invalid_request", "x"]}) == [
        Mismatch('error="invalid_request" or error="x"', 'error="invalid_token"')
    ]
    assert found("bearer-error", 'Bearer realm="a"', **{"is": "invalid_token"}) == [
        Mismatch('error="invalid_token"', "no error parameter")
    ]
    unasked = [Unchecked("there is no Bearer challenge to a bearer token")]
    assert found("bearer-error", said, status=403, **{"is": "x"}) == unasked
    # RFC 6750 says nothing of the error that follows an API key
    assert found("bearer-error", said, mechanism="api-key", **{"is": "x"}) == unasked
    assert found("bearer-error-absent", said) == [Mismatch("no error information", 'error="invalid_token"')]
    assert found("bearer-error-absent", "Bearer realm=a, error_uri=x, error_description=y") == [
        Mismatch("no error information", 'error_description="y"'),
        Mismatch("no error information", 'error_uri="x"'),
    ]
    assert found("bearer-error-absent", "Bearer realm=a") == []


# Basic has a realm, and no other charset than UTF-8 (RFC 7617); other schemes are nothing to it.
def test_basic_challenge() -> None:
    for right in ('Basic realm="a"', 'Bearer realm="b", BASIC realm="a", charset="utf-8"'):
        assert found("basic-challenge", right) == []
    assert found("basic-challenge", "Bearer") == [Unchecked("there is no Basic challenge")]
    for wrong in ("Basic", 'Basic charset="UTF-8"', "Basic realm=a, Basic"):
        assert found("basic-challenge", wrong) == [Mismatch("Basic with a realm", "Basic without one")]


def test_basic_charset() -> None:
    assert found("basic-charset", "Basic realm=a, charset=utf-8") == []
    assert found("basic-charset", 'Basic realm="a"') == [
        Unchecked("there is no Basic challenge with a charset")
    ]
    assert found("basic-charset", 'Basic realm="a", charset="latin-1"') == [
        Mismatch('charset="UTF-8"', 'charset="latin-1"')
    ]
