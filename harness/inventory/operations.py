"""The operations that a document lists, as operations of a profile: filled in, and each with who may."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, urlsplit

from harness.credentials.slots import Slot
from harness.inventory import filling
from harness.inventory.described import Inventory
from harness.model import CredentialKind, DocumentPart, Expectation, Operation, Profile, Target, Where
from harness.names import MANAGES, OWN
from harness.openapi import Endpoint, Scheme, variable
from harness.openapi.described import Unusable
from harness.openapi.references import resolved
from harness.production import SAFE_METHODS, of_method

_IN_PATH = re.compile(r"\{([^{}/]+)\}")
_FILLED = re.compile(r"\$\{[^{}]*\}|\{[^{}/]*\}")
_SLUG = re.compile(r"[^A-Za-z0-9._~{}-]+")
_LONGEST_LABEL = 80
Parameters = Mapping[tuple[str, str], Mapping[str, Any]]
"""By where they go and their names."""

_SCHEMES = {"bearer": "Bearer", "jwt": "Bearer", "basic": "Basic"}
_DELICATE = ("logout", "log-out", "signout", "sign-out", "delete", "revoke")
"""Words of a path whose GET may change something after all."""
_NEVER_ALONE = frozenset({"grant", "client"})
_NOT_ASKED_FOR = frozenset({"accept", "content-type", "authorization", "host", "content-length", "cookie"})


@dataclass(frozen=True, slots=True)
class Listed:
    """An operation of the document. `label` is its name in a case's id, `path` as the document writes it.

    `methods` are those that the path has, whoever may use them.
    """

    operation: Operation
    part: DocumentPart
    label: str
    path: str
    methods: frozenset[str]


def listed(inventory: Inventory, profile: Profile, target: Target) -> tuple[list[Listed], list[str]]:
    """The operations that need a credential, and what was left aside, each with its reason."""
    listing = _Listing(inventory, profile, target)
    found: list[Listed] = []
    for endpoint in inventory.described.endpoints:
        if endpoint.is_public:
            continue
        try:
            found.append(listing.listed(endpoint))
        except Unusable as error:
            listing.notes.append(str(error))
    return _told_apart(found), listing.notes


class _Listing:
    def __init__(self, inventory: Inventory, profile: Profile, target: Target) -> None:
        self.described = inventory.described
        self.root = inventory.described.root
        self.shown = inventory.shown
        self.profile = profile
        self.own = target.places.get(OWN)
        self.notes = list(inventory.described.notes)
        self.below = urlsplit(self.own.url).path.rstrip("/") if self.own else ""
        """The path of the place's own URL."""
        self.has_certificate = target.tls.client_certificate is not None
        self.methods: dict[str, set[str]] = {}
        for each in self.described.endpoints:
            self.methods.setdefault(_path_of(each.where), set()).add(each.method)
        self.before = self.prefix()

    def prefix(self) -> str:
        """What goes before each path by the document's servers, unless the profile's own paths do without."""
        found = _prefix(self.described.servers, self.own.url if self.own else "")
        own = {_shape(each.path) for each in self.profile.operations.values()}
        does_without = any(_shape(path) in own for path in self.methods)
        return "" if does_without and not any(_shape(found + path) in own for path in self.methods) else found

    def listed(self, endpoint: Endpoint) -> Listed:
        """Unusable where it cannot be asked."""
        path = _path_of(endpoint.where)
        item = resolved(self.root, self.root["paths"][path], endpoint.where)
        value = resolved(self.root, item[endpoint.method.lower()], endpoint.where)
        if item.get("servers") or value.get("servers"):
            raise Unusable(f"{endpoint.where}: it has servers of its own, and is not asked")
        if self.has_certificate and not endpoint.schemes & self.described.schemes.keys():
            raise Unusable(f"{endpoint.where}: the target's client certificate may be what opens it")
        parameters = self.parameters(item, value)
        known = self.known(endpoint.method, self.before + path)
        if known and known.public:
            raise Unusable(f"{endpoint.where}: by the profile '{known.name}' is public, and is not asked")
        name = f"{endpoint.method} {path}"
        operation = known or self.operation(endpoint, name, path, value, parameters)
        part = DocumentPart(
            root=self.root,
            path=self.below + self.before + path,
            method=endpoint.method,
            value=value,
            parameters=tuple(parameters.values()),
            known=dict(self.values(parameters)),
            is_known=known is not None,
            is_safe=endpoint.method in SAFE_METHODS and not any(word in path.lower() for word in _DELICATE),
        )
        takes = frozenset(self.openers(endpoint)) or None
        operation = replace(operation, name=name, takes=takes, beside=None, described=part)
        label = endpoint.id if endpoint.id and not _SLUG.search(endpoint.id) else _SLUG.sub("-", name)
        return Listed(operation, part, label, path, frozenset(self.methods[path]))

    def operation(
        self, endpoint: Endpoint, name: str, path: str, value: Mapping[str, Any], parameters: Parameters
    ) -> Operation:
        """An operation of which no more is known than the document says."""
        where = Where(f"{self.shown}{endpoint.where}", 1)
        body, kind = self.body(value, endpoint.where)
        return Operation(
            name=name,
            method=endpoint.method,
            path=self.before + self.filled(path, parameters),
            headers=tuple(self.headers(parameters)),
            body=body,
            body_type=kind,  # type: ignore[arg-type]  # json or form
            accepted=(Expectation("status", {"is": "2xx"}, None, None, None, where),),
            after=None,
            undo=None,
            effect=None,
            touches=of_method(endpoint.method),
            public=False,
            at=None,
            where=where,
        )

    def known(self, method: str, path: str) -> Operation | None:
        """The profile's own operation that this is; one that needs a credential before one that is public."""
        same = (
            each
            for each in self.profile.operations.values()
            if each.at is None and each.method == method and _shape(each.path) == _shape(path)
        )
        return min(same, key=lambda each: each.public, default=None)

    # --- filling in --------------------------------------------------------------------------------

    def filled(self, path: str, parameters: Parameters) -> str:
        """The path and the required query: with the place's variables, examples, or made up."""

        def part(slot: str, name: str) -> str:
            if self.own and variable(name) in self.own.variables:
                return f"${{{variable(name)}}}"
            return quote(self.text(slot, name, parameters), safe="")

        asked = _IN_PATH.sub(lambda found: part("path", found[1]), path)
        query = [
            name for (slot, name), each in parameters.items() if slot == "query" and each.get("required")
        ]
        pairs = "&".join(f"{quote(name, safe='[]')}={part('query', name)}" for name in query)
        return f"{asked}?{pairs}" if pairs else asked

    def headers(self, parameters: Parameters) -> Iterator[tuple[str, str]]:
        """The required header fields, but those that are there anyway or hold a credential."""
        others = _NOT_ASKED_FOR | self.credential_fields()
        for (slot, name), each in parameters.items():
            if slot == "header" and each.get("required") and name.lower() not in others:
                yield name, _literal(self.text(slot, name, parameters))

    def text(self, slot: str, name: str, parameters: Parameters) -> str:
        return filling.text_for(self.root, parameters.get((slot, name), {}))[0]

    def values(self, parameters: Parameters) -> Iterator[tuple[tuple[str, str], str]]:
        """The values that are not made up."""
        for (slot, name), each in parameters.items():
            found, is_made_up = filling.text_for(self.root, each)
            if self.own and variable(name) in self.own.variables:
                yield (slot, name), self.own.variables[variable(name)]
            elif slot == "path" and not is_made_up:
                yield (slot, name), found

    def parameters(self, item: Mapping[str, Any], value: Mapping[str, Any]) -> Parameters:
        """By where they go and their name; those of the operation before those of its path."""
        found: dict[tuple[str, str], Mapping[str, Any]] = {}
        for source in (item, value):
            written = source.get("parameters")
            for each in written if isinstance(written, list) else ():
                parameter = resolved(self.root, each, "#")
                found[str(parameter.get("in")), str(parameter.get("name", ""))] = parameter
        return found

    def body(self, value: Mapping[str, Any], where: str) -> tuple[Any, str | None]:
        if not value.get("requestBody"):
            return None, None
        described = resolved(self.root, value["requestBody"], where)
        made, kind = filling.body(self.root, described.get("content"))
        return _literal(made), kind

    # --- who may -----------------------------------------------------------------------------------

    def openers(self, endpoint: Endpoint) -> Iterator[str]:
        """The profile's credentials that open it by the document."""
        for name in endpoint.schemes & self.described.schemes.keys():
            yield from _fitting(self.profile, self.described.schemes[name])

    def credential_fields(self) -> frozenset[str]:
        slots = (Slot.of(kind) for kind in self.profile.credentials.values())
        return frozenset(slot.name.lower() for slot in slots if slot.sort == "field")


