"""Where a credential stands in a request: in a header field, a cookie, the query or the body."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from harness.credentials.presented import CannotSpoil, Presented
from harness.model import CredentialKind, Where
from harness.templates import render

AUTHORIZATION = "Authorization"
COOKIE = "Cookie"
VALUE = "${value}"
"""What stands for the secret in a template."""

Sort = Literal["field", "cookie", "query", "form", "json"]
SORTS: tuple[Sort, ...] = ("field", "cookie", "query", "form", "json")
SETTINGS = frozenset({*SORTS, "scheme", "template"})
"""The settings of a credential that say where it goes."""

_SCHEMES = {"bearer": "Bearer", "jwt": "Bearer", "basic": "Basic"}
_TEMPLATE = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+) +(.*)", re.DOTALL)
"""An authentication scheme and what follows it (RFC 9110 section 11.4)."""


_OTHERS = re.compile(r"[^!#-+\--:<-\[\]-~]")
"""Characters that no cookie's value has: where one stands, servers read what they like."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for a secret. `scheme` stands before it in a header field, and is empty where there is none."""

    sort: Sort
    name: str
    scheme: str = ""
    around: str = VALUE
    """The secret with what is written around it."""
    where: Where | None = None

    @classmethod
    def of(cls, kind: CredentialKind) -> Slot:
        """Where the profile says that a credential goes.

        A bearer token and a JWT go to Authorization after Bearer where it says nothing; an API key has no
        scheme but what it says.
        """
        options = kind.options
        sort: Sort = next((each for each in SORTS if each in options), "field")
        name = str(options.get(sort, AUTHORIZATION))
        written = options.get("template")
        if written is None:
            scheme = _SCHEMES.get(kind.mechanism, "") if sort == "field" else ""
            return cls(sort, name, str(options.get("scheme", scheme)), VALUE, kind.where)
        found = _TEMPLATE.fullmatch(written) if sort == "field" else None
        if found and VALUE not in found[1]:
            return cls(sort, name, found[1], found[2], kind.where)
        return cls(sort, name, "", written, kind.where)

    def value(self, secret: str) -> str:
        """The secret with what is written around it, without the scheme."""
        if self.around == VALUE or self.where is None:
            return secret
        return render(self.around, {"value": secret}, self.where)

    def holding(self, secret: str, *, name: str | None = None, scheme: str | None = None) -> Presented:
        """The secret in this slot, or after another scheme, or in a field of another name."""
        written, name = self.value(secret), self.name if name is None else name
        match self.sort:
            case "cookie":
                return Presented(fields=((COOKIE, f"{name}={written}"),))
            case "query":
                return Presented(query=((name, written),))
            case "form":
                return Presented(form=((name, written),))
            case "json":
                return Presented(json={name: written})
        return Presented(fields=((name, with_scheme(self.scheme if scheme is None else scheme, written)),))

    def check(self, made: str, right: str) -> None:
        """CannotSpoil where `made`, in place of the `right` one, would not arrive as it is."""
        if self.sort == "cookie" and _OTHERS.search(made) and not _OTHERS.search(right):
            raise CannotSpoil("no cookie can hold such a value (RFC 6265 section 4.1.1)")

    def field(self) -> str:
        """The name of the header field. CannotSpoil where the credential is sent in none of its own."""
        if self.sort != "field":
            raise CannotSpoil(f"this credential is sent in {_WORDS[self.sort]}, not in a field of its own")
        return self.name

    def is_same(self, first: Presented, second: Presented) -> bool:
        """Whether both say the same, whatever the case of field names."""
        return _plain(first) == _plain(second)


_WORDS: Mapping[Sort, str] = {
    "field": "a header field",
    "cookie": "a cookie",
    "query": "the query",
    "form": "a form body",
    "json": "a JSON body",
}


def with_scheme(scheme: str, value: str) -> str:
    """The field value."""
    return f"{scheme} {value}" if scheme else value


def wrong_settings(settings: Mapping[str, Any]) -> Iterator[tuple[str, str, str | None]]:
    """What is wrong with how a profile says where a credential goes: (key, what, the next step)."""
    given = [each for each in SORTS if each in settings]
    for extra in given[1:]:
        yield extra, f"a credential goes to one place: '{given[0]}' and '{extra}'", "Keep one."
    for key in (*given, "scheme"):
        if key in settings and not isinstance(settings[key], str):
            yield key, f"'{key}' must be a text", None
    if "scheme" in settings and given and given[0] != "field":
        hint = "Write template: for a text around it."
        yield "scheme", f"a credential in {_WORDS[given[0]]} has no scheme", hint
    template = settings.get("template")
    if template is not None and (not isinstance(template, str) or VALUE not in template):
        yield "template", f"'template' must be a text with {VALUE}, such as Token token=\"{VALUE}\"", None
    if template is not None and "scheme" in settings:
        yield "scheme", "'scheme' beside 'template'", "Write it into the template."


def _plain(presented: Presented) -> tuple[Any, ...]:
    fields = tuple((name.lower(), value) for name, value in presented.fields)
    return fields, presented.query, presented.form, dict(presented.json)
