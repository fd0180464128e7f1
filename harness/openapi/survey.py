"""Go through an OpenAPI document: its servers, its security schemes, its operations."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from harness.errors import escaped, mistake, quoted
from harness.openapi import security
from harness.openapi.described import Described, Endpoint, Scheme, Unusable
from harness.openapi.references import pointer, resolved

METHODS = ("get", "head", "post", "put", "patch", "delete")
_MOST_OPERATIONS = 5_000
_VERSION = re.compile(r"3\.[01]\.")
_IGNORED = frozenset({"accept", "content-type", "authorization"})
"""Header fields that OpenAPI has no parameters for: what is written of them is to be ignored."""
_PATH_NAME = re.compile(r"\{([^{}/]+)\}")


def survey(root: Any, shown: str, address: str | None = None) -> Described:
    """What the document `root`, called `shown` in messages, says; its own `address` where it came from a URL.

    InputError where it is no OpenAPI document of version 3.0 or 3.1. What is wrong with a part of it is a
    note, and that part is left aside.
    """
    version = root.get("openapi") if isinstance(root, dict) else None
    if not isinstance(version, str) or not _VERSION.match(version):
        raise _no_openapi(root, shown)
    return _Survey(root, address).described()


def _no_openapi(root: Any, shown: str) -> Exception:
    if isinstance(root, dict) and "swagger" in root:
        hint = "Convert it to OpenAPI 3.0 first; many tools do."
        return mistake(f"{shown}: this is Swagger {escaped(str(root['swagger']))[:10]}", None, hint)
    if isinstance(root, dict) and "openapi" in root:
        found = quoted(str(root["openapi"]))
        return mistake(f"{shown}: the version {found} of OpenAPI is unknown", None, "Give one of 3.0 or 3.1.")
    hint = "It begins with openapi: 3.1.0, or so; give that file, or run authconform init without --openapi."
    return mistake(f"{shown}: this is no OpenAPI document", None, hint)


class _Survey:
    """Goes through one document and keeps notes of what it left aside."""

    def __init__(self, root: Mapping[str, Any], address: str | None) -> None:
        self.root = root
        self.address = address
        self.notes: list[str] = []

    def described(self) -> Described:
        info = _mapping(self.root.get("info"))
        schemes = self.schemes()
        endpoints = tuple(self.endpoints(schemes))
        declared = "security" in self.root or any(
            "security" in _mapping(value) for _, _, _, value in self.operations()
        )
        title = str(info.get("title") or "").strip()
        servers = self.servers()
        notes = tuple(dict.fromkeys(self.notes))
        return Described(self.root, title, servers, schemes, endpoints, notes, declared)

    def servers(self) -> tuple[str, ...]:
        """The addresses of the API, absolute where that can be told."""
        found = []
        listed = self.root.get("servers")
        for each in listed if isinstance(listed, list) and listed else [{"url": "/"}]:
            url = str(_mapping(each).get("url", "/"))
            for name, variable in _mapping(_mapping(each).get("variables")).items():
                url = url.replace(f"{{{name}}}", str(_mapping(variable).get("default", "")))
            address = self.address_of(url)
            if address is None:
                self.notes.append(f"{pointer('servers')}: {quoted(url)} is no http or https URL")
            else:
                found.append(address)
        return tuple(dict.fromkeys(found))

    def address_of(self, url: str) -> str | None:
        """What a server's URL stands for: without query, fragment and last slash; None for none of HTTP."""
        try:
            whole = urljoin(self.address or "", url)
            is_absolute = urlsplit(whole).scheme in ("http", "https") and bool(urlsplit(whole).hostname)
        except ValueError:
            return None
        if not url.isprintable() or not (is_absolute or url.startswith("/")):
            return None
        return (whole if is_absolute else url).partition("?")[0].partition("#")[0].rstrip("/")

    def schemes(self) -> Mapping[str, Scheme]:
        components = _mapping(self.root.get("components"))
        found = {}
        for name, written in _mapping(components.get("securitySchemes")).items():
            try:
                found[name] = security.scheme(self.root, name, written)
            except Unusable as error:
                self.notes.append(str(error))
        return found

    # --- operations --------------------------------------------------------------------------------

    def operations(self) -> Iterator[tuple[str, str, Mapping[str, Any], Any]]:
        """(path, method, the path's own object, the operation as written) of each operation."""
        count = 0
        for path, written in _mapping(self.root.get("paths")).items():
            try:
                item = resolved(self.root, written, pointer("paths", path))
            except Unusable as error:
                self.notes.append(str(error))
                continue
            for method in METHODS:
                if method in item:
                    count += 1
                    if count > _MOST_OPERATIONS:
                        self.notes.append(
                            f"{pointer('paths')}: only the first {_MOST_OPERATIONS} were looked at"
                        )
                        return
                    yield path, method, item, item[method]

    def endpoints(self, schemes: Mapping[str, Scheme]) -> Iterator[Endpoint]:
        for path, method, item, written in self.operations():
            where = pointer("paths", path, method)
            try:
                value = resolved(self.root, written, where)
                yield self.endpoint(path, method, item, value, schemes)
            except Unusable as error:
                self.notes.append(str(error))

    def endpoint(
        self,
        path: str,
        method: str,
        item: Mapping[str, Any],
        value: Mapping[str, Any],
        schemes: Mapping[str, Scheme],
    ) -> Endpoint:
        where = pointer("paths", path, method)
        if not path.startswith("/") or not path.isprintable() or " " in path or "${" in path:
            raise Unusable(f"{where}: {quoted(path)} is no path")
        asked, variables, headers = self.parameters(path, item, value, where)
        status, is_json, answer = self.success(value, where)
        return Endpoint(
            id=str(value.get("operationId") or ""),
            method=method.upper(),
            path=asked,
            alternatives=self.alternatives(value, schemes),
            variables=variables,
            headers=headers,
            needs_body=bool(_mapping(value.get("requestBody")).get("required")) or method in ("put", "patch"),
            status=status,
            is_json=is_json,
            answer=answer,
            refusals=self.refusals(value, where),
            where=where,
        )

    def alternatives(
        self, value: Mapping[str, Any], schemes: Mapping[str, Scheme]
    ) -> tuple[frozenset[str], ...]:
        """The sets of schemes any of which opens the operation; those with an unusable one are left out.

        Where all of them are, one that nobody can meet stays: the operation is not open to everybody.
        """
        listed = value.get("security", self.root.get("security"))
        if not isinstance(listed, list):
            return ()
        sets = [frozenset(map(str, _mapping(each))) for each in listed]
        return tuple(each for each in sets if each <= schemes.keys()) or tuple(sets)

    def parameters(
        self, path: str, item: Mapping[str, Any], value: Mapping[str, Any], where: str
    ) -> tuple[str, dict[str, str], tuple[str, ...]]:
        """The path with `${names}` to be filled in, an example of each, and the required header fields."""
        examples: dict[str, str] = {}
        query: list[str] = []
        headers: list[str] = []
        listed = [each for source in (item, value) for each in _list(source.get("parameters"))]
        for each in listed:
            parameter = resolved(self.root, each, where)
            name, slot = str(parameter.get("name", "")), parameter.get("in")
            if not name.isprintable():
                raise Unusable(f"{where}: {quoted(name)} cannot be the name of a parameter")
            if slot == "path":
                examples[name] = _example(parameter)
            elif parameter.get("required") and slot == "query" and name not in query:
                query.append(name)
                examples[name] = _example(parameter)
            elif parameter.get("required") and (slot == "cookie" or _is_own_header(slot, name)):
                headers.append(name)
        in_path = _PATH_NAME.findall(path)
        names = {name: variable(name) for name in (*in_path, *query)}
        asked = _PATH_NAME.sub(lambda found: f"${{{names[found[1]]}}}", path)
        pairs = (f"{quote(name, safe='[]')}=${{{names[name]}}}" for name in query)
        asked += "".join(f"{'&' if n else '?'}{pair}" for n, pair in enumerate(pairs))
        variables = {names[name]: examples.get(name, "") for name in names}
        return asked, variables, tuple(dict.fromkeys(headers))

    def success(self, value: Mapping[str, Any], where: str) -> tuple[int | None, bool, Any]:
        """The documented status of success, whether it comes with JSON, and the schema of that."""
        responses = self.responses(value, "2[0-9][0-9]|2XX")
        if not responses:
            return None, False, None
        code = min(responses)
        is_json, answer = self.body(responses[code], f"{where}/responses/{code}")
        return int(code) if code.isdigit() else 200, is_json, answer

    def refusals(self, value: Mapping[str, Any], where: str) -> Mapping[int, Any]:
        found = {}
        for code, written in self.responses(value, "4[0-9][0-9]").items():
            found[int(code)] = self.body(written, f"{where}/responses/{code}")[1]
        return found

    def responses(self, value: Mapping[str, Any], pattern: str) -> Mapping[str, Any]:
        responses = _mapping(value.get("responses"))
        return {str(code): each for code, each in responses.items() if re.fullmatch(pattern, str(code))}

    def body(self, written: Any, where: str) -> tuple[bool, Any]:
        """Whether a response comes with JSON, and the schema of it."""
        content = _mapping(resolved(self.root, written, where).get("content"))
        for kind, each in content.items():
            if re.match(r"application/([\w.+-]+\+)?json", str(kind)):
                return True, _mapping(each).get("schema")
        return False, None


def variable(name: str) -> str:
    """`name` as a name for templates."""
    made = re.sub(r"[^A-Za-z0-9_]+", "-", name).strip("-")
    return made if re.match("[A-Za-z]", made) else f"x-{made}".rstrip("-")


def _is_own_header(slot: Any, name: str) -> bool:
    return slot == "header" and name.lower() not in _IGNORED


def _example(parameter: Mapping[str, Any]) -> str:
    schema = _mapping(parameter.get("schema"))
    examples = [_mapping(each).get("value") for each in _mapping(parameter.get("examples")).values()]
    enum = _list(schema.get("enum"))[:1]
    for each in (parameter.get("example"), *examples, schema.get("example"), schema.get("default"), *enum):
        if (
            isinstance(each, str | int)
            and not isinstance(each, bool)
            and str(each)
            and str(each).isprintable()
        ):
            return str(each)
    return ""


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
