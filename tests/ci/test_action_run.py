"""The script of the action, run as GitHub runs it, against the bundled server."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
STEP = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))["runs"]["steps"][1]
LIMIT = 120
"""Seconds that a run may take on a busy machine."""


class Job:
    """A step of a job in an empty folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.output = folder / "output"
        self.summary = folder / "summary.md"

    def run(self, **inputs: str) -> subprocess.CompletedProcess[str]:
        values = {name: "" for name in STEP["env"]} | {"FAIL_ON": "must", "OUT": "out"} | inputs
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        environment = os.environ | values | {"PATH": path}
        environment |= {"GITHUB_OUTPUT": str(self.output), "GITHUB_STEP_SUMMARY": str(self.summary)}
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-c", STEP["run"]],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=LIMIT,
        )

    def outputs(self) -> dict[str, str]:
        pairs = (line.split("=", 1) for line in self.output.read_text(encoding="utf-8").splitlines())
        return dict(pairs)


@pytest.fixture
def job(tmp_path):
    return Job(tmp_path)


# A right server passes the gate, and what the next steps need is there.
def test_a_conforming_run(job):
    ran = job.run(PROFILE="originchain", SELECTORS="bearer/presentation/scheme-case\n", SEED="7")

    assert ran.returncode == 0, ran.stderr
    outputs = job.outputs()
    assert (outputs["verdict"], outputs["exit-code"], outputs["failed"]) == ("conforms", "0", "0")
    for name in ("report", "junit", "sarif", "folder"):
        assert (job.folder / outputs[name]).exists()
    assert job.summary.read_text(encoding="utf-8").startswith("## ✅ originchain conforms")
    assert "::error" not in ran.stdout


# A wrong one fails it, with annotations, a summary and every report.
def test_a_run_that_does_not_conform(job, tmp_path):
    (tmp_path / "mine.suite.yaml").write_text(
        "suite: mine\ntitle: Mine\nscenarios:\n  - id: refused-here\n    requires: practice/stays-refused\n"
        "    present: token\n    but: {value: {like: it}}\n    refused: unknown-token\n"
        "    status: 418\n"
    )
    ran = job.run(PROFILE="originchain", SELECTORS="mine.suite.yaml")

    assert ran.returncode == 1, ran.stderr
    outputs = job.outputs()
    assert (outputs["verdict"], outputs["exit-code"], outputs["failed"]) == ("does-not-conform", "1", "1")
    assert "::error title=authconform%3A MUST practice/stays-refused,file=mine.suite.yaml," in ran.stdout
    assert "❌" in job.summary.read_text(encoding="utf-8")


# A run that is there from an earlier step is not told as this one's.
def test_an_earlier_run_is_not_reported(job):
    ran = job.run(PROFILE="originchain", SELECTORS="bearer/presentation/scheme-case", SEED="7")
    assert ran.returncode == 0
    job.output.unlink()

    assert job.run(TARGET="nowhere.yaml").returncode == 2
    assert job.outputs() == {"exit-code": "2"}


# Nothing that a run prints is a command to the runner; its own annotations are, afterwards.
def test_what_a_run_prints_commands_nothing(job):
    lines = job.run(TARGET="nowhere.yaml").stdout.splitlines()

    word = lines[0].removeprefix("::stop-commands::")
    assert word != lines[0] and len(word) > 16
    assert lines[-1] == f"::{word}::"


# Where no run began there is nothing to report, and the step says why.
def test_a_wrong_input(job):
    ran = job.run(TARGET="nowhere.yaml")

    assert ran.returncode == 2
    assert "nowhere.yaml" in ran.stderr + ran.stdout
    assert job.outputs() == {"exit-code": "2"}
    assert not job.summary.exists()
