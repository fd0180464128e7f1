"""What the pages say of the code and the schemas is so."""

from __future__ import annotations

from pathlib import Path

import pytest
from generate import GENERATED, pages, with_tables
from tables import ROOT, TABLES, contract_layers, module_file, shape


# A generated part that has drifted is written anew by `make docs`.
@pytest.mark.parametrize("page", list(pages()), ids=lambda page: str(page.relative_to(ROOT)))
def test_tables(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert GENERATED.search(text)
    for found, wanted in zip(GENERATED.finditer(text), GENERATED.finditer(with_tables(text)), strict=True):
        assert found[0] == wanted[0], f"{found[2]}: run make docs"


# Each table that can be made stands on some page.
def test_every_table_is_used() -> None:
    used = {found[2] for page in pages() for found in GENERATED.finditer(page.read_text(encoding="utf-8"))}
    assert used == set(TABLES)


# The layers are all of the package: none is left out, none is named that is not there.
def test_layers_are_the_modules() -> None:
    named = [module for layer in contract_layers() for module in layer]
    package = ROOT / "harness"
    there = {path.stem for path in package.glob("*.py")} | {
        path.parent.name for path in package.glob("*/__init__.py")
    }
    assert sorted(named) == sorted(there - {"__init__"})
    assert all(module_file(package / module).is_file() for module in named)


# A value is told in words, never as a schema.
def test_shape_in_words() -> None:
    assert shape({"type": "array", "items": {"type": "string"}}, {}) == "list of text"
    assert shape({"oneOf": [{"const": True}, {"type": "object", "properties": {"at_most": {}}}]}, {}) == (
        "`true` or mapping of `at_most`"
    )
    assert shape({"type": "string", "pattern": "^x$", "x-pattern-says": "an x"}, {}) == "an x"
