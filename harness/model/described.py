"""What people describe in specs/ and in a target file: requirements, an API's auth, a deployment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Literal

from harness.model.places import Level, Where


@dataclass(frozen=True, slots=True)
class Requirement:
    """One normative statement.

    `id` is `<specification>/<section>-<slug>` or, for an API document, `<api>/<slug>`. `basis` is one of
    rfc, bcp, spec, asvs, owasp, seed, practice. `sources` names clauses and statements of API documents,
    `catalogue` the entries of the requirement catalogue it covers. `not_tested` is the reason why no
    scenario can test it.
    """

    id: str
    level: Level
    basis: str
    says: str
    sources: tuple[str, ...]
    catalogue: tuple[str, ...]
    not_tested: str | None
    resolution: str | None
    where: Where
    why: str | None = None
    """Why it matters that it is met, for whoever breaks it."""
    fix: str | None = None
    """What most likely mends it."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """One thing that a check looks for, and what it proves when it is not there.

    `requirement` is None where the step's own requirements are meant. `level`, where given, replaces the
    requirement's own, `because` of something the profile or suite states.
    """

    check: str
    args: Any
    requirement: str | None
    level: Level | None
    because: str | None
    where: Where


@dataclass(frozen=True, slots=True)
class CredentialKind:
    """A credential of the profile: its mechanism, how it is presented, what it looks like.

    `mechanism` is a key of `harness.credentials.MECHANISMS` (bearer, api-key, basic, jwt, …); `options` are
    that mechanism's own settings. `prefix` are the documented beginnings of the secret. `at` is the place
    it belongs to.
    """

    name: str
    mechanism: str
    at: str
    prefix: tuple[str, ...]
    options: Mapping[str, Any]
    where: Where
    other_prefixes: tuple[str, ...] = ()
    """What the profile's other credentials of this mechanism begin with: those of other places."""

    @property
    def prefixes(self) -> tuple[str, ...]:
        """All that is documented, its own first."""
        return (*self.prefix, *self.other_prefixes)


@dataclass(frozen=True, slots=True)
class Effect:
    """How an operation's change can be seen: `text` appears in, or vanishes from, the answer of `on`."""

    on: str
    text: str
    appears: bool


@dataclass(frozen=True, slots=True)
class DocumentPart:
    """An operation in its OpenAPI document: `root` is the document, `value` what it says of the operation.

    `path` is the whole path below the address of its place, `parameters` are those that it has, `known` the
    values, by where they go and by name, that are known to lead somewhere. `is_known` tells that the profile
    has the operation too, and says how it is asked, `is_safe` that it changes nothing, so that a right
    credential can be sent with it.
    """

    root: Mapping[str, Any]
    path: str
    method: str
    value: Mapping[str, Any]
    parameters: tuple[Mapping[str, Any], ...]
    known: Mapping[tuple[str, str], str]
    is_known: bool
    is_safe: bool


@dataclass(frozen=True, slots=True)
class Operation:
    """A request of the API and what its acceptance looks like.

    `path`, header values and `body` may hold `${names}`; `${unique}` is fresh for every sending. `after`
    names an operation to be accepted first, `undo` one that cleans up. `accepted` holds the expectations of
    an accepted answer (always a `status`). A `public` operation needs no credential.
    """

    name: str
    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: Any
    body_type: Literal["json", "form", "text"] | None
    accepted: tuple[Expectation, ...]
    after: str | None
    undo: str | None
    effect: Effect | None
    touches: frozenset[str]
    public: bool
    at: str | None
    where: Where
    takes: frozenset[str] | None = None
    """The credentials that it accepts; None for every one."""
    beside: str | None = None
    """The credential that always goes along, such as the client's at a token endpoint."""
    says_touches: bool = True
    """Whether it says what it touches, be it nothing."""
    described: DocumentPart | None = None
    """Where it comes from an OpenAPI document: what had to be made up of it may lead nowhere."""


@dataclass(frozen=True, slots=True)
class LifecycleVerb:
    """Something done to a credential or an instance: by a request, a user agent, a command, a call, a person.

    `kind` is request, visits, command, call or prompt, `what` the method and path, what is visited, the
    command's words, the entry point or the sentence. A request goes to the place `at` with `credential`;
    `accepted` are the statuses that say it was done. `gives` names parts of the answer (`harness.gives`),
    `secret` among them where a credential is issued. `defaults` are values of the templates' names; None
    leaves a member out.
    """

    name: str
    kind: Literal["request", "command", "call", "prompt", "visits"]
    what: Any
    at: str | None
    credential: str | None
    headers: tuple[tuple[str, str], ...]
    body: Any
    body_type: Literal["json", "form"] | None
    accepted: frozenset[int]
    gives: Mapping[str, str]
    defaults: Mapping[str, Any]
    touches: frozenset[str]
    where: Where
    says_touches: bool = True
    """Whether it says what it touches, be it nothing."""


