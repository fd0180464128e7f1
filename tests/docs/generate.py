"""Write the generated parts of the documentation anew: tables, and what the README's commands print.

`make docs` runs it. A table stands between `<!-- generated: NAME -->` and `<!-- end -->`. The output of a
command is replaced only where it no longer matches.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import blocks
from tables import ROOT, TABLES

PAGES = (
    "README.md",
    "harness/README.md",
    "suites/README.md",
    "specs/README.md",
    "reference_server/README.md",
    "reports/README.md",
)
GENERATED = re.compile(r"(<!-- generated: ([\w -]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def pages() -> Iterator[Path]:
    """The pages that have generated parts."""
    return (ROOT / page for page in PAGES)


def with_tables(text: str) -> str:
    """`text` with its tables as they must be."""
    return GENERATED.sub(lambda found: f"{found[1]}{TABLES[found[2]]()}\n{found[3]}", text)


def with_output(text: str) -> str:
    """`text` with the output of its commands as it is."""
    with tempfile.TemporaryDirectory() as folder, blocks.Shell(Path(folder)) as shell:
        for ran in blocks.run(text, shell):
            if not blocks.matches(ran.expected, ran.actual):
                before = f"$ {ran.command}\n{ran.expected}"
                text = text.replace(before, f"$ {ran.command}\n{blocks.presentable(ran.actual, folder)}", 1)
    return text


def main() -> None:
    for page in pages():
        old = page.read_text(encoding="utf-8")
        new = with_tables(old)
        if page == ROOT / "README.md":
            new = with_output(new)
        if new != old:
            page.write_text(new, encoding="utf-8")
            print(f"{page.relative_to(ROOT)} was written anew", file=sys.stderr)


if __name__ == "__main__":
    main()
