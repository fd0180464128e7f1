"""What README.md shows is what happens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import blocks
import pytest
from tables import ROOT

TEXT = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[blocks.Ran]]:
    folder: Path = tmp_path_factory.mktemp("readme")
    with blocks.Shell(folder) as shell:
        yield list(blocks.run(TEXT, shell))


# Every command prints what stands under it.
def test_commands(ran: list[blocks.Ran]) -> None:
    assert ran
    for each in ran:
        assert blocks.matches(each.expected, each.actual), f"$ {each.command}\n{each.actual}"


# Its first screen: a sentence, then the one command and what it prints.
def test_first_screen() -> None:
    title, sentence, *_ = TEXT.split("\n\n")
    assert title == "# authconform"
    assert sentence.count(".") == 1
    assert "$ authconform run --profile originchain" in TEXT[:1500]


# The table of folders names what is there, and all of it.
def test_folders() -> None:
    section = TEXT.partition("## Where things are")[2]
    named = set(re.findall(r"^\| \[`([\w.]+)/`\]", section, re.MULTILINE))
    there = {path.parent.name for path in ROOT.glob("*/README.md") if not path.parent.name.startswith(".")}
    assert named == there


# Every link to a file of the checkout leads to one.
@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", *(
    f"{folder}/README.md"
    for folder in ("harness", "harness/outline", "suites", "specs", "reference_server", "tests", "reports")
)])  # fmt: skip
def test_links(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    for link in re.findall(r"\]\((?!https?:|#)([^)#]+)", text):
        assert ((ROOT / page).parent / link).exists(), link
