"""What a first profile and target are made of, whether a document or a person told it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

QUESTION = "# QUESTION:"
"""How each comment begins that a person has to answer."""

NAMES: Mapping[str, str] = {"bearer": "token", "jwt": "jwt", "basic": "basic", "api-key": "key"}
"""Mechanism -> the name that suites have for a credential of it."""

_YAML_WORDS = ("null", "true", "false")
"""Names that YAML would take for a value."""


@dataclass(frozen=True, slots=True)
class Credential:
    """A credential as a profile and a target know it. `settings` are those of the profile, its kind first.

    `env` is the variable that holds the secret; "" where the run obtains it itself. `at` is its place.
    """

    name: str
    settings: Mapping[str, Any]
    env: str
    at: str = "own"
    question: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation that changes nothing; `schema` is a file in schemas/, `takes` None for all credentials."""

    name: str
    request: str
    status: int = 200
    schema: str = ""
    takes: tuple[str, ...] | None = None
    public: bool = False
    question: str = ""


@dataclass(frozen=True, slots=True)
class Outline:
    """A profile and a target before they are written.

    `source` says where they come from. `places` are the addresses by name, `own` first. `variables` are those
    of the requests, each with a first value. `refusal` is the status of a refusal where it is not 401, and
    `refusal_schema` a file in schemas/. `schemas` are those files.
    """

    name: str
    title: str
    source: str
    places: Mapping[str, str]
    credentials: tuple[Credential, ...]
    operations: tuple[Operation, ...]
    environment: str = "staging"
    variables: Mapping[str, str] = field(default_factory=dict)
    refusal: int = 401
    refusal_known: bool = False
    """Whether the document of the operation has it."""
    refusal_told: bool = False
    """Whether a person says that it is so of all of them."""
    refusal_schema: str = ""
    lifecycle: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    schemas: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    address_question: str = ""

    @property
    def main(self) -> Credential | None:
        """The credential that most scenarios use."""
        return next((each for each in self.credentials if not each.settings.get("manages")), None)


def slug(text: str, fallback: str) -> str:
    """`text` as a name in our files: lower-case letters, digits and hyphens, beginning with a letter."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", text).lower()
    made = re.sub(r"[^a-z0-9]+", "-", words).strip("-")[:40].rstrip("-")
    if not made:
        return fallback
    means_itself = made[0].isalpha() and made not in _YAML_WORDS
    return made if means_itself else f"{fallback}-{made}"


def unused(name: str, taken: Collection[str]) -> str:
    """`name`, or with a number behind it, such that it is not among `taken`."""
    number, made = 2, name
    while made in taken:
        number, made = number + 1, f"{name}-{number}"
    return made


def variable_name(profile: str, credential: str) -> str:
    """The environment variable that is proposed for a secret: NOTES_TOKEN."""
    return f"{profile}_{credential}".upper().replace("-", "_")
