"""Put a request together: an operation at a place, with a credential, and the one change asked for."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from random import Random
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from harness.credentials import MECHANISMS, CannotSpoil, Presented
from harness.credentials.computed import COMPUTED, compute
from harness.credentials.in_field import slot_of
from harness.credentials.presented import Values
from harness.exchange import Request
from harness.model import LifecycleVerb, Operation, Place, Profile, Spoil, Target, Where
from harness.names import BESIDE, GRANT, OWN
from harness.plan import Presentation
from harness.templates import render, render_all

REQUEST_PARTS = frozenset(
    {
        "add",
        "address",
        "variables",
        "host",
        "path",
        "method",
        "body",
        "param",
        "media-type",
        "origin",
        "beside",
    }
)
"""The spoils that change the request and leave the credential alone."""

ACCESS_CONTROL_METHOD = "Access-Control-Request-Method"
ACCESS_CONTROL_HEADERS = "Access-Control-Request-Headers"

_MEDIA_TYPES = {"json": "application/json", "form": "application/x-www-form-urlencoded"}


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
    secrets: Mapping[str, str] | None = None,
    grant: Mapping[str, Any] | None = None,
) -> Assembled:
    """The request of `sent`, with `secret` presented as the profile says but for `spoil`.

    Without `secret` no credential is sent. `unique` stands for `${unique}`. `secrets` are those of all
    credentials, which a spoil may draw upon, `grant` what came with the grant that is redeemed. CannotSpoil
    where the change cannot be made to this credential.
    """
    operation = profile.operations[sent.operation]
    names = dict(variables(profile, target, _variables_of(sent, spoil), unique))
    names |= {f"{GRANT}{name}": str(value) for name, value in (grant or {}).items()}
    address = target.places[spoil.change if spoil and spoil.part == "address" else sent.place]
    part = spoil.part.partition(".")[0] if spoil else ""
    of_request = spoil if spoil and part in REQUEST_PARTS else None
    if spoil and of_request and part == "param":
        operation = _with_parameters(operation, spoil, names, random)
    draft = _draft(operation, address, names)
    if sent.asks is not None:
        draft = _preflight(draft, sent.asks, profile)
    if sent.origin is not None:
        draft = _from_origin(draft, target.origins[sent.origin], spoil)
    values = _values(target, sent, names, random, secrets or {})
    presented = Presented()
    if secret is not None:
        presented = _presented(profile, sent, secret, None if of_request else spoil, values)
    if sent.asks is None:
        presented = _together(presented, _companion(profile, operation, spoil, secrets or {}, values))
    if spoil and of_request and part not in ("param", "origin", "beside"):
        draft = _changed(draft, spoil, names, random)
    request = _request(draft, presented, connect=_connect(draft, target))
    if sent.address is not None:
        request = replace(request, local_address=target.addresses[sent.address])
    return Assembled(request, presented)


def _with_parameters(
    operation: Operation, spoil: Spoil, names: Mapping[str, str], random: Random
) -> Operation:
    """`operation` with other members in its body, or without one. CannotSpoil where it has no such body."""
    if not isinstance(operation.body, Mapping):
        raise CannotSpoil(f"{operation.name} has no parameters in its body")
    body = spoiled_members(operation.body, spoil, names, random, operation.where)
    return replace(operation, body=body)


def spoiled_members(
    members: Mapping[str, Any], spoil: Spoil, names: Mapping[str, str], random: Random, where: Where
) -> dict[str, Any]:
    """`members`, templates of `names`, with the changes of a spoil `param`. CannotSpoil where it has none."""
    made = dict(members)
    if spoil.removed:
        name = spoil.part.partition(".")[2]
        if name not in made:
            raise CannotSpoil(f"there is no parameter {name} to take away")
        del made[name]
        return made
    for name, change in spoil.change.items():
        computed = isinstance(change, Mapping) and len(change) == 1 and next(iter(change)) in COMPUTED
        right = render(str(made.get(name, "")), names, where)
        made[name] = compute(change, right, (), random) if computed else change
    return made


def _preflight(draft: _Draft, asks: Iterable[str], profile: Profile) -> _Draft:
    """The CORS preflight that asks for the request of `draft` (Fetch, CORS-preflight fetch)."""
    asked = [(ACCESS_CONTROL_METHOD, draft.method)]
    if names := asked_fields(asks, profile):
        asked.append((ACCESS_CONTROL_HEADERS, ",".join(names)))
    return replace(draft, method="OPTIONS", fields=tuple(asked), body=None)


def asked_fields(asks: Iterable[str], profile: Profile) -> tuple[str, ...]:
    """The fields that a preflight asks for, sorted and in lower case as Fetch has them.

    A credential's name stands for the field in which it is sent.
    """
    fields = (slot_of(profile.credentials[each])[0] if each in profile.credentials else each for each in asks)
    return tuple(sorted(dict.fromkeys(each.lower() for each in fields)))


def _from_origin(draft: _Draft, origin: str, spoil: Spoil | None) -> _Draft:
    if spoil and spoil.part == "origin":
        origin = spoiled_origin(origin, spoil)
    return replace(draft, fields=(*draft.fields, ("Origin", origin)))


def spoiled_origin(origin: str, spoil: Spoil) -> str:
    """Another origin, as like `origin` as `spoil` has it; or the text that it gives."""
    change = spoil.change
    if isinstance(change, str):
        return change
    split = urlsplit(origin)
    ((how, what),) = change.items()
    host = split.netloc
    made = {
        "append": f"{host}{what}",
        "prepend": f"{what}{host}",
        "subdomain": f"{what}.{host}",
        "port": f"{split.hostname}:{what}",
    }
    return f"{what if how == 'scheme' else split.scheme}://{made.get(how, host)}"


def _companion(
    profile: Profile, operation: Operation, spoil: Spoil | None, secrets: Mapping[str, str], values: Values
) -> Presented:
    """The credential that goes along: the operation's own, or what `spoil` sends in its place or beside."""
    change: Any = operation.beside
    if spoil and spoil.part == BESIDE:
        change = None if spoil.removed else spoil.change
    if change is None:
        return Presented()
    name, own = (change, None) if isinstance(change, str) else next(iter(change.items()))
    if name not in secrets:
        raise CannotSpoil(f"the target gives no credential '{name}'")
    part, what = next(iter(own.items())) if own else ("", None)
    own_spoil = Spoil(part, what, False, operation.where) if own else None
    sent = Presentation(name, OWN, "")
    return _presented(profile, sent, secrets[name], own_spoil, values.of(name))


