"""`authconform report` makes each report from the run file alone."""

import json
from pathlib import Path

import pytest
import sample
from click.testing import CliRunner

from harness.cli.report import command
from harness.errors import InputError
from harness.report.record import Run, Writer


@pytest.fixture
def folder(tmp_path):
    """A run folder with nothing in it but the run file."""
    return written(sample.everything(), tmp_path / "run")


def written(run: Run, folder: Path) -> Path:
    with Writer(folder / "run.jsonl", run.start) as writer:
        for outcome in run.outcomes:
            writer.add(outcome)
        writer.close(run.end)
    return folder


def report(*arguments: object) -> str:
    ran = CliRunner().invoke(command, [str(each) for each in arguments], catch_exceptions=False)
    return ran.output


# Each rendering goes where it is asked for, and is named; folders are made.
def test_every_rendering(folder, tmp_path):
    out = tmp_path / "made" / "here"
    asked = {
        "--html": out / "a.html",
        "--junit": out / "junit.xml",
        "--sarif": out / "a.sarif",
        "--github-summary": out / "summary.md",
        "--allure": out / "allure",
    }
    said = report(folder, *(each for pair in asked.items() for each in pair))

    assert said.splitlines() == [
        f"report: {out / 'a.html'}",
        f"junit: {out / 'junit.xml'}",
        f"sarif: {out / 'a.sarif'}",
        f"github summary: {out / 'summary.md'}",
        f"allure: {out / 'allure'}",
    ]
    assert (out / "a.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert 'failures="2"' in (out / "junit.xml").read_text(encoding="utf-8")
    assert json.loads((out / "a.sarif").read_text())["version"] == "2.1.0"
    assert len(list((out / "allure").glob("*-result.json"))) == len(sample.everything().outcomes)


# What others wrote into the summary of a GitHub job stays.
def test_a_job_summary_is_appended(folder, tmp_path):
    file = tmp_path / "summary.md"
    file.write_text("# Before\n")
    report(folder, "--github-summary", file)

    assert file.read_text(encoding="utf-8").startswith("# Before\n## ❌ originchain")


# Annotations are printed, where GitHub reads them; nothing asked for is the summary.
def test_what_is_printed(folder):
    assert report(folder, "--github-annotations").count("::error ") == 2
    assert report(folder).startswith("does not conform: 2 MUST and 1 SHOULD not met\n")


# The same run gives the same bytes.
def test_reports_are_repeatable(folder, tmp_path):
    names = ("--html", "--junit", "--sarif")
    for number in (1, 2):
        report(folder, *(each for name in names for each in (name, tmp_path / f"{name}{number}")))

    for name in names:
        assert (tmp_path / f"{name}1").read_bytes() == (tmp_path / f"{name}2").read_bytes()


# Where a report cannot be written, that is said, with the reason.
def test_a_file_that_cannot_be_written(folder, tmp_path):
    with pytest.raises(InputError, match="cannot be written: Is a directory"):
        report(folder, "--html", tmp_path)
