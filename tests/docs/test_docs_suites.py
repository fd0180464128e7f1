"""What the guide to suites shows is what happens."""

from __future__ import annotations

from pathlib import Path

import blocks
from tables import ROOT


# Its example is a folder of one's own: every command in it prints what stands under it.
def test_commands(tmp_path: Path) -> None:
    text = (ROOT / "suites" / "README.md").read_text(encoding="utf-8")
    with blocks.Shell(tmp_path) as shell:
        ran = list(blocks.run(text, shell))
    assert len(ran) == 4
    for each in ran:
        assert blocks.matches(each.expected, each.actual), f"$ {each.command}\n{each.actual}"