@dataclass(frozen=True, slots=True)
class Profile:
    """The contract of one API family."""

    name: str
    title: str
    credentials: Mapping[str, CredentialKind]
    places: Mapping[str, str]
    """Names of the places that the API can have, each with what it is."""
    operations: Mapping[str, Operation]
    refusals: Mapping[str, tuple[Expectation, ...]]
    """By reason; `default` stands for every reason not named."""
    lifecycle: Mapping[str, LifecycleVerb]
    limits: Mapping[str, str | int | float]
    """Durations ("5s") and numbers of the API's documentation."""
    capabilities: frozenset[str]
    redact: tuple[str, ...]
    """Regular expressions of strings that are secrets wherever they appear."""
    where: Where
    documents: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What this API's own document says of a requirement that suites cite."""
    addresses: Mapping[str, str] = field(default_factory=dict)
    """Names of addresses that requests can come from, each with what it is."""
    origins: Mapping[str, str] = field(default_factory=dict)
    """Names of web origins (RFC 6454) that requests can come from, each with what it is."""


@dataclass(frozen=True, slots=True)
class Place:
    """A named address of a target with its own variables."""

    name: str
    url: str
    variables: Mapping[str, str]
    where: Where


PEM = "-----BEGIN "
"""How PEM text begins (RFC 7468)."""


@dataclass(frozen=True, slots=True)
class Tls:
    """Whom https places are taken for, and who the harness is to them; paths as written in the target."""

    ca: str | None = None
    """The certificates to trust in place of the system's: PEM, or the path of a file that holds it."""
    client_certificate: str | None = None
    """The path of a PEM file: a certificate and those between it and its authority."""
    client_key: str | None = None
    """The path of its private key; None where that stands in the same file."""
    verify: bool = True
    """False believes every certificate."""
    where: Where | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Listening:
    """Where we listen for calls that a target makes, and how it finds us there."""

    url: str | None = None
    """What tokens name; None for the address that is listened at."""
    host: str = "127.0.0.1"
    port: int = 0
    """0 for any that is free."""


@dataclass(frozen=True, slots=True)
class CredentialRef:
    """Where a configured credential comes from; the secret itself is read when the run begins.

    `source` is env, file, command, prompt, value (only from a provider that made it in this run, hence
    `issued`) or obtained (by a lifecycle verb, when the run begins and again before its life is over);
    `reference` is the variable, the path, the command's words or the sentence that asks a person.
    `env` names the variable that a curl line shows. `at` replaces the place of the profile's credential.
    """

    name: str
    source: Literal["env", "file", "command", "prompt", "value", "obtained"]
    reference: str | tuple[str, ...]
    env: str
    at: str | None
    issued: bool
    where: Where
    settings: Mapping[str, str] = field(default_factory=dict)
    """What the mechanism must know beside the secret, such as kid."""


@dataclass(frozen=True, slots=True)
class Target:
    """One deployment of a profile's API."""

    profile: str
    environment: str
    places: Mapping[str, Place]
    credentials: Mapping[str, CredentialRef]
    absent: Mapping[str, str]
    """What this deployment declares not to have, each with the reason."""
    allow: frozenset[str]
    """Side effects allowed where `environment` is production."""
    resolve: Mapping[str, str]
    """Host name -> address (`host` or `host:port`) to connect to in its stead."""
    canary: Mapping[str, str]
    """Place -> a string that only that place's accepted answers contain."""
    provider: str | None
    """`module:attribute` of the server that can be started in this target's place."""
    where: Where
    lifecycle: Mapping[str, LifecycleVerb] = field(default_factory=dict)
    """How this deployment does the profile's lifecycle verbs."""
    addresses: Mapping[str, str] = field(default_factory=dict)
    """The profile's addresses as this machine has them: what a socket is bound to."""
    origins: Mapping[str, str] = field(default_factory=dict)
    """The profile's origins as this deployment knows them."""
    tls: Tls = field(default_factory=Tls)
    proxy: str | None = None
    """The URL of the HTTP proxy through which every request goes."""
    folder: Path = Path()
    """What its commands are run in, and found from."""
    import_from: str | None = None
    """The folder, besides what is installed, from which functions of lifecycle verbs are imported."""
    listener: Listening | None = None
    """None where it can't reach us."""


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A finding that somebody has accepted for the time being.

    It is about this requirement in every case, about every requirement of this case, or about one in one;
    in an outcome always the last.
    """

    requirement: str | None
    case: str | None
    reason: str
    owner: str
    ticket: str | None
    expires: date
    """The last day on which it holds, in UTC."""
    where: Where
