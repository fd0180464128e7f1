"""The ways to be right otherwise, of every API: each shows, is reasoned, and is no way to be wrong."""

from __future__ import annotations

import asyncio
import json
import re

import pytest
from asked import ASKED, answers
from test_provider import Wire, get

from reference_server.apis import api
from reference_server.provider import provider
from reference_server.variations.catalogue import Variations

VARIATIONS = [pytest.param(profile, id, id=id) for profile in ASKED for id in api(profile).variations]

FREE: dict[str, set[tuple[int, int]]] = {
    "quiet-changes": {(200, 204), (204, 200)},
    "hides-other-tenants": {(403, 404)},
    "two-fields-are-a-bad-request": {(401, 400)},
    "asks-before-it-tells": {(404, 401)},
    "paths-before-tokens": {(401, 404)},
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
    "malformed-fields-are-a-bad-request": {(401, 400)},
    "plain-redirects": {(403, 308)},
    "redirects-by-302": {(303, 302)},
    "consent-on-a-page-of-its-own": {(200, 303)},
    "unknown-scopes-left-out": {(303, 200)},
    "client-in-the-body-refused-with-400": {(401, 400)},
    "mistakes-use-codes-up": {(200, 400)},
    "first-right-credential-counts": {(401, 200)},
    "several-credentials-refused": {(200, 401)},
    "list-binds-the-key-alone": {(401, 200)},
    "base64-in-any-alphabet": {(401, 200)},
    "user-names-without-case": {(401, 200)},
    "locked-after-five-wrong-passwords": {(200, 401)},
    "unreadable-exchange-otherwise": {(400, 415), (400, 422)},
    "preflight-with-a-body": {(204, 200)},
    "every-preflight-answered": {(401, 204)},
    "redirected-to-https": {(403, 308)},
    "several-refused": {(200, 401)},
    "first-right-one-counts": {(401, 200)},
    "a-minute-of-leeway": {(401, 200)},
    "foreign-credential-forbidden": {(401, 403)},
    "changes-with-a-body": {(204, 200)},
}
"""By variation: the statuses that it changes, and to which, because the document leaves them open."""


# A variation that nobody can see would prove nothing.
@pytest.mark.parametrize(("profile", "variation"), VARIATIONS)
def test_each_variation_shows(profile: str, variation: str) -> None:
    assert answers(profile, variation) != answers(profile)


# No name is both, and no server with a fault answers as one with a variation does.
@pytest.mark.parametrize("profile", ASKED)
def test_variations_are_no_faults(profile: str) -> None:
    known = api(profile)
    assert not set(known.variations) & set(known.faults)
    for fault in known.faults:
        wrong = answers(profile, fault)
        assert [id for id in known.variations if answers(profile, id) == wrong] == []


# A variation changes no decision, save where the document leaves the status open.
@pytest.mark.parametrize(("profile", "variation"), VARIATIONS)
def test_decisions_stay(profile: str, variation: str) -> None:
    changed = {
        (right.status, varied.status)
        # who does not listen without TLS answers nothing there, and that is asked last
        for right, varied in zip(answers(profile), answers(profile, variation), strict=False)
        if right.status != varied.status
    }
    assert changed == FREE.get(variation, set())


# Each is named, and says why nothing forbids it.
@pytest.mark.parametrize(("profile", "id"), VARIATIONS)
def test_each_variation_is_reasoned(profile: str, id: str) -> None:
    variations = api(profile).variations
    variation = variations[id]
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", variation.id)
    assert variation.title[0].isupper() and not variation.title.endswith(".")
    assert variation.apply.__doc__, "the reason is missing"
    assert set(variation.not_with) <= set(variations)


# What the harness is told of them, and that there are enough.
@pytest.mark.parametrize("profile", ASKED)
def test_list(profile: str) -> None:
    listed = provider.variations(profile)
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