def _together(first: Presented, second: Presented) -> Presented:
    return Presented(
        fields=first.fields + second.fields,
        query=first.query + second.query,
        form=first.form + second.form,
        json={**first.json, **second.json},
        secrets=first.secrets + second.secrets,
        invented=first.invented + second.invented,
    )


def _values(
    target: Target,
    sent: Presentation,
    names: Mapping[str, str],
    random: Random,
    secrets: Mapping[str, str],
) -> Values:
    references = target.credentials
    own = references.get(sent.credential or "")
    others = {name: (secret, references[name].settings) for name, secret in secrets.items()}
    return Values(random, names, own.settings if own else {}, others)


def assemble_verb(
    profile: Profile,
    target: Target,
    verb: LifecycleVerb,
    credential: str | None,
    secret: str | None,
    names: Mapping[str, Any],
    random: Random,
    spoil: Spoil | None = None,
) -> Assembled:
    """The request of a lifecycle verb, with `secret` of `credential` presented as the profile says.

    `names` are the values of its templates. A member of the body that is nothing but one name takes that
    value's type, and is left out where the value is None. `spoil` changes the body's members.
    """
    method, path = str(verb.what).split(" ", 1)
    place = target.places[verb.at or OWN]
    texts = {name: str(value) for name, value in names.items()}
    body = typed(verb.body, names)
    if spoil and isinstance(body, Mapping):
        body = spoiled_members(body, spoil, texts, random, verb.where)
    draft = _drafted(method, path, verb.headers, body, verb.body_type, place, texts, verb.where)
    presented = Presented()
    if credential is not None and secret is not None:
        sent = Presentation(credential, place.name, verb.name)
        presented = _presented(profile, sent, secret, None, Values(random, texts))
    return Assembled(_request(draft, presented, connect=None), presented)


