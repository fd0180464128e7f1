"""How else OriginChain could answer and be as right: its documentation and the standards leave it open."""

from __future__ import annotations

import json
import re
import string
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from reference_server.messages import Answer
from reference_server.originchain.answers import error
from reference_server.originchain.behaviour import Behaviour, Facts, Reason, Refusal, Server
from reference_server.originchain.records import PREFIXES, Instance
from reference_server.variations.catalogue import Variations

CATALOGUE: Variations[Behaviour] = Variations("originchain")
variation = CATALOGUE.variation

CHALLENGE = "WWW-Authenticate"


def _finishing(behaviour: Behaviour, change: Callable[[Facts, Answer], Answer]) -> Behaviour:
    """Change every answer when all else is done."""
    return replace(behaviour, finish=lambda facts, answer: change(facts, behaviour.finish(facts, answer)))


def _rewriting(behaviour: Behaviour, change: Callable[[Any], Any], **style: Any) -> Behaviour:
    """Change the JSON of every body; `style` is how it is written out again."""

    def rewrite(facts: Facts, answer: Answer) -> Answer:
        if not answer.body:
            return answer
        return replace(answer, body=json.dumps(change(json.loads(answer.body)), **style).encode())

    return _finishing(behaviour, rewrite)


def _headers(behaviour: Behaviour, change: Callable[[str, str], tuple[str, str]]) -> Behaviour:
    """Change every header field."""
    return _finishing(
        behaviour,
        lambda facts, answer: replace(
            answer, headers=tuple(change(name, value) for name, value in answer.headers)
        ),
    )


def _challenging(behaviour: Behaviour, change: Callable[[str], str]) -> Behaviour:
    """Write every challenge in another way."""

    def challenge(facts: Facts, refusal: Refusal) -> str | None:
        given = behaviour.challenge(facts, refusal)
        return None if given is None else change(given)

    return replace(behaviour, challenge=challenge)


# --- bodies --------------------------------------------------------------------------------------


@variation("extra-members", "Bodies have members that are not documented")
def extra_members(behaviour: Behaviour) -> Behaviour:
    """The document shows no closed list of members, and its schemas allow others; a client has to ignore what
    it does not know."""
    return _rewriting(
        behaviour,
        lambda value: {"request": "8f14e45f", "links": {"help": "https://originchain.test/help"}, **value},
    )


@variation("pretty-json", "JSON is indented, its members in another order, some characters escaped")
def pretty_json(behaviour: Behaviour) -> Behaviour:
    """RFC 8259: white space and the order of members mean nothing, and any character may be escaped. Slashes
    and apostrophes are, as some encoders do it for the sake of HTML."""
    written = _rewriting(
        behaviour, lambda value: dict(reversed(value.items())), indent=2, separators=(",", " : ")
    )
    return _finishing(
        written,
        lambda facts, answer: replace(
            answer, body=answer.body.replace(b"/", rb"\/").replace(b"'", rb"\u0027")
        ),
    )


_PROSE = {
    "unauthorized": "Zugriff verweigert – kein gültiges Token.",
    "forbidden": "Dieses Token gehört nicht hierher.",
    "instance not found": "Unter dieser Adresse ist nichts.",
}


@variation("problem-details", "Errors are RFC 9457 problems in another language")
def problem_details(behaviour: Behaviour) -> Behaviour:
    """The document names the causes by labels and shows no body: a problem whose title is the label says as
    much. Labels are compared without regard to case."""

    def reword(facts: Facts, answer: Answer) -> Answer:
        if answer.status < 400 or not answer.body:
            return answer
        label = json.loads(answer.body)["error"]
        body = {
            "type": "about:blank",
            "status": answer.status,
            "title": label.title(),
            "detail": _PROSE.get(label, "Das geht nicht."),
        }
        headers = tuple(
            (name, "application/problem+json" if name == "Content-Type" else value)
            for name, value in answer.headers
        )
        return replace(answer, headers=headers, body=json.dumps(body, ensure_ascii=False).encode())

    return _finishing(behaviour, reword)


# --- header fields -------------------------------------------------------------------------------


@variation("lower-case-fields", "Header names are in lower case")
def lower_case_fields(behaviour: Behaviour) -> Behaviour:
    """RFC 9110 section 5.1: names of fields have no case."""
    return _headers(behaviour, lambda name, value: (name.lower(), value))


@variation("fields-in-another-order", "Header fields come in the reverse order")
def fields_in_another_order(behaviour: Behaviour) -> Behaviour:
    """RFC 9110 section 5.3: the order of fields with different names means nothing."""
    return _finishing(behaviour, lambda facts, answer: replace(answer, headers=answer.headers[::-1]))


