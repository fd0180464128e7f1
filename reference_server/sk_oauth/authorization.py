"""The authorization endpoint: RFC 6749 section 4.1.1, and what a user is asked before there is a code."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Literal
from urllib.parse import urlencode

from reference_server.forms import Pairs, in_body, pairs, repeated
from reference_server.messages import Answer
from reference_server.secret import digest, random_text
from reference_server.sk_oauth import pages
from reference_server.sk_oauth.answers import bad_method
from reference_server.sk_oauth.behaviour import Facts, Parameters, Problem
from reference_server.sk_oauth.records import Asked, Client, Code, Grant, Scopes, Session, User
from reference_server.sk_oauth.sessions import begin, sign_in_as

PATH = "/oauth/authorize"
SECRET_LENGTH = 40

_S256 = re.compile(r"[A-Za-z0-9_-]{43}")

Requested = tuple[Client, Asked]


def authorize(facts: Facts) -> Answer:
    """What is wrong is found out before anybody is asked for a password."""
    if facts.request.method not in ("GET", "HEAD"):
        return bad_method("GET", "HEAD")
    query = facts.request.query
    requested = read(facts, query)
    if isinstance(requested, Answer):
        return requested
    session = facts.behaviour.find_session(facts)
    if session and session.user:
        return pages.consent(facts, session, requested[0], requested[1].scopes, query)
    if session:
        return pages.login(facts, session, query)
    session, cookie = begin(facts)
    answer = pages.login(facts, session, query)
    return replace(answer, headers=(*answer.headers, cookie))


def read(facts: Facts, query: str) -> Requested | Answer:
    """The request in a query, or what is answered to a wrong one: RFC 6749 section 4.1.2.1. Nobody is sent
    to a URI that the client has not registered."""
    decide = facts.behaviour
    given = pairs(query)
    found = single(given)
    client = decide.find_client(facts, found.get("client_id", ""))
    if client is None:
        return pages.sorry(facts, 400, "The application is not known here.")
    redirect = found.get("redirect_uri", "")
    if not decide.may_redirect(facts, client, redirect):
        return pages.sorry(facts, 400, "The application has not registered the address to return to.")
    asked = Asked(client.id, redirect, (), found.get("state"), None)
    wrong = decide.judge_request(facts, client, given, found)
    if wrong:
        return _returned(facts, asked, wrong)
    scopes = decide.choose_scopes(facts, client, found)
    challenge = decide.choose_challenge(facts, found)
    for problem in (scopes, challenge):
        if isinstance(problem, Problem):
            return _returned(facts, asked, problem)
    assert isinstance(scopes, tuple) and not isinstance(challenge, Problem)
    return client, replace(asked, scopes=scopes, challenge=challenge)


def single(given: Pairs) -> Parameters:
    """The parameters that occur once and have a value: RFC 6749 section 3.1 takes one without for none."""
    twice = repeated(given)
    return {name: value for name, value in given if value and name not in twice}


def _returned(facts: Facts, asked: Asked, problem: Problem) -> Answer:
    told = {"error": problem.error, "error_description": problem.description}
    return facts.behaviour.send_back(facts, asked, told)


def find_client(facts: Facts, id: str) -> Client | None:
    return facts.server.store.grants.client(id)


def may_redirect(facts: Facts, client: Client, uri: str) -> bool:
    """By simple string comparison: RFC 9700 section 2.1."""
    return uri in client.redirects


def judge_request(facts: Facts, client: Client, given: Pairs, found: Parameters) -> Problem | None:
    """Unknown parameters mean nothing; even they must not be there twice."""
    if repeated(given):
        return Problem("invalid_request", "A parameter is given twice")
    kind = found.get("response_type")
    if kind is None:
        return Problem("invalid_request", "response_type is missing")
    return None if kind == "code" else Problem("unsupported_response_type", "response_type must be code")


def choose_scopes(facts: Facts, client: Client, found: Parameters) -> Scopes | Problem:
    """Those that are asked for, in the client's own order; all of the client's where none are."""
    wanted = found.get("scope", " ".join(client.scopes)).split(" ")
    if not set(wanted) <= set(client.scopes):
        return Problem("invalid_scope", "A scope is not known or not available")
    return tuple(scope for scope in client.scopes if scope in wanted)


def choose_challenge(facts: Facts, found: Parameters) -> str | Problem | None:
    """PKCE by S256 alone: RFC 7636 section 4.4.1 lets plain be refused, which by section 4.3 is the default
    where no method is named."""
    challenge = found.get("code_challenge")
    method = found.get("code_challenge_method")
    if challenge is None and method is None:
        return None
    if method != "S256":
        return Problem("invalid_request", "code_challenge_method must be S256")
    if challenge is None or not _S256.fullmatch(challenge):
        return Problem("invalid_request", "code_challenge is no S256 challenge")
    return challenge


def send_back(facts: Facts, asked: Asked, told: Mapping[str, str]) -> Answer:
    """In the query, behind what the registered URI has there. A 303 makes a GET of whatever came before it:
    RFC 9700 section 4.12."""
    answer = {**told, **({"state": asked.state} if asked.state is not None else {})}
    joint = "&" if "?" in asked.redirect_uri else "?"
    location = f"{asked.redirect_uri}{joint}{urlencode(answer)}"
    return Answer(303, (("Location", location), ("Referrer-Policy", "no-referrer")))


# --- what the user says --------------------------------------------------------------------------


Form = Literal["login", "consent"]


def submitted(facts: Facts, form: Form) -> Answer:
    """A form came back. It must be of this session, and the request in it is read as if it were new."""
    decide = facts.behaviour
    if facts.request.method != "POST":
        return bad_method("POST")
    found = single(in_body(facts.request) or ())
    session = decide.find_session(facts)
    if session is None or not decide.is_ours(facts, session, found):
        return pages.sorry(facts, 403, "The form is not of this session. Go back to the application.")
    requested = read(facts, found.get("request", ""))
    if isinstance(requested, Answer):
        return requested
    if form == "login":
        return _login(facts, session, requested, found)
    return _consent(facts, session, requested, found)


def _login(facts: Facts, session: Session, requested: Requested, found: Parameters) -> Answer:
    """Whoever is known gets a new session: the old id may be somebody else's."""
    query = found["request"]
    user = facts.behaviour.sign_in(facts, found.get("username", ""), found.get("password", ""))
    if user is None:
        return pages.login(facts, session, query, failed=True)
    session, cookie = sign_in_as(facts, session, user)
    client, asked = requested
    answer = pages.consent(facts, session, client, asked.scopes, query)
    return replace(answer, headers=(*answer.headers, cookie))


def _consent(facts: Facts, session: Session, requested: Requested, found: Parameters) -> Answer:
    decide = facts.behaviour
    asked = requested[1]
    user = facts.server.store.grants.user(session.user) if session.user else None
    if user is None:
        return pages.login(facts, session, found["request"])
    if not decide.consents(facts, found):
        return _returned(facts, asked, Problem("access_denied", "The user did not allow it"))
    return decide.send_back(facts, asked, {"code": decide.give_code(facts, requested[0], asked, user)})


def consents(facts: Facts, found: Parameters) -> bool:
    return found.get("decision") == "allow"


def code_life(facts: Facts, client: Client) -> float:
    return client.code_life


def give_code(facts: Facts, client: Client, asked: Asked, user: User) -> str:
    """A code, and the grant that its tokens will belong to."""
    server = facts.server
    code = "ac_" + random_text(server.random, SECRET_LENGTH)
    id = "grant_" + random_text(server.random, 12)
    grant = Grant(id, client.id, user.name, user.account, asked.scopes)
    server.store.grants.add_grant(grant)
    until = facts.now + server.behaviour.code_life(facts, client)
    server.store.grants.add_code(Code(digest(code), grant.id, asked, user.name, until))
    return code
