"""Faults: pages may read what they should not, or may not read what they should."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from reference_server.faults.origoid.entry import (
    ALLOWED,
    CORS_OFF,
    ORIGIN_LISTED,
    PER_ACCOUNT,
    READABLE,
    SINGLE,
    VARY,
    because,
    fault,
)
from reference_server.faults.origoid.wrong import finishing, setting
from reference_server.messages import Answer
from reference_server.origoid import cors
from reference_server.origoid.behaviour import Behaviour, Caller, Facts, Found, Refusal
from reference_server.origoid.exchange import PATH

_BROWSER_ORIGIN = ("practice/browser-origin",)


def _granting(behaviour: Behaviour, grant: Callable[[Facts, str], str | None]) -> Behaviour:
    """Allow what `grant` makes of the origin that asks, on every answer."""

    def change(facts: Facts, answer: Answer) -> Answer:
        origin = cors.named_origin(facts)
        allowed = grant(facts, origin) if origin else None
        return setting(answer, cors.ALLOW_ORIGIN, allowed) if allowed else answer

    return finishing(behaviour, change)


# --- who is granted something --------------------------------------------------------------------


@fault(
    "cors-for-everybody",
    "Every page may read every answer",
    breaks=(*CORS_OFF, *ORIGIN_LISTED, *PER_ACCOUNT, *_BROWSER_ORIGIN),
)
def for_everybody(behaviour: Behaviour) -> Behaviour:
    """The origin that asks is sent back as the one that is allowed: where nothing is configured, where
    another is, and to an account where another account has configured it."""
    return _granting(behaviour, lambda facts, origin: origin)


@fault(
    "cors-asterisk",
    "Every answer to a page may be read by all",
    breaks=(*CORS_OFF, *ORIGIN_LISTED, *PER_ACCOUNT, *_BROWSER_ORIGIN),
)
def asterisk(behaviour: Behaviour) -> Behaviour:
    """As above, by an asterisk. A page of a configured origin can read it, too."""
    return _granting(behaviour, lambda facts, origin: "*")


@fault(
    "cors-null-allowed",
    "Pages without an origin may read every answer",
    subtle=True,
    breaks=(*CORS_OFF, *ORIGIN_LISTED, *_BROWSER_ORIGIN),
)
def null_allowed(behaviour: Behaviour) -> Behaviour:
    """Sandboxed frames and local files, which anybody can make."""
    return _granting(behaviour, lambda facts, origin: origin if origin == "null" else None)


@fault(
    "cors-on-refusals",
    "Every page may read that it was refused",
    subtle=True,
    breaks=(*CORS_OFF, *ORIGIN_LISTED),
)
def on_refusals(behaviour: Behaviour) -> Behaviour:
    """The gateway's own answers have the fields of its template."""

    def may_share(facts: Facts, found: Found, origin: str) -> bool:
        return isinstance(found, Refusal) or behaviour.may_share(facts, found, origin)

    return replace(behaviour, may_share=may_share)


@fault(
    "cors-preflight-for-everybody",
    "A preflight from anywhere is permitted",
    subtle=True,
    breaks=(*CORS_OFF, *ORIGIN_LISTED),
)
def preflight_for_everybody(behaviour: Behaviour) -> Behaviour:
    """It has no credential, so that nobody is asked; what follows it is judged."""

    def preflight(facts: Facts) -> Answer | None:
        origin = cors.named_origin(facts)
        asked = facts.request.method == "OPTIONS"
        return _permitted(origin) if asked and origin else behaviour.preflight(facts)

    return replace(behaviour, preflight=preflight)


def _permitted(origin: str) -> Answer:
    fields = (
        (cors.ALLOW_ORIGIN, origin),
        ("Access-Control-Allow-Methods", "GET, HEAD, POST"),
        ("Access-Control-Allow-Headers", "authorization, x-api-key, content-type"),
        cors.VARY,
    )
    return Answer(204, fields)