@variation("content-type-with-charset", "Content-Type has a charset")
def content_type_with_charset(behaviour: Behaviour) -> Behaviour:
    """RFC 8259 section 11: the parameter is not defined for JSON and changes nothing."""
    return _headers(
        behaviour,
        lambda name, value: (name, f"{value}; charset=utf-8" if name.lower() == "content-type" else value),
    )


@variation("gateway-fields", "A gateway adds its fields and a cookie")
def gateway_fields(behaviour: Behaviour) -> Behaviour:
    """What a load balancer, a limit of requests and a proxy write on every answer is none of the document's
    business; the cookie says which machine it was and opens nothing."""
    added = (
        ("Server", "edge/2"),
        ("Via", "1.1 edge"),
        ("X-Request-Id", "c81e728d9d4c2f63"),
        ("RateLimit-Limit", "10000"),
        ("RateLimit-Remaining", "9999"),
        ("Set-Cookie", "route=a1; Path=/; HttpOnly"),
        ("Strict-Transport-Security", "max-age=31536000"),
    )
    return _finishing(behaviour, lambda facts, answer: replace(answer, headers=answer.headers + added))


@variation("weak-etags", "Entity tags are weak")
def weak_etags(behaviour: Behaviour) -> Behaviour:
    """RFC 9110 section 8.8.1: a server chooses which it gives. If-None-Match compares weakly either way."""
    return _headers(behaviour, lambda name, value: (name, f"W/{value}" if name == "ETag" else value))


# --- challenges ----------------------------------------------------------------------------------


@variation("challenge-parameter-added", "The challenge has one more parameter")
def challenge_parameter_added(behaviour: Behaviour) -> Behaviour:
    """RFC 6750 section 3 allows other parameters; this one is RFC 9728's, and no error code."""
    metadata = 'resource_metadata="https://originchain.test/.well-known/oauth-protected-resource"'
    return _challenging(behaviour, lambda given: f"{given}, {metadata}")


@variation("challenge-spelling", "The challenge is spelled in another case, with other spaces")
def challenge_spelling(behaviour: Behaviour) -> Behaviour:
    """RFC 9110 sections 11.1 and 11.2: schemes and names of parameters have no case; section 5.6.1: spaces
    may stand around the commas of a list, and before a comma too."""
    return _challenging(
        behaviour,
        lambda given: re.sub(
            r"(\w+)=", lambda match: match[0].capitalize(), given.replace("Bearer", "bearer", 1)
        ).replace('", ', '" ,\t'),
    )


@variation("second-challenge", "Another scheme's challenge stands in the same field")
def second_challenge(behaviour: Behaviour) -> Behaviour:
    """RFC 9110 section 11.6.1: a field may have several challenges, and a client takes the one that it knows.
    It stands first, so that commas have to be told apart."""
    return _challenging(behaviour, lambda given: f'Negotiate, DPoP algs="ES256 EdDSA", {given}')


@variation("challenges-in-two-fields", "Another scheme's challenge stands in a field line of its own")
def challenges_in_two_fields(behaviour: Behaviour) -> Behaviour:
    """RFC 9110 section 11.6.1: there may be several field lines, each with its challenges."""

    def spread(facts: Facts, answer: Answer) -> Answer:
        if answer.status != 401:
            return answer
        return replace(answer, headers=((CHALLENGE, 'HOBA max-age="180"'), *answer.headers))

    return _finishing(behaviour, spread)


# --- decisions -----------------------------------------------------------------------------------


def _minting(behaviour: Behaviour, alphabet: str, length: int) -> Behaviour:
    """Make the secret part of tokens of other characters."""

    def mint(server: Server, instance: Instance) -> str:
        return PREFIXES[instance.kind] + "".join(server.random.choices(alphabet, k=length))

    return replace(behaviour, mint=mint)


@variation("hexadecimal-tokens", "Tokens are longer, and hexadecimal", not_with=("short-tokens",))
def hexadecimal_tokens(behaviour: Behaviour) -> Behaviour:
    """The document gives the beginning of a token and nothing of the rest. 64 digits have 256 bits."""
    return _minting(behaviour, "0123456789abcdef", 64)


@variation("short-tokens", "Tokens are shorter, and have underscores and dashes")
def short_tokens(behaviour: Behaviour) -> Behaviour:
    """As above: 27 characters of base64url have 162 bits, more than RFC 6749 section 10.10 asks for."""
    return _minting(behaviour, string.ascii_letters + string.digits + "-_", 27)


