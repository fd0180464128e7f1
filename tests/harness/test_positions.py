"""Files are read as YAML 1.2 says, refused where they could be misread, and never a danger."""

import json
import os
import random
import time
from pathlib import Path

import pytest

from harness import shipped
from harness.errors import InputError
from harness.model import Where
from harness.positions import display, parse, read


def refusals(text: str) -> list[str]:
    """What is said about `text`, a line for each mistake."""
    with pytest.raises(InputError) as raised:
        parse(text, "f.yaml")
    return str(raised.value).splitlines()


# What YAML 1.1 would turn into booleans, octal, sexagesimal and dates is what its author typed.
def test_scalars_are_those_of_yaml_1_2() -> None:
    document = parse(
        "on: NO\nyes: off\nday: 2026-01-01\nmode: 0644\noctal: 0o17\nhex: 0x1F\nwhen: 1:30\nbig: 1_000\n"
        "version: 1.2.3\nplus: '+1'\nphone: +0123\n",
        "f.yaml",
    )
    assert document.value == {
        "on": "NO",
        "yes": "off",
        "day": "2026-01-01",
        "mode": "0644",
        "octal": "0o17",
        "hex": "0x1F",
        "when": "1:30",
        "big": "1_000",
        "version": "1.2.3",
        "plus": "+1",
        "phone": "+0123",
    }


# Numbers, booleans and null have the spellings of the core schema, and quotes make a string of any.
def test_numbers_booleans_and_null() -> None:
    document = parse(
        "[0, -1, 12, +3, 1.5, -0.5, .5, 1e3, true, True, FALSE, null, ~, 'null', \"1\"]", "f.yaml"
    )
    assert document.value == [
        *(0, -1, 12, 3, 1.5, -0.5, 0.5, 1000.0),
        *(True, True, False, None, None, "null", "1"),
    ]
    assert parse("empty:\nblock: |\n  1\n", "f.yaml").value == {"empty": None, "block": "1\n"}


# Every part remembers its line: a mapping entry that of its key, a list item its own.
def test_where_a_part_was_written() -> None:
    document = parse("# a comment\nsuite: x\nsteps:\n  - a: 1\n    b:\n      c\n  - [d,\n     e]\n", "f.yaml")
    lines = {
        (): 2,
        ("suite",): 2,
        ("steps",): 3,
        ("steps", 0): 4,
        ("steps", 0, "a"): 4,
        ("steps", 0, "b"): 5,
        ("steps", 1): 7,
        ("steps", 1, 0): 7,
        ("steps", 1, 1): 8,
    }
    assert document.lines == lines
    assert str(document.where("steps", 1, 1)) == "f.yaml:8"


# What is not there is placed at the nearest part around it.
def test_where_falls_back_to_what_is_around() -> None:
    document = parse("\n\na:\n  b: 1\n", "f.yaml")
    assert document.where("a", "b", "c", 0) == Where("f.yaml", 4)
    assert document.where("a", "x") == Where("f.yaml", 3)
    assert document.where("nothing") == Where("f.yaml", 3)


# Windows line ends, a byte order mark and a document marker make no difference.
def test_lines_with_other_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "f.yaml"
    path.write_bytes(b"\xef\xbb\xbf---\r\na: 1\r\nb: 2\r\n")
    document = read(path)
    assert document.value == {"a": 1, "b": 2}
    assert document.where("b").line == 3


# A JSON file is read the same way: the values are those that a JSON parser finds.
def test_json_is_read_alike() -> None:
    def any_value(depth: int) -> object:
        leaf = [None, True, False, 0, -17, 2.5, 1e-9, "", "on", 'é "\\ \n\t😀', "0644", "a: b #c"]
        if depth == 0 or chance.random() < 0.4:
            return chance.choice(leaf)
        if chance.random() < 0.5:
            return [any_value(depth - 1) for _ in range(chance.randrange(4))]
        return {f"key {number}": any_value(depth - 1) for number in range(chance.randrange(4))}

    chance = random.Random(7519)
    for indent in (None, 2):
        for _ in range(150):
            text = json.dumps(any_value(5), indent=indent, ensure_ascii=False)
            assert parse(text, "f.json").value == json.loads(text)


# A key given twice is told with both lines, in every mapping of the file at once.
def test_duplicate_keys_are_all_told() -> None:
    assert refusals("id: a\nx:\n  k: 1\n  k: 2\nid: b\nid: c\n") == [
        "f.yaml:4: duplicate key 'k', first written on line 3. Remove one of the two.",
        "f.yaml:5: duplicate key 'id', first written on line 1. Remove one of the two.",
        "f.yaml:6: duplicate key 'id', first written on line 1. Remove one of the two.",
    ]


