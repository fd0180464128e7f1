"""A request in the making: from the templates of an operation or verb to what goes on the wire."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from harness.credentials import Presented
from harness.exchange import Request
from harness.model import Operation, Place, Profile, Target, Where
from harness.templates import render, render_all

CONTENT_TYPE = "Content-Type"
Fields = tuple[tuple[str, str], ...]
_MEDIA_TYPES = {"json": "application/json", "form": "application/x-www-form-urlencoded"}


@dataclass(frozen=True, slots=True)
class Draft:
    """A request that can still be changed. `path` is that of the URL, with its query if it has one."""

    method: str
    place: Place
    host: str
    path: str
    fields: Fields
    query: tuple[tuple[str, str], ...]
    body: bytes | None
    target: str | None = None
    """What stands in the request line, where that is not the path and the query."""
    hostless: bool = False
    """Whether no Host goes with it but what `fields` have."""


def variables(profile: Profile, target: Target, place: str, unique: str) -> Mapping[str, str]:
    """The names that a template of an operation may use: of the place, of every place, and of the limits."""
    names = {f"limits.{name}": str(value) for name, value in profile.limits.items()}
    names |= {f"addresses.{name}": value for name, value in target.addresses.items()}
    names |= {f"origins.{name}": value for name, value in target.origins.items()}
    for each in target.places.values():
        names |= {f"place.{each.name}.{key}": value for key, value in _own(each).items()}
    return {**names, **_own(target.places[place]), "unique": unique}


def _own(place: Place) -> Mapping[str, str]:
    split = urlsplit(place.url)
    return {**place.variables, "url": place.url, "host": split.netloc}


def of_operation(operation: Operation, place: Place, names: Mapping[str, str]) -> Draft:
    """The request of an operation at a place."""
    return drafted(
        operation.method, operation.path, operation.headers, operation.body, operation.body_type,
        place, names, operation.where,
    )  # fmt: skip


def drafted(
    method: str,
    path: str,
    headers: Iterable[tuple[str, str]],
    body: Any,
    body_type: str | None,
    place: Place,
    names: Mapping[str, str],
    where: Where,
) -> Draft:
    """The request that these templates make at a place. InputError, at `where`, for an unknown name."""
    escaped = {name: _escaped(value) for name, value in names.items()}
    fields = [(name, render(value, names, where)) for name, value in headers]
    content = None
    if body_type == "json":
        fields.append((CONTENT_TYPE, _MEDIA_TYPES["json"]))
        content = json.dumps(render_all(body, names, where)).encode()
    elif body_type == "form":
        fields.append((CONTENT_TYPE, _MEDIA_TYPES["form"]))
        content = urlencode(render_all(body, names, where), doseq=True).encode()
    elif body_type == "text":
        content = render(str(body), names, where).encode()
    split = urlsplit(place.url)
    written = split.path + render(path, escaped, where)
    return Draft(method, place, split.netloc, written, tuple(fields), (), content)


@lru_cache(maxsize=256)
def _escaped(value: str) -> str:
    """`value` as a part of a path or query; most are the same in every request."""
    return quote(value, safe="")


def name_alone(template: Any) -> str:
    """The name of which `template` is nothing but the value; none where it is anything else."""
    alone = re.fullmatch(r"\$\{([^{}]+)\}", template) if isinstance(template, str) else None
    return alone[1] if alone else ""


def typed(body: Any, names: Mapping[str, Any]) -> Any:
    """`body` without the members whose value is a name of None, and numbers where a name is one."""
    if not isinstance(body, dict):
        return body
    found: dict[str, Any] = {}
    for member, value in body.items():
        name = name_alone(value)
        if name in names and not isinstance(names[name], str):
            if names[name] is not None:
                found[member] = names[name]
        else:
            found[member] = typed(value, names)
    return found


def with_credential(draft: Draft, presented: Presented) -> Draft:
    """`draft` with what a credential puts into it; a body of another type gives way to one that it needs."""
    fields = _one_cookie_field((*draft.fields, *presented.fields))
    draft = replace(draft, fields=fields, query=(*draft.query, *presented.query))
    if not (presented.form or presented.json):
        return draft
    wanted = _MEDIA_TYPES["form" if presented.form else "json"]
    same = (CONTENT_TYPE, wanted) in draft.fields
    own = draft.body or b""
    if presented.form:
        body = urlencode(presented.form).encode()
        body = own + b"&" + body if same and own else body
    else:
        members = json.loads(own) if same and own else {}
        body = json.dumps({**(members if isinstance(members, dict) else {}), **presented.json}).encode()
    return replace(with_media_type(draft, wanted), body=body)


def _one_cookie_field(fields: Fields) -> Fields:
    """`fields` with all cookies in the first field that has any: a user agent sends one (RFC 6265 5.4)."""
    cookies = [value for name, value in fields if name.lower() == "cookie"]
    if len(cookies) < 2:
        return fields
    first = next(index for index, (name, _) in enumerate(fields) if name.lower() == "cookie")
    rest = [each for each in fields if each[0].lower() != "cookie"]
    return (*rest[:first], ("Cookie", "; ".join(cookies)), *rest[first:])


def with_media_type(draft: Draft, media_type: str) -> Draft:
    """`draft` with this Content-Type and no other."""
    rest = tuple((name, value) for name, value in draft.fields if name.lower() != CONTENT_TYPE.lower())
    return replace(draft, fields=(*rest, (CONTENT_TYPE, media_type)))


def finished(draft: Draft, target: Target) -> Request:
    """The request as it is sent."""
    scheme = urlsplit(draft.place.url).scheme
    query = urlencode(draft.query)
    separator = "&" if "?" in draft.path else "?"
    return Request(
        method=draft.method,
        url=f"{scheme}://{draft.host}{draft.path}{separator + query if query else ''}",
        headers=draft.fields,
        body=draft.body,
        connect=_connect(draft, target),
        target=draft.target,
        hostless=draft.hostless,
    )


def got(draft: Draft) -> Draft:
    """`draft` with its form in the URL where its method has become GET, as HTML has it (4.10.21.3)."""
    form = (CONTENT_TYPE, _MEDIA_TYPES["form"])
    if draft.method not in ("GET", "HEAD") or form not in draft.fields or not draft.body:
        return draft
    fields = tuple(each for each in draft.fields if each != form)
    pairs = parse_qsl(draft.body.decode(), keep_blank_values=True)
    return replace(draft, fields=fields, query=(*draft.query, *pairs), body=None)


def _connect(draft: Draft, target: Target) -> str | None:
    """Where an invented host name is looked for: at the address of the place that it was made from."""
    split = urlsplit(draft.place.url)
    if draft.host == split.netloc:
        return None
    port = split.port or (443 if split.scheme == "https" else 80)
    address = target.resolve.get(split.hostname or "", split.hostname or "")
    return address if ":" in address.rpartition("]")[2] else f"{address}:{port}"
