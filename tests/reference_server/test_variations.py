"""The ways to be right otherwise: each shows, each is reasoned, and none is a way to be wrong."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

import pytest
from origin import make_origin
from test_faults import answers as answers_with
from test_faults import requests
from test_provider import Wire, get

from reference_server.apis.originchain import API
from reference_server.faults.originchain import FAULTS
from reference_server.messages import Answer
from reference_server.originchain.correct import CORRECT
from reference_server.provider import provider
from reference_server.variations.catalogue import Variations
from reference_server.variations.originchain import VARIATIONS


def answers(*variations: str) -> list[Answer]:
    """What such a server answers to a bit of everything."""
    origin = make_origin(API.with_variations(CORRECT, variations))
    found = [origin.ask(**request) for request in requests(origin)]
    origin.server.store.close()
    return found


RIGHT = answers()
VARIED = {id: answers(id) for id in VARIATIONS}


# A variation that nobody can see would prove nothing.
@pytest.mark.parametrize("variation", VARIATIONS)
def test_each_variation_shows(variation: str) -> None:
    assert VARIED[variation] != RIGHT


# No name is both, and no server with a fault answers as one with a variation does.
def test_variations_are_no_faults() -> None:
    assert not set(VARIATIONS) & set(FAULTS)
    for fault in FAULTS:
        wrong = answers_with(fault)
        assert [id for id, varied in VARIED.items() if varied == wrong] == []


# A variation changes no decision: the statuses that are documented stay, save where several are right.
@pytest.mark.parametrize("variation", VARIATIONS)
def test_decisions_stay(variation: str) -> None:
    free = {
        "quiet-changes": {200, 204},
        "hides-other-tenants": {403, 404},
        "two-fields-are-a-bad-request": {400, 401},
        "asks-before-it-tells": {401, 404},
        "paths-before-tokens": {401, 404},
    }
    changed = {
        status
        for right, varied in zip(RIGHT, VARIED[variation], strict=True)
        if right.status != varied.status
        for status in (right.status, varied.status)
    }
    assert changed == free.get(variation, set())


# Each is named, and says why nothing forbids it.
@pytest.mark.parametrize("variation", VARIATIONS.values(), ids=lambda variation: variation.id)
def test_each_variation_is_reasoned(variation: Any) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", variation.id)
    assert variation.title[0].isupper() and not variation.title.endswith(".")
    assert variation.apply.__doc__, "the reason is missing"
    assert set(variation.not_with) <= set(VARIATIONS)


# What the harness is told of them, and that there are enough.
def test_list() -> None:
    listed = provider.variations("originchain")
    assert len(listed) >= 12
    assert all(set(each) == {"id", "title", "profile", "not_with"} for each in listed)
    json.dumps(listed)


# An unknown one is an error that names the nearest.
def test_unknown_variation() -> None:
    with pytest.raises(ValueError, match=r"unknown variation 'chunkd'\. Did you mean 'chunked'\?"):
        asyncio.run(provider.start("originchain", variations=["chunkd"]))


# One name, one variation.
def test_ids_are_used_once() -> None:
    catalogue: Variations[str] = Variations("x")
    enter = catalogue.variation("twice", "Twice")
    enter(lambda behaviour: behaviour)
    with pytest.raises(ValueError, match="two variations are called 'twice'"):
        enter(lambda behaviour: behaviour)


def first_bytes(variation: str, text: str | None = None) -> bytes:
    """All that such a server writes to one request whose client then closes its side."""

    async def play() -> bytes:
        running = await provider.start("originchain", variations=[variation])
        async with Wire(running) as wire:
            wire.writer.write((text or get(running)).replace("\n", "\r\n").encode())
            wire.writer.write_eof()
            found = await wire.reader.read()
        await running.stop()
        return found

    return asyncio.run(play())


# What is on the wire is what the variation says: chunks, the end of the connection, or an early end.
def test_on_the_wire() -> None:
    chunks = first_bytes("chunked")
    assert b"Transfer-Encoding: chunked" in chunks and b"Content-Length" not in chunks
    assert chunks.endswith(b"0\r\n\r\n")
    until_closed = first_bytes("http-1-0")
    assert b"Content-Length" not in until_closed and b"chunked" not in until_closed
    assert b"Connection: close" in until_closed and until_closed.endswith(b"}")
    assert b"Connection: close" in first_bytes("no-keep-alive")
    assert b"content-type: application/json" in first_bytes("lower-case-fields")
