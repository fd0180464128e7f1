"""How else this API could answer and be as right: its documentation and the standards leave it open."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from reference_server.messages import Answer, json_answer
from reference_server.sk_oauth import authorization
from reference_server.sk_oauth.answers import error, not_found
from reference_server.sk_oauth.behaviour import (
    Behaviour,
    Facts,
    Granted,
    Parameters,
    Problem,
    Refusal,
)
from reference_server.sk_oauth.records import Asked, Client, Code, Scopes
from reference_server.variations import shared
from reference_server.variations.catalogue import Variations

CATALOGUE: Variations[Behaviour] = Variations("sk-oauth")
variation = CATALOGUE.variation


_TEXT = re.compile(rb'"(?:[^"\\]|\\.)*"')
"""A text in JSON."""

# --- bodies --------------------------------------------------------------------------------------


@variation("extra-members", "Bodies have members that are not documented")
def extra_members(behaviour: Behaviour) -> Behaviour:
    """The document shows no closed list of members, and RFC 6749 section 5.1 has clients ignore those of a
    token response that they do not know. Errors have one inside their object."""

    def change(value: Any) -> Any:
        if isinstance(value.get("error"), dict):
            return {"error": {**value["error"], "param": None, "request": "8f14e45f"}}
        return {"object": "thing", "has_more": False, **value}

    return shared.rewriting(behaviour, change)


@variation("indented", "JSON is indented, its members in another order, some characters escaped")
def indented(behaviour: Behaviour) -> Behaviour:
    """RFC 8259, as the shared one says. Of the letters of a text, one is escaped wherever it stands."""
    return shared.indented(behaviour, lambda body: _TEXT.sub(_escaped, body))


def _escaped(text: re.Match[bytes]) -> bytes:
    return text[0].replace(b"a", rb"\u0061")


_SENTENCES = {
    "invalid_api_key": "Der Schlüssel ist ungültig.",
    "expired_token": "Das Token ist abgelaufen.",
    "insufficient_scope": "Dazu fehlt die Berechtigung.",
    "rate_limit_exceeded": "Zu viele Anfragen.",
}


@variation("in-another-language", "Types and messages of errors are others")
def in_another_language(behaviour: Behaviour) -> Behaviour:
    """The document shows the text of one error as an example, and the type of that one alone."""

    def change(value: Any) -> Any:
        told = value.get("error")
        if not isinstance(told, dict):
            return value
        message = _SENTENCES.get(told["code"], "Das geht nicht.")
        return {"error": {**told, "type": told["type"].removesuffix("_error"), "message": message}}

    return shared.rewriting(behaviour, change, ensure_ascii=False)


@variation("users-in-a-bare-list", "The list of users stands by itself")
def users_in_a_bare_list(behaviour: Behaviour) -> Behaviour:
    """How users are listed is not shown."""
    return shared.rewriting(behaviour, lambda value: value.get("data", value))


# --- header fields -------------------------------------------------------------------------------


variation("lower-case-fields", "Header names are in lower case, and in another order")(shared.otherwise)
variation("content-type-with-charset", "Content-Type has a charset")(shared.with_charset)


@variation("gateway-fields", "A gateway adds its fields and a cookie")
def gateway_fields(behaviour: Behaviour) -> Behaviour:
    """Browsers send its cookie back beside the session's. That TLS is needed, any server may say."""
    return shared.behind_a_gateway(behaviour, ("Strict-Transport-Security", "max-age=31536000"))


variation("second-challenge", "Another scheme's challenge stands in the same field")(shared.beside_others)
variation("retry-after-as-date", "Retry-After is a date")(shared.retry_at_a_date)


# --- refusals ------------------------------------------------------------------------------------


@variation("malformed-fields-are-a-bad-request", "A malformed field is answered with 400")
def malformed_fields_bad_request(behaviour: Behaviour) -> Behaviour:
    """No statuses are documented, and RFC 6750 section 3.1 has 400 for a malformed request. The code is the
    documented one."""

    def refuse(facts: Facts, refusal: Refusal) -> Answer:
        answer = behaviour.refuse(facts, refusal)
        return replace(answer, status=400) if refusal.reason == "malformed-credential" else answer

    return replace(behaviour, refuse=refuse)


