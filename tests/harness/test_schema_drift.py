"""The published schemas, the loaders and the model have the same words, in both directions.

Where a word of a file has another name in the model, the pair stands here. So whoever adds a key to a
schema, a field to a record or a constant to a loader is told of the other two.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, get_args, get_type_hints

import pytest

from harness import suites
from harness.changes import REQUEST_PARTS
from harness.checks import CHECKS
from harness.credentials import MECHANISMS, slots
from harness.credentials.mechanisms import HEADERS
from harness.expectations import ATTRIBUTION, MAY, MUST, OPTIONS, SETTINGS
from harness.model import (
    LEVELS,
    Acceptance,
    CredentialKind,
    CredentialRef,
    Effect,
    LifecycleVerb,
    Operation,
    Outcome,
    Place,
    Profile,
    Requirement,
    Scenario,
    Spoil,
    Step,
    Suite,
    Target,
    Verb,
)
from harness.names import OF_ANY_CREDENTIAL
from harness.refusals import REASONS
from harness.shapes import load_schema

SUITE, PROFILE, TARGET = (load_schema(name) for name in ("suite", "profile", "target"))
REQUIREMENTS = load_schema("requirements")


def keys(schema: Mapping[str, Any], *path: str) -> set[str]:
    """The properties that the definition under `path` has."""
    for each in path:
        schema = schema[each]
    return set(schema["properties"])


def words(record: type) -> set[str]:
    """The fields of a record, without those that no file has."""
    return {field.name for field in fields(record)} - {"where"}


# A step's keys in the schema are those that the loader reads.
def test_step_keys_of_schema_and_loader() -> None:
    step = keys(SUITE, "definitions", "step")
    assert step == set(suites._STEP_KEYS)
    assert {*suites.VERBS, *suites.OUTCOMES, *suites.EXPLICIT, *suites.OPTIONS} <= step
    assert len(suites._STEP_KEYS) == len(set(suites._STEP_KEYS))


# The loader's verbs and outcomes are the model's.
def test_verbs_and_outcomes_of_loader_and_model() -> None:
    assert suites.VERBS == get_args(Verb)
    kinds = get_args(get_type_hints(Outcome)["kind"])
    assert set(kinds) == {*suites.OUTCOMES, "alike"}


# Every key of a step ends in a field of Step, and every field comes from a key.
def test_step_keys_of_schema_and_model() -> None:
    ends_in = dict.fromkeys(suites.VERBS, "subject")
    ends_in |= dict.fromkeys(suites.OUTCOMES, "outcome")
    ends_in |= dict.fromkeys((*suites.EXPLICIT, "checks"), "expects")
    ends_in |= dict.fromkeys(suites.OPTIONS, "options")
    ends_in |= {"but": "spoil", "without": "spoil", "among": "branches"}
    ends_in |= {key: key for key in ("on", "at", "times", "together", "proves")}
    assert set(ends_in) == keys(SUITE, "definitions", "step")
    assert set(ends_in.values()) == words(Step) - {"verb"}


# One step may be written without `steps:`, so a scenario has every key of a step, of the same form.
def test_scenario_has_the_keys_of_a_step() -> None:
    step = keys(SUITE, "definitions", "step")
    scenario = SUITE["definitions"]["scenario"]["properties"]
    own = set(scenario) - step
    assert step < set(scenario)
    for key in step:
        assert scenario[key] == {"$ref": f"#/definitions/step/properties/{key}"}
    assert own - {"each"} | {"variant"} == words(Scenario) - {"suite"}


# A variant under `each:` has some of a scenario's keys, of the same form.
def test_variant_has_keys_of_a_scenario() -> None:
    variant = SUITE["definitions"]["variant"]["properties"]
    scenario = SUITE["definitions"]["scenario"]["properties"]
    assert set(variant) < set(scenario)
    for key, form in variant.items():
        assert form.get("$ref") == scenario[key].get("$ref")


# The head of a suite file is spread over the suite and its scenarios.
def test_suite_keys() -> None:
    assert keys(SUITE) - {"needs", "touches", "suite"} | {"id", "path"} == words(Suite)


# What a mechanism or a request can have changed can be written under `but:`.
def test_spoils() -> None:
    known = {part for mechanism in MECHANISMS.values() for part in mechanism.parts} | REQUEST_PARTS
    assert known <= keys(SUITE, "definitions", "spoil")
    assert words(Spoil) == {"part", "change", "removed"}


# A profile's keys end in fields of the records that it is made of.
@pytest.mark.parametrize(
    ("path", "renamed", "resolved", "record"),
    [
        ((), {"profile": "name"}, {"extends", "keeps"}, Profile),
        (("definitions", "credential"), {"kind": "mechanism"},
         {"like", HEADERS, *OF_ANY_CREDENTIAL, *slots.SETTINGS}, CredentialKind),
        (("definitions", "operation"), {"request": "method", "json": "body", "form": "body_type"}, set(),
         Operation),
        (("definitions", "operation", "properties", "effect"), {"shows": "text", "hides": "appears"}, set(),
         Effect),
    ],
)  # fmt: skip
def test_profile_keys(
    path: tuple[str, ...], renamed: dict[str, str], resolved: set[str], record: type
) -> None:
    written = {renamed.get(key, key) for key in keys(PROFILE, *path) - resolved}
    # the entry's own key, further keys, a part, what the others say, and what no profile says
    beside = {"name", "options", "path", "other_prefixes", "says_touches", "described"} if path else set()
    assert written <= words(record) <= written | beside


# A lifecycle verb is of one of four kinds; a target says how it does one in the profile's own words.
def test_verb_keys() -> None:
    verb = PROFILE["definitions"]["verb"]
    kinds = [each["required"][0] for each in verb["oneOf"]]
    assert kinds == list(get_args(get_type_hints(LifecycleVerb)["kind"]))
    beside = keys(PROFILE, "definitions", "verb") - set(kinds) - {"json", "form"}
    assert beside | {"name", "kind", "what", "body", "body_type", "says_touches"} == words(LifecycleVerb)
    assert TARGET["definitions"]["verb"] == verb


# A target's keys are the fields of Target, Place and CredentialRef.
def test_target_keys() -> None:
    assert {key.replace("-", "_") for key in keys(TARGET)} | {"folder"} == words(Target)
    place = keys(TARGET, "properties", "places", "additionalProperties")
    assert place | {"name", "variables"} == words(Place)
    assert keys(TARGET, "definitions", "credential") - {"file", "command", "prompt", "key", "with"} | {
        "name", "source", "reference", "issued", "settings",
    } == words(CredentialRef)  # fmt: skip


# A requirement's keys are the fields of Requirement.
def test_requirement_keys() -> None:
    assert keys(REQUIREMENTS, "definitions", "requirement") | {"id"} == words(Requirement)


# A baseline's keys are the fields of Acceptance.
def test_baseline_keys() -> None:
    assert keys(load_schema("baseline"), "definitions", "entry") == words(Acceptance)


# Levels and side effects are the same words wherever they can be written.
def test_words_that_several_files_share() -> None:
    for schema in (SUITE, PROFILE):
        expectation = schema["definitions"]["expectation"]
        assert set(expectation["properties"]) == set(ATTRIBUTION)
        assert expectation["properties"]["level"]["enum"] == list(LEVELS)
        assert expectation["dependencies"] == {"level": ["because"]}
    level = REQUIREMENTS["definitions"]["requirement"]["properties"]["level"]
    assert level["enum"] == list(LEVELS)
    touches = SUITE["definitions"]["touches"]["items"]
    assert PROFILE["definitions"]["touches"]["items"] == touches
    assert TARGET["properties"]["allow"]["items"] == touches


# What a check reads of its arguments is what the loaders demand and allow.
def test_settings_of_checks() -> None:
    assert {*SETTINGS, *OPTIONS} <= set(CHECKS)
    for name, check in CHECKS.items():
        source = inspect.getsource(check)
        must, may = {*SETTINGS.get(name, {}), *getattr(check, MUST, {})}, {*OPTIONS.get(name, {})}
        assert set(re.findall(r"\bargs\[\"(\w+)\"\]", source)) - {"file"} == must, name
        assert set(re.findall(r"\bargs\.get\(\"(\w+)\"", source)) == {*may, *getattr(check, MAY, {})}, name


# Every reason can be written in a profile, and stands for one that there is.
def test_reasons() -> None:
    name = re.compile(PROFILE["definitions"]["name"]["pattern"])
    for reason, about in REASONS.items():
        assert name.search(reason)
        assert about.like == "default" or about.like in REASONS