@variation("asks-before-it-tells", "A stranger gets 401 at an address of no instance too")
def asks_before_it_tells(behaviour: Behaviour) -> Behaviour:
    """The document has 404 for such an address and 401 for a missing token, and no order of the two. With any
    token the answer is 404 as documented."""

    def refuse(facts: Facts, refusal: Refusal) -> Answer:
        stranger = refusal.reason == "unknown-instance" and not facts.behaviour.collect(facts)
        return behaviour.refuse(facts, Refusal("missing-credential") if stranger else refusal)

    return replace(behaviour, refuse=refuse)


_PATHS = re.compile(r"/v1/tenants/[^/]+/schemas(/[^/]+)?")


@variation("paths-before-tokens", "A path that leads nowhere is not found before the token is looked for")
def paths_before_tokens(behaviour: Behaviour) -> Behaviour:
    """The document says nothing of other paths than its own; its own need a token first. A router in front of
    the guard tells nothing but what the document tells."""

    def respond(facts: Facts) -> Answer:
        known = behaviour.find_instance(facts, behaviour.name_instance(facts))
        if known and not _PATHS.fullmatch(facts.request.path):
            return error(404, "not found", "There is nothing at this path.")
        return behaviour.respond(facts)

    return replace(behaviour, respond=respond)


def _with_status(behaviour: Behaviour, reason: Reason, status: int, label: str) -> Behaviour:
    """Refuse for this reason with another status, and its label."""

    def refuse(facts: Facts, refusal: Refusal) -> Answer:
        if refusal.reason != reason:
            return behaviour.refuse(facts, refusal)
        return error(status, label, "See the documentation.")

    return replace(behaviour, refuse=refuse)


@variation("hides-other-tenants", "Another tenant's path is not found")
def hides_other_tenants(behaviour: Behaviour) -> Behaviour:
    """The document has 403 for a token of another instance, and nothing for another tenant in one's own
    instance's path. RFC 9110 section 15.5.4 lets a server answer 404 where it does not want to tell."""
    return _with_status(behaviour, "wrong-tenant", 404, "not found")


@variation("two-fields-are-a-bad-request", "Two Authorization fields are answered with 400")
def two_fields_bad_request(behaviour: Behaviour) -> Behaviour:
    """RFC 9110 section 5.3: a field that is no list must not be sent twice, so the request itself is wrong.
    The document's 401 is for a malformed header, and each of the two may be well-formed."""

    def refuse(facts: Facts, refusal: Refusal) -> Answer:
        if len(facts.request.values("authorization")) > 1:
            return error(400, "unauthorized", "There are two Authorization fields.")
        return behaviour.refuse(facts, refusal)

    return replace(behaviour, refuse=refuse)


@variation("quiet-changes", "PUT and PATCH are answered without a body, DELETE with one")
def quiet_changes(behaviour: Behaviour) -> Behaviour:
    """The document does not show these answers. RFC 9110 sections 9.3.4 and 9.3.5: 200 is as good as
    204."""

    def operate(facts: Facts, instance: Instance) -> Answer:
        answer = behaviour.operate(facts, instance)
        if answer.status == 200 and facts.request.method in ("PUT", "PATCH"):
            return Answer(204)
        if answer.status == 204:
            return Answer(200, (("Content-Type", "application/json"),), b'{"removed": true}')
        return answer

    return replace(behaviour, operate=operate)


# --- connections ---------------------------------------------------------------------------------


@variation("chunked", "Bodies come in chunks, without a length", not_with=("http-1-0",))
def chunked(behaviour: Behaviour) -> Behaviour:
    """RFC 9112 section 6.1, and RFC 9110 section 8.6: HEAD need not tell a length."""
    return _finishing(behaviour, lambda facts, answer: replace(answer, framing="chunks"))


@variation("http-1-0", "The end of the connection is the end of the body, as in HTTP/1.0")
def http_1_0(behaviour: Behaviour) -> Behaviour:
    """RFC 9112 section 6.3: the last of the ways to end a body."""
    return _finishing(behaviour, lambda facts, answer: replace(answer, framing="close"))


@variation("no-keep-alive", "Each connection serves one request")
def no_keep_alive(behaviour: Behaviour) -> Behaviour:
    """RFC 9112 section 9.6: either side may close when it likes to, and says so."""
    closing = (("Connection", "close"),)
    return _finishing(behaviour, lambda facts, answer: replace(answer, headers=answer.headers + closing))


@variation("slow", "Answers take up to 5 ms longer, now more and now less")
def slow(behaviour: Behaviour) -> Behaviour:
    """No document promises a time."""

    def wait(facts: Facts, answer: Answer) -> Answer:
        step = (facts.request.connection * 7 + facts.request.served * 3) % 6
        return replace(answer, delay=step / 1000)

    return _finishing(behaviour, wait)


VARIATIONS = CATALOGUE.variations
