"""Faults: a field that other parties add to a request stands in for a token, or is obeyed before it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import parse_qsl

from reference_server.faults.originchain.entry import MISSING, fault
from reference_server.faults.originchain.wrong import waiving
from reference_server.messages import Answer, Request
from reference_server.originchain.answers import error
from reference_server.originchain.behaviour import Behaviour, Facts, Refusal
from reference_server.originchain.records import Instance

IDENTITY = ("asvs/4.1.3-identity-header", *MISSING)
OVERRIDE = ("asvs/4.1.4-method-override", *MISSING)


def _opening(behaviour: Behaviour, *names: str, value: Callable[[str], bool] = bool) -> Behaviour:
    """Serve a request without a credential when one of these fields has such a value."""
    return waiving(
        behaviour,
        "missing-credential",
        lambda facts: any(value(given) for name in names for given in facts.request.values(name)),
    )


@fault(
    "trusts-identity-fields",
    "A field in which a proxy names the user opens the API",
    breaks=IDENTITY,
)
def trusts_identity_fields(behaviour: Behaviour) -> Behaviour:
    """The server stood behind a proxy that signed users in, and believes their names from anybody. No other
    request without a token has one of these fields; what has an Authorization field is judged by it."""
    return _opening(behaviour, "x-forwarded-user", "x-forwarded-email", "x-remote-user")


def _trusting(name: str, id: str, title: str, why: str) -> None:
    """Enter a fault by which one field opens the API, whatever it says."""

    def apply(behaviour: Behaviour) -> Behaviour:
        return _opening(behaviour, name)

    apply.__doc__ = f"{why} One of the variants has the field; no other request does."
    fault(id, title, subtle=True, breaks=IDENTITY)(apply)


_trusting(
    "x-auth-request-user",
    "trusts-x-auth-request-user",
    "X-Auth-Request-User opens the API",
    "A sidecar's field for its answer to the proxy, read from the request.",
)
_trusting(
    "x-user-id",
    "trusts-x-user-id",
    "X-User-Id opens the API",
    "The gateway sets it after it has looked at the token, and does not take it out before.",
)
_trusting(
    "x-consumer-id",
    "trusts-x-consumer-id",
    "X-Consumer-Id opens the API",
    "As an API gateway names who it has recognised.",
)
_trusting(
    "x-internal",
    "trusts-x-internal",
    "X-Internal opens the API",
    "A mark for calls between services, which nobody takes off a client's request.",
)
_trusting(
    "x-client-cert",
    "trusts-x-client-cert",
    "X-Client-Cert opens the API",
    "What the end of TLS has seen of a certificate is believed from a client that showed none.",
)


@fault(
    "trusts-forwarded-for-loopback",
    "A request that says it comes from the machine itself needs no token",
    breaks=IDENTITY,
)
def trusts_forwarded_for_loopback(behaviour: Behaviour) -> Behaviour:
    """Health checks from the same machine are let through, by the address in the fields that a client can
    write itself. Three of the variants name the loopback in one of them."""
    return _opening(
        behaviour,
        "x-forwarded-for",
        "x-real-ip",
        "x-originating-ip",
        value=lambda given: given.startswith("127."),
    )


@fault(
    "trusts-forwarded-element",
    "A loopback address in Forwarded opens the API",
    subtle=True,
    breaks=IDENTITY,
)
def trusts_forwarded_element(behaviour: Behaviour) -> Behaviour:
    """As above, for RFC 7239's field alone. Where that field names a host it has no such address."""
    return _opening(behaviour, "forwarded", value=lambda given: "for=127." in given.lower())


@fault(
    "trusts-private-client-address",
    "A private address in X-Client-IP opens the API",
    subtle=True,
    breaks=IDENTITY,
)
def trusts_private_client_address(behaviour: Behaviour) -> Behaviour:
    """The office network is let in. One of the variants names an address of 10.0.0.0/8."""
    return _opening(behaviour, "x-client-ip", value=lambda given: given.startswith("10."))


def _as_preflight(behaviour: Behaviour, named: Callable[[Request], str | None]) -> Behaviour:
    """Serve a request without a credential when it is called OPTIONS: a preflight has none."""
    return waiving(
        behaviour, "missing-credential", lambda facts: (named(facts.request) or "").upper() == "OPTIONS"
    )


@fault(
    "method-override-opens",
    "A GET that is called OPTIONS in a header field needs no token",
    breaks=OVERRIDE,
)
def method_override_opens(behaviour: Behaviour) -> Behaviour:
    """The guard lets preflights through and believes their name from the usual fields; the router goes by
    the request line and serves the GET. Nothing else that is sent without a token names a method."""
    names = ("x-http-method-override", "x-http-method", "x-method-override")
    return _as_preflight(
        behaviour,
        lambda request: next((value for name in names for value in request.values(name)), None),
    )


@fault(
    "method-parameter-opens",
    "A GET that is called OPTIONS in the query needs no token",
    subtle=True,
    breaks=OVERRIDE,
)
def method_parameter_opens(behaviour: Behaviour) -> Behaviour:
    """As above, by the parameter that web forms have for it."""
    return _as_preflight(behaviour, lambda request: dict(parse_qsl(request.query)).get("_method"))


