"""What is wrong with the shape of a file, said in sentences with places."""

import re
import time
from collections.abc import Mapping
from typing import Any

import pytest
from jsonschema import Draft7Validator

from harness.positions import parse
from harness.shapes import check, load_schema

SHIPPED = ("suite", "profile", "target", "requirements")


def said(text: str, schema: Mapping[str, Any]) -> list[str]:
    """The mistakes in `text`, as a person reads them."""
    return [str(each) for each in check(parse(text, "f.yaml"), schema)]


def about(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """A file whose only key is `it`, of this schema."""
    return {"title": "a file", "type": "object", "properties": {"it": schema}}


STEP = {
    "title": "a step",
    "type": "object",
    "additionalProperties": False,
    "required": ["id"],
    "properties": {"id": {"type": "string"}, "status": {"type": "integer"}, "refused": {"type": "string"}},
}
STEPS = {"title": "a list of steps", "type": "array", "items": STEP}


# A misspelt key is told at its own line, with the one that was meant.
def test_unknown_key_with_the_nearest_name() -> None:
    assert said("- id: x\n  staus: 401\n", STEPS) == [
        "f.yaml:2: unknown key 'staus' in a step. Did you mean 'status'?"
    ]


# Every unknown key is told; where none is near, what is known.
def test_all_unknown_keys() -> None:
    assert said("- id: x\n  zz: 1\n  Refused: y\n", STEPS) == [
        "f.yaml:2: unknown key 'zz' in a step. Known: id, status, refused.",
        "f.yaml:3: unknown key 'Refused' in a step. Did you mean 'refused'?",
    ]


# A missing key is told at the line where its mapping begins.
def test_missing_key() -> None:
    assert said("- id: x\n- status: 1\n", STEPS) == ["f.yaml:2: a step needs 'id'"]
    assert said("it: {}", about({"type": "object", "required": ["a", "b", "c"]})) == [
        "f.yaml:1: 'it' needs 'a', 'b' and 'c'"
    ]


# All mistakes of a file are told at once, in the order of its lines.
def test_mistakes_are_sorted_by_line() -> None:
    text = "- id: 1\n- status: '401'\n  id: x\n- zz\n- id: x\n  refused:\n"
    assert said(text, STEPS) == [
        "f.yaml:1: 'id' must be a string, not a number. Quote it.",
        "f.yaml:2: 'status' must be a whole number, not a string. Write a decimal number, without quotes.",
        "f.yaml:4: a step must be a mapping, not a string",
        "f.yaml:6: 'refused' must be a string, not null",
    ]


# A file that is right has nothing to be told.
def test_right_file() -> None:
    assert said("- id: x\n  status: 401\n", STEPS) == []


# One sentence for each keyword of JSON Schema that our schemas use.
@pytest.mark.parametrize(
    ("schema", "value", "sentence"),
    [
        ({"enum": ["MUST", "SHOULD"]}, "MSUT", "'MSUT' is not one of MUST, SHOULD. Did you mean 'MUST'?"),
        ({"enum": ["MUST", "SHOULD"]}, "zz", "'zz' is not one of MUST, SHOULD"),
        ({"enum": ["a", "b"]}, "[1]", "a list is not one of a, b"),
        ({"enum": ["none"]}, "nnoe", "'it' must be 'none', not 'nnoe'"),
        ({"const": True}, "yes", "'it' must be true, not 'yes'"),
        ({"type": "object"}, "[]", "'it' must be a mapping, not a list"),
        ({"type": ["string", "integer", "null"]}, "{}",
         "'it' must be a string, a whole number or null, not a mapping"),
        ({"type": "integer"}, "1.5", "'it' must be a whole number, not a number"),
        ({"type": "boolean"}, "on", "'it' must be true or false, not a string"),
        ({"type": "string"}, "false", "'it' must be a string, not false. Quote it."),
        (
            {"pattern": "^[a-z]+$", "x-pattern-says": "lower-case letters"},
            "A b",
            "'it' must be lower-case letters, not 'A b'",
        ),
        ({"pattern": "^[a-z]$", "description": "A name."}, "A", "'it' must match ^[a-z]$, not 'A'. A name."),
        ({"minItems": 1}, "[]", "'it' must not be empty"),
        ({"minItems": 2}, "[1]", "'it' must have at least 2 items, not 1"),
        ({"maxItems": 1}, "[1, 2]", "'it' must have at most 1 item, not 2"),
        ({"uniqueItems": True}, "[1, 1]", "'it' has the same item twice. Remove one of the two."),
        ({"minLength": 1}, "''", "'it' must not be empty"),
        ({"minLength": 4}, "abc", "'it' must have at least 4 characters, not 3"),
        ({"maxLength": 2}, "abc", "'it' must have at most 2 characters, not 3"),
        ({"minProperties": 1}, "{}", "'it' must not be empty"),
        ({"minProperties": 1, "maxProperties": 1}, "{a: 1, b: 2}", "'it' must have exactly one entry, not 2"),
        ({"minimum": 1}, "0", "'it' must be at least 1, not 0"),
        ({"maximum": 599}, "600", "'it' must be at most 599, not 600"),
        ({"dependencies": {"level": ["because"]}}, "{level: 1}", "'it' with 'level' needs 'because'"),
        ({"items": {"type": "string"}}, "[a, 1]", "item 2 of 'it' must be a string, not a number. Quote it."),
        ({"not": {"const": 1}, "description": "Never 1."}, "1", "'it' is not as it must be (not). Never 1."),
    ],
)  # fmt: skip
def test_sentence_of_each_keyword(schema: Mapping[str, Any], value: str, sentence: str) -> None:
    assert said(f"it: {value}", about(schema)) == [f"f.yaml:1: {sentence}"]


# A key of the wrong form is told at its own line.
def test_key_of_the_wrong_form() -> None:
    schema = about({"propertyNames": {"pattern": "^[a-z]+$", "x-pattern-says": "lower-case letters"}})
    assert said("it:\n  ok: 1\n  Not Ok: 2\n", schema) == [
        "f.yaml:3: the key 'Not Ok' must be lower-case letters"
    ]


CHOICE = {
    "oneOf": [
        {"type": "string", "minLength": 1},
        {"title": "a computed value", "type": "object", "additionalProperties": False, "minProperties": 1,
         "properties": {"like": {"enum": ["it"]}, "cut": {"type": "integer"}}},
        {"oneOf": [{"const": True}, {"type": "array", "items": {"type": "integer"}}]},
    ]
}  # fmt: skip


# Of several forms, the one that was meant is explained; the others are not mentioned.
@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("''", "'it' must not be empty"),
        ("{lik: it}", "unknown key 'lik' in a computed value. Did you mean 'like'?"),
        ("{like: itt}", "'like' must be 'it', not 'itt'"),
        ("[1, {}]", "item 2 of 'it' must be a whole number, not a mapping"),
        ("7", "'it' must be a string, a mapping, true or a list, not a number"),
        ("false", "'it' must be a string, a mapping, true or a list, not false"),
    ],
)  # fmt: skip
def test_choice_is_explained_by_the_form_that_was_meant(value: str, sentence: str) -> None:
    assert said(f"it: {value}", about(CHOICE)) == [f"f.yaml:1: {sentence}"]


