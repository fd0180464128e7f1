"""What the folder's README says is so."""

from __future__ import annotations

import re
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "reference_server"
TEXT = (FOLDER / "README.md").read_text()


# Its example runs.
def test_example() -> None:
    (block,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    exec(compile(block, "README.md", "exec"), {})


# Each part that its table names is there, and each part that is there is named.
def test_table() -> None:
    first_cells = "".join(line.split("|")[1] for line in TEXT.splitlines() if line.startswith("| `"))
    named = {name.rstrip("/") for name in re.findall(r"`([^`]+)`", first_cells)}
    there = {path.name for path in FOLDER.iterdir() if path.suffix == ".py" or path.is_dir()}
    assert named == there - {"__init__.py", "__pycache__"}
