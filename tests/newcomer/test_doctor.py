"""What doctor sees beyond the twelve: clocks, limits, answers that differ, an operation without a guard."""

from __future__ import annotations

import json
import re
import time
from dataclasses import replace
from email.utils import formatdate
from pathlib import Path
from typing import Any

import notes
import pytest
from deployment import TOKEN, Told, answering, write

from harness.diagnosis import in_the_way, skew
from harness.diagnosis.proxies import answering as answering_proxy
from harness.diagnosis.secret import oddities
from harness.exchange import Answer
from harness.model import CredentialKind, CredentialRef, Exchange, Timing, Where


def at(date: float | str, sent: float = 10.0, headers: float = 10.4) -> Answer:
    """An answer with this Date, whose request went out at `sent` and whose head was here at `headers`."""
    field = date if isinstance(date, str) else formatdate(date, usegmt=True)
    timing = Timing(sent, headers, headers)
    return Answer(200, "", (("Date", field),), b"", False, timing, Exchange("setup", {}, None, None, timing))


# A difference counts from where it is certain: a Date is cut off to the second, and was written on the way.
def test_clock_skew() -> None:
    now = 1_800_000_000.0
    assert skew(at(now), now) is None
    assert skew(at(now + 5.0), now) is None
    assert str(skew(at(now + 600), now)) == "its clock is 10 min ahead of this machine's (± 0.7 s)"
    assert str(skew(at(now - 7 * 3600), now)) == "its clock is 7 h behind this machine's (± 0.7 s)"
    assert str(skew(at(now + 30, sent=0.0, headers=8.0), now)) == (
        "its clock is 34 s ahead of this machine's (± 4.5 s)"
    )
    old = at(now - 3600)
    assert skew(replace(old, headers=(*old.headers, ("Age", "3600"))), now) is None, "from a cache"
    for nonsense in ("yesterday", "Wed, 99 Nov 2026 99:00:00 GMT", ""):
        assert skew(at(nonsense), now) is None


# A Date that does not name its zone is in UTC all the same, wherever this machine is.
def test_a_date_without_its_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_800_000_000.0
    monkeypatch.setenv("TZ", "XST-9")
    time.tzset()
    try:
        assert skew(at(formatdate(now)[:-6]), now) is None
    finally:
        monkeypatch.delenv("TZ")
        time.tzset()


# The proxy of the environment that would be used for a URL, by curl's rules.
def test_proxies_of_the_environment() -> None:
    everywhere = {"https_proxy": "http://proxy:1", "ALL_PROXY": "http://proxy:2"}
    said = in_the_way("https://api.example.com/v1", everywhere)
    assert said and said.startswith("https_proxy is set here, and authconform connects directly: ")
    assert (in_the_way("http://api.example.com", everywhere) or "").startswith("ALL_PROXY is set here")
    assert in_the_way("http://127.0.0.1:8000", everywhere) is None
    assert in_the_way("http://localhost:8000", everywhere) is None
    for excepted in ("*", "example.com", ".example.com", "*.example.com", "a.org, api.example.com"):
        assert in_the_way("https://api.example.com", {**everywhere, "no_proxy": excepted}) is None
    for other in ("ample.com", "*.example.org, b.example.com"):
        assert in_the_way("https://api.example.com", {**everywhere, "no_proxy": other})


def seen(status: int, *fields: tuple[str, str]) -> Answer:
    """An answer with these fields."""
    return replace(at(0.0), status=status, headers=fields)


# A gateway that names itself on every answer is part of the API; a proxy that failed answers in its place.
def test_proxies_that_answer() -> None:
    via = ("Via", "1.1 gateway")
    assert answering_proxy(seen(403, via), seen(401, via)) is None
    for answer, other in ((seen(403, via), seen(401)), (seen(502, via), None)):
        assert answering_proxy(answer, other) == "Via: 1.1 gateway"
    assert answering_proxy(seen(401, ("Proxy-Status", "cdn; received-status=401")), None) is None
    failed = seen(502, ("Proxy-Status", "squid; error=connection_refused"))
    assert answering_proxy(failed, None) == "Proxy-Status: squid; error=connection_refused"
    assert answering_proxy(seen(200), None) is None


