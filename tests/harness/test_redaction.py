"""Secrets never come out, in whatever dress, and what is left can still be read."""

from __future__ import annotations

import base64
import html
import json
import math
import random
import string
import time
from urllib.parse import quote, quote_plus

import pytest

from harness.exchange import Redactor
from harness.model import Exchange, Timing

TOKEN = "oc_live_8Jq-4f/Zk+PwX2~v'h<9T&yB"


def redactor() -> Redactor:
    known = Redactor()
    known.learn("token", TOKEN, env="OC_TOKEN")
    known.learn("password", "pässwörd hunter")
    return known


def every_character(text: str, form: str) -> str:
    return "".join(form.format(byte) for byte in text.encode())


def basic(user: str, password: str) -> str:
    return base64.b64encode(f"{user}:{password}".encode()).decode()


# A secret is replaced by its name and the way it was written, wherever it stands.
@pytest.mark.parametrize(
    ("written", "shown"),
    [
        (TOKEN, "[token]"),
        (TOKEN.upper(), "[token in another case]"),
        (quote(TOKEN, safe=""), "[token in percent-encoding]"),
        (quote(TOKEN, safe="").lower(), "[token in percent-encoding]"),
        (every_character(TOKEN, "%{:02X}"), "[token in percent-encoding]"),
        (every_character(TOKEN, "%{:02x}"), "[token in percent-encoding]"),
        (quote(quote(TOKEN, safe=""), safe=""), "[token in percent-encoding]"),
        (every_character(TOKEN, "\\u{:04x}"), "[token in escapes]"),
        (TOKEN.replace("/", "\\/"), "[token in escapes]"),
        (html.escape(TOKEN), "[token in escapes]"),
        (every_character(TOKEN, "&#{};"), "[token in escapes]"),
        (every_character(TOKEN, "&#x{:x};"), "[token in escapes]"),
        (TOKEN.replace("'", "\\'").replace("&", "\\&"), "[token in escapes]"),
        (TOKEN.encode().hex(), "[token in hex]"),
        (TOKEN.encode().hex().upper(), "[token in hex]"),
        (base64.b64encode(TOKEN.encode()).decode(), "[token in base64]"),
        (base64.urlsafe_b64encode(TOKEN.encode()).decode().rstrip("="), "[token in base64]"),
        (quote(base64.b64encode(TOKEN.encode()).decode(), safe=""), "[token in base64]"),
        (quote_plus("pässwörd hunter"), "[password in percent-encoding]"),
        (json.dumps("pässwörd hunter")[1:-1], "[password in escapes]"),
        (base64.b64encode("pässwörd hunter".encode()).decode(), "[password in base64]"),
        ("pässwörd hunter".encode().decode("latin-1"), "[password in another form]"),
    ],
)
def test_every_encoding(written: str, shown: str) -> None:
    assert redactor().text(f'{{"you sent": "{written}"}}') == f'{{"you sent": "{shown}"}}'


# Basic's credentials are one run of Base64: the secret is found at each alignment, its neighbours stay.
@pytest.mark.parametrize("user", ["a", "ab", "abc", "abcd"])
def test_basic(user: str) -> None:
    shown = redactor().field("Authorization", "Basic " + basic(user, TOKEN))

    assert shown.startswith("Basic ") and shown.endswith("[token in base64]")
    assert len(shown) <= len("Basic ") + 8 + len("[token in base64]")


# Most of a secret is a leak too: without its last or first character, or its middle.
@pytest.mark.parametrize("piece", [TOKEN[:-1], TOKEN[1:], TOKEN[:20], TOKEN[-20:], TOKEN[6:-6]])
def test_part_of_a_secret(piece: str) -> None:
    assert redactor().text(f"<{piece}>") == "<[part of token]>"


# Less than 60 % is shown: the documented prefix of a token is no secret.
def test_less_than_a_part() -> None:
    assert redactor().text("use oc_live_8Jq") == "use oc_live_8Jq"


# A piece is found wherever it begins: the search looks at every n-th place only.
def test_parts_at_every_place() -> None:
    known = Redactor()
    known.learn("pin", "k3W9x!Qz")
    known.learn("key", "0123456789abcdefghijklmnop")
    for pad in range(40):
        text = "-" * pad + "k3W9x!Qz" + "." * 3 + "0123456789abcdef"
        assert known.text(text) == "-" * pad + "[pin]...[part of key]"


