"""Get a document: from a file, or from a URL."""

from __future__ import annotations

import asyncio
from pathlib import Path
from urllib.parse import urlsplit

from harness import inventory, openapi, positions
from harness.errors import mistake, quoted
from harness.exchange import Answer, Network, NoAnswer, Redactor, Request

_PATIENCE = 30.0
_SAVE_IT = "Save it to a file, and give that."


def listed_by(source: str) -> inventory.Inventory:
    """What the OpenAPI document in the file or URL `source` lists. InputError where it cannot be used."""
    shown = source if is_url(source) else positions.display(Path(source))
    return inventory.inventory(content(source), shown, source if is_url(source) else None)


def is_url(text: str) -> bool:
    return text.lower().startswith(("http://", "https://"))


def content(source: str) -> bytes:
    """What the file or URL `source` holds. InputError where it cannot be had, or is larger than is read."""
    if is_url(source):
        return _answer(source).body
    path = Path(source)
    return positions.content(path, positions.display(path), openapi.LARGEST + 1)


def _answer(url: str) -> Answer:
    """A good answer. InputError for any other: what is to be described could not be read."""
    try:
        split = urlsplit(url)
        usable = bool(split.hostname) and (split.port is None or split.port > 0)
    except ValueError:
        usable = False
    if not usable or split.username is not None:
        hint = "Write https://HOST/PATH; where it needs a log-in, save it to a file and give that."
        raise mistake(f"{quoted(url)} is not an http or https URL of a document", None, hint)
    try:
        answer = asyncio.run(_got(url))
    except NoAnswer as error:
        raise mistake(f"{quoted(url)} cannot be read: {error.message}", None, _SAVE_IT) from None
    if 300 <= answer.status < 400 and answer.header("Location"):
        hint = f"Give {quoted(answer.header('Location')[0])} if you trust it."
        raise mistake(f"{quoted(url)} is answered with {answer.status}, elsewhere", None, hint)
    if answer.status != 200:
        raise mistake(f"{quoted(url)} is answered with {answer.status}", None, f"Check it. {_SAVE_IT}")
    if answer.truncated:
        raise mistake(f"{quoted(url)} is larger than {openapi.LARGEST >> 20} MiB", None, _SAVE_IT)
    return answer


async def _got(url: str) -> Answer:
    network = Network(redactor=Redactor(), timeout=_PATIENCE, body_limit=openapi.LARGEST)
    try:
        return await network.lane().send(Request("GET", url), purpose="setup")
    finally:
        await network.aclose()
