"""Faults: what the management of tokens shows, and to whom it listens."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from reference_server.faults.shared.decisions import Facts, M
from reference_server.faults.shared.lives import Named, Plane
from reference_server.faults.shared.sets import FaultSet
from reference_server.faults.shared.ways import When, knowing, reason_of

MANAGING: FaultSet[Plane] = FaultSet()
fault = MANAGING.fault


def _masked(api: Plane) -> Named:
    return api.breaks.masked


def _named(api: Plane) -> Named:
    return api.breaks.named


def _recorded(api: Plane) -> Named:
    return api.breaks.recorded


# --- what the listing shows ------------------------------------------------------------------------


def _showing(behaviour: M, shown: Callable[[str], Mapping[str, Any]]) -> M:
    """Show more of each token that was issued in a listing: what `shown` makes of its secret."""
    secrets: dict[str, str] = {}

    def describe(server: Any, token: Any) -> Mapping[str, Any]:
        secret = secrets.get(token.id)
        return {**behaviour.describe(server, token), **(shown(secret) if secret else {})}

    return replace(knowing(behaviour, secrets), describe=describe)


@fault(
    "listing-shows-secrets",
    "The listing of {it.token}s shows them",
    breaks=lambda api: (*api.breaks.shown, *api.breaks.masked),
)
def listing_shows_secrets(api: Plane, behaviour: M) -> M:
    """The same members as in the answer to the creation. A whole token is more than a piece of one. The
    record of activity is another answer."""
    return _showing(behaviour, lambda secret: {api.token: secret})


@fault(
    "listing-shows-ends",
    "The listing of {it.token}s shows their last twelve characters",
    level="SHOULD",
    breaks=_masked,
)
def listing_shows_ends(api: Plane, behaviour: M) -> M:
    """Not the token, but more than four characters beside its prefix."""
    return _showing(behaviour, lambda secret: {"ends_in": secret[-12:]})


@fault(
    "listing-shows-one-more",
    "The listing of {it.token}s shows five characters behind the prefix",
    level="SHOULD",
    subtle=True,
    breaks=_masked,
)
def listing_shows_one_more(api: Plane, behaviour: M) -> M:
    """As above, off by one."""
    return _showing(behaviour, lambda secret: {"prefix": secret[: 5 - api.random]})


# --- what they are called --------------------------------------------------------------------------


def _naming(behaviour: M, change: Callable[[str], str]) -> M:
    """Show each token under a changed name, in a listing and from the start."""

    def describe(server: Any, token: Any) -> Mapping[str, Any]:
        return {**behaviour.describe(server, token), "name": change(token.name)}

    return replace(behaviour, describe=describe)


@fault("name-lost", "Each {it.token} is listed without its name", breaks=_named)
def name_lost(api: Plane, behaviour: M) -> M:
    """Each is called the same. The record of activity has the right names."""
    return _naming(behaviour, lambda name: f"API {api.token}")


@fault(
    "name-truncated",
    "Names of {it.token}s are cut after 24 characters",
    subtle=True,
    breaks=_named,
)
def name_truncated(api: Plane, behaviour: M) -> M:
    """The name that is given there is longer; a hundred characters are allowed."""
    return _naming(behaviour, lambda name: name[:24])


@fault("name-escaped", "Names of {it.token}s are escaped for HTML", subtle=True, breaks=_named)
def name_escaped(api: Plane, behaviour: M) -> M:
    """JSON is no HTML: quotes and angle brackets are to be listed as they were given."""
    return _naming(behaviour, html.escape)


@fault(
    "name-without-accents",
    "Letters of names that are not ASCII are replaced",
    subtle=True,
    breaks=_named,
)
def name_without_accents(api: Plane, behaviour: M) -> M:
    """The column is of another character set, and has a question mark for what it does not know."""
    return _naming(behaviour, lambda name: name.encode("ascii", "replace").decode())


# --- what is recorded of their use -----------------------------------------------------------------

Line = dict[str, Any]


def _recording(behaviour: M, change: Callable[[Line], Line | None]) -> M:
    """Change each line of the record of activity, or leave it out."""

    def activity(server: Any, owner: Any) -> list[Mapping[str, Any]]:
        lines = (change(dict(line)) for line in behaviour.activity(server, owner))
        return [line for line in lines if line is not None]

    return replace(behaviour, activity=activity)


@fault("activity-empty", "The record of activity is empty", level="MAY", breaks=_recorded)
def activity_empty(api: Plane, behaviour: M) -> M:
    """What was done with a token does not show."""
    return _recording(behaviour, lambda line: None)


@fault(
    "activity-without-reading",
    "The record of activity has changes only",
    level="MAY",
    subtle=True,
    breaks=_recorded,
)
def activity_without_reading(api: Plane, behaviour: M) -> M:
    """The token that is looked for there has read and changed nothing."""
    return _recording(behaviour, lambda line: None if line["method"] in ("GET", "HEAD") else line)


@fault(
    "activity-shows-secrets",
    "The record of activity shows the field with the {it.token}",
    level="MAY",
    breaks=_recorded,
)
def activity_shows_secrets(api: Plane, behaviour: M) -> M:
    """It says what was done, and with it the secret. The listing is another answer."""
    secrets: dict[str, str] = {}

    def change(line: Line) -> Line:
        return {**line, "authorization": secrets.get(line[api.recorded_as]["id"])}

    return _recording(knowing(behaviour, secrets), change)


# --- who may manage them ---------------------------------------------------------------------------

Whose = Callable[[Any, str | None], bool]
"""Of the facts and the reason for which somebody may not manage: whether this one may after all."""


def _asks_to_revoke(api: Plane) -> When:
    return lambda facts: api.revokes(facts) is not None


def _governing(api: Plane, behaviour: M, asks: When, whose: Whose) -> M:
    """Let the manager's part be played by whom `whose` excuses, where it is `asks`."""

    def govern(facts: Facts) -> Any:
        found = behaviour.govern(facts)
        reason = reason_of(found)
        return api.manager if reason and asks(facts) and whose(facts, reason) else found

    return replace(behaviour, govern=govern)