def _fitting(profile: Profile, scheme: Scheme) -> Iterator[str]:
    """The credentials of `profile` that a scheme of the document describes."""
    fitting = [
        kind
        for kind in profile.credentials.values()
        if not kind.options.get(MANAGES) and kind.mechanism not in _NEVER_ALONE and _goes_to(kind, scheme)
    ]
    alike = [kind for kind in fitting if kind.mechanism == scheme.kind]
    yield from (kind.name for kind in alike or fitting)


def _goes_to(kind: CredentialKind, scheme: Scheme) -> bool:
    """Whether a credential stands where the scheme has it."""
    slot = Slot.of(kind)
    sort = {"": "field", "header": "field"}.get(scheme.slot, scheme.slot)
    wanted = (sort, scheme.field or "Authorization", scheme.scheme or _SCHEMES.get(scheme.kind, ""))
    return tuple(map(str.lower, (slot.sort, slot.name, slot.scheme))) == tuple(map(str.lower, wanted))


def _path_of(pointer: str) -> str:
    """The path that a pointer such as `#/paths/~1notes/get` names."""
    return pointer.split("/")[-2].replace("~1", "/").replace("~0", "~")


def _prefix(servers: Sequence[str], url: str) -> str:
    """What the document's servers have before each path that the place's own URL does not have already."""
    place = urlsplit(url)
    same_host = [each for each in servers if urlsplit(each).hostname in (place.hostname, None)]
    base = urlsplit((same_host or list(servers) or [""])[0]).path.rstrip("/")
    has = place.path.rstrip("/")
    if has.endswith(base):
        return ""
    return str(_literal(base[len(has) :] if has and base.startswith(f"{has}/") else base))


def _shape(path: str) -> str:
    """A path without its query and the names in it."""
    return _FILLED.sub("{}", path.partition("?")[0])


def _literal(value: Any) -> Any:
    """`value`, which is no template, such that rendering gives it back."""
    if isinstance(value, str):
        return value.replace("${", "$${")
    if isinstance(value, Mapping):
        return {str(key): _literal(each) for key, each in value.items()}
    return [_literal(each) for each in value] if isinstance(value, list) else value


def _told_apart(found: Sequence[Listed]) -> list[Listed]:
    """The same with labels of which no two are alike."""
    taken: set[str] = set()
    made: list[Listed] = []
    for each in found:
        label, number = each.label[:_LONGEST_LABEL], 2
        while label in taken:
            label, number = f"{each.label[:_LONGEST_LABEL]}-{number}", number + 1
        taken.add(label)
        made.append(replace(each, label=label))
    return made
