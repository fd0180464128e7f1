"""Commands that somebody wrote in a file: no shell reads them, and none keeps a run waiting."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest
from scene import play

from harness.commands import LONGEST, CommandFailed, output_of, shown


def output(*words: str, patience: float = 5.0, folder: Path = Path()) -> str:
    printed = play(output_of(words, folder, patience=patience))
    assert isinstance(printed, str)
    return printed


def python(code: str, *words: str, patience: float = 5.0) -> str:
    return output(sys.executable, "-c", code, *words, patience=patience)


# Words are words: what a shell would read into them is handed over as it is, in the folder named.
def test_words(tmp_path: Path) -> None:
    assert output("printf", "%s|", "$HOME", "a b", "`id`; true") == "$HOME|a b|`id`; true|"
    assert output("pwd", folder=tmp_path).strip() == str(tmp_path)
    assert python("import sys; print(sys.stdin.read() == '')") == "True\n"
    assert shown(["op", "read", "a b"]) == "op read 'a b'"


# Each way to fail is told in words; of what was written to standard error, the last line.
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["/nowhere/op"], "there is no command '/nowhere/op'"),
        (["op-which-nobody-has"], "there is no command 'op-which-nobody-has'"),
        (["/"], "the command '/' cannot be started: Permission denied"),
        (["printf", "a\0b"], "the command 'printf' cannot be started: embedded null byte"),
        (["sh", "-c", "echo one >&2; echo 'not \033signed in' >&2; exit 6"],
         "the command 'sh' ended with exit code 6: not \\x1bsigned in"),
        (["false"], "the command 'false' ended with exit code 1"),
        (["printf", "\\377"], "what the command 'printf' printed is not UTF-8"),
    ],
)  # fmt: skip
def test_failures(words: list[str], said: str) -> None:
    with pytest.raises(CommandFailed) as raised:
        output(*words)
    assert str(raised.value) == said


# One that does not end is ended, with all that it has started.
def test_patience(tmp_path: Path) -> None:
    child = f"import time; time.sleep(1); open({str(tmp_path / 'late')!r}, 'w')"
    code = (
        "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', sys.argv[1]]); time.sleep(60)"
    )
    with pytest.raises(CommandFailed, match="did not end within 0.5 s$"):
        python(code, "-c", child, patience=0.5)
    time.sleep(1.2)
    assert not (tmp_path / "late").exists()


# More than a command may print is not taken, and does not fill the memory.
def test_too_much() -> None:
    with pytest.raises(CommandFailed, match=f"printed more than {LONGEST} bytes"):
        python("import sys\nfor _ in range(40): sys.stdout.write('x' * 65536)")