def _nobody(facts: Facts, reason: str | None) -> bool:
    return reason == "missing-credential"


def _any_token(api: Plane) -> Whose:
    """Whether it is a live token for the data."""

    def whose(facts: Facts, reason: str | None) -> bool:
        find = getattr(facts.behaviour, api.found_by)
        return reason == api.unknown and find(facts, api.presented(facts)) is not None

    return whose


@fault(
    "nobody-may-issue",
    "A {it.token} can be made without a credential",
    breaks=lambda api: api.breaks.managed,
)
def nobody_may_issue(api: Plane, behaviour: M) -> M:
    """One forgotten guard: it is neither refused nor answered with a status for that."""
    return _governing(api, behaviour, api.issues, _nobody)


@fault(
    "nobody-may-revoke",
    "A {it.token} can be revoked without a credential",
    breaks=lambda api: (*api.breaks.managed, *api.breaks.accepted),
)
def nobody_may_revoke(api: Plane, behaviour: M) -> M:
    """As above, on another operation; the token, which is then asked with, is dead."""
    return _governing(api, behaviour, _asks_to_revoke(api), _nobody)


@fault(
    "token-may-issue",
    "A {it.token} for the data can make {it.token}s",
    level="SHOULD",
    breaks=lambda api: api.breaks.separate,
)
def token_may_issue(api: Plane, behaviour: M) -> M:
    """Any credential of the owner will do. Without one it is refused."""
    return _governing(api, behaviour, api.issues, _any_token(api))


@fault(
    "token-may-revoke",
    "A {it.token} for the data can revoke {it.token}s",
    breaks=lambda api: (*api.breaks.separate, *api.breaks.accepted),
)
def token_may_revoke(api: Plane, behaviour: M) -> M:
    """As above, for revocation; the token, which is then asked with, is dead."""
    return _governing(api, behaviour, _asks_to_revoke(api), _any_token(api))


def _revoking_first(api: Plane, behaviour: M, whose: Whose) -> M:
    """Revoke, and then refuse."""

    def govern(facts: Facts) -> Any:
        found = behaviour.govern(facts)
        reason = reason_of(found)
        token = api.revokes(facts) if reason and whose(facts, reason) else None
        if token:
            behaviour.revoke(facts.server, token)
        return found

    return replace(behaviour, govern=govern)


@fault(
    "revokes-before-refusing",
    "A revocation without a credential is refused and takes place",
    subtle=True,
    breaks=lambda api: (api.breaks.managed[0], *api.breaks.accepted),
)
def revokes_before_refusing(api: Plane, behaviour: M) -> M:
    """The work is done first. The answer is right, and the token is dead."""
    return _revoking_first(api, behaviour, _nobody)


@fault(
    "revokes-before-refusing-tokens",
    "A revocation with a {it.token} for the data is refused and takes place",
    subtle=True,
    breaks=lambda api: (*api.breaks.separate[:-1], *api.breaks.accepted),
)
def revokes_before_refusing_tokens(api: Plane, behaviour: M) -> M:
    """As above, with a token."""
    return _revoking_first(api, behaviour, _any_token(api))
