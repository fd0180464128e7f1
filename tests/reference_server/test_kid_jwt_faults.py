"""The ways to be wrong, and to be right otherwise, of the static-token-and-kid-JWT API."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

import pytest
from kid_api import answers, make_kid_api
from levels import requirement_levels
from test_provider import Wire

from reference_server.apis import PROFILES
from reference_server.apis.kid_jwt import API
from reference_server.messages import Answer
from reference_server.provider import provider

CORRECT, FAULTS, VARIATIONS = API.correct, API.faults, API.variations

RIGHT = answers(make_kid_api())
WRONG = {id: answers(make_kid_api(API.with_faults(CORRECT, [id]))) for id in FAULTS}
VARIED = {id: answers(make_kid_api(API.with_variations(CORRECT, [id]))) for id in VARIATIONS}


# A right server answers the same twice; one with a fault, or a variation, does not answer as it does.
def test_each_shows() -> None:
    assert answers(make_kid_api()) == RIGHT
    assert [id for id, found in (WRONG | VARIED).items() if found == RIGHT] == []


# No server with a fault answers as one with a variation does.
def test_variations_are_no_faults() -> None:
    assert not set(VARIATIONS) & set(FAULTS)
    assert [(fault, other) for fault in WRONG for other in VARIED if WRONG[fault] == VARIED[other]] == []


# What a fault breaks are requirements that there are, its level is the strongest of theirs, and whatever
# may fall besides has a reason.
@pytest.mark.parametrize("fault", FAULTS.values(), ids=lambda fault: fault.id)
def test_each_fault_is_reasoned(fault: Any) -> None:
    levels = requirement_levels("kid-jwt")
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", fault.id)
    assert fault.title[0].isupper() and not fault.title.endswith(".")
    assert fault.apply.__doc__, "the reasoning is missing"
    assert fault.breaks
    assert set(fault.breaks) | set(fault.also) <= set(levels)
    assert not set(fault.breaks) & set(fault.also)
    assert all(fault.also.values())
    assert fault.level == min((levels[name] for name in fault.breaks), key=("MUST", "SHOULD", "MAY").index)


@pytest.mark.parametrize("variation", VARIATIONS.values(), ids=lambda variation: variation.id)
def test_each_variation_is_reasoned(variation: Any) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", variation.id)
    assert variation.title[0].isupper() and not variation.title.endswith(".")
    assert variation.apply.__doc__, "the reason is missing"
    assert set(variation.not_with) <= set(VARIATIONS)


# A variation changes no decision, save where the document leaves the status open, or the form.
@pytest.mark.parametrize("variation", VARIATIONS)
def test_decisions_stay(variation: str) -> None:
    free = {
        "malformed-tokens-are-a-bad-request": {(401, 400)},
        "unknown-kid-forbidden": {(401, 403)},
        "bad-signature-not-found": {(401, 404)},
        "empty-kid-is-unknown": {(500, 401)},
        "algorithm-before-kid": {(500, 401)},
        "kid-in-capitals": {(401, 200)},
        "no-leeway": {(200, 401)},
        "long-leeway": {(401, 200)},
        "bearer-before-static-token": {(401, 200)},
        "bare-token": {(401, 200)},
        "long-tokens-only-so-far": {(200, 431), (401, 431)},
        "paths-before-credentials": {(401, 404)},
    }
    changed = {
        (right.status, varied.status)
        for right, varied in zip(RIGHT, VARIED[variation], strict=True)
        if right.status != varied.status
    }
    assert changed == free.get(variation, set())


# There are enough of them, and many hide: one spelling, one service, one type.
def test_lists() -> None:
    listed = provider.faults("kid-jwt")
    assert len(listed) >= 55
    assert sum(fault["subtle"] for fault in listed) >= 20
    assert len(provider.variations("kid-jwt")) >= 10
    json.dumps(listed)


# A fault is known by its name alone, whatever API it is of.
def test_ids_are_unique_over_profiles() -> None:
    ids = [fault["id"] for profile in PROFILES for fault in provider.faults(profile)]
    assert sorted(set(ids)) == sorted(ids)


# Faults add up, in either order.
def test_faults_together() -> None:
    def with_both(*faults: str) -> list[Answer]:
        return answers(make_kid_api(API.with_faults(CORRECT, faults)))

    both = with_both("key-case-folded", "jwt-hs512-accepted")
    assert both == with_both("jwt-hs512-accepted", "key-case-folded")
    changed = {index for index, answer in enumerate(both) if answer != RIGHT[index]}
    for fault in ("key-case-folded", "jwt-hs512-accepted"):
        own = {index for index, answer in enumerate(WRONG[fault]) if answer != RIGHT[index]}
        assert own and own < changed


# The whole way, as the harness starts it: its target describes it, and with a fault it greets anybody.
@pytest.mark.parametrize(("faults", "status"), [((), 401), (("greets-anybody",), 200)])
def test_over_a_connection(faults: tuple[str, ...], status: int) -> None:
    async def play() -> None:
        running = await provider.start("kid-jwt", faults)
        target = running.target
        assert set(target["credentials"]) == {"key", "jwt", "other-jwt"}
        assert set(target["credentials"]["jwt"]["with"]) == {"kid"}
        assert target["resolve"] == {"api.kid-jwt.test": "127.0.0.1"}
        json.dumps(target)
        async with Wire(running) as wire:
            key = target["credentials"]["key"]["value"]
            found = await wire.send(f"GET / HTTP/1.1\nHost: api.kid-jwt.test\nAuthorization: {key}\n\n")
            assert (found[0], json.loads(found[2])["message"]) == (200, "Oh, Hello")
            assert (await wire.send("GET /reports/ HTTP/1.1\nHost: elsewhere\n\n"))[0] == status
        assert running.events == []
        await running.stop()

    asyncio.run(play())