# However long a secret is beside others, the shortest piece that counts is found, cut out of it anywhere.
@pytest.mark.parametrize("lengths", [(8, 342), (24, 43, 342), (342, 1700), (500,)])
def test_parts_of_every_length(lengths: tuple[int, ...]) -> None:
    dice = random.Random(str(lengths))
    known, secrets = Redactor(), []
    for length in lengths:
        secrets.append("".join(dice.choices(string.ascii_letters + string.digits, k=length)))
        known.learn(f"key of {length}", secrets[-1])
    for _ in range(200):
        secret = dice.choice(secrets)
        least = max(8, math.ceil(0.6 * len(secret)))
        start = dice.randint(0, len(secret) - least)
        pad = "-" * dice.randint(0, 2 * len(secret))
        of = "" if least == len(secret) else "part of "
        assert known.text(pad + secret[start : start + least]) == f"{pad}[{of}key of {len(secret)}]"


# Random secrets in random encodings, among the noise of their own alphabet.
def test_random_secrets() -> None:
    dice = random.Random(7)
    alphabet = "abcXYZ019-_.~%+/=&\\\"' é"
    forms = (
        str,
        lambda text: quote(text, safe=""),
        quote_plus,
        lambda text: json.dumps(text)[1:-1],
        html.escape,
        lambda text: text.encode().hex(),
        lambda text: base64.urlsafe_b64encode(b"ab" + text.encode()).decode(),
    )
    for _ in range(400):
        secret = "".join(dice.choices(alphabet, k=dice.randint(8, 60)))
        known = Redactor()
        known.learn("it", secret)
        for form in forms:
            shown = known.text(f"before {form(secret)}; after")
            assert "[it" in shown and form(secret) not in shown, (secret, form(secret), shown)
            assert shown.startswith("before ") and shown.endswith("; after")


# Short secrets are found in their own case only, shorter ones are refused.
def test_short_secrets() -> None:
    known = Redactor()
    known.learn("pin", "Ab3d")

    assert known.text("Ab3d ab3d QWIzZA==") == "[pin] ab3d [pin in base64]"
    with pytest.raises(ValueError, match="code: a secret of 3 characters is too short to be kept secret"):
        known.learn("code", "123")


# A secret in letters beyond latin-1 is found, other words of that script stay.
def test_other_scripts() -> None:
    known = Redactor()
    known.learn("password", "очень тайно")

    assert known.text("это очень тайно, да") == "это [password], да"
    assert known.text("просто слова здесь") == "просто слова здесь"


# Different secrets of one name are told apart; the same one keeps its name.
def test_names() -> None:
    known = Redactor()
    for secret in ("first-secret", "second-secret", "first-secret"):
        known.learn("spare", secret)

    assert known.text("first-secret second-secret") == "[spare] [spare 2]"


# Of secrets within secrets the longest goes first, and nothing of the shorter one is left.
def test_secret_within_a_secret() -> None:
    known = Redactor()
    known.learn("password", "hunter2hunter2")
    known.learn("pair", "user:hunter2hunter2:realm")

    assert known.text("x user:hunter2hunter2:realm y hunter2hunter2") == "x [pair] y [password]"


# A secret that goes on where a part of another ends is hidden to its last character.
def test_secret_after_a_part() -> None:
    known = Redactor()
    known.learn("pair", "some-user:Kq7wZt1xVb9p")
    known.learn("token", "Kq7wZt1xVb9mR4")

    assert known.text("some-user:Kq7wZt1xVb9mR4!") == "[part of pair][token]!"


# Hundreds of tokens that begin alike do not make it slow.
def test_kin() -> None:
    known = Redactor()
    tokens = [f"eyJhbGciOiJSUzI1NiIsImtpZCI6ImtleS0xIn0.{'eyJzdWIiOiJhIn0' * 9}.{n:043d}" for n in range(400)]
    for token in tokens:
        known.learn("jwt", token)

    start = time.perf_counter()
    assert known.text(f"Bearer {tokens[7]}!") == "Bearer [jwt 8]!"
    assert time.perf_counter() - start < 0.5


