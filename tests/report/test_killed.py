"""A run that is killed at any moment leaves a run file that reports show as cut off, and nothing more."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from harness.report import allure, github, html, junit, sarif
from harness.report.record import Run, read
from harness.report.summary import summary

COMMAND = [sys.executable, "-m", "harness.cli", "run", "bearer/presentation", "--profile", "originchain"]
PACE = ["--rate", "40", "--concurrency", "4"]
"""Slow enough that the run goes on for seconds."""
MOMENTS = 10
LATEST = 2.0
"""Seconds after the first line in which the run is killed."""
PATIENCE = 60
"""Seconds until a run must have begun on a busy machine."""


def killed(folder: Path, moment: float) -> Run:
    """A run that was killed so many seconds after its first line was written, as it is read."""
    file = folder / "run.jsonl"
    quiet = subprocess.DEVNULL
    with subprocess.Popen(
        [*COMMAND, *PACE, "--out", str(folder)], stdout=quiet, stderr=quiet, start_new_session=True
    ) as process:
        try:
            until = time.monotonic() + PATIENCE
            while not file.exists() and process.poll() is None and time.monotonic() < until:
                time.sleep(0.005)
            time.sleep(moment)
        finally:
            os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    return read(file)


# Ten moments, drawn by lot: what was written before is there, and nothing is concluded from it.
def test_killed_at_ten_moments(tmp_path):
    lot = random.Random(9)
    moments = [lot.uniform(0, LATEST) for _ in range(MOMENTS)]
    folders = [tmp_path / str(number) for number in range(MOMENTS)]
    with ThreadPoolExecutor(2) as pool:
        runs = list(pool.map(killed, folders, moments))

    for folder, run in zip(folders, runs, strict=True):
        assert run.end is None
        lines = (folder / "run.jsonl").read_bytes().split(b"\n")[1:-1]
        written = [json.loads(line) for line in lines]
        assert [each["kind"] for each in written] == ["outcome"] * len(run.outcomes)
        assert [each["case"] for each in written] == [outcome.case for outcome in run.outcomes]
        shows_as_cut_off(run)
    assert len({len(run.outcomes) for run in runs}) > 3, "the moments differ"


def shows_as_cut_off(run: Run) -> None:
    """Every report says that the run was cut off, and none of them knows more cases than were written."""
    count = len(run.outcomes)
    assert summary(run).startswith("cut off: the run has no end, ")
    page = html.render(run)
    assert "<strong>was cut off</strong>" in page and "<strong>conforms</strong>" not in page
    assert page.count('id="case-') == count
    assert "cut off" in github.job_summary(run).splitlines()[0]
    assert f'tests="{count + 1}" failures="0" errors="1"' in junit.render(run)
    [log] = json.loads(sarif.render(run))["runs"]
    assert log["results"] == [] and log["invocations"][0]["executionSuccessful"] is False
    results = [name for name, _ in allure.files(run) if name.endswith("-result.json")]
    assert len(results) == count + 1
