"""A user agent that logs in, consents and comes back with a code: what it sends, follows, keeps and tells."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest
from loopback import Loopback, answering
from scene import PROFILE, http, play, profile, reference, setting, target

from harness.credentials import CannotSpoil
from harness.exchange import Network
from harness.lifecycle import Done, Errand, perform
from harness.model import CredentialKind, Exchange, LifecycleVerb, Place, Spoil, Where
from harness.setting import Inconclusive, Setting

AT = Where("target.yaml", 12)
CALLBACK = "https://client.example/callback"
SECRETS = {"client": "app:client-s3cret-value", "user": "ann:open-sesame-1234"}
OPEN: Mapping[str, Any] = {
    "open": "/authorize",
    "query": {
        "response_type": "code",
        "client_id": "${secrets.client.id}",
        "redirect_uri": "${redirect}",
        "scope": "${scope}",
        "state": "${state}",
    },
}
LOG_IN: Mapping[str, Any] = {"submit": {"who": "${secrets.user.user}", "pass": "${secrets.user.password}"}}
CONSENT: Mapping[str, Any] = {"submit": {"decision": "${decision}"}}
EXCHANGE: Mapping[str, Any] = {
    "request": "POST /token",
    "credential": "client",
    "form": {"grant_type": "authorization_code", "code": "${code}", "redirect_uri": "${redirect}"},
}
DEFAULTS: Mapping[str, Any] = {
    "redirect": CALLBACK,
    "scope": "read write",
    "state": "st-${unique}",
    "decision": "allow",
}


def verb(*visits: Mapping[str, Any], gives: Mapping[str, str], **changes: Any) -> LifecycleVerb:
    plain = LifecycleVerb(
        "authorize", "visits", list(visits), "auth", None, (), None, None, frozenset({200}),
        gives, DEFAULTS, frozenset(), AT,
    )  # fmt: skip
    return replace(plain, **changes)


CODE = {"secret": "redirect:code"}
AUTHORIZE = verb(OPEN, LOG_IN, CONSENT, gives=CODE)
LOG_IN_FORM = """
<html><p>Log in</p>
<form method="post" action="/login?next=%2Fconsent">
  <input type="hidden" name="csrf" value="a&amp;b">
  <input name="who"><input name="pass" type="password">
  <input type="checkbox" name="remember"><input type="checkbox" name="news" checked>
  <input type="submit" name="cancel" value="Cancel">
