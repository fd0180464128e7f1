"""The ways to be wrong, of every API: each is named, reasoned, and can be seen from outside."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

import pytest
from asked import ASKED, answers, behaviour
from levels import requirement_levels
from origin import make_origin

from reference_server.apis import PROFILES, api
from reference_server.faults.catalogue import Catalogue
from reference_server.faults.shared.sets import Family, FaultSet
from reference_server.provider import provider

FAULTS = [pytest.param(profile, id, id=id) for profile in ASKED for id in api(profile).faults]


# Each API that there is is asked.
def test_every_api() -> None:
    assert set(ASKED) == set(PROFILES)


# A fault that nobody can see is none.
@pytest.mark.parametrize(("profile", "fault"), FAULTS)
def test_each_fault_shows(profile: str, fault: str) -> None:
    assert answers(profile, fault) != answers(profile)


# A right server answers the same twice, or the test above would show nothing.
@pytest.mark.parametrize("profile", ASKED)
def test_the_right_server_is_repeatable(profile: str) -> None:
    assert ASKED[profile](behaviour(profile)) == answers(profile)


# What a fault breaks are requirements that there are, its level is the strongest of theirs, and whatever
# may fall besides has a reason.
@pytest.mark.parametrize(("profile", "id"), FAULTS)
def test_each_fault_is_reasoned(profile: str, id: str) -> None:
    fault = api(profile).faults[id]
    levels = requirement_levels(profile)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", fault.id)
    assert fault.title[0].isupper() and not fault.title.endswith(".")
    assert fault.apply.__doc__, "the reasoning is missing"
    assert fault.breaks
    assert set(fault.breaks) | set(fault.also) <= set(levels)
    assert not set(fault.breaks) & set(fault.also)
    assert all(fault.also.values())
    assert fault.level == min((levels[name] for name in fault.breaks), key=("MUST", "SHOULD", "MAY").index)


# Each catalogue has enough of the faults that hide: one method, one instance, one spelling.
@pytest.mark.parametrize("profile", ASKED)
def test_many_are_subtle(profile: str) -> None:
    listed = provider.faults(profile)
    assert len(listed) >= 55
    assert sum(fault["subtle"] for fault in listed) >= 20
    keys = {"id", "title", "profile", "level", "subtle", "breaks", "also"}
    assert all(set(fault) == keys for fault in listed)
    json.dumps(listed)


# A fault is known by its name alone, whatever API it is of.
def test_ids_are_unique_over_profiles() -> None:
    ids = [fault["id"] for profile in PROFILES for fault in provider.faults(profile)]
    assert sorted(set(ids)) == sorted(ids)


# Faults add up, in either order.
@pytest.mark.parametrize(
    ("profile", "faults"),
    [("originchain", ("open-head", "folds-case")), ("kid-jwt", ("key-case-folded", "jwt-hs512-accepted"))],
)
def test_faults_together(profile: str, faults: tuple[str, str]) -> None:
    def changed(*names: str) -> set[int]:
        pairs = zip(answers(profile), answers(profile, *names), strict=True)
        return {index for index, (right, wrong) in enumerate(pairs) if right != wrong}

    assert answers(profile, *faults) == answers(profile, *reversed(faults))
    for fault in faults:
        assert set() < changed(fault) < changed(*faults)


# Two servers with the same fault do not know of each other.
def test_faults_keep_nothing_between_servers() -> None:
    first, second = (make_origin(behaviour("originchain", "connection-remembers-token")) for _ in range(2))
    assert first.ask(token=first.token).status == 200
    assert (first.ask().status, second.ask().status) == (200, 401)
    for origin in (first, second):
        origin.server.store.close()


# A fault that does not exist is an error that names the nearest one.
def test_unknown_fault() -> None:
    with pytest.raises(ValueError, match=r"unknown fault 'open-hed'\. Did you mean 'open-head'\?"):
        asyncio.run(provider.start("originchain", faults=["open-hed"]))


# One name, one fault.
def test_ids_are_used_once() -> None:
    catalogue: Catalogue[str] = Catalogue("x")
    enter = catalogue.fault("twice", "Twice", breaks=("x/y",))
    enter(lambda behaviour: behaviour)
    with pytest.raises(ValueError, match="two faults are called 'twice'"):
        enter(lambda behaviour: behaviour)


def made_set() -> FaultSet[str]:
    """Two faults of servers that are texts; the adapter is a text that they are made wrong with."""
    faults: FaultSet[str] = FaultSet()

    @faults.fault("longer", "It ends in {it}", breaks=("x/longer",))
    def longer(api: str, server: str) -> str:
        """Nothing is cut off."""
        return server + api

    @faults.fault("other", "It is {it}", breaks=lambda api: ("x/other", f"x/{api}"), level="MAY", subtle=True)
    def other(api: str, server: str) -> str:
        """Nothing is kept."""
        return api

    return faults


# A set that is written once is entered for each API with its adapter, under ids and levels of its own.
def test_shared_faults() -> None:
    faults = made_set()
    first: Catalogue[str] = Catalogue("first")
    second: Catalogue[str] = Catalogue("second")
    faults.enter(first, "one", prefix="first-")
    faults.enter(
        second,
        "two",
        ids={"other": "another"},
        without=["longer"],
        levels={"other": "MUST"},
        also={"other": {"x/more": "it may"}},
    )
    assert [fault["id"] for fault in (each.listed() for each in first.faults.values())] == [
        "first-longer",
        "first-other",
    ]
    assert first.faults["first-longer"].apply("right ") == "right one"
    assert first.faults["first-longer"].apply.__doc__ == "Nothing is cut off."
    assert second.faults["another"].listed() == {
        "id": "another",
        "title": "It is two",
        "profile": "second",
        "level": "MUST",
        "subtle": True,
        "breaks": ["x/other", "x/two"],
        "also": ["x/more"],
    }


# Faults that are made in one way are rows: each has its own argument, and its reasoning beside it.
def test_family() -> None:
    faults: FaultSet[str] = FaultSet()
    ends_in = Family(faults, lambda api, server, end: f"{server}{end} of {api}")
    ends_in("cut", "It ends early in {it}", "cu", breaks=("x/end",), subtle=True, why="The rest is lost.")
    ends_in("longer", "It ends late in {it}", "cutter", breaks=("x/end",), why="There was more.")
    catalogue: Catalogue[str] = Catalogue("first")
    faults.enter(catalogue, "one")
    assert [each.apply("") for each in catalogue.faults.values()] == ["cu of one", "cutter of one"]
    assert [each.subtle for each in catalogue.faults.values()] == [True, False]
    assert catalogue.faults["cut"].apply.__doc__ == "The rest is lost."


# A name that the set does not have, or that is left out, is no silent nothing.
@pytest.mark.parametrize(
    "options",
    [
        {"ids": {"loner": "alone"}},
        {"only": ["loner"]},
        {"without": ["loner"]},
        {"also": {"loner": {}}},
        {"levels": {"loner": "MAY"}},
        {"only": ["other"], "ids": {"longer": "long"}},
    ],
)
def test_unknown_shared_fault(options: dict[str, Any]) -> None:
    name = "longer" if "longer" in str(options) else "loner"
    with pytest.raises(ValueError, match=f"there is no fault '{name}' to enter"):
        made_set().enter(Catalogue("x"), "one", **options)
