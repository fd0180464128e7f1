"""The one change of a request that leaves the credential as it is: its path, its method, its parameters."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from random import Random
from typing import Any
from urllib.parse import urlsplit

from harness.credentials import CannotSpoil
from harness.credentials.computed import COMPUTED, compute
from harness.drafts import Draft, with_media_type
from harness.exchange import Request
from harness.model import Operation, Spoil, Where
from harness.names import BESIDE, PARAM
from harness.templates import render

COOKIES = "cookies"
"""The spoil that sends the cookies which answers have set."""

OF_THE_WHOLE_BODY = frozenset({"body", "media-type"})
"""The changes that strike what a credential puts into the body too."""

REQUEST_PARTS = frozenset(
    {
        "add",
        "address",
        "target",
        "variables",
        "host",
        "path",
        "method",
        "body",
        PARAM,
        "media-type",
        COOKIES,
        "origin",
        BESIDE,
    }
)
"""The spoils that change the request and leave the credential alone."""


def with_parameters(
    operation: Operation, spoil: Spoil, names: Mapping[str, str], random: Random
) -> Operation:
    """`operation` with other members in its body, or without one. CannotSpoil where it has no such body."""
    body = spoiled_body(operation.name, operation.body, spoil, names, random, operation.where)
    return replace(operation, body=body)


def spoiled_body(
    of: str, body: Any, spoil: Spoil, names: Mapping[str, str], random: Random, where: Where
) -> dict[str, Any]:
    """The `body` of an operation or verb `of` that name, changed. CannotSpoil where it has no members."""
    if not isinstance(body, Mapping):
        raise CannotSpoil(f"{of} has no parameters in its body")
    return spoiled_members(body, spoil, names, random, where)


def spoiled_members(
    members: Mapping[str, Any], spoil: Spoil, names: Mapping[str, str], random: Random, where: Where
) -> dict[str, Any]:
    """`members`, templates of `names`, with the changes of a spoil `param`.

    CannotSpoil where there is none to take away, or all would stay as it is.
    """
    made = dict(members)
    if spoil.removed:
        name = spoil.part.partition(".")[2]
        if name not in made:
            raise CannotSpoil(f"there is no parameter {name} to take away")
        del made[name]
        return made
    same = True
    for name, change in spoil.change.items():
        computed = isinstance(change, Mapping) and len(change) == 1 and next(iter(change)) in COMPUTED
        right = render(str(made.get(name, "")), names, where)
        spoiled = compute(change, right, (), random) if computed else change
        same = same and name in made and spoiled in (made[name], right)
        made[name] = spoiled
    if same:
        raise CannotSpoil(f"the parameters are as they would be: {', '.join(spoil.change)}")
    return made


def changed(draft: Draft, spoil: Spoil, names: Mapping[str, str], random: Random) -> Draft:
    """`draft` with the change that `spoil` makes. CannotSpoil where there is nothing to change."""
    change = spoil.change
    if spoil.removed and spoil.part == "host":
        return replace(draft, hostless=True)
    if spoil.removed:
        raise CannotSpoil(f"nothing can be taken away from the {spoil.part} of a request")
    if spoil.part == "media-type":
        if draft.body is None:
            raise CannotSpoil("a request without a body has no media type")
        return with_media_type(draft, change)
    if spoil.part == "method":
        return replace(draft, method=change)
    if spoil.part == "body":
        body = (
            change if isinstance(change, str) else compute(change, (draft.body or b"").decode(), (), random)
        )
        return replace(draft, body=body.encode())
    if spoil.part == "path":
        return replace(draft, path=render(change, {**names, **_spellings(draft.path)}, spoil.where))
    if spoil.part == "target":
        written = {"is": change} if isinstance(change, str) else change
        known = {**names, "path": draft.path, "scheme": urlsplit(draft.place.url).scheme}
        fields = tuple(("Host", render(each, names, spoil.where)) for each in _listed(written.get("host")))
        target = render(written["is"], known, spoil.where)
        return replace(draft, target=target, fields=(*draft.fields, *fields))
    if spoil.part == "host":
        label, _, domain = draft.host.partition(".")
        if not domain or draft.host.startswith("[") or domain.replace(".", "").replace(":", "").isdigit():
            raise CannotSpoil(f"the host name {draft.host} does not begin with the name of an instance")
        return replace(draft, host=f"{compute(change, label, (), random)}.{domain}")
    if spoil.part == "add":
        known = {**names, "fresh-address": _address(random)}
        return replace(
            draft,
            fields=(*draft.fields, *_pairs(change.get("header", {}), known, spoil)),
            query=(*draft.query, *_pairs(change.get("query", {}), known, spoil)),
        )
    return draft  # address, variables, param, origin and beside are decided before, cookies afterwards


def with_cookies(request: Request, cookies: Mapping[str, str], documented: Collection[str]) -> Request:
    """`request` with these cookies but the `documented` ones. CannotSpoil where there are no others."""
    others = {name: value for name, value in cookies.items() if name not in documented}
    if not others:
        raise CannotSpoil("no answer has set a cookie")
    together = "; ".join(f"{name}={value}" for name, value in others.items())
    return replace(request, headers=(*request.headers, ("Cookie", together)))


def _spellings(path: str) -> Mapping[str, str]:
    """The path, in capitals, and with its letters and digits percent-encoded (RFC 3986 section 2.3)."""
    encoded = "".join(f"%{ord(each):02X}" if each.isascii() and each.isalnum() else each for each in path)
    return {"path": path, "path.upper": path.upper(), "path.encoded": encoded}


def _address(random: Random) -> str:
    """One of the addresses that are for tests of networks, and nobody's (RFC 2544, RFC 6890)."""
    return f"198.18.{random.randrange(256)}.{random.randrange(1, 255)}"


def _listed(written: str | None) -> Sequence[str]:
    return [] if written is None else [written]


def _pairs(written: Mapping[str, Any], names: Mapping[str, str], spoil: Spoil) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name, render(value, names, spoil.where))
        for name, given in written.items()
        for value in ([given] if isinstance(given, str) else given)
    )
