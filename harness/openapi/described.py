"""What is learned from an OpenAPI document, as far as authentication is concerned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

SchemeKind = Literal["bearer", "jwt", "basic", "api-key"]


class Unusable(Exception):
    """A part of the document that is left aside; the message says where it stands and why."""


@dataclass(frozen=True, slots=True)
class Scheme:
    """A security scheme that can be tested.

    `id` is its name in the document. `slot` is where an API key goes (header, query, cookie) and `field` the
    name of the field, parameter or cookie there; both are "" for other kinds. `scheme` is the word before
    the secret where it is not that of its kind. `token_url` is where a client gets a token for its own
    credentials (RFC 6749 section 4.4).
    """

    id: str
    kind: SchemeKind
    slot: str = ""
    field: str = ""
    scheme: str = ""
    token_url: str = ""
    note: str = ""
    """What the document leaves open about it, as a question."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An operation: how it is asked, who may, and what it answers.

    `alternatives` are the sets of schemes any of which opens it (OpenAPI's Security Requirement Objects); an
    empty set among them opens it to everybody. `path` has `${names}` for what must be filled in, `variables`
    are those names, each with a value that the document gives as an example, or "".
    """

    id: str
    method: str
    path: str
    alternatives: tuple[frozenset[str], ...]
    variables: Mapping[str, str]
    headers: tuple[str, ...]
    """Names of required header fields and cookies, which nothing fills in."""
    needs_body: bool
    status: int | None
    """The documented status of success; None where none is."""
    is_json: bool
    answer: Any
    """The schema of that success as it is written; `schemas.cut` makes it one that stands alone."""
    refusals: Mapping[int, Any]
    """The documented statuses from 400 to 499, each with the schema of its JSON as it is written, or None."""
    where: str
    """Where it stands in the document, as a pointer behind #."""

    @property
    def is_public(self) -> bool:
        return not self.alternatives or frozenset() in self.alternatives

    @property
    def schemes(self) -> frozenset[str]:
        """The schemes that open it alone."""
        return frozenset(name for each in self.alternatives if len(each) == 1 for name in each)


@dataclass(frozen=True, slots=True)
class Described:
    """An API as its document has it. `notes` tell what of the document could not be used, and why."""

    root: Mapping[str, Any]
    title: str
    servers: tuple[str, ...]
    schemes: Mapping[str, Scheme]
    endpoints: tuple[Endpoint, ...]
    notes: tuple[str, ...]
    security_declared: bool
    """Whether any operation, or the document, says which schemes it takes."""
