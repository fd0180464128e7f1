"""Faults: a field that other parties add to a request stands in for a credential, or is obeyed before it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from reference_server.faults.shared.decisions import A, Facts
from reference_server.faults.shared.sets import FaultSet
from reference_server.faults.shared.ways import Somebody, answering, in_field, in_query, waiving
from reference_server.messages import Answer, Request, json_answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Bystanding:
    """What differs between APIs that are asked without a credential, and with some other field."""

    token: str = "token"
    """In titles: the credential that is missing."""
    somebody: Somebody
    """Who is served where nobody should be."""
    missing: tuple[str, ...]
    """What the API's document says of a request without a credential; falls when one is served."""
    misanswered: tuple[str, ...]
    """What falls when one is refused, with another status and in other words."""
    granted: tuple[str, ...] = ()
    """What the document says of web pages; falls when one may read the answers."""


BYSTANDERS: FaultSet[Bystanding] = FaultSet()
fault = BYSTANDERS.fault


BYSTANDING = (
    "asvs/4.1.3-identity-header",
    "asvs/4.1.4-method-override",
    "rfc9110/13.2.1-conditional",
    "rfc9110/14.2-range",
)
"""What is asked without a credential: with a field that names a user, a method, a condition or a range."""


def _identity(api: Bystanding) -> tuple[str, ...]:
    return ("asvs/4.1.3-identity-header", *api.missing)


def _override(api: Bystanding) -> tuple[str, ...]:
    return ("asvs/4.1.4-method-override", *api.missing)


def _conditional(api: Bystanding) -> tuple[str, ...]:
    return ("rfc9110/13.2.1-conditional", *api.missing)


# --- a field that names a user, or an address ------------------------------------------------------


def _opening(api: Bystanding, behaviour: A, *names: str, value: Callable[[str], bool] = bool) -> A:
    """Serve a request without a credential when one of these fields has such a value."""
    return waiving(
        behaviour,
        "missing-credential",
        api.somebody,
        lambda facts: any(value(given) for name in names for given in facts.request.values(name)),
    )


@fault(
    "trusts-identity-fields",
    "A field in which a proxy names the user opens the API",
    breaks=lambda api: (*_identity(api), "asvs/4.1.3-hop-by-hop"),
)
def trusts_identity_fields(api: Bystanding, behaviour: A) -> A:
    """The server stood behind a proxy that signed users in, and believes their names from anybody, whether
    Connection names the field as well or not. No other request without a credential has one of these
    fields; what has a credential is judged by it."""
    return _opening(api, behaviour, "x-forwarded-user", "x-forwarded-email", "x-remote-user")


def _trusting(name: str, why: str) -> None:
    """Write a fault by which one field opens the API, whatever it says."""

    def apply(api: Bystanding, behaviour: A) -> A:
        return _opening(api, behaviour, name.lower())

    apply.__doc__ = f"{why} One of the variants has the field; no other request does."
    fault(f"trusts-{name.lower()}", f"{name} opens the API", subtle=True, breaks=_identity)(apply)


_trusting("X-Auth-Request-User", "A sidecar's field for its answer to the proxy, read from the request.")
_trusting("X-User-Id", "The gateway sets it after a look at the token, and does not take it out before.")
_trusting("X-Consumer-Id", "As an API gateway names who it has recognised.")
_trusting("X-Internal", "A mark for calls between services, which nobody takes off a client's request.")
_trusting(
    "X-Client-Cert",
    "What TLS has seen of a certificate is believed from a client that showed none.",
)


@fault(
    "trusts-forwarded-for-loopback",
    "A request that says it comes from the machine itself needs no {it.token}",
    breaks=_identity,
)
def trusts_forwarded_for_loopback(api: Bystanding, behaviour: A) -> A:
    """Health checks from the same machine are let through, by the address in the fields that a client can
    write itself. Three of the variants name the loopback in one of them."""
    return _opening(
        api,
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
    breaks=_identity,
)
def trusts_forwarded_element(api: Bystanding, behaviour: A) -> A:
    """As above, for RFC 7239's field alone. Where that field names a host it has no such address."""
    return _opening(api, behaviour, "forwarded", value=lambda given: "for=127." in given.lower())


@fault(
    "trusts-private-client-address",
    "A private address in X-Client-IP opens the API",
    subtle=True,
    breaks=_identity,
)
def trusts_private_client_address(api: Bystanding, behaviour: A) -> A:
    """The office network is let in. One of the variants names an address of 10.0.0.0/8."""
    return _opening(api, behaviour, "x-client-ip", value=lambda given: given.startswith("10."))


# --- another method --------------------------------------------------------------------------------


def _as_preflight(api: Bystanding, behaviour: A, named: Callable[[Request], str | None]) -> A:
    """Serve a request without a credential when it is called OPTIONS: a preflight has none."""
    return waiving(
        behaviour,
        "missing-credential",
        api.somebody,
        lambda facts: (named(facts.request) or "").upper() == "OPTIONS",
    )


@fault(
    "method-override-opens",
    "A GET that is called OPTIONS in a header field needs no {it.token}",
    breaks=_override,
)
def method_override_opens(api: Bystanding, behaviour: A) -> A:
    """The guard lets preflights through and believes their name from the usual fields; the router goes by
    the request line and serves the GET. Nothing else that is sent without a credential names a method."""
    names = ("x-http-method-override", "x-http-method", "x-method-override")
    return _as_preflight(api, behaviour, lambda request: in_field(request, *names))


