"""What a profile does not have and many APIs do, each with the number of scenarios that it would add."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from harness.cli import gaps
from harness.model import CredentialRef, LifecycleVerb, Place, Profile, Suite, Target
from harness.names import ISSUE, MANAGES, OWN, issuing_verb

_OTHER = "other"
_REVOKE = "revoke"


def of(suites: Sequence[Suite], profile: Profile, target: Target) -> Iterator[str]:
    """A line for each thing that would let more be asked, for who describes an API of his own."""
    now = gaps.asked(suites, profile, target)[0]
    for told, more_profile, more_target in _additions(profile, target):
        more = gaps.asked(suites, more_profile, more_target)[0] - now
        if more > 0:
            yield f"{told} ({gaps.scenarios(more, 'more scenario')})"


def _additions(profile: Profile, target: Target) -> Iterator[tuple[str, Profile, Target]]:
    """What to write into the profile, and both as they would then be."""
    main = next((each for each in profile.credentials.values() if not each.options.get(MANAGES)), None)
    if main is None or main.name not in target.credentials:
        return
    name = f"other-{main.name}"
    if name not in profile.credentials and name not in target.absent:
        told = f"a second account: `credentials: {name}: {{like: {main.name}}}`"
        yield told, *_with_other(profile, target, main.name, OWN)
        if _OTHER not in profile.places and _OTHER not in target.absent:
            told = (
                f"a second instance: `places: {_OTHER}: …` and `{name}: {{like: {main.name}, at: {_OTHER}}}`"
            )
            yield told, *_with_other(profile, target, main.name, _OTHER)
    issue = issuing_verb(main)
    if issue == ISSUE and not {issue, _REVOKE} & {*profile.lifecycle, *target.absent}:
        verbs = {each: _verb(each, main.name, profile) for each in (issue, _REVOKE)}
        told = "credentials that can be issued and revoked: `lifecycle: issue: …` and `revoke: …`"
        yield told, replace(profile, lifecycle={**profile.lifecycle, **verbs}), target


def _with_other(profile: Profile, target: Target, main: str, at: str) -> tuple[Profile, Target]:
    """Both with a credential like the main one, that belongs to the place `at`."""
    name, own = f"other-{main}", target.places[OWN]
    kind = replace(profile.credentials[main], name=name, at=at)
    reference = CredentialRef(name, "env", name, name, None, False, target.where)
    return (
        replace(
            profile, credentials={**profile.credentials, name: kind}, places={**profile.places, at: "another"}
        ),
        replace(
            target,
            credentials={**target.credentials, name: reference},
            places={
                **target.places,
                at: target.places.get(at) or Place(at, own.url, own.variables, own.where),
            },
        ),
    )


def _verb(name: str, credential: str, profile: Profile) -> LifecycleVerb:
    """A lifecycle verb that a request does."""
    return LifecycleVerb(
        name=name,
        kind="request",
        what=f"POST /{name}",
        at=None,
        credential=credential,
        headers=(),
        body=None,
        body_type=None,
        accepted=frozenset({200}),
        gives={"secret": "/secret"} if name == ISSUE else {},
        defaults={},
        touches=frozenset(),
        where=profile.where,
    )
