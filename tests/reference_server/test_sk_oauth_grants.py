"""The right authorization server: what a user is asked, and what a client gets for it."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import pytest
from origin import shown
from sk_api import CHALLENGE, FORM, VERIFIER, Browser, SkApi, make_sk_api, returned, written

from reference_server.messages import Answer
from reference_server.sk_oauth import service


@pytest.fixture
def api() -> Iterator[SkApi]:
    made = make_sk_api()
    yield made
    made.server.store.close()


def refused(answer: Answer) -> tuple[int, str]:
    """Status and error code of the token endpoint."""
    found = shown(answer)
    assert set(found) == {"error", "error_description"}
    assert answer.value("pragma") == "no-cache" and "no-store" in str(answer.value("cache-control"))
    return answer.status, found["error"]


INVALID_GRANT = (400, "invalid_grant")

# --- the authorization endpoint ------------------------------------------------------------------


# The documented flow ends with tokens, and the state comes back as it was.
def test_the_flow(api: SkApi) -> None:
    browser = Browser(api)
    given = browser.granted(state="a b&c=ü%")
    assert given["state"] == "a b&c=ü%" and set(given) == {"code", "state"}
    answer = api.redeem(given["code"])
    found = shown(answer)
    assert {name: found[name] for name in ("token_type", "expires_in", "scope")} == {
        "token_type": "Bearer",
        "expires_in": 3600,
        "scope": "read write",
    }
    assert found["access_token"].startswith("at_") and found["refresh_token"].startswith("rt_")
    assert "no-store" in str(answer.value("cache-control")) and answer.value("pragma") == "no-cache"
    assert set(Browser(api).granted(state=None)) == {"code"}


# Who is wrong about the client, or where to go, is not sent anywhere.
@pytest.mark.parametrize(
    "parameters",
    [
        {"client_id": None},
        {"client_id": "nobody"},
        {"redirect_uri": None},
        {"redirect_uri": service.REDIRECT + "/"},
        {"redirect_uri": service.REDIRECT + "?x=1"},
        {"redirect_uri": service.REDIRECT.replace("https", "http")},
        {"redirect_uri": service.REDIRECT.upper()},
        {"redirect_uri": service.OTHER_REDIRECT},
        {"redirect_uri": [service.REDIRECT, service.OTHER_REDIRECT]},
        {"client_id": ["a", "b"]},
    ],
)
def test_no_redirect(api: SkApi, parameters: dict[str, str]) -> None:
    answer = Browser(api).open(**parameters)
    assert answer.status == 400 and answer.value("location") is None
    assert b"cannot be done" in answer.body


# Any other mistake is told to the client, with the state.
@pytest.mark.parametrize(
    ("parameters", "error"),
    [
        ({"response_type": None}, "invalid_request"),
        ({"response_type": ""}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "read admin"}, "invalid_scope"),
        ({"scope": "READ"}, "invalid_scope"),
        ({"scope": ["read", "read"]}, "invalid_request"),
        ({"unknown": ["1", "2"]}, "invalid_request"),
        ({"code_challenge": CHALLENGE}, "invalid_request"),
        ({"code_challenge": CHALLENGE, "code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": "short", "code_challenge_method": "S256"}, "invalid_request"),
        ({"code_challenge_method": "S256"}, "invalid_request"),
    ],
)
def test_told_to_the_client(api: SkApi, parameters: dict[str, str], error: str) -> None:
    found = returned(Browser(api).open(**parameters))
    assert (found["error"], found["state"]) == (error, "as it was")


# What is unknown, or empty, means nothing.
def test_unknown_parameters(api: SkApi) -> None:
    assert set(Browser(api).granted(unknown="1", code_challenge="")) == {"code", "state"}


# A page can be neither framed nor stored, and tells nobody where it was.
def test_pages(api: SkApi) -> None:
    browser = Browser(api)
    for page in (browser.open(), browser.sign_in()):
        assert page.status == 200
        assert page.value("x-frame-options") == "DENY"
        assert "frame-ancestors 'none'" in str(page.value("content-security-policy"))
        assert page.value("referrer-policy") == "no-referrer"
        assert "no-store" in str(page.value("cache-control"))
        assert page.value("access-control-allow-origin") is None


# Who denies gets the client an error; who is not known, or comes from elsewhere, gets it nothing.
def test_consent(api: SkApi) -> None:
    browser = Browser(api)
    browser.open()
    early = Browser(api, browser.cookie, browser.page).decide()
    assert b"Sign in" in early.body
    assert browser.sign_in("wrong").status == 403
    assert b"Allow access?" in browser.sign_in().body
    page = browser.page
    for cookie, fields in ((None, {}), (browser.cookie, {"csrf": ""}), (browser.cookie, {"csrf": "x"})):
        assert Browser(api, cookie, page).decide(**fields).status == 403
    other = Browser(api)
    other.open()
    assert Browser(api, other.cookie, page).decide().status == 403
    assert returned(browser.decide("deny")) == {
        "error": "access_denied",
        "error_description": "The user did not allow it",
        "state": "as it was",
    }


# A log-in gives another cookie; with it the next request is asked for consent alone.
def test_sessions(api: SkApi) -> None:
    browser = Browser(api)
    browser.open()
    before = browser.cookie
    assert before and before.startswith("__Host-session=")
    browser.sign_in()
    assert browser.cookie != before
    assert b"Allow access?" in browser.open().body
    assert b"Sign in" in Browser(api, before).open().body


# A request that was changed in the form is as wrong as a new one.
def test_request_in_the_form(api: SkApi) -> None:
    browser = Browser(api)
    browser.open()
    browser.sign_in()
    changed = browser.hidden["request"].replace("client.example", "evil.example")
    assert browser.decide(request=changed).status == 400


# Only GET asks, only POST answers.
def test_methods(api: SkApi) -> None:
    browser = Browser(api)
    assert browser.visit("POST", "/oauth/authorize").value("allow") == "GET, HEAD"
    assert browser.visit("GET", "/login").value("allow") == "POST"
    assert browser.visit("GET", "/oauth/token").status == 405
    assert browser.visit("GET", "/").status == 404


# --- a code --------------------------------------------------------------------------------------


# A code is good once; who tries it again ends what was had for it.
def test_code_once(api: SkApi) -> None:
    code = api.code()
    token = shown(api.redeem(code))["access_token"]
    assert api.ask(token=token).status == 200
    assert refused(api.redeem(code)) == INVALID_GRANT
    assert api.ask(token=token).status == 401


# What is wrong in something else neither uses a code up nor ends anything.
@pytest.mark.parametrize("used", [False, True])
def test_wrong_redemptions(api: SkApi, used: bool) -> None:
    code = api.code()
    token = shown(api.redeem(code))["access_token"] if used else None
    assert refused(api.redeem(code, **api.client("other-client"))) == INVALID_GRANT
    for parameters in (
        {"redirect_uri": None},
        {"redirect_uri": service.REDIRECT + "/"},
        {"code_verifier": VERIFIER},
    ):
        assert refused(api.redeem(code, **parameters)) == INVALID_GRANT
    assert refused(api.redeem(code[:-1])) == INVALID_GRANT
    assert refused(api.redeem(None)) == (400, "invalid_request")
    assert api.ask(token=token).status == 200 if used else api.redeem(code).status == 200


# Codes end: those of a brief client soon.
def test_code_expires(api: SkApi) -> None:
    code = api.code()
    brief = api.client("brief-client")
    early = api.code(client_id=brief["client_id"])
    api.clock.now += 5
    assert refused(api.redeem(early, **brief)) == INVALID_GRANT
    api.clock.now += 54.9
    assert api.redeem(code).status == 200
    late = api.code()
    api.clock.now += 60
    assert refused(api.redeem(late)) == INVALID_GRANT


# The tokens of a brief client last five seconds, and say so.
def test_brief_tokens(api: SkApi) -> None:
    brief = api.client("brief-client")
    found = shown(api.redeem(api.code(client_id=brief["client_id"]), **brief))
    assert found["expires_in"] == 5
    assert api.ask(token=found["access_token"]).status == 200
    api.clock.now += 5
    assert shown(api.ask(token=found["access_token"]))["error"]["code"] == "expired_token"


# PKCE: the verifier of the challenge and no other; the challenge is none.
@pytest.mark.parametrize(
    ("verifier", "status"),
    [(VERIFIER, 200), (None, 400), (VERIFIER + "x", 400), (CHALLENGE, 400), ("short", 400)],
)
def test_pkce(api: SkApi, verifier: str | None, status: int) -> None:
    code = api.code(code_challenge=CHALLENGE, code_challenge_method="S256")
    assert api.redeem(code, code_verifier=verifier).status == status


# --- the client ----------------------------------------------------------------------------------


def basic(api: SkApi, secret: str | None = None) -> tuple[str, str]:
    client = api.client()
    pair = f"{client['client_id']}:{client['client_secret'] if secret is None else secret}"
    return ("authorization", "Basic " + base64.b64encode(pair.encode()).decode())


# A client authenticates in the body or by Basic, form-encoded, and not in both.
def test_client_authentication(api: SkApi) -> None:
    alone = {"client_id": None, "client_secret": None}
    assert api.redeem(api.code(), headers=(basic(api),), **alone).status == 200
    assert api.redeem(api.code(), headers=(basic(api),), client_secret=None).status == 200
    encoded = basic(api, api.client()["client_secret"].replace("_", "%5F"))
    assert api.redeem(api.code(), headers=(encoded,), **alone).status == 200
    assert refused(api.redeem(api.code(), headers=(basic(api),))) == (400, "invalid_request")
    other = {"client_id": api.client("other-client")["client_id"], "client_secret": None}
    assert refused(api.redeem(api.code(), headers=(basic(api),), **other)) == (400, "invalid_request")
    twice = (basic(api), basic(api))
    assert refused(api.redeem(api.code(), headers=twice, **alone)) == (400, "invalid_request")


# Whoever is not the client learns nothing else.
def test_unknown_clients(api: SkApi) -> None:
    tries = [
        api.redeem(api.code(), client_secret=None),
        api.redeem(api.code(), client_secret=api.key),
        api.redeem(api.code(), client_secret=api.client("other-client")["client_secret"]),
        api.redeem(api.code(), client_id=None, client_secret=None),
        api.redeem("none", client_id="nobody"),
        api.redeem(api.code(), headers=(basic(api, "x"),), client_id=None, client_secret=None),
        api.redeem(api.code(), headers=(("authorization", "Bearer x"),), client_id=None, client_secret=None),
    ]
    for answer in tries:
        assert refused(answer) == (401, "invalid_client")
        assert answer.value("www-authenticate") == 'Basic realm="sk-oauth", charset="UTF-8"'
    assert len({answer.body for answer in tries}) == 1


# The request is a form, each parameter once; a query is not looked at.
def test_forms(api: SkApi) -> None:
    assert refused(api.redeem(api.code(), grant_type=None)) == (400, "invalid_request")
    for kind in ("client_credentials", "password", "AUTHORIZATION_CODE"):
        assert refused(api.redeem(api.code(), grant_type=kind)) == (400, "unsupported_grant_type")
    assert refused(api.redeem(api.code(), redirect_uri=[service.REDIRECT] * 2)) == (400, "invalid_request")
    assert api.redeem(api.code(), unknown="1", scope="").status == 200
    json = api.ask(
        "POST",
        "/oauth/token",
        host=service.AUTH,
        headers=(("content-type", "application/json"),),
        body=dict(grant_type="authorization_code", code=api.code(), **api.client()),
    )
    assert refused(json) == (400, "invalid_request")
    in_url = api.ask(
        "POST", "/oauth/token", host=service.AUTH, headers=(FORM,), query=written(api.client()), body=b"a=b"
    )
    assert refused(in_url) == (401, "invalid_client")


# --- refresh tokens ------------------------------------------------------------------------------


# A refresh token is good once, and the next one comes with the answer.
def test_refresh(api: SkApi) -> None:
    first = api.granted()
    second = shown(api.refresh(first["refresh_token"]))
    assert second["access_token"] != first["access_token"]
    assert second["refresh_token"] != first["refresh_token"]
    third = shown(api.refresh(second["refresh_token"]))
    assert all(api.ask(token=each["access_token"]).status == 200 for each in (first, second, third))


# The second use of one ends all that came of the grant.
def test_refresh_reuse(api: SkApi) -> None:
    first = api.granted()
    second = shown(api.refresh(first["refresh_token"]))
    assert refused(api.refresh(first["refresh_token"])) == INVALID_GRANT
    assert refused(api.refresh(second["refresh_token"])) == INVALID_GRANT
    assert api.ask(token=second["access_token"]).status == 401


# Fewer scopes may be asked for, for the access token alone; more may not.
def test_refresh_scopes(api: SkApi) -> None:
    narrow = shown(api.refresh(api.granted()["refresh_token"], scope="read"))
    assert narrow["scope"] == "read"
    assert api.ask("POST", token=narrow["access_token"], body={"name": "x"}).status == 403
    assert shown(api.refresh(narrow["refresh_token"]))["scope"] == "read write"
    reading = api.granted(scope="read")["refresh_token"]
    for scope in ("read write", "write", "admin"):
        assert refused(api.refresh(reading, scope=scope)) == (400, "invalid_scope")
    assert api.refresh(reading).status == 200


# It is the client's own, and nothing but a refresh token; a mistake does not use it up.
def test_refresh_bound(api: SkApi) -> None:
    found = api.granted()
    token = found["refresh_token"]
    assert refused(api.refresh(token, **api.client("other-client"))) == INVALID_GRANT
    assert refused(api.refresh(token, client_secret="x")) == (401, "invalid_client")
    assert refused(api.refresh(found["access_token"])) == INVALID_GRANT
    assert refused(api.refresh(None)) == (400, "invalid_request")
    assert api.ask(token=token).status == 401
    assert api.refresh(token).status == 200
