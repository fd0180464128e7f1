"""Put a request together: an operation at a place, with a credential, and the one change asked for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from harness.credentials import MECHANISMS, CannotSpoil, Presented
from harness.credentials.computed import compute
from harness.credentials.presented import Values
from harness.exchange import Request
from harness.model import Operation, Place, Profile, Spoil, Target
from harness.plan import Presentation
from harness.templates import render, render_all

REQUEST_PARTS = frozenset({"add", "address", "variables", "host", "path", "method", "body"})
"""The spoils that change the request and leave the credential alone."""


@dataclass(frozen=True, slots=True)
class Assembled:
    """A request, and what must be kept secret or may be shown of what was made for it."""

    request: Request
    presented: Presented


@dataclass(frozen=True, slots=True)
class _Draft:
    """A request in the making."""

    method: str
    place: Place
    host: str
    path: str
    fields: tuple[tuple[str, str], ...]
    query: tuple[tuple[str, str], ...]
    body: bytes | None


def assemble(
    profile: Profile,
    target: Target,
    sent: Presentation,
    secret: str | None,
    spoil: Spoil | None,
    unique: str,
    random: Random,
) -> Assembled:
    """The request of `sent`, with `secret` presented as the profile says but for `spoil`.

    Without `secret` no credential is sent. `unique` stands for `${unique}`. CannotSpoil where the change
    cannot be made to this credential.
    """
    operation = profile.operations[sent.operation]
    names = variables(profile, target, _variables_of(sent, spoil), unique)
    address = target.places[spoil.change if spoil and spoil.part == "address" else sent.place]
    draft = _draft(operation, address, names)
    presented = Presented()
    of_request = spoil if spoil and spoil.part in REQUEST_PARTS else None
    if secret is not None:
        values = Values(random, names)
        of_credential = None if of_request else spoil
        presented = _presented(profile, sent, secret, of_credential, values)
    if of_request and of_request.removed:
        raise CannotSpoil(f"nothing can be taken away from the {of_request.part} of a request")
    if of_request:
        draft = _changed(draft, of_request, names, random)
    return Assembled(_request(draft, presented, connect=_connect(draft, target)), presented)


def variables(profile: Profile, target: Target, place: str, unique: str) -> Mapping[str, str]:
    """The names that a template of an operation may use: of the place, of every place, and of the limits."""
    names = {f"limits.{name}": str(value) for name, value in profile.limits.items()}
    for each in target.places.values():
        names |= {f"place.{each.name}.{key}": value for key, value in _own(each).items()}
    return {**names, **_own(target.places[place]), "unique": unique}


def _own(place: Place) -> Mapping[str, str]:
    split = urlsplit(place.url)
    return {**place.variables, "url": place.url, "host": split.netloc}


def _variables_of(sent: Presentation, spoil: Spoil | None) -> str:
    return str(spoil.change) if spoil and spoil.part == "variables" else sent.place


def _draft(operation: Operation, place: Place, names: Mapping[str, str]) -> _Draft:
    where = operation.where
    escaped = {name: quote(value, safe="") for name, value in names.items()}
    fields = [(name, render(value, names, where)) for name, value in operation.headers]
    body = None
    if operation.body_type == "json":
        fields.append(("Content-Type", "application/json"))
        body = json.dumps(render_all(operation.body, names, where)).encode()
    elif operation.body_type == "form":
        fields.append(("Content-Type", "application/x-www-form-urlencoded"))
        body = urlencode(render_all(operation.body, names, where)).encode()
    split = urlsplit(place.url)
    path = split.path + render(operation.path, escaped, where)
    return _Draft(operation.method, place, split.netloc, path, tuple(fields), (), body)


def _presented(
    profile: Profile, sent: Presentation, secret: str, spoil: Spoil | None, values: Values
) -> Presented:
    assert sent.credential is not None
    kind = profile.credentials[sent.credential]
    mechanism = MECHANISMS[kind.mechanism]
    if spoil and spoil.removed and spoil.part == "credential":
        return Presented()
    if spoil and (spoil.removed or spoil.part not in mechanism.parts):
        raise CannotSpoil(f"a credential of kind {mechanism.name} has no {spoil.part}")
    return mechanism.present(kind, secret, spoil, values)


def _changed(draft: _Draft, spoil: Spoil, names: Mapping[str, str], random: Random) -> _Draft:
    change = spoil.change
    if spoil.part == "method":
        return replace(draft, method=change)
    if spoil.part == "body":
        return replace(draft, body=change.encode())
    if spoil.part == "path":
        return replace(draft, path=render(change, {**names, "path": draft.path}, spoil.where))
    if spoil.part == "host":
        label, _, domain = draft.host.partition(".")
        if not domain or draft.host.startswith("[") or domain.replace(".", "").replace(":", "").isdigit():
            raise CannotSpoil(f"the host name {draft.host} does not begin with the name of an instance")
        return replace(draft, host=f"{compute(change, label, (), random)}.{domain}")
    if spoil.part == "add":
        return replace(
            draft,
            fields=(*draft.fields, *_pairs(change.get("header", {}), names, spoil)),
            query=(*draft.query, *_pairs(change.get("query", {}), names, spoil)),
        )
    return draft  # address and variables were decided before the draft


def _pairs(written: Mapping[str, Any], names: Mapping[str, str], spoil: Spoil) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name, render(value, names, spoil.where))
        for name, given in written.items()
        for value in ([given] if isinstance(given, str) else given)
    )


def _request(draft: _Draft, presented: Presented, connect: str | None) -> Request:
    scheme = urlsplit(draft.place.url).scheme
    query = urlencode((*draft.query, *presented.query))
    separator = "&" if "?" in draft.path else "?"
    draft = _with_body(draft, presented)
    return Request(
        method=draft.method,
        url=f"{scheme}://{draft.host}{draft.path}{separator + query if query else ''}",
        headers=(*draft.fields, *presented.fields),
        body=draft.body,
        connect=connect,
    )


def _with_body(draft: _Draft, presented: Presented) -> _Draft:
    """`draft` with the members of its body that are a credential; a body of another type gives way to them."""
    if not (presented.form or presented.json):
        return draft
    wanted = "application/x-www-form-urlencoded" if presented.form else "application/json"
    rest = tuple((name, value) for name, value in draft.fields if name.lower() != "content-type")
    same = len(rest) < len(draft.fields) and ("Content-Type", wanted) in draft.fields
    own = draft.body or b""
    if presented.form:
        body = urlencode(presented.form).encode()
        body = own + b"&" + body if same and own else body
    else:
        members = json.loads(own) if same and own else {}
        body = json.dumps({**(members if isinstance(members, dict) else {}), **presented.json}).encode()
    return replace(draft, body=body, fields=(*rest, ("Content-Type", wanted)))


def _connect(draft: _Draft, target: Target) -> str | None:
    """Where an invented host name is looked for: at the address of the place that it was made from."""
    split = urlsplit(draft.place.url)
    if draft.host == split.netloc:
        return None
    port = split.port or (443 if split.scheme == "https" else 80)
    address = target.resolve.get(split.hostname or "", split.hostname or "")
    return address if ":" in address.rpartition("]")[2] else f"{address}:{port}"