# Of several mappings, the one with the fewest mistakes was meant.
def test_choice_between_mappings() -> None:
    def form(*keys: str) -> dict[str, Any]:
        return {
            "title": f"a form with {keys[0]}",
            "type": "object",
            "additionalProperties": False,
            "required": list(keys),
            "properties": dict.fromkeys(keys, {}),
        }

    schema = about({"anyOf": [form("env", "at"), form("file", "key", "at")]})
    assert said("it: {file: x, key: y}", schema) == ["f.yaml:1: a form with file needs 'at'"]


# Keys that exclude each other are told as such, whether none or too many are there.
def test_keys_that_exclude_each_other() -> None:
    alternatives = [{"required": [key]} for key in ("env", "file", "prompt")]
    schema = about({"title": "a reference", "type": "object", "oneOf": alternatives})
    assert said("it: {}", schema) == ["f.yaml:1: a reference needs 'env', 'file' or 'prompt'"]
    assert said("it: {env: a, file: b}", schema) == [
        "f.yaml:1: a reference has 'env' and 'file', but can have only one of them"
    ]


# Where the forms themselves overlap, that is what is said.
def test_forms_that_overlap() -> None:
    schema = about({"oneOf": [{"type": "string"}, {"minLength": 1}]})
    assert said("it: x", schema) == ["f.yaml:1: 'it' can be read in more than one way"]


# What may be a secret is never printed, in whatever way it is wrong.
@pytest.mark.parametrize(
    ("schema", "sentence"),
    [
        ({"pattern": "^[A-Z]+$", "x-pattern-says": "a variable's name"}, "'it' must be a variable's name"),
        ({"enum": ["A", "B"]}, "'it' must be 'A' or 'B'"),
        ({"const": "A"}, "'it' must be 'A'"),
        ({"type": "object"}, "'it' must be a mapping, not a string"),
        ({"oneOf": [{"type": "object"}, {"const": "x"}]}, "'it' must be a mapping or 'x', not a string"),
    ],
)
def test_secret_values_are_not_shown(schema: Mapping[str, Any], sentence: str) -> None:
    assert said("it: oc_live_secret", about({**schema, "writeOnly": True})) == [f"f.yaml:1: {sentence}"]


