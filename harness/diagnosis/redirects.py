"""Where a redirect leads, and what that says of the address that was written (RFC 9110 section 15.4)."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

from harness.diagnosis.advice import Advice
from harness.errors import escaped, quoted
from harness.exchange import Answer
from harness.model import Operation, Place

_LONGEST = 120


def leads(answer: Answer, url: str) -> str | None:
    """The absolute address that `answer`, to a request for `url`, leads to; None where it is no redirect."""
    given = answer.header("Location")
    if not 300 <= answer.status < 400 or not given:
        return None
    try:
        found = urljoin(url, given[0])
        return found if urlsplit(found).hostname else None
    except ValueError:
        return None


def moved(answer: Answer, place: Place) -> Advice | None:
    """What is wrong with the address of `place`, whose root was answered so: another host, or https."""
    url = f"{place.url}/"
    to = leads(answer, url)
    return to_another_origin(place, url, to) if to else None


def to_another_origin(place: Place, url: str, to: str) -> Advice | None:
    """What is wrong with the address of `place`, where `to` is another scheme or host than `url`'s."""
    asked, found = urlsplit(url), urlsplit(to)
    if asked.scheme == "http" and found.scheme == "https" and asked.hostname == found.hostname:
        base = found._replace(path=urlsplit(place.url).path, query="", fragment="").geturl()
        return Advice(place.where, f"it redirects to https: {_shown(to)}", f'Write url: "{escaped(base)}".')
    if asked.netloc.lower() != found.netloc.lower():
        step = "Credentials follow no redirect: write that address as its url, if it is the API."
        return Advice(place.where, f"it redirects to another host: {_shown(to)}", step)
    return None


def to_another_path(operation: Operation, path: str, to: str) -> Advice:
    """What is wrong with the path of `operation`, `path` when its names are filled in."""
    found = urlsplit(to).path
    if found.rstrip("/") == path.partition("?")[0].rstrip("/"):
        slash = "/" if found.endswith("/") else ""
        written = f"{operation.path.partition('?')[0].rstrip('/')}{slash}"
        says = f"it redirects to the same path {'with' if slash else 'without'} a slash at its end"
        return Advice(operation.where, says, f"Write request: {operation.method} {written}")
    step = "Choose an operation that answers by itself, or mend its path; a log-in page has no place here."
    return Advice(operation.where, f"it redirects to {_shown(to)}", step)


def _shown(url: str) -> str:
    """An address without its query and fragment, where tokens are."""
    return quoted(re.split("[?#]", url[:_LONGEST])[0])
