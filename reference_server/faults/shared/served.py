"""Faults: an answer opens, shows or keeps more than what was asked for, or says too little of itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from reference_server.faults.shared.decisions import A, Facts
from reference_server.faults.shared.sets import FaultSet
from reference_server.faults.shared.ways import (
    Somebody,
    When,
    always,
    answering,
    finishing,
    in_cookie,
    setting,
    waiving,
)
from reference_server.messages import Answer, json_answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """What differs between APIs whose answers go out with more than they should."""

    somebody: Somebody
    """Who is served where nobody should be."""
    offered: Callable[[Any], tuple[str, ...]] = lambda facts: facts.behaviour.collect(facts)
    """Of the facts: the credentials that came with the request."""
    reading: When = always
    """Of the facts: whether something of the API's own is read, and not of its management."""


SERVED: FaultSet[Serving] = FaultSet()
fault = SERVED.fault

_SESSION = "b3Blbg"


@fault(
    "answer-opens-session",
    "An accepted answer sets a cookie that opens the API alone",
    level="SHOULD",
    breaks=("practice/no-session",),
)
def answer_opens_session(api: Serving, behaviour: A) -> A:
    """A framework's habit. Of all that is asked without a credential one request has the cookies of answers
    before; those that hold a credential are called otherwise."""

    def change(facts: Facts, answer: Answer) -> Answer:
        cookie = ("Set-Cookie", f"app_session={_SESSION}; Path=/; HttpOnly; SameSite=Strict")
        kept = answer.status == 200 and api.reading(facts)
        return replace(answer, headers=(*answer.headers, cookie)) if kept else answer

    opened = waiving(
        behaviour,
        "missing-credential",
        api.somebody,
        lambda facts: in_cookie(facts.request, "app_session") == _SESSION,
    )
    return finishing(opened, change)


@fault(
    "answer-cacheable",
    "Shared caches may keep an accepted answer",
    level="SHOULD",
    breaks=("asvs/14.2.2-not-shared",),
)
def answer_cacheable(api: Serving, behaviour: A) -> A:
    """For a minute, and `public` says so of requests with Authorization too: RFC 9111 section 3.5. Of the
    answers that show a new credential, which are kept by nobody, none is a 200."""

    def change(facts: Facts, answer: Answer) -> Answer:
        if answer.status != 200 or not api.reading(facts):
            return answer
        return setting(answer, "Cache-Control", "public, max-age=60")

    return finishing(behaviour, change)


@fault(
    "slash-redirected-with-credential",
    "A redirect from a path with one slash too many holds the credential",
    breaks=("asvs/14.2.1-no-secret-in-urls",),
)
def slash_redirected_with_credential(api: Serving, behaviour: A) -> A:
    """For clients that lose the field on the way. Where there is nothing at such a path for somebody who has
    been let in; browsers and proxies keep addresses. Only one request with a credential has such a path."""

    def change(facts: Facts, answer: Answer) -> Answer:
        path, offered = facts.request.path, api.offered(facts)
        if answer.status != 404 or not path.endswith("/") or not offered:
            return answer
        location = f"{path.rstrip('/') or '/'}?token={quote(offered[0])}"
        return replace(answer, status=307, headers=(("Location", location),), body=b"")

    return finishing(behaviour, change)


@fault("trace-answered", "TRACE sends back what it was sent", breaks=("asvs/13.4.4-trace",))
def trace_answered(api: Serving, behaviour: A) -> A:
    """With the credential, for whatever script has asked: RFC 9110 section 9.3.8. Whoever has been let in is
    told that there is no such method, or that he may not use it; nobody is answered so without one."""

    def respond(facts: Facts) -> Answer:
        answer = behaviour.respond(facts)
        if facts.request.method != "TRACE" or answer.status not in (403, 405):
            return answer
        lines = "".join(f"{name}: {value}\r\n" for name, value in facts.request.headers)
        return Answer(200, (("Content-Type", "message/http"),), lines.encode("latin-1"))

    return replace(behaviour, respond=respond)


@fault(
    "methods-not-listed",
    "A 405 does not say which methods there are",
    breaks=("rfc9110/15.5.6-allow",),
)
def methods_not_listed(api: Serving, behaviour: A) -> A:
    """RFC 9110 section 15.5.6 requires the field."""

    def change(facts: Facts, answer: Answer) -> Answer:
        return setting(answer, "Allow") if answer.status == 405 else answer

    return finishing(behaviour, change)


@fault(
    "problem-with-status-of-another",
    "A problem has the status of another error",
    subtle=True,
    breaks=("rfc9457/3.1-members",),
)
def problem_with_status_of_another(api: Serving, behaviour: A) -> A:
    """What is not found is told as a problem (RFC 9457), and is a bad request in its body: a constant that
    was copied. Of all errors this one alone; whatever else its body says stays."""

    def change(facts: Facts, answer: Answer) -> Answer:
        if answer.status != 404 or not answer.body:
            return answer
        body = {**json.loads(answer.body), "status": 400}
        problem = setting(answer, "Content-Type", "application/problem+json")
        return replace(problem, body=json.dumps(body).encode())

    return finishing(behaviour, change)


@fault(
    "body-judged-first",
    "A body is judged before the credential",
    level="SHOULD",
    breaks=("practice/auth-before-body",),
)
def body_judged_first(api: Serving, behaviour: A) -> A:
    """Who has no credential learns what a right body is: with a right one he is told that it is missing. What
    is no object, or one with something missing, is a bad request."""

    def change(facts: Facts, answer: Answer) -> Answer:
        wrong = facts.request.method == "POST" and facts.request.body in (b"{", b"[]", b"{}")
        return json_answer(400, {"error": "bad request"}) if wrong else answer

    return answering(behaviour, change, "missing-credential")
