"""The run file is written whole lines at a time and read back without loss."""

import json
import math
import os
import signal
import subprocess
import sys
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest
import sample

from harness.errors import InputError
from harness.model import Timing
from harness.report.record import Run, Writer, conclude, outcome_json, read


def write(path: Path, run: Run) -> Path:
    with Writer(path, run.start) as writer:
        for outcome in run.outcomes:
            writer.add(outcome)
        writer.close(run.end)
    return path


@pytest.fixture
def written(tmp_path) -> Path:
    return write(tmp_path / "run.jsonl", sample.everything())


def lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


# What is read is what was written, to the last exchange.
def test_a_run_is_read_as_it_was_written(tmp_path):
    run = sample.everything()
    assert read(write(tmp_path / "folder" / "run.jsonl", run)) == run


# The keys of an outcome are a contract that others read.
def test_an_outcome_has_the_published_keys():
    line = outcome_json(sample.broken()[2])

    assert list(line) == [
        *("kind", "case", "scenario", "title", "requirements", "verdict", "reason", "problems"),
        *("measurements", "exchanges", "notes", "where", "elapsed_ms", "accepted"),
    ]
    assert line["problems"] == [
        {
            "requirement": "rfc6750/3.1-invalid-token",
            "level": "SHOULD",
            "check": "challenge",
            "expected": 'error="invalid_token"',
            "actual": 'Bearer realm="originchain"',
            "where": "suites/bearer/presentation.suite.yaml:27",
            "note": "The document does not mention the challenge, so this is advice.",
        }
    ]
    assert line["where"] == "suites/bearer/presentation.suite.yaml:27"
    assert line["exchanges"][1]["sent_ms"] == 200.0
    assert line["elapsed_ms"] == 41.3


# What an earlier version did not write is read as it was then: nothing accepted, no baseline.
def test_a_run_of_an_earlier_version_is_read(written):
    values = lines(written)
    for value in values:
        for key in ("suites", "deselected", "absent", "baseline", "accepted", "outdated"):
            value.pop(key, None)
    written.write_text("\n".join(map(json.dumps, values)) + "\n")

    assert read(written) == sample.everything()


# What a baseline accepts is read as it was written, in the case that it is about.
def test_an_accepted_finding_is_read_as_it_was_written(tmp_path):
    run = sample.run([sample.accepted()])
    found = read(write(tmp_path / "run.jsonl", run))

    assert found == run
    assert (found.outcomes[0].accepted[0].case, found.end.accepted) == (run.outcomes[0].case, 1)


# An instant that never came, of a connection refused, is null and not a NaN that no JSON reader takes.
def test_an_instant_that_never_came_is_null(tmp_path):
    refused = replace(sample.exchange(error="refused"), timing=Timing(0.2, math.nan, math.inf))
    run = sample.run([replace(sample.passed()[0], exchanges=(refused,))])
    path = write(tmp_path / "run.jsonl", run)

    assert lines(path)[1]["exchanges"][0]["headers_ms"] is None
    assert math.isnan(read(path).outcomes[0].exchanges[0].timing.done)


# The disk may be cut at any byte: what is whole is read, what is not is dropped, nothing is invented.
def test_a_run_cut_at_any_byte_is_read_as_cut_off(tmp_path):
    run = sample.run(sample.passed()[:2])
    data = write(tmp_path / "run.jsonl", run).read_bytes()
    first = data.index(b"\n")
    cut = tmp_path / "cut.jsonl"
    seen = set()
    for length in range(first, len(data) - 1):
        cut.write_bytes(data[:length])
        found = read(cut)
        assert found.end is None
        assert found.outcomes == run.outcomes[: len(found.outcomes)]
        seen.add(len(found.outcomes))
    assert seen == {0, 1, 2}


