"""How else OriginChain could answer and be as right: its documentation and the standards leave it open."""

from __future__ import annotations

import json
import re
import string
from dataclasses import replace

from reference_server.messages import Answer
from reference_server.originchain.answers import error
from reference_server.originchain.behaviour import Behaviour, Facts, Reason, Refusal, Server
from reference_server.originchain.records import PREFIXES, Instance
from reference_server.variations import shared
from reference_server.variations.catalogue import Variations

CATALOGUE: Variations[Behaviour] = Variations("originchain")
variation = CATALOGUE.variation


# --- bodies --------------------------------------------------------------------------------------


@variation("extra-members", "Bodies have members that are not documented")
def extra_members(behaviour: Behaviour) -> Behaviour:
    """The document shows no closed list of members, and its schemas allow others; a client has to ignore what
    it does not know."""
    return shared.rewriting(
        behaviour,
        lambda value: {"request": "8f14e45f", "links": {"help": "https://originchain.test/help"}, **value},
    )


@variation("pretty-json", "JSON is indented, its members in another order, some characters escaped")
def pretty_json(behaviour: Behaviour) -> Behaviour:
    """RFC 8259, as the shared one says. Slashes and apostrophes are escaped as some encoders do it for the
    sake of HTML."""
    return shared.indented(behaviour, lambda body: body.replace(b"/", rb"\/").replace(b"'", rb"\u0027"))


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

    return shared.finishing(behaviour, reword)


# --- header fields -------------------------------------------------------------------------------


variation("lower-case-fields", "Header names are in lower case")(shared.in_lower_case)


@variation("fields-in-another-order", "Header fields come in the reverse order")
def fields_in_another_order(behaviour: Behaviour) -> Behaviour:
    """RFC 9110 section 5.3: the order of fields with different names means nothing."""
    return shared.with_fields(behaviour, lambda fields: fields[::-1])


variation("content-type-with-charset", "Content-Type has a charset")(shared.with_charset)


@variation("gateway-fields", "A gateway adds its fields and a cookie")
def gateway_fields(behaviour: Behaviour) -> Behaviour:
    """Those of a load balancer and of a limit of requests too: none of the document's business either."""
    return shared.behind_a_gateway(
        behaviour,
        ("Server", "edge/2"),
        ("RateLimit-Limit", "10000"),
        ("RateLimit-Remaining", "9999"),
        ("Strict-Transport-Security", "max-age=31536000"),
    )


@variation("weak-etags", "Entity tags are weak")
def weak_etags(behaviour: Behaviour) -> Behaviour:
    """RFC 9110 section 8.8.1: a server chooses which it gives. If-None-Match compares weakly either way."""
    return shared.with_values(behaviour, lambda name, value: f"W/{value}" if name == "etag" else value)


# --- challenges ----------------------------------------------------------------------------------


@variation("challenge-parameter-added", "The challenge has one more parameter")
def challenge_parameter_added(behaviour: Behaviour) -> Behaviour:
    """RFC 6750 section 3 allows other parameters; this one is RFC 9728's, and no error code."""
    metadata = 'resource_metadata="https://originchain.test/.well-known/oauth-protected-resource"'
    return shared.challenging(behaviour, lambda given: f"{given}, {metadata}")


variation("challenge-spelling", "The challenge is spelled in another case, with other spaces")(
    shared.spelled_otherwise
)
variation("second-challenge", "Another scheme's challenge stands in the same field")(shared.beside_others)


@variation("challenges-in-two-fields", "Another scheme's challenge stands in a field line of its own")
def challenges_in_two_fields(behaviour: Behaviour) -> Behaviour:
    """RFC 9110 section 11.6.1: there may be several field lines, each with its challenges."""

    def spread(facts: Facts, answer: Answer) -> Answer:
        if answer.status != 401:
            return answer
        return replace(answer, headers=((shared.CHALLENGE, 'HOBA max-age="180"'), *answer.headers))

    return shared.finishing(behaviour, spread)


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


variation("chunked", "Bodies come in chunks, without a length", not_with=("http-1-0",))(shared.in_chunks)


@variation("http-1-0", "The end of the connection is the end of the body, as in HTTP/1.0")
def http_1_0(behaviour: Behaviour) -> Behaviour:
    """RFC 9112 section 6.3: the last of the ways to end a body."""
    return shared.finishing(behaviour, lambda facts, answer: replace(answer, framing="close"))


variation("no-keep-alive", "Each connection serves one request")(shared.closing)


@variation("slow", "Answers take up to 5 ms longer, now more and now less")
def slow(behaviour: Behaviour) -> Behaviour:
    """No document promises a time."""

    def wait(facts: Facts, answer: Answer) -> Answer:
        step = (facts.request.connection * 7 + facts.request.served * 3) % 6
        return replace(answer, delay=step / 1000)

    return shared.finishing(behaviour, wait)


VARIATIONS = CATALOGUE.variations
