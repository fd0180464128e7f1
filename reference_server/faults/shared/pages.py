"""Faults: pages may read what they should not, or may not read what they should."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from reference_server import cors
from reference_server.deciding import AnyFacts
from reference_server.faults.shared.paged import B, Paged
from reference_server.faults.shared.sets import Family, FaultSet, because
from reference_server.faults.shared.ways import finishing, reason_of, setting
from reference_server.messages import Answer

PAGES: FaultSet[Paged] = FaultSet()
fault = PAGES.fault


def _granting(api: Paged, behaviour: B, grant: Callable[[AnyFacts, str], str | None]) -> B:
    """Allow what `grant` makes of the origin that asks, on every answer."""

    def change(facts: AnyFacts, answer: Answer) -> Answer:
        origin = cors.named_origin(facts)
        allowed = grant(facts, origin) if origin else None
        return setting(answer, cors.ALLOW_ORIGIN, allowed) if allowed else answer

    return finishing(behaviour, change)


_granted = Family(PAGES, _granting)

# --- who is granted something --------------------------------------------------------------------

_granted(
    "cors-for-everybody",
    "Every page may read every answer",
    lambda facts, origin: origin,
    breaks=lambda api: (*api.off, *api.listed, *api.per_account, *api.browser_origin),
    why="""The origin that asks is sent back as the one that is allowed: where nothing is configured, where
    another is, and to an account where another account has configured it.""",
)
_granted(
    "cors-asterisk",
    "Every answer to a page may be read by all",
    lambda facts, origin: "*",
    breaks=lambda api: (*api.off, *api.listed, *api.per_account, *api.browser_origin),
    why="""As above, by an asterisk. A page of a configured origin can read it, too.""",
)
_granted(
    "cors-null-allowed",
    "Pages without an origin may read every answer",
    lambda facts, origin: origin if origin == "null" else None,
    subtle=True,
    breaks=lambda api: (*api.off, *api.listed, *api.browser_origin),
    why="""Sandboxed frames and local files, which anybody can make.""",
)


@fault(
    "cors-on-refusals",
    "Every page may read that it was refused",
    subtle=True,
    breaks=lambda api: (*api.off, *api.listed),
)
def on_refusals(api: Paged, behaviour: B) -> B:
    """The gateway's own answers have the fields of its template."""

    def may_share(facts: AnyFacts, found: Any, origin: str) -> bool:
        return reason_of(found) is not None or behaviour.may_share(facts, found, origin)

    return replace(behaviour, may_share=may_share)


@fault(
    "cors-preflight-for-everybody",
    "A preflight from anywhere is permitted",
    subtle=True,
    breaks=lambda api: (*api.off, *api.listed),
)
def preflight_for_everybody(api: Paged, behaviour: B) -> B:
    """It has no credential, so that nobody is asked; what follows it is judged."""

    def preflight(facts: AnyFacts) -> Answer | None:
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


def _allowing(api: Paged, behaviour: B, alike: Callable[[str, str], bool]) -> B:
    """Take an origin for a configured one when `alike(configured, given)`, in a preflight too."""

    def as_configured(facts: AnyFacts, origins: frozenset[str]) -> str | None:
        origin = cors.named_origin(facts)
        return origin if origin and any(alike(each, origin) for each in origins) else None

    def may_share(facts: AnyFacts, found: Any, origin: str) -> bool:
        known = api.origins(found) if not reason_of(found) else facts.server.store.origins()
        return behaviour.may_share(facts, found, origin) or any(alike(each, origin) for each in known)

    def preflight(facts: AnyFacts) -> Answer | None:
        asked = facts.request.values("access-control-request-method")
        origin = as_configured(facts, facts.server.store.origins())
        near = facts.request.method == "OPTIONS" and asked and origin
        return behaviour.preflight(facts) or (_permitted(origin) if near and origin else None)

    return replace(behaviour, may_share=may_share, preflight=preflight)


_near = Family(PAGES, _allowing)


def _secure_below(configured: str, given: str, separator: str) -> bool:
    """Whether the host of an origin of https ends in a separator and the configured one's."""
    return given.startswith("https://") and given.endswith(separator + configured.removeprefix("https://"))


_near(
    "cors-by-beginning",
    "An origin that begins like a configured one is allowed",
    lambda configured, given: given.startswith(configured),
    breaks=lambda api: api.listed,
    why="""Whoever has a domain can put the configured name before it.""",
)
_near(
    "cors-by-end",
    "An origin that ends like a configured one is allowed",
    lambda configured, given: _secure_below(configured, given, ""),
    breaks=lambda api: api.listed,
    why="""The host is compared from its end: evilapp.widgets.example, and names below.""",
)
_near(
    "cors-subdomains",
    "Names below a configured one are allowed",
    lambda configured, given: _secure_below(configured, given, "."),
    subtle=True,
    breaks=lambda api: api.listed,
    why="""As above, behind a dot: where anybody can have a page below it, anybody can read.""",
)
_near(
    "cors-by-host",
    "The scheme of an origin means nothing",
    lambda configured, given: given == configured.replace("https://", "http://"),
    subtle=True,
    breaks=lambda api: api.listed,
    why="""Over http whoever is on the way can write the page.""",
)
_near(
    "cors-any-port",
    "The port of an origin means nothing",
    lambda configured, given: re.sub(r":[0-9]+$", "", given) == configured != given,
    subtle=True,
    breaks=lambda api: api.listed,
    why="""Another port is another origin: RFC 6454 section 4.""",
)
_near(
    "cors-trailing-dot",
    "A dot behind an origin means nothing",
    lambda configured, given: given == configured + ".",
    subtle=True,
    breaks=lambda api: api.listed,
    why="""The same host to DNS, and another origin to a browser.""",
)


@fault(
    "cors-of-any-account",
    "An origin of one account is allowed for all",
    breaks=lambda api: (*api.per_account, *api.off),
)
def of_any_account(api: Paged, behaviour: B) -> B:
    """One list for the whole server, as preflights have it: for another account with origins, and for one
    that has configured none."""

    def share(facts: AnyFacts, found: Any, answer: Answer) -> Answer:
        shared = found if reason_of(found) else api.refusal("missing-credential")
        return behaviour.share(facts, shared, answer)

    return replace(behaviour, share=share)


# --- who is not ----------------------------------------------------------------------------------


@fault(
    "cors-missing-on-refusals",
    "No page may read that it was refused",
    level="SHOULD",
    breaks=lambda api: api.readable,
)
def missing_on_refusals(api: Paged, behaviour: B) -> B:
    """The fields are added behind the guard. Whoever is refused sees a failure of the network."""

    def share(facts: AnyFacts, found: Any, answer: Answer) -> Answer:
        return answer if reason_of(found) else behaviour.share(facts, found, answer)

    return replace(behaviour, share=share)


@fault(
    "origin-shows-in-status",
    "A page of an unknown origin is answered with 203",
    level="SHOULD",
    subtle=True,
    breaks=lambda api: api.changed,
    also=lambda api: because("203 is not the documented status", *api.vary, *api.of_203),
)
def shows_in_status(api: Paged, behaviour: B) -> B:
    """A success, from a gateway that has changed something."""

    def respond(facts: AnyFacts) -> Answer:
        answer = behaviour.respond(facts)
        unknown = cors.named_origin(facts) not in (None, *facts.server.store.origins())
        return replace(answer, status=203) if unknown and answer.status == 200 else answer

    return replace(behaviour, respond=respond)