def typed(body: Any, names: Mapping[str, Any]) -> Any:
    """`body` without the members whose value is a name of None, and numbers where a name is one."""
    if not isinstance(body, dict):
        return body
    found: dict[str, Any] = {}
    for member, value in body.items():
        alone = re.fullmatch(r"\$\{([^{}]+)\}", value) if isinstance(value, str) else None
        if alone and alone[1] in names and not isinstance(names[alone[1]], str):
            if names[alone[1]] is not None:
                found[member] = names[alone[1]]
        else:
            found[member] = typed(value, names)
    return found


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


def _variables_of(sent: Presentation, spoil: Spoil | None) -> str:
    return str(spoil.change) if spoil and spoil.part == "variables" else sent.place


def _draft(operation: Operation, place: Place, names: Mapping[str, str]) -> _Draft:
    return _drafted(
        operation.method, operation.path, operation.headers, operation.body, operation.body_type,
        place, names, operation.where,
    )  # fmt: skip


@lru_cache(maxsize=256)
def _escaped(value: str) -> str:
    """`value` as a part of a path or query; most are the same in every request."""
    return quote(value, safe="")


def _drafted(
    method: str,
    path: str,
    headers: Iterable[tuple[str, str]],
    body: Any,
    body_type: str | None,
    place: Place,
    names: Mapping[str, str],
    where: Where,
) -> _Draft:
    escaped = {name: _escaped(value) for name, value in names.items()}
    fields = [(name, render(value, names, where)) for name, value in headers]
    content = None
    if body_type == "json":
        fields.append(("Content-Type", _MEDIA_TYPES["json"]))
        content = json.dumps(render_all(body, names, where)).encode()
    elif body_type == "form":
        fields.append(("Content-Type", _MEDIA_TYPES["form"]))
        content = urlencode(render_all(body, names, where), doseq=True).encode()
    split = urlsplit(place.url)
    written = split.path + render(path, escaped, where)
    return _Draft(method, place, split.netloc, written, tuple(fields), (), content)


def _presented(
    profile: Profile, sent: Presentation, secret: str, spoil: Spoil | None, values: Values
) -> Presented:
    assert sent.credential is not None
    kind = profile.credentials[sent.credential]
    mechanism = MECHANISMS[kind.mechanism]
    if spoil and spoil.removed and spoil.part == "credential":
        return Presented()
    part, _, member = spoil.part.partition(".") if spoil else ("", "", "")
    if spoil and (part not in mechanism.parts or (spoil.removed and not member)):
        raise CannotSpoil(f"a credential of kind {mechanism.name} has no {spoil.part}")
    return mechanism.present(kind, secret, spoil, values)


def _changed(draft: _Draft, spoil: Spoil, names: Mapping[str, str], random: Random) -> _Draft:
    change = spoil.change
    if spoil.removed:
        raise CannotSpoil(f"nothing can be taken away from the {spoil.part} of a request")
    if spoil.part == "media-type":
        rest = tuple((name, value) for name, value in draft.fields if name.lower() != "content-type")
        return replace(draft, fields=(*rest, ("Content-Type", change)))
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
    """`draft` with the credential in its body; a body of another type gives way to it."""
    if not (presented.form or presented.json):
        return draft
    wanted = _MEDIA_TYPES["form" if presented.form else "json"]
    rest = tuple((name, value) for name, value in draft.fields if name.lower() != "content-type")
    same = ("Content-Type", wanted) in draft.fields
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
