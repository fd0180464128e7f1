"""Faults: revoking a token does something else besides, or is told to whoever has no part in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from reference_server.faults.shared.decisions import Facts, M
from reference_server.faults.shared.lives import Named, Plane
from reference_server.faults.shared.sets import FaultSet
from reference_server.faults.shared.ways import answering, believing, crashing, with_status
from reference_server.messages import Answer

REVOKING: FaultSet[Plane] = FaultSet()
fault = REVOKING.fault


def _targeted(api: Plane) -> Named:
    return api.breaks.targeted


def _twice(api: Plane) -> Named:
    return api.breaks.twice


def _like_unknown(api: Plane) -> Named:
    return api.breaks.like_unknown


# --- others go with it -----------------------------------------------------------------------------


def _also_revoking(behaviour: M, others: Callable[[Any, Any], list[Any]]) -> M:
    """With a token revoke `others` too."""

    def revoke(server: Any, token: Any) -> None:
        also = [other for other in others(server, token) if other.id != token.id]
        for each in (token, *also):
            behaviour.revoke(server, each)

    return replace(behaviour, revoke=revoke)


@fault(
    "revocation-takes-longer-names",
    "With a {it.token} go all whose names begin with its name",
    subtle=True,
    breaks=_targeted,
)
def revocation_takes_longer_names(api: Plane, behaviour: M) -> M:
    """Tokens are found by a search that matches the beginning. One scenario makes tokens whose names begin
    alike; all other names are random."""
    return _also_revoking(
        behaviour,
        lambda server, token: [
            other for other in api.siblings(server, token) if other.name.startswith(token.name)
        ],
    )


@fault(
    "revocation-takes-shorter-names",
    "With a {it.token} go all with whose names its name begins",
    subtle=True,
    breaks=_targeted,
)
def revocation_takes_shorter_names(api: Plane, behaviour: M) -> M:
    """As above, the search the wrong way round."""
    return _also_revoking(
        behaviour,
        lambda server, token: [
            other for other in api.siblings(server, token) if token.name.startswith(other.name)
        ],
    )


@fault(
    "revocation-crosses-owners",
    "With a {it.token} goes the oldest one of each other {it.others}",
    breaks=_targeted,
)
def revocation_crosses_owners(api: Plane, behaviour: M) -> M:
    """The cache that is emptied for one owner is shared by all, and what was first in it does not come back.
    Nothing is asked with another owner's token once tokens are revoked, but in the scenario that looks
    whether it still works."""
    return _also_revoking(behaviour, api.strangers)


# --- twice, or of the same name --------------------------------------------------------------------


def _second_time(api: Plane, behaviour: M, answer: Callable[[Any], Answer]) -> M:
    """Answer so to the revocation of a token that is revoked already."""

    def manage(facts: Facts, *manager: Any) -> Answer:
        token = api.revokes(facts)
        if token and token.revoked_at is not None:
            return answer(token)
        return behaviour.manage(facts, *manager)

    return replace(behaviour, manage=manage)


@fault(
    "second-revocation-crashes",
    "Revoking a {it.token} twice fails with 500",
    level="SHOULD",
    breaks=_twice,
)
def second_revocation_crashes(api: Plane, behaviour: M) -> M:
    """Nobody thought of it. The token stays revoked, and no other scenario revokes twice."""
    return _second_time(
        api, behaviour, lambda token: Answer(500, (("Content-Type", "text/plain"),), b"Failed")
    )


@fault(
    "second-revocation-revives",
    "Revoking a {it.token} twice brings it back",
    subtle=True,
    breaks=lambda api: (*_twice(api), *api.breaks.revoked_status),
)
def second_revocation_revives(api: Plane, behaviour: M) -> M:
    """The call turns a switch. After the second one the token is served again, which is a revoked one that
    is not answered with the status for it."""
    revived: set[str] = set()

    def revive(token: Any) -> Answer:
        revived.symmetric_difference_update({token.id})
        return Answer(204)

    return believing(_second_time(api, behaviour, revive), lambda facts, token: token.id in revived)


@fault(
    "namesake-revives",
    "A new {it.token} of the same name brings the revoked one back",
    subtle=True,
    breaks=lambda api: api.breaks.irreversible,
)
def namesake_revives(api: Plane, behaviour: M) -> M:
    """Revocations are kept by name, and the name is taken off the list when it is used again. Only one
    scenario uses a name twice."""
    names: set[str] = set()

    def issue(server: Any, owner: Any, name: str, life: float | None) -> tuple[Any, str]:
        names.add(name)
        return behaviour.issue(server, owner, name, life)

    def revoke(server: Any, token: Any) -> None:
        names.discard(token.name)
        behaviour.revoke(server, token)

    remembering = replace(behaviour, issue=issue, revoke=revoke)
    return believing(remembering, lambda facts, token: token.name in names)


# --- it is told from an unknown one ----------------------------------------------------------------


def _telling(api: Plane, behaviour: M, change: Callable[[Facts, Answer], Answer]) -> M:
    """Change the answer to a revoked token."""

    def revoked(facts: Facts) -> bool:
        token = api.stored(facts, api.presented(facts))
        return token is not None and token.revoked_at is not None

    return answering(behaviour, change, api.unknown, when=revoked)


@fault(
    "revoked-told-in-body",
    "A revoked {it.token} is told from an unknown one by the words of the answer",
    level="SHOULD",
    breaks=_like_unknown,
)
def revoked_told_in_body(api: Plane, behaviour: M) -> M:
    """The sentence is not the one for an unknown token; all else is."""
    return _telling(api, behaviour, lambda facts, answer: api.worded(answer, f"The {api.token} was revoked."))


@fault(
    "revoked-told-in-header",
    "A revoked {it.token} is told from an unknown one by a field of the answer",
    level="SHOULD",
    subtle=True,
    breaks=_like_unknown,
)
def revoked_told_in_header(api: Plane, behaviour: M) -> M:
    """As above, by a field for the operators that was not taken out."""
    return _telling(
        api,
        behaviour,
        lambda facts, answer: replace(answer, headers=(*answer.headers, ("X-Auth-Result", "revoked"))),
    )


@fault(
    "revoked-told-in-challenge",
    "A revoked {it.token} is told from an unknown one by the realm of the challenge",
    level="SHOULD",
    subtle=True,
    breaks=_like_unknown,
)
def revoked_told_in_challenge(api: Plane, behaviour: M) -> M:
    """As above, by a second guard with a realm of its own. The error code is right in both."""

    def change(facts: Facts, answer: Answer) -> Answer:
        headers = ((name, value.replace('realm="', 'realm="revoked-')) for name, value in answer.headers)
        return replace(answer, headers=tuple(headers))

    return _telling(api, behaviour, change)


@fault(
    "revoked-answered-403",
    "A revoked {it.token} is answered with 403",
    breaks=lambda api: (*api.breaks.revoked_status, *_like_unknown(api)),
)
def revoked_answered_403(api: Plane, behaviour: M) -> M:
    """An unknown one has 401. It is refused as surely as ever, and the words are left as they were. At
    another instance 403 is right as well."""
    return _telling(api, behaviour, with_status(403))


@fault(
    "revoked-crashes",
    "A revoked {it.token} makes the server fail with 500",
    breaks=lambda api: (
        *api.breaks.watched,
        *api.breaks.looked_at_once,
        *api.breaks.revoked_elsewhere,
    ),
)
def revoked_crashes(api: Plane, behaviour: M) -> M:
    """The row of the token has no digest any more, and nobody caught the exception. Nothing is served, for as
    long as it is watched, and nothing is refused either: a 500 is no refusal that the document knows."""
    return _telling(api, behaviour, crashing)
