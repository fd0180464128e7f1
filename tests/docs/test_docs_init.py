"""What the page of `authconform init` shows is what happens."""

from __future__ import annotations

from pathlib import Path

import blocks
from tables import ROOT

TEXT = (ROOT / "harness" / "outline" / "README.md").read_text(encoding="utf-8")


# From a document to a target that is ready: each command prints what stands under it.
def test_commands(tmp_path: Path) -> None:
    with blocks.Shell(tmp_path) as shell:
        ran = list(blocks.run(TEXT, shell))
    assert len(ran) > 5
    for each in ran:
        assert blocks.matches(each.expected, each.actual), f"$ {each.command}\n{each.actual}"
