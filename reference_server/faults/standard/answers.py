"""Faults: an answer says what it should not, or lacks what it should say."""

from __future__ import annotations

from dataclasses import replace

from reference_server.faults.shared.served import SERVED, Serving
from reference_server.faults.shared.ways import answering, in_field
from reference_server.faults.standard.entry import CATALOGUE, fault
from reference_server.faults.standard.wrong import saying, somebody, without_field
from reference_server.messages import Answer
from reference_server.standard.answers import with_fields
from reference_server.standard.behaviour import Behaviour, Facts, Server
from reference_server.standard.records import Credential, Scopes

SERVED.enter(
    CATALOGUE,
    Serving(
        somebody=somebody,
        offered=lambda facts: facts.behaviour.collect_keys(facts),
        reading=lambda facts: facts.request.segments[-1:] == ("items",),
    ),
    ids={
        "answer-opens-session": "items-open-session",
        "answer-cacheable": "items-cacheable",
        "slash-redirected-with-credential": "credential-in-location",
        "trace-answered": "trace-echoes",
        "methods-not-listed": "allow-forgotten",
        "problem-with-status-of-another": "problem-of-another-status",
        "body-judged-first": "body-before-credential",
    },
)


@fault("problem-status-as-text", "The status in a problem is a text", breaks=("rfc9457/3.1-members",))
def problem_status_as_text(behaviour: Behaviour) -> Behaviour:
    """RFC 9457 section 3.1.2 has a number."""

    def problem(facts: Facts, status: int, detail: str) -> Answer:
        return saying(status=str(status))(facts, behaviour.problem(facts, status, detail))

    return replace(behaviour, problem=problem)


_PAGE = b"""<h1>Unauthorized</h1>
<pre>Traceback (most recent call last):
  File "/srv/api/guard.py", line 41, in admit
PermissionError</pre>"""


@fault(
    "page-for-browsers",
    "Who asks for a page is shown where it failed",
    breaks=("practice/error-media-type",),
    level="SHOULD",
)
def page_for_browsers(behaviour: Behaviour) -> Behaviour:
    """A framework's page for developers, which no test in JSON ever saw."""

    def change(facts: Facts, answer: Answer) -> Answer:
        page = "text/html" in (in_field(facts.request, "accept") or "")
        return replace(answer, headers=(("Content-Type", "text/html"),), body=_PAGE) if page else answer

    return answering(behaviour, change, "missing-credential")


@fault(
    "missing-item-told",
    "That there is no such item is told to anybody",
    breaks=("practice/existence-anonymous",),
    level="SHOULD",
)
def missing_item_told(behaviour: Behaviour) -> Behaviour:
    """It is looked for before the credential is. What there is needs one; so anybody can ask for names."""

    def change(facts: Facts, answer: Answer) -> Answer:
        instance = behaviour.name_instance(facts)
        segments = facts.request.segments
        one = facts.request.method == "GET" and len(segments) == 4 and instance
        if one and instance and segments[3] not in facts.server.store.items(instance):
            return behaviour.problem(facts, 404, "There is no such item.")
        return answer

    return answering(behaviour, change, "missing-credential")


@fault("hsts-forgotten", "Answers do not ask for TLS", breaks=("asvs/3.4.1-hsts",))
def hsts_forgotten(behaviour: Behaviour) -> Behaviour:
    """It was thought to be for pages alone."""
    return without_field(behaviour, "Strict-Transport-Security")


@fault("nosniff-forgotten", "Answers do not forbid to guess their media type", breaks=("asvs/3.4.4-nosniff",))
def nosniff_forgotten(behaviour: Behaviour) -> Behaviour:
    """As above. An item whose name is a page may be taken for one."""
    return without_field(behaviour, "X-Content-Type-Options")


@fault(
    "plain-redirected",
    "What comes without TLS is sent on to it",
    level="SHOULD",
    breaks=("asvs/4.1.2-no-redirect",),
)
def plain_redirected(behaviour: Behaviour) -> Behaviour:
    """So nobody notices that the credential was sent in clear first, each time."""

    def plain(facts: Facts) -> Answer:
        target = f"https://{facts.request.host}{facts.request.path}"
        return with_fields(Answer(308), {"Location": target})

    return replace(behaviour, plain=plain)


@fault(
    "scopes-not-taken",
    "A right that is taken away stays",
    breaks=("asvs/8.3.2-right-withdrawn", "rfc6750/3.1-insufficient-scope-error"),
    level="SHOULD",
)
def scopes_not_taken(behaviour: Behaviour) -> Behaviour:
    """The list shows less than before; what is asked with the key was looked up when it was made."""
    right: dict[str, Scopes] = {}

    def narrow(server: Server, credential: Credential, scopes: Scopes) -> None:
        right[credential.id] = credential.scopes
        behaviour.narrow(server, credential, scopes)

    def find_token(facts: Facts, secret: str) -> Credential | None:
        found = behaviour.find_token(facts, secret)
        return replace(found, scopes=right.get(found.id, found.scopes)) if found else None

    return replace(behaviour, narrow=narrow, find_token=find_token)