@variation("paths-before-credentials", "A path that leads nowhere is not found, whoever asks")
def paths_before_credentials(behaviour: Behaviour) -> Behaviour:
    """In which order the two are looked at is not documented."""

    def respond(facts: Facts) -> Answer:
        known = facts.request.segments[:2] == ("v1", "users")
        return behaviour.respond(facts) if known else not_found()

    return replace(behaviour, respond=respond)


@variation("no-leeway", "The clocks of those who make JWTs may not differ", not_with=("long-leeway",))
def no_leeway(behaviour: Behaviour) -> Behaviour:
    """RFC 7519 section 4.1.4: a small leeway may be given, and none has to be."""
    return shared.leeway(behaviour, -30)


@variation("long-leeway", "The clocks of those who make JWTs may differ by five minutes")
def long_leeway(behaviour: Behaviour) -> Behaviour:
    """RFC 7519 section 4.1.4: usually no more than a few minutes."""
    return shared.leeway(behaviour, 270)


variation("plain-redirects", "Who comes without TLS is led to HTTPS")(shared.led_to_https)


# --- the authorization server --------------------------------------------------------------------


@variation("redirects-by-302", "The client is led to by a 302")
def redirects_by_302(behaviour: Behaviour) -> Behaviour:
    """RFC 6749 shows it in all of its examples; a browser makes a GET of it."""

    def send_back(facts: Facts, asked: Asked, told: Mapping[str, str]) -> Answer:
        return replace(behaviour.send_back(facts, asked, told), status=302)

    return replace(behaviour, send_back=send_back)


@variation("issuer-told", "The redirect to the client names the issuer")
def issuer_told(behaviour: Behaviour) -> Behaviour:
    """RFC 9207; RFC 6749 section 4.1.2 has clients ignore what they do not know."""

    def send_back(facts: Facts, asked: Asked, told: Mapping[str, str]) -> Answer:
        return behaviour.send_back(facts, asked, {"iss": "https://auth.sk-oauth.test", **told})

    return replace(behaviour, send_back=send_back)


@variation("unknown-scopes-left-out", "Scopes that do not exist are left out of what is granted")
def unknown_scopes_left_out(behaviour: Behaviour) -> Behaviour:
    """RFC 6749 section 3.3: the server may ignore part of what is asked for, and says so with the token. A
    request for no scope that there is stays refused."""

    def choose(facts: Facts, client: Client, found: Parameters) -> Scopes | Problem:
        wanted = found.get("scope", "").split(" ")
        kept = [scope for scope in wanted if scope in client.scopes]
        changed = {**found, "scope": " ".join(kept)} if kept else found
        return behaviour.choose_scopes(facts, client, changed)

    return replace(behaviour, choose_scopes=choose)


@variation("pages-in-other-markup", "The forms are written in another style of HTML")
def pages_in_other_markup(behaviour: Behaviour) -> Behaviour:
    """Names of tags have no case, attributes no order, and most of them need no quotes."""

    def page(facts: Facts, status: int, title: str, content: str) -> Answer:
        text = content.replace("<form method=", "<FORM class='plain' METHOD=").replace("</form>", "</FORM>")
        text = re.sub(
            r'<input type="hidden" name="(\w+)" value="([^"]*)">',
            r"<INPUT value='\2' name=\1 type=HIDDEN />",
            text,
        )
        return behaviour.page(facts, status, title, f"<!-- <form action='/search'></form> -->\n{text}")

    return replace(behaviour, page=page)


@variation("forms-carry-more", "The forms have fields of their own, and a button for something else")
def forms_carry_more(behaviour: Behaviour) -> Behaviour:
    """A page may ask whether to remember the user, and carry along what it needs."""
    more = (
        '<input type="hidden" name="locale" value="de&amp;en">\n'
        '<p><label><input type="checkbox" name="remember" value="1"> Remember me</label></p>\n'
    )

    def page(facts: Facts, status: int, title: str, content: str) -> Answer:
        return behaviour.page(facts, status, title, content.replace("</form>", f"{more}</form>"))

    return replace(behaviour, page=page)


