"""Security schemes (OpenAPI's Security Scheme Objects): how each presents its credential."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from harness.errors import quoted
from harness.openapi.described import Scheme, Unusable
from harness.openapi.references import pointer, resolved

_FIELD_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""A token of RFC 9110 section 5.6.2: what a field, and a scheme, can be called."""

_UNTESTED = {
    "digest": "Digest (RFC 7616) is not tested by authconform",
    "negotiate": "Negotiate is not tested by authconform",
    "hoba": "HOBA is not tested by authconform",
    "mutual": "Mutual (RFC 8120) is not tested by authconform",
}
_HOW_OBTAINED = "where does a token come from? Put one that is good for the whole run into the variable."


def scheme(root: Any, name: str, written: Any) -> Scheme:
    """The scheme that `written` describes. Unusable where it is none that can be tested."""
    where = pointer("components", "securitySchemes", name)
    value = resolved(root, written, where)
    match value.get("type"):
        case "http":
            return _http(name, value, where)
        case "apiKey":
            return _api_key(name, value, where)
        case "oauth2":
            return _oauth2(name, value, where)
        case "openIdConnect":
            return Scheme(name, "bearer", note=_HOW_OBTAINED)
        case "mutualTLS":
            raise Unusable(f"{where}: for mutual TLS give the target tls: {{client-certificate: FILE}}")
    raise Unusable(f"{where}: the type {quoted(str(value.get('type')))} is none of OpenAPI's")


def _http(name: str, value: Mapping[str, Any], where: str) -> Scheme:
    word = str(value.get("scheme", ""))
    if word.lower() == "bearer":
        if str(value.get("bearerFormat", "")).strip().lower() in ("jwt", "jws"):
            return Scheme(name, "jwt", note=_HOW_OBTAINED)
        return Scheme(name, "bearer")
    if word.lower() == "basic":
        return Scheme(name, "basic")
    if not _FIELD_NAME.fullmatch(word):
        raise Unusable(f"{where}: {quoted(word)} is no authentication scheme")
    if word.lower() in _UNTESTED:
        raise Unusable(f"{where}: {_UNTESTED[word.lower()]}")
    return Scheme(name, "api-key", "header", "Authorization", word)


def _api_key(name: str, value: Mapping[str, Any], where: str) -> Scheme:
    slot, field = value.get("in"), str(value.get("name", ""))
    if slot not in ("header", "query", "cookie"):
        raise Unusable(f"{where}: in is {quoted(str(slot))}, not header, query or cookie")
    if not _FIELD_NAME.fullmatch(field):
        raise Unusable(f"{where}: {quoted(field)} cannot be the name of a {slot}")
    if slot == "header" and field.lower() == "authorization":
        told = re.search(r"\b(Bearer|Token|ApiKey|Key)\b", str(value.get("description", "")))
        if told and told[1] == "Bearer":
            return Scheme(name, "bearer", note="does the word Bearer stand before the token?")
        note = "does a word stand before the secret, such as Token? Then add scheme: Token."
        return Scheme(name, "api-key", slot, "Authorization", told[1] if told else "", note=note)
    return Scheme(name, "api-key", slot, field)


def _oauth2(name: str, value: Mapping[str, Any], where: str) -> Scheme:
    flows = value.get("flows")
    if not isinstance(flows, dict) or not flows:
        raise Unusable(f"{where}: an oauth2 scheme without flows")
    machine = flows.get("clientCredentials")
    if isinstance(machine, dict) and isinstance(machine.get("tokenUrl"), str):
        return Scheme(name, "bearer", token_url=machine["tokenUrl"])
    return Scheme(name, "bearer", note=_HOW_OBTAINED)