# A value can neither flood the terminal nor command it.
def test_values_are_shortened_and_escaped() -> None:
    schema = about({"const": True})
    assert said('it: "\\e[31m\\n"', schema) == [r"f.yaml:1: 'it' must be true, not '\x1b[31m\n'"]
    assert said(f"it: {'x' * 500}", schema) == [f"f.yaml:1: 'it' must be true, not '{'x' * 59}…'"]


# `$` in a pattern is the end of the value: Python's own would let a line end slip through. `\d` is ASCII.
def test_patterns_are_those_of_ecma_262() -> None:
    schema = about({"pattern": r"^(a\$|[$b]|\d)$"})
    for right in ("a$", "$", "b", "7"):
        assert said(f"it: '{right}'", schema) == []
    for wrong in ('"b\\n"', '"a$\\n"', "٣", "a"):
        assert len(said(f"it: {wrong}", schema)) == 1


# One mistake that the schema notices in two ways is told once.
def test_no_mistake_is_told_twice() -> None:
    twice = {"allOf": [{"type": "object"}, {"type": "object"}]}
    assert said("it: 1", about(twice)) == ["f.yaml:1: 'it' must be a mapping, not a number"]


# Root and list items have names too where no key names them.
def test_what_has_no_key_has_a_name() -> None:
    assert said("[]", {"title": "a suite", "type": "object"}) == [
        "f.yaml:1: a suite must be a mapping, not a list"
    ]
    assert said("[]", {"type": "object"}) == ["f.yaml:1: the file must be a mapping, not a list"]
    assert said("[[1]]", {"items": {"items": {"type": "string"}}}) == [
        "f.yaml:1: item 1 must be a string, not a number. Quote it."
    ]


# The published schemas are right by JSON Schema's own rules.
@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_schemas_are_draft_07(name: str) -> None:
    schema = load_schema(name)
    assert schema["$schema"] == "http://json-schema.org/draft-07/schema#"
    Draft7Validator.check_schema(dict(schema))


# Each mapping of the published schemas that refuses unknown keys has a name for messages, and each
# pattern a description in words.
@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_schemas_have_words_for_messages(name: str) -> None:
    wordless = []
    open_parts: list[tuple[str, Any]] = [("#", load_schema(name))]
    while open_parts:
        path, part = open_parts.pop()
        if isinstance(part, list):
            open_parts += [(f"{path}/{number}", each) for number, each in enumerate(part)]
        elif isinstance(part, dict):
            open_parts += [(f"{path}/{key}", each) for key, each in part.items()]
            closed = part.get("additionalProperties") is False
            if closed and "title" not in part:
                wordless.append(f"{path} has no title")
            if isinstance(part.get("pattern"), str) and not {"x-pattern-says", "description"} & set(part):
                wordless.append(f"{path} has no words for its pattern")
    assert wordless == []


# No real message shows the machinery: a whole mapping, a jsonschema phrase, a Python name.
def test_messages_about_a_real_suite_read_well() -> None:
    text = (
        "suite: Bad Name\n"
        "title: ''\n"
        "scenarios:\n"
        "  - id: a\n"
        "    requires: {x: y}\n"
        "    present: [token]\n"
        "    but: {value: {lik: it}}\n"
        "    acepted: true\n"
        "  - steps:\n"
        "      - {present: x, refsed: y}\n"
        "      - 7\n"
        "    requires: r\n"
    )
    mistakes = said(text, load_schema("suite"))
    assert "f.yaml:7: unknown key 'lik' in a computed value. Did you mean 'like'?" in mistakes
    assert "f.yaml:8: unknown key 'acepted' in a scenario. Did you mean 'accepted'?" in mistakes
    assert "f.yaml:9: a scenario needs 'id'" in mistakes
    assert "f.yaml:10: unknown key 'refsed' in a step. Did you mean 'refused'?" in mistakes
    assert "f.yaml:11: a step must be a mapping, not a number" in mistakes
    for each in mistakes:
        assert not re.search(r"[{}]|is not valid|required property|Additional|None|True|dict", each), each


# A suite of sixty scenarios is read and checked in a moment: the validator is built once.
def test_checking_is_quick() -> None:
    scenario = (
        "  - id: s{0}\n    requires: [rfc6750/3, rfc9110/11]\n    steps:\n"
        "      - {{obtain: token, as: spare}}\n"
        "      - {{present: jwt, but: {{claims: {{exp: {{time: now - 1h}}}}}}, refused: expired}}\n"
    )
    text = "suite: a/b\ntitle: t\nscenarios:\n" + "".join(map(scenario.format, range(60)))
    said(text, load_schema("suite"))
    began = time.process_time()
    assert said(text, load_schema("suite")) == []
    assert time.process_time() - began < 0.3