# A key that the harness signs with is a file of several lines, and the API never sees it.
def test_a_signing_key_is_not_odd() -> None:
    where = Where("target.yaml", 1)
    reference = CredentialRef("jwt", "env", "KEY", "KEY", None, False, where)
    key = "-----BEGIN PRIVATE KEY-----\nMC4C\n-----END PRIVATE KEY-----\n"
    said = [
        [each.says for each in oddities(_kind({"made-by": maker}, where), reference, key)]
        for maker in ("harness", "api")
    ]
    assert said == [[], ["its secret holds a space or a line end"]]


def _kind(options: dict[str, Any], where: Where) -> CredentialKind:
    return CredentialKind("jwt", "jwt", "own", (), options, where)


# All is well: what is next is the run.
def test_all_is_well(port: int, told: Told) -> None:
    write(port)
    code, lines = told.doctor()
    assert (code, lines[-1]) == (0, "next: authconform run --target target.yaml")


# A clock that is wrong is warned of, and nothing fails for it.
def test_clock(told: Told) -> None:
    class Late(notes.Notes):
        def date_time_string(self, timestamp: float | None = None) -> str:
            return formatdate(time.time() - 3 * 3600, usegmt=True)

    with notes.serving(Late) as port:
        write(port)
        code, (line,) = told.doctor()
    assert code == 0
    assert line.startswith("place own: its clock is 3 h behind this machine's (± 0.")
    assert line.endswith("s). Set whichever is wrong: tokens with a time in them are judged by it.")


# A limit that is reached says nothing of the credential: how long to wait, and how to ask more slowly.
def test_rate_limit(told: Told) -> None:
    with notes.serving(answering(429, ("Retry-After", "1"))) as port:
        write(port)
        code, (line,) = told.doctor()
    assert code == 3
    assert line.endswith(
        "cannot be tried: the control got no answer: twice 429 Too Many Requests, which says nothing of the "
        "credential; give run a lower --rate: the rate limit is reached. "
        "target.yaml:4: Wait 1 s before the next try."
    )


# The credential is right, and the answer is not as the profile has it: what differs, and where that stands.
def test_answer_that_differs(port: int, told: Told) -> None:
    Path("schemas").mkdir()
    schema = {"type": "object", "required": ["items"], "properties": {"items": {"type": "array"}}}
    Path("schemas/notes.json").write_text(json.dumps(schema))
    write(port, profile={"{status: 200}": "{status: 200, schema: notes.json}"})
    code, (line,) = told.doctor()
    assert code == 3
    assert "expected a body as notes.json describes it, got $: 'items' is a required property: " in line
    assert line.endswith(
        "the credential opens it, and only the answer differs. "
        "profile.yaml:7: Mend what accepted: says there, its schema among it; or the canary of the target."
    )
    write(port, target={"credentials:\n": "canary: {own: champagne}\ncredentials:\n"})
    code, (line,) = told.doctor()
    assert "got an answer without its canary: the credential opens it, and only the answer differs" in line


# A page to log in with status 200 is no answer of an API.
def test_web_page(told: Told) -> None:
    class Page(notes.Notes):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", "6")
            self.end_headers()
            self.wfile.write(b"<html>")

    Path("schemas").mkdir()
    Path("schemas/page.json").write_text('{"type": "object", "required": ["notes"]}')
    with notes.serving(Page) as port:
        write(port, profile={"{status: 200}": "{status: 200, schema: page.json}"})
        code, lines = told.doctor()
    assert code == 3
    assert "a web page came, and not the API's answer. profile.yaml:7: Is it a log-in page" in lines[0]
    assert lines[1] == (
        "profile.yaml:7: 'protected' is answered without any credential, as if accepted. "
        "Choose one that needs a credential; where this one should, the run will tell."
    )


