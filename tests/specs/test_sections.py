"""The sections of RFCs that are cited are sections that those RFCs have."""

from __future__ import annotations

import json
import re
from bisect import bisect
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("specs", "suites", "harness", "reference_server")
SUFFIXES = {".py", ".yaml", ".json", ".md", ".j2"}

_LISTED = json.loads((ROOT / "tests/data/rfc_sections.json").read_text(encoding="utf-8"))
UNSEEN: list[str] = _LISTED.pop("unseen")
"""RFCs that are cited and whose text nobody here has read."""
SECTIONS: dict[str, dict[str, str]] = _LISTED
"""Number of an RFC -> number of a section -> its title, of the sections that are cited and were read."""

_NUMBER = r"(?:\d+|[A-Z]\b)(?:\.\d+)*"
_GAP = r"[\s#]+"
_CITED = re.compile(
    rf"RFC{_GAP}(\d+),?{_GAP}(?:section|appendix){_GAP}({_NUMBER})"
    rf"|RFC{_GAP}(\d+),?{_GAP}sections{_GAP}({_NUMBER}(?:(?:,| and| to){_GAP}\d+(?:\.\d+)*)*)"
)
"""`RFC 6749 section 5.2`, `RFC 6749 appendix A.12`, `RFC 6749 sections 4.1.3 and 6`; across lines, too."""


def cited(text: str) -> Iterator[tuple[int, str, str]]:
    """Each citation in a text: its line, the RFC and the section."""
    for found in _CITED.finditer(text):
        rfc, section, other, several = found.groups()
        line = text.count("\n", 0, found.start()) + 1
        for number in re.findall(_NUMBER, section or several):
            yield line, rfc or other, number


def wrong(rfc: str, section: str) -> str | None:
    """What is wrong with a citation, with the listed sections next to it; None where it is right."""
    if rfc in UNSEEN or section in SECTIONS.get(rfc, {}):
        return None
    if rfc not in SECTIONS:
        return f"RFC {rfc} is not in tests/data/rfc_sections.json: read it first"
    listed = sorted(SECTIONS[rfc], key=_parts)
    at = bisect(listed, _parts(section), key=_parts)
    near = ", ".join(f"{each} ({SECTIONS[rfc][each]})" for each in listed[max(at - 2, 0) : at + 1])
    return f"RFC {rfc} section {section} is not listed; next to it are {near}"


def _parts(section: str) -> list[int]:
    """What puts sections in order: appendices stand behind all numbers."""
    return [int(part) if part.isdigit() else 1000 + ord(part) for part in section.split(".")]


# A number from memory is easily wrong: whoever cites a section looks it up, and adds its title to the list.
@pytest.mark.parametrize("folder", FOLDERS)
def test_cited_sections_exist(folder: str) -> None:
    found = []
    for path in sorted((ROOT / folder).rglob("*")):
        if path.suffix in SUFFIXES and path.is_file():
            for line, rfc, section in cited(path.read_text(encoding="utf-8")):
                if problem := wrong(rfc, section):
                    found.append(f"{path.relative_to(ROOT)}:{line}: {problem}")
    assert found == []


# A citation may name several sections, or an appendix, and may go on in the next line of a comment.
def test_citations_are_found_however_they_are_written() -> None:
    text = """RFC 6749 section 5.2.
        RFC 6749 sections 4.1.3 and 6, RFC 9700
        # section 4.14.2, RFC 6749 appendix A.12"""
    assert list(cited(text)) == [
        (1, "6749", "5.2"),
        (2, "6749", "4.1.3"),
        (2, "6749", "6"),
        (2, "9700", "4.14.2"),
        (3, "6749", "A.12"),
    ]


# Two before it and one behind, in the order of the RFC.
def test_a_wrong_number_is_told_with_its_neighbours() -> None:
    assert wrong("6750", "3.1") is None
    assert wrong("6750", "3.2") == (
        "RFC 6750 section 3.2 is not listed; next to it are 3 (The WWW-Authenticate Response Header Field), "
        "3.1 (Error Codes), 4 (Example Access Token Response)"
    )
    assert wrong("1149", "1") == "RFC 1149 is not in tests/data/rfc_sections.json: read it first"
