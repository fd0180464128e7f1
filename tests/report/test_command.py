"""The command that sends a request again: shortened, it sends the same."""

import shlex
import subprocess

import pytest

from harness.report.command import command


def said(words):
    """What bash makes of the words of a command."""
    script = f"printf '%s\\0' {words}"
    ran = subprocess.run(["bash", "-c", script], env={"TOKEN": "secret"}, capture_output=True, check=True)
    return ran.stdout.decode().split("\0")[:-1]


# However a long value is quoted, it is generated, and bash has the same words.
@pytest.mark.parametrize(
    "curl",
    [
        f"curl x:{'A' * 9000} 'b c'",
        f"curl -H 'X-Key: {'A' * 9000} it'\\''s {'.' * 500}'",
        f'curl -H "Authorization: Bearer $TOKEN{"-" * 3000} \\$x"',
        f"curl -H $'a\\'\\x01{'1' * 3000}\\n' y",
        f"curl --data-raw '{'ab+/' * 3000}'",
        shlex.join(["curl", f"it's {'%' * 200}", "z" * 700]),
    ],
    ids=["bare", "single", "double", "escapes", "several", "mixed"],
)
def test_a_shortened_command_is_the_same(curl):
    made = command(curl)

    assert said(made.text) == said(curl)
    assert len(made.text) < 500 and "printf" in made.text
    assert made.note == ""


# What is short, or repeats nothing, stays as it is.
def test_a_short_command_stays():
    curl = "curl -H 'Authorization: Bearer aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' https://x.example/"

    assert command(curl).text == curl


# What is cut tells by how much.
def test_what_is_cut_is_counted():
    curl = f"curl {''.join(map(str, range(999)))}"
    made = command(curl, 100)

    assert made.text == f"{curl[:99]}…"
    assert made.left_out == len(curl) - 99
    assert made.note == f"{len(curl) - 99:,} characters are left out here: run.jsonl has the whole command"
