"""From what an OpenAPI document says to an outline: which credentials and operations, what is left aside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urljoin, urlsplit

from harness.errors import mistake, quoted
from harness.openapi import Described, Endpoint, Scheme, cut
from harness.outline.parts import NAMES, Credential, Operation, Outline, slug, unused, variable_name

SUCCESSES = range(200, 300)
EXAMPLE_URL = "https://api.example.com"
_MOST_PROTECTED, _MOST_PUBLIC = 6, 2
_SLOTS = {"header": "field", "query": "query", "cookie": "cookie"}
"""OpenAPI's word for where an API key goes -> the profile's."""
_DELICATE = ("logout", "signout", "sign-out", "log-out", "export", "download", "delete", "revoke", "stream")
"""Words of a path whose GET may be no harmless one, or not a small one."""


def outlined(
    described: Described, name: str | None, source: str, formats: tuple[str, ...]
) -> tuple[Outline, list[str]]:
    """The outline for an API, and what of its document could not be used.

    InputError where it has no credential that can be tested, or no operation to test it on.
    """
    outlining = _Outlining(described, slug(name or described.title, "api"), formats)
    return outlining.outline(source), outlining.notes


@dataclass(frozen=True, slots=True)
class _Named:
    """A security scheme under the name that it gets in the profile."""

    scheme: Scheme
    name: str


class _Outlining:
    """Makes one outline, and keeps notes of what it left aside."""

    def __init__(self, described: Described, name: str, formats: tuple[str, ...]) -> None:
        self.described = described
        self.name = name.removesuffix("-api") or name
        self.formats = formats
        self.notes = list(described.notes)
        self.schemas: dict[str, Mapping[str, Any]] = {}
        self.alike = _alike(described.schemes.values())

    def outline(self, source: str) -> Outline:
        presentable = self.presentable()
        chosen = self.chosen(presentable)
        if not presentable or not chosen:
            raise self.nothing(bool(presentable))
        first, *more = chosen
        named = self.named(presentable, first)
        names = {each.scheme.id: each.name for each in named}
        places, question = self.places(named)
        credentials, lifecycle = self.credentials(named, places)
        refusal = next((code for code in (401, 403) if code in first.refusals), 401)
        outline = Outline(
            name=self.name,
            title=_line(self.described.title) or self.name,
            source=source,
            places=places,
            credentials=credentials,
            operations=(),
            variables={name: value or "1" for name, value in first.variables.items()},
            refusal=refusal,
            refusal_known=refusal in first.refusals,
            refusal_schema=self.refusal_schema(first, refusal),
            lifecycle=lifecycle,
            address_question=question,
        )
        operations = tuple(self.operations(first, more, names))
        return replace(outline, operations=operations, schemas=self.schemas)

    def nothing(self, has_schemes: bool) -> Exception:
        told = "".join(f"\n  {each}" for each in self.notes[:12])
        hint = f"Run authconform init without --openapi, and answer its questions.{told}"
        if not has_schemes:
            return mistake("the document names no security scheme that can be tested", None, hint)
        message = "the document has no GET that needs a credential, asks for no body and answers with success"
        return mistake(message, None, hint)

    # --- credentials -------------------------------------------------------------------------------

    def presentable(self) -> list[Scheme]:
        """The schemes that can be presented; of two that present alike the first."""
        return [self.described.schemes[id] for id in dict.fromkeys(self.alike.values())]

    def named(self, schemes: Iterable[Scheme], first: Endpoint) -> list[_Named]:
        """The schemes by the names that suites have for them, those that open the chosen operation first."""
        found: list[_Named] = []
        for scheme in sorted(schemes, key=lambda each: each.id not in self.openers(first)):
            taken = [each.name for each in found]
            name = NAMES[scheme.kind]
            if name in taken:
                name = unused(slug(scheme.id, name), [*taken, *NAMES.values(), "client"])
            found.append(_Named(scheme, name))
        return found

    def credentials(
        self, named: Sequence[_Named], places: Mapping[str, str]
    ) -> tuple[tuple[Credential, ...], Mapping[str, Mapping[str, Any]]]:
        """The credentials, and the lifecycle verbs by which a run obtains some of them."""
        found: list[Credential] = []
        lifecycle: dict[str, Mapping[str, Any]] = {}
        for each in named:
            scheme = each.scheme
            env = variable_name(self.name, each.name)
            if not scheme.token_url or lifecycle:
                note = f"{each.name}: {scheme.note}" if scheme.note else ""
                found.append(Credential(each.name, _settings(scheme), env, question=note))
                continue
            at = "auth" if "auth" in places else "own"
            lifecycle["token-request"] = {
                "request": f"POST {self.token_path(scheme, places[at])}",
                "at": at,
                "credential": "client",
                "form": {"grant_type": "client_credentials"},
                "accepted": 200,
                "gives": {"secret": "/access_token", "life": "/expires_in"},
            }
            found.append(Credential(each.name, {**_settings(scheme), "obtained-by": "token-request"}, ""))
            client = {"kind": "client", "by": "basic", "manages": True}
            client |= {"at": at} if at != "own" else {}
            ask = "does the client send its id and secret as Basic? Where it is in the body, write by: body."
            found.append(Credential("client", client, variable_name(self.name, "client"), at, ask))
        return tuple(found), lifecycle

    def token_path(self, scheme: Scheme, place: str) -> str:
        url = self.token_url(scheme)
        path = urlsplit(url).path or "/"
        base = urlsplit(place).path.rstrip("/")
        return path[len(base) :] if base and path.startswith(f"{base}/") else path

    def token_url(self, scheme: Scheme) -> str:
        own = self.described.servers[0] if self.described.servers else EXAMPLE_URL
        try:
            found = urljoin(f"{own}/", scheme.token_url)
            usable = urlsplit(found).hostname and urlsplit(found).scheme in ("http", "https")
        except ValueError:
            usable = None
        return found if usable else f"{EXAMPLE_URL}/oauth/token"

    # --- places ------------------------------------------------------------------------------------

    def places(self, named: Sequence[_Named]) -> tuple[dict[str, str], str]:
        """The addresses, and what is to be asked about them."""
        servers = self.described.servers
        absolute = [each for each in servers if not each.startswith("/") and each]
        if absolute:
            own, others = absolute[0], absolute[1:4]
            question = f"is this the deployment to be tested? Others: {', '.join(others)}" if others else ""
        else:
            own = EXAMPLE_URL + (servers[0] if servers else "")
            question = "where is it? The document gives no address."
        places = {"own": _place_url(own)}
        issuing = next((each.scheme for each in named if each.scheme.token_url), None)
        if issuing:
            url = urlsplit(self.token_url(issuing))
            origin = f"{url.scheme}://{url.netloc}"
            path = url.path
            base = urlsplit(own).path.rstrip("/")
            if origin != "://".join(urlsplit(own)[:2]) or not path.startswith(f"{base}/"):
                places["auth"] = _place_url(origin)
        return places, question

    # --- operations --------------------------------------------------------------------------------

    def openers(self, endpoint: Endpoint) -> frozenset[str]:
        """The presentable schemes that open it: all of them where the document says of no operation which."""
        if not self.described.security_declared:
            return frozenset(self.alike.values())
        return frozenset(self.alike[id] for id in endpoint.schemes if id in self.alike)

    def is_protected(self, endpoint: Endpoint) -> bool:
        return not self.described.security_declared or not endpoint.is_public

    def chosen(self, schemes: Sequence[Scheme]) -> list[Endpoint]:
        """The operations that serve to try credentials, the best first: `protected` is to be."""
        ids = {each.id for each in schemes}

        def worth(endpoint: Endpoint) -> tuple[Any, ...]:
            return (
                len(endpoint.variables),
                any(word in endpoint.path.lower() for word in _DELICATE),
                -len(ids & self.openers(endpoint)),
                not endpoint.is_json,
                endpoint.answer is None,
                endpoint.path.count("/"),
                len(endpoint.path),
            )

        usable = [each for each in self.asked() if self.is_protected(each) and ids & self.openers(each)]
        return sorted(usable, key=worth)

    def asked(self) -> list[Endpoint]:
        """The operations that change nothing and that can be asked with what the document says."""
        return [
            each
            for each in self.described.endpoints
            if each.method == "GET" and not each.headers and not each.needs_body and each.status in SUCCESSES
        ]

    def operations(
        self, first: Endpoint, more: Sequence[Endpoint], names: Mapping[str, str]
    ) -> Iterable[Operation]:
        taken = ["protected", "refusal"]  # the second is the name of a schema
        yield self.operation("protected", first, names)
        fitting = [each for each in more if set(each.variables) <= set(first.variables)]
        public = [each for each in self.asked() if not self.is_protected(each) and not each.variables]
        for each in [*fitting[: _MOST_PROTECTED - 1], *public[:_MOST_PUBLIC]]:
            name = unused(slug(each.id or each.path.partition("?")[0], "operation"), taken)
            taken.append(name)
            yield self.operation(name, each, names)
        used = {id(each) for each in (first, *fitting[: _MOST_PROTECTED - 1], *public[:_MOST_PUBLIC])}
        left = sum(id(each) not in used for each in self.described.endpoints)
        if left:
            what = "operation is" if left == 1 else "operations are"
            self.notes.append(
                f"{left} more {what} not in the profile: run --openapi asks them all the same; "
                "add those that authenticate otherwise"
            )

    def operation(self, name: str, endpoint: Endpoint, names: Mapping[str, str]) -> Operation:
        is_public = not self.is_protected(endpoint)
        takes = tuple(each for scheme, each in names.items() if scheme in self.openers(endpoint))
        schema = ""
        if endpoint.answer is not None and not is_public:
            schema = self.schema(name, endpoint.answer, endpoint.where)
        if not is_public and endpoint.is_json and not schema:
            ask = (
                "what is in an accepted answer and in no error? Describe it in schemas/ and add schema: FILE."
            )
        else:
            ask = ""
        return Operation(
            name=name,
            request=f"GET {endpoint.path}",
            status=endpoint.status or 200,
            schema=schema,
            takes=None if is_public or len(takes) == len(names) else takes,
            public=is_public,
            question=ask,
        )

    def schema(self, name: str, written: Any, where: str) -> str:
        """The file that the schema will be in; "" where it tells nothing."""
        made, notes = cut(self.described.root, written, where, self.formats)
        self.notes += notes
        if made is None:
            return ""
        self.schemas[f"{name}.json"] = made
        return f"{name}.json"

    def refusal_schema(self, endpoint: Endpoint, status: int) -> str:
        written = endpoint.refusals.get(status)
        return self.schema("refusal", written, endpoint.where) if written is not None else ""


def _alike(schemes: Iterable[Scheme]) -> Mapping[str, str]:
    """Scheme -> the first that presents its credential as it does; both by their ids."""
    first: dict[tuple[str, ...], str] = {}
    return {
        each.id: first.setdefault((each.kind, each.slot, each.field.lower(), each.scheme), each.id)
        for each in schemes
    }


def _settings(scheme: Scheme) -> dict[str, Any]:
    """How the profile describes it."""
    if scheme.kind == "jwt":
        return {"kind": "jwt", "made-by": "api"}
    if scheme.kind != "api-key":
        return {"kind": scheme.kind}
    return {
        "kind": "api-key",
        _SLOTS[scheme.slot]: scheme.field,
        **({"scheme": scheme.scheme} if scheme.scheme else {}),
    }


def _place_url(url: str) -> str:
    """`url` as a place can have it: printable, without what a URL cannot hold."""
    made = url.rstrip("/")
    try:
        usable = urlsplit(made).hostname and made.isprintable() and " " not in made
    except ValueError:
        usable = None
    if not usable:
        raise mistake(f"the document's server {quoted(url)} is no http or https URL", None, "Mend it there.")
    return made


def _line(text: str) -> str:
    """`text` in one line of printable characters, not a long one."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())[:80]
