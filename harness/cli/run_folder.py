"""The folder that a run is written to, and its page."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

from harness.report import html
from harness.report.record import Run
from harness.running import RUN_FILE


def default_folder(name: str) -> Path:
    """`reports/<start>-<profile>`, one that is not there yet."""
    start = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    folder = Path("reports") / f"{start}-{name}"
    number = 1
    while folder.exists():
        number += 1
        folder = Path("reports") / f"{start}-{name}-{number}"
    return folder


def discard(folder: Path) -> None:
    """Remove what pytest wrote for a run that never began: without a run file it says nothing."""
    if (folder / RUN_FILE).exists():
        return
    (folder / "junit.xml").unlink(missing_ok=True)
    shutil.rmtree(folder / "allure-results", ignore_errors=True)
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()


def write_report(run: Run, folder: Path) -> Path:
    """Write the run's page into `folder`, let `latest` beside it point there, and return what to open."""
    page = folder / "index.html"
    page.write_text(html.render(run), encoding="utf-8")
    latest = folder.parent / "latest"
    if folder.parent.name != "reports":
        return page
    draft = folder.parent / f".latest-{os.getpid()}"
    draft.unlink(missing_ok=True)
    draft.symlink_to(folder.name)
    os.replace(draft, latest)
    return latest / "index.html"
