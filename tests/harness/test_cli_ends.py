"""Commands that are not let finish: nobody reads on, Ctrl-C comes early, or a value or a folder cannot be."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from harness.report import record
from harness.running import RUN_FILE

COMMAND = [sys.executable, "-m", "harness.cli"]
BUNDLED = ("--profile", "originchain")
PRESSED = """\
import os, signal
from harness.cli import main, run

run._Session.pytest_collect_file = lambda self, file_path: os.kill(os.getpid(), signal.SIGINT)
main(["run", "bearer", "--profile", "originchain", "--out", "out"])
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def ran(*arguments: str) -> tuple[int, str]:
    """Its exit code, and all that it said."""
    done = subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout + done.stderr


# Ctrl-C while the suites are read is an interruption too, and no mistake in one of them.
def test_interrupted_while_suites_are_read() -> None:
    done = subprocess.run([sys.executable, "-c", PRESSED], capture_output=True, text=True, timeout=60)
    said = done.stdout + done.stderr
    assert done.returncode == 3 and "Traceback" not in said and "authconform: E" not in said, said
    assert "interrupted" in said and not Path("out").exists()


# Whoever stops reading, as `head` does, has had no verdict: neither of the codes that say one.
@pytest.mark.parametrize(
    "arguments", [("list", "requirements"), ("run", "bearer/opaque", *BUNDLED, "--out", "out")]
)
def test_nobody_reads_on(arguments: tuple[str, ...]) -> None:
    process = subprocess.Popen([*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout and process.stderr
    process.stdout.close()
    said = process.stderr.read()
    process.stderr.close()
    assert (process.wait(timeout=60), said) == (3, b"")
    if arguments[0] == "run":
        assert record.read(Path("out") / RUN_FILE).end


# Two runs in one folder would leave the page of the one beside the file of the other: the second is refused.
def test_two_runs_in_one_folder() -> None:
    first = [*COMMAND, "run", "bearer", *BUNDLED, "--rate", "20", "--out", "out"]
    with subprocess.Popen(first, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        deadline = time.monotonic() + 20
        while not (Path("out") / RUN_FILE).is_file() and time.monotonic() < deadline:
            time.sleep(0.02)
        code, said = ran("run", "bearer/opaque", *BUNDLED, "--out", "out")
        running.terminate()
    sentence = "authconform: another run is being written to out. Give a folder of its own to --out.\n"
    assert (code, said) == (2, sentence)
    assert record.read(Path("out") / RUN_FILE).end
    assert ran("run", "bearer/opaque", *BUNDLED, "--out", "out")[0] == 0, "and free again afterwards"


# A rate that is no number, or that nobody would wait for, is refused before anything is asked.
@pytest.mark.parametrize(
    ("rate", "sentence"),
    [
        ("nan", "Invalid value for '--rate': nan is not a number."),
        ("inf", "Invalid value for '--rate': inf is not in the range 0.001<=x<=100000."),
        ("1e-300", "Invalid value for '--rate': 1e-300 is not in the range 0.001<=x<=100000."),
    ],
)
def test_a_rate_that_cannot_be(rate: str, sentence: str) -> None:
    code, said = ran("run", "bearer", *BUNDLED, "--rate", rate)
    assert (code, sentence in said) == (2, True), said


# The folder of a matrix is looked at before minutes are spent on what would stand in it.
def test_prove_into_a_file() -> None:
    Path("file").write_text("precious")
    code, said = ran("prove", *BUNDLED, "--fault", "cross-tenant-head", "--out", "file")
    assert (code, said) == (
        2,
        "authconform: the run folder file cannot be written: it is a file. Give --out DIR.\n",
    )


# What is to stand below a file is told as that: nothing "exists already".
def test_below_a_file() -> None:
    Path("file").write_text("precious")
    assert ran("run", "bearer/opaque", *BUNDLED, "--out", "out")[0] == 0
    for arguments, said in (
        (("init", *BUNDLED, "--out", "file"),
         "file/target.yaml cannot be written: file is a file. Give another folder with --out.\n"),
        (("report", "out", "--html", "file/index.html"),
         "file/index.html cannot be written: file is a file. Check the folder.\n"),
    ):  # fmt: skip
        assert ran(*arguments) == (2, f"authconform: {said}")
