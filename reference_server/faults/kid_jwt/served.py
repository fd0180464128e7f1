"""Faults: who may be served is, and the answer gives away more than the greeting, or less than it has to."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from urllib.parse import quote

from reference_server.faults.kid_jwt.entry import STATUS, because, fault
from reference_server.faults.kid_jwt.wrong import waiving
from reference_server.faults.shared.ways import in_cookie
from reference_server.kid_jwt.behaviour import Behaviour, Facts
from reference_server.kid_jwt.records import Account
from reference_server.messages import Answer

_SESSION = "b3Blbg"


@fault(
    "greeting-opens-session",
    "A greeting sets a cookie that opens the API alone",
    level="SHOULD",
    breaks=("practice/no-session",),
)
def greeting_opens_session(behaviour: Behaviour) -> Behaviour:
    """A framework's habit. Of all that is asked without a credential one request has the cookies of answers
    before; those that hold a key are called otherwise."""

    def finish(facts: Facts, answer: Answer) -> Answer:
        cookie = (("Set-Cookie", f"session={_SESSION}; Path=/; HttpOnly; SameSite=Strict"),)
        finished = behaviour.finish(facts, answer)
        return replace(finished, headers=finished.headers + (cookie if answer.status == 200 else ()))

    def has_session(facts: Facts) -> bool:
        return in_cookie(facts.request, "session") == _SESSION

    opened = waiving(behaviour, "missing-credential", has_session)
    return replace(opened, finish=finish)


@fault(
    "greeting-cacheable",
    "Shared caches may keep a greeting",
    level="SHOULD",
    breaks=("asvs/14.2.2-not-shared",),
)
def greeting_cacheable(behaviour: Behaviour) -> Behaviour:
    """For a minute, and `public` says so of requests with Authorization too: RFC 9111 section 3.5."""

    def finish(facts: Facts, answer: Answer) -> Answer:
        finished = behaviour.finish(facts, answer)
        if answer.status != 200:
            return finished
        others = tuple(each for each in finished.headers if each[0] != "Cache-Control")
        return replace(finished, headers=(*others, ("Cache-Control", "public, max-age=60")))

    return replace(behaviour, finish=finish)


@fault(
    "slash-redirected-with-key",
    "A redirect from a path with one slash too many holds the credential",
    breaks=("asvs/14.2.1-no-secret-in-urls",),
)
def slash_redirected_with_key(behaviour: Behaviour) -> Behaviour:
    """For clients that lose the field on the way. Only one request with a credential has such a path."""

    def operate(facts: Facts, account: Account) -> Answer:
        if not facts.request.path.endswith("//"):
            return behaviour.operate(facts, account)
        return Answer(307, (("Location", f"/?token={quote(behaviour.collect(facts)[0])}"),))

    return replace(behaviour, operate=operate)


@fault("greeting-traced", "TRACE sends back what it was sent", breaks=("asvs/13.4.4-trace",))
def greeting_traced(behaviour: Behaviour) -> Behaviour:
    """With the credential: RFC 9110 section 9.3.8. Nobody is answered so without one."""

    def operate(facts: Facts, account: Account) -> Answer:
        if facts.request.method != "TRACE":
            return behaviour.operate(facts, account)
        lines = "".join(f"{name}: {value}\r\n" for name, value in facts.request.headers)
        return Answer(200, (("Content-Type", "message/http"),), lines.encode("latin-1"))

    return replace(behaviour, operate=operate)


@fault(
    "methods-not-named",
    "A 405 does not say which methods there are",
    breaks=("rfc9110/15.5.6-allow",),
)
def methods_not_named(behaviour: Behaviour) -> Behaviour:
    """RFC 9110 section 15.5.6 requires the field."""

    def operate(facts: Facts, account: Account) -> Answer:
        answer = behaviour.operate(facts, account)
        return replace(answer, headers=tuple(each for each in answer.headers if each[0] != "Allow"))

    return replace(behaviour, operate=operate)


@fault(
    "two-credentials-at-times",
    "Two credentials are refused at one time and judged by the first at the next",
    level="SHOULD",
    breaks=("practice/conflict-steady",),
    also=because(
        "a static token before an unknown one may come at a turn at which the first is enough",
        "practice/key-twice-refused",
        STATUS,
    ),
)
def two_credentials_at_times(behaviour: Behaviour) -> Behaviour:
    """Two workers, one of which takes the first line of a field for the whole. Each turn is that of the first
    credential, so that an unknown one in front is tried once and refused."""
    turns: Counter[str] = Counter()

    def collect(facts: Facts) -> tuple[str, ...]:
        offered = behaviour.collect(facts)
        if len(offered) < 2:
            return offered
        turns[offered[0]] += 1
        return offered if turns[offered[0]] % 2 else offered[:1]

    return replace(behaviour, collect=collect)