# What could make one text mean another is refused, each with what to write in its stead.
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "a: &x 1",
            "the anchor '&x' is not allowed. Write the value out wherever it is needed.",
        ),
        ("a: *x", "the alias '*x' is not allowed. Write the value out."),
        ("*x : a", "the alias '*x' is not allowed. Write the value out."),
        ("<<: {a: 1}", "merge keys '<<' are not allowed. Write the entries out."),
        (
            "a: !!python/object/apply:os.system [id]",
            "the tag '!!python/object/apply:os.system' is not allowed. "
            "Remove it; quote a value that is to be a string.",
        ),
        ("a: !env TOKEN", "the tag '!env' is not allowed. Remove it; quote a value that is to be a string."),
        ("!!map {a: b}", "the tag '!!map' is not allowed. Remove it; quote a value that is to be a string."),
        ("401: x", 'the key 401 is a number, not a string. Quote it: "401".'),
        ("true: x", 'the key true is a boolean, not a string. Quote it: "true".'),
        ("null: x", 'the key null is YAML\'s null, not a string. Quote it: "null".'),
        ("? \n: x", "a key is missing before ':'. Write the key."),
        ("[a, b]: x", "a key is a list, not a string. Quote a key with '[' or '{'."),
        ("{{name}}: x", "a key is a mapping, not a string. Quote a key with '[' or '{'."),
        ("a: 1\n---\nb: 2", "a second document begins here. Keep one document in a file."),
        ("a: .nan", ".nan is not a finite number. Quote it if it is a string."),
        ("a: -.inf", "-.inf is not a finite number. Quote it if it is a string."),
        ("a: 1e999", "1e999 is not a finite number. Quote it if it is a string."),
        ("a: " + "9" * 5000, "a number of 5000 characters is too long. Quote it."),
        ("", "the file is empty"),
        ("# only a comment\n", "the file is empty"),
    ],
)
def test_refused_with_the_next_step(text: str, expected: str) -> None:
    assert refusals(text)[0].split(": ", 1)[1] == expected


# Quoted, the same characters are harmless.
def test_quotes_make_strings_of_special_words() -> None:
    assert parse("'<<': '&x'\n'401': '!env'\n", "f.yaml").value == {"<<": "&x", "401": "!env"}


# What the YAML parser calls by its inner names is told in words, at the line where it began.
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: b\n\tc: d\n", "f.yaml:2: a tab in the indentation. Indent with spaces."),
        (
            "a:\n\t- d\n",
            "f.yaml:2: a character that cannot begin a value. "
            "Quote the value; indent with spaces, never with a tab.",
        ),
        ("a:\n  b: 'x\nc: d\n", "f.yaml:2: the quotes are never closed. Close the quoted value."),
        ("a: [1, 2\nb: 3\n", "f.yaml:1: this '[' is not closed. Add the ',' or ']'."),
        ("a: 1\nb: {c: 1\nd: 3\n", "f.yaml:2: this '{' is not closed. Add the ',' or '}'."),
        ("a: 1\njunk\nb: 2\n", "f.yaml:2: a line that is neither 'key: value' nor a list item. Add the ':'."),
        (
            "title: one: two\n",
            "f.yaml:1: a ': ' where no key can be. "
            "Quote a value that contains ': ', and check the indentation.",
        ),
        (
            "a: 'x' y\n",
            "f.yaml:1: something else where a key must be. "
            "Check the indentation, the quotes, and the brackets above.",
        ),
        (
            "- a\nb: c\n",
            "f.yaml:2: something else where a list item must be. "
            "Check the indentation; every item of a list begins with '- '.",
        ),
        ('a: "\\d"\n', "f.yaml:1: a '\\' that begins no known escape. Double it, or use single quotes."),
        (
            'a: "\\ud83d\\ude00"\n',
            "f.yaml:1: an escape that is no character. "
            "Write the character itself; beyond U+FFFF its escape is \\U and eight digits, not a pair.",
        ),
        ("%FOO\n---\na: b\n", "f.yaml:1: this is not YAML: found unknown directive name"),
    ],
)
def test_syntax_errors_in_plain_words(text: str, expected: str) -> None:
    assert refusals(text) == [expected]


# A syntax error at the end does not hide what was found before it.
def test_mistakes_before_a_syntax_error_are_told_too() -> None:
    assert refusals("a: 1\na: &x 2\nb: [\n") == [
        "f.yaml:2: duplicate key 'a', first written on line 1. Remove one of the two.",
        "f.yaml:2: the anchor '&x' is not allowed. Write the value out wherever it is needed.",
        "f.yaml:4: a value is missing. Close every '[' and '{' once.",
    ]