@fault(
    "x-http-method-opens",
    "A GET that X-HTTP-Method calls OPTIONS needs no token",
    subtle=True,
    breaks=OVERRIDE,
)
def x_http_method_opens(behaviour: Behaviour) -> Behaviour:
    """As above, by one field alone."""
    return _as_preflight(behaviour, lambda request: next(iter(request.values("x-http-method")), None))


def _before_the_guard(behaviour: Behaviour, answer: Callable[[Facts, Instance], Answer | None]) -> Behaviour:
    """Give this answer, where there is one, to what the guard would refuse for want of a credential."""

    def respond(facts: Facts) -> Answer:
        instance = behaviour.find_instance(facts, behaviour.name_instance(facts))
        missing = instance is not None and behaviour.admit(facts, instance) == Refusal("missing-credential")
        early = answer(facts, instance) if instance is not None and missing else None
        return early or behaviour.respond(facts)

    return replace(behaviour, respond=respond)


@fault(
    "not-modified-before-token",
    "A condition is answered with 304 before the token is looked for",
    breaks=("rfc9110/13.2.1-conditional", *MISSING),
)
def not_modified_before_token(behaviour: Behaviour) -> Behaviour:
    """A cache in front of the guard. If-None-Match and If-Modified-Since are answered with 304, which refuses
    nothing and has not the status of a refusal; it tells that the resource is there. If-Match is not known
    to the cache."""

    def answer(facts: Facts, instance: Instance) -> Answer | None:
        asked = facts.request.values("if-none-match") or facts.request.values("if-modified-since")
        return Answer(304, (("ETag", '"0"'),)) if asked else None

    return _before_the_guard(behaviour, answer)


@fault(
    "modified-since-before-token",
    "If-Modified-Since is answered with 304 before the token is looked for",
    subtle=True,
    breaks=("rfc9110/13.2.1-conditional", *MISSING),
)
def modified_since_before_token(behaviour: Behaviour) -> Behaviour:
    """As above, for one of the conditions."""

    def answer(facts: Facts, instance: Instance) -> Answer | None:
        return Answer(304) if facts.request.values("if-modified-since") else None

    return _before_the_guard(behaviour, answer)


@fault(
    "precondition-before-token",
    "If-Match is answered with 412 before the token is looked for",
    subtle=True,
    breaks=("originchain/401-missing", "originchain/labels"),
)
def precondition_before_token(behaviour: Behaviour) -> Behaviour:
    """A 412 refuses, so that nothing is said to be served; but it is not the status that a request without
    a token gets, and its words are of something else. It has no challenge and needs none."""

    def answer(facts: Facts, instance: Instance) -> Answer | None:
        changed = facts.request.values("if-match")
        return error(412, "precondition failed", "The resource is another one.") if changed else None

    return _before_the_guard(behaviour, answer)


@fault(
    "range-before-token",
    "A range of the list is answered before the token is looked for",
    breaks=("rfc9110/14.2-range", *MISSING),
)
def range_before_token(behaviour: Behaviour) -> Behaviour:
    """Ranges are cut by a server of files, which does not know the guard. The first bytes of the list do not
    hold its canary, but a 206 is a success."""

    def answer(facts: Facts, instance: Instance) -> Answer | None:
        if not facts.request.values("range"):
            return None
        whole = behaviour.operate(facts, instance).body
        fields = (("Content-Type", "application/json"), ("Content-Range", f"bytes 0-10/{len(whole)}"))
        return Answer(206, fields, whole[:11])

    return _before_the_guard(behaviour, answer)


@fault(
    "range-unsatisfiable-before-token",
    "A range is answered with 416 before the token is looked for",
    subtle=True,
    breaks=("originchain/401-missing", "originchain/labels"),
)
def range_unsatisfiable_before_token(behaviour: Behaviour) -> Behaviour:
    """The range is judged first. A 416 refuses, with another status and other words than a missing token."""

    def answer(facts: Facts, instance: Instance) -> Answer | None:
        ranged = facts.request.values("range")
        return error(416, "range not satisfiable", "The list is not served in parts.") if ranged else None

    return _before_the_guard(behaviour, answer)


_ORIGIN = ("practice/browser-origin", "originchain/not-client-side")


def _granting(behaviour: Behaviour, when: Callable[[str], bool]) -> Behaviour:
    """Let web pages of some origins read every answer."""

    def finish(facts: Facts, answer: Answer) -> Answer:
        origin = next(iter(facts.request.values("origin")), "")
        granted = (("Access-Control-Allow-Origin", origin),) if origin and when(origin) else ()
        finished = behaviour.finish(facts, answer)
        return replace(finished, headers=finished.headers + granted)

    return replace(behaviour, finish=finish)


@fault(
    "grants-every-origin",
    "Every web page may read what a token opens",
    level="MAY",
    breaks=_ORIGIN,
)
def grants_every_origin(behaviour: Behaviour) -> Behaviour:
    """The origin of the request is sent back as the one that is allowed. Only requests from web pages have
    that field; what they are answered with is recorded, and a grant is what it must not have."""
    return _granting(behaviour, bool)


@fault(
    "grants-null-origin",
    "A web page without an origin may read what a token opens",
    level="MAY",
    subtle=True,
    breaks=_ORIGIN,
)
def grants_null_origin(behaviour: Behaviour) -> Behaviour:
    """As above, for the origin of sandboxed frames and local files alone."""
    return _granting(behaviour, lambda origin: origin == "null")
