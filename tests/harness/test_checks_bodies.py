"""Bodies are held against JSON Schema as its author means it, from one file and without a request."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path

import pytest
from loopback import answering, ok
from scene import schema

from harness.checks.bodies import FORMATS, compile_schema, errors, resolve
from harness.errors import InputError


def wrong(folder: Path, text: str, value: object) -> list[str]:
    """What is said of `value`; each schema in a file of its own, for a validator is built once for a file."""
    return errors(schema(folder, text, f"{len(list(folder.iterdir()))}.json"), value)


def unusable(folder: Path, text: str) -> str:
    """What is said of a schema that cannot be used, without the path of its file."""
    file = schema(folder, text, f"{len(list(folder.iterdir()))}.json")
    with pytest.raises(InputError) as caught:
        compile_schema(file)
    return str(caught.value).removeprefix(f"{file}:1: ")


EXAMPLES = {
    "date": ("2024-02-29", "2023-02-29"),
    "date-time": ("2024-02-29T12:00:00Z", "2024-02-29 12:00"),
    "time": ("12:00:00Z", "25:00:00Z"),
    "email": ("a@b.example", "@"),
    "hostname": ("a.example", "-a.example"),
    "ipv4": ("192.0.2.1", "192.0.2.256"),
    "ipv6": ("2001:db8::1", "2001:db8:::1"),
    "json-pointer": ("/a/~0", "a"),
    "regex": ("^a+$", "("),
    "uri": ("https://a.example/", "a.example"),
    "uri-reference": ("/a?b", "\\a"),
    "uri-template": ("/a/{b}", "/a/{b"),
    "uuid": ("123e4567-e89b-12d3-a456-426614174000", "123e4567"),
}


# JSON Schema lets a validator pass over formats: each that we allow is seen to refuse something.
@pytest.mark.parametrize("name", FORMATS)
def test_formats_are_really_checked(tmp_path: Path, name: str) -> None:
    right, bad = EXAMPLES[name]
    text = json.dumps({"format": name})
    assert wrong(tmp_path, text, right) == []
    assert wrong(tmp_path, text, 5) == []
    assert wrong(tmp_path, text, bad) == [f"$: {bad!r} is not a {name!r}"]


# The same holds where the schema is of an older dialect, whose own checker knows fewer formats.
def test_formats_are_checked_in_every_dialect(tmp_path: Path) -> None:
    text = json.dumps({"$schema": "http://json-schema.org/draft-04/schema#", "format": "uuid"})
    assert wrong(tmp_path, text, "x") == ["$: 'x' is not a 'uuid'"]


# A line end or foreign digits make another string of it, which the packages behind the formats let pass.
@pytest.mark.parametrize("name", [name for name in FORMATS if name not in ("regex", "json-pointer")])
def test_formats_are_exact(tmp_path: Path, name: str) -> None:
    right, _ = EXAMPLES[name]
    arabic = right.translate({ord(str(digit)): chr(0x660 + digit) for digit in range(10)})
    for value in {f"{right}\n", f"\n{right}", f"{right} ", arabic} - {right}:
        assert wrong(tmp_path, json.dumps({"format": name}), value), value


# A format that nobody would check is refused when the schema is read, wherever it stands.
@pytest.mark.parametrize("name", ["iri", "iri-reference", "idn-email", "card-number"])
def test_unknown_formats_are_refused(tmp_path: Path, name: str) -> None:
    text = json.dumps({"properties": {"a": {"items": [{"anyOf": [{"format": name}]}][0]}}})
    known = ", ".join(FORMATS)
    assert unusable(tmp_path, text) == f"the format '{name}' is not checked. Leave it out, or use {known}."


# A property called format, or an example that has one, is no format.
def test_what_only_looks_like_a_format(tmp_path: Path) -> None:
    text = json.dumps(
        {
            "properties": {"format": {"type": "string"}},
            "const": {"format": "iri"},
            "enum": [{"format": "iri"}],
        }
    )
    assert wrong(tmp_path, text, {"format": "iri"}) == []


# ECMA-262: `$` is the very end, `\d` an ASCII digit. Python's are a false pass each.
def test_patterns_are_those_of_ecma(tmp_path: Path) -> None:
    text = json.dumps({"pattern": r"^\d{2}$"})
    assert wrong(tmp_path, text, "12") == []
    assert wrong(tmp_path, text, "12\n") == [r"$: '12\n' does not match '^\\d{2}$'"]
    assert wrong(tmp_path, text, "١٢") == [r"$: '١٢' does not match '^\\d{2}$'"]
    assert wrong(tmp_path, json.dumps({"pattern": r"^\$[$]$"}), "$$") == []


# So they are where they stand for names of members.
def test_pattern_properties_are_those_of_ecma(tmp_path: Path) -> None:
    text = json.dumps({"patternProperties": {r"^\d$": {"type": "string"}}, "additionalProperties": False})
    assert wrong(tmp_path, text, {"1": "x"}) == []
    assert wrong(tmp_path, text, {"1": 5}) == ["$['1']: 5 is not of type 'string'"]
    assert len(wrong(tmp_path, text, {"1\n": "x"})) == 1
    assert len(wrong(tmp_path, text, {"١": "x"})) == 1


def test_a_pattern_that_python_cannot_read(tmp_path: Path) -> None:
    for text in (r'{"pattern": "\\p{L}"}', r'{"patternProperties": {"\\p{L}": true}}'):
        said = unusable(tmp_path, text)
        assert said.startswith(("the pattern '\\p{L}' cannot be used: bad escape", "not a JSON Schema: ")), (
            said
        )


# A reference to another document is a mistake in the schema, told when it is read; nobody is asked for it.
def test_a_remote_reference_is_never_fetched(tmp_path: Path) -> None:
    async def scene() -> None:
        async with answering(ok(b'{"type": "string"}')) as server:
            text = json.dumps({"properties": {"a": {"$ref": f"{server.url}/a.json"}}})
            said = await asyncio.to_thread(unusable, tmp_path, text)
            assert said == (
                f"the reference '{server.url}/a.json' leads out of the file. "
                "Put what it names under $defs; nothing is fetched."
            )
            assert server.connections == 0

    asyncio.run(scene())


@pytest.mark.parametrize("reference", ["other.json", "#/$defs/b", "#anchor", "file:///etc/passwd"])
def test_a_reference_that_leads_nowhere(tmp_path: Path, reference: str) -> None:
    text = json.dumps({"$defs": {"a": {}}, "items": {"$ref": reference}})
    assert unusable(tmp_path, text).startswith(f"the reference '{reference}' leads out of the file.")


def test_references_within_the_file(tmp_path: Path) -> None:
    text = json.dumps(
        {
            "$id": "https://api.example/list.json",
            "$defs": {"a": {"$anchor": "name", "type": "string"}, "b": {"$id": "b.json", "type": "number"}},
            "properties": {"x": {"$ref": "#name"}, "y": {"$ref": "b.json"}, "z": {"$ref": "#/$defs/a"}},
        }
    )
    assert wrong(tmp_path, text, {"x": "a", "y": 1, "z": "a"}) == []
    assert len(wrong(tmp_path, text, {"x": 1, "y": "a", "z": 1})) == 3


# Each mistake of a schema file is one clear sentence with its place.
@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "the schema cannot be read: Expecting property name"),
        ('{"type": "text"}', "not a JSON Schema: 'text' is not valid under any of the given schemas"),
        ("[]", "not a JSON Schema: [] is not of type 'object', 'boolean'"),
        ('{"$schema": "https://a.example/x"}', "the dialect 'https://a.example/x' of JSON Schema is unknown"),
    ],
)
def test_mistakes_of_a_schema(tmp_path: Path, text: str, says: str) -> None:
    assert unusable(tmp_path, text).startswith(says)


def test_a_schema_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="none.json:1: the schema cannot be read: .*No such file"):
        compile_schema(tmp_path / "none.json")


# All errors are told with their places, long ones shortened, and never more than twenty.
def test_errors_are_told_with_their_places(tmp_path: Path) -> None:
    text = json.dumps({"items": {"properties": {"id": {"type": "integer"}}, "required": ["name"]}})
    assert wrong(tmp_path, text, [{"id": "x"}, {"name": 1}]) == [
        "$[0].id: 'x' is not of type 'integer'",
        "$[0]: 'name' is a required property",
    ]
    assert len(wrong(tmp_path, '{"items": {"type": "string"}}', list(range(100_000)))) == 20
    (long,) = wrong(tmp_path, '{"maxLength": 1}', "x" * 9999)
    assert len(long) < 2020 and long.endswith("…")


# The target decides how deep and how long an answer is; it is judged in bounded time all the same.
def test_hostile_values(tmp_path: Path) -> None:
    deep: object = {}
    for _ in range(5000):
        deep = {"a": deep}
    text = json.dumps({"$defs": {"n": {"properties": {"a": {"$ref": "#/$defs/n"}}}}, "$ref": "#/$defs/n"})
    assert wrong(tmp_path, text, deep) == ["$: nested too deeply to be compared with the schema"]
    large = ["$: a number in it is too large to be compared with the schema"]
    assert wrong(tmp_path, '{"multipleOf": 0.1}', 10**400) == large
    assert wrong(tmp_path, '{"$ref": "#"}', 1) == ["$: nested too deeply to be compared with the schema"]
    began = time.monotonic()
    mixed = [each for number in range(20_000) for each in (number, str(number), [number], {"a": number})]
    assert wrong(tmp_path, '{"uniqueItems": true}', mixed) == []
    assert time.monotonic() - began < 2


# 1 and 1.0 are one number to JSON Schema, 1 and true are not; the order of members does not matter.
def test_unique_items(tmp_path: Path) -> None:
    text = '{"uniqueItems": true}'
    assert wrong(tmp_path, text, [1, True, "1", 0, False, None, [1], [True]]) == []
    assert wrong(tmp_path, text, [1, 1.0]) == ["$: [1, 1.0] has non-unique elements"]
    assert len(wrong(tmp_path, text, [{"a": 1, "b": [2]}, {"b": [2.0], "a": 1}])) == 1


# RFC 6901, its own examples among them.
def test_pointers() -> None:
    document = {"foo": ["bar", "baz"], "": 0, "a/b": 1, "m~n": 8, "~1": 2}
    assert resolve(document, "") == document
    assert [resolve(document, each) for each in ("/foo/0", "/", "/a~1b", "/m~0n", "/~01")] == [
        *("bar", 0, 1, 8, 2)
    ]
    for nowhere in ("/foo/2", "/foo/-", "/foo/01", "/foo/-1", "/foo/٠", "/none", "/foo/0/x"):
        with pytest.raises(LookupError):
            resolve(document, nowhere)