# The signature of a JWT is a secret by itself.
def test_jwt_signature() -> None:
    known = Redactor()
    known.learn("jwt", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJlLW9mLTMyLWJ5dGVzLWhlcmU")

    shown = known.text("eyJhbGciOiJub25lIn0.e30.c2lnbmF0dXJlLW9mLTMyLWJ5dGVzLWhlcmU")
    assert shown == "eyJhbGciOiJub25lIn0.e30.[signature of jwt]"


# A pattern hides what was never learned, but not the junk that the harness has forged, nor a known name.
def test_patterns() -> None:
    known = redactor()
    known.pattern("oc-token", r"oc_live_[A-Za-z0-9]+")
    known.harmless("oc_live_forged1")

    assert known.text("oc_live_abc oc_live_forged1") == "[oc-token] oc_live_forged1"
    assert known.text("%6fc_live_abc!") == "[oc-token]!"
    assert known.text(TOKEN) == "[token]"


# Of fields that carry credentials nothing unknown is shown, but the scheme.
@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("Authorization", f"Bearer {TOKEN}", "Bearer [token]"),
        ("authorization", "bearer  unknown", "bearer  [hidden: 7 characters]"),
        ("Authorization", "Bearer junk-of-ours", "Bearer junk-of-ours"),
        ("Authorization", "Bearer", "Bearer"),
        ("Authorization", "s3cret", "[hidden: 6 characters]"),
        ("Proxy-Authorization", "Basic dTpw", "Basic [hidden: 4 characters]"),
        ("Authorization", "", ""),
        ("X-API-Key", "k-123456", "[hidden: 8 characters]"),
        ("Cookie", f"a=1234; sid={TOKEN}", "a=[hidden: 4 characters]; sid=[token]"),
        ("Set-Cookie", "sid=abc; Path=/; HttpOnly", "sid=[hidden: 3 characters]; Path=/; HttpOnly"),
        ("Location", f"/cb?code={TOKEN}", "/cb?code=[token]"),
        ("X-Other", "plain", "plain"),
    ],
)
def test_header_fields(name: str, value: str, shown: str) -> None:
    known = redactor()
    known.harmless("junk-of-ours")
    assert known.field(name, value) == shown


# Members and parameters that are secrets by name are hidden before anybody could have learned them.
def test_secrets_by_name() -> None:
    known = redactor()

    body = '{"access_token": "fresh\\"one", "token_type": "Bearer", "error": "invalid_token"}'
    assert known.text(body) == (
        '{"access_token": "[hidden: 10 characters]", "token_type": "Bearer", "error": "invalid_token"}'
    )
    assert known.text("client_id=me&client_secret=abc") == "client_id=me&client_secret=[hidden: 3 characters]"
    assert known.text("https://me:pw@host/?a=b") == "https://[hidden: 5 characters]@host/?a=b"


# What was learned after an exchange is taken out of it then; what was hidden stays as it is.
def test_learned_later() -> None:
    known = redactor()
    request = {"url": "http://h/?client_secret=[hidden: 3 characters]", "headers": [["A", "fresh-token-1"]]}
    exchange = Exchange("setup", request, {"status": 200, "body": "got fresh-token-1"}, None, Timing(0, 1, 2))
    known.learn("fresh", "fresh-token-1")

    again = known.exchange(exchange)

    assert again.request == {**request, "headers": [["A", "[fresh]"]]}
    assert again.response == {"status": 200, "body": "got [fresh]"}
    assert known.exchange(again) == again


# What acts on a terminal or on the reader's eye is shown for what it is.
def test_control_characters() -> None:
    text = "a\tb\nc\x1b[31m\x7f\x9b\r\u202e\ud800é"
    assert redactor().text(text) == "a\tb\nc\\x1b[31m\\x7f\\x9b\\x0d\\u202e\\ud800é"


# A variable's name goes into a command line, so it has to be one.
def test_variable_names() -> None:
    with pytest.raises(ValueError, match=r"'A;rm' is not the name of an environment variable"):
        Redactor().learn("token", "a-secret", env="A;rm")


# What repeats itself, such as a credential that is too long on purpose, is not compared at every place.
def test_speed_of_what_repeats_itself() -> None:
    redactor = Redactor()
    redactor.learn("too long", "A" * 100_000)
    redactor.learn("token", "correct-horse-battery-staple")
    started = time.monotonic()
    assert redactor.text(f"{'A' * 99_000} correct-horse-battery-staple").endswith(" [token]")
    assert time.monotonic() - started < 5


# A mebibyte against thirty secrets takes tens of milliseconds; the bound leaves room for a busy machine.
def test_speed() -> None:
    dice = random.Random(1)
    known = Redactor()
    secrets = [base64.urlsafe_b64encode(dice.randbytes(32)).decode() for _ in range(30)]
    for secret in secrets:
        known.learn("token", secret)
    rows = [
        {"id": number, "says": "the quick brown fox", "token": secrets[number % 30]} for number in range(10)
    ]
    noise = base64.b64encode(dice.randbytes(780_000)).decode()
    text = json.dumps(rows) + noise

    took = []
    for _ in range(3):
        start = time.perf_counter()
        shown = known.text(text)
        took.append(time.perf_counter() - start)

    assert shown.count("[token") == 10
    assert min(took) < 0.2