# A schema that an error fits too would make every refusal look like an acceptance.
def test_schema_that_tells_nothing(port: int, told: Told) -> None:
    Path("schemas").mkdir()
    Path("schemas/any.json").write_text('{"type": "object"}')
    write(port, profile={"{status: 200}": "{status: 200, schema: any.json}"})
    code, (line,) = told.doctor()
    assert code == 0
    assert line == (
        "profile.yaml:7: its refusal fits schemas/any.json too, which is to describe what is accepted alone. "
        "Write what only an accepted answer has under required: in it."
    )


# However long it speaks, a secret is taken out before the rest is cut: its beginning would not be found.
def test_a_secret_is_taken_out_before_the_cut(told: Told) -> None:
    class Talkative(notes.Notes):
        def answer(self, status: int, value: object) -> None:
            message = f"{'x' * 108} {self.headers.get('Authorization', '')[7:]} is not known"
            super().answer(status, {"message": message} if status == 401 else value)

    with notes.serving(Talkative) as port:
        write(port, profile={"{kind: bearer, prefix: nt_}": "{kind: bearer}"})
        code, (line,) = told.doctor(NOTES_TOKEN=f"x{TOKEN}")
    assert code == 3
    assert f"it says “{'x' * 108} [token] is" in line


# What the API itself says of the reason is told, without control sequences and secrets.
def test_words_of_the_api(told: Told) -> None:
    class Talkative(notes.Notes):
        def answer(self, status: int, value: object) -> None:
            sent = self.headers.get("Authorization", "")
            super().answer(status, {"message": f"\x1b[31mno user has {sent[7:]}"} if status == 401 else value)

    with notes.serving(Talkative) as port:
        write(port, profile={"{kind: bearer, prefix: nt_}": "{kind: bearer}"})
        code, (line,) = told.doctor(NOTES_TOKEN=f"x{TOKEN}")
    assert code == 3
    assert "it says “\\u001b[31mno user has " in line and TOKEN not in line
    assert line.endswith(". target.yaml:6: Look at $NOTES_TOKEN.")


# A key where a token belongs: the field in which it is accepted.
def test_key_for_a_token(told: Told, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTES_TOKEN", next(iter(notes.KEYS)))
    write(port, profile={"{kind: bearer, prefix: nt_}": "{kind: bearer}"})
    code, (line,) = told.doctor()
    assert line.endswith(
        "the same secret is accepted in X-API-Key alone. "
        "profile.yaml:5: Write token: {kind: api-key, field: X-API-Key}"
    )


# Answers that fail, or lead to a page elsewhere, are told as what they are.
@pytest.mark.parametrize(
    ("status", "location", "sentence"),
    [
        (500, None, "fails with 500 Internal Server Error. target.yaml:4: Look into the target's log"),
        (302, "/login?next=/v1/notes",
         "profile.yaml:7: Choose an operation that answers by itself, or mend its path; a log-in"),
        (302, "https://sso.example.com/x",
         "it redirects to another host: 'https://sso.example.com/x'. target.yaml:4: Credentials follow"),
        (302, "http://[", "Check the secrets, or the address of their place."),
    ],
)  # fmt: skip
def test_other_answers(told: Told, status: int, location: str | None, sentence: str) -> None:
    fields = [("Location", location)] if location else []
    with notes.serving(answering(status, *fields)) as port:
        write(port)
        code, lines = told.doctor()
    assert code == 3 and any(sentence in line for line in lines), lines


# What many APIs have and this profile does not: the lines to write, each with the scenarios that it adds.
def test_more(port: int, told: Told) -> None:
    write(port)
    _, lines = told.doctor()
    more = {line.split(":")[0]: line for line in lines if line.startswith("  more ")}
    revocable = more["  more credentials that can be issued and revoked"]
    assert re.fullmatch(r".*: `lifecycle: issue: …` and `revoke: …` \(\d+ more scenarios\)", revocable)