# Raw control characters, and those that only YAML takes for line ends, are named by their code.
@pytest.mark.parametrize("character", ["\x00", "\x1b", "\x7f", "\x85", "\u2028", "\ufffe", "\ud800"])
def test_control_characters_are_refused(character: str) -> None:
    code = f"{ord(character):04x}"
    assert refusals(f"a: b\r\nc: d{character}\n") == [
        f"f.yaml:2: the character U+{code.upper()} is not allowed in a file. "
        f'Remove it, or write it as "\\u{code}" in double quotes.'
    ]


# As an escape a control character is a value like any other: suites send them on purpose.
def test_escaped_control_characters_are_values() -> None:
    assert parse(r'a: "x\0\x1b\u2028"', "f.yaml").value == {"a": "x\0\x1b\u2028"}


# However deep a hostile file is nested, it is refused at once and by a message.
@pytest.mark.parametrize("text", ["[" * 100_000, "{a: " * 100_000, "- " * 100_000, "? " * 100_000])
def test_deep_nesting_is_refused_quickly(text: str) -> None:
    began = time.perf_counter()
    assert refusals(text) == ["f.yaml:1: nested more than 50 levels deep"]
    assert time.perf_counter() - began < 1


# Fifty levels are allowed.
def test_fifty_levels_are_read() -> None:
    value = parse("[" * 50 + "]" * 50, "f.yaml").value
    for _ in range(49):
        value = value[0]
    assert value == []


# A file that cannot be read says why, and what to do.
def test_unreadable_files(tmp_path: Path) -> None:
    (tmp_path / "latin.yaml").write_bytes(b"a: b\nc: \xe9\n")
    (tmp_path / "wide.yaml").write_bytes("a: b\n".encode("utf-16"))
    (tmp_path / "large.yaml").write_bytes(b"#" * (1 << 20) + b"\n")

    def said(name: str) -> str:
        with pytest.raises(InputError) as raised:
            read(tmp_path / name, shown=name)
        return str(raised.value)

    assert said("none.yaml") == "none.yaml: there is no such file. Check the path."
    assert said("latin.yaml") == "latin.yaml:2: the file is not UTF-8. Save it as UTF-8."
    assert said("wide.yaml") == "wide.yaml:1: the file is not UTF-8. Save it as UTF-8."
    assert said("large.yaml") == "large.yaml: the file is larger than 1 MiB. Split it."
    assert said("latin.yaml/x") == "latin.yaml/x: the file cannot be read: Not a directory"
    with pytest.raises(InputError, match="folder: this is a folder, not a file. Name a file in it."):
        read(tmp_path, shown="folder")


# A file without permission is told as such (root may read everything).
@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_file_without_permission(tmp_path: Path) -> None:
    path = tmp_path / "secret.yaml"
    path.write_text("a: b\n")
    path.chmod(0)
    with pytest.raises(InputError, match="secret.yaml: the file cannot be read: Permission denied"):
        read(path, shown="secret.yaml")


# Messages show a path as its reader would type it: short where it is below the current directory.
def test_paths_are_shown_from_the_current_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "suites").mkdir()
    (tmp_path / "suites" / "x.yaml").write_text("a: b\n")
    monkeypatch.chdir(tmp_path)
    assert read(tmp_path / "suites" / "x.yaml").path == "suites/x.yaml"
    monkeypatch.chdir(tmp_path / "suites")
    assert display(tmp_path / "y.yaml") == str(tmp_path / "y.yaml")
    assert display(Path("a\x1b[31m.yaml")) == r"a\x1b[31m.yaml"


# What comes with the program has the same short name wherever it is installed and is run from.
def test_shipped_files_are_shown_from_their_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = shipped.folder("specs") / "originchain" / "profile.yaml"
    assert read(path).where().path == "specs/originchain/profile.yaml"
    assert display(shipped.folder("suites")) == "suites"


# Whatever the bytes of a damaged file, the answer is a document or a message with a place.
def test_damaged_files_end_in_a_message() -> None:
    whole = (
        'suite: a/b\nscenarios:\n  - id: x\n    but: {claims: {exp: [1, "\\u00e9"]}}\n    text: |\n      y\n'
    )
    alphabet = "[]{}:,-?&*!|>'\"%@`#<~ \n\t\\0a\x00é\u2028"
    chance = random.Random(6750)
    for _ in range(2000):
        text = list(whole)
        for _ in range(chance.randrange(1, 6)):
            text[chance.randrange(len(text))] = chance.choice(alphabet)
        try:
            parse("".join(text), "f.yaml")
        except InputError as error:
            assert all(line.startswith("f.yaml:") for line in str(error).splitlines())