@variation("consent-on-a-page-of-its-own", "After the log-in a redirect leads to the page for the consent")
def consent_on_a_page_of_its_own(behaviour: Behaviour) -> Behaviour:
    """The usual answer to a form. The user agent goes back to the authorization endpoint, where it is known
    by now."""

    def page(facts: Facts, status: int, title: str, content: str) -> Answer:
        answer = behaviour.page(facts, status, title, content)
        if facts.request.path != "/login" or status != 200:
            return answer
        query = re.search(r'name="request" value="([^"]*)"', content)
        location = f"{authorization.PATH}?{(query[1] if query else '').replace('&amp;', '&')}"
        return Answer(303, (("Location", location), ("Referrer-Policy", "no-referrer")))

    return replace(behaviour, page=page)


# --- the token endpoint --------------------------------------------------------------------------


@variation("token-errors-in-the-envelope", "Errors of the token endpoint are in the API's own envelope")
def token_errors_in_the_envelope(behaviour: Behaviour) -> Behaviour:
    """The document shows no error of the token endpoint, and one envelope for all others."""

    def deny(facts: Facts, problem: Problem) -> Answer:
        answer = behaviour.deny(facts, problem)
        told = error(answer.status, "invalid_request_error", problem.error, problem.description)
        others = tuple(field for field in answer.headers if field[0] != "Content-Type")
        return replace(told, headers=told.headers + others)

    return replace(behaviour, deny=deny)


@variation("client-in-the-body-refused-with-400", "A client that fails in the body is answered with 400")
def client_in_the_body_refused_with_400(behaviour: Behaviour) -> Behaviour:
    """RFC 6749 section 5.2: 401 may be used, and must be where the client used Authorization."""

    def deny(facts: Facts, problem: Problem) -> Answer:
        answer = behaviour.deny(facts, problem)
        by_basic = bool(facts.request.values("authorization"))
        if problem.error != "invalid_client" or by_basic:
            return answer
        return json_answer(400, json.loads(answer.body), {"Pragma": "no-cache"})

    return replace(behaviour, deny=deny)


@variation("grant-types-not-allowed", "A grant type that there is not is one that the client may not use")
def grant_types_not_allowed(behaviour: Behaviour) -> Behaviour:
    """RFC 6749 section 5.2 has an error for both, and a server need not tell which there are."""

    def deny(facts: Facts, problem: Problem) -> Answer:
        unknown = problem.error == "unsupported_grant_type"
        return behaviour.deny(facts, replace(problem, error="unauthorized_client") if unknown else problem)

    return replace(behaviour, deny=deny)


def _granting(behaviour: Behaviour, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Behaviour:
    """Change the answer that grants a token."""

    def grant(facts: Facts, granted: Granted) -> Answer:
        answer = behaviour.grant(facts, granted)
        return shared.rewritten(answer, change)

    return replace(behaviour, grant=grant)


@variation("token-type-in-lower-case", "The type of a token is written bearer")
def token_type_in_lower_case(behaviour: Behaviour) -> Behaviour:
    """RFC 6749 section 5.1: it has no case."""
    return _granting(behaviour, lambda body: {**body, "token_type": "bearer"})


@variation("mistakes-use-codes-up", "A code is used up by a request that gets no token for it")
def mistakes_use_codes_up(behaviour: Behaviour) -> Behaviour:
    """Whoever is wrong about a code may have stolen it. What was had for it before stays."""

    def judge(facts: Facts, code: Code, client: Client, found: Parameters) -> Problem | None:
        problem = behaviour.judge_redemption(facts, code, client, found)
        if problem and code.used_at is None:
            facts.server.store.grants.use_code(code.digest, facts.now)
        return problem

    return replace(behaviour, judge_redemption=judge)


# --- on the wire ---------------------------------------------------------------------------------


variation("chunked", "Bodies come in chunks, without a length")(shared.in_chunks)
variation("no-keep-alive", "Each connection serves one request")(shared.closing)


VARIATIONS = CATALOGUE.variations