</form>
<form action="/search"><input name="q" value="nothing"></form>
"""


class Site:
    """An authorization server: log-in, consent, code. `wrong` answers in its place where it has an answer."""

    def __init__(self, wrong: Callable[[str, Site], bytes | None] = lambda _line, _site: None) -> None:
        self.wrong = wrong
        self.url = ""
        self.log: list[str] = []
        self.bodies: list[dict[str, str]] = []
        self.cookies: list[str] = []
        self.asked: dict[str, list[str]] = {}

    def __call__(self, request: bytes) -> bytes:
        head, _, body = request.decode().partition("\r\n\r\n")
        line = head.splitlines()[0].removesuffix(" HTTP/1.1")
        self.log.append(line.partition("?")[0])
        self.bodies.append(dict(parse_qsl(body)))
        self.cookies += [each[8:] for each in head.splitlines() if each.startswith("Cookie: ")] or [""]
        if answer := self.wrong(line, self):
            return answer
        match self.log[-1]:
            case "GET /authorize":
                self.asked = parse_qs(urlsplit(line.split()[1]).query, keep_blank_values=True)
                return http(302, b"", "Location: login", "Set-Cookie: session=s-0011223344; Path=/; HttpOnly")
            case "GET /login":
                return http(
                    200, LOG_IN_FORM.encode(), "Set-Cookie: seen=yes-indeed", "Content-Type: text/html"
                )
            case "POST /login":
                return http(303, b"", f"Location: {self.url}/consent", "Set-Cookie: seen=")
            case "GET /consent":
                return http(200, b"<form method=POST><input type=hidden name=id value=7></form>")
            case "POST /consent":
                allowed = self.bodies[-1].get("decision") == "allow"
                given = {"code": "code-a1b2c3d4e5"} if allowed else {"error": "access_denied"}
                query = urlencode({**given, "state": self.asked.get("state", [""])[0]})
                return http(302, b"", f"Location: {CALLBACK}?{query}")
            case "POST /token":
                issued = {
                    "access_token": "access-0a0b0c0d",
                    "expires_in": 600,
                    "refresh_token": "refresh-99887766",
                }
                return http(200, json.dumps(issued).encode())
        return http(404)


class Trip:
    """One errand to a site, and what was seen of it."""

    def __init__(self, site: Site, done: LifecycleVerb = AUTHORIZE) -> None:
        self.site = site
        self.verb = done
        self.exchanges: list[Exchange] = []
        self.server = Loopback()

    async def _done(self, errand: Errand) -> Done:
        async with answering(self.site) as self.server:
            self.site.url = self.server.url
            given = self.last = self.setting(self.server.url)
            network = Network(redactor=given.redactor, timeout=1.0)
            try:
                return await perform(given, network.lane(), self.exchanges, errand)
            finally:
                await network.aclose()

    def setting(self, url: str) -> Setting:
        plain = setting(url)
        for name, secret in SECRETS.items():
            plain.redactor.learn(name, secret)
        kinds = {
            "client": CredentialKind("client", "client", "auth", (), {}, PROFILE),
            "user": CredentialKind("user", "basic", "auth", (), {}, PROFILE),
        }
        places = {name: Place(name, url, {}, AT) for name in ("own", "auth")}
        return replace(
            plain,
            profile=profile(credentials=kinds, lifecycle={"authorize": self.verb}),
            target=target(url, places=places, credentials={name: reference(name) for name in SECRETS}),
            secrets=dict(SECRETS),
        )

    def __call__(self, values: Mapping[str, Any] | None = None, **more: Any) -> Done:
        done: Done = play(self._done(Errand("authorize", values or {}, "case-1", **more)))
        return done

    @property
    def kept(self) -> str:
        return json.dumps([[each.request, each.response, each.error] for each in self.exchanges])


def trip(
    site: Site | None = None, *visits: Mapping[str, Any], gives: Mapping[str, str] = CODE, **more: Any
) -> Done:
    return Trip(site or Site(), verb(*visits or (OPEN, LOG_IN, CONSENT), gives=gives))(**more)


def unable(site: Site, *visits: Mapping[str, Any], **more: Any) -> str:
    with pytest.raises(Inconclusive) as caught:
        trip(site, *visits, **more)
    return str(caught.value).replace(site.url, "http://site")


# --- the way --------------------------------------------------------------------------------------


# From page to page like a browser, up to the redirect to the client, to whom nothing is ever sent.
def test_the_whole_way() -> None:
    site = Site()
    done = trip(site)
    assert done.accepted and done.given == {"secret": "code-a1b2c3d4e5"}
    assert site.log == [
        "GET /authorize", "GET /login", "POST /login", "GET /consent", "POST /consent"
    ]  # fmt: skip
    assert done.answer is not None and done.answer.status == 302


# A form is sent with what stands in it, and what is written over that; not what a click would add.
def test_forms() -> None:
    site = Site()
    trip(site)
    assert site.bodies[2] == {"csrf": "a&b", "who": "ann", "pass": "open-sesame-1234", "news": "on"}
    assert site.bodies[4] == {"id": "7", "decision": "allow"}


# Cookies go back to the host that set them, and one without a value is gone.
def test_cookies() -> None:
    site = Site()
    trip(site)
    assert site.cookies == [
        "", "session=s-0011223344", "session=s-0011223344; seen=yes-indeed", "session=s-0011223344",
        "session=s-0011223344",
    ]  # fmt: skip


# A cookie may come with a redirect, as after a log-in that leads to another page; what came before is none.
def test_a_cookie_that_comes_with_a_redirect() -> None:
    def led_on(line: str, site: Site) -> bytes | None:
        if line.startswith("POST /login"):
            return http(302, b"", "Location: /home", "Set-Cookie: sid=s-after-log-in; Path=/")
        return http(200, b"welcome") if line.startswith("GET /home") else None

    done = trip(Site(led_on), OPEN, LOG_IN, gives={"secret": "cookie:sid"})
    assert done.given == {"secret": "s-after-log-in"}
    assert not trip(Site(led_on), OPEN, LOG_IN, gives={"secret": "cookie:session"}).accepted


# A form that asks to be sent by GET puts its fields in the place of the query that it has.
def test_a_form_by_get() -> None:
    page = http(200, b'<form action="/found?old=1#there"><input name=a value="x y"></form>')
    site = Site(lambda line, _: page if line.startswith("GET /authorize") else None)
    done = trip(site, OPEN, {"submit": {"b": "2"}}, gives={"secret": "header:Server"})
    assert not done.accepted
    assert done.answer and done.answer.evidence.request["url"].endswith("/found?a=x+y&b=2")


# A redirect that keeps the method keeps the body too; any other one becomes a GET.
@pytest.mark.parametrize(
    ("status", "then"), [(307, "POST"), (308, "POST"), (301, "GET"), (302, "GET"), (303, "GET")]
)
def test_redirects(status: int, then: str) -> None:
    def elsewhere(line: str, site: Site) -> bytes | None:
        return http(status, b"", "Location: /elsewhere") if line.startswith("POST /login") else None

    site = Site(elsewhere)
    trip(site, OPEN, LOG_IN)
    assert site.log[-1] == f"{then} /elsewhere"
    assert (site.bodies[-1] == site.bodies[-2]) is (then == "POST")


# Who is known and has consented before is not asked again: the forms that do not come are not missed.
def test_nothing_to_fill_in() -> None:
    site = Site(lambda line, _: http(302, b"", f"Location: {CALLBACK}?code=code-straight-away"))
    assert trip(site).given == {"secret": "code-straight-away"}
    assert site.log == ["GET /authorize"]


# Only of the page that was asked for last: at another one that is opened then there is something to fill in.
def test_another_page_after_the_end() -> None:
    def known(line: str, site: Site) -> bytes | None:
        return http(302, b"", f"Location: {CALLBACK}?code=c") if line.startswith("GET /authorize") else None

    site = Site(known)
    done = trip(site, OPEN, {"open": "/login"}, LOG_IN, CONSENT, gives=CODE)
    assert site.log == ["GET /authorize", "GET /login", "POST /login", "GET /consent", "POST /consent"]
    assert done.given == {"secret": "code-a1b2c3d4e5"}


# --- what keeps it from its end -------------------------------------------------------------------


# In a circle, out of it after a while.
def test_too_many_redirects() -> None:
    site = Site(lambda line, _: http(302, b"", "Location: /authorize"))
    assert unable(site) == "'authorize' was led on more than 10 times"
    assert len(site.log) == 10


# A form that would carry the password to somebody else is not sent.
def test_a_form_that_posts_elsewhere() -> None:
    page = http(200, b'<form method=post action="https://evil.example/login"><input name=who></form>')
    site = Site(lambda line, _: page if line.startswith("GET /login") else None)
    assert unable(site) == (
        "the form at http://site/login would be sent to https://evil.example/login, which is no place here"
    )
    assert site.log == ["GET /authorize", "GET /login"]


# What stands behind an address may be a code or a token, and is not told.
def test_a_form_that_posts_a_code_elsewhere() -> None:
    page = http(
        200, b'<form method=post action="https://evil.example/in?code=c-1#t-2"><input name=who></form>'
    )
    led = http(302, b"", "Location: /login?code=c-0#t-1")
    site = Site(lambda line, _: led if line.startswith("GET /authorize") else page)
    assert unable(site) == (
        "the form at http://site/login would be sent to https://evil.example/in, which is no place here"
    )


def test_a_form_that_posts_nowhere() -> None:
    page = http(200, b'<form method=post action="http://["><input name=who></form>')
    site = Site(lambda line, _: page if line.startswith("GET /login") else None)
    assert "would be sent to an impossible address, which is no place here" in unable(site)


# Nor is anything sent to where a redirect leads, be it ever so like the place.
@pytest.mark.parametrize(
    "location",
    [
        "//evil.example/login", "http://127.0.0.1:1/login", "https://127.0.0.1/", "http://[", "//[::1/login",
        "http://127.0.0.1:port/",
    ],
)  # fmt: skip
def test_a_redirect_elsewhere(location: str) -> None:
    site = Site(lambda line, _: http(302, b"", f"Location: {location}"))
    done = trip(site)
    assert not done.accepted and done.given == {} and len(site.log) == 1


# A page without a form, an answer without what is given: not done, and the last answer is there to look at.
@pytest.mark.parametrize(
    "page",
    [
        http(200, b"<p>Sorry"),
        http(200, b"<![bad[<form>]]>"),
        http(400, b'{"error": "invalid_request"}'),
        http(500),
    ],
)
def test_no_form(page: bytes) -> None:
    site = Site(lambda line, _: page if line.startswith("GET /login") else None)
    done = trip(site)
    assert (done.accepted, done.given) == (False, {})
    assert done.answer is not None and done.answer.status == int(page.split()[1])


def test_denied() -> None:
    site = Site()
    done = trip(site, values={"decision": "deny"})
    assert (done.accepted, done.given) == (False, {})
    assert done.answer and done.answer.header("Location")[0].startswith(
        f"{CALLBACK}?error=access_denied&state="
    )


# A verb that gives nothing is done where its last page is no failure.
@pytest.mark.parametrize(("status", "accepted"), [(200, True), (302, True), (400, False), (500, False)])
def test_a_verb_that_gives_nothing(status: int, accepted: bool) -> None:
    site = Site(lambda line, _: http(status, b"", "Location: https://client.example/"))
    assert trip(site, OPEN, gives={}).accepted is accepted


# What the target does not give is named, and so is a journey that begins nowhere.
def test_what_is_missing() -> None:
    assert (
        unable(Site(), {**OPEN, "at": "desk"}) == "the target gives no place 'desk', which 'authorize' needs"
    )
    assert unable(Site(), LOG_IN) == "'authorize' opens no page before it fills in a form"
    needs = {**EXCHANGE, "credential": "other-client"}
    assert unable(Site(), OPEN, LOG_IN, CONSENT, needs, gives={"code": "redirect:code"}) == (
        "the target gives no credential 'other-client', which 'authorize' needs"
    )
    assert unable(Site(lambda *_: b"nonsense\r\n\r\n")).startswith("no answer to 'authorize': ")


# --- what it brings -------------------------------------------------------------------------------


# From a redirect, its fragment, a field, a cookie, a body; or put together of names.
@pytest.mark.parametrize(
    ("written", "answer", "given"),
    [
        ("redirect:code", http(302, b"", f"Location: {CALLBACK}?code=abcd1234"), "abcd1234"),
        ("redirect:code", http(302, b"", f"Location: {CALLBACK}#code=abcd1234"), "abcd1234"),
        ("header:X-Token", http(200, b"", "X-Token: abcd1234"), "abcd1234"),
        (
            "cookie:token",
            http(200, b"", "Set-Cookie: other=1", "Set-Cookie: token=abcd1234; Secure"),
            "abcd1234",
        ),
        ("/a/0/b", http(200, b'{"a": [{"b": "abcd1234"}]}'), "abcd1234"),
        ("${scope} for ${secrets.client.id}", http(200), "read write for app"),
    ],
)
def test_gives(written: str, answer: bytes, given: str) -> None:
    assert trip(Site(lambda *_: answer), OPEN, gives={"secret": written}).given == {"secret": given}


# One that stands there twice is none: which of them would be the right one?
@pytest.mark.parametrize(
    ("written", "answer"),
    [
        ("redirect:code", http(302, b"", f"Location: {CALLBACK}?code=a&code=b")),
        ("header:X-Token", http(200, b"", "X-Token: a", "X-Token: b")),
        ("cookie:token", http(200)),
        ("/a", http(200, b"<p>")),
        ("redirect:code", http(200)),
    ],
)
def test_gives_nothing(written: str, answer: bytes) -> None:
    assert not trip(Site(lambda *_: answer), OPEN, gives={"secret": written}).accepted


# The last request makes a whole sign-in of it: the client's own, without the user agent's cookies.
def test_a_whole_sign_in() -> None:
    site = Site()
    gives = {
        "code": "redirect:code",
        "secret": "/access_token",
        "life": "/expires_in",
        "refresh": "/refresh_token",
    }
    done = trip(site, OPEN, LOG_IN, CONSENT, EXCHANGE, gives=gives)
    assert done.given == {
        "code": "code-a1b2c3d4e5", "secret": "access-0a0b0c0d", "life": 600, "refresh": "refresh-99887766"
    }  # fmt: skip
    assert site.bodies[-1] == {
        "grant_type": "authorization_code",
        "code": "code-a1b2c3d4e5",
        "redirect_uri": CALLBACK,
        "client_id": "app",
        "client_secret": "client-s3cret-value",
    }
    assert site.cookies[-1] == ""


# What a visit gives is there for those after it; where its answer has none of it, nothing was done.
def test_what_a_visit_gives() -> None:
    def log_in(line: str, site: Site) -> bytes | None:
        token = http(200, LOG_IN_FORM.encode(), "X-Csrf: token-from-a-field")
        return token if line.startswith("GET /login") else None

    site = Site(log_in)
    opened = {**OPEN, "gives": {"csrf": "header:X-Csrf"}}
    consented = {**CONSENT, "gives": {"kept-code": "redirect:code"}}
    done = trip(site, opened, {"submit": {"csrf": "${csrf}"}}, consented, gives={"secret": "${kept-code}"})
    assert site.bodies[2]["csrf"] == "token-from-a-field"
    assert done.given == {"secret": "code-a1b2c3d4e5"}
    assert not trip(Site(), opened, LOG_IN, CONSENT).accepted


# Who is logged in already is asked nothing: that nothing was found in what he was not asked is no failure.
def test_what_a_visit_would_have_given() -> None:
    site = Site(lambda line, _: http(302, b"", f"Location: {CALLBACK}?code=code-at-once"))
    logged_in = {**LOG_IN, "gives": {"page": "header:X-Page"}}
    assert trip(site, OPEN, logged_in, CONSENT).given == {"secret": "code-at-once"}


# Without a token at its end it was not done; the answer that had none is there to look at.
def test_a_sign_in_that_fails() -> None:
    site = Site(lambda line, _: http(401) if line.startswith("POST /token") else None)
    gives = {"code": "redirect:code", "secret": "/access_token"}
    done = trip(site, OPEN, LOG_IN, CONSENT, EXCHANGE, gives=gives)
    assert not done.accepted and done.answer and done.answer.status == 401


# --- what it is asked for -------------------------------------------------------------------------


# A parameter, or a field, whose value is a default of null is left out.
def test_left_out() -> None:
    site = Site()
    trip(site, values={"state": None, "decision": None})
    assert sorted(site.asked) == ["client_id", "redirect_uri", "response_type", "scope"]
    assert site.bodies[-1] == {"id": "7"}


# A fresh proof key each time: the challenge is that of the verifier (RFC 7636 appendix B).
def test_proof_keys() -> None:
    query = {"query": {**OPEN["query"], "code_challenge": "${pkce.challenge}"}}
    gives = {**CODE, "verifier": "${pkce.verifier}"}
    seen: list[str] = []
    for _ in range(2):
        site = Site()
        done = trip(site, {**OPEN, **query}, LOG_IN, CONSENT, gives=gives)
        digest = hashlib.sha256(done.given["verifier"].encode()).digest()
        assert site.asked["code_challenge"] == [base64.urlsafe_b64encode(digest).rstrip(b"=").decode()]
        assert 43 <= len(done.given["verifier"]) <= 128
        seen.append(done.given["verifier"])
    assert seen[0] != seen[1]


def spoiled(change: Any, removed: str = "") -> Spoil:
    return Spoil(f"param.{removed}", None, True, AT) if removed else Spoil("param", change, False, AT)


# Of a changed journey the first page is asked for otherwise, and nothing after it.
@pytest.mark.parametrize(
    ("spoil", "name", "sent"),
    [
        (spoiled({"redirect_uri": {"add": "/x"}}), "redirect_uri", [f"{CALLBACK}/x"]),
        (spoiled({"redirect_uri": ["https://a.example", "https://b.example"]}), "redirect_uri",
         ["https://a.example", "https://b.example"]),
        (spoiled({"response_type": "nonsense"}), "response_type", ["nonsense"]),
        (spoiled({"prompt": "none"}), "prompt", ["none"]),
        (spoiled({"state": ""}), "state", [""]),
        (spoiled(None, "state"), "state", None),
        (spoiled(None, "response_type"), "response_type", None),
    ],
)  # fmt: skip
def test_changed(spoil: Spoil, name: str, sent: list[str] | None) -> None:
    site = Site()
    trip(site, spoil=spoil)
    assert site.asked.get(name) == sent
    assert site.log[-1] == "POST /consent"


# A parameter that is not there cannot be taken away, nor one changed where no page is asked for.
def test_cannot_be_changed() -> None:
    with pytest.raises(CannotSpoil, match="there is no parameter nonce to take away"):
        trip(spoil=spoiled(None, "nonce"))
    with pytest.raises(CannotSpoil, match="'authorize' does not begin with a page whose parameters"):
        trip(None, EXCHANGE, spoil=spoiled({"code": "x"}))
    asked_of_a_person = verb(gives={}, kind="prompt", what="Log in, please.")
    with pytest.raises(CannotSpoil, match="'authorize' is done by a prompt, of which nothing can be changed"):
        Trip(Site(), asked_of_a_person)(spoil=spoiled({"scope": "x"}))


# Checks are told what was sent, not what came back under the same name: or nobody would see a wrong state.
def test_what_checks_are_told() -> None:
    def forgetful(line: str, site: Site) -> bytes | None:
        site.asked["state"] = ["wrong"]
        return None

    gives = {**CODE, "state": "redirect:state"}
    done = trip(Site(forgetful), gives=gives, values={"state": "right-1234"})
    assert (done.given["state"], done.values["state"]) == ("wrong", "right-1234")
    assert done.values["redirect"] == CALLBACK


# Of what was changed on the way they are told that: a state of another kind, a redirect URI that is none.
def test_what_checks_are_told_of_changes() -> None:
    assert trip(spoil=spoiled({"state": "x y"})).values["state"] == "x y"
    assert trip(spoil=spoiled(None, "state")).values["state"] is None
    assert trip(spoil=spoiled({"redirect_uri": {"add": "/x"}})).values["redirect"] == f"{CALLBACK}/x"
    assert trip(spoil=spoiled({"scope": "x"})).values["redirect"] == CALLBACK


# --- what is kept ---------------------------------------------------------------------------------


# The evidence shows every step, and no password, code, token, cookie or client secret, whatever their fields.
def test_nothing_secret_is_kept() -> None:
    gives = {"code": "redirect:code", "secret": "/access_token", "refresh": "/refresh_token"}
    gone = Trip(Site(), verb(OPEN, LOG_IN, CONSENT, EXCHANGE, gives=gives))
    gone(issues="token")
    assert len(gone.exchanges) == 6
    for secret in (
        "open-sesame-1234", "client-s3cret-value", "code-a1b2c3d4e5", "access-0a0b0c0d", "refresh-99887766",
        "s-0011223344", "yes-indeed",
    ):  # fmt: skip
        assert secret not in gone.kept
    assert "[token, code]" in gone.kept and "[user, password]" in gone.kept


# What is no secret stays readable: the client's id, the scope, and the state that it made up itself.
def test_what_stays_readable() -> None:
    gives = {**CODE, "state": "redirect:state", "scope": "${scope}"}
    gone = Trip(Site(), verb(OPEN, LOG_IN, CONSENT, gives=gives))
    gone({"state": "made-up-1234"}, issues="code")
    assert (
        "state=made-up-1234" in gone.kept and "scope=read+write" in gone.kept and "client_id=app" in gone.kept
    )


# A cookie that holds a mere word is no secret: else the word would be hidden in all other evidence.
def test_a_cookie_with_a_word() -> None:
    seen = http(200, LOG_IN_FORM.encode(), "Set-Cookie: consent=true", "Set-Cookie: sid=s-0099887766")
    gone = Trip(Site(lambda line, _: seen if line.startswith("GET /login") else None))
    gone(issues="code")
    assert "s-0099887766" not in gone.kept
    redactor = gone.last.redactor
    assert (redactor.text("true"), redactor.text("s-0099887766")) == ("true", "[code, cookie sid]")


# Where nobody answers, what was seen on the way there is evidence too.
def test_evidence_of_a_failure() -> None:
    gone = Trip(Site(lambda line, _: b"nonsense\r\n\r\n" if line.startswith("POST /login") else None))
    with pytest.raises(Inconclusive):
        gone()
    assert [bool(each.error) for each in gone.exchanges] == [False, False, True]
    assert "s-0011223344" not in gone.kept and "open-sesame" not in gone.kept