# A process that is killed leaves every line it had written.
def test_a_killed_process_leaves_whole_lines(tmp_path):
    path = tmp_path / "run.jsonl"
    program = (
        "import os, signal, sys, pathlib; sys.path.insert(0, sys.argv[1]); import sample\n"
        "from harness.report.record import Writer\n"
        "writer = Writer(pathlib.Path(sys.argv[2]), sample.START)\n"
        "for outcome in sample.passed(): writer.add(outcome)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(Path(__file__).parent), str(path)], timeout=30)

    assert done.returncode == -signal.SIGKILL
    assert read(path) == sample.run(sample.passed(), ended=False)


# A full disk is an error, not a line glued to the piece of the one before it.
@pytest.mark.skipif(sys.platform == "win32", reason="no file size limits there")
def test_a_full_disk_leaves_a_readable_file(tmp_path):
    path = tmp_path / "run.jsonl"
    program = (
        "import resource, sys, pathlib; sys.path.insert(0, sys.argv[1]); import sample\n"
        "from harness.report.record import Writer\n"
        "path = pathlib.Path(sys.argv[2])\n"
        "writer = Writer(path, sample.START)\n"
        "writer.add(sample.passed()[0])\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 50,) * 2)\n"
        "try: writer.add(sample.passed()[1])\n"
        "except OSError as error: print(error.strerror)\n"
    )
    command = [sys.executable, "-c", program, str(Path(__file__).parent), str(path)]
    done = subprocess.run(command, timeout=30, capture_output=True, text=True)

    assert done.stdout == "No space left on device\n", done.stderr
    assert path.read_bytes().endswith(b"}\n")
    assert read(path).outcomes == tuple(sample.passed()[:1])


# A link at the path could lead anywhere: it is replaced, and what it led to is left alone.
def test_a_symbolic_link_is_replaced_and_not_followed(tmp_path):
    precious = tmp_path / "precious"
    precious.write_text("mine")
    path = tmp_path / "run.jsonl"
    path.symlink_to(precious)

    write(path, sample.everything())

    assert precious.read_text() == "mine"
    assert not path.is_symlink()
    assert [entry.name for entry in sorted(tmp_path.iterdir())] == ["precious", "run.jsonl"]


# A folder that cannot be written to is a mistake on the command line, told in a sentence.
def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(InputError) as caught:
        Writer(tmp_path / "file" / "run.jsonl", sample.START)

    assert str(caught.value) == (f"the run file {tmp_path}/file/run.jsonl cannot be written: File exists")


# A later version may write more; this one reads what it knows.
def test_unknown_keys_are_passed_over(written):
    values = lines(written)
    for value in values:
        value["of_a_later_version"] = {"deep": [1]}
    values[1]["problems"][0]["severity"] = 9.1
    written.write_text("\n".join(map(json.dumps, values)) + "\n")

    assert read(written) == sample.everything()


# A line in the middle that is damaged is named: the file was changed by something else than a kill.
@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("no json", "this line is no JSON object"),
        ("[" * 100_000, "this line is no JSON object"),
        ('{"kind": "outcome"}', "this line cannot be read: 'case' is missing"),
        ('{"kind": "surprise"}', "this line cannot be read: its kind is neither outcome nor end"),
    ],
)
def test_a_damaged_line_is_named(written, line, message):
    kept = written.read_text().split("\n")
    kept[2] = line
    written.write_text("\n".join(kept))

    with pytest.raises(InputError) as caught:
        read(written)

    assert str(caught.value) == f"{written}:3: {message}"


# A value of the wrong kind is told with the way to it, so that no report has to expect it.
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"verdict": "blocked"}, "verdict: must be one of pass, fail, warn, inconclusive, not-applicable"),
        ({"problems": [{"requirement": 5}]}, "problems: requirement: must be a string"),
        ({"where": "nowhere"}, "where: must be path:line"),
        ({"where": f"x:{'9' * 5000}"}, "where: must be path:line"),
        ({"elapsed_ms": 10**400}, "elapsed_ms: is too large a number"),
        ({"exchanges": [{"purpose": "case", "request": {"method": "GET", "url": "x", "headers": [["a"]]}}]},
         "exchanges: request: headers: a field must be a name and a value"),
    ],
)  # fmt: skip
def test_a_value_of_the_wrong_kind_is_named(written, change, message):
    values = lines(written)
    values[1].update(change)
    written.write_text("\n".join(map(json.dumps, values)))

    with pytest.raises(InputError) as caught:
        read(written)

    assert str(caught.value) == f"{written}:2: this line cannot be read: {message}"