def _near(behaviour: Behaviour, alike: Callable[[str, str], bool]) -> Behaviour:
    """Take an origin for a configured one when `alike(configured, given)`, in a preflight too."""

    def as_configured(facts: Facts, origins: frozenset[str]) -> str | None:
        origin = cors.named_origin(facts)
        return origin if origin and any(alike(each, origin) for each in origins) else None

    def may_share(facts: Facts, found: Found, origin: str) -> bool:
        known = found.account.origins if isinstance(found, Caller) else facts.server.store.origins()
        return behaviour.may_share(facts, found, origin) or any(alike(each, origin) for each in known)

    def preflight(facts: Facts) -> Answer | None:
        asked = facts.request.values("access-control-request-method")
        origin = as_configured(facts, facts.server.store.origins())
        near = facts.request.method == "OPTIONS" and asked and origin
        return behaviour.preflight(facts) or (_permitted(origin) if near and origin else None)

    return replace(behaviour, may_share=may_share, preflight=preflight)


@fault("cors-by-beginning", "An origin that begins like a configured one is allowed", breaks=ORIGIN_LISTED)
def by_beginning(behaviour: Behaviour) -> Behaviour:
    """Whoever has a domain can put the configured name before it."""
    return _near(behaviour, lambda configured, given: given.startswith(configured))


@fault("cors-by-end", "An origin that ends like a configured one is allowed", breaks=ORIGIN_LISTED)
def by_end(behaviour: Behaviour) -> Behaviour:
    """The host is compared from its end: evilapp.widgets.example, and names below."""

    def alike(configured: str, given: str) -> bool:
        return given.startswith("https://") and given.endswith(configured.removeprefix("https://"))

    return _near(behaviour, alike)


@fault("cors-subdomains", "Names below a configured one are allowed", subtle=True, breaks=ORIGIN_LISTED)
def subdomains(behaviour: Behaviour) -> Behaviour:
    """As above, behind a dot: where anybody can have a page below it, anybody can read."""

    def alike(configured: str, given: str) -> bool:
        return given.startswith("https://") and given.endswith("." + configured.removeprefix("https://"))

    return _near(behaviour, alike)


@fault(
    "cors-by-host",
    "The scheme of an origin means nothing",
    subtle=True,
    breaks=ORIGIN_LISTED,
)
def by_host(behaviour: Behaviour) -> Behaviour:
    """Over http whoever is on the way can write the page."""
    return _near(behaviour, lambda configured, given: given == configured.replace("https://", "http://"))


@fault("cors-any-port", "The port of an origin means nothing", subtle=True, breaks=ORIGIN_LISTED)
def any_port(behaviour: Behaviour) -> Behaviour:
    """Another port is another origin: RFC 6454 section 4."""
    return _near(behaviour, lambda configured, given: re.sub(r":[0-9]+$", "", given) == configured != given)


@fault("cors-trailing-dot", "A dot behind an origin means nothing", subtle=True, breaks=ORIGIN_LISTED)
def trailing_dot(behaviour: Behaviour) -> Behaviour:
    """The same host to DNS, and another origin to a browser."""
    return _near(behaviour, lambda configured, given: given == configured + ".")


@fault(
    "cors-of-any-account",
    "An origin of one account is allowed for all",
    breaks=(*PER_ACCOUNT, *CORS_OFF),
)
def of_any_account(behaviour: Behaviour) -> Behaviour:
    """One list for the whole server, as preflights have it: for another account with origins, and for one
    that has configured none."""

    def share(facts: Facts, found: Found, answer: Answer) -> Answer:
        shared = Refusal("missing-credential") if isinstance(found, Caller) else found
        return behaviour.share(facts, shared, answer)

    return replace(behaviour, share=share)


@fault(
    "cors-of-any-account-with-tokens",
    "With a token an origin of one account is allowed for another",
    subtle=True,
    breaks=PER_ACCOUNT,
)
def of_any_account_with_tokens(behaviour: Behaviour) -> Behaviour:
    """As above, by one method, among those that have configured some."""

    def may_share(facts: Facts, found: Found, origin: str) -> bool:
        bearer = isinstance(found, Caller) and found.method == "bearer"
        shared = Refusal("missing-credential") if bearer else found
        return behaviour.may_share(facts, shared, origin)

    return replace(behaviour, may_share=may_share)


