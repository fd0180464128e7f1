"""The statements of the API documents and the entries of the catalogue, against what `specs/` covers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness import shipped, specs
from harness.cli.listing import list_requirements

DATA = Path(__file__).parent.parent / "data"
STATEMENTS = json.loads((DATA / "statements.json").read_text())
CATALOGUE = json.loads((DATA / "catalogue.json").read_text())

PROFILES = {"kid-jwt": 18, "originchain": 24, "origoid": 30, "sk-oauth": 27}
"""The profiles that are complete, each with how many of its statements are tested at the least."""


def test_the_lists_are_whole() -> None:
    """Four documents of 108 statements, and 519 entries; no id twice."""
    assert len({each["id"] for each in STATEMENTS}) == len(STATEMENTS) == 108
    assert len({each["id"] for each in CATALOGUE}) == len(CATALOGUE) == 519


@pytest.mark.parametrize("profile", PROFILES)
def test_every_statement_of_a_document_is_tested_or_excused(profile: str) -> None:
    """Each statement is a source of a requirement, which has scenarios or says why it cannot be tested."""
    found: dict[str, list[dict[str, object]]] = {}
    for row in list_requirements(profile):
        for source in row["sources"]:
            found.setdefault(source, []).append(dict(row))
    wanted = {each["id"] for each in STATEMENTS if each["profile"] == profile}
    assert wanted <= found.keys(), f"nothing speaks of {sorted(wanted - found.keys())}"
    tested = {id for id in wanted if any(row["scenarios"] for row in found[id])}
    excused = {id for id in wanted if any(row["not_tested"] for row in found[id])}
    assert wanted - tested - excused == set()
    assert len(tested) >= PROFILES[profile]


def test_what_is_cited_is_there() -> None:
    """Every catalogue entry and statement that a requirement names is one of the lists."""
    entries = {each["id"] for each in CATALOGUE}
    statements = {each["id"] for each in STATEMENTS}
    for requirement in specs.load(shipped.folder("specs")).values():
        assert set(requirement.catalogue) <= entries, requirement.id
        own = {source for source in requirement.sources if source[:1] == "s" and source[1:2].isdigit()}
        assert own <= statements, requirement.id


def test_every_requirement_is_looked_at() -> None:
    """A requirement that no scenario looks at says why."""
    idle = [row["id"] for row in list_requirements(None) if not row["scenarios"] and not row["not_tested"]]
    assert idle == []