@fault(
    "method-parameter-opens",
    "A GET that is called OPTIONS in the query needs no {it.token}",
    subtle=True,
    breaks=_override,
)
def method_parameter_opens(api: Bystanding, behaviour: A) -> A:
    """As above, by the parameter that web forms have for it."""
    return _as_preflight(api, behaviour, lambda request: in_query(request, "_method"))


@fault(
    "x-http-method-opens",
    "A GET that X-HTTP-Method calls OPTIONS needs no {it.token}",
    subtle=True,
    breaks=_override,
)
def x_http_method_opens(api: Bystanding, behaviour: A) -> A:
    """As above, by one field alone."""
    return _as_preflight(api, behaviour, lambda request: in_field(request, "x-http-method"))


# --- a condition or a range ------------------------------------------------------------------------


def _before_the_guard(behaviour: A, early: Callable[[Request], Answer | None]) -> A:
    """Give this answer, where there is one, to what the guard would refuse for want of a credential."""

    def change(facts: Facts, answer: Answer) -> Answer:
        return early(facts.request) or answer

    return answering(behaviour, change, "missing-credential")


@fault(
    "not-modified-before-token",
    "A condition is answered with 304 before the {it.token} is looked for",
    breaks=_conditional,
)
def not_modified_before_token(api: Bystanding, behaviour: A) -> A:
    """A cache in front of the guard. If-None-Match and If-Modified-Since are answered with 304, which refuses
    nothing and has not the status of a refusal; it tells that the resource is there. If-Match is not known
    to the cache."""

    def early(request: Request) -> Answer | None:
        asked = in_field(request, "if-none-match", "if-modified-since")
        return Answer(304, (("ETag", '"0"'),)) if asked else None

    return _before_the_guard(behaviour, early)


@fault(
    "modified-since-before-token",
    "If-Modified-Since is answered with 304 before the {it.token} is looked for",
    subtle=True,
    breaks=_conditional,
)
def modified_since_before_token(api: Bystanding, behaviour: A) -> A:
    """As above, for one of the conditions."""
    return _before_the_guard(
        behaviour, lambda request: Answer(304) if in_field(request, "if-modified-since") else None
    )


@fault(
    "precondition-before-token",
    "If-Match is answered with 412 before the {it.token} is looked for",
    subtle=True,
    breaks=lambda api: api.misanswered,
)
def precondition_before_token(api: Bystanding, behaviour: A) -> A:
    """A 412 refuses, so that nothing is said to be served; but it is not the status that a request without
    a credential gets, and its words are of something else. It has no challenge and needs none."""

    def early(request: Request) -> Answer | None:
        return json_answer(412, {"error": "precondition failed"}) if in_field(request, "if-match") else None

    return _before_the_guard(behaviour, early)


@fault(
    "range-before-token",
    "A range of an answer is sent before the {it.token} is looked for",
    breaks=lambda api: ("rfc9110/14.2-range", *api.missing),
)
def range_before_token(api: Bystanding, behaviour: A) -> A:
    """Ranges are cut by a server of files, which does not know the guard. The first bytes of the answer do
    not hold its canary, but a 206 is a success."""

    opened: list[Facts] = []

    def ranged(facts: Facts) -> bool:
        asked = in_field(facts.request, "range") is not None
        opened.extend([facts] if asked else [])
        return asked

    def respond(facts: Facts) -> Answer:
        opened.clear()
        answer = behaviour.respond(facts)
        if answer.status != 200 or not opened:
            return answer
        part = ("Content-Range", f"bytes 0-10/{len(answer.body)}")
        return replace(answer, status=206, headers=(*answer.headers, part), body=answer.body[:11])

    return replace(waiving(behaviour, "missing-credential", api.somebody, ranged), respond=respond)


@fault(
    "range-unsatisfiable-before-token",
    "A range is answered with 416 before the {it.token} is looked for",
    subtle=True,
    breaks=lambda api: api.misanswered,
)
def range_unsatisfiable_before_token(api: Bystanding, behaviour: A) -> A:
    """The range is judged first. A 416 refuses, with another status and other words than a missing token."""

    def early(request: Request) -> Answer | None:
        return json_answer(416, {"error": "range not satisfiable"}) if in_field(request, "range") else None

    return _before_the_guard(behaviour, early)


# --- a web page ------------------------------------------------------------------------------------


def _granted(api: Bystanding) -> tuple[str, ...]:
    return ("practice/browser-origin", *api.granted)


def _granting(behaviour: A, when: Callable[[str], bool]) -> A:
    """Let web pages of some origins read every answer."""

    def finish(facts: Facts, answer: Answer) -> Answer:
        origin = in_field(facts.request, "origin") or ""
        granted = (("Access-Control-Allow-Origin", origin),) if origin and when(origin) else ()
        finished = behaviour.finish(facts, answer)
        return replace(finished, headers=finished.headers + granted)

    return replace(behaviour, finish=finish)


@fault(
    "grants-every-origin",
    "Every web page may read what a {it.token} opens",
    level="MAY",
    breaks=_granted,
)
def grants_every_origin(api: Bystanding, behaviour: A) -> A:
    """The origin of the request is sent back as the one that is allowed. Only requests from web pages have
    that field; what they are answered with is recorded, and a grant is what it must not have."""
    return _granting(behaviour, bool)


@fault(
    "grants-null-origin",
    "A web page without an origin may read what a {it.token} opens",
    level="MAY",
    subtle=True,
    breaks=_granted,
)
def grants_null_origin(api: Bystanding, behaviour: A) -> A:
    """As above, for the origin of sandboxed frames and local files alone."""
    return _granting(behaviour, lambda origin: origin == "null")
