"""How the command starts: what it must not import, for each would cost more than a short run may."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from harness.report import page


def imported(*arguments: str, folder: Path) -> set[str]:
    """The modules that a command imports."""
    program = f"import atexit, sys\natexit.register(lambda: print(*sys.modules, file=sys.stderr))\n" \
        f"from harness.cli import main\nmain({list(arguments)!r})\n"  # fmt: skip
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, timeout=60
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return set(ran.stderr.split())


# The version needs nothing but the command line itself.
def test_version(tmp_path: Path) -> None:
    assert not {"pytest", "httpx", "jsonschema", "yaml", "jinja2"} & imported("--version", folder=tmp_path)


# A run needs neither httpx's command line nor the kill matrix.
def test_run(tmp_path: Path) -> None:
    found = imported(
        "run", "--profile", "originchain", "bearer/presentation/scheme-case[lower]", folder=tmp_path
    )
    assert {"httpx", "jinja2"} <= found
    assert not {"rich", "httpx._main", "harness.proving", "multiprocessing.pool", "allure_pytest"} & found


# The templates of the report are kept compiled; one that has changed is compiled anew.
def test_compiled_templates(tmp_path: Path) -> None:
    imported("run", "--profile", "originchain", "bearer/presentation/scheme-case[lower]", folder=tmp_path)
    assert list(page.COMPILED.glob("*.jinja"))