# --- who is not ----------------------------------------------------------------------------------


@fault("cors-missing-on-refusals", "No page may read that it was refused", level="SHOULD", breaks=READABLE)
def missing_on_refusals(behaviour: Behaviour) -> Behaviour:
    """The fields are added behind the guard. Whoever is refused sees a failure of the network."""

    def share(facts: Facts, found: Found, answer: Answer) -> Answer:
        return answer if isinstance(found, Refusal) else behaviour.share(facts, found, answer)

    return replace(behaviour, share=share)


def _not_sharing(behaviour: Behaviour, when: Callable[[Facts, Found], bool]) -> Behaviour:
    return replace(
        behaviour,
        may_share=lambda facts, found, origin: (
            not when(facts, found) and behaviour.may_share(facts, found, origin)
        ),
    )


@fault("cors-not-for-tokens", "With a token no page may read an answer", breaks=ALLOWED)
def not_for_tokens(behaviour: Behaviour) -> Behaviour:
    """The configuration is that of keys. Preflights permit Authorization, in vain."""
    return _not_sharing(
        behaviour, lambda facts, found: isinstance(found, Caller) and found.method == "bearer"
    )


@fault("cors-not-at-exchange", "No page may read a token that it asked for", subtle=True, breaks=ALLOWED)
def not_at_exchange(behaviour: Behaviour) -> Behaviour:
    """One operation of two."""
    return _not_sharing(behaviour, lambda facts, found: facts.request.path == PATH)


@fault(
    "cors-needs-origin",
    "A token of an account with origins is refused without one",
    breaks=("practice/origin-not-needed", "origoid/server-calls", "origoid/three-methods"),
    also=because(
        "nothing that is asked with such a token has a control",
        *ALLOWED,
        *SINGLE,
        "fetch/3.3.4-credentials-literal",
        "fetch/3.3.5-credentials-for-all",
        *ORIGIN_LISTED,
        *PER_ACCOUNT,
    ),
)
def needs_origin(behaviour: Behaviour) -> Behaviour:
    """Taken for a stolen one. Calls from servers have no origin."""

    def by_bearer(facts: Facts, token: str) -> Found:
        found = behaviour.by_bearer(facts, token)
        stolen = isinstance(found, Caller) and found.account.origins and not cors.named_origin(facts)
        return Refusal("wrong-claim") if stolen else found

    return replace(behaviour, by_bearer=by_bearer)


@fault(
    "origin-shows-in-body",
    "An answer to a page has a member more",
    level="SHOULD",
    breaks=("practice/origin-changes-nothing",),
)
def shows_in_body(behaviour: Behaviour) -> Behaviour:
    """Left behind from a search for a mistake."""

    def succeed(facts: Facts, data: Mapping[str, Any]) -> Answer:
        answer = behaviour.succeed(facts, data)
        origin = cors.named_origin(facts)
        if origin is None:
            return answer
        return replace(answer, body=json.dumps({**json.loads(answer.body), "origin": origin}).encode())

    return replace(behaviour, succeed=succeed)


@fault(
    "origin-shows-in-status",
    "A page of an unknown origin is answered with 203",
    level="SHOULD",
    subtle=True,
    breaks=("practice/origin-changes-nothing",),
    also=because("203 is not the documented status", *VARY, "origoid/three-methods"),
)
def shows_in_status(behaviour: Behaviour) -> Behaviour:
    """A success, from a gateway that has changed something."""

    def respond(facts: Facts) -> Answer:
        answer = behaviour.respond(facts)
        unknown = cors.named_origin(facts) not in (None, *facts.server.store.origins())
        return replace(answer, status=203) if unknown and answer.status == 200 else answer

    return replace(behaviour, respond=respond)
