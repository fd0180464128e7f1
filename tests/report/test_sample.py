"""The committed sample is what these reports make of its run file today (`make sample` writes it)."""

import re
import tempfile
from pathlib import Path

import pytest

from harness.report import github, html, junit, sarif
from harness.report.record import read

SAMPLE = Path(__file__).parents[2] / "reports" / "sample"
RENDERED = {
    "index.html": html.render,
    "junit.xml": junit.render,
    "authconform.sarif": sarif.render,
    "summary.md": github.job_summary,
}
"""File -> what makes it."""


# Each report is made anew from the run file alone, and is the same to the byte.
@pytest.mark.parametrize("name", RENDERED)
def test_a_report_is_repeatable(name):
    made = RENDERED[name](read(SAMPLE / "run.jsonl"))

    assert (SAMPLE / name).read_text(encoding="utf-8") == made, "run `make sample`"


# Nothing else lies in the folder: all of it is checked.
def test_the_sample_is_whole():
    assert {each.name for each in SAMPLE.iterdir()} == {"run.jsonl", *RENDERED}


# It shows what a report is for: a MUST and a SHOULD not met, a curve, and much that passed.
def test_the_sample_shows_what_there_is_to_see():
    run = read(SAMPLE / "run.jsonl")

    verdicts = [outcome.verdict for outcome in run.outcomes]
    assert run.end is not None and run.end.verdict == "does-not-conform"
    assert {verdicts.count("fail") > 0, verdicts.count("warn") > 0, verdicts.count("pass") > 50} == {True}
    assert any("settling" in outcome.measurements for outcome in run.outcomes)


# No path of a machine is in it.
@pytest.mark.parametrize("name", ["run.jsonl", *RENDERED])
def test_the_sample_names_no_path(name):
    text = (SAMPLE / name).read_text(encoding="utf-8")

    for folder in (SAMPLE.parents[1], Path.home(), tempfile.gettempdir()):
        assert f"{folder}/" not in text


# No secret either: what looks like a token was invented by the harness, and refused.
def test_the_sample_holds_no_secret():
    token = re.compile(r"oc_(?:live|test)_\w{8,}")
    invented = set()
    for outcome in read(SAMPLE / "run.jsonl").outcomes:
        for exchange in outcome.exchanges:
            found = token.findall(str(exchange.request))
            invented.update(found)
            assert not found or (exchange.response and exchange.response["status"] == 401)
            assert not token.search(str(exchange.response))

    for name in ("run.jsonl", *RENDERED):
        assert set(token.findall((SAMPLE / name).read_text(encoding="utf-8"))) <= invented