# A file that is something else is told apart from a damaged one, with what to give instead.
@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "it is empty"),
        (b'{"kind": "ru', "not even its first line is whole"),
        (b"<!doctype html>\n<p>", "its first line is no JSON object"),
        (b'{"kind": "outcome"}\n', "its first line is not of kind run"),
        (b"\xff\xfe\x00\n", "its first line is no JSON object"),
    ],
)
def test_another_file_is_not_taken_for_a_run(tmp_path, content, why):
    path = tmp_path / "other"
    path.write_bytes(content)

    with pytest.raises(InputError) as caught:
        read(path)

    assert str(caught.value) == f"{path} is not a run file: {why}. Give the run.jsonl of a run's folder."


# A folder or a file that is not there is said to be that.
def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InputError) as caught:
        read(tmp_path / "run.jsonl")

    assert str(caught.value) == f"{tmp_path}/run.jsonl cannot be read: No such file or directory"


# Nothing may follow the end: two runs glued together are no run.
def test_a_line_after_the_end_is_refused(written):
    written.write_bytes(written.read_bytes() * 2)

    with pytest.raises(InputError, match="it follows the end of the run"):
        read(written)


# A line that was taken out is missed by the end, which counts them; what is left can be read without it.
def test_a_line_that_is_missing_is_told(written):
    start, first, *others, end = written.read_bytes().splitlines(keepends=True)
    written.write_bytes(b"".join([start, *others, end]))

    with pytest.raises(InputError, match=r"it counts \d+ cases? of \S+, and \d+ stand here: lines were lost"):
        read(written)
    written.write_bytes(b"".join([start, *others]))
    assert read(written).end is None


# --- the published schema --------------------------------------------------------------------------

SCHEMA = json.loads(files("harness").joinpath("schemas/run.schema.json").read_text())


# Every line that is written is one the schema describes.
@pytest.mark.parametrize("ended", [True, False])
def test_written_lines_are_valid(tmp_path, ended):
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    validator = jsonschema.Draft7Validator(SCHEMA)
    run = replace(sample.everything(), end=conclude([], ["left/out"]) if ended else None)

    for line in lines(write(tmp_path / "run.jsonl", run)):
        assert [error.message for error in validator.iter_errors(line)] == []


# The schema describes neither more nor less than is written.
def test_schema_and_writer_have_the_same_keys(written):
    values = lines(written)
    warned = next(value for value in values if value.get("verdict") == "warn")
    exchange = warned["exchanges"][0]
    definitions = SCHEMA["definitions"]
    request, response = (definitions["exchange"]["properties"][key] for key in ("request", "response"))
    for value, schema in [
        (values[0], definitions["run"]),
        (
            values[0]["requirements"]["rfc6750/2.1-header"] | dict.fromkeys(("why", "fix")),
            definitions["cited"],
        ),
        (warned, definitions["outcome"]),
        (warned["requirements"][0], definitions["finding"]),
        (warned["problems"][0], definitions["problem"]),
        (exchange, definitions["exchange"]),
        (exchange["request"] | {"again_after": "503 Service Unavailable"}, request),
        (exchange["response"], response["oneOf"][1]),
        (values[-1], definitions["end"]),
        (outcome_json(sample.accepted())["accepted"][0], definitions["acceptance"]),
    ]:
        assert set(value) == set(schema["properties"])
    assert set(values[-1]["counts"]) == set(definitions["end"]["properties"]["counts"]["required"])


# Lines can be followed by a terminal: nothing in them but printable ASCII.
def test_a_hostile_answer_is_escaped_in_the_file(tmp_path):
    hostile = sample.exchange(body="\x1b]0;owned\x07 \u202e \ud800 \u2028")
    path = write(tmp_path / "run.jsonl", sample.run([replace(sample.passed()[0], exchanges=(hostile,))]))

    assert all(byte == 0x0A or 0x20 <= byte < 0x7F for byte in path.read_bytes())
    assert read(path).outcomes[0].exchanges[0].response["body"] == "\x1b]0;owned\x07 \u202e \ud800 \u2028"


# A line that is being written by two processes is nobody's: the file of a closed writer takes no more.
def test_a_closed_writer_takes_no_more(tmp_path):
    writer = Writer(tmp_path / "run.jsonl", sample.START)
    writer.close()

    with pytest.raises(ValueError, match="is already closed"):
        writer.add(sample.passed()[0])
    assert os.listdir(tmp_path) == ["run.jsonl"]
